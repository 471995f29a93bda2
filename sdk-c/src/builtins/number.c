/* number.c - TODO */
#include "number/number.h"
#include "base/buffer.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "host/host.h"
#include "number/text.h"
#include "number/tower.h"
#include "runtime/print.h"
#include "value/box.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Arithmetic ----------------------------------------------------------------------- */

static O mod(O self, O a, O b) {
  O r = jank_rem(a, b);
  double left = number_to_double("mod", r), by = number_to_double("mod", b);
  return left != 0 && (left < 0) != (by < 0) ? jank_add(r, b) : r;
}

/* ---- Builtins: folds over arguments -------------------------------------------------------------- */

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

/* ---- Builtins: predicates --------------------------------------------------------------------------- */

static O zero_p(O self, O a) {
  return boolean(number_to_double("zero?", a) == 0);
}

static O pos_p(O self, O a) { return boolean(number_to_double("pos?", a) > 0); }

static O neg_p(O self, O a) { return boolean(number_to_double("neg?", a) < 0); }

static bool is_odd(O a) {
  if (is_type(a, JANK_TYPE_BIGNUM) && tower_kind(a) == 'N')
    return tower_is_odd(a);
  if (!box_is_integer(a)) {
    buffer text = {0};
    print_value(&text, a, true);
    string_object *shown = string_from_buffer(&text);
    error_throw("IllegalArgumentException", "Argument must be an integer: %s",
                shown->text);
  }
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

/* ---- Builtins: bits ------------------------------------------------------------------------------------- */

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

/* ---- Builtins: conversions -------------------------------------------------------------------------------- */

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
  if (!magnitude(s->text + sign, s->text + s->bytes, 10, &n, &large) || large ||
      n > (uint64_t)INT64_MAX + (s->text[0] == '-'))
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

/* ---- For compiled code: ops as functions, and unboxed ------------------------------ */

#define CORE(name, signature, function)                                        \
  { "clojure.core/" name, signature, (void *)function }
const struct patch_symbol number_builtins[] = {
    CORE("+", "0", add0),
    CORE("+", "1", add1),
    CORE("+", "2", add2),
    CORE("+", "2&", add_rest),
    CORE("-", "1", sub1),
    CORE("-", "2", sub2),
    CORE("-", "2&", sub_rest),
    CORE("*", "0", mul0),
    CORE("*", "1", mul1),
    CORE("*", "2", mul2),
    CORE("*", "2&", mul_rest),
    CORE("/", "1", div1),
    CORE("/", "2", div2),
    CORE("/", "2&", div_rest),
    CORE("max", "1", max1),
    CORE("max", "2", max2),
    CORE("max", "2&", max_rest),
    CORE("min", "1", min1),
    CORE("min", "2", min2),
    CORE("min", "2&", min_rest),
    CORE("<", "1", lt1),
    CORE("<", "2", lt2),
    CORE("<", "2&", lt_rest),
    CORE("<=", "1", lte1),
    CORE("<=", "2", lte2),
    CORE("<=", "2&", lte_rest),
    CORE(">", "1", gt1),
    CORE(">", "2", gt2),
    CORE(">", "2&", gt_rest),
    CORE(">=", "1", gte1),
    CORE(">=", "2", gte2),
    CORE(">=", "2&", gte_rest),
    CORE("==", "1", num_equal1),
    CORE("==", "2", num_equal2),
    CORE("==", "2&", num_equal_rest),
    CORE("quot", "2", quot),
    CORE("rem", "2", rem),
    CORE("mod", "2", mod),
    CORE("inc", "1", inc),
    CORE("dec", "1", dec),
    CORE("abs", "1", absolute),
    CORE("zero?", "1", zero_p),
    CORE("pos?", "1", pos_p),
    CORE("neg?", "1", neg_p),
    CORE("even?", "1", even_p),
    CORE("odd?", "1", odd_p),
    CORE("number?", "1", number_p),
    CORE("integer?", "1", integer_p),
    CORE("int?", "1", int_p),
    CORE("pos-int?", "1", pos_int_p),
    CORE("neg-int?", "1", neg_int_p),
    CORE("nat-int?", "1", nat_int_p),
    CORE("double?", "1", double_p),
    CORE("float?", "1", double_p),
    CORE("ratio?", "1", ratio_p),
    CORE("decimal?", "1", decimal_p),
    CORE("rational?", "1", rational_p),
    CORE("NaN?", "1", nan_p),
    CORE("infinite?", "1", infinite_p),
    CORE("bit-and", "2", bit_and2),
    CORE("bit-and", "2&", bit_and_rest),
    CORE("bit-or", "2", bit_or2),
    CORE("bit-or", "2&", bit_or_rest),
    CORE("bit-xor", "2", bit_xor2),
    CORE("bit-xor", "2&", bit_xor_rest),
    CORE("bit-and-not", "2", bit_and_not2),
    CORE("bit-and-not", "2&", bit_and_not_rest),
    CORE("bit-not", "1", bit_not),
    CORE("bit-test", "2", bit_test),
    CORE("bit-shift-left", "2", shift_left),
    CORE("bit-shift-right", "2", shift_right),
    CORE("unsigned-bit-shift-right", "2", unsigned_shift_right),
    CORE("bit-set", "2", bit_set),
    CORE("bit-clear", "2", bit_clear),
    CORE("bit-flip", "2", bit_flip),
    CORE("long", "1", core_long),
    CORE("int", "1", core_int),
    CORE("double", "1", core_double),
    CORE("float", "1", core_float),
    CORE("num", "1", core_num),
    CORE("parse-long", "1", parse_long),
    CORE("parse-double", "1", parse_double),
    CORE("parse-boolean", "1", parse_boolean),
    CORE("now*", "0", now), /* milliseconds */
    CORE("rand", "0", rand0),
    CORE("rand", "1", rand1),
    CORE("rand-int", "1", rand_int),
    CORE("unchecked-add", "2", unchecked_add),
    CORE("unchecked-subtract", "2", unchecked_subtract),
    CORE("unchecked-multiply", "2", unchecked_multiply),
    CORE("unchecked-inc", "1", unchecked_inc),
    CORE("unchecked-dec", "1", unchecked_dec),
    CORE("unchecked-negate", "1", unchecked_negate),
    {0},
};
