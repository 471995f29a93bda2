/* number.c - clojure.core's functions on numbers: folds over arguments,
 * predicates, bits, conversions, parsing, random numbers. The arithmetic itself
 * is number/number.c; +' and the like are in tower.c. */
#include "number/number.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "host/host.h"
#include "number/text.h"
#include "number/tower.h"
#include "value/box.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Arithmetic ---------------------------------------------------------- */

static O mod(O self, O a, O b) {
  O r = jank_rem(a, b);
  double left = number_to_double("mod", r), by = number_to_double("mod", b);
  return left != 0 && (left < 0) != (by < 0) ? jank_add(r, b) : r;
}

/* ---- Builtins: folds over arguments -------------------------------------- */

static O checked(const char *who, O x) {
  number_to_double(who, x);
  return x;
}

static O add0(O self) { return fixnum(0); }

static O add1(O self, O a) { return checked("+", a); }

static O add2(O self, O a, O b) { return jank_add(a, b); }

static O sub1(O self, O a) {
  return box_is_double(a) ? jank_box_double(-box_double_value(a))
                          : jank_sub(fixnum(0), a);
}

static O sub2(O self, O a, O b) { return jank_sub(a, b); }

static O mul0(O self) { return fixnum(1); }

static O mul1(O self, O a) { return checked("*", a); }

static O mul2(O self, O a, O b) { return jank_mul(a, b); }

static O div1(O self, O a) { return number_divide(fixnum(1), a); }

static O div2(O self, O a, O b) { return number_divide(a, b); }

static O max2(O self, O a, O b) {
  if (isnan(number_to_double("max", a)))
    return a;
  return isnan(number_to_double("max", b)) || jank_gt(b, a) ? b : a;
}

static O min2(O self, O a, O b) {
  if (isnan(number_to_double("min", a)))
    return a;
  return isnan(number_to_double("min", b)) || jank_lt(b, a) ? b : a;
}

static O max1(O self, O a) { return checked("max", a); }

static O min1(O self, O a) { return checked("min", a); }

#define FOLD(name, two)                                                        \
  static O name(O self, O a, O b, O more) {                                    \
    O result = two(self, a, b);                                                \
    for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(s))               \
      result = two(self, result, seq_first(s));                                \
    return result;                                                             \
  }
FOLD(add_rest, add2)
FOLD(sub_rest, sub2)
FOLD(mul_rest, mul2)
FOLD(div_rest, div2)
FOLD(max_rest, max2)
FOLD(min_rest, min2)

#define CHAIN(name, compare2)                                                  \
  static O name##1(O self, O a) { return JANK_TRUE; }                          \
  static O name##2(O self, O a, O b) { return boolean(compare2(a, b)); }       \
  static O name##_rest(O self, O a, O b, O more) {                             \
    bool result = compare2(a, b);                                              \
    for (O s = seq(more); result && s != JANK_NIL; s = seq_next_polled(s)) {   \
      a = b;                                                                   \
      b = seq_first(s);                                                        \
      result = compare2(a, b);                                                 \
    }                                                                          \
    return boolean(result);                                                    \
  }
CHAIN(lt, jank_lt)
CHAIN(lte, jank_lte)
CHAIN(gt, jank_gt)
CHAIN(gte, jank_gte)
CHAIN(num_equal, jank_num_equal)

static O inc(O self, O a) {
  return box_is_number(a) ? jank_add(a, fixnum(1))
                          : (error_type("inc", "a number", a), a);
}

static O dec(O self, O a) {
  return box_is_number(a) ? jank_sub(a, fixnum(1))
                          : (error_type("dec", "a number", a), a);
}

static O absolute(O self, O a) {
  if (box_is_double(a))
    return jank_box_double(fabs(box_double_value(a)));
  return jank_lt(a, fixnum(0)) ? jank_sub(fixnum(0), a) : a;
}

/* ---- Builtins: predicates ------------------------------------------------ */

static O zero_p(O self, O a) {
  return boolean(number_to_double("zero?", a) == 0);
}

static O pos_p(O self, O a) { return boolean(number_to_double("pos?", a) > 0); }

static O neg_p(O self, O a) { return boolean(number_to_double("neg?", a) < 0); }

static bool is_odd(O a) {
  if (is_type(a, JANK_TYPE_BIGNUM) && tower_kind(a) == 'N')
    return tower_is_odd(a);
  if (!box_is_integer(a))
    error_throw("IllegalArgumentException", "Argument must be an integer: %s",
                error_shown(a));
  return box_integer_value(a) & 1;
}

static O even_p(O self, O a) { return boolean(!is_odd(a)); }

static O odd_p(O self, O a) { return boolean(is_odd(a)); }

static bool bignum_ends(O a, char c) {
  return is_type(a, JANK_TYPE_BIGNUM) && tower_kind(a) == c;
}

static O number_p(O self, O a) { return boolean(box_is_number(a)); }

static O integer_p(O self, O a) {
  return boolean(box_is_integer(a) || bignum_ends(a, 'N'));
}

static O int_p(O self, O a) { return boolean(box_is_integer(a)); }

static O double_p(O self, O a) { return boolean(box_is_double(a)); }

static O ratio_p(O self, O a) { return boolean(bignum_ends(a, '/')); }

static O decimal_p(O self, O a) { return boolean(bignum_ends(a, 'M')); }

static O rational_p(O self, O a) {
  return boolean(box_is_number(a) && !box_is_double(a));
}

static O pos_int_p(O self, O a) {
  return boolean(box_is_integer(a) && box_integer_value(a) > 0);
}

static O neg_int_p(O self, O a) {
  return boolean(box_is_integer(a) && box_integer_value(a) < 0);
}

static O nat_int_p(O self, O a) {
  return boolean(box_is_integer(a) && box_integer_value(a) >= 0);
}

static O nan_p(O self, O a) {
  return boolean(isnan(number_to_double("NaN?", a)));
}

static O infinite_p(O self, O a) {
  return boolean(isinf(number_to_double("infinite?", a)) != 0);
}

/* ---- Builtins: bits ------------------------------------------------------ */

static O quot(O self, O a, O b) { return jank_quot(a, b); }
static O rem(O self, O a, O b) { return jank_rem(a, b); }

static O bit_and2(O self, O a, O b) { return jank_bit_and(a, b); }
static O bit_or2(O self, O a, O b) { return jank_bit_or(a, b); }
static O bit_xor2(O self, O a, O b) { return jank_bit_xor(a, b); }
static O shift_left(O self, O x, O n) { return jank_shift_left(x, n); }
static O shift_right(O self, O x, O n) { return jank_shift_right(x, n); }

#define BITS2(name, who, expression)                                           \
  static O name(O self, O a, O b) {                                            \
    int64_t x = number_to_integer(who, a), y = number_to_integer(who, b);      \
    return jank_box_integer(expression);                                       \
  }
BITS2(bit_and_not2, "bit-and-not", x & ~y)
BITS2(unsigned_shift_right, "unsigned-bit-shift-right",
      (int64_t)((uint64_t)x >> (y & 63)))
BITS2(bit_set, "bit-set", x | (int64_t)(UINT64_C(1) << (y & 63)))
BITS2(bit_clear, "bit-clear", x & ~(int64_t)(UINT64_C(1) << (y & 63)))
BITS2(bit_flip, "bit-flip", x ^ (int64_t)(UINT64_C(1) << (y & 63)))
FOLD(bit_and_rest, bit_and2)
FOLD(bit_or_rest, bit_or2)
FOLD(bit_xor_rest, bit_xor2)
FOLD(bit_and_not_rest, bit_and_not2)

static O bit_not(O self, O a) {
  return jank_box_integer(~number_to_integer("bit-not", a));
}

static O bit_test(O self, O a, O n) {
  return boolean((number_to_integer("bit-test", a) >>
                  (number_to_integer("bit-test", n) & 63)) &
                 1);
}

/* ---- Builtins: conversions ----------------------------------------------- */

static O core_long(O self, O a) { return number_to_long("long", a); }

static O core_int(O self, O a) {
  O n = number_to_long("int", a);
  if (box_integer_value(n) != (int32_t)box_integer_value(n))
    error_throw("IllegalArgumentException", "Value out of range for int: %lld",
                (long long)box_integer_value(n));
  return n;
}

static O core_double(O self, O a) {
  return jank_box_double(number_to_double("double", a));
}

static O core_float(O self, O a) {
  return jank_box_double((double)(float)number_to_double("float", a));
}

static O core_num(O self, O a) { return checked("num", a); }

static string_object *text_arg(const char *who, O s) {
  if (!is_type(s, JANK_TYPE_STRING))
    error_throw("IllegalArgumentException", "%s: expected string, got %s", who,
                error_type_name(s));
  return (string_object *)s;
}

static O parse_long(O self, O text) {
  string_object *s = text_arg("parse-long", text);
  bool sign = s->bytes && (s->text[0] == '+' || s->text[0] == '-'), large;
  uint64_t n;
  if (!number_magnitude(s->text + sign, s->text + s->bytes, 10, &n, &large) ||
      large || n > (uint64_t)INT64_MAX + (s->text[0] == '-'))
    return JANK_NIL;
  return jank_box_integer(s->text[0] == '-' ? (int64_t)(0 - n) : (int64_t)n);
}

static O parse_double(O self, O text) {
  string_object *s = text_arg("parse-double", text);
  const char *p = s->text, *end = s->text + s->bytes;
  while (p < end && *p == ' ')
    p++;
  const char *digits = p + (*p == '+' || *p == '-');
  if (strcmp(digits, "NaN") == 0)
    return jank_box_double((double)NAN);
  bool word = strcmp(digits, "Infinity") == 0;
  if (!word && (*digits != '.' && (*digits < '0' || *digits > '9')))
    return JANK_NIL;
  if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
    return JANK_NIL;
  char *stop;
  double d = strtod(p, &stop);
  while (*stop == ' ')
    stop++;
  return stop == end && stop > digits ? jank_box_double(d) : JANK_NIL;
}

static O parse_boolean(O self, O text) {
  string_object *s = text_arg("parse-boolean", text);
  return strcmp(s->text, "true") == 0    ? JANK_TRUE
         : strcmp(s->text, "false") == 0 ? JANK_FALSE
                                         : JANK_NIL;
}

/* xorshift64*, seeded by the clock. */
static double random_double(void) {
  static uint64_t state;
  if (!state)
    state = (uint64_t)(host_now() * 1e6) * 2 + 0x9e3779b97f4a7c15u;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (double)((state * 2685821657736338717u) >> 11) * 0x1p-53;
}

static O now(O self) { return jank_box_double(host_now()); }

static O rand0(O self) { return jank_box_double(random_double()); }

static O rand1(O self, O n) {
  return jank_box_double(random_double() * number_to_double("rand", n));
}

static O rand_int(O self, O n) {
  return jank_box_integer(
      (int64_t)(random_double() * number_to_double("rand-int", n)));
}

#define UNCHECKED(name, who, operator)                                         \
  static O name(O self, O a, O b) {                                            \
    if (box_is_double(a) || box_is_double(b))                                  \
      return jank_box_double(                                                  \
          number_to_double(who, a) operator number_to_double(who, b));         \
    return jank_box_integer((int64_t)((uint64_t)number_to_integer(             \
        who, a) operator(uint64_t) number_to_integer(who, b)));                \
  }
UNCHECKED(unchecked_add, "unchecked-add", +)
UNCHECKED(unchecked_subtract, "unchecked-subtract", -)
UNCHECKED(unchecked_multiply, "unchecked-multiply", *)

static O unchecked_inc(O self, O a) {
  return unchecked_add(self, a, fixnum(1));
}

static O unchecked_dec(O self, O a) {
  return unchecked_subtract(self, a, fixnum(1));
}

static O unchecked_negate(O self, O a) {
  return unchecked_subtract(self, fixnum(0), a);
}

/* ---- The table ----------------------------------------------------------- */

const struct patch_symbol number_builtins[] = {
    CORE("+", "[]", add0,
         "The sum of the numbers; 0 without any. Throws ArithmeticException "
         "when it leaves the integers of 64 bits; +' does not."),
    CORE("+", "[x]", add1),
    CORE("+", "[x y]", add2),
    CORE("+", "[x y & more]", add_rest),
    CORE("-", "[x]", sub1,
         "The first number less all others; of a single one the negative. "
         "Throws ArithmeticException when it leaves the integers of 64 bits; "
         "-' does not."),
    CORE("-", "[x y]", sub2),
    CORE("-", "[x y & more]", sub_rest),
    CORE(
        "*", "[]", mul0,
        "The product of the numbers; 1 without any. Throws ArithmeticException "
        "when it leaves the integers of 64 bits; *' does not."),
    CORE("*", "[x]", mul1),
    CORE("*", "[x y]", mul2),
    CORE("*", "[x y & more]", mul_rest),
    CORE("/", "[x]", div1,
         "The first number divided by all others, or 1 divided by a single "
         "one. Integers give an integer or a ratio. Throws ArithmeticException "
         "when an integer is divided by 0."),
    CORE("/", "[x y]", div2),
    CORE("/", "[x y & more]", div_rest),
    CORE("max", "[x]", max1, "The greatest of the numbers."),
    CORE("max", "[x y]", max2),
    CORE("max", "[x y & more]", max_rest),
    CORE("min", "[x]", min1, "The least of the numbers."),
    CORE("min", "[x y]", min2),
    CORE("min", "[x y & more]", min_rest),
    CORE("<", "[x]", lt1, "True when each number is less than the next."),
    CORE("<", "[x y]", lt2),
    CORE("<", "[x y & more]", lt_rest),
    CORE("<=", "[x]", lte1, "True when no number is greater than the next."),
    CORE("<=", "[x y]", lte2),
    CORE("<=", "[x y & more]", lte_rest),
    CORE(">", "[x]", gt1, "True when each number is greater than the next."),
    CORE(">", "[x y]", gt2),
    CORE(">", "[x y & more]", gt_rest),
    CORE(">=", "[x]", gte1, "True when no number is less than the next."),
    CORE(">=", "[x y]", gte2),
    CORE(">=", "[x y & more]", gte_rest),
    CORE("==", "[x]", num_equal1,
         "True when all numbers have the same value, whatever kind they are "
         "of: (== 1 1.0)."),
    CORE("==", "[x y]", num_equal2),
    CORE("==", "[x y & more]", num_equal_rest),
    CORE("quot", "[num div]", quot,
         "The quotient, rounded towards zero. Throws ArithmeticException when "
         "div is 0."),
    CORE("rem", "[num div]", rem,
         "The remainder of quot: it has the sign of num. Throws "
         "ArithmeticException when div is 0."),
    CORE("mod", "[num div]", mod,
         "The remainder of a division that is rounded down: it has the sign of "
         "div. Throws ArithmeticException when div is 0."),
    CORE("inc", "[x]", inc,
         "x plus 1. Throws ArithmeticException when it leaves the integers of "
         "64 bits."),
    CORE("dec", "[x]", dec,
         "x less 1. Throws ArithmeticException when it leaves the integers of "
         "64 bits."),
    CORE("abs", "[a]", absolute,
         "The number without its sign. Throws ArithmeticException for the "
         "least integer of 64 bits."),
    CORE("zero?", "[num]", zero_p, "True when the number is 0."),
    CORE("pos?", "[num]", pos_p, "True when the number is greater than 0."),
    CORE("neg?", "[num]", neg_p, "True when the number is less than 0."),
    CORE("even?", "[n]", even_p,
         "True when the integer is even. Throws IllegalArgumentException when "
         "n is no integer."),
    CORE("odd?", "[n]", odd_p,
         "True when the integer is odd. Throws IllegalArgumentException when n "
         "is no integer."),
    CORE("number?", "[x]", number_p, "True when x is a number of any kind."),
    CORE("integer?", "[n]", integer_p,
         "True when n is an integer, of 64 bits or big."),
    CORE("int?", "[x]", int_p, "True when x is an integer of 64 bits."),
    CORE("pos-int?", "[x]", pos_int_p,
         "True when x is an integer of 64 bits that is greater than 0."),
    CORE("neg-int?", "[x]", neg_int_p,
         "True when x is an integer of 64 bits that is less than 0."),
    CORE("nat-int?", "[x]", nat_int_p,
         "True when x is an integer of 64 bits that is 0 or more."),
    CORE("double?", "[x]", double_p, "True when x is a floating-point number."),
    CORE("float?", "[n]", double_p, "True when n is a floating-point number."),
    CORE("ratio?", "[n]", ratio_p, "True when n is a ratio, such as 1/3."),
    CORE("decimal?", "[n]", decimal_p,
         "True when n is a decimal number, such as 1.5M."),
    CORE("rational?", "[n]", rational_p,
         "True when n is an integer, a ratio or a decimal number: an exact "
         "one."),
    CORE("NaN?", "[num]", nan_p, "True when the number is NaN."),
    CORE("infinite?", "[num]", infinite_p,
         "True when the number is ##Inf or ##-Inf."),
    CORE("bit-and", "[x y]", bit_and2,
         "The bits that are set in all integers."),
    CORE("bit-and", "[x y & more]", bit_and_rest),
    CORE("bit-or", "[x y]", bit_or2,
         "The bits that are set in any of the integers."),
    CORE("bit-or", "[x y & more]", bit_or_rest),
    CORE("bit-xor", "[x y]", bit_xor2,
         "The bits that are set in an odd number of the integers."),
    CORE("bit-xor", "[x y & more]", bit_xor_rest),
    CORE("bit-and-not", "[x y]", bit_and_not2,
         "The bits of x that are set in none of the others."),
    CORE("bit-and-not", "[x y & more]", bit_and_not_rest),
    CORE("bit-not", "[x]", bit_not, "The integer with every bit turned over."),
    CORE("bit-test", "[x n]", bit_test,
         "True when bit n of x is set; bit 0 is the lowest."),
    CORE(
        "bit-shift-left", "[x n]", shift_left,
        "x with its bits n places further left. Of n the lowest 6 bits count."),
    CORE("bit-shift-right", "[x n]", shift_right,
         "x with its bits n places further right; the sign stays. Of n the "
         "lowest 6 bits count."),
    CORE("unsigned-bit-shift-right", "[x n]", unsigned_shift_right,
         "x with its bits n places further right, filled up with zeros. Of n "
         "the lowest 6 bits count."),
    CORE("bit-set", "[x n]", bit_set, "x with bit n set."),
    CORE("bit-clear", "[x n]", bit_clear, "x with bit n cleared."),
    CORE("bit-flip", "[x n]", bit_flip, "x with bit n turned over."),
    CORE("long", "[x]", core_long,
         "The number or character as an integer of 64 bits, without its "
         "fraction. Throws IllegalArgumentException when it is out of range."),
    CORE("int", "[x]", core_int,
         "The number or character as an integer, without its fraction. Throws "
         "IllegalArgumentException when it does not fit into 32 bits."),
    CORE("double", "[x]", core_double,
         "The number as a floating-point number of 64 bits."),
    CORE("float", "[x]", core_float,
         "The number as a floating-point number, rounded as one of 32 bits."),
    CORE("num", "[x]", core_num,
         "x, when it is a number; else it throws ClassCastException."),
    CORE("parse-long", "[s]", parse_long,
         "The integer that the string is in decimal, or nil when it is none. "
         "Throws IllegalArgumentException when s is no string."),
    CORE("parse-double", "[s]", parse_double,
         "The floating-point number that the string is, or nil when it is "
         "none. Throws IllegalArgumentException when s is no string."),
    CORE("parse-boolean", "[s]", parse_boolean,
         "true for \"true\", false for \"false\", nil for any other string. "
         "Throws IllegalArgumentException when s is no string."),
    CORE("now*", "[]", now), /* milliseconds */
    CORE("rand", "[]", rand0,
         "A random floating-point number from 0 up to, and without, n (1)."),
    CORE("rand", "[n]", rand1),
    CORE("rand-int", "[n]", rand_int,
         "A random integer from 0 up to, and without, n."),
    CORE("unchecked-add", "[x y]", unchecked_add,
         "The sum of two integers, wrapped to 64 bits."),
    CORE("unchecked-subtract", "[x y]", unchecked_subtract,
         "The difference of two integers, wrapped to 64 bits."),
    CORE("unchecked-multiply", "[x y]", unchecked_multiply,
         "The product of two integers, wrapped to 64 bits."),
    CORE("unchecked-inc", "[x]", unchecked_inc,
         "x plus 1, wrapped to 64 bits."),
    CORE("unchecked-dec", "[x]", unchecked_dec,
         "x less 1, wrapped to 64 bits."),
    CORE("unchecked-negate", "[x]", unchecked_negate,
         "The negative of the integer, wrapped to 64 bits."),
    {0},
};
