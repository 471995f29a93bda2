/* array.h - arrays: a fixed number of places that can be set. They are what a
 * program makes with make-array, and what C code here gathers values in,
 * because the collector looks into them. */
#ifndef JANK_COLLECTION_ARRAY_H
#define JANK_COLLECTION_ARRAY_H

#include "value/word.h"

typedef struct { /* flags: the kind of its elements, see array.c */
  jank_object header;
  uint32_t count;
  jank_object *items[];
} array_object;

/* X(kind, lowest, highest): whole numbers have bounds. */
#define ARRAY_KINDS(X)                                                         \
  X(object, 0, 0)                                                              \
  X(boolean, 0, 0)                                                             \
  X(byte, -128, 127)                                                           \
  X(char, 0, 0)                                                                \
  X(short, -32768, 32767)                                                      \
  X(int, INT32_MIN, INT32_MAX)                                                 \
  X(long, INT64_MIN, INT64_MAX)                                                \
  X(float, 0, 0)                                                               \
  X(double, 0, 0)

enum array_kind {
#define X(kind, lowest, highest) KIND_##kind,
  ARRAY_KINDS(X)
#undef X
      KIND_COUNT
};

jank_object *array_make(uint32_t n); /* of nil; its kind is object */
void array_trace(jank_object *o);

#endif
