/* entry.c - map entries: a key and its value; to a program a vector of two. */
#include "collection/entry.h"
#include "value/gc.h"
#include "value/word.h"

O entry_make(O key, O value) {
  map_entry_object *e = gc_alloc(JANK_TYPE_MAP_ENTRY, sizeof *e);
  e->key = key;
  e->value = value;
  return &e->header;
}

void entry_trace(O o) {
  map_entry_object *e = (map_entry_object *)o;
  gc_mark(e->key);
  gc_mark(e->value);
}
