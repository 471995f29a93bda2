/* native_regex.c - the host's regular expressions natively, by PCRE2.
 *
 * In: a pattern that JavaScript and Java both read; it means here what it means
 * to wasm.js, and is rewritten to what PCRE2 reads that way. What only
 * PCRE2 knows (verbs, recursion, \K), and flags amid the pattern, are refused:
 * a native test shall not pass that fails in JavaScript. A search that needs
 * too many steps, or too much memory, ends with -1 groups.
 *
 * These stay PCRE2's: a group in a repetition keeps what an earlier round
 * matched, and a last round may match nothing; the alternatives of a lookbehind
 * have fixed lengths; \p{Lu} and \p{Ll} mind the case under (?i).
 */
#include "base/buffer.h"
#include "host/host.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
  MAX_STEPS = 10000000, /* from one start */
  MAX_KIBIBYTES = 256 * 1024,
  OPTIONS = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_ALT_BSUX |
            PCRE2_ALLOW_EMPTY_CLASS | PCRE2_DOLLAR_ENDONLY |
            PCRE2_MATCH_UNSET_BACKREF
};

#define INVALID "Invalid regular expression: "

#define LINE_ENDS "\\n\\r\\u2028\\u2029"
#define SPACES                                                                 \
  "\\t-\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"     \
  "\\ufeff"
#define NO_SPACES                                                              \
  "\\0-\\x08\\x0e-\\x1f!-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027"     \
  "\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ufefe\\uff00-"       \
  "\\u{10ffff}"

/* ---- From JavaScript's syntax to PCRE2's --------------------------------- */

typedef struct {
  const char *at; /* ended by NUL */
  buffer out;
  uint32_t options;
  bool multiline;
  bool in_class;
  bool after_set; /* in a class: what came last was not one character */
  const char *error;
} translation;

static void copy(translation *t, size_t n) {
  buffer_add(&t->out, t->at, n);
  t->at += n;
}

static void put(translation *t, size_t n, const char *instead) {
  buffer_text(&t->out, instead);
  t->at += n;
}

/* The items of a class, which may have to become one. */
static void put_set(translation *t, size_t n, const char *items) {
  buffer_text(&t->out, t->in_class ? "" : "[");
  put(t, n, items);
  buffer_text(&t->out, t->in_class ? "" : "]");
}

static bool is_one_of(const char *letters, char c) {
  return c && strchr(letters, c);
}

static bool opens_set(const char *at) {
  return at[0] == '\\' && is_one_of("dDwWsSpP", at[1]);
}

/* \p{Alpha}: the ASCII class that POSIX has by the same name. */
static bool posix_class(translation *t) {
  static const char *const names[][2] = {
      {"{Alpha}", "alpha"}, {"{Digit}", "digit"}, {"{Alnum}", "alnum"},
      {"{Upper}", "upper"}, {"{Lower}", "lower"}, {"{Punct}", "punct"},
      {"{Space}", "space"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t n = strlen(names[i][0]);
    if (strncmp(t->at + 2, names[i][0], n) != 0)
      continue;
    buffer_format(&t->out, t->in_class ? "[:%s%s:]" : "[[:%s%s:]]",
                  t->at[1] == 'P' ? "^" : "", names[i][1]);
    t->at += n + 2;
    return true;
  }
  return false;
}

/* \ud83d\ude00: one code point. */
static bool surrogate_pair(translation *t) {
  unsigned high, low;
  int n = 0;
  if (sscanf(t->at, "\\u%4x\\u%4x%n", &high, &low, &n) < 2 || n != 12 ||
      high >> 10 != 0xd800 >> 10 || low >> 10 != 0xdc00 >> 10)
    return false;
  unsigned c = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  buffer_format(&t->out, "\\u{%x}", c);
  t->at += n;
  return true;
}

/* Of \n \p{L} \u{41} or a backslash at the end. */
static size_t escape_size(const char *at) {
  if (is_one_of("pPu", at[1]) && at[2] == '{')
    return 2 + strcspn(at + 2, "}");
  return at[1] ? 2 : 1;
}

static void escape(translation *t) {
  char letter = t->at[1];
  bool is_letter =
      (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  if (letter == 's' || letter == 'S')
    put_set(t, 2, letter == 's' ? SPACES : NO_SPACES);
  else if (letter == 'Z')
    put(t, 2, "\\z");
  else if (letter == 'v') /* not PCRE2's set */
    put(t, 2, "\\x0b");
  else if (is_letter && !strchr("AbBcdDfknpPrtuwWxz", letter))
    t->error = "Invalid escape";
  else if (!(is_one_of("pP", letter) && posix_class(t)) && !surrogate_pair(t))
    copy(t, escape_size(t->at));
}

/* A dash beside a set is itself, and '[' opens nothing. */
static void class_item(translation *t) {
  bool after_set = t->after_set;
  t->after_set = opens_set(t->at);
  if (*t->at == '\\') {
    escape(t);
  } else if (*t->at == '-' && (after_set || opens_set(t->at + 1))) {
    put(t, 1, "\\-");
  } else if (*t->at == '[') {
    put(t, 1, "\\[");
  } else {
    t->in_class = *t->at != ']';
    copy(t, 1);
  }
}

/* "[:" and the like are POSIX's. */
static void open_class(translation *t) {
  copy(t, t->at[1] == '^' ? 2 : 1);
  buffer_text(&t->out, is_one_of(":.=", *t->at) ? "\\" : "");
  t->in_class = true;
  t->after_set = false;
}

static void open_group(translation *t) {
  if (t->at[1] == '*')
    t->error = "Nothing to repeat";
  else if (t->at[1] == '?' && !is_one_of(":=!<", t->at[2]))
    t->error = "Invalid group";
  copy(t, 1);
}

/* {n} {n,} {n,m} */
static bool is_count(const char *at) {
  size_t digits = strspn(++at, "0123456789");
  at += digits;
  if (*at == ',')
    at += 1 + strspn(at + 1, "0123456789");
  return digits && *at == '}';
}

static void pattern_item(translation *t) {
  char c = *t->at;
  if (c == '\\')
    escape(t);
  else if (c == '[')
    open_class(t);
  else if (c == '(')
    open_group(t);
  else if (c == '{' && !is_count(t->at))
    put(t, 1, "\\{");
  else if (c == '.' && !(t->options & PCRE2_DOTALL))
    put(t, 1, "[^" LINE_ENDS "]");
  else if (c == '^' && t->multiline)
    put(t, 1, "(?<=\\A|[" LINE_ENDS "])");
  else if (c == '$' && t->multiline)
    put(t, 1, "(?=\\z|[" LINE_ENDS "])");
  else
    copy(t, 1);
}

/* (?ims) at the head. 'u' is always so. */
static void head_flags(translation *t) {
  size_t n = strncmp(t->at, "(?", 2) == 0 ? strspn(t->at + 2, "imsu") : 0;
  if (n == 0 || t->at[n + 2] != ')')
    return;
  if (memchr(t->at, 'i', n + 2))
    t->options |= PCRE2_CASELESS;
  if (memchr(t->at, 's', n + 2))
    t->options |= PCRE2_DOTALL;
  t->multiline = memchr(t->at, 'm', n + 2) != NULL;
  t->at += n + 3;
}

static void translate(translation *t) {
  head_flags(t);
  while (*t->at && !t->error)
    if (t->in_class)
      class_item(t);
    else
      pattern_item(t);
}

/* ---- The host's functions ------------------------------------------------ */

static pcre2_compile_context *compile_context;
static pcre2_match_context *match_context;
static pcre2_code **codes; /* by handle; NULL: free */
static int32_t code_count;

static void make_contexts(void) {
  if (compile_context)
    return;
  compile_context = pcre2_compile_context_create(NULL);
  pcre2_set_newline(compile_context, PCRE2_NEWLINE_LF);
  pcre2_set_compile_extra_options(compile_context,
                                  PCRE2_EXTRA_ALT_BSUX |
                                      PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES);
  match_context = pcre2_match_context_create(NULL);
  pcre2_set_match_limit(match_context, MAX_STEPS);
  pcre2_set_heap_limit(match_context, MAX_KIBIBYTES);
}

/* Adds the text with its lone surrogates, which strings may hold and UTF-8 may
 * not, as U+FFFD, which is as long: what JavaScript gets. */
static void add_valid(buffer *out, const char *text, size_t n) {
  buffer_add(out, text, n);
  char *end = buffer_cstring(out) + out->size, *at = end - n;
  for (; (at = memchr(at, 0xed, (size_t)(end - at))); at++)
    if (end - at >= 3 && (uint8_t)at[1] >= 0xa0)
      memcpy(at, "\xef\xbf\xbd", 3);
}

static pcre2_code *compile(translation *t, char *error, size_t error_size) {
  char message[120];
  int reason;
  size_t place;
  pcre2_code *code =
      pcre2_compile((PCRE2_SPTR)buffer_cstring(&t->out), t->out.size,
                    t->options, &reason, &place, compile_context);
  if (!code) {
    pcre2_get_error_message(reason, (PCRE2_UCHAR *)message, sizeof message);
    snprintf(error, error_size, INVALID "%s", message);
  }
  return code;
}

static pcre2_code *translate_and_compile(const char *source, char *error,
                                         size_t error_size) {
  buffer valid = {0};
  add_valid(&valid, source, strlen(source));
  translation t = {.at = buffer_cstring(&valid), .options = OPTIONS};
  pcre2_code *code = NULL;
  translate(&t);
  if (t.error)
    snprintf(error, error_size, INVALID "%s", t.error);
  else
    code = compile(&t, error, error_size);
  buffer_free(&t.out);
  buffer_free(&valid);
  return code;
}

int32_t host_regex_compile(const char *source, char *error, size_t error_size) {
  make_contexts();
  pcre2_code *code = translate_and_compile(source, error, error_size);
  int32_t handle = 0;
  if (!code)
    return -1;
  while (handle < code_count && codes[handle])
    handle++;
  if (handle == code_count)
    codes = realloc(codes, (size_t)++code_count * sizeof *codes);
  codes[handle] = code;
  return handle;
}

void host_regex_free(int32_t handle) {
  pcre2_code_free(codes[handle]);
  codes[handle] = NULL;
}

int host_regex_exec(int32_t handle, const char *text, size_t n, size_t from,
                    int32_t *groups, int max) {
  buffer valid = {0};
  add_valid(&valid, text, n);
  const pcre2_code *code = codes[handle];
  pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
  const size_t *found = pcre2_get_ovector_pointer(match);
  int count = (int)pcre2_get_ovector_count(match);
  int result = pcre2_match(code, (PCRE2_SPTR)buffer_cstring(&valid), n, from, 0,
                           match, match_context);
  if (result < 0)
    count = result == PCRE2_ERROR_NOMATCH ? 0 : -1;
  else if (count > max)
    count = max;
  for (int i = 0; i < 2 * count; i++) /* PCRE2_UNSET becomes -1 */
    groups[i] = (int32_t)found[i];
  pcre2_match_data_free(match);
  buffer_free(&valid);
  return count;
}
