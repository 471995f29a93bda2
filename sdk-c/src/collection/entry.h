/* entry.h - map entries. */
#ifndef JANK_COLLECTION_ENTRY_H
#define JANK_COLLECTION_ENTRY_H

#include "value/word.h"

typedef struct { /* MAP_ENTRY: what a map's seq consists of */
  jank_object header;
  jank_object *key;
  jank_object *value;
} map_entry_object;

jank_object *entry_make(jank_object *key, jank_object *value);
void entry_trace(jank_object *o);

#endif
