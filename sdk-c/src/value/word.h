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
#include <stdio.h>

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

/* ---- gc.c ---------------------------------------------------------------------
 * Non-moving mark and sweep, generational. Roots: registered slots, patches' constants, and
 * the C stack, scanned conservatively (interior pointers count). In WebAssembly
 * the last step of linking keeps the live pointers of C frames there, emitted
 * code spills by itself. So C code needs no root macros. */

/* Zeroed, with its header set. Throws OutOfMemoryError. May collect. What was
 * allocated by the same C function, and is still in a variable of it, can be filled
 * in without more ado; to write into any other object, see gc_write. */
void *gc_alloc(enum jank_type type, size_t size);
/* Collects: all, or what is new. The build's last step looks for who may come
 * here. */
JANK_API void gc_collect(bool major);
void gc_init(void *stack_base);
void gc_mark(jank_object *o); /* for trace functions; takes any value */
/* As gc_mark, by a marker, for an object that may still be filled in. */
void gc_mark_root(jank_object *o);
/* The write barrier: `o` gets a new word, and was not made just now. */
void gc_write(jank_object *o);
void gc_add_root_range(jank_object **words, size_t count);
void gc_remove_root_range(jank_object **words);
/* A function that marks what its file keeps outside of objects. */
void gc_add_marker(void (*marker)(void));
/* Everything that exists becomes permanent; see gc.c. */
void gc_freeze(void);
/* Patches are roots (patch.c's marker marks them all) unless this is true: set
 * it around a collection while no compiled frame is active, and those that no
 * function refers to are finalized. */
extern bool gc_patches_weak;
/* Counts memory that lives outside, and goes when an object goes. */
void gc_add_pressure(size_t bytes);
size_t gc_heap_bytes(void);
size_t gc_collections(void);

/* ---- Structures ------------------------------------------------------------------ */

typedef struct {
  jank_object header;
  int64_t value;
} long_object;

typedef struct {
  jank_object header;
  double value;
} double_object;

/* UTF-8; indices that a program sees count UTF-16 code units as on the JVM. A
 * lone surrogate is kept as its three-byte form (WTF-8). */
typedef struct {
  jank_object header;
  uint32_t bytes;
  uint32_t units; /* UTF-16 length; equal to bytes: all ASCII */
  char text[];    /* and a NUL */
} string_object;

typedef struct { /* KEYWORD and SYMBOL; keywords are interned: compare words */
  jank_object header;
  string_object *ns; /* NULL: none */
  string_object *name;
  jank_object *meta; /* symbols only */
} symbol_object;

typedef struct { /* BIGNUM: text; REGEX: its source and the host's handle; JS:
                    a handle */
  jank_object header;
  string_object *text;
  int32_t handle;
  jank_object *whole; /* REGEX: the one that matches all of a text, or nil */
} text_object;

typedef struct { /* flags: the kind of its elements, see array.c */
  jank_object header;
  uint32_t count;
  jank_object *items[];
} array_object;
jank_object *array_make(uint32_t n); /* of nil */

typedef struct { /* LIST, CONS, EMPTY_LIST */
  jank_object header;
  jank_object *first;
  jank_object *rest; /* CONS: anything seqable; LIST: LIST or EMPTY_LIST */
  jank_object *meta;
  uint32_t count; /* LIST */
} cons_object;

typedef jank_object *(*fn0)(jank_object *);
typedef jank_object *(*fn1)(jank_object *, jank_object *);
typedef jank_object *(*fn2)(jank_object *, jank_object *, jank_object *);
typedef jank_object *(*fn3)(jank_object *, jank_object *, jank_object *,
                            jank_object *);

struct patch; /* patch.c */

/* What all closures of one fn expression share. entries[n] is a C function for
 * n arguments and is never NULL: an arity that is not defined leads to code
 * that throws ArityException, one beyond a variadic's required count to code
 * that gathers the rest and calls `variadic`. */
typedef struct {
  jank_object header;
  jank_object *patch;  /* PATCH that owns the code, or nil */
  string_object *name; /* "eita/ggg" */
  int32_t required;    /* of the variadic arity; -1: not variadic */
  void *variadic;
  void *entries[JANK_MAX_ARITY + 1];
} code_object;

typedef struct {
  jank_object header; /* aux: number of captures */
  code_object *code;
  jank_object *meta;
  jank_object *captures[];
} fn_object;

/* `callee` is what a call site calls: the root when that is a function, else a
 * function that calls the root by its meaning (keyword, map, ...) or throws. */
typedef struct {
  jank_object header; /* flags: VAR_*; aux: see journal.c, of namespaces, too */
  jank_object *root;
  fn_object *callee;
  struct namespace_object *ns;
  symbol_object *name;
  jank_object *meta;
  uint32_t bindings; /* thread bindings in force */
} var_object;
#define VAR_DYNAMIC 1
#define VAR_MACRO 2
#define VAR_PRIVATE 4
#define VAR_CONST 8
#define VAR_CHANGED 16 /* since it was made: a frozen one must be marked */
#define VAR_BEFORE_LOAD 32
#define VAR_AFTER_LOAD 64
#define VAR_HOOK (VAR_BEFORE_LOAD | VAR_AFTER_LOAD)
#define VAR_HOOK_ASYNC 128 /* it is spelled so */

typedef struct namespace_object {
  jank_object header;
  symbol_object *name;
  jank_object *mappings; /* map: symbol -> var, own and referred */
  jank_object *aliases;  /* map: symbol -> namespace */
  jank_object *meta;
  bool loaded; /* its file or ns form was completed */
  bool failed; /* its file was not: a require tries again */
} namespace_object;

typedef struct { /* ATOM, VOLATILE, REDUCED */
  jank_object header;
  jank_object *value;
  jank_object *meta;
  jank_object *watches;   /* map or nil */
  jank_object *validator; /* function or nil */
} ref_object;

typedef struct {
  jank_object header;
  string_object *class_name; /* "ArithmeticException" */
  jank_object *message;      /* string or nil */
  jank_object *data;         /* map or nil (ex-info) */
  jank_object *cause;
  jank_object *host;  /* JS: the error that was thrown there; or nil */
  jank_object *trace; /* JS: an error with the stack; or nil */
  bool interrupts;    /* no `catch` gets it */
} exception_object;

/* A host's class or interface, by the JVM's name; or what deftype, defrecord
 * and reify make. */
typedef struct {
  jank_object header;
  symbol_object *name;  /* java.lang.Long, user.Point */
  jank_object *supers;  /* set: classes and protocols */
  jank_object *fields;  /* vector of symbols; nil: not made by a program */
  jank_object *methods; /* map: symbol -> function; reify: -> field number */
} class_object;
#define CLASS_RECORD 1
#define CLASS_REIFY 2

typedef struct {
  jank_object header; /* aux: number of fields */
  class_object *class;
  jank_object *meta;
  jank_object *extra; /* record: map of what is beyond the fields, or nil */
  jank_object *fields[];
} instance_object;

typedef struct {
  jank_object header;
  symbol_object *name; /* user/Shape */
  jank_object *sigs;   /* map: keyword -> {:name :arglists :doc} */
  jank_object *impls;  /* map: class or nil -> map: keyword -> function */
  jank_object *meta;   /* {:extend-via-metadata true ...} or nil */
} protocol_object;

typedef struct { /* MAP_ENTRY: what a map's seq consists of */
  jank_object header;
  jank_object *key;
  jank_object *value;
} map_entry_object;

/* MAP. An array map keeps its pairs in `items`, in order of insertion; one with
 * flag MAP_HASHED is a trie under `root` (NULL: empty) and has no items. */
typedef struct {
  jank_object header;
  uint32_t count;
  struct map_node *root;
  jank_object *meta;
  jank_object *items[];
} map_object;
#define MAP_HASHED 1

typedef struct { /* SET: each element is a key and its own value */
  jank_object header;
  jank_object *map;
  jank_object *meta;
} set_object;

#define SAME_OFFSET(type, other, field)                                        \
  _Static_assert(offsetof(type, field) == offsetof(struct other, field), "")
SAME_OFFSET(var_object, jank_aot_var, root);
SAME_OFFSET(var_object, jank_aot_var, callee);
SAME_OFFSET(fn_object, jank_aot_fn, code);
SAME_OFFSET(fn_object, jank_aot_fn, captures);
SAME_OFFSET(code_object, jank_aot_code, entries);
#ifdef __wasm__
_Static_assert(offsetof(var_object, root) == JANK_VAR_ROOT, "");
_Static_assert(offsetof(var_object, callee) == JANK_VAR_CALLEE, "");
_Static_assert(offsetof(fn_object, code) == JANK_FN_CODE, "");
_Static_assert(offsetof(fn_object, captures) == JANK_FN_CAPTURES, "");
_Static_assert(offsetof(code_object, entries) == JANK_CODE_ENTRIES, "");
_Static_assert(JANK_TYPE_FN == JANK_FN_TYPE, "");
#endif

/* ---- buffer.c: an owned, growing byte buffer (malloc, not collected) -------- */

typedef struct {
  char *data;
  size_t size;
  size_t capacity;
} buffer;
void buffer_add(buffer *b, const void *bytes, size_t n);
void buffer_byte(buffer *b, int byte);
void buffer_text(buffer *b, const char *text);
void buffer_format(buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buffer_json_string(buffer *b, const char *text, size_t n); /* quoted */
void buffer_uleb(buffer *b, uint64_t n);
void buffer_sleb(buffer *b, int64_t n);
char *buffer_cstring(buffer *b); /* NUL-terminates; still owned by b */
void buffer_clear(buffer *b);
void buffer_free(buffer *b);

/* ---- error.c -------------------------------------------------------------------- */

/* Throws a new exception of that class: error_throw("ArithmeticException",
 * "Divide by zero"). The classes and their parents are a table in error.c. */
_Noreturn void error_throw(const char *class_name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Whether it is what jank_poll throws; such a one, made. */
bool error_is_interrupt(jank_object *exception);
jank_object *error_interrupt(void);
void error_init(void);
/* OutOfMemoryError, without allocating. */
_Noreturn void throw_out_of_memory(void);
jank_object *error_make(const char *class_name, jank_object *message,
                        jank_object *data, jank_object *cause);
/* ClassCastException: "inc: expected a number, got a String: \"a\"". */
_Noreturn void error_type(const char *who, const char *expected,
                          jank_object *got);
/* Calls body(context); 1 and *result, or 0 and *exception. For C code. */
bool throw_catch(jank_object *(*body)(void *), void *context,
                 jank_object **result, jank_object **exception);
const char *error_type_name(jank_object *o); /* "Long", "nil", "Boolean", ... */

/* ---- class.c, type.c ---------------------------------------------------------- */

/* By its name, with or without its package; NULL: there is none. */
class_object *class_find(const char *name);
/* Like class_find; makes one that has no parents but Object. */
class_object *class_intern(const char *name);
class_object *class_of(jank_object *o);               /* o is not nil */
bool class_isa(class_object *c, jank_object *parent); /* class or protocol */
/* Calls visit for c and every class it descends from, nearest first, Object
 * last, until it returns true. */
bool class_each(class_object *c, bool (*visit)(void *, class_object *),
                void *context);
bool class_is(jank_object *o, const char *class_name);

/* What deftype's interfaces call the operations of the generic functions. */
#define TYPE_METHODS(X)                                                        \
  X(seq)                                                                       \
  X(first)                                                                     \
  X(next)                                                                      \
  X(more)                                                                      \
  X(count)                                                                     \
  X(nth)                                                                       \
  X(valAt)                                                                     \
  X(containsKey)                                                               \
  X(contains)                                                                  \
  X(get)                                                                       \
  X(assoc)                                                                     \
  X(without)                                                                   \
  X(cons)                                                                      \
  X(disjoin)                                                                   \
  X(meta)                                                                      \
  X(withMeta)                                                                  \
  X(invoke)                                                                    \
  X(applyTo)                                                                   \
  X(deref)                                                                     \
  X(equiv)                                                                     \
  X(equals)                                                                    \
  X(hasheq)                                                                    \
  X(hashCode)                                                                  \
  X(compareTo)                                                                 \
  X(empty)                                                                     \
  X(peek)                                                                      \
  X(pop)                                                                       \
  X(reduce)                                                                    \
  X(kvreduce)                                                                  \
  X(rseq) X(print) X(toString) X(isRealized) X(entryAt) X(reset) X(swap)
enum type_method {
#define X(name) METHOD_##name,
  TYPE_METHODS(X)
#undef X
      METHOD_COUNT
};
/* The instance's method; NULL: it has none of this name. */
jank_object *instance_method(jank_object *o, enum type_method m);
jank_object *instance_method_named(jank_object *o, jank_object *symbol);
/* Calls it; args begin after the instance. Throws when there is none. */
jank_object *instance_call(jank_object *o, enum type_method m, int argc,
                           jank_object **args);
bool is_record(jank_object *o);
jank_object *record_get(jank_object *r, jank_object *key,
                        jank_object *otherwise);
jank_object *record_assoc(jank_object *r, jank_object *key, jank_object *value);
jank_object *record_dissoc(jank_object *r, jank_object *key);
jank_object *record_seq(jank_object *r); /* entries */
int64_t record_count(jank_object *r);
bool record_equal(jank_object *a, jank_object *b);
uint32_t record_hash(jank_object *r);
/* Fields by name; throw when there is none. */
jank_object *instance_get_field(jank_object *o, jank_object *name);
jank_object *instance_set_field(jank_object *o, jank_object *name,
                                jank_object *value);
/* A method's result, or a field when there are no arguments; false: neither. */
bool instance_find_member(jank_object *o, jank_object *name, jank_object *args,
                          jank_object **result);
jank_object *instance_with_meta(jank_object *o, jank_object *meta);
/* What was found for a method's function and a class: a function. */
typedef struct {
  jank_object *method, *class, *function;
} dispatch_entry;
enum { DISPATCH_CACHE = 512 };
extern dispatch_entry type_dispatch_cache[DISPATCH_CACHE];
#define DISPATCH_SLOT(method, class)                                           \
  ((((uintptr_t)(method) >> 3) ^ ((uintptr_t)(class) >> 4)) % DISPATCH_CACHE)
void type_forget_dispatch(void); /* types or protocols have changed */
/* The function that implements a protocol's method for an argument; `self` is
 * the method. */
jank_object *type_dispatch(jank_object *self, jank_object *argument);
/* A new instance of the class args[0]. */
jank_object *type_construct(int argc, jank_object **args);

/* ---- js.c --------------------------------------------------------------------- */

/* X(op): host_wasm.js has them by these names, in this order. */
#define JS_OPS(X)                                                              \
  X(global)                                                                    \
  X(get)                                                                       \
  X(set)                                                                       \
  X(call)                                                                      \
  X(apply)                                                                     \
  X(make)                                                                      \
  X(object)                                                                    \
  X(array)                                                                     \
  X(keys)                                                                      \
  X(items)                                                                     \
  X(length)                                                                    \
  X(typeof) X(instanceof) X(show) X(delete) X(same) X(kind) X(readline)
enum js_op {
#define X(op) JS_OP_##op,
  JS_OPS(X)
#undef X
      JS_OP_COUNT
};
enum js_kind {
  JS_NULL,
  JS_FALSE,
  JS_TRUE,
  JS_NUMBER,
  JS_INTEGER,
  JS_STRING,
  JS_HANDLE,
  JS_FUNCTION, /* a value of jank that JavaScript can call */
  JS_OPAQUE,   /* and one that it can just hold */
  JS_EXCEPTION
};
struct js_value {
  int32_t kind;
  uint32_t size; /* of text */
  union {
    double number;
    int64_t integer;
    const char *text;
    int32_t handle;
    jank_object *value;
  } as;
};
/* The stack at this moment: a JS object; nil where there is none. */
jank_object *error_stack_now(void);
jank_object *js_operate(enum js_op op, int argc, jank_object **args);
void js_init(void);

/* ---- fn.c ------------------------------------------------------------------------ */

code_object *fn_code_make(string_object *name, jank_object *patch);
/* signature "2", "2&". false: malformed or defined twice. */
bool fn_code_add_arity(code_object *code, const char *signature, void *fn);
fn_object *fn_make(code_object *code, uint32_t captures);
jank_object *fn_apply(jank_object *f, jank_object *args_seq);
bool fn_is_callable(jank_object *o);
bool fn_has_arity(const code_object *code, int n);
/* A protocol's method: captures [protocol, name, keyword]. */
fn_object *type_stubs_dispatch(string_object *name, jank_object *arglists);
/* Constructors with a variable number of arguments: new*. */
fn_object *type_stubs_constructor(class_object *c);
/* Registers builtins: a table that ends with a NULL name, as a patch's. */
void fn_register_builtins(const struct patch_symbol *table);

/* ---- var.c ----------------------------------------------------------------------- */

namespace_object *ns_find(symbol_object *name);
namespace_object *ns_find_or_make(symbol_object *name);
namespace_object *ns_current(void);
void ns_set_current(namespace_object *ns);
var_object *var_intern(namespace_object *ns, symbol_object *name);
/* How `symbol` reads in `ns`: own mappings, aliases, qualified; NULL: none. */
/* The var that a function's name ("ns/name"), or that of one in it ("ns/name--1"),
 * tells; NULL: none. */
var_object *var_of_function(const char *function);
var_object *var_resolve(namespace_object *ns, symbol_object *symbol);

/* ---- number.c --------------------------------------------------------------------- */

bool box_is_number(jank_object *o);
bool box_is_integer(jank_object *o);                   /* fixnum or LONG */
jank_object *number_parse(const char *text, size_t n); /* NULL: not a number */
void number_print(buffer *out, jank_object *n); /* as Clojure prints it */
int number_compare(jank_object *a, jank_object *b);

/* ---- poll.c ------------------------------------------------------------------- */

extern int32_t poll_left;
/* In C that may loop without calling compiled code; as jank_poll. */
static inline void poll(void) {
  if (--poll_left < 0)
    jank_poll();
}

/* ---- string.c, symbol.c, regex.c ---------------------------------------------------- */

string_object *string_make(const char *utf8, size_t bytes);
string_object *string_from_buffer(buffer *b); /* and frees b */
/* UTF-16 code unit at `index` (< units). */
uint32_t string_unit(string_object *s, uint32_t index);
size_t string_byte_offset(string_object *s, uint32_t unit_index);
/* Appends a code unit, joining surrogates. */
void string_append_unit(buffer *b, uint32_t unit);
symbol_object *symbol_make(string_object *ns, string_object *name);
symbol_object *symbol_from(const char *ns, const char *name);
symbol_object *symbol_keyword(const char *ns, const char *name);
bool symbol_is(jank_object *o, const char *ns, const char *name); /* ns NULL */
jank_object *regex_make(string_object *source); /* throws on bad syntax */

/* ---- seq.c: the generic operations over every type ---------------------------------- */

jank_object *seq(jank_object *coll); /* nil when empty; throws if not seqable */
jank_object *seq_first(jank_object *coll);
jank_object *seq_next(jank_object *coll); /* a non-empty seq or nil */
jank_object *seq_rest(jank_object *coll);
/* `next` in a loop that may have no end: it can be interrupted there. */
jank_object *seq_next_polled(jank_object *coll);
jank_object *seq_cons(jank_object *x, jank_object *coll);
/* `conj` is a C library name. */
jank_object *coll_conj(jank_object *coll, jank_object *x);
int64_t coll_count(jank_object *coll);
jank_object *coll_nth(jank_object *coll, int64_t i, jank_object *not_found,
                      bool has_default);
jank_object *coll_get(jank_object *coll, jank_object *key,
                      jank_object *not_found);
bool coll_contains(jank_object *coll, jank_object *key);
jank_object *coll_assoc(jank_object *coll, jank_object *key,
                        jank_object *value);
jank_object *coll_dissoc(jank_object *coll, jank_object *key);
jank_object *meta_of(jank_object *o);
jank_object *seqs_lazy(jank_object *thunk);
jank_object *reduce(jank_object *f, jank_object *init, jank_object *coll);
bool seq_is_sequential(jank_object *o);
bool seq_is(jank_object *o);
/* Of a program's own types, too. */
bool seq_is_map(jank_object *o);
bool seq_is_set(jank_object *o);

/* vector.c, map.c, set.c, list.c */
extern jank_object *list_empty, *vector_empty, *map_empty, *set_empty;
jank_object *list_from_array(size_t n, jank_object **items); /* () when 0 */
jank_object *list_cons(jank_object *x, jank_object *list);   /* LIST or () */
jank_object *list_cell(jank_object *x, jank_object *rest_items);
jank_object *list_with_meta(jank_object *list, jank_object *meta);
uint32_t vector_count(jank_object *v);
jank_object *vector_nth(jank_object *v, uint32_t i); /* in range */
jank_object *vector_conj(jank_object *v, jank_object *x);
jank_object *vector_assoc(jank_object *v, uint32_t i, jank_object *x);
jank_object *vector_pop(jank_object *v);
jank_object *vector_meta(jank_object *v);
jank_object *vector_with_meta(jank_object *v, jank_object *meta);
jank_object *vector_transient(jank_object *v);
jank_object *vector_persistent(jank_object *t);
jank_object *vector_conj_bang(jank_object *t, jank_object *x);
jank_object *vector_assoc_bang(jank_object *t, jank_object *i, jank_object *x);
jank_object *vector_pop_bang(jank_object *t);
uint32_t vector_transient_count(jank_object *t);
uint32_t map_count(jank_object *m);
jank_object *map_get(jank_object *m, jank_object *key, jank_object *not_found);
jank_object *map_assoc(jank_object *m, jank_object *key, jank_object *value);
jank_object *map_dissoc(jank_object *m, jank_object *key);
/* Calls visit for every entry, in seq order, until it returns false. */
void map_each(jank_object *m,
              bool (*visit)(void *, jank_object *, jank_object *),
              void *context);
jank_object *set_conj(jank_object *s, jank_object *x);
bool set_contains(jank_object *s, jank_object *x);
jank_object *map_with_meta(jank_object *m, jank_object *meta); /* a copy */
/* The stored entry, or NULL. */
jank_object *map_find(jank_object *m, jank_object *key);
/* A seq of MAP_ENTRY objects, nil when empty; first and next of such a seq. */
jank_object *map_seq(jank_object *m);
jank_object *map_seq_first(jank_object *s);
jank_object *map_seq_next(jank_object *s);
/* Each `bang` returns the transient to go on with. All throw after
 * map_persistent. */
jank_object *map_transient(jank_object *m);
jank_object *map_persistent(jank_object *t);
jank_object *map_assoc_bang(jank_object *t, jank_object *key,
                            jank_object *value);
jank_object *map_dissoc_bang(jank_object *t, jank_object *key);
jank_object *map_transient_get(jank_object *t, jank_object *key,
                               jank_object *not_found);
uint32_t map_transient_count(jank_object *t);
uint32_t set_count(jank_object *s);
jank_object *set_disj(jank_object *s, jank_object *x);
/* The element that is equal to x. */
jank_object *set_get(jank_object *s, jank_object *x, jank_object *not_found);
/* A seq of the elements: a MAP_SEQ with flag MAP_SEQ_KEYS. */
jank_object *set_seq(jank_object *s);
jank_object *set_with_meta(jank_object *s, jank_object *meta);
jank_object *set_from(jank_object *coll); /* of any seqable */
jank_object *set_transient(jank_object *s);
jank_object *set_persistent(jank_object *t);
jank_object *set_conj_bang(jank_object *t, jank_object *x);
jank_object *set_disj_bang(jank_object *t, jank_object *x);
jank_object *set_transient_get(jank_object *t, jank_object *x,
                               jank_object *not_found);
uint32_t set_transient_count(jank_object *t);
/* Make the empty collections; called by collections_init. */
void map_init(void);
void set_init(void);
jank_object *entry_make(jank_object *key, jank_object *value);
void list_init(void);
void vector_init(void);

/* equal.c */
bool value_equal(jank_object *a, jank_object *b); /* `=` */
uint32_t value_hash(jank_object *o); /* `hash`, as Clojure's Murmur3 */
int value_compare(jank_object *a, jank_object *b); /* `compare`; throws */

/* ---- print.c -------------------------------------------------------------------------- */

void print_value(buffer *out, jank_object *o, bool readably);
/* As print_value, readably, until there are so many bytes: then "...". Where
 * *print-length* says nothing, 1000 items. */
void print_bounded(buffer *out, jank_object *o, size_t bytes);
void print_json(buffer *out, jank_object *o);
void out_write(const char *text, size_t n); /* to *out* */

/* ---- reader.c --------------------------------------------------------------------------- */

typedef struct {
  int line, column; /* from 1; column counts characters */
  int end_line, end_column;
} span;

/* Lists, vectors, maps, sets and symbols carry {:line :column :end-line
 * :end-column} metadata. `ns` resolves ::kw and syntax-quote. */
typedef struct {
  const char *source;
  size_t size, offset;
  size_t start; /* offset of the form that was read last */
  const char *file;
  int line, column;
  namespace_object *ns;
  int depth; /* nesting, limited */
} reader;
void reader_init(reader *r, const char *source, size_t size, const char *file,
                 int line);
/* 1 and *form; 0 at the end. A bad text throws ReaderException with data
 * {:file :line :column :end-column}. */
int reader_read(reader *r, jank_object **form, span *where);
/* Only space follows. */
bool reader_is_done(const reader *r);

/* ---- host_wasm.js / host_native.c: all the runtime knows of its host ----------------------- */

void host_write(int stream, const char *text, size_t n);
void host_tap(const char *text, size_t n); /* what was given to tap> */
double host_now(void);                     /* milliseconds, monotonic */
/* Whether what runs is to be interrupted. Asked often, it may answer at times. */
int host_poll(void);
/* Instantiates a side module; 0 or a patch error code, reason in `error`. */
int host_patch_instantiate(const uint8_t *bytes, size_t size,
                           uintptr_t memory_base, uintptr_t table_base,
                           char *error, size_t error_size);
/* Instantiates a patch in C, with the functions of these table slots as its
 * imports (0: the runtime's, by name), and looks whether it exports the functions
 * "0" to "exports - 1"; as above. The next call puts one into a slot. */
int host_native_instantiate(const uint8_t *bytes, size_t size,
                            const uint32_t *slots, size_t imports,
                            size_t exports, char *error, size_t error_size);
void host_native_bind(uint32_t number, uint32_t slot);
/* Calls the function in the slot with 8-byte words: an int32, an int64 ('l',
 * 'm') or a double ('d', 'f') by kinds[1 ...]; the result, by kinds[0], is left
 * in words[0]. */
void host_native_call(uint32_t slot, const char *kinds, int argc, void *words);
/* Calls a patch's function of one word. When the engine traps, `error` gets its
 * message (else it stays empty); jank exceptions pass through. */
uintptr_t host_call(uintptr_t function, uintptr_t argument, char *error,
                    size_t error_size);
/* Whether the runtime exports function `name` to patches. */
int host_has_function(const char *name);
/* Makes the function table larger by n slots; first new index, 0: refused. */
uint32_t host_table_grow(uint32_t n);
void host_table_clear(uint32_t first, uint32_t n);
/* Regular expressions of the host; handle < 0: bad syntax (text in error). */
int32_t host_regex_compile(const char *source, char *error, size_t error_size);
/* Finds from byte offset `from`: number of groups + 1, ranges (byte start and
 * end, -1 none) in `groups` (room for max pairs); 0: no match; -1: gave up. */
int host_regex_exec(int32_t handle, const char *text, size_t n, size_t from,
                    int32_t *groups, int max);
void host_regex_free(int32_t handle);
/* The stack at this moment, as a handle of JavaScript; 0: there is none. */
int32_t host_trace(void);
/* Its frames in compiled code, innermost first, malloc'ed: lines of
 * "function\tfile\tline\toffset", the offset in the module or -1. */
char *host_trace_frames(int32_t handle);
/* JavaScript. The result (0), or what was thrown (1, or JS_TOO_DEEP when the
 * engine's stack ended), is left in values[0]; text in it is malloc'ed. Natively
 * there is none: it throws. */
struct js_value;
enum { JS_TOO_DEEP = 2 };
int host_js(int op, int argc, struct js_value *values);
void host_js_release(int32_t handle);
/* op as in tower.c, of the decimal texts values[0] and [1]; the result is
 * malloc'ed text in values[0]. */
void host_big(int op, struct js_value *values);

#endif
