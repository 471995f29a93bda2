/* resolve.h - what a symbol means that is no local. */
#ifndef JANK_ANALYZE_RESOLVE_H
#define JANK_ANALYZE_RESOLVE_H

#include "analyze/ast.h"
#include "analyze/build.h"
#include "runtime/var.h"
#include "value/word.h"

/* Throws CompilerException when there is none. */
var_object *resolve_any_var(analyzer *a, jank_object *form);
/* A private var can be named elsewhere, but not used. */
var_object *resolve_var(analyzer *a, jank_object *form);
/* Is it js/..., and no alias named js? */
bool resolve_is_js(jank_object *form);
/* a.b.c in path[0 .. n): the global a, and what it has. */
node *resolve_js_path(analyzer *a, const char *path, size_t n);
/* What gives the value of js/..., of a class, or of user.Point, which is the var
 * user/Point; NULL: it is a var of the namespace, or nothing. */
node *resolve_class_node(analyzer *a, jank_object *form);

#endif
