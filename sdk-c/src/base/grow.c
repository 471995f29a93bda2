/* grow.c - arrays that grow: each of them here, so that what is forgotten when
 * memory ends is forgotten once. */
#include "base/grow.h"
#include "base/fail.h"
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_BYTES = 64, FIRST = 8 }; /* the larger of the two */

void *grow_try(void *items, size_t *capacity, size_t needed, size_t size) {
  if (needed <= *capacity)
    return items;
  size_t first = FIRST_BYTES / size;
  size_t larger = *capacity ? *capacity * 2 : first > FIRST ? first : FIRST;
  if (larger < needed)
    larger = needed;
  void *grown = larger > SIZE_MAX / size ? NULL : realloc(items, larger * size);
  if (grown)
    *capacity = larger;
  return grown;
}

void *grow(void *items, size_t *capacity, size_t needed, size_t size) {
  void *grown = grow_try(items, capacity, needed, size);
  if (!grown)
    fail_out_of_memory();
  return grown;
}
