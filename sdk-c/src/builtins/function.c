/* function.c - TODO */
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

const struct patch_symbol fn_builtins[] = {
    {"clojure.core/apply", "2&", (void *)apply_more},
    {"clojure.core/fn?", "1", (void *)fn_p},
    {"clojure.core/ifn?", "1", (void *)ifn_p},
    {"clojure.core/fn-name*", "1", (void *)fn_name},
    {0},
};
