/* equal.c - =, compare, hash and identical?, and predicates on nil and truth.
 */
#include "value/equal.h"
#include "builtins/builtin.h"
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
    CORE("=", "[x]", core_equal1,
         "True when all arguments are equal as values: collections item by "
         "item, lists and vectors alike. Integers and floating-point numbers "
         "are never equal; == compares those."),
    CORE("=", "[x y]", core_equal2),
    CORE("=", "[x y & more]", core_equal),
    CORE("not=", "[x]", core_not_equal1,
         "True when the arguments are not all equal by =."),
    CORE("not=", "[x y]", core_not_equal2),
    CORE("not=", "[x y & more]", core_not_equal),
    CORE("hash", "[x]", core_hash,
         "The hash code of x: equal values have equal ones."),
    CORE("compare", "[x y]", core_compare,
         "A negative integer, 0 or a positive one as x is less than, equal to "
         "or greater than y. nil is the least; throws ClassCastException when "
         "the two cannot be compared."),
    CORE("identical?", "[x y]", core_identical,
         "True when both are the very same object."),
    CORE("not", "[x]", core_not, "True when x is nil or false, else false."),
    CORE("nil?", "[x]", core_is_nil, "True when x is nil."),
    CORE("some?", "[x]", core_is_some, "True when x is not nil."),
    CORE("true?", "[x]", core_is_true, "True when x is true itself."),
    CORE("false?", "[x]", core_is_false, "True when x is false itself."),
    CORE("boolean?", "[x]", core_is_boolean, "True when x is true or false."),
    CORE("boolean", "[x]", core_boolean,
         "false for nil and false, true for everything else."),
    {0},
};
