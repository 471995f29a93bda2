/* error.h - exceptions: values that are thrown. */
#ifndef JANK_VALUE_ERROR_H
#define JANK_VALUE_ERROR_H

#include "base/buffer.h"
#include "value/string.h"
#include "value/word.h"

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

/* What this floor cannot do by itself; start.c hands it down. */
typedef struct {
  /* Appends what the value looks like: a short text, whatever the value is. Never
   * throws. */
  void (*show)(buffer *out, jank_object *value);
  /* The name of the value's class, "java.lang.Long"; not of nil. */
  const char *(*class_name)(jank_object *value);
  /* The stack at this moment: a JS object; nil where there is none. */
  jank_object *(*stack)(void);
} error_functions;

void error_init(error_functions functions);

/* A new exception, with the stack of this moment; data: a map or nil, cause: an
 * exception or nil. It is not thrown. */
jank_object *error_make(const char *class_name, jank_object *message,
                        jank_object *data, jank_object *cause);
/* Throws a new exception of that class: error_throw("ArithmeticException",
 * "Divide by zero"). The classes and their parents are a table in
 * runtime/class.c. */
_Noreturn void error_throw(const char *class_name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* ClassCastException: "inc: expected a number, got String: \"a\"". */
_Noreturn void error_type(const char *who, const char *expected,
                          jank_object *got);
/* The value for a message: short, whatever it is. The text is a string object's: it
 * lives as long as the pointer is on the stack. */
const char *error_shown(jank_object *value);
const char *error_class_name(jank_object *value); /* "java.lang.Long" */
const char *error_type_name(jank_object *o); /* "Long", "nil", "Boolean", ... */
/* `o` as a string; throws error_type when it is none. */
string_object *error_want_string(const char *who, jank_object *o);
/* Whether it is what jank_poll throws; such a one, made. */
bool error_is_interrupt(jank_object *exception);
jank_object *error_interrupt(void);
void error_trace(jank_object *o);

#endif
