/* function.c - fn*: one function expression, with its methods.
 *
 * In: (fn* ...) as a form. Out: a NODE_FN. Here are decided which arities there
 * are, what a parameter's hint means (^long x is a let of (long x) in the
 * body), and how the function is called in stacks: "ns/name" for what a def
 * binds, with "--inner" or "--3" behind it for what is inside. What it captures
 * is found by scope.c.
 */
#include "analyze/function.h"
#include "analyze/analyzer.h"
#include "analyze/ast.h"
#include "analyze/build.h"
#include "analyze/scope.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "runtime/ns.h"
#include "value/error.h"
#include "value/meta.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

static void analyze_params(analyzer *a, method *m, O params) {
  for (O s = seq(params); s != JANK_NIL; s = seq_next_polled(s)) {
    const char *name = scope_local_name(a, seq_first(s), "fn*");
    if (strcmp(name, "&") == 0) {
      s = seq_next(s);
      if (s == JANK_NIL || seq_next(s) != JANK_NIL)
        FAIL("fn*: exactly one name must follow &");
      m->variadic = true;
      name = scope_local_name(a, seq_first(s), "fn*");
    } else if (++m->required > JANK_MAX_ARITY) {
      FAIL("Can't specify more than %d params", JANK_MAX_ARITY);
    }
    local *l = scope_new_local(a, name, LOCAL_PARAM);
    m->params = ast_grow(a->p, m->params, l->slot, sizeof *m->params);
    m->params[l->slot] = l;
    scope_bind(a, l);
    if (m->variadic)
      return;
  }
}

/* The op of a hint: ^long x means that x is (long x) in the body. */
static int hint_op(O name) {
  O meta = meta_of(name);
  O tag = is_type(meta, JANK_TYPE_MAP)
              ? map_get(meta, &symbol_keyword(NULL, "tag")->header, JANK_NIL)
              : JANK_NIL;
  return symbol_is(tag, NULL, "long")     ? OP_LONG
         : symbol_is(tag, NULL, "double") ? OP_DOUBLE
                                          : OP_COUNT;
}

static node *hinted_body(analyzer *a, method *m, O params, O body) {
  node *let = NULL;
  int i = 0;
  for (O s = seq(params); s != JANK_NIL && i < m->required;
       s = seq_next(s), i++) {
    int op = hint_op(seq_first(s));
    if (op == OP_COUNT)
      continue;
    let = let ? let : build_node(a, NODE_LET);
    node *value =
        build_op(a, (ast_op)op, scope_local_node(a, m->params[i]), NULL);
    local *l = scope_new_local(a, m->params[i]->name, LOCAL_LET);
    let->locals = ast_grow(a->p, let->locals, let->count, sizeof *let->locals);
    let->locals[let->count] = l;
    build_add(a, let, value);
    scope_bind(a, l);
  }
  node *result = analyzer_body(a, body, true);
  if (!let)
    return result;
  let->a = result;
  return let;
}

static method *analyze_method(analyzer *a, fn_node *fn, O form) {
  O params = seq_first(form);
  if (!is_type(params, JANK_TYPE_VECTOR))
    FAIL("fn*: expected a parameter vector, got %s", error_shown(params));
  scope *s = a->scope;
  binding *env = s->env;
  method *m = s->method = ast_method(a->p, fn);
  m->line = a->where.line;
  analyze_params(a, m, params);
  s->loop = NULL;
  m->body = hinted_body(a, m, params, seq_next(form));
  s->env = env;
  return m;
}

static void check_arities(analyzer *a, fn_node *fn, method *m) {
  for (int i = 0; i < fn->method_count; i++) {
    method *other = fn->methods[i];
    if (other->variadic && m->variadic)
      FAIL("Can't have more than 1 variadic overload");
    if (other->required == m->required && other->variadic == m->variadic)
      FAIL("Can't have 2 overloads with same arity");
    method *fixed = m->variadic ? other : m, *rest = m->variadic ? m : other;
    if (rest->variadic && !fixed->variadic && fixed->required > rest->required)
      FAIL("Can't have fixed arity function with more params than variadic "
           "function");
  }
}

/* "ns/def", "ns/def--inner", "ns/def--3"; outside of a def "ns/name" or "ns/fn--3". */
static const char *fn_display_name(analyzer *a, const char *name) {
  buffer text = {0};
  if (a->def_name)
    buffer_text(&text, a->def_name);
  else
    buffer_format(&text, "%s/fn", ns_current()->name->name->text);
  if (name && a->scope->fn)
    buffer_format(&text, "--%s", name);
  else if (name && !a->def_name) {
    text.size -= 2;
    buffer_text(&text, name);
  } else if (a->scope->fn || !a->def_name)
    buffer_format(&text, "--%d", ++a->fn_number);
  const char *result = ast_text(a->p, buffer_cstring(&text));
  buffer_free(&text);
  return result;
}

node *function_analyze(analyzer *a, O form) {
  O parts = seq_next(form);
  const char *name = NULL;
  if (is_type(seq_first(parts), JANK_TYPE_SYMBOL)) {
    name = scope_local_name(a, seq_first(parts), "fn*");
    parts = seq_next(parts);
  }
  fn_node *fn = arena_alloc(a->p->arena, sizeof *fn);
  fn->name = fn_display_name(a, name);
  scope inner = {.outer = a->scope, .fn = fn, .method_head = !a->thunk};
  a->thunk = false;
  a->scope = &inner;
  if (name)
    scope_bind(a, ast_local(a->p, name, LOCAL_SELF, 0));
  bool single = is_type(seq_first(parts), JANK_TYPE_VECTOR);
  if (parts == JANK_NIL)
    FAIL("fn*: expected a parameter vector");
  for (O s = single ? build_list(1, parts, JANK_NIL, JANK_NIL) : parts;
       s != JANK_NIL; s = seq_next_polled(s)) {
    method *m = analyze_method(a, fn, seq(seq_first(s)));
    check_arities(a, fn, m);
    fn->methods =
        ast_grow(a->p, fn->methods, fn->method_count, sizeof *fn->methods);
    fn->methods[fn->method_count++] = m;
  }
  a->scope = inner.outer;
  fn->constant = ast_add_pool(a->p, (pool_entry){JANK_NIL, fn});
  node *n = build_node(a, NODE_FN);
  n->fn = fn;
  return n;
}
