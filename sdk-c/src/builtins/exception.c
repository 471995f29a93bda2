/* exception.c - TODO */
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
    {"clojure.core/ex-info", "2", (void *)ex_info2},
    {"clojure.core/ex-info", "3", (void *)ex_info3},
    {"clojure.core/ex-data", "1", (void *)ex_data},
    {"clojure.core/ex-message", "1", (void *)ex_message},
    {"clojure.core/ex-cause", "1", (void *)ex_cause},
    {"clojure.core/ex-class*", "1", (void *)ex_class},
    {"clojure.core/error*", "2", (void *)make_error},
    {"clojure.core/exception?", "1", (void *)exception_p},
    {0},
};

static O ex_trace(O self, O exception) { return stack_frames(exception); }

const struct patch_symbol stack_builtins[] = {
    {"clojure.core/ex-trace*", "1", (void *)ex_trace},
    {0},
};
