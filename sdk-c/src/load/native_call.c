/* native_call.c - what a function in C says of itself, and how jank calls it.
 *
 * In: its record (jank_hot.h): a letter for each type, where the compiler could tell
 * it, and its own text, which tells the rest. A call checks each argument against its
 * parameter; nothing is called with a value that its type does not have.
 */
#include "load/native_call.h"
#include "host/host.h"
#include "value/error.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <ctype.h>
#include <string.h>

/* ---- Its signature ------------------------------------------------------- */

/* "(struct game *g, int n)" of "int ggg(struct game *g, int n)". */
static const char *parameters(const struct jank_hot_function *f) {
  size_t n = strlen(f->name);
  for (const char *p = f->text; (p = strstr(p, f->name)); p++)
    if (p > f->text && p[-1] == ' ' && p[n] == '(')
      return p + n;
  return "()";
}

/* The kind of the result (0) or a parameter. For '?' of C its text decides. */
char native_call_kind(const struct jank_hot_function *f, int i) {
  char kind = f->kinds[i];
  if (kind != '?')
    return kind;
  const char *p = parameters(f);
  if (i == 0)
    return memchr(f->text, '*', (size_t)(p - f->text)) ? 'p' : 'x';
  int depth = 0, at = 1;
  for (p++; *p && at <= i; p++) {
    if (at == i && (*p == '*' || *p == '['))
      return 'p';
    depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
    at += *p == ',' && depth == 0;
  }
  return 'x';
}

/* "int ggg(struct game *g, int n)" as [g n]. */
static O arglist(const struct jank_hot_function *f) {
  O items[JANK_MAX_ARITY];
  size_t n = 0;
  int depth = 0;
  const char *from = parameters(f) + 1;
  for (const char *q = from; *q && n < JANK_MAX_ARITY; q++) {
    bool ends = depth == 0 && (*q == ',' || *q == ')');
    depth += *q == '(' ? 1 : *q == ')' ? -1 : 0;
    if (!ends)
      continue;
    const char *word = q;
    while (word > from && (word[-1] == '_' || isalnum((unsigned char)word[-1])))
      word--;
    if (word < q)
      items[n++] =
          &symbol_make(NULL, string_make(word, (size_t)(q - word)))->header;
    from = q + 1;
    if (*q == ')')
      break;
  }
  if (n == 1 && strcmp(f->kinds + 1, "v") == 0)
    n = 0;
  return jank_make_vector(n, items);
}

int native_call_arity(const struct jank_hot_function *f) {
  return strcmp(f->kinds + 1, "v") == 0 ? 0 : (int)strlen(f->kinds) - 1;
}

O native_call_meta(const struct jank_hot_function *f) {
  O arglists = arglist(f);
  O pairs[] = {
      &symbol_keyword(NULL, "arglists")->header, jank_make_list(1, &arglists),
      &symbol_keyword(NULL, "doc")->header,      jank_make_string(f->text),
      &symbol_keyword(NULL, "file")->header,     jank_make_string(f->file),
      &symbol_keyword(NULL, "line")->header,     jank_box_integer(f->line)};
  return jank_make_map(4, pairs);
}

/* ---- Calls --------------------------------------------------------------- */

typedef union {
  int32_t i;
  int64_t l;
  double d;
} word;

/* What values an integer type or a pointer takes; false: it is none. */
static bool range_of(char kind, int64_t *least, int64_t *greatest) {
  static const struct {
    char kind;
    int64_t least, greatest;
  } ranges[] = {{'a', INT8_MIN, INT8_MAX},   {'h', 0, UINT8_MAX},
                {'s', INT16_MIN, INT16_MAX}, {'t', 0, UINT16_MAX},
                {'i', INT32_MIN, INT32_MAX}, {'u', 0, UINT32_MAX},
                {'p', 0, UINT32_MAX},        {'l', INT64_MIN, INT64_MAX},
                {'m', 0, INT64_MAX}};
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (ranges[i].kind == kind) {
      *least = ranges[i].least;
      *greatest = ranges[i].greatest;
      return true;
    }
  return false;
}

static int64_t integer_argument(const struct jank_hot_function *f, char kind,
                                O value) {
  if (kind == 'p' && value == JANK_NIL)
    return 0;
  int64_t least = 0, greatest = 0, n = jank_unbox_integer(value);
  range_of(kind, &least, &greatest);
  if (n < least || n > greatest)
    error_throw("IllegalArgumentException",
                "c/%s: %lld is out of the range of its parameter: %s", f->name,
                (long long)n, f->text);
  return n;
}

static word argument(const struct jank_hot_function *f, char kind, O value) {
  word w = {.l = 0};
  switch (kind) {
  case 'b':
    w.i = jank_truthy(value);
    return w;
  case 'f':
  case 'd':
    w.d = jank_unbox_double(value);
    return w;
  case 'z':
    if (value == JANK_NIL)
      return w;
    if (!is_type(value, JANK_TYPE_STRING))
      error_type(f->text, "a string", value);
    w.i = (int32_t)(uintptr_t)((string_object *)value)->text;
    return w;
  case 'x':
    error_throw("IllegalArgumentException",
                "c/%s cannot be called from jank: it passes a struct by value: "
                "%s",
                f->name, f->text);
  }
  w.l = integer_argument(f, kind, value);
  return w;
}

static O result(const struct jank_hot_function *f, char kind, word w) {
  switch (kind) {
  case 'v':
    return JANK_NIL;
  case 'b':
    return w.i ? JANK_TRUE : JANK_FALSE;
  case 'f':
  case 'd':
    return jank_box_double(w.d);
  case 'z':
    return w.i ? jank_make_string((const char *)(uintptr_t)(uint32_t)w.i)
               : JANK_NIL;
  case 'm':
    if (w.l < 0)
      error_throw("ArithmeticException",
                  "c/%s: the result is out of the range of a long", f->name);
    return jank_box_integer(w.l);
  case 'l':
    return jank_box_integer(w.l);
  case 'a':
    return jank_box_integer((int8_t)w.i);
  case 's':
    return jank_box_integer((int16_t)w.i);
  case 'h':
    return jank_box_integer((uint8_t)w.i);
  case 't':
    return jank_box_integer((uint16_t)w.i);
  case 'i':
    return jank_box_integer(w.i);
  default:
    return jank_box_integer((uint32_t)w.i);
  }
}

O native_call(const struct jank_hot_function *f, int argc, O *args) {
  char kinds[JANK_MAX_ARITY + 2];
  word words[JANK_MAX_ARITY + 1] = {{.l = 0}};
  kinds[0] = native_call_kind(f, 0);
  kinds[argc + 1] = 0;
  if (kinds[0] == 'x')
    argument(f, 'x', JANK_NIL);
  for (int i = 0; i < argc; i++) {
    kinds[i + 1] = native_call_kind(f, i + 1);
    words[i] = argument(f, kinds[i + 1], args[i]);
  }
  host_native_call(*(const uint32_t *)f->pointer, kinds, argc, words);
  return result(f, kinds[0], words[0]);
}
