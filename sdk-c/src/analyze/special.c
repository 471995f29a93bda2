/* special.c - the special forms: one function each, by the names of
 * read/special.h.
 *
 * In: the form, whose arguments analyzer.c has counted. Out: a node. `def`
 * interns its var now, so that later forms can refer to it; its value is bound
 * when the code runs. try becomes functions (its body, its handlers, its
 * finally), which is why recur cannot cross it. (new C ...), (. x m ...) and
 * set! of a field become calls of clojure.core's internal functions.
 */
#include "analyze/special.h"
#include "analyze/analyzer.h"
#include "analyze/ast.h"
#include "analyze/build.h"
#include "analyze/function.h"
#include "analyze/resolve.h"
#include "analyze/scope.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "collection/coll.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "read/special.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/meta.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

static node *special_quote(analyzer *a, O form, bool tail) {
  return build_constant(a, build_arg(form, 0));
}

static node *special_if(analyzer *a, O form, bool tail) {
  node *n = build_node(a, NODE_IF);
  n->a = analyzer_form(a, build_arg(form, 0), false);
  n->b = analyzer_form(a, build_arg(form, 1), tail);
  n->c = analyzer_form(a, build_arg(form, 2), tail);
  return n;
}

static node *special_do(analyzer *a, O form, bool tail) {
  return analyzer_body(a, seq_next(form), tail);
}

typedef struct {
  O result;
} meta_builder;

static bool add_meta(void *context, O key, O value) {
  meta_builder *m = context;
  const char *name = is_type(key, JANK_TYPE_KEYWORD) ? symbol_text(key) : "";
  if (strcmp(name, "end-line") && strcmp(name, "end-column") &&
      strcmp(name, "line") && strcmp(name, "column"))
    m->result = map_assoc(m->result, key, seq_unquote(value));
  return true;
}

/* What the var carries: the symbol's metadata, quoted, with its place. */
static O def_meta(analyzer *a, O name, O doc) {
  meta_builder m = {map_empty};
  O given = meta_of(name);
  if (is_type(given, JANK_TYPE_MAP))
    map_each(given, add_meta, &m);
  if (doc != JANK_NIL)
    m.result = map_assoc(m.result, &symbol_keyword(NULL, "doc")->header, doc);
  O file = jank_make_string(a->p->file);
  m.result = map_assoc(m.result, &symbol_keyword(NULL, "file")->header, file);
  m.result = map_assoc(m.result, &symbol_keyword(NULL, "line")->header,
                       fixnum(a->where.line));
  m.result = map_assoc(m.result, &symbol_keyword(NULL, "column")->header,
                       fixnum(a->where.column));
  m.result = map_assoc(m.result, &symbol_keyword(NULL, "name")->header,
                       build_symbol(symbol_text(name)));
  return map_assoc(m.result, &symbol_keyword(NULL, "ns")->header,
                   &ns_current()->name->header);
}

/* :dynamic and the like, or nil: for programs that are bare. */
static bool add_working_meta(void *context, O key, O value) {
  static const char *const names[] = {"dynamic", "private", "const"};
  meta_builder *m = context;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (is_type(key, JANK_TYPE_KEYWORD) && symbol_is(key, NULL, names[i]))
      m->result = map_assoc(m->result, key, value);
  return true;
}

static O working_meta(O meta) {
  meta_builder m = {map_empty};
  map_each(meta, add_working_meta, &m);
  return map_count(m.result) ? m.result : JANK_NIL;
}

static bool has_dev_key(O meta, const char *name) {
  return truthy(map_get(meta, &symbol_keyword("dev", name)->header, JANK_NIL));
}

/* ^:dev/once, as defonce: (if (bound? v) (do (reset-meta! v meta) v) def). */
static node *once_node(analyzer *a, node *def) {
  node *n = build_node(a, NODE_IF), *again = build_node(a, NODE_DO);
  O var = a->p->pool[def->index].value;
  n->a = build_core_call(a, "bound?");
  build_add(a, n->a, build_constant(a, var));
  if (def->meta >= 0) {
    node *reset = build_core_call(a, "reset-meta!");
    build_add(a, reset, build_constant(a, var));
    build_add(a, reset, build_constant(a, a->p->pool[def->meta].value));
    build_add(a, again, reset);
  }
  build_add(a, again, build_constant(a, var));
  n->b = again;
  n->c = def;
  return n;
}

static node *special_def(analyzer *a, O form, bool tail) {
  O name = build_arg(form, 0);
  if (!is_type(name, JANK_TYPE_SYMBOL))
    FAIL("First argument to def must be a Symbol");
  symbol_object *s = (symbol_object *)name;
  if (s->ns && strcmp(s->ns->text, ns_current()->name->name->text) != 0)
    FAIL("Can't create defs outside of current ns");
  bool documented = build_arg_count(form) == 3 &&
                    is_type(build_arg(form, 1), JANK_TYPE_STRING);
  if (build_arg_count(form) == 3 && !documented)
    FAIL("Too many arguments to def");
  var_object *var = var_intern(ns_current(), symbol_make(NULL, s->name));
  O meta = def_meta(a, name, documented ? build_arg(form, 1) : JANK_NIL);
  jank_var_reset_meta(&var->header, meta);
  bool once = has_dev_key(meta, "once");
  a->p->always |= has_dev_key(meta, "always");
  node *n = build_node(a, NODE_DEF);
  n->index = ast_constant(a->p, &var->header);
  if (a->p->bare)
    meta = working_meta(meta);
  else if (a->p->library)
    meta = map_dissoc(meta, &symbol_keyword(NULL, "doc")->header);
  n->meta = meta == JANK_NIL ? -1 : ast_constant(a->p, meta);
  const char *outer_name = a->def_name;
  buffer text = {0};
  buffer_format(&text, "%s/%s", ns_current()->name->name->text, s->name->text);
  a->def_name = ast_text(a->p, buffer_cstring(&text));
  buffer_free(&text);
  if (build_arg_count(form) > 1)
    n->a = analyzer_form(a, build_arg(form, documented ? 2 : 1), false);
  a->def_name = outer_name;
  if (strcmp(a->p->kind, "expr") == 0)
    a->p->kind = "def";
  return once && n->a ? once_node(a, n) : n;
}

static void check_bindings(analyzer *a, O bindings, const char *who) {
  if (!is_type(bindings, JANK_TYPE_VECTOR))
    FAIL("%s: expected a vector of bindings, got %s", who,
         error_shown(bindings));
  if (vector_count(bindings) % 2)
    FAIL("%s: the binding vector needs an even number of forms", who);
}

static void add_binding(analyzer *a, node *n, O name, O init, local_kind kind,
                        const char *who) {
  const char *text = scope_local_name(a, name, who);
  node *value = analyzer_form(a, init, false);
  local *l = scope_new_local(a, text, kind);
  n->locals = ast_grow(a->p, n->locals, n->count, sizeof *n->locals);
  n->locals[n->count] = l;
  build_add(a, n, value);
  scope_bind(a, l);
}

static node *bindings_node(analyzer *a, O form, node_kind kind,
                           local_kind locals, const char *who) {
  O bindings = build_arg(form, 0);
  check_bindings(a, bindings, who);
  node *n = build_node(a, kind);
  for (uint32_t i = 0; i < vector_count(bindings); i += 2)
    add_binding(a, n, vector_nth(bindings, i), vector_nth(bindings, i + 1),
                locals, who);
  return n;
}

static node *special_let(analyzer *a, O form, bool tail) {
  binding *env = a->scope->env;
  node *n = bindings_node(a, form, NODE_LET, LOCAL_LET, "let");
  n->a = analyzer_body(a, seq_next(seq_next(form)), tail);
  a->scope->env = env;
  return n;
}

static node *special_loop(analyzer *a, O form, bool tail) {
  binding *env = a->scope->env;
  node *outer = a->scope->loop;
  node *n = bindings_node(a, form, NODE_LOOP, LOCAL_LOOP, "loop");
  a->scope->loop = n;
  n->a = analyzer_body(a, seq_next(seq_next(form)), true);
  a->scope->loop = outer;
  a->scope->env = env;
  return n;
}

/* To the innermost loop of this function, else to the function itself. */
static node *special_recur(analyzer *a, O form, bool tail) {
  scope *s = a->scope;
  if (!tail)
    FAIL("Can only recur from tail position");
  if (!s->loop && !(s->method_head && s->fn))
    FAIL("recur: there is no loop or function here to recur to; it can't cross "
         "try");
  node *n = build_node(a, NODE_RECUR);
  n->loop = s->loop;
  int expected = s->loop ? s->loop->count
                         : s->method->required + (s->method->variadic ? 1 : 0);
  n->locals = s->loop ? s->loop->locals : s->method->params;
  if (build_arg_count(form) != expected)
    FAIL("Mismatched argument count to recur, expected: %d args, got: %d",
         expected, build_arg_count(form));
  if (!s->loop) {
    n->target = s->method;
    s->method->recurs = true;
  }
  for (O args = seq_next(form); args != JANK_NIL; args = seq_next_polled(args))
    build_add(a, n, analyzer_form(a, seq_first(args), false));
  return n;
}

static node *special_var(analyzer *a, O form, bool tail) {
  O name = build_arg(form, 0);
  if (!is_type(name, JANK_TYPE_SYMBOL))
    FAIL("var: expected a symbol, got %s", error_shown(name));
  return build_constant(a, &resolve_any_var(a, name)->header);
}

static bool is_mutable(O field) {
  static const char *const marks[] = {"mutable", "volatile-mutable",
                                      "unsynchronized-mutable"};
  O meta = meta_of(field);
  for (int i = 0; meta != JANK_NIL && i < 3; i++)
    if (truthy(
            map_get(meta, &symbol_keyword(NULL, marks[i])->header, JANK_NIL)))
      return true;
  return false;
}

/* (fields* this [x y] body...): x and y mean fields of the instance. */
static node *special_fields(analyzer *a, O form, bool tail) {
  binding this, *env = a->scope->env;
  O names = build_arg(form, 1);
  if (!is_type(build_arg(form, 0), JANK_TYPE_SYMBOL) ||
      !scope_find(a, build_arg(form, 0), &this) ||
      !is_type(names, JANK_TYPE_VECTOR))
    FAIL("fields*: expected a local and a vector");
  for (uint32_t i = 0; i < vector_count(names); i++) {
    if (!is_type(vector_nth(names, i), JANK_TYPE_SYMBOL))
      continue;
    binding *b = arena_alloc(a->p->arena, sizeof *b);
    *b = (binding){this.local, a->scope->env, symbol_text(vector_nth(names, i)),
                   (int)i, is_mutable(vector_nth(names, i))};
    a->scope->env = b;
  }
  node *n = analyzer_body(a, seq_next(seq_next(seq_next(form))), tail);
  a->scope->env = env;
  return n;
}

static node *set_field(analyzer *a, O form, binding field) {
  if (!field.mutable)
    FAIL("Cannot assign to the field %s: it is not ^:mutable", field.field);
  node *n = build_core_call(a, "set-field*");
  build_add(a, n, scope_local_node(a, field.local));
  build_add(a, n, build_constant(a, fixnum(field.number)));
  build_add(a, n, analyzer_form(a, build_arg(form, 1), false));
  return n;
}

static node *special_dot(analyzer *a, O form, bool tail) {
  O member = build_arg(form, 1), args = seq_next(seq_next(seq_next(form)));
  if (build_is_list(member) && args == JANK_NIL) {
    args = seq_next(member);
    member = seq_first(member);
  }
  if (!is_type(member, JANK_TYPE_SYMBOL) || ((symbol_object *)member)->ns)
    FAIL(".: expected the name of a method or field, got %s",
         error_shown(member));
  bool field = symbol_text(member)[0] == '-' && symbol_text(member)[1];
  node *n = build_core_call(a, field ? "get-member*" : "call-member*");
  build_add(a, n, analyzer_form(a, build_arg(form, 0), false));
  build_add(a, n,
            build_constant(a, field ? build_symbol(symbol_text(member) + 1)
                                    : build_symbol(symbol_text(member))));
  if (field && args != JANK_NIL)
    FAIL(".-%s takes no arguments", symbol_text(member) + 1);
  for (; args != JANK_NIL; args = seq_next_polled(args))
    build_add(a, n, analyzer_form(a, seq_first(args), false));
  return n;
}

static node *special_new(analyzer *a, O form, bool tail) {
  node *n = build_core_call(a, "new*");
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next_polled(s))
    build_add(a, n, analyzer_form(a, seq_first(s), false));
  return n;
}

/* (set! (.-name target) value) */
static node *set_member(analyzer *a, O form) {
  O place = build_arg(form, 0), head = seq_first(place), target = JANK_NIL,
    member = JANK_NIL;
  if (is_type(head, JANK_TYPE_SYMBOL) &&
      strncmp(symbol_text(head), ".-", 2) == 0) {
    member = build_symbol(symbol_text(head) + 2);
    target = seq_first(seq_next(place));
  } else if (symbol_is(head, NULL, ".")) {
    target = seq_first(seq_next(place));
    member = seq_first(seq_next(seq_next(place)));
    if (is_type(member, JANK_TYPE_SYMBOL) && symbol_text(member)[0] == '-')
      member = build_symbol(symbol_text(member) + 1);
  }
  if (!is_type(member, JANK_TYPE_SYMBOL))
    FAIL("set!: expected a dynamic var, a field or (.-name object)");
  node *n = build_core_call(a, "set-member*");
  build_add(a, n, analyzer_form(a, target, false));
  build_add(a, n, build_constant(a, member));
  build_add(a, n, analyzer_form(a, build_arg(form, 1), false));
  return n;
}

static node *special_set(analyzer *a, O form, bool tail) {
  O name = build_arg(form, 0);
  binding found;
  if (build_is_list(name))
    return set_member(a, form);
  if (is_type(name, JANK_TYPE_SYMBOL) && scope_find(a, name, &found) &&
      found.field)
    return set_field(a, form, found);
  if (!is_type(name, JANK_TYPE_SYMBOL) || scope_is_local(a, name))
    FAIL("set!: expected the name of a dynamic var");
  node *n = build_node(a, NODE_SET);
  n->index = ast_constant(a->p, &resolve_var(a, name)->header);
  n->a = analyzer_form(a, build_arg(form, 1), false);
  return n;
}

static node *special_throw(analyzer *a, O form, bool tail) {
  node *n = build_node(a, NODE_THROW);
  n->a = analyzer_form(a, build_arg(form, 0), false);
  return n;
}

/* All names are bound before the first function is analyzed, so that each can capture
 * all; which is why they must be functions. */
static node *special_letfn(analyzer *a, O form, bool tail) {
  O bindings = build_arg(form, 0);
  check_bindings(a, bindings, "letfn");
  binding *env = a->scope->env;
  node *n = build_node(a, NODE_LETFN);
  int pairs = (int)vector_count(bindings) / 2;
  n->locals = arena_alloc(a->p->arena, (size_t)pairs * sizeof *n->locals);
  for (int i = 0; i < pairs; i++) {
    O name = vector_nth(bindings, (uint32_t)i * 2);
    n->locals[i] =
        scope_new_local(a, scope_local_name(a, name, "letfn"), LOCAL_LET);
    scope_bind(a, n->locals[i]);
  }
  for (int i = 0; i < pairs; i++) {
    node *fn =
        analyzer_form(a, vector_nth(bindings, (uint32_t)i * 2 + 1), false);
    if (fn->kind != NODE_FN)
      FAIL("letfn: expected a function for %s", n->locals[i]->name);
    build_add(a, n, fn);
  }
  n->a = analyzer_body(a, seq_next(seq_next(form)), tail);
  a->scope->env = env;
  return n;
}

/* (case* x default constant then ...): constants are compared in order. */
static node *special_case(analyzer *a, O form, bool tail) {
  node *n = build_node(a, NODE_CASE);
  n->a = analyzer_form(a, build_arg(form, 0), false);
  n->b = analyzer_form(a, build_arg(form, 1), tail);
  int pairs = (build_arg_count(form) - 2) / 2;
  n->thens = arena_alloc(a->p->arena, (size_t)pairs * sizeof *n->thens + 8);
  O s = seq_next(seq_next(seq_next(form)));
  for (int i = 0; i < pairs; i++, s = seq_next(seq_next(s))) {
    build_add(a, n, build_constant(a, seq_first(s)));
    n->thens[i] = analyzer_form(a, seq_first(seq_next(s)), tail);
  }
  return n;
}

/* A part of try, as a function: recur cannot leave it, so it takes none. */
static node *special_thunk(analyzer *a, O params, O body) {
  a->thunk = true;
  return function_analyze(
      a, seq_cons(build_symbol("fn*"), seq_cons(params, body)));
}

static bool catches_all(O class_name) {
  return is_type(class_name, JANK_TYPE_KEYWORD) ||
         symbol_is(class_name, NULL, "Throwable") ||
         symbol_is(class_name, NULL, "Object");
}

/* The handler's body: the first clause whose class matches, else throw. */
static O catch_chain(analyzer *a, O clauses, O exception) {
  if (clauses == JANK_NIL)
    return build_list(2, build_symbol("throw"), exception, JANK_NIL);
  O clause = seq_first(clauses);
  if (coll_count(clause) < 3)
    FAIL("catch: expected (catch class name body...)");
  O class_name = seq_first(seq_next(clause));
  O name = seq_first(seq_next(seq_next(clause)));
  if (!is_type(class_name, JANK_TYPE_SYMBOL) &&
      !is_type(class_name, JANK_TYPE_KEYWORD))
    FAIL("catch: expected the name of a class, got %s",
         error_shown(class_name));
  O bound[] = {name, exception};
  O body = seq_cons(build_symbol("let*"),
                    seq_cons(jank_make_vector(2, bound),
                             seq_next(seq_next(seq_next(clause)))));
  if (catches_all(class_name))
    return body;
  O test = build_list(3, build_symbol("exception-is*"), exception, class_name);
  O otherwise = catch_chain(a, seq_next(clauses), exception);
  return seq_cons(build_symbol("if"), build_list(3, test, body, otherwise));
}

static node *special_exception_is(analyzer *a, O form, bool tail) {
  node *n = build_node(a, NODE_OP);
  n->op = OP_EXCEPTION_IS;
  build_add(a, n, analyzer_form(a, build_arg(form, 0), false));
  build_add(a, n, build_constant(a, build_arg(form, 1)));
  return n;
}

/* Both lists come out reversed, and are turned around. Without catch and finally it is
 * a do. */
static node *special_try(analyzer *a, O form, bool tail) {
  O body = JANK_NIL, catches = JANK_NIL, finally = JANK_NIL;
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next_polled(s)) {
    O part = seq_first(s);
    if (finally != JANK_NIL)
      FAIL("finally clause must be last in try expression");
    if (seq_head_is(part, "catch"))
      catches = seq_cons(part, catches);
    else if (seq_head_is(part, "finally"))
      finally = part;
    else if (catches != JANK_NIL)
      FAIL("Only catch or finally clause can follow catch in try expression");
    else
      body = seq_cons(part, body);
  }
  O forms = JANK_NIL, clauses = JANK_NIL;
  for (; body != JANK_NIL; body = seq_next_polled(body))
    forms = seq_cons(seq_first(body), forms);
  for (O s = catches; s != JANK_NIL; s = seq_next_polled(s))
    clauses = seq_cons(seq_first(s), clauses);
  if (clauses == JANK_NIL && finally == JANK_NIL)
    return analyzer_body(a, forms,
                         tail && !a->scope->loop && !a->scope->method_head);
  node *n = build_node(a, NODE_TRY);
  n->a = special_thunk(a, vector_empty, forms);
  if (clauses != JANK_NIL) {
    O exception = build_symbol("exception*");
    O handler = catch_chain(a, clauses, exception);
    n->b = special_thunk(a, jank_make_vector(1, &exception),
                         build_list(1, handler, JANK_NIL, JANK_NIL));
  }
  if (finally != JANK_NIL)
    n->c = special_thunk(a, vector_empty, seq_next(finally));
  return n;
}

static node *special_fn(analyzer *a, O form, bool tail) {
  return function_analyze(a, form);
}

const special_analyzer special_analyzers[SPECIAL_COUNT] = {
#define X(form, name, least, most) special_##form,
    SPECIAL_FORMS(X)
#undef X
};
