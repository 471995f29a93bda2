/* throw.h - TODO */
#ifndef JANK_VALUE_THROW_H
#define JANK_VALUE_THROW_H

#include "builtins/string.h"
#include "host/host.h"
#include "number/tower.h"
#include "value/word.h"

extern const struct patch_symbol error_builtins[], stack_builtins[],
    fn_builtins[], var_builtins[], list_builtins[], coll_builtins[],
    map_builtins[], set_builtins[], equal_builtins[], number_builtins[],
    string_builtins[], symbol_builtins[], regex_builtins[], reader_builtins[],
    print_builtins[], text_builtins[], math_builtins[], class_builtins[],
    type_builtins[], interop_builtins[], js_builtins[], sorted_builtins[],
    array_builtins[], tower_builtins[], dev_builtins[];

/* Drops all handlers: the engine has unwound the stack by itself. */
void throw_reset(void);
/* The chain of handlers in force, to be set again after a trap. */
void *throw_handlers(void);
void throw_set_handlers(void *handlers);
void poll_set_stack_limit(uintptr_t limit);
void error_trace(jank_object *o);

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

#endif
