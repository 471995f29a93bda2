/* throw.c - exceptions: values that unwind with longjmp.
 *
 * A handler is a C frame that called throw_catch; jank_throw jumps to the
 * innermost one. Compiled code has no exception instructions: jank_try calls
 * the body and the handlers as functions, so both emitters behave alike.
 */
#include "value/throw.h"
#include "value/word.h"
#include <setjmp.h>
#include <stdlib.h>

typedef struct handler {
  jmp_buf jump;
  struct handler *previous;
  jank_object *exception;
} handler;

static handler *innermost;

static jank_object *out_of_memory;

void throw_set_out_of_memory(jank_object *exception) {
  out_of_memory = exception;
}

void throw_out_of_memory(void) {
  if (!out_of_memory)
    abort(); /* at the start */
  jank_throw(out_of_memory);
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
