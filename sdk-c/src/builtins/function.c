/* function.c - apply, and predicates on functions. */
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "runtime/callable.h"
#include "runtime/fn.h"
#include "value/call.h"
#include "value/word.h"

static O apply_more(O self, O f, O a, O rest) {
  /* (apply f a b [c d]): all but the last are arguments. */
  if (rest == JANK_NIL)
    return fn_apply(f, a);
  O items[64];
  size_t n = 0;
  items[n++] = a;
  O tail = rest;
  while (seq_next(tail) != JANK_NIL && n < 64) {
    items[n++] = seq_first(tail);
    tail = seq_next(tail);
  }
  O args = seq(seq_first(tail));
  while (n-- > 0)
    args = seq_cons(items[n], args);
  return fn_apply(f, args);
}

static O fn_p(O self, O o) { return boolean(is_type(o, JANK_TYPE_FN)); }

static O ifn_p(O self, O o) { return boolean(callable_is(o)); }

static O fn_name(O self, O o) {
  return is_type(o, JANK_TYPE_FN) ? (O)((fn_object *)o)->code->name : JANK_NIL;
}

const struct patch_symbol function_builtins[] = {
    CORE("apply", "[f x & args]", apply_more,
         "Calls f with the given arguments and then with the items of the last "
         "one, a seqable or nil. A variadic function gets the rest of an "
         "infinite seq lazily."),
    CORE("fn?", "[x]", fn_p,
         "True when x is a function that fn or defn made, or one of the "
         "library. Keywords and maps are called as functions, but are none."),
    CORE("ifn?", "[x]", ifn_p,
         "True when x can be called: a function, keyword, symbol, map, set, "
         "vector, var, or an instance that implements IFn."),
    CORE("fn-name*", "[f]", fn_name),
    {0},
};
