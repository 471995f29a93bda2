/* tower.c - big integers, ratios and decimals: clojure.core's functions. */
#include "number/tower.h"
#include "base/buffer.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "number/text.h"
#include "value/box.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"
#include <math.h>

static O want(const char *who, O o) {
  if (!box_is_number(o))
    error_type(who, "a number", o);
  return o;
}

/* A double in full, as text: 1.5e300 has 301 digits. */
static O exact(O d) {
  double x = ((double_object *)d)->value;
  if (isnan(x) || isinf(x))
    error_throw("NumberFormatException", "Infinite or NaN");
  buffer b = {0};
  number_print(&b, d);
  buffer_byte(&b, 'M');
  O result = tower_literal(b.data, b.size);
  buffer_free(&b);
  return result;
}

static O parsed(const char *who, O s, char suffix) {
  string_object *t = (string_object *)s;
  buffer b = {0};
  buffer_add(&b, t->text, t->bytes);
  buffer_byte(&b, suffix);
  O n = number_parse(b.data, b.size);
  buffer_free(&b);
  if (!n)
    error_throw("NumberFormatException", "%s: not a number: \"%s\"", who,
                t->text);
  return n;
}

static O bigint(O self, O x) {
  if (is_type(x, JANK_TYPE_STRING))
    return parsed("bigint", x, 'N');
  want("bigint", x);
  if (is_type(x, JANK_TYPE_DOUBLE))
    x = exact(x);
  return tower_integer(x);
}
static O bigdec(O self, O x) {
  if (is_type(x, JANK_TYPE_STRING))
    return parsed("bigdec", x, 'M');
  want("bigdec", x);
  if (is_type(x, JANK_TYPE_DOUBLE))
    return exact(x);
  return tower_decimal(x);
}
static O rationalize(O self, O x) {
  want("rationalize", x);
  if (is_type(x, JANK_TYPE_DOUBLE))
    x = exact(x);
  return tower_rational(x);
}
static O ratio_part(const char *who, O x, bool upper) {
  if (!is_type(x, JANK_TYPE_BIGNUM) || tower_kind(x) != '/')
    error_type(who, "a ratio", x);
  return tower_ratio_part(x, upper);
}
static O numerator(O self, O x) { return ratio_part("numerator", x, true); }
static O denominator(O self, O x) {
  return ratio_part("denominator", x, false);
}

/* +' and the like: what does not fit 64 bits is a big integer. */
#define PROMOTING(name, op, builtin, checked)                                  \
  static O name(O self, O a, O b) {                                            \
    int64_t result;                                                            \
    if (box_is_integer(a) && box_is_integer(b) &&                              \
        builtin(jank_unbox_integer(a), jank_unbox_integer(b), &result))        \
      return tower_arithmetic(op, a, b);                                       \
    return checked(a, b);                                                      \
  }
PROMOTING(add, '+', __builtin_add_overflow, jank_add)
PROMOTING(sub, '-', __builtin_sub_overflow, jank_sub)
PROMOTING(mul, '*', __builtin_mul_overflow, jank_mul)

const struct patch_symbol tower_builtins[] = {
    CORE("bigint", "[x]", bigint,
         "The number or string as an integer without limits; a fraction is cut "
         "off."),
    CORE("biginteger", "[x]", bigint,
         "The number or string as an integer without limits; a fraction is cut "
         "off."),
    CORE("bigdec", "[x]", bigdec,
         "The number or string as a decimal number, which is exact."),
    CORE("rationalize", "[num]", rationalize,
         "The number as an integer or a ratio of the same value."),
    CORE(
        "numerator", "[r]", numerator,
        "The upper part of a ratio. Throws ClassCastException when r is none."),
    CORE(
        "denominator", "[r]", denominator,
        "The lower part of a ratio. Throws ClassCastException when r is none."),
    CORE("add'*", "[x y]", add),
    CORE("sub'*", "[x y]", sub),
    CORE("mul'*", "[x y]", mul),
    {0},
};
