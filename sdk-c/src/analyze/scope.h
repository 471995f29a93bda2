/* scope.h - the locals in force, innermost first. */
#ifndef JANK_ANALYZE_SCOPE_H
#define JANK_ANALYZE_SCOPE_H

#include "analyze/ast.h"
#include "analyze/build.h"
#include "value/word.h"

typedef struct binding {
  local *local;
  struct binding *next;
  const char *field; /* not NULL: the name means a field of `local` */
  int number;        /* of the field */
  bool mutable;      /* set! of the field is allowed */
} binding;

/* One function expression, or a top-level form, that is being analyzed. */
typedef struct scope {
  struct scope *outer;
  fn_node *fn; /* NULL: a top-level form */
  method *method;
  binding *env;     /* innermost first */
  binding *inner;   /* captures: the LOCAL_CAPTURE of each, by fn->captures */
  node *loop;       /* what recur goes to: a loop, */
  bool method_head; /* or the method; neither: no recur here */
} scope;
void scope_bind(analyzer *a, local *l); /* until env is what it was */
/* A plain symbol's name; throws, naming `who`. */
const char *scope_local_name(analyzer *a, jank_object *form, const char *who);
/* With the method's next slot. */
local *scope_new_local(analyzer *a, const char *name, local_kind kind);
/* What the symbol is bound to; a local of an outer function is captured by that. */
bool scope_find(analyzer *a, jank_object *form, binding *found);
bool scope_is_local(analyzer *a, jank_object *form);
node *scope_local_node(analyzer *a, local *l);
node *scope_bound_node(analyzer *a, binding b);

#endif
