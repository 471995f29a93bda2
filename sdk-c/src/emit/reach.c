/* reach.c - what of a program only its macros use, and what may be small rather
 * than fast.
 *
 * A macro runs while code is compiled, and so do the functions that it calls:
 * where nothing is compiled they are not needed at all. By the convention of
 * the core library, a function whose name ends in * is internal: it is needed
 * at run time only when one that is not internal uses it, a top-level form, the
 * C code, or the expansion of a macro, which has its name in a constant.
 */
#include "emit/reach.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "collection/seq.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

typedef struct {
  const program *p;
  int *definition_of; /* of a pool index: number of the definition, or -1 */
  bool *needed;       /* by definition */
  bool *cold;         /* by method */
} reach;

/* Called from C. */
static const char *const host_functions[] = {"js-export*"};

static bool is_macro(const definition *d) {
  return d->var->header.flags & VAR_MACRO;
}

static bool is_internal(const definition *d) {
  const string_object *name = d->var->name->name;
  for (size_t i = 0; i < sizeof host_functions / sizeof *host_functions; i++)
    if (strcmp(name->text, host_functions[i]) == 0)
      return false;
  return name->bytes > 1 && name->text[name->bytes - 1] == '*';
}

static void need(reach *r, int number);

/* ---- What a function refers to ------------------------------------------- */

static void visit_fn(const fn_node *fn, void (*visit)(reach *, const node *),
                     reach *r);

static void visit_node(const node *n, void (*visit)(reach *, const node *),
                       reach *r) {
  if (!n)
    return;
  visit(r, n);
  if (n->fn)
    visit_fn(n->fn, visit, r);
  visit_node(n->a, visit, r);
  visit_node(n->b, visit, r);
  visit_node(n->c, visit, r);
  for (int i = 0; i < n->count; i++) {
    if (n->items)
      visit_node(n->items[i], visit, r);
    if (n->thens)
      visit_node(n->thens[i], visit, r);
  }
}

static void visit_fn(const fn_node *fn, void (*visit)(reach *, const node *),
                     reach *r) {
  for (int i = 0; i < fn->method_count; i++)
    visit_node(fn->methods[i]->body, visit, r);
}

static bool refers_to_var(const reach *r, const node *n) {
  return n->kind == NODE_VAR ||
         (n->kind == NODE_CONSTANT &&
          is_type(r->p->pool[n->index].value, JANK_TYPE_VAR));
}

static void need_var(reach *r, const node *n) {
  if (refers_to_var(r, n) && r->definition_of[n->index] >= 0)
    need(r, r->definition_of[n->index]);
}

static void need(reach *r, int number) {
  if (r->needed[number])
    return;
  r->needed[number] = true;
  visit_fn(r->p->definitions[number].fn, need_var, r);
}

/* ---- What expansions refer to -------------------------------------------- */

static void need_symbol(reach *r, const symbol_object *s) {
  for (int i = 0; s->ns && i < r->p->definition_count; i++) {
    const var_object *var = r->p->definitions[i].var;
    if (strcmp(var->name->name->text, s->name->text) == 0 &&
        strcmp(var->ns->name->name->text, s->ns->text) == 0 &&
        !is_macro(&r->p->definitions[i]))
      need(r, i);
  }
}

static void need_symbols(reach *r, jank_object *value) {
  if (is_type(value, JANK_TYPE_SYMBOL))
    need_symbol(r, (symbol_object *)value);
  if (seq_is(value) || is_type(value, JANK_TYPE_VECTOR) ||
      is_type(value, JANK_TYPE_MAP) || is_type(value, JANK_TYPE_SET) ||
      is_type(value, JANK_TYPE_MAP_ENTRY))
    for (jank_object *s = seq(value); s != JANK_NIL; s = seq_next(s))
      need_symbols(r, seq_first(s));
}

static void need_constant(reach *r, const node *n) {
  if (n->kind == NODE_CONSTANT)
    need_symbols(r, r->p->pool[n->index].value);
}

/* ---- The path ------------------------------------------------------------ */

static void find_definitions(reach *r) {
  const program *p = r->p;
  size_t n = (size_t)p->pool_count + 1;
  r->definition_of = arena_alloc(p->arena, n * sizeof *r->definition_of);
  for (int i = 0; i < p->pool_count; i++) {
    r->definition_of[i] = -1;
    for (int j = 0; j < p->definition_count; j++)
      if (p->pool[i].value == &p->definitions[j].var->header)
        r->definition_of[i] = j;
  }
}

bool *reach_at_run_time(const program *p) {
  reach r = {.p = p};
  r.needed = arena_alloc(p->arena, (size_t)p->definition_count + 1);
  find_definitions(&r);
  for (int i = 0; i < p->definition_count; i++) {
    const definition *d = &p->definitions[i];
    if (!is_macro(d) && !is_internal(d))
      need(&r, i);
    visit_fn(d->fn, need_constant, &r);
  }
  for (int i = 0; i < p->form_count; i++) {
    visit_node(p->forms[i]->body, need_var, &r);
    visit_node(p->forms[i]->body, need_constant, &r);
  }
  return r.needed;
}

static void mark_methods(reach *r, const fn_node *fn) {
  for (int i = 0; i < fn->method_count; i++)
    r->cold[fn->methods[i]->index] = true;
}

static void mark_inner(reach *r, const node *n) {
  if (n->fn)
    mark_methods(r, n->fn);
}

static bool has_loop(const node *n) {
  if (!n)
    return false;
  bool found = n->kind == NODE_LOOP || has_loop(n->a) || has_loop(n->b) ||
               has_loop(n->c);
  for (int i = 0; i < n->count && !found; i++)
    found = (n->items && has_loop(n->items[i])) ||
            (n->thens && has_loop(n->thens[i]));
  return found;
}

/* What a closure does for each item, or a loop, should be fast. */
static void mark_entries(reach *r, const fn_node *fn) {
  for (int i = 0; i < fn->method_count; i++)
    if (!fn->methods[i]->recurs && !has_loop(fn->methods[i]->body))
      r->cold[fn->methods[i]->index] = true;
}

/* The library is in every page. A program's own functions are to be fast. */
static bool is_library(const program *p) {
  return strncmp(p->ns, "clojure.", strlen("clojure.")) == 0;
}

bool *reach_cold_methods(const program *p) {
  reach r = {.p = p, .needed = reach_at_run_time(p)};
  r.cold = arena_alloc(p->arena, (size_t)p->method_count + 1);
  for (int i = 0; i < p->definition_count; i++) {
    const fn_node *fn = p->definitions[i].fn;
    if (is_library(p))
      mark_entries(&r, fn);
    if (r.needed[i])
      continue;
    mark_methods(&r, fn);
    visit_fn(fn, mark_inner, &r);
  }
  for (int i = 0; i < p->form_count; i++)
    r.cold[p->forms[i]->index] = true;
  return r.cold;
}
