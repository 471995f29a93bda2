/* interop.c - members by name: (.-field x), (.method x args ...), (set! (.-field
 * x) value).
 *
 * An instance of a program's type answers itself, an object of JavaScript over
 * there. Of other values the methods that Clojure programs call on the JVM's
 * classes are functions of the core library: the map `host-methods*`; and where
 * it has none, JavaScript's of a number, a text or an error.
 */
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "host/host.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/instance.h"
#include "runtime/js.h"
#include "value/box.h"
#include "value/error.h"
#include "value/symbol.h"
#include "value/word.h"

static O host_method(O name) {
  O methods = jank_deref_var("clojure.core", "host-methods*");
  return map_get(methods, name, JANK_NIL);
}

static _Noreturn void no_member(const char *kind, O o, O name) {
  error_throw("IllegalArgumentException", "No matching %s %s found for %s",
              kind, ((symbol_object *)name)->name->text,
              o == JANK_NIL ? "nil" : class_of(o)->name->name->text);
}

static O text_of(O symbol) { return &((symbol_object *)symbol)->name->header; }

/* What JavaScript has in place of o; nil: nothing. */
static O in_js(O o) {
  if (is_type(o, JANK_TYPE_EXCEPTION))
    return ((exception_object *)o)->host;
  return is_type(o, JANK_TYPE_JS) || is_type(o, JANK_TYPE_STRING) ||
                 box_is_number(o)
             ? o
             : JANK_NIL;
}

static O get_member(O self, O o, O name) {
  if (is_type(o, JANK_TYPE_INSTANCE))
    return instance_get_field(o, name);
  O target = in_js(o);
  if (target == JANK_NIL)
    no_member("field", o, name);
  return js_operate(JS_OP_get, 2, (O[]){target, text_of(name)});
}

static O call_js(O target, O name, O args) {
  O all[JANK_MAX_ARITY + 2] = {target, text_of(name)};
  int n = 2;
  for (; args != JANK_NIL; args = seq_next(args)) {
    if (n == JANK_MAX_ARITY + 2)
      error_throw("ArityException", "a method takes at most %d arguments",
                  JANK_MAX_ARITY);
    all[n++] = seq_first(args);
  }
  return js_operate(JS_OP_call, n, all);
}

static O call_member(O self, O o, O name, O args) {
  if (is_type(o, JANK_TYPE_INSTANCE)) {
    O found = JANK_NIL;
    if (instance_find_member(o, name, args, &found))
      return found;
  }
  if (is_type(o, JANK_TYPE_JS))
    return call_js(o, name, args);
  O f = host_method(name);
  if (f != JANK_NIL)
    return fn_apply(f, seq_cons(o, args));
  if (in_js(o) == JANK_NIL)
    no_member("method", o, name);
  return call_js(in_js(o), name, args);
}

static O set_member(O self, O o, O name, O value) {
  if (is_type(o, JANK_TYPE_INSTANCE))
    return instance_set_field(o, name, value);
  if (is_type(o, JANK_TYPE_JS)) {
    js_operate(JS_OP_set, 3, (O[]){o, text_of(name), value});
    return value;
  }
  no_member("field", o, name);
}

const struct patch_symbol interop_builtins[] = {
    CORE("get-member*", "[target name]", get_member),
    CORE("call-member*", "[target name & args]", call_member),
    CORE("set-member*", "[target name val]", set_member),
    {0},
};
