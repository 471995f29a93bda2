/* analyzer.c - from forms to nodes: what every name, literal and call means.
 *
 * In: a form as the reader gives it. Out: nodes in a program. Macros are
 * ordinary functions of this runtime (vars with :macro metadata) and are called
 * on the way (macro.c). A name is a local, else a var of the namespace in
 * force; it is never guessed. Special forms are looked up in the table that
 * program.c hands over (special.c). It knows nothing of what is emitted.
 */
#include "analyze/analyzer.h"
#include "analyze/ast.h"
#include "analyze/build.h"
#include "analyze/macro.h"
#include "analyze/resolve.h"
#include "analyze/scope.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "read/reader.h"
#include "read/special.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/meta.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

#define MAX_DEPTH 400

/* ---- Symbols ------------------------------------------------------------- */

/* (js/a.b.c x ...) calls the method c of js/a.b. */
static node *js_call(analyzer *a, O form) {
  const char *path = symbol_text(seq_first(form)), *dot = strrchr(path, '.');
  node *n = build_core_call(a, dot ? "js-call*" : "js-apply*");
  size_t target = dot ? (size_t)(dot - path) : strlen(path);
  build_add(a, n, resolve_js_path(a, path, target));
  if (dot)
    build_add(a, n, build_constant(a, jank_make_string(dot + 1)));
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next_polled(s))
    build_add(a, n, analyzer_form(a, seq_first(s), false));
  return n;
}

static node *analyze_symbol(analyzer *a, O form) {
  binding found;
  if (scope_find(a, form, &found))
    return scope_bound_node(a, found);
  node *n = resolve_class_node(a, form);
  if (n)
    return n;
  var_object *var = resolve_var(a, form);
  if (var->header.flags & VAR_MACRO)
    FAIL("Can't take value of a macro: #'%s/%s", var->ns->name->name->text,
         var->name->name->text);
  return build_var(a, var);
}

/* ---- Bodies and literals ------------------------------------------------- */

node *analyzer_body(analyzer *a, O forms, bool tail) {
  O s = seq(forms);
  if (s == JANK_NIL)
    return build_constant(a, JANK_NIL);
  if (seq_next(s) == JANK_NIL)
    return analyzer_form(a, seq_first(s), tail);
  node *n = build_node(a, NODE_DO);
  for (; s != JANK_NIL; s = seq_next_polled(s))
    build_add(a, n,
              analyzer_form(a, seq_first(s), tail && seq_next(s) == JANK_NIL));
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
    for (O s = seq(form); s != JANK_NIL; s = seq_next_polled(s))
      if (!self_evaluating(seq_first(s)))
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
  O key = &symbol_keyword(NULL, "tag")->header,
    tag = map_get(meta, key, JANK_NIL);
  if (!is_type(tag, JANK_TYPE_SYMBOL))
    return meta;
  O quote[] = {build_symbol("quote"), tag};
  return map_assoc(meta, key, list_from_array(2, quote));
}

static node *with_meta_node(analyzer *a, node *n, O form) {
  O meta = meta_of(form);
  if (meta == JANK_NIL)
    return n;
  meta = quoted_tag(meta);
  node *result = build_node(a, NODE_WITH_META);
  result->a = n;
  result->b = analyzer_form(a, meta, false);
  return result;
}

typedef struct {
  analyzer *a;
  node *n;
} add_entries;

static bool add_entry(void *context, O key, O value) {
  add_entries *c = context;
  build_add(c->a, c->n, analyzer_form(c->a, key, false));
  build_add(c->a, c->n, analyzer_form(c->a, value, false));
  return true;
}

static node *analyze_collection(analyzer *a, O form) {
  if (self_evaluating(form) && meta_of(form) == JANK_NIL)
    return build_constant(a, form);
  node *n = build_node(a, form->type == JANK_TYPE_VECTOR ? NODE_VECTOR
                          : form->type == JANK_TYPE_MAP  ? NODE_MAP
                                                         : NODE_SET_LITERAL);
  if (form->type == JANK_TYPE_MAP) {
    add_entries context = {a, n};
    map_each(form, add_entry, &context);
  } else {
    for (O s = seq(form); s != JANK_NIL; s = seq_next_polled(s))
      build_add(a, n, analyzer_form(a, seq_first(s), false));
  }
  return with_meta_node(a, n, form);
}

/* ---- Calls --------------------------------------------------------------- */

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

/* Functions of the core library that are operations: (+ a b c) is two of them, (inc x)
 * is x + 1. NULL: a call, with this number of arguments. */
static node *analyze_op(analyzer *a, const char *name, O form) {
  int argc = build_arg_count(form);
#define X(core, op, second)                                                    \
  if (argc == 1 && strcmp(name, core) == 0)                                    \
    return build_op(a, op, analyzer_form(a, build_arg(form, 0), false),        \
                    build_constant(a, fixnum(second)));
  SHORT_OPS(X)
#undef X
  for (int op = 0; op < OP_COUNT; op++) {
    if (!ops[op].name || strcmp(name, ops[op].name) != 0)
      continue;
    bool folds = op == OP_ADD || op == OP_MUL || op == OP_SUB;
    if (argc != ops[op].argc && !(folds && argc > 2))
      return NULL;
    O s = seq_next(form);
    node *n = analyzer_form(a, seq_first(s), false);
    if (ops[op].argc == 1)
      return build_op(a, (ast_op)op, n, NULL);
    while ((s = seq_next_polled(s)) != JANK_NIL)
      n = build_op(a, (ast_op)op, n, analyzer_form(a, seq_first(s), false));
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
    O target = seq_unquote(build_arg(form, 0));
    if (is_type(target, JANK_TYPE_SYMBOL))
      a->p->ns_after = ast_text(a->p, symbol_text(target));
  }
}

/* (.name x ...) is (. x name ...), (Name. ...) is (new Name ...). */
static O member_call(O form) {
  O head = seq_first(form);
  const char *name = symbol_text(head);
  size_t n = strlen(name);
  if (n > 1 && name[0] == '.' && strcmp(name, "..") != 0) {
    if (seq_next(form) == JANK_NIL)
      return JANK_NIL;
    O rest = seq_cons(build_symbol(name + 1), seq_next(seq_next(form)));
    return seq_cons(build_symbol("."),
                    seq_cons(seq_first(seq_next(form)), rest));
  }
  if (n > 1 && name[n - 1] == '.' && name[n - 2] != '.') {
    O class_name =
        &symbol_make(((symbol_object *)head)->ns, string_make(name, n - 1))
             ->header;
    return seq_cons(build_symbol("new"), seq_cons(class_name, seq_next(form)));
  }
  return JANK_NIL;
}

static node *analyze_call(analyzer *a, O form) {
  O head = seq_first(form);
  if (is_type(head, JANK_TYPE_SYMBOL) && resolve_is_js(head))
    return js_call(a, form);
  if (is_type(head, JANK_TYPE_SYMBOL) && !scope_is_local(a, head) &&
      !resolve_class_node(a, head)) {
    var_object *var = resolve_var(a, head);
    if (var->ns == ns_core) {
      note_ns_call(a, var->name->name->text, form);
      node *op = analyze_op(a, var->name->name->text, form);
      if (op)
        return op;
    }
  }
  node *n = build_node(a, NODE_INVOKE);
  n->a = analyzer_form(a, head, false);
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next_polled(s))
    build_add(a, n, analyzer_form(a, seq_first(s), false));
  return n;
}

static node *analyze_special(analyzer *a, enum special_form special, O form,
                             bool tail) {
  const special_shape *shape = &special_shapes[special];
  int n = build_arg_count(form);
  if (n < shape->least)
    FAIL("Too few arguments to %s", shape->name);
  if (shape->most >= 0 && n > shape->most)
    FAIL("Too many arguments to %s", shape->name);
  return a->specials[special](a, form, tail);
}

static node *analyze_list(analyzer *a, O form, bool tail) {
  if (seq(form) == JANK_NIL)
    return build_constant(a, form);
  O head = seq_first(form);
  enum special_form special = special_find(head);
  if (special != SPECIAL_NONE)
    return analyze_special(a, special, form, tail);
  if (is_type(head, JANK_TYPE_SYMBOL) && !scope_is_local(a, head)) {
    O member = member_call(form);
    if (member != JANK_NIL)
      return analyzer_form(a, member, tail);
    var_object *macro = macro_of(form);
    if (macro)
      return analyzer_form(
          a, macro_expand_once(a->p->file, form, a->where, macro), tail);
  }
  return analyze_call(a, form);
}

node *analyzer_form(analyzer *a, O form, bool tail) {
  span outer = a->where;
  a->where = build_span(form, outer);
  if (++a->depth > MAX_DEPTH)
    FAIL("the form is nested too deeply");
  node *n;
  if (!is_heap(form))
    n = build_constant(a, form);
  else if (form->type == JANK_TYPE_SYMBOL)
    n = analyze_symbol(a, form);
  else if (form->type == JANK_TYPE_VECTOR || form->type == JANK_TYPE_MAP ||
           form->type == JANK_TYPE_SET)
    n = analyze_collection(a, form);
  else if (macro_is_call(form))
    n = analyze_list(a, form, tail);
  else
    n = build_constant(a, form);
  a->depth--;
  a->where = outer;
  return n;
}
