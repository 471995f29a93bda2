/* exception.c - TODO */
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "runtime/stack.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"
#include <setjmp.h>

static exception_object *as_exception(jank_object *o) {
  return is_type(o, JANK_TYPE_EXCEPTION) ? (exception_object *)o : NULL;
}

static jank_object *ex_info2(jank_object *self, jank_object *message,
                             jank_object *data) {
  return error_make("ExceptionInfo", message, data, JANK_NIL);
}

static jank_object *ex_info3(jank_object *self, jank_object *message,
                             jank_object *data, jank_object *cause) {
  return error_make("ExceptionInfo", message, data, cause);
}

static jank_object *ex_data(jank_object *self, jank_object *e) {
  return as_exception(e) ? as_exception(e)->data : JANK_NIL;
}

static jank_object *ex_message(jank_object *self, jank_object *e) {
  return as_exception(e) ? as_exception(e)->message : JANK_NIL;
}

static jank_object *ex_cause(jank_object *self, jank_object *e) {
  return as_exception(e) ? as_exception(e)->cause : JANK_NIL;
}

static jank_object *ex_class(jank_object *self, jank_object *e) {
  return as_exception(e) ? (jank_object *)as_exception(e)->class_name
                         : JANK_NIL;
}

static jank_object *make_error(jank_object *self, jank_object *class_name,
                               jank_object *message) {
  if (!is_type(class_name, JANK_TYPE_STRING))
    error_type("error*", "a class name", class_name);
  return error_make(((string_object *)class_name)->text, message, JANK_NIL,
                    JANK_NIL);
}

static jank_object *exception_p(jank_object *self, jank_object *e) {
  return boolean(as_exception(e) != NULL);
}

const struct patch_symbol error_builtins[] = {
    CORE("ex-info", "[msg map]", ex_info2,
         "An exception with a message, a map of data, and the exception that "
         "was its cause."),
    CORE("ex-info", "[msg map cause]", ex_info3),
    CORE("ex-data", "[ex]", ex_data,
         "The data of an exception that ex-info has made; nil for others."),
    CORE("ex-message", "[ex]", ex_message,
         "The message of an exception; nil for what is no exception."),
    CORE("ex-cause", "[ex]", ex_cause,
         "The exception that was the cause; nil when there is none."),
    CORE("ex-class*", "[ex]", ex_class),
    CORE("error*", "[class message]", make_error),
    CORE("exception?", "[x]", exception_p, "True when x is an exception."),
    {0},
};

static O ex_trace(O self, O exception) { return stack_frames(exception); }

const struct patch_symbol stack_builtins[] = {
    CORE("ex-trace*", "[ex]", ex_trace),
    {0},
};
