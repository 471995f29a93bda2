/* word.h - what a value looks like inside the runtime.
 *
 * A word: ...1 a 31-bit integer; 0 nil; 0x02 false; 0x06 true; ...0x0a a
 * character (UTF-16 code unit or code point << 8); 0x12 an unbound var's root;
 * otherwise the address of an object, aligned to 8 bytes.
 * The integer range is the same on 64-bit machines, so that native tests take
 * the same paths as WebAssembly.
 */
#ifndef JANK_VALUE_WORD_H
#define JANK_VALUE_WORD_H

#define JANK_RUNTIME
#include "jank_aot.h"
#include <stdbool.h>

/* X(TYPE): every kind of object. */
#define JANK_TYPES(X)                                                          \
  X(LONG) /* value/box.h */                                                    \
  X(FN)   /* call.h, runtime/fn.c; its number is known to emitted code */      \
  X(DOUBLE)                                                                    \
  X(BIGNUM)  /* number/tower.c: kept as text */                                \
  X(STRING)  /* string.c */                                                    \
  X(KEYWORD) /* symbol.c */                                                    \
  X(SYMBOL)                                                                    \
  X(REGEX)      /* regex.c */                                                  \
  X(EMPTY_LIST) /* collection/list.c */                                        \
  X(LIST)       /* counted */                                                  \
  X(CONS)                                                                      \
  X(LAZY_SEQ)  /* collection/seqs.c */                                         \
  X(ARRAY_SEQ) /* over an ARRAY */                                             \
  X(VECTOR_SEQ)                                                                \
  X(MAP_SEQ)                                                                   \
  X(STRING_SEQ)                                                                \
  X(CHUNK_SEQ)                                                                 \
  X(RANGE)                                                                     \
  X(ARRAY)  /* collection/array.c */                                           \
  X(VECTOR) /* collection/vector.c */                                          \
  X(VECTOR_NODE)                                                               \
  X(TRANSIENT_VECTOR)                                                          \
  X(MAP_ENTRY) /* collection/entry.c */                                        \
  X(MAP)       /* collection/map.c */                                          \
  X(MAP_NODE)                                                                  \
  X(MAP_COLLISION)                                                             \
  X(TRANSIENT_MAP)                                                             \
  X(SET) /* collection/set.c */                                                \
  X(TRANSIENT_SET)                                                             \
  X(SORTED_MAP) /* collection/sorted.c */                                      \
  X(SORTED_SET)                                                                \
  X(TREE)                                                                      \
  X(TREE_SEQ)                                                                  \
  X(CODE)      /* call.h, runtime/fn.c */                                      \
  X(VAR)       /* runtime/var.c */                                             \
  X(NAMESPACE) /* runtime/ns.c */                                              \
  X(ATOM)      /* runtime/reference.c */                                       \
  X(VOLATILE)                                                                  \
  X(DELAY)                                                                     \
  X(REDUCED)   /* collection/reduce.c */                                       \
  X(EXCEPTION) /* error.c */                                                   \
  X(CLASS)     /* runtime/class.c */                                           \
  X(PROTOCOL)  /* runtime/type.c */                                            \
  X(JS)        /* runtime/js.c */                                              \
  X(PATCH)     /* load/patch.c */                                              \
  X(INSTANCE)  /* runtime/instance.c; last: see equal_objects, equal.c */

enum jank_type {
#define X(type) JANK_TYPE_##type,
  JANK_TYPES(X)
#undef X
      JANK_TYPE_COUNT
};

struct jank_object {
  uint8_t type;
  uint8_t flags; /* meaning belongs to the type */
  uint16_t aux;
  uint32_t hash; /* cached `hash`, 0 = not computed */
};

/* Files that speak of little else write it so. */
typedef jank_object *O;

/* ---- Immediate words ----------------------------------------------------- */

#define JANK_NIL ((jank_object *)0)
#define JANK_FALSE ((jank_object *)(uintptr_t)0x02)
#define JANK_TRUE ((jank_object *)(uintptr_t)0x06)
#define JANK_UNBOUND ((jank_object *)(uintptr_t)0x12)
#define JANK_FIXNUM_MIN (-(INT64_C(1) << 30))
#define JANK_FIXNUM_MAX ((INT64_C(1) << 30) - 1)

static inline bool is_fixnum(const jank_object *o) {
  return ((uintptr_t)o & 1) != 0;
}
static inline int64_t fixnum_value(const jank_object *o) {
  return (intptr_t)o >> 1;
}
static inline jank_object *fixnum(int64_t n) { /* n in the fixnum range */
  return (jank_object *)(uintptr_t)(((uint64_t)n << 1) | 1);
}
static inline bool is_char(const jank_object *o) {
  return ((uintptr_t)o & 0xff) == 0x0a;
}
static inline uint32_t char_value(const jank_object *o) {
  return (uint32_t)((uintptr_t)o >> 8);
}
static inline jank_object *make_char(uint32_t c) {
  return (jank_object *)(((uintptr_t)c << 8) | 0x0a);
}
static inline bool is_heap(const jank_object *o) {
  return o != JANK_NIL && ((uintptr_t)o & 7) == 0;
}
static inline bool truthy(const jank_object *o) {
  return ((uintptr_t)o & ~(uintptr_t)2) != 0;
}
static inline jank_object *boolean(bool b) {
  return b ? JANK_TRUE : JANK_FALSE;
}
static inline bool is_boolean(const jank_object *o) {
  return o == JANK_TRUE || o == JANK_FALSE;
}
static inline bool is_type(const jank_object *o, enum jank_type type) {
  return is_heap(o) && o->type == type;
}

/* ---- Structures ---------------------------------------------------------- */

#define SAME_OFFSET(type, other, field)                                        \
  _Static_assert(offsetof(type, field) == offsetof(struct other, field), "")
#ifdef __wasm__
_Static_assert(JANK_TYPE_FN == JANK_FN_TYPE, "");
#endif

#endif
