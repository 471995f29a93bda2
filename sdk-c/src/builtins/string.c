/* string.c - clojure.string, `str` and `subs`, and what they have to know of
 * Unicode.
 *
 * In and out: string objects. Positions are bytes inside and UTF-16 units for
 * the program. A result that needs calls of the program's functions is gathered
 * as a vector of pieces, so that nothing is lost when one of them throws.
 */
#include "builtins/string.h"
#include "base/buffer.h"
#include "base/utf8.h"
#include "builtins/builtin.h"
#include "builtins/regex.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "number/text.h"
#include "runtime/callable.h"
#include "runtime/ns.h"
#include "runtime/print.h"
#include "value/box.h"
#include "value/error.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <math.h>
#include <string.h>
#include <wctype.h>
#ifndef __EMSCRIPTEN__
#include <locale.h>
#endif

/* ---- Unicode ------------------------------------------------------------- */

static bool is_space(uint32_t c) {
  if (c < 0x80)
    return (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20);
  return c == 0x1680 || (c >= 0x2000 && c <= 0x200a && c != 0x2007) ||
         c == 0x2028 || c == 0x2029 || c == 0x205f || c == 0x3000;
}

#ifdef __EMSCRIPTEN__ /* its C library knows Unicode in every locale */
static uint32_t wide_upper(uint32_t c) { return (uint32_t)towupper((wint_t)c); }
static uint32_t wide_lower(uint32_t c) { return (uint32_t)towlower((wint_t)c); }
#else
static locale_t unicode(void) {
  static locale_t locale;
  if (!locale)
    locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (!locale)
    locale = newlocale(LC_CTYPE_MASK, "C", (locale_t)0);
  return locale;
}
static uint32_t wide_upper(uint32_t c) {
  return (uint32_t)towupper_l((wint_t)c, unicode());
}
static uint32_t wide_lower(uint32_t c) {
  return (uint32_t)towlower_l((wint_t)c, unicode());
}
#endif

uint32_t string_upper(uint32_t c) {
  if (c < 0x80)
    return c >= 'a' && c <= 'z' ? c - 32 : c;
  return wide_upper(c);
}

static uint32_t lower(uint32_t c) {
  if (c < 0x80)
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
  return wide_lower(c);
}

static void add_cased(buffer *out, const char *s, size_t n, bool upper) {
  uint32_t length;
  for (size_t i = 0; i < n; i += length) {
    uint32_t c = utf8_decode(s + i, n - i, &length);
    if (upper && c == 0xdf) /* the one common letter that becomes two */
      buffer_text(out, "SS");
    else
      utf8_encode(out, upper ? string_upper(c) : lower(c));
  }
}

static O cased(const char *who, O text, bool upper) {
  string_object *s = error_want_string(who, text);
  buffer b = {0};
  add_cased(&b, s->text, s->bytes, upper);
  return &string_from_buffer(&b)->header;
}

static O upper_case(O self, O s) { return cased("upper-case", s, true); }

static O lower_case(O self, O s) { return cased("lower-case", s, false); }

static O capitalize(O self, O text) {
  string_object *s = error_want_string("capitalize", text);
  uint32_t length = 0;
  if (s->bytes)
    utf8_decode(s->text, s->bytes, &length);
  buffer b = {0};
  add_cased(&b, s->text, length, true);
  add_cased(&b, s->text + length, s->bytes - length, false);
  return &string_from_buffer(&b)->header;
}

static O text_reverse(O self, O text) {
  string_object *s = error_want_string("reverse", text);
  buffer b = {0};
  for (uint32_t i = s->bytes, end = i; i > 0; end = i) {
    do
      i--;
    while (i > 0 && ((unsigned char)s->text[i] & 0xc0) == 0x80);
    buffer_add(&b, s->text + i, end - i);
  }
  return &string_from_buffer(&b)->header;
}

/* ---- Trimming ------------------------------------------------------------ */

static bool line_end(uint32_t c) { return c == '\n' || c == '\r'; }

static O trimmed(const char *who, O text, bool (*drop)(uint32_t), bool left,
                 bool right) {
  string_object *s = error_want_string(who, text);
  uint32_t from = 0, to = s->bytes, length;
  while (left && from < to &&
         drop(utf8_decode(s->text + from, to - from, &length)))
    from += length;
  while (right && to > from) {
    uint32_t at = to - 1;
    while (at > from && ((unsigned char)s->text[at] & 0xc0) == 0x80)
      at--;
    if (!drop(utf8_decode(s->text + at, to - at, &length)))
      break;
    to = at;
  }
  return &string_bytes(s, from, to)->header;
}

static O trim(O self, O s) { return trimmed("trim", s, is_space, true, true); }

static O triml(O self, O s) {
  return trimmed("triml", s, is_space, true, false);
}

static O trimr(O self, O s) {
  return trimmed("trimr", s, is_space, false, true);
}

static O trim_newline(O self, O s) {
  return trimmed("trim-newline", s, line_end, false, true);
}

static O blank_p(O self, O text) {
  if (text == JANK_NIL)
    return JANK_TRUE;
  return boolean(((string_object *)trim(self, text))->bytes == 0);
}

/* ---- Searching ----------------------------------------------------------- */

/* A string or a character as a string. */
static string_object *sought(const char *who, O what) {
  if (is_char(what)) {
    buffer b = {0};
    string_append_unit(&b, char_value(what));
    return string_from_buffer(&b);
  }
  if (!is_type(what, JANK_TYPE_STRING))
    error_type(who, "a string or character", what);
  return (string_object *)what;
}

static O unit_index(string_object *s, uint32_t byte) {
  return byte == UINT32_MAX
             ? JANK_NIL
             : jank_box_integer(string_count_units(s->text, byte));
}

static uint32_t start_byte(string_object *s, O from) {
  int64_t n = jank_unbox_integer(from);
  return n <= 0          ? 0
         : n >= s->units ? s->bytes
                         : (uint32_t)string_byte_offset(s, (uint32_t)n);
}

static O index_of3(O self, O text, O what, O from) {
  string_object *s = error_want_string("index-of", text);
  string_object *w = sought("index-of", what);
  return unit_index(s, string_find(s, w->text, w->bytes, start_byte(s, from)));
}

static O index_of2(O self, O text, O what) {
  return index_of3(self, text, what, fixnum(0));
}

static O last_index(string_object *s, string_object *w, uint32_t from) {
  if (w->bytes > s->bytes)
    return JANK_NIL;
  uint32_t i = s->bytes - w->bytes < from ? s->bytes - w->bytes : from;
  while (memcmp(s->text + i, w->text, w->bytes) != 0)
    if (i-- == 0)
      return JANK_NIL;
  return unit_index(s, i);
}

static O last_index_of3(O self, O text, O what, O from) {
  string_object *s = error_want_string("last-index-of", text);
  string_object *w = sought("last-index-of", what);
  if (jank_unbox_integer(from) < 0)
    return JANK_NIL;
  return last_index(s, w, start_byte(s, from));
}

static O last_index_of2(O self, O text, O what) {
  string_object *s = error_want_string("last-index-of", text);
  return last_index(s, sought("last-index-of", what), s->bytes);
}

static O includes_p(O self, O text, O what) {
  string_object *s = error_want_string("includes?", text);
  string_object *w = error_want_string("includes?", what);
  return boolean(string_find(s, w->text, w->bytes, 0) != UINT32_MAX);
}

static O starts_with_p(O self, O text, O what) {
  string_object *s = error_want_string("starts-with?", text);
  string_object *w = error_want_string("starts-with?", what);
  return boolean(w->bytes <= s->bytes &&
                 memcmp(s->text, w->text, w->bytes) == 0);
}

static O ends_with_p(O self, O text, O what) {
  string_object *s = error_want_string("ends-with?", text);
  string_object *w = error_want_string("ends-with?", what);
  return boolean(w->bytes <= s->bytes &&
                 memcmp(s->text + s->bytes - w->bytes, w->text, w->bytes) == 0);
}

/* ---- Joining ------------------------------------------------------------- */

static O join2(O self, O separator, O coll) {
  buffer b = {0};
  throw_owner owner;
  throw_own(&owner, buffer_release, &b);
  string_append(&b, separator);
  const string_object *between = string_make(b.size ? b.data : "", b.size);
  buffer_clear(&b);
  O items = seq(coll);
  for (O s = items; s != JANK_NIL; s = seq_next_polled(s)) {
    if (s != items)
      buffer_add(&b, between->text, between->bytes);
    string_append(&b, seq_first(s));
  }
  throw_keep(&owner);
  return &string_from_buffer(&b)->header;
}

static O join1(O self, O coll) { return join2(self, JANK_NIL, coll); }

/* Pieces: a vector of strings. */
static O piece(O pieces, string_object *s, uint32_t from, uint32_t to) {
  return from < to ? vector_conj(pieces, &string_bytes(s, from, to)->header)
                   : pieces;
}

static O glued(O pieces) { return join1(JANK_NIL, pieces); }

static O escape(O self, O text, O cmap) {
  string_object *s = error_want_string("escape", text);
  O pieces = vector_empty;
  for (uint32_t i = 0; i < s->units; i++) {
    O c = make_char(string_unit(s, i)), to = jank_call1(cmap, c);
    pieces = vector_conj(pieces, to == JANK_NIL ? c : to);
  }
  return glued(pieces);
}

/* ---- Splitting ----------------------------------------------------------- */

static O without_empty_tail(O parts) {
  uint32_t n = vector_count(parts), keep = n;
  while (keep > 0 && ((string_object *)vector_nth(parts, keep - 1))->bytes == 0)
    keep--;
  if (keep == n)
    return parts;
  O kept = vector_empty;
  for (uint32_t i = 0; i < keep; i++)
    kept = vector_conj(kept, vector_nth(parts, i));
  return kept;
}

/* As String.split: no empty part in front for a match of no width. */
static O split3(O self, O text, O pattern, O most) {
  string_object *s = error_want_string("split", text);
  regex_object *re = regex_check("split", pattern);
  int64_t limit = jank_unbox_integer(most);
  O parts = vector_empty;
  uint32_t start = 0;
  bool split = false;
  regex_match m;
  for (uint32_t from = 0; regex_find(re, s, from, &m);
       from = regex_after(s, &m)) {
    if (limit > 0 && vector_count(parts) >= limit - 1)
      break;
    if (m.at[1] == 0)
      continue;
    parts =
        vector_conj(parts, &string_bytes(s, start, (uint32_t)m.at[0])->header);
    start = (uint32_t)m.at[1];
    split = true;
  }
  if (!split)
    return vector_conj(vector_empty, text);
  parts = vector_conj(parts, &string_bytes(s, start, s->bytes)->header);
  return limit == 0 ? without_empty_tail(parts) : parts;
}

static O split2(O self, O text, O pattern) {
  return split3(self, text, pattern, fixnum(0));
}

static O split_lines(O self, O text) {
  string_object *s = error_want_string("split-lines", text);
  O parts = vector_empty;
  uint32_t start = 0;
  for (uint32_t end; (end = string_find(s, "\n", 1, start)) != UINT32_MAX;
       start = end + 1) {
    bool cr = end > start && s->text[end - 1] == '\r';
    parts = vector_conj(parts, &string_bytes(s, start, end - cr)->header);
  }
  if (start == 0)
    return vector_conj(vector_empty, text);
  parts = vector_conj(parts, &string_bytes(s, start, s->bytes)->header);
  return without_empty_tail(parts);
}

/* ---- Replacing ----------------------------------------------------------- */

static O replace_text(string_object *s, string_object *what,
                      string_object *with, bool all) {
  buffer b = {0};
  uint32_t start = 0, length, at;
  for (uint32_t from = 0;
       (at = string_find(s, what->text, what->bytes, from)) != UINT32_MAX;) {
    buffer_add(&b, s->text + start, at - start);
    buffer_add(&b, with->text, with->bytes);
    start = from = at + what->bytes;
    if (what->bytes == 0) { /* between all characters */
      if (at == s->bytes)
        break;
      utf8_decode(s->text + at, s->bytes - at, &length);
      from += length;
    }
    if (!all)
      break;
  }
  buffer_add(&b, s->text + start, s->bytes - start);
  return &string_from_buffer(&b)->header;
}

/* "$1" is a group, "\x" is x. */
static O expand(O pieces, string_object *with, string_object *s,
                const regex_match *m) {
  uint32_t start = 0;
  for (uint32_t i = 0; i < with->bytes; i++) {
    char c = with->text[i];
    if (c != '$' && c != '\\')
      continue;
    pieces = piece(pieces, with, start, i);
    start = ++i;
    if (i == with->bytes)
      error_throw("IllegalArgumentException",
                  "replace: the replacement ends with %c", c);
    if (c == '\\')
      continue; /* the character itself begins the next piece */
    int group = with->text[i] - '0';
    if (group < 0 || group > 9)
      error_throw("IllegalArgumentException",
                  "replace: $ in the replacement without a group's number");
    while (i + 1 < with->bytes && with->text[i + 1] >= '0' &&
           with->text[i + 1] <= '9' &&
           group * 10 + with->text[i + 1] - '0' < m->count)
      group = group * 10 + with->text[++i] - '0';
    if (group >= m->count)
      error_throw("IndexOutOfBoundsException", "replace: No group %d", group);
    pieces = vector_conj(pieces, regex_group(s, m, group));
    start = i + 1;
  }
  return piece(pieces, with, start, with->bytes);
}

static O replace_regex(string_object *s, regex_object *re, O with, bool all) {
  O pieces = vector_empty;
  uint32_t start = 0;
  regex_match m;
  for (uint32_t from = 0; regex_find(re, s, from, &m);
       from = regex_after(s, &m)) {
    pieces = piece(pieces, s, start, (uint32_t)m.at[0]);
    if (is_type(with, JANK_TYPE_STRING))
      pieces = expand(pieces, (string_object *)with, s, &m);
    else
      pieces = vector_conj(pieces, jank_call1(with, regex_value(s, &m)));
    start = (uint32_t)m.at[1];
    if (!all)
      break;
  }
  return glued(piece(pieces, s, start, s->bytes));
}

static O replaced(const char *who, O text, O what, O with, bool all) {
  string_object *s = error_want_string(who, text);
  if (is_type(what, JANK_TYPE_REGEX)) {
    if (!is_type(with, JANK_TYPE_STRING) && !callable_is(with))
      error_type(who, "a string or function", with);
    return replace_regex(s, (regex_object *)what, with, all);
  }
  if (!is_char(what) && !is_type(what, JANK_TYPE_STRING))
    error_type(who, "a string, character or regular expression", what);
  string_object *w = sought(who, what);
  return replace_text(s, w, sought(who, with), all);
}

static O text_replace(O self, O s, O what, O with) {
  return replaced("replace", s, what, with, true);
}

static O replace_first(O self, O s, O what, O with) {
  return replaced("replace-first", s, what, with, false);
}

static O quote_replacement(O self, O text) {
  string_object *s = error_want_string("re-quote-replacement", text);
  buffer b = {0};
  for (uint32_t i = 0; i < s->bytes; i++) {
    if (s->text[i] == '$' || s->text[i] == '\\')
      buffer_byte(&b, '\\');
    buffer_byte(&b, s->text[i]);
  }
  return &string_from_buffer(&b)->header;
}

const struct patch_symbol string_text_builtins[] = {
    STRING("upper-case", "[s]", upper_case, "The string in upper case."),
    STRING("lower-case", "[s]", lower_case, "The string in lower case."),
    STRING("capitalize", "[s]", capitalize,
           "The string with its first character in upper case and all others "
           "in lower case."),
    STRING("reverse", "[s]", text_reverse,
           "The string with its characters in reverse order."),
    STRING("trim", "[s]", trim,
           "The string without white space at its beginning and end."),
    STRING("triml", "[s]", triml,
           "The string without white space at its beginning."),
    STRING("trimr", "[s]", trimr, "The string without white space at its end."),
    STRING("trim-newline", "[s]", trim_newline,
           "The string without newlines and carriage returns at its end."),
    STRING("blank?", "[s]", blank_p,
           "True when the string is nil, empty, or nothing but white space."),
    STRING(
        "index-of", "[s value]", index_of2,
        "The index of the first place, not before from-index, where the string "
        "has the value, a string or character; nil when there is none."),
    STRING("index-of", "[s value from-index]", index_of3),
    STRING(
        "last-index-of", "[s value]", last_index_of2,
        "The index of the last place, not behind from-index, where the string "
        "has the value, a string or character; nil when there is none."),
    STRING("last-index-of", "[s value from-index]", last_index_of3),
    STRING("includes?", "[s substr]", includes_p,
           "True when the string has the other in it."),
    STRING("starts-with?", "[s substr]", starts_with_p,
           "True when the string begins with the other."),
    STRING("ends-with?", "[s substr]", ends_with_p,
           "True when the string ends with the other."),
    STRING("join", "[coll]", join1,
           "The items of the collection as one string, with the separator "
           "between them."),
    STRING("join", "[separator coll]", join2),
    STRING("escape", "[s cmap]", escape,
           "The string with each character replaced by what cmap, a map or "
           "function, gives for it. Characters for which that is nil stay."),
    STRING("split", "[s re]", split2,
           "A vector of the parts of the string between the matches of the "
           "regular expression; no more than limit. Without a limit, empty "
           "parts at the end are left out."),
    STRING("split", "[s re limit]", split3),
    STRING(
        "split-lines", "[s]", split_lines,
        "A vector of the lines of the string, which end with \\n or \\r\\n."),
    STRING("replace", "[s match replacement]", text_replace,
           "The string with every match replaced. match and replacement are "
           "two strings, two characters, or a regular expression and a string, "
           "in which $1 stands for a group, or a function of the match."),
    STRING("replace-first", "[s match replacement]", replace_first,
           "The string with the first match replaced; the arguments are those "
           "of replace."),
    STRING("re-quote-replacement", "[replacement]", quote_replacement,
           "The text as a replacement for replace that stands for itself: with "
           "its $ and \\ quoted."),
    {0},
};

/* ---- str ----------------------------------------------------------------- */

static void append_double(buffer *out, O x) {
  double d = ((double_object *)x)->value;
  if (isnan(d))
    buffer_text(out, "NaN");
  else if (isinf(d))
    buffer_text(out, d > 0 ? "Infinity" : "-Infinity");
  else
    number_print(out, x);
}

void string_append(buffer *out, O x) {
  if (x == JANK_NIL)
    return;
  if (is_char(x)) {
    string_append_unit(out, char_value(x));
    return;
  }
  if (is_fixnum(x)) {
    number_print(out, x);
    return;
  }
  enum jank_type type = is_heap(x) ? (enum jank_type)x->type : JANK_TYPE_COUNT;
  if (type == JANK_TYPE_STRING) {
    string_object *s = (string_object *)x;
    buffer_add(out, s->text, s->bytes);
  } else if (type == JANK_TYPE_NAMESPACE) {
    string_append(out, (O)((namespace_object *)x)->name);
  } else if (type == JANK_TYPE_DOUBLE) {
    append_double(out, x);
  } else if (type == JANK_TYPE_BIGNUM) {
    const string_object *s = ((bignum_object *)x)->text;
    bool has_suffix = strchr("NM", s->text[s->bytes - 1]) != NULL;
    buffer_add(out, s->text, s->bytes - has_suffix);
  } else if (type == JANK_TYPE_REGEX) {
    const string_object *s = ((regex_object *)x)->text;
    buffer_add(out, s->text, s->bytes);
  } else {
    bool own = type == JANK_TYPE_CLASS || type == JANK_TYPE_INSTANCE ||
               type == JANK_TYPE_JS;
    print_value(out, x, !own);
  }
}

static O str0(O self) { return &string_make("", 0)->header; }

static O str_more(O self, O x, O more) {
  buffer b = {0};
  throw_owner owner;
  throw_own(&owner, buffer_release, &b);
  string_append(&b, x);
  for (O s = seq(more); s != JANK_NIL; s = seq_next_polled(s))
    string_append(&b, seq_first(s));
  throw_keep(&owner);
  return &string_from_buffer(&b)->header;
}

static O str1(O self, O x) {
  return is_type(x, JANK_TYPE_STRING) ? x : str_more(self, x, JANK_NIL);
}

/* ---- Other builtins ------------------------------------------------------ */

static O subs3(O self, O text, O from, O to) {
  string_object *s = error_want_string("subs", text);
  int64_t a = jank_unbox_integer(from), z = jank_unbox_integer(to);
  if (a < 0 || z > s->units || a > z)
    error_throw("StringIndexOutOfBoundsException",
                "subs: from %lld to %lld is not within a string of length %u",
                (long long)a, (long long)z, s->units);
  return &string_sub(s, (uint32_t)a, (uint32_t)z)->header;
}

static O subs2(O self, O text, O from) {
  string_object *s = error_want_string("subs", text);
  int64_t a = jank_unbox_integer(from);
  if (a < 0 || a > s->units)
    error_throw("StringIndexOutOfBoundsException",
                "subs: from %lld is not within a string of length %u",
                (long long)a, s->units);
  return &string_sub(s, (uint32_t)a, s->units)->header;
}

static O string_p(O self, O x) { return boolean(is_type(x, JANK_TYPE_STRING)); }

static O char_p(O self, O x) { return boolean(is_char(x)); }

static O core_char(O self, O x) {
  if (is_char(x))
    return x;
  int64_t n = jank_unbox_integer(x);
  if (n < 0 || n > 0xffff)
    error_throw("IllegalArgumentException", "Value out of range for char: %lld",
                (long long)n);
  return make_char((uint32_t)n);
}

const struct patch_symbol string_builtins[] = {
    CORE("str", "[]", str0,
         "The values as text, one after the other; \"\" for nil and without "
         "any. Strings are as they are, other values as print has them."),
    CORE("str", "[x]", str1),
    CORE("str", "[x & ys]", str_more),
    CORE("subs", "[s start]", subs2,
         "The part of the string from character start up to, and without, end; "
         "by default up to the last. Throws StringIndexOutOfBoundsException "
         "when they are out of bounds."),
    CORE("subs", "[s start end]", subs3),
    CORE("string?", "[x]", string_p, "True when x is a string."),
    CORE("char?", "[x]", char_p, "True when x is a character."),
    CORE("char", "[x]", core_char,
         "The character with that number, or the character itself. Throws "
         "IllegalArgumentException when there is no such."),
    {0},
};
