/* arena.c - chunks of 8 KiB or more, filled from the front. One that is left
 * with room is not looked at again: what is wasted is little, and all goes
 * together. */
#include "base/arena.h"
#include "base/fail.h"
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct chunk {
  struct chunk *next;
  size_t used, size;
  uint64_t bytes[];
} chunk;

struct arena {
  chunk *chunks;
};

struct arena *arena_make(void) {
  struct arena *arena = calloc(1, sizeof *arena);
  if (!arena)
    fail_out_of_memory();
  return arena;
}

void *arena_alloc(struct arena *arena, size_t size) {
  size = (size + 7) & ~(size_t)7;
  chunk *c = arena->chunks;
  if (!c || c->size - c->used < size) {
    size_t room = size > 8192 ? size : 8192;
    c = calloc(1, sizeof *c + room);
    if (!c)
      fail_out_of_memory();
    c->size = room;
    c->next = arena->chunks;
    arena->chunks = c;
  }
  void *result = (char *)c->bytes + c->used;
  c->used += size;
  return result;
}

void arena_free(struct arena *arena) {
  while (arena->chunks) {
    chunk *c = arena->chunks;
    arena->chunks = c->next;
    free(c);
  }
  free(arena);
}
