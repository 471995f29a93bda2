/* program.c - one more top-level form into a program.
 *
 * A def of a function that captures nothing is hoisted: it becomes a
 * definition, which the loader binds without running code. Every other form
 * becomes a method that the patch's init runs.
 */
#include "analyze/program.h"
#include "analyze/analyzer.h"
#include "analyze/ast.h"
#include "analyze/build.h"
#include "analyze/scope.h"
#include "analyze/special.h"
#include "read/reader.h"
#include "runtime/var.h"
#include "value/word.h"

/* The form's own method: nothing is left for it to do. */
static void drop_method(program *p, const method *m) {
  for (int i = m->index; i + 1 < p->method_count; i++) {
    p->methods[i] = p->methods[i + 1];
    p->methods[i]->index = i;
  }
  p->method_count--;
}

/* A function that a def binds, and that captures nothing, is bound by the
 * loader, not by code. */
static void hoist(program *p, const method *m, const node *def) {
  p->definitions =
      ast_grow(p, p->definitions, p->definition_count, sizeof *p->definitions);
  var_object *var = (var_object *)p->pool[def->index].value;
  p->definitions[p->definition_count++] =
      (definition){var, def->a->fn, def->meta};
  drop_method(p, m);
}

/* Not when an earlier form of the program uses the var: it must see what was
 * there before. Then the var is in the pool already (index < pool_before). And not when
 * the function's own entry is not the pool's last: it is taken off again, as a
 * definition carries its code itself. */
static bool hoistable(program *p, node *n, int pool_before) {
  return n->kind == NODE_DEF && n->a && n->a->kind == NODE_FN &&
         n->a->fn->capture_count == 0 && n->index >= pool_before &&
         n->a->fn->constant == p->pool_count - 1;
}

void program_add(program *p, O form, span where) {
  analyzer a = {.p = p, .specials = special_analyzers, .where = where};
  int pool_before = p->pool_count;
  scope top = {0};
  a.scope = &top;
  method *m = top.method = ast_method(p, NULL);
  m->line = where.line;
  m->body = analyzer_form(&a, form, true);
  if (hoistable(p, m->body, pool_before)) {
    p->pool_count--; /* the function's own entry was the last to be added */
    hoist(p, m, m->body);
    return;
  }
  p->forms = ast_grow(p, p->forms, p->form_count, sizeof *p->forms);
  p->forms[p->form_count++] = m;
}
