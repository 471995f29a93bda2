/* pool.c - a patch's constants: written by the emitters, read when it is loaded.
 *
 * The format is in jank_patch.h. The decoder trusts nothing: it never reads
 * past the pool, and answers bad bytes with an exception. Positions in a quoted
 * form's metadata are not kept.
 */
#include "ast.h"
#include "patch.h"
#include <string.h>

typedef jank_object *O;

#define MAX_DEPTH 500

/* ---- Writing --------------------------------------------------------------------- */

static void encode(const program *p, O value, buffer *out, int depth);

static void encode_text(const string_object *s, buffer *out) {
  buffer_uleb(out, s ? s->bytes : 0);
  if (s)
    buffer_add(out, s->text, s->bytes);
}

static void encode_named(enum jank_pool_tag tag, const string_object *ns,
                         const string_object *name, buffer *out) {
  buffer_byte(out, tag);
  encode_text(ns, out);
  encode_text(name, out);
}

static void encode_double(O value, buffer *out) {
  uint64_t bits;
  memcpy(&bits, &((double_object *)value)->value, sizeof bits);
  buffer_byte(out, JANK_POOL_DOUBLE);
  for (int i = 0; i < 8; i++)
    buffer_byte(out, (int)(bits >> (8 * i) & 0xff));
}

static void encode_items(const program *p, enum jank_pool_tag tag, O coll,
                         buffer *out, int depth) {
  buffer_byte(out, tag);
  buffer_uleb(out, (uint64_t)count(coll));
  for (O s = seq(coll); s != JANK_NIL; s = next(s))
    encode(p, first(s), out, depth);
}

typedef struct {
  const program *p;
  buffer *out;
  int depth;
} entry_context;

static bool encode_entry(void *context, O key, O value) {
  entry_context *c = context;
  encode(c->p, key, c->out, c->depth);
  encode(c->p, value, c->out, c->depth);
  return true;
}

static void encode_map(const program *p, O map, buffer *out, int depth) {
  entry_context context = {p, out, depth};
  buffer_byte(out, JANK_POOL_MAP);
  buffer_uleb(out, map_count(map));
  map_each(map, encode_entry, &context);
}

static void encode_word(O value, buffer *out) {
  if (is_fixnum(value)) {
    buffer_byte(out, JANK_POOL_INTEGER);
    buffer_sleb(out, fixnum_value(value));
  } else if (is_char(value)) {
    buffer_byte(out, JANK_POOL_CHARACTER);
    buffer_uleb(out, char_value(value));
  } else {
    buffer_byte(out, value == JANK_TRUE    ? JANK_POOL_TRUE
                     : value == JANK_FALSE ? JANK_POOL_FALSE
                                           : JANK_POOL_NIL);
  }
}

static bool kept_meta(void *context, O key, O value) {
  static const char *const positions[] = {"line", "column", "end-line",
                                          "end-column", "file"};
  O *result = context;
  if (is_type(key, JANK_TYPE_KEYWORD))
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++)
      if (symbol_is(key, NULL, positions[i]))
        return true;
  *result = map_assoc(*result, key, value);
  return true;
}

/* The metadata that the program can see; nil: none. */
static O meta_of(O value) {
  switch (value->type) {
  case JANK_TYPE_SYMBOL:
  case JANK_TYPE_LIST:
  case JANK_TYPE_EMPTY_LIST:
  case JANK_TYPE_VECTOR:
  case JANK_TYPE_MAP:
  case JANK_TYPE_SET: {
    O meta = get_meta(value), result = empty_map;
    if (!is_type(meta, JANK_TYPE_MAP))
      return JANK_NIL;
    map_each(meta, kept_meta, &result);
    return map_count(result) ? result : JANK_NIL;
  }
  default:
    return JANK_NIL;
  }
}

static void encode_object(const program *p, O value, buffer *out, int depth) {
  switch (value->type) {
  case JANK_TYPE_LONG:
    buffer_byte(out, JANK_POOL_INTEGER);
    buffer_sleb(out, ((long_object *)value)->value);
    return;
  case JANK_TYPE_DOUBLE:
    encode_double(value, out);
    return;
  case JANK_TYPE_STRING:
    buffer_byte(out, JANK_POOL_STRING);
    encode_text((string_object *)value, out);
    return;
  case JANK_TYPE_KEYWORD:
  case JANK_TYPE_SYMBOL: {
    symbol_object *s = (symbol_object *)value;
    encode_named(value->type == JANK_TYPE_KEYWORD ? JANK_POOL_KEYWORD
                                                  : JANK_POOL_SYMBOL,
                 s->ns, s->name, out);
    return;
  }
  case JANK_TYPE_VAR: {
    var_object *v = (var_object *)value;
    encode_named(JANK_POOL_VAR, v->ns->name->name, v->name->name, out);
    return;
  }
  case JANK_TYPE_REGEX:
  case JANK_TYPE_BIGNUM:
    buffer_byte(out, value->type == JANK_TYPE_REGEX ? JANK_POOL_REGEX
                                                    : JANK_POOL_BIGNUM);
    encode_text(((text_object *)value)->text, out);
    return;
  case JANK_TYPE_INSTANCE: { /* #inst, #uuid */
    instance_object *i = (instance_object *)value;
    if (class_find(i->class->name->name->text) != i->class)
      error_throw("CompilerException", "Can't embed in code: a %s",
                  i->class->name->name->text);
    buffer_byte(out, JANK_POOL_INSTANCE);
    encode_text(i->class->name->name, out);
    buffer_uleb(out, i->header.aux);
    for (uint32_t n = 0; n < i->header.aux; n++)
      encode(p, i->fields[n], out, depth);
    return;
  }
  case JANK_TYPE_CLASS:
    buffer_byte(out, JANK_POOL_CLASS);
    encode_text(((class_object *)value)->name->name, out);
    return;
  case JANK_TYPE_VECTOR:
  case JANK_TYPE_MAP_ENTRY:
    encode_items(p, JANK_POOL_VECTOR, value, out, depth);
    return;
  case JANK_TYPE_SET:
    encode_items(p, JANK_POOL_SET, value, out, depth);
    return;
  case JANK_TYPE_MAP:
    encode_map(p, value, out, depth);
    return;
  default:
    if (!is_seq(value) && value->type != JANK_TYPE_EMPTY_LIST)
      error_throw("CompilerException", "Can't embed in code: a %s",
                  type_name(value));
    encode_items(p, JANK_POOL_LIST, value, out, depth);
    return;
  }
}

static void encode(const program *p, O value, buffer *out, int depth) {
  if (depth > MAX_DEPTH)
    error_throw("CompilerException", "a constant is nested too deeply");
  if (!is_heap(value)) {
    encode_word(value, out);
    return;
  }
  O meta = meta_of(value);
  if (meta != JANK_NIL)
    buffer_byte(out, JANK_POOL_WITH_META);
  encode_object(p, value, out, depth + 1);
  if (meta != JANK_NIL)
    encode(p, meta, out, depth + 1);
}

static void encode_code(const fn_node *fn, buffer *out) {
  buffer_byte(out, fn->capture_count ? JANK_POOL_CODE : JANK_POOL_FN);
  buffer_uleb(out, strlen(fn->name));
  buffer_text(out, fn->name);
  buffer_uleb(out, (uint64_t)fn->method_count);
  for (int i = 0; i < fn->method_count; i++) {
    buffer_uleb(out, (uint64_t)fn->methods[i]->required);
    buffer_byte(out, fn->methods[i]->variadic);
    buffer_uleb(out, (uint64_t)fn->methods[i]->index);
  }
}

void pool_encode(const program *p, buffer *out) {
  buffer_uleb(out, (uint64_t)p->pool_count);
  for (int i = 0; i < p->pool_count; i++)
    if (p->pool[i].fn)
      encode_code(p->pool[i].fn, out);
    else
      encode(p, p->pool[i].value, out, 0);
}

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
