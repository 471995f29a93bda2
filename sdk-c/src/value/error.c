/* error.c - exceptions as values, and the messages that tell of other values. What
 * a value looks like, and where the program is, higher floors know: they hand
 * down functions. */
#include "value/error.h"
#include "base/buffer.h"
#include "base/fail.h"
#include "base/trace.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/types.h"
#include "value/word.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static error_functions functions;

bool error_is_interrupt(jank_object *exception) {
  return is_type(exception, JANK_TYPE_EXCEPTION) &&
         ((exception_object *)exception)->interrupts;
}

jank_object *error_interrupt(void) {
  exception_object *e = (exception_object *)error_make(
      "InterruptedException", jank_make_string("interrupted"), JANK_NIL,
      JANK_NIL);
  e->interrupts = true;
  return &e->header;
}

void error_trace(jank_object *o) {
  exception_object *e = (exception_object *)o;
  gc_mark((jank_object *)e->class_name);
  gc_mark(e->message);
  gc_mark(e->data);
  gc_mark(e->cause);
  gc_mark(e->host);
  gc_mark(e->trace);
}

jank_object *error_make(const char *class_name, jank_object *message,
                        jank_object *data, jank_object *cause) {
  exception_object *e = gc_alloc(JANK_TYPE_EXCEPTION, sizeof *e);
  e->message = message;
  e->data = data;
  e->cause = cause;
  e->class_name = string_make(class_name, strlen(class_name));
  e->trace = functions.stack ? functions.stack() : JANK_NIL;
  TRACE(ERROR, "%s: %s", class_name,
        is_type(message, JANK_TYPE_STRING) ? ((string_object *)message)->text
                                           : "");
  return &e->header;
}

static void unsupported(const char *message) {
  error_throw("UnsupportedOperationException", "%s", message);
}

void error_init(error_functions handed) {
  static jank_object *out_of_memory;
  functions = handed;
  fail_init((fail_functions){throw_out_of_memory, unsupported});
  jank_add_root(&out_of_memory);
  out_of_memory =
      error_make("OutOfMemoryError", jank_make_string("out of memory"),
                 JANK_NIL, JANK_NIL);
  throw_set_out_of_memory(out_of_memory);
}

void error_throw(const char *class_name, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  size_t size = n < 0 ? 0 : (size_t)n;
  if (size >= sizeof text) { /* cut at a character's start */
    size = sizeof text - 2;  /* the last byte is the NUL */
    while (size && ((unsigned char)text[size] & 0xc0) == 0x80)
      size--;
  }
  jank_throw(error_make(class_name, (jank_object *)string_make(text, size),
                        JANK_NIL, JANK_NIL));
}

const char *error_type_name(jank_object *o) {
  if (is_heap(o))
    return types[o->type].name;
  return o == JANK_NIL                       ? "nil"
         : is_fixnum(o)                      ? "Long"
         : is_char(o)                        ? "Character"
         : o == JANK_TRUE || o == JANK_FALSE ? "Boolean"
                                             : "Unbound";
}

const char *error_shown(jank_object *value) {
  buffer text = {0};
  functions.show(&text, value);
  return string_from_buffer(&text)->text;
}

const char *error_class_name(jank_object *value) {
  return functions.class_name(value);
}

void error_type(const char *who, const char *expected, jank_object *got) {
  error_throw("ClassCastException", "%s: expected %s, got %s: %s", who,
              expected, error_type_name(got), error_shown(got));
}

string_object *error_want_string(const char *who, jank_object *o) {
  if (!is_type(o, JANK_TYPE_STRING))
    error_type(who, "a string", o);
  return (string_object *)o;
}
