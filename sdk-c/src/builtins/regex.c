/* regex.c - regular expressions: the re- functions of clojure.core, and
 * matching for clojure.string.
 *
 * The host finds; offsets are bytes of the string. re-matches needs a pattern
 * that is anchored at both ends, which is made from the first one, once.
 */
#include "builtins/regex.h"
#include "base/buffer.h"
#include "base/utf8.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "host/host.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/word.h"
#include <string.h>

regex_object *regex_check(const char *who, O o) {
  if (!is_type(o, JANK_TYPE_REGEX))
    error_type(who, "a regular expression", o);
  return (regex_object *)o;
}

/* "(?i)a|ab" -> "(?i)^(?:a|ab)(?![\s\S])" */
static regex_object *regex_whole(regex_object *re) {
  if (re->whole == JANK_NIL) {
    const char *source = re->text->text;
    size_t head = 0;
    if (strncmp(source, "(?", 2) == 0) {
      size_t n = 2 + strspn(source + 2, "imsu");
      head = n > 2 && source[n] == ')' ? n + 1 : 0;
    }
    buffer b = {0};
    buffer_add(&b, source, head);
    buffer_text(&b, "^(?:");
    buffer_add(&b, source + head, re->text->bytes - head);
    buffer_text(&b, ")(?![\\s\\S])");
    re->whole = regex_make(string_from_buffer(&b));
    gc_write(&re->header);
  }
  return (regex_object *)re->whole;
}

/* ---- Matches ------------------------------------------------------------- */

bool regex_find(regex_object *re, string_object *s, uint32_t from,
                regex_match *m) {
  m->count = 0;
  if (from <= s->bytes)
    m->count = host_regex_exec(re->handle, s->text, s->bytes, from, m->at,
                               REGEX_MAX_GROUPS);
  if (m->count < 0)
    error_throw("StackOverflowError",
                "the regular expression %s takes too "
                "many steps on this text",
                re->text->text);
  return m->count > 0;
}

uint32_t regex_after(string_object *s, const regex_match *m) {
  uint32_t end = (uint32_t)m->at[1], length = 1;
  if (m->at[0] < m->at[1])
    return end;
  if (end < s->bytes)
    utf8_decode(s->text + end, s->bytes - end, &length);
  return end + length;
}

O regex_group(string_object *s, const regex_match *m, int i) {
  if (i >= m->count || m->at[2 * i] < 0)
    return JANK_NIL;
  return &string_bytes(s, (uint32_t)m->at[2 * i], (uint32_t)m->at[2 * i + 1])
              ->header;
}

O regex_value(string_object *s, const regex_match *m) {
  if (m->count == 1)
    return regex_group(s, m, 0);
  O groups = vector_empty;
  for (int i = 0; i < m->count; i++)
    groups = vector_conj(groups, regex_group(s, m, i));
  return groups;
}

/* ---- Builtins ------------------------------------------------------------ */

static O re_pattern(O self, O x) {
  if (is_type(x, JANK_TYPE_REGEX))
    return x;
  return regex_make(error_want_string("re-pattern", x));
}

static O re_find(O self, O pattern, O text) {
  regex_object *re = regex_check("re-find", pattern);
  string_object *s = error_want_string("re-find", text);
  regex_match m;
  return regex_find(re, s, 0, &m) ? regex_value(s, &m) : JANK_NIL;
}

static O re_matches(O self, O pattern, O text) {
  regex_object *re = regex_check("re-matches", pattern);
  string_object *s = error_want_string("re-matches", text);
  regex_match m;
  if (!regex_find(regex_whole(re), s, 0, &m) || m.at[0] != 0)
    return JANK_NIL;
  return regex_value(s, &m);
}

/* Not lazy: a text is finite, and looked at once. */
static O re_seq(O self, O pattern, O text) {
  regex_object *re = regex_check("re-seq", pattern);
  string_object *s = error_want_string("re-seq", text);
  O found = vector_empty;
  regex_match m;
  for (uint32_t from = 0; regex_find(re, s, from, &m);
       from = regex_after(s, &m))
    found = vector_conj(found, regex_value(s, &m));
  return seq(found);
}

static O regex_p(O self, O x) { return boolean(is_type(x, JANK_TYPE_REGEX)); }

const struct patch_symbol regex_builtins[] = {
    CORE("re-pattern", "[s]", re_pattern,
         "The regular expression of the text. Throws when it is none."),
    CORE("re-find", "[re s]", re_find,
         "The first match in the string, or nil. With groups it is a vector of "
         "the match and of what each group has, or nil."),
    CORE("re-matches", "[re s]", re_matches,
         "The match when it is the whole string, or nil. With groups it is a "
         "vector of the match and of what each group has, or nil."),
    CORE("re-seq", "[re s]", re_seq,
         "A seq of all matches in the string, as re-find gives them; nil when "
         "there are none."),
    CORE("regex?", "[x]", regex_p, "True when x is a regular expression."),
    {0},
};
