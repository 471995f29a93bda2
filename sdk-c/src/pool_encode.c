/* pool_encode.c - a program's constants, as jank_patch.h describes them: what the
 * emitters put into a patch, and pool.c reads.
 */
#include "ast.h"
#include <string.h>

typedef jank_object *O;

#define MAX_DEPTH 500

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
