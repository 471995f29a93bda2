/* format.c - `format`: java.util.Formatter's
 * %[index$][flags][width][.precision] conversion, for b c d e f g h n o s x %
 * and the upper-case ones.
 *
 * A directive is read into a struct, its text made in `piece` and padded into
 * `out`. Any bad format or argument is an IllegalArgumentException that names
 * the directive. Doubles are rounded half up from their shortest decimal
 * digits, as Java does: (format "%.2f" 1.005) is "1.01".
 */
#include "base/buffer.h"
#include "base/utf8.h"
#include "builtins/builtin.h"
#include "builtins/string.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "number/text.h"
#include "value/box.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  LEFT = 1,
  PLUS = 2,
  SPACE = 4,
  ZERO = 8,
  COMMA = 16,
  PAREN = 32,
  ALTERNATE = 64
};
enum { MAX_WIDTH = 1 << 20, MAX_PRECISION = 4096 };
static const char flag_names[] = "-+ 0,(#";

typedef struct {
  const char *start;                  /* the '%' */
  int length;                         /* of the whole directive */
  int flags, width, precision, index; /* -1: none; index -2: '<' */
  char conversion;                    /* in lower case */
  bool upper;
} directive;

typedef struct {
  string_object *pattern;
  O args, rest, previous;
  buffer out, piece;
} formatting;

static _Noreturn void bad(const directive *d, const char *why) {
  error_throw("IllegalArgumentException", "format: %.*s %s", d->length,
              d->start, why);
}

static _Noreturn void bad_argument(const directive *d, const char *expected,
                                   O got) {
  char who[64];
  snprintf(who, sizeof who, "format: %.*s", d->length, d->start);
  error_throw("IllegalArgumentException", "%s: expected %s, got %s: %s", who,
              expected, error_type_name(got), error_shown(got));
}

/* ---- Directives ---------------------------------------------------------- */

static const char *read_count(const char *p, int *n, int most) {
  int value = 0;
  for (; isdigit((unsigned char)*p); p++)
    value = value > most ? value : value * 10 + (*p - '0');
  *n = value;
  return p;
}

static void read_directive(const char *start, directive *d) {
  const char *p = start + 1, *flag;
  *d = (directive){start, 1, 0, -1, -1, -1, 0, false};
  int n;
  const char *after = read_count(p, &n, MAX_WIDTH);
  if (after > p && *after == '$') {
    d->index = n;
    p = after + 1;
  } else if (*p == '<') {
    d->index = -2;
    p++;
  }
  for (; *p && (flag = strchr(flag_names, *p)); p++)
    d->flags |= 1 << (flag - flag_names);
  if (isdigit((unsigned char)*p))
    p = read_count(p, &d->width, MAX_WIDTH);
  bool point = *p == '.' && isdigit((unsigned char)p[1]);
  if (point)
    p = read_count(p + 1, &d->precision, MAX_PRECISION);
  d->length = (int)(p - start) + (*p != 0);
  if (!*p)
    bad(d, "ends without a conversion");
  if (!strchr("bBcCdeEfgGhHnosSxX%", *p))
    bad(d, "is not a known conversion");
  if (d->width > MAX_WIDTH || d->precision > MAX_PRECISION)
    bad(d, "is too wide");
  if ((d->flags & (LEFT | ZERO)) && d->width < 0)
    bad(d, "has no width");
  if ((d->flags & (LEFT | ZERO)) == (LEFT | ZERO) ||
      (d->flags & (PLUS | SPACE)) == (PLUS | SPACE))
    bad(d, "has flags that exclude each other");
  if (point && strchr("dcoxX%n", *p))
    bad(d, "takes no precision");
  d->upper = isupper((unsigned char)*p) != 0;
  d->conversion = (char)tolower((unsigned char)*p);
}

static O next_argument(formatting *f, const directive *d) {
  if (d->index == -2) {
    if (f->previous == JANK_UNBOUND)
      bad(d, "has no argument in front of it");
    return f->previous;
  }
  O s = f->rest;
  if (d->index > 0) {
    s = f->args;
    for (int i = 1; i < d->index && s != JANK_NIL; i++)
      s = seq_next(s);
  }
  if (s == JANK_NIL || d->index == 0)
    bad(d, "has no argument");
  if (d->index < 0)
    f->rest = seq_next(s);
  return f->previous = seq_first(s);
}

/* ---- Numbers ------------------------------------------------------------- */

/* Sign, padding with zeros, grouping; `digits` has no sign. */
static void add_number(buffer *out, const directive *d, bool negative,
                       const char *prefix, const char *digits) {
  size_t whole = strspn(digits, "0123456789abcdef");
  size_t size = strlen(digits) + strlen(prefix);
  bool group = (d->flags & COMMA) && whole > 3;
  if (group)
    size += (whole - 1) / 3;
  bool paren = negative && (d->flags & PAREN);
  const char *sign = paren              ? "("
                     : negative         ? "-"
                     : d->flags & PLUS  ? "+"
                     : d->flags & SPACE ? " "
                                        : "";
  buffer_text(out, sign);
  buffer_text(out, prefix);
  size += strlen(sign) + paren;
  if (d->flags & ZERO)
    for (; (int)size < d->width; size++)
      buffer_byte(out, '0');
  for (size_t i = 0; i < whole; i++) {
    if (group && i > 0 && (whole - i) % 3 == 0)
      buffer_byte(out, ',');
    buffer_byte(out, digits[i]);
  }
  buffer_text(out, digits + whole);
  if (paren)
    buffer_byte(out, ')');
}

static void add_integer(buffer *out, const directive *d, O x) {
  char digits[32];
  if (!box_is_integer(x))
    bad_argument(d, "an integer", x);
  int64_t n = jank_unbox_integer(x);
  bool alternate = d->flags & ALTERNATE;
  if (d->conversion == 'd') {
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    add_number(out, d, n < 0, "", digits);
  } else if (d->conversion == 'x') {
    snprintf(digits, sizeof digits, "%llx", (unsigned long long)n);
    add_number(out, d, false, alternate ? "0x" : "", digits);
  } else {
    snprintf(digits, sizeof digits, "%llo", (unsigned long long)n);
    add_number(out, d, false, alternate ? "0" : "", digits);
  }
}

/* 0.d1 d2 d3 ... * 10^point */
typedef struct {
  char digits[24];
  int count, point;
} decimal;

static decimal decimal_of(O positive) {
  decimal r = {{0}, 0, 0};
  buffer b = {0};
  number_print(&b, positive);
  const char *text = buffer_cstring(&b), *e = strchr(text, 'E');
  const char *end = e ? e : text + strlen(text);
  bool leading = true, fraction = false;
  for (const char *p = text; p < end; p++) {
    if (*p == '.') {
      fraction = true;
      continue;
    }
    leading = leading && *p == '0';
    if (leading) {
      r.point -= fraction;
      continue;
    }
    r.digits[r.count++] = *p;
    r.point += !fraction;
  }
  if (e)
    r.point += atoi(e + 1);
  buffer_free(&b);
  return r;
}

/* Keeps `keep` digits (may be 0 or less), rounding half up. */
static void round_to(decimal *r, int keep) {
  if (keep >= r->count)
    return;
  bool up = keep >= 0 && r->digits[keep] >= '5';
  r->count = keep < 0 ? 0 : keep;
  for (int i = r->count - 1; up && i >= 0; i--) {
    up = r->digits[i] == '9';
    r->digits[i] = up ? '0' : (char)(r->digits[i] + 1);
  }
  if (up) {
    memmove(r->digits + 1, r->digits, (size_t)r->count);
    r->digits[0] = '1';
    r->count++;
    r->point++;
  }
}

static char digit_at(const decimal *r, int i) {
  return i >= 0 && i < r->count ? r->digits[i] : '0';
}

static void fixed(buffer *out, decimal r, int precision) {
  round_to(&r, r.point + precision);
  for (int i = r.point > 0 ? 0 : r.point - 1; i < r.point; i++)
    buffer_byte(out, digit_at(&r, i));
  if (precision > 0)
    buffer_byte(out, '.');
  for (int i = 0; i < precision; i++)
    buffer_byte(out, digit_at(&r, r.point + i));
}

static void scientific(buffer *out, decimal r, int precision) {
  bool zero = r.count == 0;
  round_to(&r, precision + 1);
  buffer_byte(out, digit_at(&r, 0));
  if (precision > 0)
    buffer_byte(out, '.');
  for (int i = 1; i <= precision; i++)
    buffer_byte(out, digit_at(&r, i));
  buffer_format(out, "e%+03d", zero ? 0 : r.point - 1);
}

static void add_double(formatting *f, const directive *d, O x) {
  if (!is_type(x, JANK_TYPE_DOUBLE))
    bad_argument(d, "a double", x);
  double value = jank_unbox_double(x);
  bool negative = signbit(value) && !isnan(value);
  if (isnan(value) || isinf(value)) {
    directive plain = *d;
    plain.flags &= ~(ZERO | COMMA);
    add_number(&f->piece, &plain, negative, "",
               isnan(value) ? "NaN" : "Infinity");
    return;
  }
  decimal r = decimal_of(jank_box_double(fabs(value)));
  int precision = d->precision < 0 ? 6 : d->precision;
  buffer digits = {0};
  if (d->conversion == 'g') {
    if (precision == 0)
      precision = 1;
    decimal rounded = r;
    round_to(&rounded, precision);
    if (r.count == 0)
      fixed(&digits, r, precision - 1);
    else if (rounded.point > -4 && rounded.point <= precision)
      fixed(&digits, r, precision - rounded.point);
    else
      scientific(&digits, r, precision - 1);
  } else if (d->conversion == 'e') {
    scientific(&digits, r, precision);
  } else {
    fixed(&digits, r, precision);
  }
  add_number(&f->piece, d, negative, "", buffer_cstring(&digits));
  buffer_free(&digits);
}

/* ---- One directive ------------------------------------------------------- */

static void add_character(buffer *out, const directive *d, O x) {
  if (is_char(x)) {
    string_append_unit(out, char_value(x));
  } else if (box_is_integer(x)) {
    int64_t n = jank_unbox_integer(x);
    if (n < 0 || n > 0x10ffff)
      bad_argument(d, "a code point", x);
    utf8_encode(out, (uint32_t)n);
  } else {
    bad_argument(d, "a character", x);
  }
}

static void add_piece(formatting *f, const directive *d) {
  buffer *out = &f->piece;
  if (d->conversion == '%') {
    buffer_byte(out, '%');
    return;
  }
  if (d->conversion == 'n') {
    buffer_byte(out, '\n');
    return;
  }
  O x = next_argument(f, d);
  if (d->conversion == 'b') {
    buffer_text(out, truthy(x) ? "true" : "false");
  } else if (x == JANK_NIL) {
    buffer_text(out, "null");
  } else {
    switch (d->conversion) {
    case 's':
      string_append(out, x);
      break;
    case 'h':
      buffer_format(out, "%x", value_hash(x));
      break;
    case 'c':
      add_character(out, d, x);
      break;
    case 'd':
    case 'o':
    case 'x':
      add_integer(out, d, x);
      return;
    default:
      add_double(f, d, x);
      return;
    }
  }
  if (d->precision >= 0) { /* the first code points of it */
    size_t at = 0;
    uint32_t length;
    for (int i = 0; i < d->precision && at < out->size; i++, at += length)
      utf8_decode(out->data + at, out->size - at, &length);
    out->size = at < out->size ? at : out->size;
  }
}

static void add_directive(formatting *f, const directive *d) {
  buffer *piece = &f->piece;
  piece->size = 0;
  add_piece(f, d);
  uint32_t length;
  int pad = d->width < 0
                ? 0
                : d->width - (int)string_count_units(piece->data, piece->size);
  if (!(d->flags & LEFT))
    for (; pad > 0; pad--)
      buffer_byte(&f->out, ' ');
  for (size_t i = 0; i < piece->size; i += length) {
    uint32_t c = utf8_decode(piece->data + i, piece->size - i, &length);
    utf8_encode(&f->out, d->upper ? string_upper(c) : c);
  }
  for (; pad > 0; pad--)
    buffer_byte(&f->out, ' ');
}

static void format_all(formatting *f) {
  const char *p = f->pattern->text, *end = p + f->pattern->bytes;
  while (p < end) {
    const char *percent = memchr(p, '%', (size_t)(end - p));
    if (!percent)
      percent = end;
    buffer_add(&f->out, p, (size_t)(percent - p));
    p = percent;
    if (p < end) {
      directive d;
      read_directive(p, &d);
      add_directive(f, &d);
      p += d.length;
    }
  }
}

static O format(O self, O pattern, O args) {
  formatting f = {
      error_want_string("format", pattern), args, args, JANK_UNBOUND, {0}, {0}};
  throw_owner out, piece;
  throw_own(&out, buffer_release, &f.out);
  throw_own(&piece, buffer_release, &f.piece);
  format_all(&f);
  O result = &string_make(f.out.size ? f.out.data : "", f.out.size)->header;
  throw_release(&piece);
  throw_release(&out);
  return result;
}

const struct patch_symbol format_builtins[] = {
    CORE("format", "[fmt & args]", format,
         "The text with each % directive replaced by an argument, as Java's "
         "String.format has it: %s, %d, %x, %.2f and so on."),
    {0},
};
