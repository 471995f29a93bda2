/* pool.c - a patch's constants, read when it is loaded. pool_encode.c wrote them.
 *
 * The format is in jank_patch.h. The decoder trusts nothing: it never reads
 * past the pool, and answers bad bytes with an exception. Positions in a quoted
 * form's metadata are not kept.
 */
#include "fn.h"
#include "patch.h"
#include <string.h>

typedef jank_object *O;

#define MAX_DEPTH 500

/* ---- Reading ----------------------------------------------------------------------- */

typedef struct {
  const uint8_t *p, *end;
  const pool_target *target;
  int depth;
} decoder;

static O decode(decoder *d);

static _Noreturn void bad(const char *what) {
  error_throw("IllegalArgumentException", "bad patch: constant pool: %s", what);
}

static uint8_t byte(decoder *d) {
  if (d->p == d->end)
    bad("it ends too early");
  return *d->p++;
}

static uint64_t uleb(decoder *d) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    uint8_t b = byte(d);
    result |= (uint64_t)(b & 0x7f) << shift;
    if (!(b & 0x80))
      return result;
  }
  bad("a number is too long");
}

static int64_t sleb(decoder *d) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    uint8_t b = byte(d);
    if (shift < 64)
      result |= (uint64_t)(b & 0x7f) << shift;
    if (!(b & 0x80)) {
      if ((b & 0x40) && shift + 7 < 64)
        result |= ~UINT64_C(0) << (shift + 7);
      return (int64_t)result;
    }
  }
  bad("a number is too long");
}

/* A count of things that each take at least `least` bytes. */
static uint32_t size(decoder *d, uint32_t least) {
  uint64_t n = uleb(d);
  if (n > (uint64_t)(d->end - d->p) / least)
    bad("a length goes past its end");
  return (uint32_t)n;
}

static string_object *text(decoder *d) {
  uint32_t n = size(d, 1);
  const char *start = (const char *)d->p;
  d->p += n;
  return string_make(start, n);
}

static string_object *optional_text(decoder *d) {
  string_object *s = text(d);
  return s->bytes ? s : NULL;
}

static O decode_double(decoder *d) {
  uint64_t bits = 0;
  for (int i = 0; i < 8; i++)
    bits |= (uint64_t)byte(d) << (8 * i);
  double value;
  memcpy(&value, &bits, sizeof value);
  return jank_box_double(value);
}

static O decode_keyword(decoder *d) {
  string_object *ns = optional_text(d);
  return jank_keyword_intern((O)ns, (O)text(d));
}

static O decode_symbol(decoder *d) {
  string_object *ns = optional_text(d);
  return &symbol_make(ns, text(d))->header;
}

static O decode_var(decoder *d) {
  symbol_object *ns = symbol_make(NULL, text(d));
  namespace_object *home = ns_find_or_make(ns);
  return &var_intern(home, symbol_make(NULL, text(d)))->header;
}

static O decode_items(decoder *d, uint32_t words_each, O (*make)(size_t, O *)) {
  uint32_t n = size(d, words_each);
  size_t words = (size_t)n * words_each;
  array_object *a =
      gc_alloc(JANK_TYPE_ARRAY, sizeof *a + words * sizeof *a->items);
  a->count = (uint32_t)words;
  for (size_t i = 0; i < words; i++)
    a->items[i] = decode(d);
  return make(n, a->items);
}

static O decode_meta(decoder *d) {
  O value = decode(d);
  return jank_with_meta(value, decode(d));
}

static void *function_at(decoder *d, uint64_t index) {
  const pool_target *t = d->target;
  if (index >= t->function_count)
    bad("a function number is too large");
  return t->functions ? t->functions[index]
                      : (void *)(uintptr_t)(t->table_base + index);
}

static O decode_code(decoder *d) {
  string_object *name = text(d);
  code_object *code = code_make(name, d->target->patch);
  for (uint32_t n = size(d, 3); n > 0; n--) {
    uint64_t required = uleb(d);
    bool variadic = byte(d) != 0;
    void *fn = function_at(d, uleb(d));
    char signature[32];
    snprintf(signature, sizeof signature, "%llu%s",
             (unsigned long long)required, variadic ? "&" : "");
    if (!code_add_arity(code, signature, fn))
      bad("a function has a wrong arity");
  }
  return &code->header;
}

static O decode_character(decoder *d) {
  uint64_t c = uleb(d);
  if (c > 0x10ffff)
    bad("a character is out of range");
  return make_char((uint32_t)c);
}

static O decode_bignum(decoder *d) {
  string_object *s = text(d);
  O n = number_parse(s->text, s->bytes);
  return n ? n : (bad("a number cannot be read"), n);
}

static O decode_class(decoder *d) {
  class_object *c = class_find(text(d)->text);
  return c ? &c->header : (bad("an unknown class"), JANK_NIL);
}

static O construct(size_t n, O *fields) {
  return type_construct((int)n, fields);
}

static O decode_instance(decoder *d) {
  O class = decode_class(d);
  uint32_t n = size(d, 1);
  array_object *a = (array_object *)array_make(n + 1);
  a->items[0] = class;
  for (uint32_t i = 0; i < n; i++)
    a->items[i + 1] = decode(d);
  return construct(n + 1, a->items);
}

static O decode_tag(decoder *d, uint8_t tag) {
  switch (tag) {
  case JANK_POOL_NIL:
    return JANK_NIL;
  case JANK_POOL_TRUE:
    return JANK_TRUE;
  case JANK_POOL_FALSE:
    return JANK_FALSE;
  case JANK_POOL_INTEGER:
    return jank_box_integer(sleb(d));
  case JANK_POOL_DOUBLE:
    return decode_double(d);
  case JANK_POOL_CHARACTER:
    return decode_character(d);
  case JANK_POOL_STRING:
    return (O)text(d);
  case JANK_POOL_KEYWORD:
    return decode_keyword(d);
  case JANK_POOL_SYMBOL:
    return decode_symbol(d);
  case JANK_POOL_VAR:
    return decode_var(d);
  case JANK_POOL_LIST:
    return decode_items(d, 1, jank_make_list);
  case JANK_POOL_VECTOR:
    return decode_items(d, 1, jank_make_vector);
  case JANK_POOL_MAP:
    return decode_items(d, 2, jank_make_map);
  case JANK_POOL_SET:
    return decode_items(d, 1, jank_make_set);
  case JANK_POOL_WITH_META:
    return decode_meta(d);
  case JANK_POOL_CODE:
    return decode_code(d);
  case JANK_POOL_FN:
    return &fn_make((code_object *)decode_code(d), 0)->header;
  case JANK_POOL_REGEX:
    return regex_make(text(d));
  case JANK_POOL_BIGNUM:
    return decode_bignum(d);
  case JANK_POOL_CLASS:
    return decode_class(d);
  case JANK_POOL_INSTANCE:
    return decode_instance(d);
  default:
    bad("an unknown kind of constant");
  }
}

static O decode(decoder *d) {
  if (++d->depth > MAX_DEPTH * 2)
    bad("it is nested too deeply");
  O result = decode_tag(d, byte(d));
  d->depth--;
  return result;
}

uint32_t pool_count(const uint8_t *pool, size_t n) {
  decoder d = {.p = pool, .end = pool + n};
  return size(&d, 1);
}

void pool_decode(const uint8_t *pool, size_t n, const pool_target *target) {
  decoder d = {.p = pool, .end = pool + n, .target = target};
  uint32_t words = size(&d, 1);
  for (uint32_t i = 0; i < words; i++)
    target->words[i] = decode(&d);
}
