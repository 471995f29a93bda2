/* arena.h - memory that is freed whole: for what lives as long as one
 * compilation. The collector does not look into it. */
#ifndef JANK_BASE_ARENA_H
#define JANK_BASE_ARENA_H

#include <stddef.h>

struct arena *arena_make(void); /* throws when there is no memory */
/* Zeroed, aligned to 8 bytes. Throws when there is no memory; the arena stays
 * valid. */
void *arena_alloc(struct arena *arena, size_t size);
void arena_free(struct arena *arena);

#endif
