/* inspect.h - a side module's bytes, looked at before anything is done with
 * them; and the codes with which a load can fail. */
#ifndef JANK_LOAD_INSPECT_H
#define JANK_LOAD_INSPECT_H

#include "base/buffer.h"
#include "value/word.h"

/* What jank_hot_reload_load_patch and the transactions answer with. */
enum patch_error {
  PATCH_OK = 0,
  PATCH_FILE = -1,        /* it cannot be read */
  PATCH_FORMAT = -2,      /* no side module, or damaged */
  PATCH_ABI = -3,         /* of another version */
  PATCH_IMPORT = -4,      /* it needs what the runtime does not have */
  PATCH_SYMBOL = -5,      /* no such entry, or what it defines is malformed */
  PATCH_TOO_LARGE = -6,   /* for the limits, or for memory */
  PATCH_INSTANTIATE = -7, /* the engine refused it */
  PATCH_THREW = -8,       /* a form of it threw, or the engine trapped */
  PATCH_DUPLICATE = -9,   /* one arity twice; a path that dlopen knows */
  PATCH_TRANSACTION = -10 /* begin, commit or rollback at the wrong time */
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

#endif
