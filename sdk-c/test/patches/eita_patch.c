/* eita_patch.c - a patch written by hand against the public C API, as the
 * original's patches were: emcc -sSIDE_MODULE=1 -O2. VERSION is added to what
 * ggg returns, so that a second build can be told from the first. */
#include "jank_patch.h"

#ifndef VERSION
#define VERSION 48
#endif

typedef jank_object *O;
#define ARRAY(...)                                                             \
  (sizeof((O[]){__VA_ARGS__}) / sizeof(O)), (O[]) { __VA_ARGS__ }

static O integer(int64_t n) { return jank_box_integer(n); }

static O add(O a, int64_t n) {
  O args[] = {a, integer(n)};
  return jank_call_var("clojure.core", "+", 2, args);
}

static O eita_ggg(O self, O v) { /* the original's function */
  O greeting = jank_make_keyword("", "FROM_CLJ_..._I_MEAN_JANK_IN_WASM!!");
  O sum = add(v, 50);
  jank_println(1, &greeting);
  jank_println(1, &sum);
  O sets[] = {jank_make_set(ARRAY(integer(999))),
              jank_make_set(ARRAY(integer(3), integer(15),
                                  integer(3 * jank_unbox_integer(v))))};
  O all = jank_call_var("clojure.set", "union", 2, sets);
  jank_println(1, &all);
  return add(v, VERSION);
}

static O eita_constant(O self) { return jank_make_string("from C"); }

static O eita_vector(O self, O a, O b) { return jank_make_vector(ARRAY(a, b)); }

static O eita_map(O self, O v) {
  O pairs[] = {jank_make_keyword("", "v"), v, jank_make_keyword("eita", "w"),
               jank_nil_value()};
  return jank_make_map(2, pairs);
}

static O eita_list(O self, O rest) { /* variadic: all of it as a seq */
  return jank_make_vector(ARRAY(jank_make_symbol("", "rest"), rest));
}

static O eita_half(O self, O x) {
  return jank_box_double(jank_unbox_double(x) / 2);
}

static O eita_choose(O self, O test) {
  return jank_truthy(test) ? jank_true_value() : jank_false_value();
}

static O eita_apply(O self, O f, O x) { return jank_call1(f, x); }

static O eita_fail(O self) { jank_throw(jank_make_string("thrown from C")); }

static O eita_deref(O self) { return jank_deref_var("eita", "state"); }

static struct patch_symbol symbols[] = {
    {"eita/ggg", "1", (void *)eita_ggg},
    {"eita/constant", "0", (void *)eita_constant},
    {"eita/vector", "2", (void *)eita_vector},
    {"eita/map", "1", (void *)eita_map},
    {"eita/list", "0&", (void *)eita_list},
    {"eita/half", "1", (void *)eita_half},
    {"eita/choose", "1", (void *)eita_choose},
    {"eita/apply", "2", (void *)eita_apply},
    {"eita/fail", "0", (void *)eita_fail},
    {"eita/deref", "0", (void *)eita_deref},
};

#ifdef MISSING
extern int not_in_the_runtime(void);
#endif

JANK_API struct patch_symbol *jank_patch_symbols_7(int *count);
struct patch_symbol *jank_patch_symbols_7(int *count) {
  *count = sizeof symbols / sizeof *symbols;
#ifdef MISSING
  *count += not_in_the_runtime();
#endif
  return symbols;
}
