/* equal.c - TODO */
#include "value/equal.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "value/word.h"

static O core_equal1(O self, O a) { return JANK_TRUE; }

static O core_equal2(O self, O a, O b) { return boolean(value_equal(a, b)); }

static O core_equal(O self, O a, O b, O more) {
  if (!value_equal(a, b))
    return JANK_FALSE;
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(s))
    if (!value_equal(b, seq_first(s)))
      return JANK_FALSE;
  return JANK_TRUE;
}

static O core_not_equal1(O self, O a) { return JANK_FALSE; }

static O core_not_equal2(O self, O a, O b) {
  return boolean(!value_equal(a, b));
}

static O core_not_equal(O self, O a, O b, O more) {
  return boolean(!truthy(core_equal(self, a, b, more)));
}

static O core_hash(O self, O a) {
  return jank_box_integer((int32_t)value_hash(a));
}

static O core_compare(O self, O a, O b) {
  return jank_box_integer(value_compare(a, b));
}

static O core_identical(O self, O a, O b) { return boolean(a == b); }

static O core_not(O self, O a) { return boolean(!truthy(a)); }

static O core_is_nil(O self, O a) { return boolean(a == JANK_NIL); }

static O core_is_some(O self, O a) { return boolean(a != JANK_NIL); }

static O core_is_true(O self, O a) { return boolean(a == JANK_TRUE); }

static O core_is_false(O self, O a) { return boolean(a == JANK_FALSE); }

static O core_is_boolean(O self, O a) { return boolean(is_boolean(a)); }

static O core_boolean(O self, O a) { return boolean(truthy(a)); }

const struct patch_symbol equal_builtins[] = {
    {"clojure.core/=", "1", (void *)core_equal1},
    {"clojure.core/=", "2", (void *)core_equal2},
    {"clojure.core/=", "2&", (void *)core_equal},
    {"clojure.core/not=", "1", (void *)core_not_equal1},
    {"clojure.core/not=", "2", (void *)core_not_equal2},
    {"clojure.core/not=", "2&", (void *)core_not_equal},
    {"clojure.core/hash", "1", (void *)core_hash},
    {"clojure.core/compare", "2", (void *)core_compare},
    {"clojure.core/identical?", "2", (void *)core_identical},
    {"clojure.core/not", "1", (void *)core_not},
    {"clojure.core/nil?", "1", (void *)core_is_nil},
    {"clojure.core/some?", "1", (void *)core_is_some},
    {"clojure.core/true?", "1", (void *)core_is_true},
    {"clojure.core/false?", "1", (void *)core_is_false},
    {"clojure.core/boolean?", "1", (void *)core_is_boolean},
    {"clojure.core/boolean", "1", (void *)core_boolean},
    {0},
};
