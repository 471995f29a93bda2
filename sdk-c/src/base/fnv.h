/* fnv.h - FNV-1a: a hash of bytes, the same everywhere and for ever. */
#ifndef JANK_BASE_FNV_H
#define JANK_BASE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_64 UINT64_C(0xcbf29ce484222325) /* of no bytes */
#define FNV_32 UINT32_C(2166136261)

/* The hash of what `h` is of, and then these. */
static inline uint64_t fnv_64(uint64_t h, const void *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    h = (h ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
  return h;
}
static inline uint32_t fnv_32(uint32_t h, const void *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    h = (h ^ ((const unsigned char *)bytes)[i]) * UINT32_C(16777619);
  return h;
}

#endif
