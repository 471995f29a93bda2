/* array.h - TODO */
#ifndef JANK_COLLECTION_ARRAY_H
#define JANK_COLLECTION_ARRAY_H

#include "host/host.h"
#include "value/word.h"

typedef struct { /* flags: the kind of its elements, see array.c */
  jank_object header;
  uint32_t count;
  jank_object *items[];
} array_object;

jank_object *array_make(uint32_t n); /* of nil */

#endif
