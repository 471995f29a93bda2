/* throw.c - exceptions: values that unwind with longjmp.
 *
 * A handler is a C frame that called throw_catch; jank_throw jumps to the
 * innermost one. Compiled code has no exception instructions: jank_try calls
 * the body and the handlers as functions, so both emitters behave alike.
 */
#include "value/throw.h"
#include "base/buffer.h"
#include "host/host.h"
#include "runtime/class.h"
#include "runtime/js.h"
#include "runtime/print.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct handler {
  jmp_buf jump;
  struct handler *previous;
  jank_object *exception;
} handler;

static handler *innermost;

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

int jank_exception_is(jank_object *exception, jank_object *symbol) {
  if (error_is_interrupt(exception))
    return 0;
  if (is_type(symbol, JANK_TYPE_KEYWORD))
    return 1; /* :default */
  symbol_object *name = (symbol_object *)symbol;
  if (name->ns && strcmp(name->ns->text, "js") == 0)
    return strcmp(name->name->text, "Error") == 0 ||
           strcmp(name->name->text, "Object") == 0 ||
           (is_type(exception, JANK_TYPE_EXCEPTION) &&
            strcmp(((exception_object *)exception)->class_name->text,
                   name->name->text) == 0);
  class_object *wanted = class_find(name->name->text);
  return wanted && exception != JANK_NIL &&
         class_isa(class_of(exception), &wanted->header);
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
  e->trace = error_stack_now();
  return &e->header;
}

static jank_object *out_of_memory; /* made in time */

void error_init(void) {
  jank_add_root(&out_of_memory);
  out_of_memory =
      error_make("OutOfMemoryError", jank_make_string("out of memory"),
                 JANK_NIL, JANK_NIL);
}

void throw_out_of_memory(void) {
  if (!out_of_memory)
    abort(); /* at the start */
  jank_throw(out_of_memory);
}

void error_throw(const char *class_name, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  size_t size = n < 0 ? 0 : (size_t)n;
  if (size >= sizeof text) { /* cut at a character's start */
    size = sizeof text - 1;
    while (size && ((unsigned char)text[size] & 0xc0) == 0x80)
      size--;
  }
  jank_throw(error_make(class_name, (jank_object *)string_make(text, size),
                        JANK_NIL, JANK_NIL));
}

const char *error_type_name(jank_object *o) {
  static const char *const names[] = {
#define X(type, name) name,
      JANK_TYPES(X)
#undef X
  };
  if (is_heap(o))
    return names[o->type];
  return o == JANK_NIL                       ? "nil"
         : is_fixnum(o)                      ? "Long"
         : is_char(o)                        ? "Character"
         : o == JANK_TRUE || o == JANK_FALSE ? "Boolean"
                                             : "Unbound";
}

void error_type(const char *who, const char *expected, jank_object *got) {
  buffer text = {0};
  print_value(&text, got, true);
  if (text.size > 60) {
    text.size = 57;
    buffer_text(&text, "...");
  }
  string_object *shown = string_from_buffer(&text);
  error_throw("ClassCastException", "%s: expected %s, got %s: %s", who,
              expected, error_type_name(got), shown->text);
}

void jank_throw(jank_object *value) {
  if (!innermost) /* an embedder called without jank_invoke or jank_try */
    abort();
  innermost->exception = value;
  longjmp(innermost->jump, 1);
}

bool throw_catch(jank_object *(*body)(void *), void *context,
                 jank_object **result, jank_object **exception) {
  handler here = {.previous = innermost};
  if (setjmp(here.jump) == 0) {
    innermost = &here;
    jank_object *value = body(context);
    innermost = here.previous;
    *result = value;
    return true;
  }
  innermost = here.previous;
  *exception = here.exception;
  return false;
}

void throw_reset(void) { innermost = NULL; }

void *throw_handlers(void) { return innermost; }

void throw_set_handlers(void *handlers) { innermost = handlers; }

typedef struct {
  jank_object *function, *argument;
} try_call;

static jank_object *call_body(void *context) {
  return jank_call0(((try_call *)context)->function);
}

static jank_object *call_handler(void *context) {
  try_call *call = context;
  return jank_call1(call->function, call->argument);
}

/* Whatever comes of `finally`, an interruption goes on. */
static _Noreturn void end_interrupted(jank_object *finally,
                                      jank_object *exception) {
  jank_object *result, *dropped;
  try_call call = {finally, JANK_NIL};
  if (finally != JANK_NIL)
    throw_catch(call_body, &call, &result, &dropped);
  jank_throw(exception);
}

jank_object *jank_try(jank_object *body, jank_object *handler_fn,
                      jank_object *finally) {
  jank_object *result = JANK_NIL, *exception = JANK_NIL;
  jank_object *frames = var_binding_frames();
  try_call call = {body, JANK_NIL};
  bool ok = throw_catch(call_body, &call, &result, &exception);
  /* A finally that found no stack has left its binding. */
  if (!ok)
    var_unwind_bindings(frames);
  bool interrupted = !ok && error_is_interrupt(exception);
  if (!ok && !interrupted && handler_fn != JANK_NIL) {
    if (finally == JANK_NIL)
      return jank_call1(handler_fn, exception);
    call = (try_call){handler_fn, exception};
    ok = throw_catch(call_handler, &call, &result, &exception);
  }
  if (!ok && error_is_interrupt(exception))
    end_interrupted(finally, exception);
  if (finally != JANK_NIL)
    jank_call0(finally);
  if (!ok)
    jank_throw(exception);
  return result;
}

/* ---- Stack depth --------------------------------------------------------------
 * The engine's own overflow cannot be caught in WebAssembly, so compiled
 * functions compare the linear stack pointer with this limit. Their frames are
 * sized after their locals, so that it bounds the engine's stack as well. */

static uintptr_t stack_limit;

void poll_set_stack_limit(uintptr_t limit) { stack_limit = limit; }

uintptr_t jank_stack_limit(void) { return stack_limit; }

/* So many bytes above the limit a function begins to count its calls. */
#define CALLS_BETWEEN_POLLS 8192

uintptr_t jank_check_stack(uintptr_t stack_pointer) {
  if (stack_pointer < stack_limit)
    jank_stack_overflow();
  jank_poll();
  uintptr_t room = CALLS_BETWEEN_POLLS * JANK_CALL_COST;
  return stack_pointer - stack_limit < room ? stack_limit
                                            : stack_pointer - room;
}

void jank_stack_overflow(void) {
  error_throw("StackOverflowError", "stack overflow: recursion is too deep");
}
