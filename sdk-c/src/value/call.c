/* call.c - calls of any value from C.
 *
 * A function is called through its entry for that number of arguments; anything
 * else by what its type says.
 */
#include "value/call.h"
#include "value/arity.h"
#include "value/error.h"
#include "value/types.h"
#include "value/word.h"

#define CALL(function, n)                                                      \
  case n:                                                                      \
    return ((O(*)(O PARAMS_##n))(function))(self VALUES_##n);

O call_pointer(void *function, O self, int argc, O *a) {
  switch (argc) {
#define X(n) CALL(function, n)
    COUNTS(X)
#undef X
    CALL(function, 21)
  default:
    return JANK_NIL; /* not reached: argc <= JANK_MAX_ARITY + 1 */
  }
}

O call_invoke(fn_object *f, int argc, O *args) {
  return call_pointer(f->code->entries[argc], &f->header, argc, args);
}

O call_value(O f, int argc, O *args) {
  if (is_heap(f) && types[f->type].call)
    return types[f->type].call(f, argc, args);
  error_throw("ClassCastException", "%s (%s) cannot be called as a function",
              error_shown(f), error_type_name(f));
}

O jank_call_n(O f, int argc, O *args) {
  if (is_type(f, JANK_TYPE_FN) && argc <= JANK_MAX_ARITY)
    return call_invoke((fn_object *)f, argc, args);
  return call_value(f, argc, args);
}

O jank_call0(O f) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn0)((fn_object *)f)->code->entries[0])(f);
  return call_value(f, 0, NULL);
}

O jank_call1(O f, O a) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn1)((fn_object *)f)->code->entries[1])(f, a);
  return call_value(f, 1, &a);
}

O jank_call2(O f, O a, O b) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn2)((fn_object *)f)->code->entries[2])(f, a, b);
  O args[] = {a, b};
  return call_value(f, 2, args);
}

O jank_call3(O f, O a, O b, O c) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn3)((fn_object *)f)->code->entries[3])(f, a, b, c);
  O args[] = {a, b, c};
  return call_value(f, 3, args);
}

O jank_call4(O f, O a, O b, O c, O d) {
  O args[] = {a, b, c, d};
  return jank_call_n(f, 4, args);
}
