/* interop.c - members by name: (.-field x), (.method x args ...), (set! (.-field
 * x) value).
 *
 * An instance of a program's type answers itself. Of other values the methods
 * that Clojure programs call on the JVM's classes are functions of the core
 * library: the map `host-methods*`.
 */
#include "fn.h"
#include "object.h"
#include "tables.h"

typedef jank_object *O;

static O host_method(O name) {
  O methods = jank_deref_var("clojure.core", "host-methods*");
  return map_get(methods, name, JANK_NIL);
}

static _Noreturn void no_member(const char *kind, O o, O name) {
  error_throw("IllegalArgumentException", "No matching %s %s found for %s",
              kind, ((symbol_object *)name)->name->text,
              o == JANK_NIL ? "nil" : class_of(o)->name->name->text);
}

static O get_member(O self, O o, O name) {
  if (is_type(o, JANK_TYPE_INSTANCE))
    return instance_get_field(o, name);
  O f = host_method(name);
  if (f == JANK_NIL)
    no_member("field", o, name);
  return jank_call1(f, o);
}

static O call_member(O self, O o, O name, O args) {
  if (is_type(o, JANK_TYPE_INSTANCE)) {
    O found = JANK_NIL;
    if (instance_find_member(o, name, args, &found))
      return found;
  }
  O f = host_method(name);
  if (f == JANK_NIL)
    no_member("method", o, name);
  return fn_apply(f, cons(o, args));
}

static O set_member(O self, O o, O name, O value) {
  if (is_type(o, JANK_TYPE_INSTANCE))
    return instance_set_field(o, name, value);
  no_member("field", o, name);
}

const struct patch_symbol interop_builtins[] = {
    {"clojure.core/get-member*", "2", (void *)get_member},
    {"clojure.core/call-member*", "2&", (void *)call_member},
    {"clojure.core/set-member*", "3", (void *)set_member},
    {0},
};
