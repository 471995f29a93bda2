/* analyzer.c - from forms to the AST: what every name and every form means.
 *
 * In: a form as the reader gives it. Out: nodes in a program. Macros are
 * ordinary functions of this runtime (vars with :macro metadata) and are called
 * here. A name is a local, else a var of the namespace in force; it is never
 * guessed. `def` interns its var now, so that later forms can refer to it; its
 * value is bound when the code runs. It knows nothing of what is emitted.
 */
#include "analyzer.h"
#include "fn.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

typedef jank_object *O;

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

typedef struct {
  program *p;
  scope *scope;
  span where;
  const char *def_name; /* names the functions inside */
  bool thunk;           /* the next fn* takes no recur: a part of try */
  int fn_number, depth;
} analyzer;

#define MAX_DEPTH 400

static node *analyze(analyzer *a, O form, bool tail);

/* ---- Errors and positions --------------------------------------------------------- */

void analyzer_error(const char *file, span where, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  O data[] = {&keyword_from(NULL, "file")->header,   jank_make_string(file),
              &keyword_from(NULL, "line")->header,   fixnum(where.line),
              &keyword_from(NULL, "column")->header, fixnum(where.column)};
  jank_throw(error_make("CompilerException", jank_make_string(text),
                        jank_make_map(3, data), JANK_NIL));
}

#define FAIL(...) analyzer_error(a->p->file, a->where, __VA_ARGS__)

enum { LINE, COLUMN, END_LINE, END_COLUMN, PLACE_KEYS };

/* Keywords live for ever. */
static O place_key(int i) {
  static const char *const names[] = {"line", "column", "end-line",
                                      "end-column"};
  static O keys[PLACE_KEYS];
  if (!keys[i])
    keys[i] = &keyword_from(NULL, names[i])->header;
  return keys[i];
}

static int meta_number(O meta, int key, int otherwise) {
  O n = map_get(meta, place_key(key), JANK_NIL);
  return is_fixnum(n) ? (int)fixnum_value(n) : otherwise;
}

span analyzer_span(O form, span otherwise) {
  if (!is_type(form, JANK_TYPE_LIST) && !is_type(form, JANK_TYPE_SYMBOL))
    return otherwise;
  O meta = get_meta(form);
  if (!is_type(meta, JANK_TYPE_MAP))
    return otherwise;
  return (span){meta_number(meta, LINE, otherwise.line),
                meta_number(meta, COLUMN, otherwise.column),
                meta_number(meta, END_LINE, otherwise.end_line),
                meta_number(meta, END_COLUMN, otherwise.end_column)};
}

static const char *text_of(O symbol) {
  return ((symbol_object *)symbol)->name->text;
}

/* ---- Small builders ------------------------------------------------------------------ */

static node *make(analyzer *a, node_kind kind) {
  return ast_node(a->p, kind, a->where);
}

static void add_item(analyzer *a, node *n, node *item) {
  n->items = ast_grow(a->p, n->items, n->count, sizeof *n->items);
  n->items[n->count++] = item;
}

static node *constant(analyzer *a, O value) {
  node *n = make(a, is_heap(value) ? NODE_CONSTANT : NODE_WORD);
  if (is_heap(value))
    n->index = ast_constant(a->p, value);
  else
    n->word = value;
  return n;
}

static node *op_node(analyzer *a, ast_op op, node *x, node *y) {
  node *n = make(a, NODE_OP);
  n->op = op;
  add_item(a, n, x);
  if (y)
    add_item(a, n, y);
  return n;
}

static node *var_node(analyzer *a, var_object *var) {
  node *n = make(a, NODE_VAR);
  n->index = ast_constant(a->p, &var->header);
  return n;
}

/* A call of a function of clojure.core, still without its arguments. */
static node *core_call(analyzer *a, const char *name) {
  node *n = make(a, NODE_INVOKE);
  n->a = var_node(a, var_intern(ns_core, symbol_from(NULL, name)));
  return n;
}

static O symbol(const char *name) { return &symbol_from(NULL, name)->header; }

static O list(int n, O a, O b, O c) {
  O items[] = {a, b, c};
  return list_from_array((size_t)n, items);
}

/* ---- Locals ----------------------------------------------------------------------------- */

static void bind(analyzer *a, local *l) {
  binding *b = arena_alloc(a->p->arena, sizeof *b);
  *b = (binding){.local = l, .next = a->scope->env};
  a->scope->env = b;
}

static const char *local_name(analyzer *a, O form, const char *who) {
  if (!is_type(form, JANK_TYPE_SYMBOL))
    FAIL("%s: a binding name must be a symbol, got %s", who,
         jank_to_code_string(form));
  if (((symbol_object *)form)->ns)
    FAIL("%s: can't bind a qualified name: %s", who, jank_to_code_string(form));
  return text_of(form);
}

static local *new_local(analyzer *a, const char *name, local_kind kind) {
  return ast_local(a->p, name, kind, a->scope->method->slots++);
}

static local *capture(analyzer *a, scope *s, local *outer) {
  int i = 0;
  binding *b = s->inner;
  for (; i < s->fn->capture_count; i++, b = b->next)
    if (s->fn->captures[s->fn->capture_count - 1 - i] == outer)
      return b->local;
  fn_node *fn = s->fn;
  fn->captures =
      ast_grow(a->p, fn->captures, fn->capture_count, sizeof *fn->captures);
  fn->captures[fn->capture_count] = outer;
  b = arena_alloc(a->p->arena, sizeof *b);
  *b = (binding){
      .local = ast_local(a->p, outer->name, LOCAL_CAPTURE, fn->capture_count++),
      .next = s->inner};
  s->inner = b;
  return b->local;
}

/* What a name is bound to. A closure captures the instance, not the field. */
static bool find_binding(analyzer *a, scope *s, const char *name,
                         binding *found) {
  if (!s)
    return false;
  for (binding *b = s->env; b; b = b->next)
    if (strcmp(b->field ? b->field : b->local->name, name) == 0) {
      *found = *b;
      return true;
    }
  if (!find_binding(a, s->outer, name, found))
    return false;
  found->local = capture(a, s, found->local);
  return true;
}

static bool binding_of(analyzer *a, O form, binding *found) {
  return !((symbol_object *)form)->ns &&
         find_binding(a, a->scope, text_of(form), found);
}

static bool is_local(analyzer *a, O form) {
  binding found;
  return binding_of(a, form, &found);
}

/* ---- Symbols ------------------------------------------------------------------------------ */

/* Letters that were left out, added, changed, or changed places. */
static size_t edit_distance(const char *a, const char *b) {
  size_t rows[3][64], n = strlen(a), m = strlen(b);
  if (n >= 64 || m >= 64)
    return 64;
  for (size_t j = 0; j <= m; j++)
    rows[0][j] = j;
  for (size_t i = 1; i <= n; i++) {
    size_t *row = rows[i % 3], *above = rows[(i + 2) % 3],
           *before = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= m; j++) {
      size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
      size_t step = (row[j - 1] < above[j] ? row[j - 1] : above[j]) + 1;
      row[j] = change < step ? change : step;
      bool swapped =
          i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && before[j - 2] + 1 < row[j])
        row[j] = before[j - 2] + 1;
    }
  }
  return rows[n % 3][m];
}

typedef struct {
  const char *wanted, *best;
  size_t distance;
} nearest;

static bool near_name(void *context, O name, O var) {
  nearest *n = context;
  size_t d = edit_distance(n->wanted, text_of(name));
  if (d < n->distance && !strchr(text_of(name), '*')) {
    n->distance = d;
    n->best = text_of(name);
  }
  return true;
}

/* The nearest name among those that could have been meant; NULL: none is near. */
static const char *nearest_name(const symbol_object *s,
                                const namespace_object *ns) {
  nearest hint = {s->name->text, NULL, strlen(s->name->text) > 3 ? 3 : 2};
  map_each(ns->mappings, near_name, &hint);
  if (!s->ns)
    map_each(ns_core->mappings, near_name, &hint);
  return hint.best;
}

static _Noreturn void unresolved(analyzer *a, symbol_object *s) {
  const char *full = jank_to_code_string(&s->header);
  const char *best = s->ns ? NULL : nearest_name(s, ns_current());
  if (best)
    FAIL("Unable to resolve symbol: %s in this context; did you mean %s?", full,
         best);
  FAIL("Unable to resolve symbol: %s in this context", full);
}

static _Noreturn void no_such_var(analyzer *a, symbol_object *s) {
  const char *full = jank_to_code_string(&s->header);
  O name = symbol(s->ns->text);
  O alias = map_get(ns_current()->aliases, name, JANK_NIL);
  const namespace_object *ns = alias != JANK_NIL
                                   ? (namespace_object *)alias
                                   : ns_find((symbol_object *)name);
  if (!ns)
    FAIL("No such namespace: %s", s->ns->text);
  const char *best = nearest_name(s, ns);
  if (best)
    FAIL("No such var: %s; did you mean %s/%s?", full, s->ns->text, best);
  FAIL("No such var: %s", full);
}

static var_object *find_var(analyzer *a, O form) {
  symbol_object *s = (symbol_object *)form;
  var_object *var = var_resolve(ns_current(), s);
  if (!var && s->ns)
    no_such_var(a, s);
  if (!var)
    unresolved(a, s);
  return var;
}

/* A private var can be named elsewhere, but not used. */
static var_object *resolve_var(analyzer *a, O form) {
  var_object *var = find_var(a, form);
  if ((var->header.flags & VAR_PRIVATE) && var->ns != ns_current())
    FAIL("var: #'%s/%s is not public", var->ns->name->name->text,
         var->name->name->text);
  return var;
}

static node *local_node(analyzer *a, local *l) {
  node *n = make(a, NODE_LOCAL);
  n->local = l;
  return n;
}

static node *bound_node(analyzer *a, binding b) {
  node *n = local_node(a, b.local);
  return b.field ? op_node(a, OP_FIELD, n, constant(a, fixnum(b.number))) : n;
}

/* user.Point is what the var user/Point has; String a class of the host. */
static O dotted_var(O form) {
  symbol_object *s = (symbol_object *)form;
  const char *dot = strrchr(s->name->text, '.');
  if (s->ns || !dot || dot == s->name->text || !dot[1])
    return JANK_NIL;
  O ns = &string_make(s->name->text, (size_t)(dot - s->name->text))->header;
  for (char *c = ((string_object *)ns)->text; *c; c++)
    if (*c == '_')
      *c = '-';
  return &symbol_make((string_object *)ns,
                      (string_object *)jank_make_string(dot + 1))
              ->header;
}

static O class_named(O form) {
  symbol_object *s = (symbol_object *)form;
  if (s->ns)
    return JANK_NIL;
  class_object *c = class_find(s->name->text);
  return c ? &c->header : JANK_NIL;
}

/* js/a.b.c: the global a, and what it has. NULL: another namespace. */
static bool is_js(O form) {
  symbol_object *s = (symbol_object *)form;
  return s->ns && strcmp(s->ns->text, "js") == 0 &&
         map_get(ns_current()->aliases, symbol("js"), JANK_NIL) == JANK_NIL;
}

static node *js_member(analyzer *a, node *target, const char *name, size_t n) {
  node *get = core_call(a, "js-get*");
  add_item(a, get, target);
  add_item(a, get, constant(a, &string_make(name, n)->header));
  return get;
}

static node *js_path(analyzer *a, const char *path, size_t n) {
  size_t length = strcspn(path, ".");
  if (length > n)
    length = n;
  node *result = core_call(a, "js-global*");
  add_item(a, result, constant(a, &string_make(path, length)->header));
  for (size_t at = length; at < n; at += length) {
    at++;
    length = strcspn(path + at, ".");
    if (at + length > n)
      length = n - at;
    result = js_member(a, result, path + at, length);
  }
  return result;
}

static node *js_node(analyzer *a, O form) {
  return js_path(a, text_of(form), strlen(text_of(form)));
}

/* (js/a.b.c x ...) calls the method c of js/a.b. */
static node *js_call(analyzer *a, O form) {
  const char *path = text_of(first(form)), *dot = strrchr(path, '.');
  node *n = core_call(a, dot ? "js-call*" : "js-apply*");
  size_t target = dot ? (size_t)(dot - path) : strlen(path);
  add_item(a, n, js_path(a, path, target));
  if (dot)
    add_item(a, n, constant(a, jank_make_string(dot + 1)));
  for (O s = next(form); s != JANK_NIL; s = next_polled(s))
    add_item(a, n, analyze(a, first(s), false));
  return n;
}

/* A name that is no var of the namespace: nil, or what gives its value. */
static node *class_node(analyzer *a, O form) {
  if (is_js(form))
    return js_node(a, form);
  if (var_resolve(ns_current(), (symbol_object *)form))
    return NULL;
  O dotted = dotted_var(form);
  var_object *var = dotted == JANK_NIL
                        ? NULL
                        : var_resolve(ns_current(), (symbol_object *)dotted);
  if (!var && class_named(form) != JANK_NIL)
    return constant(a, class_named(form));
  return var ? var_node(a, var) : NULL;
}

static node *analyze_symbol(analyzer *a, O form) {
  binding found;
  if (binding_of(a, form, &found))
    return bound_node(a, found);
  node *n = class_node(a, form);
  if (n)
    return n;
  var_object *var = resolve_var(a, form);
  if (var->header.flags & VAR_MACRO)
    FAIL("Can't take value of a macro: #'%s/%s", var->ns->name->name->text,
         var->name->name->text);
  return var_node(a, var);
}

/* ---- Bodies and literals ---------------------------------------------------------------------- */

static node *analyze_body(analyzer *a, O forms, bool tail) {
  O s = seq(forms);
  if (s == JANK_NIL)
    return constant(a, JANK_NIL);
  if (next(s) == JANK_NIL)
    return analyze(a, first(s), tail);
  node *n = make(a, NODE_DO);
  for (; s != JANK_NIL; s = next_polled(s))
    add_item(a, n, analyze(a, first(s), tail && next(s) == JANK_NIL));
  return n;
}

static bool self_evaluating(O form);

static bool constant_entry(void *context, O key, O value) {
  bool *all = context;
  *all = self_evaluating(key) && self_evaluating(value);
  return *all;
}

static bool self_evaluating(O form) {
  if (!is_heap(form))
    return true;
  switch (form->type) {
  case JANK_TYPE_SYMBOL:
  case JANK_TYPE_LIST:
  case JANK_TYPE_CONS:
  case JANK_TYPE_LAZY_SEQ:
    return false;
  case JANK_TYPE_VECTOR:
  case JANK_TYPE_SET:
    for (O s = seq(form); s != JANK_NIL; s = next_polled(s))
      if (!self_evaluating(first(s)))
        return false;
    return true;
  case JANK_TYPE_MAP: {
    bool all = true;
    map_each(form, constant_entry, &all);
    return all;
  }
  default:
    return true;
  }
}

/* A :tag that is a symbol names a type and is not evaluated. */
static O quoted_tag(O meta) {
  O key = &keyword_from(NULL, "tag")->header,
    tag = map_get(meta, key, JANK_NIL);
  if (!is_type(tag, JANK_TYPE_SYMBOL))
    return meta;
  O quote[] = {symbol("quote"), tag};
  return map_assoc(meta, key, list_from_array(2, quote));
}

static node *with_meta_node(analyzer *a, node *n, O form) {
  O meta = get_meta(form);
  if (meta == JANK_NIL)
    return n;
  meta = quoted_tag(meta);
  node *result = make(a, NODE_WITH_META);
  result->a = n;
  result->b = analyze(a, meta, false);
  return result;
}

typedef struct {
  analyzer *a;
  node *n;
} add_entries;

static bool add_entry(void *context, O key, O value) {
  add_entries *c = context;
  add_item(c->a, c->n, analyze(c->a, key, false));
  add_item(c->a, c->n, analyze(c->a, value, false));
  return true;
}

static node *analyze_collection(analyzer *a, O form) {
  if (self_evaluating(form) && get_meta(form) == JANK_NIL)
    return constant(a, form);
  node *n = make(a, form->type == JANK_TYPE_VECTOR ? NODE_VECTOR
                    : form->type == JANK_TYPE_MAP  ? NODE_MAP
                                                   : NODE_SET_LITERAL);
  if (form->type == JANK_TYPE_MAP) {
    add_entries context = {a, n};
    map_each(form, add_entry, &context);
  } else {
    for (O s = seq(form); s != JANK_NIL; s = next_polled(s))
      add_item(a, n, analyze(a, first(s), false));
  }
  return with_meta_node(a, n, form);
}

/* ---- Functions ------------------------------------------------------------------------------------ */

static void analyze_params(analyzer *a, method *m, O params) {
  for (O s = seq(params); s != JANK_NIL; s = next_polled(s)) {
    const char *name = local_name(a, first(s), "fn*");
    if (strcmp(name, "&") == 0) {
      s = next(s);
      if (s == JANK_NIL || next(s) != JANK_NIL)
        FAIL("fn*: exactly one name must follow &");
      m->variadic = true;
      name = local_name(a, first(s), "fn*");
    } else if (++m->required > JANK_MAX_ARITY) {
      FAIL("Can't specify more than %d params", JANK_MAX_ARITY);
    }
    local *l = new_local(a, name, LOCAL_PARAM);
    m->params = ast_grow(a->p, m->params, l->slot, sizeof *m->params);
    m->params[l->slot] = l;
    bind(a, l);
    if (m->variadic)
      return;
  }
}

/* The op of a hint: ^long x means that x is (long x) in the body. */
static int hint_op(O name) {
  O meta = get_meta(name);
  O tag = is_type(meta, JANK_TYPE_MAP)
              ? map_get(meta, &keyword_from(NULL, "tag")->header, JANK_NIL)
              : JANK_NIL;
  return symbol_is(tag, NULL, "long")     ? OP_LONG
         : symbol_is(tag, NULL, "double") ? OP_DOUBLE
                                          : OP_COUNT;
}

static node *hinted_body(analyzer *a, method *m, O params, O body) {
  node *let = NULL;
  int i = 0;
  for (O s = seq(params); s != JANK_NIL && i < m->required; s = next(s), i++) {
    int op = hint_op(first(s));
    if (op == OP_COUNT)
      continue;
    let = let ? let : make(a, NODE_LET);
    node *value = op_node(a, (ast_op)op, local_node(a, m->params[i]), NULL);
    local *l = new_local(a, m->params[i]->name, LOCAL_LET);
    let->locals = ast_grow(a->p, let->locals, let->count, sizeof *let->locals);
    let->locals[let->count] = l;
    add_item(a, let, value);
    bind(a, l);
  }
  node *result = analyze_body(a, body, true);
  if (!let)
    return result;
  let->a = result;
  return let;
}

static method *analyze_method(analyzer *a, fn_node *fn, O form) {
  O params = first(form);
  if (!is_type(params, JANK_TYPE_VECTOR))
    FAIL("fn*: expected a parameter vector, got %s",
         jank_to_code_string(params));
  scope *s = a->scope;
  binding *env = s->env;
  method *m = s->method = ast_method(a->p, fn);
  m->line = a->where.line;
  analyze_params(a, m, params);
  s->loop = NULL;
  m->body = hinted_body(a, m, params, next(form));
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

/* (fn* name? [params] body...) or (fn* name? ([params] body...)...) */
static node *analyze_fn(analyzer *a, O form, bool tail) {
  O parts = next(form);
  const char *name = NULL;
  if (is_type(first(parts), JANK_TYPE_SYMBOL)) {
    name = local_name(a, first(parts), "fn*");
    parts = next(parts);
  }
  fn_node *fn = arena_alloc(a->p->arena, sizeof *fn);
  fn->name = fn_display_name(a, name);
  scope inner = {.outer = a->scope, .fn = fn, .method_head = !a->thunk};
  a->thunk = false;
  a->scope = &inner;
  if (name)
    bind(a, ast_local(a->p, name, LOCAL_SELF, 0));
  bool single = is_type(first(parts), JANK_TYPE_VECTOR);
  if (parts == JANK_NIL)
    FAIL("fn*: expected a parameter vector");
  for (O s = single ? list(1, parts, JANK_NIL, JANK_NIL) : parts; s != JANK_NIL;
       s = next_polled(s)) {
    method *m = analyze_method(a, fn, seq(first(s)));
    check_arities(a, fn, m);
    fn->methods =
        ast_grow(a->p, fn->methods, fn->method_count, sizeof *fn->methods);
    fn->methods[fn->method_count++] = m;
  }
  a->scope = inner.outer;
  fn->constant = ast_add_pool(a->p, (pool_entry){JANK_NIL, fn});
  node *n = make(a, NODE_FN);
  n->fn = fn;
  return n;
}

/* ---- Special forms ------------------------------------------------------------------------------------ */

static int arg_count(O form) { return (int)count(form) - 1; }
static O arg(O form, int i) { return nth(form, i + 1, JANK_NIL, true); }

static node *special_quote(analyzer *a, O form, bool tail) {
  return constant(a, arg(form, 0));
}

static node *special_if(analyzer *a, O form, bool tail) {
  node *n = make(a, NODE_IF);
  n->a = analyze(a, arg(form, 0), false);
  n->b = analyze(a, arg(form, 1), tail);
  n->c = analyze(a, arg(form, 2), tail);
  return n;
}

static node *special_do(analyzer *a, O form, bool tail) {
  return analyze_body(a, next(form), tail);
}

static O unquote_form(O value) {
  bool quoted = is_seq(value) && is_type(first(value), JANK_TYPE_SYMBOL) &&
                symbol_is(first(value), NULL, "quote");
  return quoted ? first(next(value)) : value;
}

typedef struct {
  O result;
} meta_builder;

static bool add_meta(void *context, O key, O value) {
  meta_builder *m = context;
  const char *name = is_type(key, JANK_TYPE_KEYWORD) ? text_of(key) : "";
  if (strcmp(name, "end-line") && strcmp(name, "end-column") &&
      strcmp(name, "line") && strcmp(name, "column"))
    m->result = map_assoc(m->result, key, unquote_form(value));
  return true;
}

/* What the var carries: the symbol's metadata, quoted, with its place. */
static O def_meta(analyzer *a, O name, O doc) {
  meta_builder m = {empty_map};
  O given = get_meta(name);
  if (is_type(given, JANK_TYPE_MAP))
    map_each(given, add_meta, &m);
  if (doc != JANK_NIL)
    m.result = map_assoc(m.result, &keyword_from(NULL, "doc")->header, doc);
  O file = jank_make_string(a->p->file);
  m.result = map_assoc(m.result, &keyword_from(NULL, "file")->header, file);
  m.result = map_assoc(m.result, &keyword_from(NULL, "line")->header,
                       fixnum(a->where.line));
  m.result = map_assoc(m.result, &keyword_from(NULL, "column")->header,
                       fixnum(a->where.column));
  m.result = map_assoc(m.result, &keyword_from(NULL, "name")->header,
                       symbol(text_of(name)));
  return map_assoc(m.result, &keyword_from(NULL, "ns")->header,
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
  meta_builder m = {empty_map};
  map_each(meta, add_working_meta, &m);
  return map_count(m.result) ? m.result : JANK_NIL;
}

static bool has_dev_key(O meta, const char *name) {
  return truthy(map_get(meta, &keyword_from("dev", name)->header, JANK_NIL));
}

/* ^:dev/once, as defonce: (if (bound? v) (do (reset-meta! v meta) v) def). */
static node *once_node(analyzer *a, node *def) {
  node *n = make(a, NODE_IF), *again = make(a, NODE_DO);
  O var = a->p->pool[def->index].value;
  n->a = core_call(a, "bound?");
  add_item(a, n->a, constant(a, var));
  if (def->meta >= 0) {
    node *reset = core_call(a, "reset-meta!");
    add_item(a, reset, constant(a, var));
    add_item(a, reset, constant(a, a->p->pool[def->meta].value));
    add_item(a, again, reset);
  }
  add_item(a, again, constant(a, var));
  n->b = again;
  n->c = def;
  return n;
}

static node *special_def(analyzer *a, O form, bool tail) {
  O name = arg(form, 0);
  if (!is_type(name, JANK_TYPE_SYMBOL))
    FAIL("First argument to def must be a Symbol");
  symbol_object *s = (symbol_object *)name;
  if (s->ns && strcmp(s->ns->text, ns_current()->name->name->text) != 0)
    FAIL("Can't create defs outside of current ns");
  bool documented =
      arg_count(form) == 3 && is_type(arg(form, 1), JANK_TYPE_STRING);
  if (arg_count(form) == 3 && !documented)
    FAIL("Too many arguments to def");
  var_object *var = var_intern(ns_current(), symbol_make(NULL, s->name));
  O meta = def_meta(a, name, documented ? arg(form, 1) : JANK_NIL);
  jank_var_reset_meta(&var->header, meta);
  bool once = has_dev_key(meta, "once");
  a->p->always |= has_dev_key(meta, "always");
  node *n = make(a, NODE_DEF);
  n->index = ast_constant(a->p, &var->header);
  if (a->p->bare)
    meta = working_meta(meta);
  else if (a->p->library)
    meta = map_dissoc(meta, &keyword_from(NULL, "doc")->header);
  n->meta = meta == JANK_NIL ? -1 : ast_constant(a->p, meta);
  const char *outer_name = a->def_name;
  buffer text = {0};
  buffer_format(&text, "%s/%s", ns_current()->name->name->text, s->name->text);
  a->def_name = ast_text(a->p, buffer_cstring(&text));
  buffer_free(&text);
  if (arg_count(form) > 1)
    n->a = analyze(a, arg(form, documented ? 2 : 1), false);
  a->def_name = outer_name;
  if (strcmp(a->p->kind, "expr") == 0)
    a->p->kind = "def";
  return once && n->a ? once_node(a, n) : n;
}

static void check_bindings(analyzer *a, O bindings, const char *who) {
  if (!is_type(bindings, JANK_TYPE_VECTOR))
    FAIL("%s: expected a vector of bindings, got %s", who,
         jank_to_code_string(bindings));
  if (vector_count(bindings) % 2)
    FAIL("%s: the binding vector needs an even number of forms", who);
}

static void add_binding(analyzer *a, node *n, O name, O init, local_kind kind,
                        const char *who) {
  const char *text = local_name(a, name, who);
  node *value = analyze(a, init, false);
  local *l = new_local(a, text, kind);
  n->locals = ast_grow(a->p, n->locals, n->count, sizeof *n->locals);
  n->locals[n->count] = l;
  add_item(a, n, value);
  bind(a, l);
}

static node *bindings_node(analyzer *a, O form, node_kind kind,
                           local_kind locals, const char *who) {
  O bindings = arg(form, 0);
  check_bindings(a, bindings, who);
  node *n = make(a, kind);
  for (uint32_t i = 0; i < vector_count(bindings); i += 2)
    add_binding(a, n, vector_nth(bindings, i), vector_nth(bindings, i + 1),
                locals, who);
  return n;
}

static node *special_let(analyzer *a, O form, bool tail) {
  binding *env = a->scope->env;
  node *n = bindings_node(a, form, NODE_LET, LOCAL_LET, "let");
  n->a = analyze_body(a, next(next(form)), tail);
  a->scope->env = env;
  return n;
}

static node *special_loop(analyzer *a, O form, bool tail) {
  binding *env = a->scope->env;
  node *outer = a->scope->loop;
  node *n = bindings_node(a, form, NODE_LOOP, LOCAL_LOOP, "loop");
  a->scope->loop = n;
  n->a = analyze_body(a, next(next(form)), true);
  a->scope->loop = outer;
  a->scope->env = env;
  return n;
}

static node *special_recur(analyzer *a, O form, bool tail) {
  scope *s = a->scope;
  if (!tail)
    FAIL("Can only recur from tail position");
  if (!s->loop && !(s->method_head && s->fn))
    FAIL("recur: there is no loop or function here to recur to; it can't cross "
         "try");
  node *n = make(a, NODE_RECUR);
  n->loop = s->loop;
  int expected = s->loop ? s->loop->count
                         : s->method->required + (s->method->variadic ? 1 : 0);
  n->locals = s->loop ? s->loop->locals : s->method->params;
  if (arg_count(form) != expected)
    FAIL("Mismatched argument count to recur, expected: %d args, got: %d",
         expected, arg_count(form));
  if (!s->loop) {
    n->target = s->method;
    s->method->recurs = true;
  }
  for (O args = next(form); args != JANK_NIL; args = next_polled(args))
    add_item(a, n, analyze(a, first(args), false));
  return n;
}

static node *special_var(analyzer *a, O form, bool tail) {
  O name = arg(form, 0);
  if (!is_type(name, JANK_TYPE_SYMBOL))
    FAIL("var: expected a symbol, got %s", jank_to_code_string(name));
  return constant(a, &find_var(a, name)->header);
}

static bool is_mutable(O field) {
  static const char *const marks[] = {"mutable", "volatile-mutable",
                                      "unsynchronized-mutable"};
  O meta = get_meta(field);
  for (int i = 0; meta != JANK_NIL && i < 3; i++)
    if (truthy(map_get(meta, &keyword_from(NULL, marks[i])->header, JANK_NIL)))
      return true;
  return false;
}

/* (fields* this [x y] body ...): in body x and y are fields of `this`, by
 * number; nil in the vector: a field that has no name here. */
static node *special_fields(analyzer *a, O form, bool tail) {
  binding this, *env = a->scope->env;
  O names = arg(form, 1);
  if (!is_type(arg(form, 0), JANK_TYPE_SYMBOL) ||
      !binding_of(a, arg(form, 0), &this) || !is_type(names, JANK_TYPE_VECTOR))
    FAIL("fields*: expected a local and a vector");
  for (uint32_t i = 0; i < vector_count(names); i++) {
    if (!is_type(vector_nth(names, i), JANK_TYPE_SYMBOL))
      continue;
    binding *b = arena_alloc(a->p->arena, sizeof *b);
    *b = (binding){this.local, a->scope->env, text_of(vector_nth(names, i)),
                   (int)i, is_mutable(vector_nth(names, i))};
    a->scope->env = b;
  }
  node *n = analyze_body(a, next(next(next(form))), tail);
  a->scope->env = env;
  return n;
}

static node *set_field(analyzer *a, O form, binding field) {
  if (!field.mutable)
    FAIL("Cannot assign to the field %s: it is not ^:mutable", field.field);
  node *n = core_call(a, "set-field*");
  add_item(a, n, local_node(a, field.local));
  add_item(a, n, constant(a, fixnum(field.number)));
  add_item(a, n, analyze(a, arg(form, 1), false));
  return n;
}

static bool is_list_form(O form) {
  return is_type(form, JANK_TYPE_LIST) || is_type(form, JANK_TYPE_CONS);
}

/* (. target -name), (. target name args ...), (. target (name args ...)) */
static node *special_dot(analyzer *a, O form, bool tail) {
  O member = arg(form, 1), args = next(next(next(form)));
  if (is_list_form(member) && args == JANK_NIL) {
    args = next(member);
    member = first(member);
  }
  if (!is_type(member, JANK_TYPE_SYMBOL) || ((symbol_object *)member)->ns)
    FAIL(".: expected the name of a method or field, got %s",
         jank_to_code_string(member));
  bool field = text_of(member)[0] == '-' && text_of(member)[1];
  node *n = core_call(a, field ? "get-member*" : "call-member*");
  add_item(a, n, analyze(a, arg(form, 0), false));
  add_item(a, n,
           constant(a, field ? symbol(text_of(member) + 1)
                             : symbol(text_of(member))));
  if (field && args != JANK_NIL)
    FAIL(".-%s takes no arguments", text_of(member) + 1);
  for (; args != JANK_NIL; args = next_polled(args))
    add_item(a, n, analyze(a, first(args), false));
  return n;
}

static node *special_new(analyzer *a, O form, bool tail) {
  node *n = core_call(a, "new*");
  for (O s = next(form); s != JANK_NIL; s = next_polled(s))
    add_item(a, n, analyze(a, first(s), false));
  return n;
}

/* (set! (.-name target) value) */
static node *set_member(analyzer *a, O form) {
  O place = arg(form, 0), head = first(place), target = JANK_NIL,
    member = JANK_NIL;
  if (is_type(head, JANK_TYPE_SYMBOL) && strncmp(text_of(head), ".-", 2) == 0) {
    member = symbol(text_of(head) + 2);
    target = first(next(place));
  } else if (symbol_is(head, NULL, ".")) {
    target = first(next(place));
    member = first(next(next(place)));
    if (is_type(member, JANK_TYPE_SYMBOL) && text_of(member)[0] == '-')
      member = symbol(text_of(member) + 1);
  }
  if (!is_type(member, JANK_TYPE_SYMBOL))
    FAIL("set!: expected a dynamic var, a field or (.-name object)");
  node *n = core_call(a, "set-member*");
  add_item(a, n, analyze(a, target, false));
  add_item(a, n, constant(a, member));
  add_item(a, n, analyze(a, arg(form, 1), false));
  return n;
}

static node *special_set(analyzer *a, O form, bool tail) {
  O name = arg(form, 0);
  binding found;
  if (is_list_form(name))
    return set_member(a, form);
  if (is_type(name, JANK_TYPE_SYMBOL) && binding_of(a, name, &found) &&
      found.field)
    return set_field(a, form, found);
  if (!is_type(name, JANK_TYPE_SYMBOL) || is_local(a, name))
    FAIL("set!: expected the name of a dynamic var");
  node *n = make(a, NODE_SET);
  n->index = ast_constant(a->p, &resolve_var(a, name)->header);
  n->a = analyze(a, arg(form, 1), false);
  return n;
}

static node *special_throw(analyzer *a, O form, bool tail) {
  node *n = make(a, NODE_THROW);
  n->a = analyze(a, arg(form, 0), false);
  return n;
}

/* (letfn* [name (fn* name ...)...] body...) */
static node *special_letfn(analyzer *a, O form, bool tail) {
  O bindings = arg(form, 0);
  check_bindings(a, bindings, "letfn");
  binding *env = a->scope->env;
  node *n = make(a, NODE_LETFN);
  int pairs = (int)vector_count(bindings) / 2;
  n->locals = arena_alloc(a->p->arena, (size_t)pairs * sizeof *n->locals);
  for (int i = 0; i < pairs; i++) {
    O name = vector_nth(bindings, (uint32_t)i * 2);
    n->locals[i] = new_local(a, local_name(a, name, "letfn"), LOCAL_LET);
    bind(a, n->locals[i]);
  }
  for (int i = 0; i < pairs; i++) {
    node *fn = analyze(a, vector_nth(bindings, (uint32_t)i * 2 + 1), false);
    if (fn->kind != NODE_FN)
      FAIL("letfn: expected a function for %s", n->locals[i]->name);
    add_item(a, n, fn);
  }
  n->a = analyze_body(a, next(next(form)), tail);
  a->scope->env = env;
  return n;
}

/* (case* value default test then test then ...): tests are constants. */
static node *special_case(analyzer *a, O form, bool tail) {
  node *n = make(a, NODE_CASE);
  n->a = analyze(a, arg(form, 0), false);
  n->b = analyze(a, arg(form, 1), tail);
  int pairs = (arg_count(form) - 2) / 2;
  n->thens = arena_alloc(a->p->arena, (size_t)pairs * sizeof *n->thens + 8);
  O s = next(next(next(form)));
  for (int i = 0; i < pairs; i++, s = next(next(s))) {
    add_item(a, n, constant(a, first(s)));
    n->thens[i] = analyze(a, first(next(s)), tail);
  }
  return n;
}

static bool head_is(O form, const char *name) {
  return (is_type(form, JANK_TYPE_LIST) || is_type(form, JANK_TYPE_CONS)) &&
         symbol_is(first(form), NULL, name);
}

static node *thunk(analyzer *a, O params, O body) {
  a->thunk = true;
  return analyze_fn(a, cons(symbol("fn*"), cons(params, body)), false);
}

static bool catches_all(O class_name) {
  return is_type(class_name, JANK_TYPE_KEYWORD) ||
         symbol_is(class_name, NULL, "Throwable") ||
         symbol_is(class_name, NULL, "Object");
}

/* The handler's body: the first clause whose class matches, else throw. */
static O catch_chain(analyzer *a, O clauses, O exception) {
  if (clauses == JANK_NIL)
    return list(2, symbol("throw"), exception, JANK_NIL);
  O clause = first(clauses);
  if (count(clause) < 3)
    FAIL("catch: expected (catch class name body...)");
  O class_name = first(next(clause));
  O name = first(next(next(clause)));
  if (!is_type(class_name, JANK_TYPE_SYMBOL) &&
      !is_type(class_name, JANK_TYPE_KEYWORD))
    FAIL("catch: expected the name of a class, got %s",
         jank_to_code_string(class_name));
  O bound[] = {name, exception};
  O body = cons(symbol("let*"),
                cons(jank_make_vector(2, bound), next(next(next(clause)))));
  if (catches_all(class_name))
    return body;
  O test = list(3, symbol("exception-is*"), exception, class_name);
  O otherwise = catch_chain(a, next(clauses), exception);
  return cons(symbol("if"), list(3, test, body, otherwise));
}

static node *special_exception_is(analyzer *a, O form, bool tail) {
  node *n = make(a, NODE_OP);
  n->op = OP_EXCEPTION_IS;
  add_item(a, n, analyze(a, arg(form, 0), false));
  add_item(a, n, constant(a, arg(form, 1)));
  return n;
}

static node *special_try(analyzer *a, O form, bool tail) {
  O body = JANK_NIL, catches = JANK_NIL, finally = JANK_NIL;
  for (O s = next(form); s != JANK_NIL; s = next_polled(s)) {
    O part = first(s);
    if (finally != JANK_NIL)
      FAIL("finally clause must be last in try expression");
    if (head_is(part, "catch"))
      catches = cons(part, catches);
    else if (head_is(part, "finally"))
      finally = part;
    else if (catches != JANK_NIL)
      FAIL("Only catch or finally clause can follow catch in try expression");
    else
      body = cons(part, body);
  }
  O forms = JANK_NIL, clauses = JANK_NIL;
  for (; body != JANK_NIL; body = next_polled(body))
    forms = cons(first(body), forms);
  for (O s = catches; s != JANK_NIL; s = next_polled(s))
    clauses = cons(first(s), clauses);
  if (clauses == JANK_NIL && finally == JANK_NIL)
    return analyze_body(a, forms,
                        tail && !a->scope->loop && !a->scope->method_head);
  node *n = make(a, NODE_TRY);
  n->a = thunk(a, empty_vector, forms);
  if (clauses != JANK_NIL) {
    O exception = symbol("exception*");
    O handler = catch_chain(a, clauses, exception);
    n->b = thunk(a, jank_make_vector(1, &exception),
                 list(1, handler, JANK_NIL, JANK_NIL));
  }
  if (finally != JANK_NIL)
    n->c = thunk(a, empty_vector, next(finally));
  return n;
}

typedef struct {
  const char *name;
  node *(*analyze)(analyzer *, O, bool);
  int least, most; /* arguments; -1: any number */
} special_form;

static const special_form special_forms[] = {
    {"quote", special_quote, 1, 1},
    {"if", special_if, 2, 3},
    {"do", special_do, 0, -1},
    {"def", special_def, 1, 3},
    {"fn*", analyze_fn, 1, -1},
    {"let*", special_let, 1, -1},
    {"loop*", special_loop, 1, -1},
    {"recur", special_recur, 0, -1},
    {"var", special_var, 1, 1},
    {"set!", special_set, 2, 2},
    {"throw", special_throw, 1, 1},
    {"try", special_try, 0, -1},
    {"letfn*", special_letfn, 1, -1},
    {"case*", special_case, 2, -1},
    {"exception-is*", special_exception_is, 2, 2},
    {"fields*", special_fields, 2, -1},
    {".", special_dot, 2, -1},
    {"new", special_new, 1, -1},
};

static const special_form *find_special(O head) {
  if (!is_type(head, JANK_TYPE_SYMBOL) || ((symbol_object *)head)->ns)
    return NULL;
  for (size_t i = 0; i < sizeof special_forms / sizeof *special_forms; i++)
    if (strcmp(special_forms[i].name, text_of(head)) == 0)
      return &special_forms[i];
  return NULL;
}

bool analyzer_is_special(O symbol_form) {
  return find_special(symbol_form) != NULL ||
         symbol_is(symbol_form, NULL, "catch") ||
         symbol_is(symbol_form, NULL, "finally") ||
         symbol_is(symbol_form, NULL, "&");
}

/* ---- Macros --------------------------------------------------------------------------------------------- */

typedef struct {
  O macro, args;
} macro_call;

static O call_macro(void *context) {
  macro_call *m = context;
  return fn_apply(m->macro, m->args);
}

static var_object *macro_of(O form) {
  O head = first(form);
  if (!is_type(head, JANK_TYPE_SYMBOL) || find_special(head))
    return NULL;
  var_object *var = var_resolve(ns_current(), (symbol_object *)head);
  return var && (var->header.flags & VAR_MACRO) ? var : NULL;
}

static O expand_once(const char *file, O form, span where, var_object *macro) {
  macro_call call = {macro->root, cons(form, cons(JANK_NIL, next(form)))};
  O result = JANK_NIL, e = JANK_NIL;
  if (error_catch(call_macro, &call, &result, &e))
    return result;
  if (!is_type(e, JANK_TYPE_EXCEPTION) || error_is_interrupt(e))
    jank_throw(e);
  exception_object *x = (exception_object *)e;
  if (strcmp(x->class_name->text, "CompilerException") == 0)
    jank_throw(e);
  analyzer_error(file, where, "%s: %s", macro->name->name->text,
                 is_type(x->message, JANK_TYPE_STRING)
                     ? ((string_object *)x->message)->text
                     : "the macro failed");
}

static bool is_call(O form) {
  return is_heap(form) &&
         (form->type == JANK_TYPE_LIST || form->type == JANK_TYPE_CONS ||
          form->type == JANK_TYPE_LAZY_SEQ ||
          form->type == JANK_TYPE_ARRAY_SEQ ||
          form->type == JANK_TYPE_VECTOR_SEQ || form->type == JANK_TYPE_RANGE);
}

O analyzer_expand(const char *file, O form, span where) {
  while (is_call(form) && seq(form) != JANK_NIL) {
    var_object *macro = macro_of(form);
    if (!macro)
      return form;
    poll(); /* it may expand to itself */
    form = expand_once(file, form, analyzer_span(form, where), macro);
  }
  return form;
}

/* ---- Calls ------------------------------------------------------------------------------------------------ */

static const struct {
  const char *name;
  int argc;
} ops[] = {
#define X(op, name, argc, function, result) {name, argc},
    AST_OPS(X)
#undef X
};

/* X(core name, op, second argument): one-argument functions that are ops. */
#define SHORT_OPS(X)                                                           \
  X("inc", OP_ADD, 1)                                                          \
  X("dec", OP_SUB, 1)                                                          \
  X("zero?", OP_NUM_EQUAL, 0)                                                  \
  X("pos?", OP_GT, 0)                                                          \
  X("neg?", OP_LT, 0)

static node *analyze_op(analyzer *a, const char *name, O form) {
  int argc = arg_count(form);
#define X(core, op, second)                                                    \
  if (argc == 1 && strcmp(name, core) == 0)                                    \
    return op_node(a, op, analyze(a, arg(form, 0), false),                     \
                   constant(a, fixnum(second)));
  SHORT_OPS(X)
#undef X
  for (int op = 0; op < OP_COUNT; op++) {
    if (!ops[op].name || strcmp(name, ops[op].name) != 0)
      continue;
    bool folds = op == OP_ADD || op == OP_MUL || op == OP_SUB;
    if (argc != ops[op].argc && !(folds && argc > 2))
      return NULL;
    O s = next(form);
    node *n = analyze(a, first(s), false);
    if (ops[op].argc == 1)
      return op_node(a, (ast_op)op, n, NULL);
    while ((s = next_polled(s)) != JANK_NIL)
      n = op_node(a, (ast_op)op, n, analyze(a, first(s), false));
    return n;
  }
  return NULL;
}

/* Functions that change what names mean: their calls go to every instance. */
static const char *const ns_functions[] = {"in-ns", "in-ns*",     "require",
                                           "refer", "require*",   "alias",
                                           "use",   "refer-core*"};

static void note_ns_call(analyzer *a, const char *name, O form) {
  for (size_t i = 0; i < sizeof ns_functions / sizeof *ns_functions; i++)
    if (strcmp(name, ns_functions[i]) == 0)
      a->p->kind = "ns";
  if (strncmp(name, "in-ns", 5) == 0) {
    O target = unquote_form(arg(form, 0));
    if (is_type(target, JANK_TYPE_SYMBOL))
      a->p->ns_after = ast_text(a->p, text_of(target));
  }
}

/* (.name x ...) is (. x name ...), (Name. ...) is (new Name ...). */
static O member_call(O form) {
  O head = first(form);
  const char *name = text_of(head);
  size_t n = strlen(name);
  if (n > 1 && name[0] == '.' && strcmp(name, "..") != 0) {
    if (next(form) == JANK_NIL)
      return JANK_NIL;
    O rest = cons(symbol(name + 1), next(next(form)));
    return cons(symbol("."), cons(first(next(form)), rest));
  }
  if (n > 1 && name[n - 1] == '.' && name[n - 2] != '.') {
    O class_name =
        &symbol_make(((symbol_object *)head)->ns, string_make(name, n - 1))
             ->header;
    return cons(symbol("new"), cons(class_name, next(form)));
  }
  return JANK_NIL;
}

static node *analyze_call(analyzer *a, O form) {
  O head = first(form);
  if (is_type(head, JANK_TYPE_SYMBOL) && is_js(head))
    return js_call(a, form);
  if (is_type(head, JANK_TYPE_SYMBOL) && !is_local(a, head) &&
      !class_node(a, head)) {
    var_object *var = resolve_var(a, head);
    if (var->ns == ns_core) {
      note_ns_call(a, var->name->name->text, form);
      node *op = analyze_op(a, var->name->name->text, form);
      if (op)
        return op;
    }
  }
  node *n = make(a, NODE_INVOKE);
  n->a = analyze(a, head, false);
  for (O s = next(form); s != JANK_NIL; s = next_polled(s))
    add_item(a, n, analyze(a, first(s), false));
  return n;
}

static node *analyze_list(analyzer *a, O form, bool tail) {
  if (seq(form) == JANK_NIL)
    return constant(a, form);
  O head = first(form);
  const special_form *special = find_special(head);
  if (special) {
    int n = arg_count(form);
    if (n < special->least)
      FAIL("Too few arguments to %s", special->name);
    if (special->most >= 0 && n > special->most)
      FAIL("Too many arguments to %s", special->name);
    return special->analyze(a, form, tail);
  }
  if (is_type(head, JANK_TYPE_SYMBOL) && !is_local(a, head)) {
    O member = member_call(form);
    if (member != JANK_NIL)
      return analyze(a, member, tail);
    var_object *macro = macro_of(form);
    if (macro)
      return analyze(a, expand_once(a->p->file, form, a->where, macro), tail);
  }
  return analyze_call(a, form);
}

static node *analyze(analyzer *a, O form, bool tail) {
  span outer = a->where;
  a->where = analyzer_span(form, outer);
  if (++a->depth > MAX_DEPTH)
    FAIL("the form is nested too deeply");
  node *n;
  if (!is_heap(form))
    n = constant(a, form);
  else if (form->type == JANK_TYPE_SYMBOL)
    n = analyze_symbol(a, form);
  else if (form->type == JANK_TYPE_VECTOR || form->type == JANK_TYPE_MAP ||
           form->type == JANK_TYPE_SET)
    n = analyze_collection(a, form);
  else if (is_call(form))
    n = analyze_list(a, form, tail);
  else
    n = constant(a, form);
  a->depth--;
  a->where = outer;
  return n;
}

/* ---- Top-level forms ----------------------------------------------------------------------------------------- */

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
 * there before. */
static bool hoistable(program *p, node *n, int pool_before) {
  return n->kind == NODE_DEF && n->a && n->a->kind == NODE_FN &&
         n->a->fn->capture_count == 0 && n->index >= pool_before &&
         n->a->fn->constant == p->pool_count - 1;
}

void analyzer_add(program *p, O form, span where) {
  analyzer a = {.p = p, .where = where};
  int pool_before = p->pool_count;
  scope top = {0};
  a.scope = &top;
  method *m = top.method = ast_method(p, NULL);
  m->line = where.line;
  m->body = analyze(&a, form, true);
  if (hoistable(p, m->body, pool_before)) {
    p->pool_count--; /* the function's own entry was the last to be added */
    hoist(p, m, m->body);
    return;
  }
  p->forms = ast_grow(p, p->forms, p->form_count, sizeof *p->forms);
  p->forms[p->form_count++] = m;
}

static O macroexpand_1(O self, O form) {
  var_object *macro =
      is_call(form) && seq(form) != JANK_NIL ? macro_of(form) : NULL;
  return macro ? expand_once("", form, (span){0}, macro) : form;
}
static O macroexpand(O self, O form) {
  return analyzer_expand("", form, (span){0});
}
static O special_symbol_p(O self, O form) {
  return boolean(is_type(form, JANK_TYPE_SYMBOL) && analyzer_is_special(form));
}

const struct patch_symbol analyzer_builtins[] = {
    {"clojure.core/macroexpand-1", "1", (void *)macroexpand_1},
    {"clojure.core/macroexpand", "1", (void *)macroexpand},
    {"clojure.core/special-symbol?", "1", (void *)special_symbol_p},
    {0},
};
