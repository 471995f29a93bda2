/* jank.h - the public C API of the runtime.
 *
 * A value is a `jank_object *`: one machine word. Small integers, characters,
 * true, false and nil are encoded in the word itself and are never
 * dereferenced; everything else points at a garbage-collected object.
 *
 * Ownership. Values belong to the collector, which does not move them and finds
 * them on the C stack, in vars and in other values. A value kept anywhere else
 * (a C static, malloc'd memory) must be registered with jank_add_root.
 * `const char *` arguments are UTF-8, NUL-terminated, borrowed for the call.
 *
 * Errors. A function that fails throws a jank exception: it unwinds to the
 * innermost jank_try, or to the entry point that JavaScript called, which
 * reports it as a value. Nothing here exits or prints on bad input. A throw with
 * neither around it aborts: code that a host runs is called by jank_invoke.
 * OutOfMemoryError and StackOverflowError can come from nearly all of them.
 *
 * Names follow jank's c_api.h where it has one, and keep the helpers of the
 * original hot-reload runtime, so that a patch written for it compiles here.
 */
#ifndef JANK_H
#define JANK_H

#include <stddef.h>
#include <stdint.h>

#if defined(__EMSCRIPTEN__) && __has_include(<emscripten/emscripten.h>)
#include <emscripten/emscripten.h>
#define JANK_API EMSCRIPTEN_KEEPALIVE
#else
#define JANK_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jank_object jank_object;
typedef jank_object *jank_object_ref;

/* ---- Constants and numbers ----------------------------------------------- */

JANK_API jank_object *jank_nil_value(void);
JANK_API jank_object *jank_true_value(void);
JANK_API jank_object *jank_false_value(void);
/* 64-bit signed. Values of 31 bits are kept in the word, others are boxed.
 * Unboxing throws ClassCastException when `value` is not an integer. */
#if defined(__EMSCRIPTEN__) && !defined(JANK_RUNTIME)
/* Between modules in halves: Emscripten may split 64-bit parameters. */
JANK_API jank_object *jank_box_integer_halves(uint32_t low, int32_t high);
JANK_API uint32_t jank_unbox_integer_halves(jank_object *value, int32_t *high);
static inline jank_object *jank_box_integer(int64_t value) {
  return jank_box_integer_halves((uint32_t)value, (int32_t)(value >> 32));
}
static inline int64_t jank_unbox_integer(jank_object *value) {
  int32_t high;
  uint32_t low = jank_unbox_integer_halves(value, &high);
  return (int64_t)((uint64_t)(uint32_t)high << 32 | low);
}
#else
JANK_API jank_object *jank_box_integer(int64_t value);
JANK_API int64_t jank_unbox_integer(jank_object *value);
JANK_API jank_object *jank_box_integer_halves(uint32_t low, int32_t high);
JANK_API uint32_t jank_unbox_integer_halves(jank_object *value, int32_t *high);
#endif
JANK_API jank_object *jank_box_double(double value); /* always an object */
/* Any number; throws ClassCastException otherwise. */
JANK_API double jank_unbox_double(jank_object *value);
/* 1 for everything but nil and false. */
JANK_API int jank_truthy(jank_object *value);

/* ---- Text and names ------------------------------------------------------ */

/* The text is copied. What is not UTF-8 in it becomes U+FFFD. */
JANK_API jank_object *jank_make_string(const char *utf8);
JANK_API jank_object *jank_make_string_n(const char *utf8, size_t bytes);
/* `ns` may be NULL or "": no namespace. */
JANK_API jank_object *jank_make_keyword(const char *ns, const char *name);
JANK_API jank_object *jank_make_symbol(const char *ns, const char *name);
/* Of strings; `ns` may be nil. The keyword of a name is always the same word. */
JANK_API jank_object *jank_keyword_intern(jank_object *ns, jank_object *name);
JANK_API jank_object *jank_make_character(uint32_t code_unit); /* of UTF-16 */

/* ---- Collections: `items` is borrowed ------------------------------------ */

JANK_API jank_object *jank_make_list(size_t count, jank_object **items);
JANK_API jank_object *jank_make_vector(size_t count, jank_object **items);
/* Of equal items the first one stays. */
JANK_API jank_object *jank_make_set(size_t count, jank_object **items);
/* `count` pairs: items[2i] is a key, items[2i + 1] its value. Of equal keys the
 * last pair's value counts. */
JANK_API jank_object *jank_make_map(size_t count, jank_object **items);

/* ---- Vars ---------------------------------------------------------------- */

/* Finds or makes the var `ns/name`, and its namespace. */
JANK_API jank_object *jank_var_intern_c(const char *ns, const char *name);
/* Makes it the value of `var`, which must be a var, for all; the result is `var`.
 * A transaction that is open takes it back when it fails. */
JANK_API jank_object *jank_var_bind_root(jank_object *var, jank_object *value);
/* Its value; throws IllegalStateException when there is no such var, or it has
 * none. */
JANK_API jank_object *jank_deref_var(const char *ns, const char *name);
/* Calls the value of `ns/name`; throws as jank_deref_var. `args` is borrowed. */
JANK_API jank_object *jank_call_var(const char *ns, const char *name, int argc,
                                    jank_object **args);

/* ---- Calls: `f` is anything callable ------------------------------------- */

/* ClassCastException when it is not, ArityException when it takes another number
 * of arguments. `args` is borrowed. */
JANK_API jank_object *jank_call0(jank_object *f);
JANK_API jank_object *jank_call1(jank_object *f, jank_object *a);
JANK_API jank_object *jank_call2(jank_object *f, jank_object *a,
                                 jank_object *b);
JANK_API jank_object *jank_call3(jank_object *f, jank_object *a, jank_object *b,
                                 jank_object *c);
JANK_API jank_object *jank_call4(jank_object *f, jank_object *a, jank_object *b,
                                 jank_object *c, jank_object *d);
JANK_API jank_object *jank_call_n(jank_object *f, int argc, jank_object **args);

/* ---- Printing ------------------------------------------------------------ */

/* As `pr-str`; the text lives as long as the pointer to it is on the C stack, for
 * the collector sees it there. It may run code of the program, which may throw. */
JANK_API const char *jank_to_code_string(jank_object *value);
JANK_API jank_object *jank_println(int argc, jank_object **args); /* nil */

/* ---- Exceptions ---------------------------------------------------------- */

/* Any value can be thrown. */
JANK_API _Noreturn void jank_throw(jank_object *value);
/* Calls body(); when it throws and `handler` is not nil, handler(exception);
 * in any case finally() when that is not nil. All three are jank functions. The
 * result is what the body gave, or the handler. No handler gets an interruption. */
JANK_API jank_object *jank_try(jank_object *body, jank_object *handler,
                               jank_object *finally);

/* ---- Memory -------------------------------------------------------------- */

/* What the slot holds is kept, whatever it holds then, for the rest of the program. */
JANK_API void jank_add_root(jank_object **slot);
JANK_API void jank_collect_garbage(void); /* all of it, now */

/* ---- Embedding ----------------------------------------------------------- */

/* What a host (JavaScript, a C test) calls. Each catches every exception.
 * Returned strings live until the next call of any of these. */

/* 0, or negative with the reason in jank_last_error_json. A second call does
 * nothing. All else must be called from the same thread: its stack is scanned. */
JANK_API int jank_runtime_init(void);
/* After the engine unwound the stack by itself (a RangeError in JavaScript): drops
 * handlers and thread bindings, and takes back the loads that were under way. */
JANK_API void jank_runtime_recover(void);
/* The source of a namespace of the library that is not compiled ahead of time
 * ("clojure.test"), and its file's name; NULL: there is none of that name. The
 * host loads it when a unit says that it is missing. */
JANK_API const char *jank_core_source(const char *ns);
JANK_API const char *jank_core_source_file(const char *ns);
/* The host could not load the namespace to its end: the next require tries
 * again. */
JANK_API void jank_ns_failed(const char *ns);

/* ---- For the JavaScript host (host/wasm.js) only: see host_entries.c ----- */
struct js_value; /* host/host.h */
/* JavaScript has the value: it is kept until it was released as often. */
JANK_API void jank_js_retain(jank_object *value);
JANK_API void jank_js_release(jank_object *value);
/* Calls f with the values, or with as many as it takes: 0 and the result, or 1 and
 * what it threw, in values[0], which must have room for one also when argc is 0. */
JANK_API int jank_js_call(jank_object *f, int argc, struct js_value *values);
/* As jank_js_call, of what `ns/name` is; 1: see jank_last_error_json. */
JANK_API int jank_js_call_var(const char *name, int argc,
                              struct js_value *values);
/* 0: the name of an exception's class; 1: its message; 2: its stack, a line for
 * each frame. */
JANK_API const char *jank_js_exception_text(jank_object *exception, int part);
/* A function for JavaScript that calls the var's value: see js-export* in
 * core/clojure/core/javascript.jank. */
JANK_API void jank_js_export(const char *ns, const char *name,
                             struct js_value *value);
JANK_API const char *jank_js_show(jank_object *value); /* as pr-str; throws */
/* The chain of handlers in force, to be set again after a trap. */
JANK_API void *jank_handlers(void);
JANK_API void jank_set_handlers(void *handlers);

/* ---- For every host ------------------------------------------------------ */

/* Calls "ns/name" with the items of a vector, which is read from text ("[1 :a]").
 * JSON: {"ok":true,"value":"...","json":...}, as pr-str and as JSON, or
 * {"ok":false,"error":...}, which is jank_last_error_json. */
JANK_API const char *jank_invoke(const char *qualified_name,
                                 const char *edn_arguments);
/* The last error that any of these answered with: {"phase": "read", "compile",
 * "load" or "run", "class", "message", "file", "line", "column", "excerpt", "data",
 * "trace"}; "null": there was none. */
JANK_API const char *jank_last_error_json(void);

/* Loads the patch file (jank_patch.h): binds what it defines, and runs its forms.
 * `symbol_name` is its entry. 0, or one of the negative codes of load/inspect.h:
 * then no var has changed. The file is not needed afterwards. */
JANK_API int jank_hot_reload_load_patch(const char *path,
                                        const char *symbol_name);
/* Of the last load: its message, "" when it was good; the value of the last form, as
 * pr-str, and the namespace after it, when it was. */
JANK_API const char *jank_hot_reload_last_error(void);
JANK_API const char *jank_hot_reload_last_value(void);
JANK_API const char *jank_hot_reload_last_ns(void);
/* Counts since the start, and what is there now, as JSON: see load/patch.c. */
JANK_API const char *jank_hot_reload_get_stats(void);

/* Several loads as one: rollback takes back what they have changed of vars,
 * namespaces, multimethods, types and protocols, also when one of them failed or
 * the engine trapped in it; not the values of atoms, output, or what a program
 * told JavaScript. A var that the transaction made stays, unbound; a namespace
 * that it made is not loaded. One transaction at a time, and not from code that a
 * patch runs: 0, or negative (see last_error) and nothing has happened. */
JANK_API int jank_hot_reload_begin(void);
JANK_API int jank_hot_reload_commit(void);
JANK_API int jank_hot_reload_rollback(void);

/* From here on *1, *2, *3 and *e are those of the session; "": of none. While one
 * is current, the value of a patch that was loaded moves them on, and the exception
 * of one that was not becomes *e. The 64 that were used last are kept. */
JANK_API void jank_hot_reload_session(const char *id);
/* Whether the host wants what is given to tap>: see host_tap. */
JANK_API void jank_tap_listen(int wanted);

/* Functions that the host calls around a reload: vars with :dev/before-load or
 * :dev/after-load (or -async) in their metadata, in order of definition, as
 * {"before":["eita/stop"],"after":["eita/start"],"done":[]}. Those in "done" are
 * spelled -async and take one argument, a function to call when done. */
JANK_API const char *jank_hot_reload_hooks(void);
/* Changes when the hooks may have. */
JANK_API unsigned jank_hot_reload_hooks_generation(void);

/* One source text, compiled form by form; see unit.c. All texts are copied. `ns`:
 * where it begins, "" is user; `line`: the number of its first line. NULL: no
 * memory. */
typedef struct jank_unit jank_unit;
JANK_API jank_unit *jank_unit_open(const char *source, const char *file,
                                   const char *ns, int line);
/* Compiles the next form into a patch. `patch_id`: 1 to 64 letters, digits or _.
 *    1  there is a patch: install it before the next call
 *    2  the form needs a namespace that is not loaded (jank_unit_missing_ns); the
 *       next call tries the same form again
 *    0  there are no more forms
 *   -1  an error: jank_last_error_json. The next call goes on behind it. */
JANK_API int jank_unit_next(jank_unit *unit, const char *patch_id);
/* What the last call made, until the next one for this unit: a module, or C. */
JANK_API const uint8_t *jank_unit_patch(jank_unit *unit);
JANK_API size_t jank_unit_patch_size(jank_unit *unit);
/* About it, as JSON: {"entry", "kind": "def", "ns" or "expr", "ns": after it, "line",
 * "column", "hash": of its text, "symbols": [{"name", "signature"}]}, and as far as
 * they are true "more": its `do` goes on, "last", "once", "always". */
JANK_API const char *jank_unit_describe(jank_unit *unit);
JANK_API const char *jank_unit_missing_ns(jank_unit *unit); /* after a 2 */
/* Line and column, from 1, of the form that is being compiled or was last. The
 * address stays the same: it is there for a host that had to cut a call off. */
JANK_API const int *jank_unit_place(jank_unit *unit);
/* After the last form: one patch of the whole text. This one and the next two give 1
 * or -1. */
JANK_API int jank_unit_bundle(jank_unit *unit, const char *patch_id);
/* As C source, read with jank_unit_patch: of the form that was compiled last,
 * or after the last one of the whole text. */
JANK_API int jank_unit_emit_c(jank_unit *unit, const char *name);
/* The whole text as C for a runtime that compiles nothing: without macros, what
 * only they use, and the metadata of vars. After every form was compiled. */
JANK_API int jank_unit_emit_runtime_c(jank_unit *unit, const char *name);
JANK_API void jank_unit_close(jank_unit *unit); /* frees it */

#ifdef __cplusplus
}
#endif
#endif
