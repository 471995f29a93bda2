/* tower.c - big integers, ratios and big decimals.
 *
 * A BIGNUM is its text, as it prints: "12N", "-1/3", "1.50M". Arithmetic on the
 * digits is the host's (JavaScript's BigInt): host_big takes and gives decimal
 * text. As in Clojure, a big integer stays one, a ratio whose denominator is 1
 * becomes one, and anything exact together with a big decimal is one.
 */
#include "number/tower.h"
#include "base/buffer.h"
#include "host/host.h"
#include "value/box.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef string_object *S;

enum { BIG_ADD, BIG_SUB, BIG_MUL, BIG_QUOT, BIG_REM, BIG_GCD, BIG_COMPARE };

static S text(const char *s, size_t n) { return string_make(s, n); }

static S big(int op, S a, S b) {
  struct js_value v[2] = {{JS_STRING, a->bytes, {.text = a->text}},
                          {JS_STRING, b->bytes, {.text = b->text}}};
  host_big(op, v);
  S result = text(v[0].as.text, v[0].size);
  free((void *)(uintptr_t)v[0].as.text);
  return result;
}

static int sign(S s) {
  return s->text[0] == '-' ? -1 : s->text[0] == '0' && s->bytes == 1 ? 0 : 1;
}
static S one(void) { return text("1", 1); }
static bool is_one(S s) { return s->bytes == 1 && s->text[0] == '1'; }
static S negated(S s) { return big(BIG_SUB, text("0", 1), s); }

static S of_integer(O o) {
  char digits[24];
  int n =
      snprintf(digits, sizeof digits, "%lld", (long long)box_integer_value(o));
  return text(digits, (size_t)n);
}

/* ---- What a number is made of -------------------------------------------- */

/* num/den, or for a decimal num * 10^-scale. */
typedef struct {
  char kind; /* L (a LONG), N, / or M */
  S num, den;
  int scale;
} parts;

char tower_kind(O o) {
  S s = ((bignum_object *)o)->text;
  char last = s->text[s->bytes - 1];
  return last == 'N' || last == 'M' ? last : '/';
}

static O make(const char *s, size_t n) {
  S copy = text(s, n);
  bignum_object *b = gc_alloc(JANK_TYPE_BIGNUM, sizeof *b);
  b->text = copy;
  return &b->header;
}

static S power_of_ten(int n) {
  buffer b = {0};
  buffer_byte(&b, '1');
  for (int i = 0; i < n; i++)
    buffer_byte(&b, '0');
  return string_from_buffer(&b);
}

/* Without a plus and leading zeros; zero has no sign. So equal integers are equal
 * texts. */
static S plain_digits(const char *s, size_t n) {
  bool negative = n && *s == '-';
  if (n && (*s == '-' || *s == '+')) {
    s++;
    n--;
  }
  while (n > 1 && *s == '0') {
    s++;
    n--;
  }
  buffer b = {0};
  if (negative && !(n == 1 && *s == '0'))
    buffer_byte(&b, '-');
  buffer_add(&b, s, n);
  return string_from_buffer(&b);
}

#define MAX_SCALE 100000

/* [-]digits[.digits][e[+-]digits], without the M. */
static parts decimal_parts(const char *s, size_t n) {
  parts p = {.kind = 'M'};
  buffer digits = {0};
  long exponent = 0;
  bool fraction = false;
  for (size_t i = 0; i < n; i++) {
    if (s[i] == 'e' || s[i] == 'E') {
      exponent = strtol(s + i + 1, NULL, 10);
      break;
    }
    if (s[i] == '.') {
      fraction = true;
      continue;
    }
    p.scale += fraction;
    buffer_byte(&digits, s[i]);
  }
  S all = string_from_buffer(&digits);
  p.num = plain_digits(all->text, all->bytes);
  p.den = one();
  if (labs(exponent) > MAX_SCALE)
    error_throw("NumberFormatException", "the exponent %ld is too large",
                exponent);
  p.scale -= (int)exponent;
  return p;
}

static parts parts_of(O o) {
  if (box_is_integer(o))
    return (parts){'L', of_integer(o), one(), 0};
  S s = ((bignum_object *)o)->text;
  char kind = tower_kind(o);
  if (kind == 'M')
    return decimal_parts(s->text, s->bytes - 1);
  if (kind == 'N')
    return (parts){'N', text(s->text, s->bytes - 1), one(), 0};
  const char *slash = memchr(s->text, '/', s->bytes);
  size_t n = (size_t)(slash - s->text);
  return (parts){'/', text(s->text, n), text(slash + 1, s->bytes - n - 1), 0};
}

/* A big integer; `small`: a LONG when it surely fits, which 18 digits do. */
static O integer_of(S digits, bool small) {
  if (small) {
    char *end;
    long long n = strtoll(digits->text, &end, 10);
    if (digits->bytes < 19)
      return jank_box_integer(n);
  }
  buffer b = {0};
  buffer_add(&b, digits->text, digits->bytes);
  buffer_byte(&b, 'N');
  O result = make(b.data, b.size);
  buffer_free(&b);
  return result;
}

static O ratio_of(S num, S den) {
  if (sign(den) == 0)
    error_throw("ArithmeticException", "Divide by zero");
  if (sign(den) < 0) {
    num = negated(num);
    den = negated(den);
  }
  S g = big(BIG_GCD, num, den);
  if (!is_one(g)) {
    num = big(BIG_QUOT, num, g);
    den = big(BIG_QUOT, den, g);
  }
  if (is_one(den))
    return integer_of(num, false);
  buffer b = {0};
  buffer_add(&b, num->text, num->bytes);
  buffer_byte(&b, '/');
  buffer_add(&b, den->text, den->bytes);
  O result = make(b.data, b.size);
  buffer_free(&b);
  return result;
}

/* As java.math.BigDecimal's toString. */
static O decimal_of(S num, int scale) {
  buffer b = {0};
  const char *digits = num->text;
  int n = (int)num->bytes;
  if (*digits == '-') {
    buffer_byte(&b, '-');
    digits++;
    n--;
  }
  int adjusted = n - 1 - scale;
  if (scale < 0 || adjusted < -6) {
    buffer_byte(&b, digits[0]);
    if (n > 1)
      buffer_format(&b, ".%.*s", n - 1, digits + 1);
    if (adjusted)
      buffer_format(&b, "E%+d", adjusted);
  } else if (scale == 0) {
    buffer_add(&b, digits, (size_t)n);
  } else if (n > scale) {
    buffer_format(&b, "%.*s.%s", n - scale, digits, digits + n - scale);
  } else {
    buffer_text(&b, "0.");
    for (int i = n; i < scale; i++)
      buffer_byte(&b, '0');
    buffer_add(&b, digits, (size_t)n);
  }
  buffer_byte(&b, 'M');
  O result = make(b.data, b.size);
  buffer_free(&b);
  return result;
}

O tower_ratio(int64_t n, int64_t d) {
  O a = jank_box_integer(n), b = jank_box_integer(d);
  return ratio_of(of_integer(a), of_integer(b));
}

/* ---- Decimals ------------------------------------------------------------ */

/* The digits for a larger scale: 1.5 (15, scale 1) has 1500 at scale 3. */
static S scaled(parts p, int scale) {
  return p.scale >= scale ? p.num
                          : big(BIG_MUL, p.num, power_of_ten(scale - p.scale));
}

static parts as_decimal(parts p);

/* The exact quotient; throws when it has no end. */
static parts decimal_divide(parts a, parts b) {
  if (sign(b.num) == 0)
    error_throw("ArithmeticException", "Divide by zero");
  int wanted = a.scale - b.scale;
  int scale = a.scale > b.scale ? a.scale : b.scale;
  S num = scaled(a, scale), den = scaled(b, scale);
  S g = big(BIG_GCD, num, den);
  if (sign(g) != 0) {
    num = big(BIG_QUOT, num, g);
    den = big(BIG_QUOT, den, g);
  }
  if (sign(den) < 0) {
    num = negated(num);
    den = negated(den);
  }
  int digits = 0;
  S ten = text("10", 2);
  while (!is_one(den)) { /* one more decimal place takes a 2 or a 5 away */
    g = big(BIG_GCD, den, ten);
    if (is_one(g))
      error_throw("ArithmeticException",
                  "Non-terminating decimal expansion; no exact representable "
                  "decimal result.");
    den = big(BIG_QUOT, den, g);
    num = big(BIG_MUL, num, big(BIG_QUOT, ten, g));
    digits++;
  }
  if (digits < wanted) {
    num = big(BIG_MUL, num, power_of_ten(wanted - digits));
    digits = wanted;
  }
  return (parts){'M', num, one(), digits};
}

static parts as_decimal(parts p) {
  if (p.kind != '/')
    return (parts){'M', p.num, one(), p.scale};
  return decimal_divide((parts){'M', p.num, one(), 0},
                        (parts){'M', p.den, one(), 0});
}

static O decimal_arithmetic(char op, parts a, parts b) {
  int scale = a.scale > b.scale ? a.scale : b.scale;
  S x = scaled(a, scale), y = scaled(b, scale);
  switch (op) {
  case '+':
    return decimal_of(big(BIG_ADD, x, y), scale);
  case '-':
    return decimal_of(big(BIG_SUB, x, y), scale);
  case '*':
    return decimal_of(big(BIG_MUL, a.num, b.num), a.scale + b.scale);
  case '/': {
    parts q = decimal_divide(a, b);
    return decimal_of(q.num, q.scale);
  }
  }
  if (sign(y) == 0)
    error_throw("ArithmeticException", "Divide by zero");
  if (op == 'q') {
    int places = a.scale > b.scale ? a.scale - b.scale : 0;
    S q = big(BIG_QUOT, x, y);
    return decimal_of(big(BIG_MUL, q, power_of_ten(places)), places);
  }
  return decimal_of(big(BIG_REM, x, y), scale);
}

/* ---- Arithmetic ---------------------------------------------------------- */

static O ratio_arithmetic(char op, parts a, parts b) {
  S left = big(BIG_MUL, a.num, b.den), right = big(BIG_MUL, b.num, a.den);
  switch (op) {
  case '+':
    return ratio_of(big(BIG_ADD, left, right), big(BIG_MUL, a.den, b.den));
  case '-':
    return ratio_of(big(BIG_SUB, left, right), big(BIG_MUL, a.den, b.den));
  case '*':
    return ratio_of(big(BIG_MUL, a.num, b.num), big(BIG_MUL, a.den, b.den));
  case '/':
    return ratio_of(left, right);
  }
  if (sign(right) == 0)
    error_throw("ArithmeticException", "Divide by zero");
  if (op == 'q')
    return integer_of(big(BIG_QUOT, left, right), false);
  return ratio_of(big(BIG_REM, left, right), big(BIG_MUL, a.den, b.den));
}

static O integer_arithmetic(char op, parts a, parts b) {
  if (strchr("/qr", op) && sign(b.num) == 0)
    error_throw("ArithmeticException", "Divide by zero");
  if (op == '/')
    return ratio_of(a.num, b.num);
  int code = op == '+'   ? BIG_ADD
             : op == '-' ? BIG_SUB
             : op == '*' ? BIG_MUL
             : op == 'q' ? BIG_QUOT
                         : BIG_REM;
  return integer_of(big(code, a.num, b.num), false);
}

O tower_arithmetic(char op, O a, O b) {
  parts x = parts_of(a), y = parts_of(b);
  if (x.kind == 'M' || y.kind == 'M')
    return decimal_arithmetic(op, as_decimal(x), as_decimal(y));
  if (x.kind == '/' || y.kind == '/')
    return ratio_arithmetic(op, x, y);
  return integer_arithmetic(op, x, y);
}

/* By cross multiplication, since quotients may have no end: a/b < c/d when ad < cb, for
 * denominators are positive. */
int tower_compare(O a, O b) {
  parts x = parts_of(a), y = parts_of(b);
  S left, right;
  if (x.kind == 'M' || y.kind == 'M') {
    /* a ratio may have no end as a decimal */
    left = x.num;
    right = y.num;
    int scale = x.scale > y.scale ? x.scale : y.scale;
    left = big(BIG_MUL, scaled(x, scale), y.den);
    right = big(BIG_MUL, scaled(y, scale), x.den);
  } else {
    left = big(BIG_MUL, x.num, y.den);
    right = big(BIG_MUL, y.num, x.den);
  }
  return sign(big(BIG_COMPARE, left, right));
}

double tower_double(O o) {
  parts p = parts_of(o);
  if (p.kind == 'M') {
    S s = ((bignum_object *)o)->text;
    return strtod(s->text, NULL); /* stops at the M */
  }
  double n = strtod(p.num->text, NULL);
  return p.kind == '/' ? n / strtod(p.den->text, NULL) : n;
}

bool tower_is_odd(O o) {
  S s = ((bignum_object *)o)->text;
  return (s->text[s->bytes - 2] - '0') & 1;
}

static S whole(O o) {
  parts p = parts_of(o);
  if (p.kind == '/')
    return big(BIG_QUOT, p.num, p.den);
  if (p.scale > 0)
    return big(BIG_QUOT, p.num, power_of_ten(p.scale));
  return scaled(p, 0);
}

bool tower_long(O o, int64_t *n) {
  S s = whole(o);
  if (s->bytes > 20)
    return false;
  O least = jank_box_integer(INT64_MIN), most = jank_box_integer(INT64_MAX);
  if (sign(big(BIG_COMPARE, s, of_integer(least))) < 0 ||
      sign(big(BIG_COMPARE, s, of_integer(most))) > 0)
    return false;
  *n = strtoll(s->text, NULL, 10);
  return true;
}

/* One category (integers, ratios, decimals), one value. */
bool tower_equal(O a, O b) {
  parts x = parts_of(a), y = parts_of(b);
  bool integers = strchr("LN", x.kind) && strchr("LN", y.kind);
  return (integers || x.kind == y.kind) && tower_compare(a, b) == 0;
}

/* What is equal has one hash: an integer that a LONG can be has the LONG's. */
uint32_t tower_hash(O o) {
  int64_t n;
  if (tower_kind(o) == 'N' && tower_long(o, &n))
    return value_hash(jank_box_integer(n));
  if (tower_kind(o) == 'M') { /* 1.0M and 1.00M are equal */
    O d = jank_box_double(tower_double(o));
    return value_hash(d);
  }
  parts p = parts_of(o); /* as java.math.BigInteger, of small ones */
  if (p.num->bytes < 10 && p.den->bytes < 10)
    return (uint32_t)(strtol(p.num->text, NULL, 10) ^
                      strtol(p.den->text, NULL, 10));
  return value_hash(&((bignum_object *)o)->text->header);
}

O tower_literal(const char *s, size_t n) {
  char last = s[n - 1];
  if (last == 'M') {
    parts p = decimal_parts(s, n - 1);
    return decimal_of(p.num, p.scale);
  }
  const char *slash = memchr(s, '/', n);
  if (slash)
    return ratio_of(plain_digits(s, (size_t)(slash - s)),
                    plain_digits(slash + 1, n - 1 - (size_t)(slash - s)));
  return integer_of(plain_digits(s, n - 1), false);
}

/* ---- Conversions --------------------------------------------------------- */

O tower_integer(O x) {
  return integer_of(box_is_integer(x) ? of_integer(x) : whole(x), false);
}

O tower_decimal(O x) {
  parts p = as_decimal(parts_of(x));
  return decimal_of(p.num, p.scale);
}

O tower_rational(O x) {
  parts p = parts_of(x);
  if (p.kind != 'M')
    return x;
  return p.scale > 0 ? ratio_of(p.num, power_of_ten(p.scale))
                     : integer_of(scaled(p, 0), false);
}

O tower_ratio_part(O ratio, bool upper) {
  parts p = parts_of(ratio);
  return integer_of(upper ? p.num : p.den, true);
}

void tower_trace(O o) { gc_mark((O)((bignum_object *)o)->text); }
