/* number.c - numbers: integers of 64 bits, doubles, and the way to the others.
 *
 * An integer is a word when it fits 31 bits, else a LONG. Arithmetic on
 * integers is checked and throws; with a double on either side it is double
 * arithmetic; anything else exact is tower.c's. What clojure.core makes of it
 * is builtins/number.c.
 */
#include "number/number.h"
#include "number/tower.h"
#include "value/box.h"
#include "value/error.h"
#include "value/word.h"
#include <math.h>

/* ---- Numbers as C's ------------------------------------------------------ */

double number_to_double(const char *who, O o) {
  if (box_is_integer(o))
    return (double)box_integer_value(o);
  if (is_type(o, JANK_TYPE_BIGNUM))
    return tower_double(o);
  if (!box_is_double(o))
    error_type(who, "a number", o);
  return box_double_value(o);
}

int64_t number_to_integer(const char *who, O o) {
  if (box_is_integer(o))
    return box_integer_value(o);
  int64_t n;
  if (is_type(o, JANK_TYPE_BIGNUM) && tower_kind(o) == 'N' && tower_long(o, &n))
    return n;
  error_type(who, "an integer", o);
}

int64_t jank_unbox_integer(O o) { return number_to_integer("integer", o); }

uint32_t jank_unbox_integer_halves(O value, int32_t *high) {
  int64_t n = jank_unbox_integer(value);
  *high = (int32_t)(n >> 32);
  return (uint32_t)n;
}

double jank_unbox_double(O o) { return number_to_double("double", o); }

/* ---- Arithmetic ---------------------------------------------------------- */

static _Noreturn void overflow(void) {
  error_throw("ArithmeticException", "integer overflow");
}

_Noreturn void number_divide_by_zero(void) {
  error_throw("ArithmeticException", "Divide by zero");
}

#define ARITHMETIC(function, symbol, builtin, operator)                        \
  O function(O a, O b) {                                                       \
    if (box_is_integer(a) && box_is_integer(b)) {                              \
      int64_t result;                                                          \
      if (builtin(box_integer_value(a), box_integer_value(b), &result))        \
        overflow();                                                            \
      return jank_box_integer(result);                                         \
    }                                                                          \
    if (box_is_tower(a, b))                                                    \
      return tower_arithmetic(symbol[0], a, b);                                \
    double x = number_to_double(symbol, a);                                    \
    return jank_box_double(x operator number_to_double(symbol, b));            \
  }
ARITHMETIC(jank_add, "+", __builtin_add_overflow, +)
ARITHMETIC(jank_sub, "-", __builtin_sub_overflow, -)
ARITHMETIC(jank_mul, "*", __builtin_mul_overflow, *)

#define COMPARISON(function, symbol, operator)                                 \
  int function(O a, O b) {                                                     \
    if (box_is_integer(a) && box_is_integer(b))                                \
      return box_integer_value(a) operator box_integer_value(b);               \
    if (box_is_tower(a, b)) {                                                  \
      int order = tower_compare(a, b), same = 0;                               \
      return order operator same;                                              \
    }                                                                          \
    double x = number_to_double(symbol, a);                                    \
    return x operator number_to_double(symbol, b);                             \
  }
COMPARISON(jank_lt, "<", <)
COMPARISON(jank_lte, "<=", <=)
COMPARISON(jank_gt, ">", >)
COMPARISON(jank_gte, ">=", >=)
COMPARISON(jank_num_equal, "==", ==)

int number_compare(O a, O b) {
  return jank_lt(a, b) ? -1 : jank_gt(a, b) ? 1 : 0;
}

/* y == -1 first: INT64_MIN / -1 has no 64 bits, and traps. jank_sub throws for it. */
O number_divide(O a, O b) {
  if (box_is_tower(a, b))
    return tower_arithmetic('/', a, b);
  if (!box_is_integer(a) || !box_is_integer(b)) {
    double x = number_to_double("/", a);
    return jank_box_double(x / number_to_double("/", b));
  }
  int64_t x = box_integer_value(a), y = box_integer_value(b);
  if (y == 0)
    number_divide_by_zero();
  if (y == -1)
    return jank_sub(fixnum(0), a);
  if (x % y)
    return tower_ratio(x, y);
  return jank_box_integer(x / y);
}

static double truncated(double x, double y) {
  if (y == 0)
    number_divide_by_zero();
  double q = trunc(x / y);
  return q == 0 ? 0 : q; /* never -0.0 */
}

O jank_quot(O a, O b) {
  if (box_is_tower(a, b))
    return tower_arithmetic('q', a, b);
  if (!box_is_integer(a) || !box_is_integer(b)) {
    double x = number_to_double("quot", a);
    return jank_box_double(truncated(x, number_to_double("quot", b)));
  }
  int64_t x = box_integer_value(a), y = box_integer_value(b);
  if (y == 0)
    number_divide_by_zero();
  return y == -1 ? jank_sub(fixnum(0), a) : jank_box_integer(x / y);
}

O jank_rem(O a, O b) {
  if (box_is_tower(a, b))
    return tower_arithmetic('r', a, b);
  if (!box_is_integer(a) || !box_is_integer(b)) {
    double x = number_to_double("rem", a), y = number_to_double("rem", b);
    return jank_box_double(x - truncated(x, y) * y);
  }
  int64_t y = box_integer_value(b);
  if (y == 0)
    number_divide_by_zero();
  return y == -1 ? fixnum(0) : jank_box_integer(box_integer_value(a) % y);
}

/* ---- Conversions --------------------------------------------------------- */

O number_to_long(const char *who, O a) {
  if (is_char(a))
    return fixnum(char_value(a));
  if (box_is_integer(a))
    return a;
  int64_t n;
  if (is_type(a, JANK_TYPE_BIGNUM) && tower_long(a, &n))
    return jank_box_integer(n);
  double d = trunc(number_to_double(who, a));
  if (isnan(d))
    return fixnum(0);
  if (d >= 9223372036854775808.0 || d < -9223372036854775808.0)
    error_throw("IllegalArgumentException", "Value out of range for %s: %g",
                who, d);
  return jank_box_integer((int64_t)d);
}

/* ---- For compiled code: ops as functions, and unboxed -------------------- */

O jank_long(O x) { return number_to_long("long", x); }

O jank_double(O x) { return jank_box_double(number_to_double("double", x)); }

int64_t jank_raw_long(O x) {
  return box_integer_value(number_to_long("long", x));
}

double jank_raw_double(O x) { return number_to_double("double", x); }

O jank_divide(O a, O b) { return number_divide(a, b); }

#define BITS(name, who, expression)                                            \
  O jank_##name(O a, O b) {                                                    \
    int64_t x = number_to_integer(who, a), y = number_to_integer(who, b);      \
    return jank_box_integer(expression);                                       \
  }
BITS(bit_and, "bit-and", x &y)
BITS(bit_or, "bit-or", x | y)
BITS(bit_xor, "bit-xor", x ^ y)
BITS(shift_left, "bit-shift-left", (int64_t)((uint64_t)x << (y & 63)))
BITS(shift_right, "bit-shift-right", x >> (y & 63))

void jank_integer_overflow(void) { overflow(); }

int64_t jank_raw_mul(int64_t a, int64_t b) {
  int64_t result;
  if (__builtin_mul_overflow(a, b, &result))
    overflow();
  return result;
}

int jank_raw_compare(int64_t x, O y, int operation) {
  static int (*const compare2[])(O, O) = {jank_lt, jank_lte, jank_gt, jank_gte,
                                          jank_num_equal};
  return compare2[operation](jank_box_integer(x), y);
}

int64_t jank_raw_quot(int64_t a, int64_t b, int remainder) {
  if (b == 0)
    number_divide_by_zero();
  if (b == -1) {
    if (!remainder && a == INT64_MIN)
      overflow();
    return remainder ? 0 : -a;
  }
  return remainder ? a % b : a / b;
}

int number_order(O a, O b) {
  if (!box_is_number(b))
    error_type("compare", "a number", b);
  return number_compare(a, b);
}

bool number_equal_big(O a, O b) {
  return box_is_number(a) && box_is_number(b) &&
         !is_type(a, JANK_TYPE_DOUBLE) && !is_type(b, JANK_TYPE_DOUBLE) &&
         tower_equal(a, b);
}
