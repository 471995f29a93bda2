/* function.c - apply, and predicates on functions. */
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "runtime/callable.h"
#include "runtime/fn.h"
#include "value/call.h"
#include "value/word.h"

/* (a b [c d]) as (a b c d): all but the last are arguments. */
static O spread(O args) {
  O items[64];
  size_t n = 0;
  for (; n < 64 && seq_next(args) != JANK_NIL; args = seq_next(args))
    items[n++] = seq_first(args);
  O all = n < 64 ? seq(seq_first(args)) : spread(args);
  while (n-- > 0)
    all = seq_cons(items[n], all);
  return all;
}

static O apply_more(O self, O f, O a, O rest) {
  return fn_apply(f, rest == JANK_NIL ? a : seq_cons(a, spread(rest)));
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
