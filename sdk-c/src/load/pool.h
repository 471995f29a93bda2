/* pool.h - a patch's constants, decoded. The bytes are not trusted. */
#ifndef JANK_LOAD_POOL_H
#define JANK_LOAD_POOL_H

#include "value/word.h"

typedef struct {
  jank_object *patch; /* owns the code objects; or nil */
  jank_object **words;
  void *const *functions; /* NULL: table_base + number */
  uintptr_t table_base;
  uint64_t function_count; /* numbers below it are good */
} pool_target;

/* Of the array that pool_decode gives: code, var, metadata or nil. */
#define POOL_DEFINITION_WORDS 3

/* How many words the pool decodes to. Both throw on a malformed pool. */
uint32_t pool_count(const uint8_t *pool, size_t n);
jank_object *pool_decode(const uint8_t *pool, size_t n,
                         const pool_target *target, bool has_definitions);

#endif
