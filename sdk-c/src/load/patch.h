/* patch.h - internal to pool.c and patch.c. */
#ifndef JANK_PATCH_INTERNAL_H
#define JANK_PATCH_INTERNAL_H

#include "value/word.h"

/* ---- pool.c -------------------------------------------------------------------- */

typedef struct {
  jank_object *patch; /* owns the code objects; or nil */
  jank_object **words;
  void *const *functions; /* NULL: table_base + number */
  uintptr_t table_base;
  uint64_t function_count; /* numbers below it are good */
} pool_target;

/* How many words the pool decodes to. Both throw on a malformed pool. */
uint32_t pool_count(const uint8_t *pool, size_t n);
/* words[i] is set as soon as it is decoded. The definitions, if it has any: an
 * array of code, var, metadata or nil. */
#define POOL_DEFINITION_WORDS 3
jank_object *pool_decode(const uint8_t *pool, size_t n,
                         const pool_target *target, bool has_definitions);

/* ---- inspect.c ------------------------------------------------------------------- */

enum patch_error {
  PATCH_OK = 0,
  PATCH_FILE = -1,
  PATCH_FORMAT = -2,
  PATCH_ABI = -3,
  PATCH_IMPORT = -4,
  PATCH_SYMBOL = -5,
  PATCH_TOO_LARGE = -6,
  PATCH_INSTANTIATE = -7,
  PATCH_THREW = -8,
  PATCH_DUPLICATE = -9,
  PATCH_TRANSACTION = -10
};

typedef struct {
  uint32_t memory_size, memory_align; /* align in bytes */
  uint32_t table_size, table_align;
  bool own;             /* has a jank.patch section */
  const uint8_t *lines; /* the jank.lines section; NULL: none */
  size_t lines_size;
  const uint8_t *native; /* the jank.native section; NULL: not of C */
  size_t native_size;
} patch_info;

/* Checks a side module's bytes before the engine sees them: sections, entry,
 * imports. On an error the reason is in `why`. */
enum patch_error inspect_patch(const uint8_t *bytes, size_t n,
                               const char *entry, patch_info *info,
                               buffer *why);

/* ---- patch.c --------------------------------------------------------------------- */

/* Loads a module of our own from memory; the value of its init. Throws. */
jank_object *patch_run(const buffer *bytes, const char *entry);
/* The line of the code at that offset of the patch that the var ns/name has its
 * function from, also for its inner functions ("ns/name--1"); 0: not known. */
int patch_line(const char *function, uint32_t offset);
/* Undoes the loads that a trap has left half done. */
void patch_recover(void);

#endif
