/* grow.h - arrays that grow. */
#ifndef JANK_BASE_GROW_H
#define JANK_BASE_GROW_H

#include <stddef.h>

/* `items`, an owned array of `*capacity` elements of `size` bytes (or NULL), with
 * room for `needed`: as it is, or moved and at least doubled. NULL when there is
 * no memory; then nothing has changed. */
void *grow_try(void *items, size_t *capacity, size_t needed, size_t size);
/* The same; throws OutOfMemoryError. */
void *grow(void *items, size_t *capacity, size_t needed, size_t size);

#endif
