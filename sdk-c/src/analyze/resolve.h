/* resolve.h - what a symbol means that is no local. */
#ifndef JANK_ANALYZE_RESOLVE_H
#define JANK_ANALYZE_RESOLVE_H

#include "analyze/ast.h"
#include "analyze/build.h"
#include "runtime/var.h"
#include "value/word.h"

var_object *resolve_any_var(analyzer *a, jank_object *form);
/* A private var can be named elsewhere, but not used. */
var_object *resolve_var(analyzer *a, jank_object *form);
/* js/a.b.c: the global a, and what it has. NULL: another namespace. */
bool resolve_is_js(jank_object *form);
node *resolve_js_path(analyzer *a, const char *path, size_t n);
/* A name that is no var of the namespace: nil, or what gives its value. */
node *resolve_class_node(analyzer *a, jank_object *form);

#endif
