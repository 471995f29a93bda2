/* pool.c - a patch's constants, read when it is loaded. pool_encode.c wrote them.
 *
 * The format is in jank_patch.h. The decoder trusts nothing: it never reads
 * past the pool, and answers bad bytes with an exception. Positions in a quoted
 * form's metadata are not kept.
 */
#include "load/pool.h"
#include "base/buffer.h"
#include "collection/array.h"
#include "number/text.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/ns.h"
#include "runtime/type.h"
#include "runtime/var.h"
#include "value/call.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 500

/* ---- Reading ------------------------------------------------------------- */

/* A string of the pool, and the symbol and keyword of that name, once they are
 * made. */
enum { TEXT_STRING, TEXT_SYMBOL, TEXT_KEYWORD, TEXT_WORDS };

typedef struct {
  const uint8_t *p, *end;
  const pool_target *target;
  array_object *texts; /* TEXT_WORDS each */
  uint32_t text_count;
  var_object *var; /* the last ones */
  int64_t function, line;
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

static void grow_texts(decoder *d) {
  array_object *old = d->texts;
  uint32_t room = old ? 2 * old->count : 16 * TEXT_WORDS;
  array_object *grown = (array_object *)array_make(room);
  if (old)
    memcpy(grown->items, old->items, old->count * sizeof *old->items);
  d->texts = grown;
}

/* Texts are kept in an array that the decoder, on the stack, keeps alive. What is
 * decoded goes through a variable before it is stored: the array may have grown. */
static O *new_text(decoder *d, uint64_t n) {
  if (n > (uint64_t)(d->end - d->p))
    bad("a length goes past its end");
  if (!d->texts || d->text_count * TEXT_WORDS == d->texts->count)
    grow_texts(d);
  O string = (O)string_make((const char *)d->p, (size_t)n);
  d->p += n;
  O *entry = d->texts->items + d->text_count++ * TEXT_WORDS;
  entry[TEXT_STRING] = string;
  return entry;
}

/* NULL: the empty string. */
static O *optional_text(decoder *d) {
  uint64_t n = uleb(d);
  if (n & 1)
    return new_text(d, n >> 1);
  if (n >> 1 > d->text_count)
    bad("a string's number is too large");
  return n ? d->texts->items + ((n >> 1) - 1) * TEXT_WORDS : NULL;
}

static string_object *string_of(O *entry) {
  return entry ? (string_object *)entry[TEXT_STRING] : NULL;
}

static string_object *text(decoder *d) {
  O *entry = optional_text(d);
  return entry ? string_of(entry) : string_make("", 0);
}

/* The symbol without namespace or metadata; one for all its uses. */
static symbol_object *plain_symbol(O *entry) {
  if (!entry)
    return symbol_make(NULL, string_make("", 0));
  if (entry[TEXT_SYMBOL] == JANK_NIL) {
    O s = &symbol_make(NULL, string_of(entry))->header;
    entry[TEXT_SYMBOL] = s;
  }
  return (symbol_object *)entry[TEXT_SYMBOL];
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
  string_object *ns = string_of(optional_text(d));
  O *entry = optional_text(d);
  if (ns || !entry)
    return jank_keyword_intern((O)ns, entry ? (O)string_of(entry)
                                            : (O)string_make("", 0));
  if (entry[TEXT_KEYWORD] == JANK_NIL) {
    O k = jank_keyword_intern(JANK_NIL, entry[TEXT_STRING]);
    entry[TEXT_KEYWORD] = k;
  }
  return entry[TEXT_KEYWORD];
}

static O decode_symbol(decoder *d) {
  string_object *ns = string_of(optional_text(d));
  if (ns)
    return &symbol_make(ns, text(d))->header;
  return &plain_symbol(optional_text(d))->header;
}

static O decode_var(decoder *d) {
  namespace_object *home = ns_find_or_make(plain_symbol(optional_text(d)));
  d->var = var_intern(home, plain_symbol(optional_text(d)));
  return &d->var->header;
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

static O decode_parameters(decoder *d) {
  uint32_t n = size(d, 1);
  array_object *a = (array_object *)array_make(n);
  for (uint32_t i = 0; i < n; i++) {
    O *name = optional_text(d);
    O parameter = name ? &plain_symbol(name)->header : decode(d);
    a->items[i] = parameter;
  }
  return jank_make_vector(n, a->items);
}

static O decode_arglists(decoder *d) {
  uint32_t n = size(d, 1);
  array_object *a = (array_object *)array_make(n);
  for (uint32_t i = 0; i < n; i++) {
    O parameters = decode_parameters(d);
    a->items[i] = parameters;
  }
  return jank_make_list(n, a->items);
}

/* Metadata that is being read: keys and values in turn. */
#define PLACED_ROOM 16
#define PLACED_USUAL 9 /* at most, besides other ones */

typedef struct {
  O items[2 * PLACED_ROOM];
  uint32_t count;
} entries;

static void add_entry(entries *e, const char *key, O value) {
  e->items[2 * e->count] = &symbol_keyword(NULL, key)->header;
  e->items[2 * e->count++ + 1] = value;
}

static void decode_others(decoder *d, entries *e) {
  uint32_t n = size(d, 2);
  if (n > PLACED_ROOM - PLACED_USUAL)
    bad("too much metadata");
  for (uint32_t i = 0; i < 2 * n; i++) {
    O item = decode(d);
    e->items[i] = item;
  }
  e->count = n;
}

static void decode_place(decoder *d, entries *e) {
  add_entry(e, "file", (O)text(d));
  d->line = (int64_t)((uint64_t)d->line + (uint64_t)sleb(d));
  add_entry(e, "line", jank_box_integer(d->line));
  add_entry(e, "column", jank_box_integer((int64_t)uleb(d)));
}

static void decode_names(decoder *d, entries *e, bool named) {
  if (!named && !d->var)
    bad("metadata without a var");
  const symbol_object *name =
      named ? plain_symbol(optional_text(d)) : d->var->name;
  add_entry(e, "name", (O)name);
  const symbol_object *ns =
      named ? plain_symbol(optional_text(d)) : d->var->ns->name;
  add_entry(e, "ns", (O)ns);
}

/* In the order in which defn gives them: other ones first, then these, then the
 * place. */
static O decode_placed(decoder *d) {
  uint8_t kinds = byte(d);
  entries e = {.count = 0};
  if (kinds & JANK_PLACED_MAP)
    decode_others(d, &e);
  if (kinds & JANK_PLACED_ARGLISTS)
    add_entry(&e, "arglists", decode_arglists(d));
  if (kinds & JANK_PLACED_MACRO)
    add_entry(&e, "macro", JANK_TRUE);
  if (kinds & JANK_PLACED_PRIVATE)
    add_entry(&e, "private", JANK_TRUE);
  if (kinds & JANK_PLACED_DOC)
    add_entry(&e, "doc", (O)text(d));
  decode_place(d, &e);
  decode_names(d, &e, kinds & JANK_PLACED_NAMED);
  return jank_make_map(e.count, e.items);
}

static void *function_at(decoder *d) {
  const pool_target *t = d->target;
  d->function = (int64_t)((uint64_t)d->function + (uint64_t)sleb(d));
  uint64_t index = (uint64_t)d->function;
  if (index >= t->function_count)
    bad("a function number is too large");
  return t->functions ? t->functions[index]
                      : (void *)(uintptr_t)(t->table_base + index);
}

static void decode_arities(decoder *d, code_object *code) {
  for (uint32_t n = size(d, 2); n > 0; n--) {
    uint64_t arity = uleb(d);
    void *fn = function_at(d);
    char signature[32];
    snprintf(signature, sizeof signature, "%llu%s",
             (unsigned long long)arity >> 1, arity & 1 ? "&" : "");
    if (!fn_code_add_arity(code, signature, fn))
      bad("a function has a wrong arity");
  }
}

/* ns/name--suffix */
static string_object *full_name(const string_object *ns,
                                const string_object *name,
                                const string_object *suffix) {
  buffer whole = {0};
  symbol_add_qualified(&whole, ns, name);
  if (suffix)
    buffer_text(&whole, "--");
  if (suffix)
    buffer_add(&whole, suffix->text, suffix->bytes);
  return string_from_buffer(&whole);
}

static O decode_code(decoder *d) {
  string_object *ns = string_of(optional_text(d)), *name = text(d);
  string_object *suffix = string_of(optional_text(d));
  code_object *code =
      fn_code_make(full_name(ns, name, suffix), d->target->patch);
  decode_arities(d, code);
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
  case JANK_POOL_PLACED:
    return decode_placed(d);
  default:
    bad("an unknown kind of constant");
  }
}

/* Depth counts values and their metadata, so twice what the encoder allows. */
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

/* A word that is `distance` away from number `from`. */
static uint32_t word_at(uint32_t from, int64_t distance, uint32_t words) {
  if (distance < -(int64_t)from || distance >= (int64_t)words - from)
    bad("a constant's number is too large");
  return (uint32_t)(from + distance);
}

static uint32_t decode_definition(decoder *d, O *result, uint32_t last,
                                  uint32_t words) {
  uint32_t number = word_at(last, sleb(d), words);
  O value = d->target->words[number];
  if (!is_type(value, JANK_TYPE_VAR))
    bad("a definition without a var");
  var_object *var = (var_object *)value;
  code_object *code = fn_code_make(
      full_name(var->ns->name->name, var->name->name, NULL), d->target->patch);
  result[0] = &code->header;
  result[1] = value;
  decode_arities(d, code);
  uint32_t meta = word_at(number, sleb(d), words);
  if (meta != number)
    result[2] = d->target->words[meta];
  return number;
}

O pool_decode(const uint8_t *pool, size_t n, const pool_target *target,
              bool has_definitions) {
  decoder d = {.p = pool, .end = pool + n, .target = target};
  uint32_t words = size(&d, 1);
  for (uint32_t i = 0; i < words; i++)
    target->words[i] = decode(&d);
  if (!has_definitions)
    return JANK_NIL;
  uint32_t count = size(&d, 3);
  array_object *a = (array_object *)array_make(count * POOL_DEFINITION_WORDS);
  for (uint32_t i = 0, var = 0; i < count; i++)
    var =
        decode_definition(&d, a->items + i * POOL_DEFINITION_WORDS, var, words);
  return &a->header;
}
