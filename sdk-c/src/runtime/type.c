/* type.c - protocols: which function implements a method for an argument; and
 * `new`.
 *
 * A protocol's method is a function that looks up what implements it for the
 * class of its first argument, and goes on to that: type_dispatch, behind one
 * cache. Instances are instance.c's; deftype and defprotocol begin in
 * builtins/type.c.
 *
 * A type that is defined again with the same fields stays the same class and
 * gets the new methods, so that instances that live run the new code. With
 * other fields it is a new class; older instances keep theirs.
 */
#include "runtime/type.h"
#include "collection/coll.h"
#include "collection/map.h"
#include "collection/set.h"
#include "host/host.h"
#include "runtime/class.h"
#include "runtime/instance.h"
#include "runtime/journal.h"
#include "runtime/js.h"
#include "value/call.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/meta.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

void type_trace(O o) {
  protocol_object *p = (protocol_object *)o;
  gc_mark((O)p->name);
  gc_mark(p->sigs);
  gc_mark(p->impls);
  gc_mark(p->meta);
}

/* ---- Dispatch: one cache for all protocols ------------------------------- */

/* Cleared whenever a class, an implementation or a method's function is made, so
 * that what it points at is alive and current. */
dispatch_entry type_dispatch_cache[DISPATCH_CACHE];

void type_forget_dispatch(void) {
  memset(type_dispatch_cache, 0, sizeof type_dispatch_cache);
}

typedef struct {
  protocol_object *protocol;
  O keyword, found;
} search;

static bool find_impl(void *context, class_object *c) {
  search *s = context;
  O methods = map_get(s->protocol->impls, &c->header, JANK_NIL);
  if (methods == JANK_NIL)
    return false;
  s->found = map_get(methods, s->keyword, JANK_NIL);
  return s->found != JANK_NIL;
}

/* The class itself first, then what it descends from, Object last; nil is a class of
 * its own. */
static O find_in_impls(protocol_object *p, O keyword, O argument) {
  if (argument == JANK_NIL) {
    O methods = map_get(p->impls, JANK_NIL, JANK_NIL);
    return methods == JANK_NIL ? JANK_NIL : map_get(methods, keyword, JANK_NIL);
  }
  search s = {p, keyword, JANK_NIL};
  class_each(class_of(argument), find_impl, &s);
  return s.found;
}

static O find_by_meta(protocol_object *p, O name, O argument) {
  if (p->meta == JANK_NIL ||
      !truthy(coll_get(p->meta,
                       &symbol_keyword(NULL, "extend-via-metadata")->header,
                       JANK_NIL)))
    return JANK_NIL;
  O meta = meta_of(argument);
  if (!is_type(meta, JANK_TYPE_MAP))
    return JANK_NIL;
  symbol_object *qualified =
      symbol_make(p->name->ns, ((symbol_object *)name)->name);
  return map_get(meta, &qualified->header, JANK_NIL);
}

static _Noreturn void no_implementation(protocol_object *p, O name,
                                        O argument) {
  error_throw("IllegalArgumentException",
              "No implementation of method: :%s of protocol: #'%s/%s found for "
              "class: %s",
              ((symbol_object *)name)->name->text, p->name->ns->text,
              p->name->name->text,
              argument == JANK_NIL ? "nil"
                                   : class_of(argument)->name->name->text);
}

/* *shared: holds for all values of the class. */
static O find_function(fn_object *generic, O argument, bool *shared) {
  protocol_object *p = (protocol_object *)generic->captures[0];
  O name = generic->captures[1], found = find_by_meta(p, name, argument);
  if (found != JANK_NIL)
    return found;
  *shared = p->meta == JANK_NIL;
  if (is_type(argument, JANK_TYPE_INSTANCE)) {
    class_object *c = ((instance_object *)argument)->class;
    if (set_contains(c->supers, &p->header))
      found = map_get(c->methods, name, JANK_NIL);
    if (is_fixnum(found))
      *shared = false;
    found = instance_method_value(argument, found);
  }
  return found != JANK_NIL ? found
                           : find_in_impls(p, generic->captures[2], argument);
}

O type_dispatch(O self, O argument) {
  O class = argument == JANK_NIL ? JANK_NIL : &class_of(argument)->header;
  dispatch_entry *entry = &type_dispatch_cache[DISPATCH_SLOT(self, class)];
  if (entry->method == self && entry->class == class)
    return entry->function;
  fn_object *generic = (fn_object *)self;
  bool shared = false;
  O found = find_function(generic, argument, &shared);
  if (found == JANK_NIL)
    no_implementation((protocol_object *)generic->captures[0],
                      generic->captures[1], argument);
  if (shared && is_type(found, JANK_TYPE_FN))
    *entry = (dispatch_entry){self, class, found};
  return found;
}

/* ---- new ----------------------------------------------------------------- */

static O construct_exception(class_object *c, int argc, O *args) {
  const char *name = c->name->name->text, *dot = strrchr(name, '.');
  name = dot ? dot + 1 : name;
  bool caused = argc == 1 && is_type(args[0], JANK_TYPE_EXCEPTION);
  if (argc > 2)
    error_throw("IllegalArgumentException", "%s takes a message and a cause",
                name);
  return error_make(name, argc && !caused ? args[0] : JANK_NIL, JANK_NIL,
                    caused     ? args[0]
                    : argc > 1 ? args[1]
                               : JANK_NIL);
}

O type_construct(int argc, O *args) {
  if (argc >= 1 && is_type(args[0], JANK_TYPE_JS))
    return js_operate(JS_OP_make, argc, args);
  if (argc < 1 || !is_type(args[0], JANK_TYPE_CLASS))
    error_type("new", "a class", argc ? args[0] : JANK_NIL);
  class_object *c = (class_object *)args[0];
  uint32_t n = instance_field_count(c);
  args++;
  argc--;
  if (c->fields == JANK_NIL) {
    if (class_isa(c, &class_find("Throwable")->header))
      return construct_exception(c, argc, args);
    if (c != class_find("Object") || argc)
      error_throw("IllegalArgumentException", "%s cannot be made with new",
                  c->name->name->text);
  }
  if ((uint32_t)argc != n)
    error_throw("ArityException", "%s. takes %u argument%s, got %d",
                c->name->name->text, n, n == 1 ? "" : "s", argc);
  instance_object *i = instance_make(c, n);
  if (n)
    memcpy(i->fields, args, n * sizeof *args);
  return &i->header;
}

/* ---- What the journal takes back ----------------------------------------- */

static void save_class(O o, journal_state *state) {
  const class_object *c = (class_object *)o;
  state->words[0] = c->supers;
  state->words[1] = c->fields;
  state->words[2] = c->methods;
}

static void restore_class(O o, const journal_state *state) {
  class_object *c = (class_object *)o;
  c->supers = state->words[0];
  c->fields = state->words[1];
  c->methods = state->words[2];
  type_forget_dispatch();
}

const struct journal_kind type_class_journal = {false, save_class,
                                                restore_class};

static void save_protocol(O o, journal_state *state) {
  const protocol_object *p = (protocol_object *)o;
  state->words[0] = p->sigs;
  state->words[1] = p->impls;
  state->words[2] = p->meta;
}

static void restore_protocol(O o, const journal_state *state) {
  protocol_object *p = (protocol_object *)o;
  p->sigs = state->words[0];
  p->impls = state->words[1];
  p->meta = state->words[2];
  type_forget_dispatch();
}

const struct journal_kind type_protocol_journal = {false, save_protocol,
                                                   restore_protocol};
