/* module.h - WebAssembly modules by hand, for tests of what loads them: bytes in
 * sections. Nothing here is shared with the compiler, which might agree with the
 * loader about what is wrong. */
#ifndef JANK_TEST_MODULE_H
#define JANK_TEST_MODULE_H

#include "base/buffer.h"
#include "jank_patch.h"
#include <string.h>

#define MODULE_ENTRY "jank_patch_symbols_test"

static inline void module_name(buffer *b, const char *name) {
  buffer_uleb(b, strlen(name));
  buffer_text(b, name);
}

/* Frees `body`. */
static inline void module_section(buffer *out, int id, buffer *body) {
  buffer_byte(out, id);
  buffer_uleb(out, body->size);
  buffer_add(out, body->data ? body->data : "", body->size);
  buffer_free(body);
}

static inline void module_begin(buffer *out) {
  buffer_clear(out);
  buffer_add(out, "\0asm\1\0\0\0", 8);
}

typedef struct {
  uint64_t memory, memory_align, table, table_align;
} module_sizes;

static inline void module_dylink(buffer *out, module_sizes sizes) {
  buffer info = {0}, body = {0};
  buffer_uleb(&info, sizes.memory);
  buffer_uleb(&info, sizes.memory_align);
  buffer_uleb(&info, sizes.table);
  buffer_uleb(&info, sizes.table_align);
  module_name(&body, "dylink.0");
  buffer_byte(&body, 1);
  buffer_uleb(&body, info.size);
  buffer_add(&body, info.data, info.size);
  buffer_free(&info);
  module_section(out, 0, &body);
}

/* kind 0: a function of type 0; 3: a global. */
static inline void module_import(buffer *body, const char *module,
                                 const char *field, int kind) {
  module_name(body, module);
  module_name(body, field);
  buffer_byte(body, kind);
  switch (kind) {
  case 1: /* a table: of functions, at least none */
    buffer_add(body, "\x70\0\0", 3);
    break;
  case 2: /* memory: with a limit */
    buffer_add(body, "\1\0\1", 3);
    break;
  case 0:
    buffer_byte(body, 0);
    break;
  default: /* a global: i32, constant; a tag: of type 0 */
    buffer_add(body, "\x7f\0", 2);
  }
}

static inline void module_one_import(buffer *out, const char *module,
                                     const char *field, int kind) {
  buffer body = {0};
  buffer_uleb(&body, 1);
  module_import(&body, module, field, kind);
  module_section(out, 2, &body);
}

static inline void module_export(buffer *out, const char *name, int kind) {
  buffer body = {0};
  buffer_uleb(&body, 1);
  module_name(&body, name);
  buffer_byte(&body, kind);
  buffer_uleb(&body, 0);
  module_section(out, 7, &body);
}

static inline void module_custom(buffer *out, const char *name,
                                 const char *bytes, size_t n) {
  buffer body = {0};
  module_name(&body, name);
  buffer_add(&body, bytes, n);
  module_section(out, 0, &body);
}

static inline uint64_t module_hash(const buffer *b) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  for (size_t i = 0; i < b->size; i++)
    hash = (hash ^ (uint8_t)b->data[i]) * UINT64_C(0x100000001b3);
  return hash;
}

/* The section that makes it a patch of ours; the last one. */
static inline void module_self(buffer *out, unsigned abi, const char *entry) {
  buffer body = {0};
  uint64_t hash = module_hash(out);
  module_name(&body, JANK_PATCH_SECTION);
  buffer_uleb(&body, abi);
  module_name(&body, entry);
  for (int i = 0; i < 8; i++)
    buffer_byte(&body, (int)(hash >> (8 * i) & 0xff));
  module_section(out, 0, &body);
}

#endif
