/* array.c - arrays as objects: making and tracing them.
 *
 * An array knows the kind of its elements (header.flags), as on the JVM: what
 * is stored in a long-array is a whole number, in a double-array a double. Who
 * stores minds that: builtins/array.c. The places hold words in any case. Two
 * arrays are equal when they are the same one.
 */
#include "collection/array.h"
#include "value/gc.h"
#include "value/word.h"

O array_make(uint32_t n) {
  array_object *a = gc_alloc(JANK_TYPE_ARRAY, sizeof *a + n * sizeof *a->items);
  a->count = n;
  return &a->header;
}

void array_trace(jank_object *o) {
  array_object *array = (array_object *)o;
  for (uint32_t i = 0; i < array->count; i++)
    gc_mark(array->items[i]);
}
