/* number.c - numbers: integers of 64 bits, doubles, and the way to the others.
 *
 * An integer is a word when it fits 31 bits, else a LONG. Arithmetic on
 * integers is checked and throws; with a double on either side it is double
 * arithmetic; anything else exact is tower.c's.
 */
#include "number/number.h"
#include "base/buffer.h"
#include "collection/seq.h"
#include "host/host.h"
#include "number/tower.h"
#include "runtime/print.h"
#include "value/box.h"
#include "value/gc.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Boxes ------------------------------------------------------------------------ */

O jank_box_integer(int64_t n) {
  if (n >= JANK_FIXNUM_MIN && n <= JANK_FIXNUM_MAX)
    return fixnum(n);
  long_object *l = gc_alloc(JANK_TYPE_LONG, sizeof *l);
  l->value = n;
  return &l->header;
}

O jank_box_double(double d) {
  double_object *o = gc_alloc(JANK_TYPE_DOUBLE, sizeof *o);
  o->value = d;
  return &o->header;
}

static bool is_double(O o) { return is_type(o, JANK_TYPE_DOUBLE); }
static double double_value(O o) { return ((double_object *)o)->value; }

bool box_is_integer(O o) { return is_fixnum(o) || is_type(o, JANK_TYPE_LONG); }

bool box_is_number(O o) {
  return box_is_integer(o) || is_double(o) || is_type(o, JANK_TYPE_BIGNUM);
}

static int64_t integer_value(O o) {
  return is_fixnum(o) ? fixnum_value(o) : ((long_object *)o)->value;
}

static double to_double(const char *who, O o) {
  if (box_is_integer(o))
    return (double)integer_value(o);
  if (is_type(o, JANK_TYPE_BIGNUM))
    return tower_double(o);
  if (!is_double(o))
    error_type(who, "a number", o);
  return double_value(o);
}

static int64_t to_integer(const char *who, O o) {
  if (box_is_integer(o))
    return integer_value(o);
  int64_t n;
  if (is_type(o, JANK_TYPE_BIGNUM) && tower_kind(o) == 'N' && tower_long(o, &n))
    return n;
  error_type(who, "an integer", o);
}

O jank_nil_value(void) { return JANK_NIL; }
O jank_true_value(void) { return JANK_TRUE; }
O jank_false_value(void) { return JANK_FALSE; }
int jank_truthy(O value) { return truthy(value); }

int64_t jank_unbox_integer(O o) { return to_integer("integer", o); }
O jank_box_integer_halves(uint32_t low, int32_t high) {
  return jank_box_integer((int64_t)((uint64_t)(uint32_t)high << 32 | low));
}
uint32_t jank_unbox_integer_halves(O value, int32_t *high) {
  int64_t n = jank_unbox_integer(value);
  *high = (int32_t)(n >> 32);
  return (uint32_t)n;
}
double jank_unbox_double(O o) { return to_double("double", o); }

/* ---- Arithmetic ----------------------------------------------------------------------- */

static _Noreturn void overflow(void) {
  error_throw("ArithmeticException", "integer overflow");
}
static _Noreturn void divide_by_zero(void) {
  error_throw("ArithmeticException", "Divide by zero");
}

/* Exact numbers of which one at least is beyond LONG. */
static bool is_tower(O a, O b) {
  return (is_type(a, JANK_TYPE_BIGNUM) &&
          (box_is_integer(b) || is_type(b, JANK_TYPE_BIGNUM))) ||
         (is_type(b, JANK_TYPE_BIGNUM) && box_is_integer(a));
}

#define ARITHMETIC(function, symbol, builtin, operator)                        \
  O function(O a, O b) {                                                       \
    if (box_is_integer(a) && box_is_integer(b)) {                              \
      int64_t result;                                                          \
      if (builtin(integer_value(a), integer_value(b), &result))                \
        overflow();                                                            \
      return jank_box_integer(result);                                         \
    }                                                                          \
    if (is_tower(a, b))                                                        \
      return tower_arithmetic(symbol[0], a, b);                                \
    double x = to_double(symbol, a);                                           \
    return jank_box_double(x operator to_double(symbol, b));                   \
  }
ARITHMETIC(jank_add, "+", __builtin_add_overflow, +)
ARITHMETIC(jank_sub, "-", __builtin_sub_overflow, -)
ARITHMETIC(jank_mul, "*", __builtin_mul_overflow, *)

#define COMPARISON(function, symbol, operator)                                 \
  int function(O a, O b) {                                                     \
    if (box_is_integer(a) && box_is_integer(b))                                \
      return integer_value(a) operator integer_value(b);                       \
    if (is_tower(a, b)) {                                                      \
      int order = tower_compare(a, b), same = 0;                               \
      return order operator same;                                              \
    }                                                                          \
    double x = to_double(symbol, a);                                           \
    return x operator to_double(symbol, b);                                    \
  }
COMPARISON(jank_lt, "<", <)
COMPARISON(jank_lte, "<=", <=)
COMPARISON(jank_gt, ">", >)
COMPARISON(jank_gte, ">=", >=)
COMPARISON(jank_num_equal, "==", ==)

int number_compare(O a, O b) {
  return jank_lt(a, b) ? -1 : jank_gt(a, b) ? 1 : 0;
}

static O divide(O a, O b) {
  if (is_tower(a, b))
    return tower_arithmetic('/', a, b);
  if (!box_is_integer(a) || !box_is_integer(b)) {
    double x = to_double("/", a);
    return jank_box_double(x / to_double("/", b));
  }
  int64_t x = integer_value(a), y = integer_value(b);
  if (y == 0)
    divide_by_zero();
  if (y == -1)
    return jank_sub(fixnum(0), a);
  if (x % y)
    return tower_ratio(x, y);
  return jank_box_integer(x / y);
}

static double truncated(double x, double y) {
  if (y == 0)
    divide_by_zero();
  double q = trunc(x / y);
  return q == 0 ? 0 : q; /* never -0.0 */
}
static O quot(O self, O a, O b) {
  if (is_tower(a, b))
    return tower_arithmetic('q', a, b);
  if (!box_is_integer(a) || !box_is_integer(b)) {
    double x = to_double("quot", a);
    return jank_box_double(truncated(x, to_double("quot", b)));
  }
  int64_t x = integer_value(a), y = integer_value(b);
  if (y == 0)
    divide_by_zero();
  return y == -1 ? jank_sub(fixnum(0), a) : jank_box_integer(x / y);
}
static O rem(O self, O a, O b) {
  if (is_tower(a, b))
    return tower_arithmetic('r', a, b);
  if (!box_is_integer(a) || !box_is_integer(b)) {
    double x = to_double("rem", a), y = to_double("rem", b);
    return jank_box_double(x - truncated(x, y) * y);
  }
  int64_t y = integer_value(b);
  if (y == 0)
    divide_by_zero();
  return y == -1 ? fixnum(0) : jank_box_integer(integer_value(a) % y);
}
static O mod(O self, O a, O b) {
  O r = rem(self, a, b);
  double left = to_double("mod", r), by = to_double("mod", b);
  return left != 0 && (left < 0) != (by < 0) ? jank_add(r, b) : r;
}

/* ---- Parsing ------------------------------------------------------------------------------ */

typedef struct {
  const char *text, *p, *end;
  bool negative;
} scan;

static int digit(char c, int radix) {
  int d = c >= '0' && c <= '9'   ? c - '0'
          : c >= 'a' && c <= 'z' ? c - 'a' + 10
          : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                 : 99;
  return d < radix ? d : -1;
}

/* All of the text as digits; false: something else, or too large. */
static bool magnitude(const char *p, const char *end, int radix, uint64_t *out,
                      bool *large) {
  *out = 0;
  *large = false;
  if (p == end)
    return false;
  for (; p < end; p++) {
    int d = digit(*p, radix);
    if (d < 0)
      return false;
    if (__builtin_mul_overflow(*out, (uint64_t)radix, out) ||
        __builtin_add_overflow(*out, (uint64_t)d, out))
      *large = true;
  }
  return true;
}

static O integer_of(const scan *s, int radix, const char *digits) {
  const char *end = s->end;
  bool big = end[-1] == 'N' && radix != 36 && end - digits > 1, large;
  uint64_t n;
  if (!magnitude(digits, end - big, radix, &n, &large))
    return NULL;
  uint64_t limit = (uint64_t)INT64_MAX + s->negative;
  if (!big && !large && n <= limit)
    return jank_box_integer(s->negative ? (int64_t)(0 - n) : (int64_t)n);
  if (large && radix != 10)
    error_throw("NumberFormatException", "Invalid number: %.*s is too large",
                (int)(end - s->text), s->text);
  buffer b = {0};
  if (s->negative)
    buffer_byte(&b, '-');
  if (large)
    buffer_add(&b, digits, (size_t)(end - big - digits));
  else
    buffer_format(&b, "%llu", (unsigned long long)n);
  buffer_byte(&b, 'N');
  O result = tower_literal(b.data, b.size);
  buffer_free(&b);
  return result;
}

static O ratio_of(const scan *s, const char *slash) {
  uint64_t n, d;
  bool large_n, large_d;
  if (!magnitude(s->p, slash, 10, &n, &large_n) ||
      !magnitude(slash + 1, s->end, 10, &d, &large_d))
    return NULL;
  if (large_n || large_d)
    return tower_literal(s->text, (size_t)(s->end - s->text));
  if (d == 0)
    divide_by_zero();
  if (n % d == 0 && n / d <= INT64_MAX)
    return jank_box_integer(s->negative ? -(int64_t)(n / d) : (int64_t)(n / d));
  return tower_literal(s->text, (size_t)(s->end - s->text));
}

static const char *digits_end(const char *p, const char *end) {
  while (p < end && *p >= '0' && *p <= '9')
    p++;
  return p;
}

static O decimal_of(const scan *s) {
  const char *p = digits_end(s->p, s->end);
  if (p == s->p)
    return NULL;
  if (p < s->end && *p == '.')
    p = digits_end(p + 1, s->end);
  if (p < s->end && (*p == 'e' || *p == 'E')) {
    const char *exponent = p + 1;
    if (exponent < s->end && (*exponent == '+' || *exponent == '-'))
      exponent++;
    p = digits_end(exponent, s->end);
    if (p == exponent)
      return NULL;
  }
  if (p + 1 == s->end && *p == 'M')
    return tower_literal(s->text + (s->text[0] == '+'),
                         (size_t)(s->end - s->text) - (s->text[0] == '+'));
  if (p != s->end)
    return NULL;
  char small[64], *copy = small;
  size_t n = (size_t)(s->end - s->text);
  if (n >= sizeof small)
    copy = malloc(n + 1);
  if (!copy)
    throw_out_of_memory();
  memcpy(copy, s->text, n);
  copy[n] = 0;
  double d = strtod(copy, NULL);
  if (copy != small)
    free(copy);
  return jank_box_double(d);
}

O number_parse(const char *text, size_t n) {
  scan s = {text, text, text + n, false};
  if (s.p < s.end && (*s.p == '+' || *s.p == '-'))
    s.negative = *s.p++ == '-';
  size_t left = (size_t)(s.end - s.p);
  if (!left || *s.p < '0' || *s.p > '9')
    return NULL;
  const char *slash = memchr(s.p, '/', left);
  if (slash)
    return ratio_of(&s, slash);
  if (left > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X'))
    return integer_of(&s, 16, s.p + 2);
  for (size_t i = 1; i <= 2 && i + 1 < left; i++)
    if (s.p[i] == 'r' || s.p[i] == 'R') {
      int radix = i == 1 ? s.p[0] - '0' : (s.p[0] - '0') * 10 + s.p[1] - '0';
      return radix < 2 || radix > 36 ? NULL
                                     : integer_of(&s, radix, s.p + i + 1);
    }
  bool whole = digits_end(s.p, s.end) >= s.end - (s.end[-1] == 'N');
  if (!whole)
    return decimal_of(&s);
  if (s.p[0] == '0' && left > 1 && s.p[1] != 'N')
    return integer_of(&s, 8, s.p + 1);
  return integer_of(&s, 10, s.p);
}

/* ---- Printing -------------------------------------------------------------------------------- */

/* The fewest digits that read back as the same double; two at least, as Java
 * has it, which shows in the smallest numbers only. */
static int shortest(double d, char *digits, int *exponent) {
  char text[40];
  for (int precision = 1; precision < 17; precision++) {
    snprintf(text, sizeof text, "%.*e", precision, d);
    if (strtod(text, NULL) == d)
      break;
  }
  int n = 0;
  char *e = strchr(text, 'e');
  for (char *p = text; p < e; p++)
    if (*p != '.')
      digits[n++] = *p;
  *exponent = atoi(e + 1);
  while (n > 1 && digits[n - 1] == '0')
    n--;
  return n;
}

static void print_plain(buffer *out, const char *digits, int n, int exponent) {
  if (exponent < 0) {
    buffer_text(out, "0.");
    for (int i = exponent + 1; i < 0; i++)
      buffer_byte(out, '0');
    buffer_add(out, digits, (size_t)n);
    return;
  }
  for (int i = 0; i < n || i <= exponent + 1; i++) {
    if (i == exponent + 1)
      buffer_byte(out, '.');
    buffer_byte(out, i < n ? digits[i] : '0');
  }
}

static void print_double(buffer *out, double d) {
  if (isnan(d)) {
    buffer_text(out, "##NaN");
    return;
  }
  if (isinf(d)) {
    buffer_text(out, d < 0 ? "##-Inf" : "##Inf");
    return;
  }
  if (signbit(d))
    buffer_byte(out, '-');
  d = fabs(d);
  if (d == 0) {
    buffer_text(out, "0.0");
    return;
  }
  char digits[24];
  int exponent, n = shortest(d, digits, &exponent);
  if (exponent >= -3 && exponent < 7) {
    print_plain(out, digits, n, exponent);
    return;
  }
  buffer_byte(out, digits[0]);
  buffer_byte(out, '.');
  if (n > 1)
    buffer_add(out, digits + 1, (size_t)n - 1);
  else
    buffer_byte(out, '0');
  buffer_format(out, "E%d", exponent);
}

static void print_integer(buffer *out, int64_t n) {
  char digits[20];
  int at = sizeof digits;
  uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
  do
    digits[--at] = (char)('0' + left % 10);
  while ((left /= 10) != 0);
  if (n < 0)
    buffer_byte(out, '-');
  buffer_add(out, digits + at, sizeof digits - (size_t)at);
}

void number_print(buffer *out, O n) {
  if (box_is_integer(n))
    print_integer(out, integer_value(n));
  else if (is_double(n))
    print_double(out, double_value(n));
  else
    buffer_add(out, ((text_object *)n)->text->text,
               ((text_object *)n)->text->bytes);
}

/* ---- Builtins: folds over arguments -------------------------------------------------------------- */

static O checked(const char *who, O x) {
  to_double(who, x);
  return x;
}

static O add0(O self) { return fixnum(0); }
static O add1(O self, O a) { return checked("+", a); }
static O add2(O self, O a, O b) { return jank_add(a, b); }
static O sub1(O self, O a) {
  return is_double(a) ? jank_box_double(-double_value(a))
                      : jank_sub(fixnum(0), a);
}
static O sub2(O self, O a, O b) { return jank_sub(a, b); }
static O mul0(O self) { return fixnum(1); }
static O mul1(O self, O a) { return checked("*", a); }
static O mul2(O self, O a, O b) { return jank_mul(a, b); }
static O div1(O self, O a) { return divide(fixnum(1), a); }
static O div2(O self, O a, O b) { return divide(a, b); }
static O max2(O self, O a, O b) {
  if (isnan(to_double("max", a)))
    return a;
  return isnan(to_double("max", b)) || jank_gt(b, a) ? b : a;
}
static O min2(O self, O a, O b) {
  if (isnan(to_double("min", a)))
    return a;
  return isnan(to_double("min", b)) || jank_lt(b, a) ? b : a;
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
  if (is_double(a))
    return jank_box_double(fabs(double_value(a)));
  return jank_lt(a, fixnum(0)) ? jank_sub(fixnum(0), a) : a;
}

/* ---- Builtins: predicates --------------------------------------------------------------------------- */

static O zero_p(O self, O a) { return boolean(to_double("zero?", a) == 0); }
static O pos_p(O self, O a) { return boolean(to_double("pos?", a) > 0); }
static O neg_p(O self, O a) { return boolean(to_double("neg?", a) < 0); }
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
  return integer_value(a) & 1;
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
static O double_p(O self, O a) { return boolean(is_double(a)); }
static O ratio_p(O self, O a) { return boolean(bignum_ends(a, '/')); }
static O decimal_p(O self, O a) { return boolean(bignum_ends(a, 'M')); }
static O rational_p(O self, O a) {
  return boolean(box_is_number(a) && !is_double(a));
}
static O pos_int_p(O self, O a) {
  return boolean(box_is_integer(a) && integer_value(a) > 0);
}
static O neg_int_p(O self, O a) {
  return boolean(box_is_integer(a) && integer_value(a) < 0);
}
static O nat_int_p(O self, O a) {
  return boolean(box_is_integer(a) && integer_value(a) >= 0);
}
static O nan_p(O self, O a) { return boolean(isnan(to_double("NaN?", a))); }
static O infinite_p(O self, O a) {
  return boolean(isinf(to_double("infinite?", a)) != 0);
}

/* ---- Builtins: bits ------------------------------------------------------------------------------------- */

#define BITS2(name, who, expression)                                           \
  static O name(O self, O a, O b) {                                            \
    int64_t x = to_integer(who, a), y = to_integer(who, b);                    \
    return jank_box_integer(expression);                                       \
  }
BITS2(bit_and2, "bit-and", x &y)
BITS2(bit_or2, "bit-or", x | y)
BITS2(bit_xor2, "bit-xor", x ^ y)
BITS2(bit_and_not2, "bit-and-not", x & ~y)
BITS2(shift_left, "bit-shift-left", (int64_t)((uint64_t)x << (y & 63)))
BITS2(shift_right, "bit-shift-right", x >> (y & 63))
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
  return jank_box_integer(~to_integer("bit-not", a));
}
static O bit_test(O self, O a, O n) {
  return boolean(
      (to_integer("bit-test", a) >> (to_integer("bit-test", n) & 63)) & 1);
}

/* ---- Builtins: conversions -------------------------------------------------------------------------------- */

static O to_long(const char *who, O a) {
  if (is_char(a))
    return fixnum(char_value(a));
  if (box_is_integer(a))
    return a;
  int64_t n;
  if (is_type(a, JANK_TYPE_BIGNUM) && tower_long(a, &n))
    return jank_box_integer(n);
  double d = trunc(to_double(who, a));
  if (isnan(d))
    return fixnum(0);
  if (d >= 9223372036854775808.0 || d < -9223372036854775808.0)
    error_throw("IllegalArgumentException", "Value out of range for %s: %g",
                who, d);
  return jank_box_integer((int64_t)d);
}
static O core_long(O self, O a) { return to_long("long", a); }
static O core_int(O self, O a) {
  O n = to_long("int", a);
  if (integer_value(n) != (int32_t)integer_value(n))
    error_throw("IllegalArgumentException", "Value out of range for int: %lld",
                (long long)integer_value(n));
  return n;
}
static O core_double(O self, O a) {
  return jank_box_double(to_double("double", a));
}
static O core_float(O self, O a) {
  return jank_box_double((double)(float)to_double("float", a));
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
  return jank_box_double(random_double() * to_double("rand", n));
}
static O rand_int(O self, O n) {
  return jank_box_integer(
      (int64_t)(random_double() * to_double("rand-int", n)));
}

#define UNCHECKED(name, who, operator)                                         \
  static O name(O self, O a, O b) {                                            \
    if (is_double(a) || is_double(b))                                          \
      return jank_box_double(to_double(who, a) operator to_double(who, b));    \
    return jank_box_integer((int64_t)((uint64_t)to_integer(who, a) operator(   \
        uint64_t) to_integer(who, b)));                                        \
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

O jank_long(O x) { return to_long("long", x); }
O jank_double(O x) { return jank_box_double(to_double("double", x)); }
int64_t jank_raw_long(O x) { return integer_value(to_long("long", x)); }
double jank_raw_double(O x) { return to_double("double", x); }
O jank_divide(O a, O b) { return divide(a, b); }
O jank_quot(O a, O b) { return quot(JANK_NIL, a, b); }
O jank_rem(O a, O b) { return rem(JANK_NIL, a, b); }
O jank_bit_and(O a, O b) { return bit_and2(JANK_NIL, a, b); }
O jank_bit_or(O a, O b) { return bit_or2(JANK_NIL, a, b); }
O jank_bit_xor(O a, O b) { return bit_xor2(JANK_NIL, a, b); }
O jank_shift_left(O x, O n) { return shift_left(JANK_NIL, x, n); }
O jank_shift_right(O x, O n) { return shift_right(JANK_NIL, x, n); }
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
    divide_by_zero();
  if (b == -1) {
    if (!remainder && a == INT64_MIN)
      overflow();
    return remainder ? 0 : -a;
  }
  return remainder ? a % b : a / b;
}

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
