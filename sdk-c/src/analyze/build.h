/* build.h - the analyzer's state, its errors, and the makers of nodes and forms
 * that all its files use. */
#ifndef JANK_ANALYZE_BUILD_H
#define JANK_ANALYZE_BUILD_H

#include "analyze/ast.h"
#include "read/reader.h"
#include "runtime/var.h"
#include "value/word.h"

typedef struct analyzer analyzer;
/* `tail`: the form's value is the method's. */
typedef node *(*special_analyzer)(analyzer *a, jank_object *form, bool tail);

/* What is being analyzed: one top-level form. */
struct analyzer {
  program *p;
  const special_analyzer *specials; /* by enum special_form */
  struct scope *scope;              /* scope.h */
  span where;
  const char *def_name; /* names the functions inside */
  bool thunk;           /* the next fn* takes no recur: a part of try */
  int fn_number, depth;
};

/* Throws CompilerException at the form in hand; wants `a`. */
#define FAIL(...) ast_error(a->p->file, a->where, __VA_ARGS__)

node *build_node(analyzer *a, node_kind kind); /* at the form in hand */
void build_add(analyzer *a, node *n, node *item);
node *build_constant(analyzer *a, jank_object *value);
node *build_op(analyzer *a, ast_op op, node *x, node *y); /* y may be NULL */
node *build_var(analyzer *a, var_object *var);
/* A call of a function of clojure.core, still without its arguments. */
node *build_core_call(analyzer *a, const char *name);
jank_object *build_symbol(const char *name);
/* The first n of them. */
jank_object *build_list(int n, jank_object *a, jank_object *b, jank_object *c);
/* Of a list, behind its head; nil: it has fewer. */
int build_arg_count(jank_object *form);
jank_object *build_arg(jank_object *form, int i);
bool build_is_list(jank_object *form);

/* Where the reader saw the form; `otherwise` when it does not say. */
span build_span(jank_object *form, span otherwise);

#endif
