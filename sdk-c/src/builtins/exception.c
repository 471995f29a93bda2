/* exception.c - ex-info and what can be asked of an exception. nil, or nothing,
 * is the answer for a value that is none. */
#include "base/buffer.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "runtime/show.h"
#include "runtime/stack.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"

static exception_object *as_exception(O o) {
  return is_type(o, JANK_TYPE_EXCEPTION) ? (exception_object *)o : NULL;
}

static O ex_info2(O self, O message, O data) {
  return error_make("ExceptionInfo", message, data, JANK_NIL);
}

static O ex_info3(O self, O message, O data, O cause) {
  return error_make("ExceptionInfo", message, data, cause);
}

static O ex_data(O self, O e) {
  return as_exception(e) ? as_exception(e)->data : JANK_NIL;
}

static O ex_message(O self, O e) {
  return as_exception(e) ? as_exception(e)->message : JANK_NIL;
}

static O ex_cause(O self, O e) {
  return as_exception(e) ? as_exception(e)->cause : JANK_NIL;
}

static O ex_class(O self, O e) {
  return as_exception(e) ? (O)as_exception(e)->class_name : JANK_NIL;
}

static O make_error(O self, O class_name, O message) {
  if (!is_type(class_name, JANK_TYPE_STRING))
    error_type("error*", "a class name", class_name);
  return error_make(((string_object *)class_name)->text, message, JANK_NIL,
                    JANK_NIL);
}

static O exception_p(O self, O e) { return boolean(as_exception(e) != NULL); }

static O ex_trace(O self, O exception) { return stack_frames(exception); }

/* As a message has it. */
static O shown(O self, O value) {
  buffer text = {0};
  show_short(&text, value);
  return &string_from_buffer(&text)->header;
}

const struct patch_symbol exception_builtins[] = {
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
    CORE("ex-trace*", "[ex]", ex_trace),
    CORE("shown*", "[x]", shown),
    CORE("exception?", "[x]", exception_p, "True when x is an exception."),
    {0},
};
