/* text.c - numbers as text: literals as the reader has them, and printing.
 *
 * In: a token. Out: a number, or NULL when it is none, so that the reader can
 * say where. Digits that fit 64 bits are computed here; all else becomes a
 * literal for tower.c. Doubles print with the fewest digits that read back, in
 * Java's form.
 */
#include "number/text.h"
#include "base/buffer.h"
#include "number/number.h"
#include "number/tower.h"
#include "value/box.h"
#include "value/error.h"
#include "value/throw.h"
#include "value/word.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Parsing ------------------------------------------------------------- */

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

bool number_magnitude(const char *p, const char *end, int radix, uint64_t *out,
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
  if (!number_magnitude(digits, end - big, radix, &n, &large))
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

/* 4/2 is 2; what fits is computed here, all else is a literal. */
static O ratio_of(const scan *s, const char *slash) {
  uint64_t n, d;
  bool large_n, large_d;
  if (!number_magnitude(s->p, slash, 10, &n, &large_n) ||
      !number_magnitude(slash + 1, s->end, 10, &d, &large_d))
    return NULL;
  if (large_n || large_d)
    return tower_literal(s->text, (size_t)(s->end - s->text));
  if (d == 0)
    number_divide_by_zero();
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

/* ---- Printing ------------------------------------------------------------ */

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

/* As Double.toString: digits and a point from 10^-3 up to 10^7, else with an
 * exponent. */
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
    print_integer(out, box_integer_value(n));
  else if (box_is_double(n))
    print_double(out, box_double_value(n));
  else
    buffer_add(out, ((bignum_object *)n)->text->text,
               ((bignum_object *)n)->text->bytes);
}
