/* pool_encode.c - a program's constants, as jank_patch.h describes them: what
 * the emitters put into a patch, and load/pool.c reads. Same constants, same
 * bytes. */
#include "emit/pool_encode.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "collection/coll.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "runtime/class.h"
#include "runtime/instance.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/box.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/meta.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

#define MAX_DEPTH 500

/* Of one pool. Texts are those of the program's constants and live as long. */
typedef struct {
  const char *start;
  uint32_t bytes, number;
} pool_text;

typedef struct {
  const program *p;
  buffer *out;
  pool_text *texts; /* a hash table; number 0: free */
  uint32_t text_count, text_room;
  const var_object *var; /* the last ones */
  int64_t function, line;
  int depth;
} encoder;

static void encode(encoder *e, O value);

/* ---- Text ---------------------------------------------------------------- */

static uint32_t text_hash(const char *start, size_t n) {
  uint32_t hash = 0x811c9dc5;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ (unsigned char)start[i]) * 0x01000193;
  return hash ^ hash >> 15;
}

static pool_text *find_text(const encoder *e, const char *start, size_t n) {
  uint32_t mask = e->text_room - 1, i = text_hash(start, n) & mask;
  while (e->texts[i].number &&
         (e->texts[i].bytes != n || memcmp(e->texts[i].start, start, n) != 0))
    i = (i + 1) & mask;
  return &e->texts[i];
}

static void grow_texts(encoder *e) {
  pool_text *old = e->texts;
  uint32_t room = e->text_room;
  e->text_room = room ? 2 * room : 32;
  e->texts = arena_alloc(e->p->arena, e->text_room * sizeof *e->texts);
  for (uint32_t i = 0; i < room; i++)
    if (old[i].number)
      *find_text(e, old[i].start, old[i].bytes) = old[i];
}

static void encode_chars(encoder *e, const char *start, size_t n) {
  if (!n) {
    buffer_byte(e->out, 0);
    return;
  }
  if (2 * (e->text_count + 1) > e->text_room)
    grow_texts(e);
  pool_text *t = find_text(e, start, n);
  if (t->number) {
    buffer_uleb(e->out, 2 * (uint64_t)t->number);
    return;
  }
  *t = (pool_text){start, (uint32_t)n, ++e->text_count};
  buffer_uleb(e->out, 2 * (uint64_t)n + 1);
  buffer_add(e->out, start, n);
}

static void encode_text(encoder *e, const string_object *s) {
  encode_chars(e, s ? s->text : NULL, s ? s->bytes : 0);
}

/* ---- Values -------------------------------------------------------------- */

static void encode_named(encoder *e, enum jank_pool_tag tag,
                         const string_object *ns, const string_object *name) {
  buffer_byte(e->out, tag);
  encode_text(e, ns);
  encode_text(e, name);
}

static void encode_double(encoder *e, O value) {
  uint64_t bits;
  memcpy(&bits, &((double_object *)value)->value, sizeof bits);
  buffer_byte(e->out, JANK_POOL_DOUBLE);
  for (int i = 0; i < 8; i++)
    buffer_byte(e->out, (int)(bits >> (8 * i) & 0xff));
}

static void encode_items(encoder *e, enum jank_pool_tag tag, O coll) {
  buffer_byte(e->out, tag);
  buffer_uleb(e->out, (uint64_t)coll_count(coll));
  for (O s = seq(coll); s != JANK_NIL; s = seq_next(s))
    encode(e, seq_first(s));
}

static bool encode_entry(void *context, O key, O value) {
  encode(context, key);
  encode(context, value);
  return true;
}

static void encode_map(encoder *e, O map) {
  buffer_byte(e->out, JANK_POOL_MAP);
  buffer_uleb(e->out, map_count(map));
  map_each(map, encode_entry, e);
}

static void encode_word(encoder *e, O value) {
  if (is_fixnum(value)) {
    buffer_byte(e->out, JANK_POOL_INTEGER);
    buffer_sleb(e->out, fixnum_value(value));
  } else if (is_char(value)) {
    buffer_byte(e->out, JANK_POOL_CHARACTER);
    buffer_uleb(e->out, char_value(value));
  } else {
    buffer_byte(e->out, value == JANK_TRUE    ? JANK_POOL_TRUE
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
static O visible_meta(O value) {
  switch (value->type) {
  case JANK_TYPE_SYMBOL:
  case JANK_TYPE_LIST:
  case JANK_TYPE_EMPTY_LIST:
  case JANK_TYPE_VECTOR:
  case JANK_TYPE_MAP:
  case JANK_TYPE_SET: {
    O meta = meta_of(value), result = map_empty;
    if (!is_type(meta, JANK_TYPE_MAP))
      return JANK_NIL;
    map_each(meta, kept_meta, &result);
    return map_count(result) ? result : JANK_NIL;
  }
  default:
    return JANK_NIL;
  }
}

/* ---- A var's metadata ---------------------------------------------------- */

#define META_ROOM 8 /* more entries have no order */

typedef struct {
  O keys[META_ROOM], values[META_ROOM];
  int count;
} meta_entries;

static bool keep_entry(void *context, O key, O value) {
  meta_entries *m = context;
  m->keys[m->count] = key;
  m->values[m->count++] = value;
  return m->count < META_ROOM;
}

static bool has_key(const meta_entries *m, int i, const char *name) {
  return i < m->count && is_type(m->keys[i], JANK_TYPE_KEYWORD) &&
         symbol_is(m->keys[i], NULL, name);
}

static bool is_plain_symbol(O o) {
  return is_type(o, JANK_TYPE_SYMBOL) && !((symbol_object *)o)->ns &&
         ((symbol_object *)o)->name->bytes && visible_meta(o) == JANK_NIL;
}

/* Do the entries from number i on tell a place? */
static bool is_place(const meta_entries *m, int i) {
  O const *values = m->values + i;
  return has_key(m, i, "file") && has_key(m, i + 1, "line") &&
         has_key(m, i + 2, "column") && has_key(m, i + 3, "name") &&
         has_key(m, i + 4, "ns") && is_type(values[0], JANK_TYPE_STRING) &&
         is_fixnum(values[1]) && is_fixnum(values[2]) &&
         fixnum_value(values[2]) >= 0 && is_plain_symbol(values[3]) &&
         is_plain_symbol(values[4]);
}

static bool is_arglists(O lists) {
  if (!is_type(lists, JANK_TYPE_LIST) || visible_meta(lists) != JANK_NIL)
    return false;
  for (O s = lists; s != JANK_NIL; s = seq_next(s))
    if (!is_type(seq_first(s), JANK_TYPE_VECTOR) ||
        visible_meta(seq_first(s)) != JANK_NIL)
      return false;
  return true;
}

/* What the entries before number `end` are, when it is what defn gives, in its
 * order; else JANK_PLACED_MAP. */
static int usual_entries(const meta_entries *m, int end) {
  int i = 0, kinds = 0;
  if (has_key(m, i, "arglists") && is_arglists(m->values[i]))
    kinds |= (i++, JANK_PLACED_ARGLISTS);
  if (has_key(m, i, "macro") && m->values[i] == JANK_TRUE)
    kinds |= (i++, JANK_PLACED_MACRO);
  if (has_key(m, i, "private") && m->values[i] == JANK_TRUE)
    kinds |= (i++, JANK_PLACED_PRIVATE);
  if (has_key(m, i, "doc") && is_type(m->values[i], JANK_TYPE_STRING))
    kinds |= (i++, JANK_PLACED_DOC);
  return i == end ? kinds : JANK_PLACED_MAP;
}

static void encode_arglists(encoder *e, O lists) {
  buffer_uleb(e->out, (uint64_t)coll_count(lists));
  for (O s = lists; s != JANK_NIL; s = seq_next(s)) {
    buffer_uleb(e->out, (uint64_t)coll_count(seq_first(s)));
    for (O t = seq(seq_first(s)); t != JANK_NIL; t = seq_next(t)) {
      if (is_plain_symbol(seq_first(t))) {
        encode_text(e, ((symbol_object *)seq_first(t))->name);
      } else {
        encode_text(e, NULL);
        encode(e, seq_first(t));
      }
    }
  }
}

static void encode_usual(encoder *e, const meta_entries *m, int kinds) {
  if (kinds & JANK_PLACED_MAP) {
    buffer_uleb(e->out, (uint64_t)m->count - 5);
    for (int i = 0; i < m->count - 5; i++)
      encode_entry(e, m->keys[i], m->values[i]);
  }
  if (kinds & JANK_PLACED_ARGLISTS)
    encode_arglists(e, m->values[0]);
  if (kinds & JANK_PLACED_DOC)
    encode_text(e, (string_object *)m->values[m->count - 6]);
}

static void encode_place(encoder *e, O const *values, bool named) {
  encode_text(e, (string_object *)values[0]);
  buffer_sleb(e->out, fixnum_value(values[1]) - e->line);
  e->line = fixnum_value(values[1]);
  buffer_uleb(e->out, (uint64_t)fixnum_value(values[2]));
  if (!named)
    return;
  encode_text(e, ((symbol_object *)values[3])->name);
  encode_text(e, ((symbol_object *)values[4])->name);
}

/* false: the map does not end with a place, and nothing was written. */
static bool encode_placed(encoder *e, O map) {
  meta_entries m = {.count = 0};
  if (map_count(map) < 5 || map_count(map) > META_ROOM)
    return false;
  map_each(map, keep_entry, &m);
  int end = m.count - 5;
  if (!is_place(&m, end))
    return false;
  bool named = !e->var ||
               !value_equal(m.values[end + 3], &e->var->name->header) ||
               !value_equal(m.values[end + 4], &e->var->ns->name->header);
  int kinds = usual_entries(&m, end) | (named ? JANK_PLACED_NAMED : 0);
  buffer_byte(e->out, JANK_POOL_PLACED);
  buffer_byte(e->out, kinds);
  encode_usual(e, &m, kinds);
  encode_place(e, m.values + end, named);
  return true;
}

/* #inst, #uuid: of a class that has a name where the patch is loaded. */
static void encode_instance(encoder *e, const instance_object *i) {
  if (class_find(i->class->name->name->text) != i->class)
    error_throw("CompilerException", "Can't embed in code: a %s",
                i->class->name->name->text);
  buffer_byte(e->out, JANK_POOL_INSTANCE);
  encode_text(e, i->class->name->name);
  buffer_uleb(e->out, i->header.aux);
  for (uint32_t n = 0; n < i->header.aux; n++)
    encode(e, i->fields[n]);
}

static void encode_object(encoder *e, O value) {
  switch (value->type) {
  case JANK_TYPE_LONG:
    buffer_byte(e->out, JANK_POOL_INTEGER);
    buffer_sleb(e->out, ((long_object *)value)->value);
    return;
  case JANK_TYPE_DOUBLE:
    encode_double(e, value);
    return;
  case JANK_TYPE_STRING:
    buffer_byte(e->out, JANK_POOL_STRING);
    encode_text(e, (string_object *)value);
    return;
  case JANK_TYPE_KEYWORD:
  case JANK_TYPE_SYMBOL: {
    symbol_object *s = (symbol_object *)value;
    encode_named(e,
                 value->type == JANK_TYPE_KEYWORD ? JANK_POOL_KEYWORD
                                                  : JANK_POOL_SYMBOL,
                 s->ns, s->name);
    return;
  }
  case JANK_TYPE_VAR: {
    var_object *v = (var_object *)value;
    e->var = v;
    encode_named(e, JANK_POOL_VAR, v->ns->name->name, v->name->name);
    return;
  }
  case JANK_TYPE_REGEX:
  case JANK_TYPE_BIGNUM:
    buffer_byte(e->out, value->type == JANK_TYPE_REGEX ? JANK_POOL_REGEX
                                                       : JANK_POOL_BIGNUM);
    encode_text(e, ((bignum_object *)value)->text);
    return;
  case JANK_TYPE_INSTANCE:
    encode_instance(e, (instance_object *)value);
    return;
  case JANK_TYPE_CLASS:
    buffer_byte(e->out, JANK_POOL_CLASS);
    encode_text(e, ((class_object *)value)->name->name);
    return;
  case JANK_TYPE_VECTOR:
  case JANK_TYPE_MAP_ENTRY:
    encode_items(e, JANK_POOL_VECTOR, value);
    return;
  case JANK_TYPE_SET:
    encode_items(e, JANK_POOL_SET, value);
    return;
  case JANK_TYPE_MAP:
    if (!encode_placed(e, value))
      encode_map(e, value);
    return;
  default:
    if (!seq_is(value) && value->type != JANK_TYPE_EMPTY_LIST)
      error_throw("CompilerException", "Can't embed in code: a %s",
                  error_type_name(value));
    encode_items(e, JANK_POOL_LIST, value);
    return;
  }
}

static void encode(encoder *e, O value) {
  if (e->depth > MAX_DEPTH)
    error_throw("CompilerException", "a constant is nested too deeply");
  if (!is_heap(value)) {
    encode_word(e, value);
    return;
  }
  O meta = visible_meta(value);
  if (meta != JANK_NIL)
    buffer_byte(e->out, JANK_POOL_WITH_META);
  e->depth++;
  encode_object(e, value);
  if (meta != JANK_NIL)
    encode(e, meta);
  e->depth--;
}

/* ---- Functions ----------------------------------------------------------- */

static void encode_arities(encoder *e, const fn_node *fn) {
  buffer_uleb(e->out, (uint64_t)fn->method_count);
  for (int i = 0; i < fn->method_count; i++) {
    const method *m = fn->methods[i];
    buffer_uleb(e->out, 2 * (uint64_t)m->required + m->variadic);
    buffer_sleb(e->out, m->index - e->function);
    e->function = m->index;
  }
}

/* The name in parts, which other names of the pool have as well. */
static void encode_code(encoder *e, const fn_node *fn) {
  buffer_byte(e->out, fn->capture_count ? JANK_POOL_CODE : JANK_POOL_FN);
  const char *slash = strchr(fn->name, '/');
  const char *title = slash && slash > fn->name ? slash + 1 : fn->name;
  const char *dashes = strstr(title, "--");
  size_t n = dashes && dashes > title && dashes[2] ? (size_t)(dashes - title)
                                                   : strlen(title);
  encode_chars(e, fn->name, title > fn->name ? (size_t)(slash - fn->name) : 0);
  encode_chars(e, title, n);
  encode_chars(e, title[n] ? title + n + 2 : title,
               title[n] ? strlen(title + n + 2) : 0);
  encode_arities(e, fn);
}

/* A form's var and its metadata are neighbours, unless an earlier form has the
 * var. */
static int var_constant(const program *p, const definition *d) {
  const jank_object *var = &d->var->header;
  if (d->meta > 0 && p->pool[d->meta - 1].value == var)
    return d->meta - 1;
  int i = 0;
  while (p->pool[i].value != var)
    i++;
  return i;
}

static int encode_definition(encoder *e, const definition *d, int last) {
  int var = var_constant(e->p, d);
  buffer_sleb(e->out, var - last);
  encode_arities(e, d->fn);
  buffer_sleb(e->out, d->meta < 0 ? 0 : d->meta - var);
  return var;
}

void pool_encode(const program *p, bool definitions, buffer *out) {
  encoder e = {.p = p, .out = out};
  buffer_uleb(out, (uint64_t)p->pool_count);
  for (int i = 0; i < p->pool_count; i++)
    if (p->pool[i].fn)
      encode_code(&e, p->pool[i].fn);
    else
      encode(&e, p->pool[i].value);
  if (!definitions)
    return;
  buffer_uleb(out, (uint64_t)p->definition_count);
  for (int i = 0, var = 0; i < p->definition_count; i++)
    var = encode_definition(&e, &p->definitions[i], var);
}
