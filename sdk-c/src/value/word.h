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

#include "jank_aot.h"
#include <stdbool.h>

#define JANK_RUNTIME

/* X(TYPE, name): the class name that `type` and error messages show. */
#define JANK_TYPES(X)                                                          \
  X(LONG, "Long") /* number.c */                                               \
  X(FN, "Fn")     /* fn.c; its number is known to emitted code */              \
  X(DOUBLE, "Double")                                                          \
  X(BIGNUM, "BigNumber") /* a literal kept as text */                          \
  X(STRING, "String")    /* string.c */                                        \
  X(KEYWORD, "Keyword")  /* symbol.c */                                        \
  X(SYMBOL, "Symbol")                                                          \
  X(REGEX, "Pattern")             /* regex.c */                                \
  X(EMPTY_LIST, "PersistentList") /* list.c */                                 \
  X(LIST, "PersistentList")       /* counted */                                \
  X(CONS, "Cons")                                                              \
  X(LAZY_SEQ, "LazySeq")                                                       \
  X(ARRAY_SEQ, "ArraySeq") /* over an ARRAY */                                 \
  X(VECTOR_SEQ, "ChunkedSeq")                                                  \
  X(MAP_SEQ, "MapSeq")                                                         \
  X(STRING_SEQ, "StringSeq")                                                   \
  X(CHUNK_SEQ, "ChunkedCons")                                                  \
  X(RANGE, "Range")                                                            \
  X(ARRAY, "Array")             /* raw words; internal */                      \
  X(VECTOR, "PersistentVector") /* vector.c */                                 \
  X(VECTOR_NODE, "VectorNode")                                                 \
  X(TRANSIENT_VECTOR, "TransientVector")                                       \
  X(MAP_ENTRY, "MapEntry")                                                     \
  X(MAP, "PersistentHashMap") /* map.c */                                      \
  X(MAP_NODE, "MapNode")                                                       \
  X(MAP_COLLISION, "MapCollision")                                             \
  X(TRANSIENT_MAP, "TransientHashMap")                                         \
  X(SET, "PersistentHashSet") /* set.c */                                      \
  X(TRANSIENT_SET, "TransientHashSet")                                         \
  X(SORTED_MAP, "PersistentTreeMap") /* sorted.c */                            \
  X(SORTED_SET, "PersistentTreeSet")                                           \
  X(TREE, "Tree")                                                              \
  X(TREE_SEQ, "TreeSeq")                                                       \
  X(CODE, "Code") /* fn.c */                                                   \
  X(VAR, "Var")   /* var.c */                                                  \
  X(NAMESPACE, "Namespace")                                                    \
  X(ATOM, "Atom") /* reference.c */                                            \
  X(VOLATILE, "Volatile")                                                      \
  X(DELAY, "Delay")                                                            \
  X(REDUCED, "Reduced")                                                        \
  X(EXCEPTION, "Exception") /* error.c */                                      \
  X(CLASS, "Class")         /* class.c */                                      \
  X(PROTOCOL, "Protocol")   /* type.c */                                       \
  X(INSTANCE, "Instance")                                                      \
  X(JS, "Object")   /* js.c */                                                 \
  X(PATCH, "Patch") /* patch.c */

enum jank_type {
#define X(type, name) JANK_TYPE_##type,
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

/* ---- Immediate words -------------------------------------------------------- */

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
static inline bool is_type(const jank_object *o, enum jank_type type) {
  return is_heap(o) && o->type == type;
}

/* ---- Structures ------------------------------------------------------------------ */

#define SAME_OFFSET(type, other, field)                                        \
  _Static_assert(offsetof(type, field) == offsetof(struct other, field), "")
#ifdef __wasm__
_Static_assert(JANK_TYPE_FN == JANK_FN_TYPE, "");
#endif

#endif
