/* symbol.c - symbols and keywords.
 *
 * A keyword is interned for the life of the runtime: two that are equal are the
 * same word. It is never collected, because code and hash tables have it as a
 * word. A program that makes keywords without end grows without end. Symbols
 * are values with metadata, compared by text.
 */
#include "value/symbol.h"
#include "base/buffer.h"
#include "base/fnv.h"
#include "base/grow.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

/* ---- Interning: open addressing, never shrinks --------------------------- */

typedef struct {
  symbol_object *keyword; /* NULL: free */
  uint32_t hash;
} slot;

static slot *slots;
static size_t slot_count, used;

/* In order of interning: those that were frozen need no marking. */
static symbol_object **interned;
static size_t interned_capacity, frozen;

static uint32_t text_hash(const string_object *ns, const string_object *name) {
  uint32_t h = FNV_32;
  if (ns)
    h = fnv_32(fnv_32(h, ns->text, ns->bytes), "/", 1);
  return fnv_32(h, name->text, name->bytes);
}

static bool same_text(const string_object *a, const string_object *b) {
  return a == b || (a && b && a->bytes == b->bytes &&
                    memcmp(a->text, b->text, a->bytes) == 0);
}

static void place(slot s) {
  size_t i = s.hash & (slot_count - 1);
  while (slots[i].keyword)
    i = (i + 1) & (slot_count - 1);
  slots[i] = s;
}

static void rehash(void) {
  slot *old = slots;
  size_t n = slot_count;
  slot *grown = calloc(n ? n * 2 : 1024, sizeof *grown);
  if (!grown)
    throw_out_of_memory();
  slots = grown;
  slot_count = n ? n * 2 : 1024;
  for (size_t i = 0; i < n; i++)
    if (old[i].keyword)
      place(old[i]);
  free(old);
}

static symbol_object *make(enum jank_type type, string_object *ns,
                           string_object *name) {
  symbol_object *s = gc_alloc(type, sizeof *s);
  s->ns = ns && ns->bytes ? ns : NULL;
  s->name = name;
  return s;
}

symbol_object *symbol_intern(string_object *ns, string_object *name) {
  if (ns && !ns->bytes)
    ns = NULL;
  uint32_t h = text_hash(ns, name);
  for (size_t i = h & (slot_count - 1); slots[i].keyword;
       i = (i + 1) & (slot_count - 1))
    if (slots[i].hash == h && same_text(slots[i].keyword->name, name) &&
        same_text(slots[i].keyword->ns, ns))
      return slots[i].keyword;
  symbol_object *k = make(JANK_TYPE_KEYWORD, ns, name);
  if ((used + 1) * 2 > slot_count)
    rehash();
  interned = grow(interned, &interned_capacity, used + 1, sizeof *interned);
  place((slot){k, h});
  interned[used++] = k;
  return k;
}

static void mark_keywords(void) {
  for (size_t i = frozen; i < used; i++)
    gc_mark((O)interned[i]);
}

void symbol_freeze(void) { frozen = used; }

void symbol_init(void) {
  rehash();
  gc_add_marker(mark_keywords);
}

void symbol_trace(O o) {
  symbol_object *s = (symbol_object *)o;
  gc_mark((O)s->ns);
  gc_mark((O)s->name);
  gc_mark(s->meta);
}

/* ---- Making them --------------------------------------------------------- */

static string_object *optional(const char *text) {
  return text && *text ? string_make(text, strlen(text)) : NULL;
}

symbol_object *symbol_make(string_object *ns, string_object *name) {
  return make(JANK_TYPE_SYMBOL, ns, name);
}

symbol_object *symbol_from(const char *ns, const char *name) {
  string_object *space = optional(ns);
  return symbol_make(space, string_make(name, strlen(name)));
}

symbol_object *symbol_keyword(const char *ns, const char *name) {
  string_object *space = optional(ns);
  return symbol_intern(space, string_make(name, strlen(name)));
}

O jank_make_keyword(const char *ns, const char *name) {
  return &symbol_keyword(ns, name)->header;
}

O jank_make_symbol(const char *ns, const char *name) {
  return &symbol_from(ns, name)->header;
}

O jank_keyword_intern(O ns, O name) {
  if (!is_type(name, JANK_TYPE_STRING))
    error_type("keyword", "a string", name);
  if (ns != JANK_NIL && !is_type(ns, JANK_TYPE_STRING))
    error_type("keyword", "a string", ns);
  return &symbol_intern((string_object *)ns, (string_object *)name)->header;
}

static bool text_is(const string_object *s, const char *text) {
  size_t n = strlen(text);
  return s->bytes == n && memcmp(s->text, text, n) == 0;
}

void symbol_add_qualified(buffer *out, const string_object *ns,
                          const string_object *name) {
  if (ns) {
    buffer_add(out, ns->text, ns->bytes);
    buffer_byte(out, '/');
  }
  buffer_add(out, name->text, name->bytes);
}

bool symbol_is(O o, const char *ns, const char *name) {
  if (!is_type(o, JANK_TYPE_SYMBOL) && !is_type(o, JANK_TYPE_KEYWORD))
    return false;
  symbol_object *s = (symbol_object *)o;
  if (!text_is(s->name, name))
    return false;
  return ns ? s->ns && text_is(s->ns, ns) : !s->ns;
}

bool symbol_is_keyword(O o, const char *name) {
  return is_type(o, JANK_TYPE_KEYWORD) && symbol_is(o, NULL, name);
}

O symbol_meta(O o) { return ((symbol_object *)o)->meta; }

O symbol_with_meta(O o, O meta) {
  const symbol_object *s = (symbol_object *)o;
  symbol_object *copy = symbol_make(s->ns, s->name);
  copy->meta = meta;
  return &copy->header;
}
