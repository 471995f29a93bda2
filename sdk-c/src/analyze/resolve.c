/* resolve.c - names that are no locals: vars, classes, and what js/ reaches.
 *
 * In: a symbol. Out: a var, or a node that gives the value; else a
 * CompilerException that says what was probably meant. Nothing is looked up at
 * run time but the members of JavaScript's objects.
 */
#include "analyze/resolve.h"
#include "analyze/ast.h"
#include "analyze/build.h"
#include "collection/map.h"
#include "runtime/class.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

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
  size_t d = edit_distance(n->wanted, symbol_text(name));
  if (d < n->distance && !strchr(symbol_text(name), '*')) {
    n->distance = d;
    n->best = symbol_text(name);
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
  O name = build_symbol(s->ns->text);
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

var_object *resolve_any_var(analyzer *a, O form) {
  symbol_object *s = (symbol_object *)form;
  var_object *var = var_resolve(ns_current(), s);
  if (!var && s->ns)
    no_such_var(a, s);
  if (!var)
    unresolved(a, s);
  return var;
}

var_object *resolve_var(analyzer *a, O form) {
  var_object *var = resolve_any_var(a, form);
  if ((var->header.flags & VAR_PRIVATE) && var->ns != ns_current())
    FAIL("var: #'%s/%s is not public", var->ns->name->name->text,
         var->name->name->text);
  return var;
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

bool resolve_is_js(O form) {
  symbol_object *s = (symbol_object *)form;
  return s->ns && strcmp(s->ns->text, "js") == 0 &&
         map_get(ns_current()->aliases, build_symbol("js"), JANK_NIL) ==
             JANK_NIL;
}

static node *js_member(analyzer *a, node *target, const char *name, size_t n) {
  node *get = build_core_call(a, "js-get*");
  build_add(a, get, target);
  build_add(a, get, build_constant(a, &string_make(name, n)->header));
  return get;
}

node *resolve_js_path(analyzer *a, const char *path, size_t n) {
  size_t length = strcspn(path, ".");
  if (length > n)
    length = n;
  node *result = build_core_call(a, "js-global*");
  build_add(a, result, build_constant(a, &string_make(path, length)->header));
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
  return resolve_js_path(a, symbol_text(form), strlen(symbol_text(form)));
}

node *resolve_class_node(analyzer *a, O form) {
  if (resolve_is_js(form))
    return js_node(a, form);
  if (var_resolve(ns_current(), (symbol_object *)form))
    return NULL;
  O dotted = dotted_var(form);
  var_object *var = dotted == JANK_NIL
                        ? NULL
                        : var_resolve(ns_current(), (symbol_object *)dotted);
  if (!var && class_named(form) != JANK_NIL)
    return build_constant(a, class_named(form));
  return var ? build_var(a, var) : NULL;
}
