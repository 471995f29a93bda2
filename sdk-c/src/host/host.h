/* host.h - all that the runtime knows of its host: functions that it calls.
 *
 * wasm.js has them in JavaScript, native.c and native_regex.c for a plain C
 * program. `error` and `error_size` are a buffer of the caller's for a reason,
 * which NUL ends. They answer with a value; what comes through them is an
 * exception of code that they call, and natively UnsupportedOperationException
 * where there is no such thing.
 */
#ifndef JANK_HOST_HOST_H
#define JANK_HOST_HOST_H

#include <stddef.h>
#include <stdint.h>

/* X(op): wasm.js has them by these names, in this order. */
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

struct jank_object;
struct js_value {
  int32_t kind;
  uint32_t size; /* of text */
  union {
    double number;
    int64_t integer;
    const char *text;
    int32_t handle;
    struct jank_object *value;
  } as;
};

/* ---- The functions ------------------------------------------------------- */

enum { JS_TOO_DEEP = 2 };

/* stream: 1 output, 2 errors. */
void host_write(int stream, const char *text, size_t n);
void host_tap(const char *text, size_t n); /* what was given to tap> */
/* What lies beside the module of the library's docs (runtime/docs.c), for free();
 * NULL: there is none. Asked at most once. */
char *host_docs(void);
double host_now(void); /* milliseconds, monotonic */
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
void host_table_clear(uint32_t first, uint32_t n); /* calls of them trap */
/* The stack at this moment, as a handle of JavaScript; 0: there is none. */
int32_t host_trace(void);
/* Its frames in compiled code, innermost first, malloc'ed: lines of
 * "function\tfile\tline\toffset", the offset in the module or -1. */
char *host_trace_frames(int32_t handle);
/* An operation on values, which are values[0 .. argc). 0 and the result, or what was
 * thrown (1, or JS_TOO_DEEP when the engine's stack ended), in values[0]; text in it
 * is malloc'ed. Natively there is no JavaScript: it throws. */
int host_js(int op, int argc, struct js_value *values);
void host_js_release(int32_t handle); /* nobody here has it any more */
/* op as in number/tower.c, of the decimal texts values[0] and [1]; the result is
 * malloc'ed text in values[0]. */
void host_big(int op, struct js_value *values);

/* Regular expressions of the host; handle < 0: bad syntax (text in error). */
int32_t host_regex_compile(const char *source, char *error, size_t error_size);
/* Finds from byte offset `from`: number of groups + 1, ranges (byte start and
 * end, -1 none) in `groups` (room for max pairs); 0: no match; -1: gave up. */
int host_regex_exec(int32_t handle, const char *text, size_t n, size_t from,
                    int32_t *groups, int max);
void host_regex_free(int32_t handle);

#endif
