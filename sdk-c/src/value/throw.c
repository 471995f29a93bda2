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

typedef struct {
  struct throw_frame frame;
  jmp_buf jump;
  jank_object *exception;
} handler;

static struct throw_frame *innermost; /* handlers and owners, one stack */

static jank_object *out_of_memory;

void throw_set_out_of_memory(jank_object *exception) {
  out_of_memory = exception;
}

void throw_out_of_memory(void) {
  if (!out_of_memory)
    abort(); /* at the start */
  jank_throw(out_of_memory);
}

void throw_own(throw_owner *o, void (*release)(void *), void *what) {
  *o = (throw_owner){{innermost, false}, release, what};
  innermost = &o->frame;
}

void throw_keep(throw_owner *o) { innermost = o->frame.outer; }

void throw_release(throw_owner *o) {
  throw_keep(o);
  o->release(o->what);
}

void *throw_owned(void (*release)(void *)) {
  for (struct throw_frame *f = innermost; f; f = f->outer)
    if (!f->is_handler && ((throw_owner *)f)->release == release)
      return ((throw_owner *)f)->what;
  return NULL;
}

/* Owners are released while their frames are still there: before the jump. */
void jank_throw(jank_object *value) {
  while (innermost && !innermost->is_handler)
    throw_release((throw_owner *)innermost);
  if (!innermost) /* an embedder called without jank_invoke or jank_try */
    abort();
  handler *h = (handler *)innermost;
  h->exception = value;
  longjmp(h->jump, 1);
}

/* Nothing of this frame changes between setjmp and longjmp but what is reached through
 * `innermost`, so nothing has to be volatile. */
bool throw_catch(jank_object *(*body)(void *), void *context,
                 jank_object **result, jank_object **exception) {
  handler here = {.frame = {innermost, true}};
  if (setjmp(here.jump) == 0) {
    innermost = &here.frame;
    jank_object *value = body(context);
    innermost = here.frame.outer;
    *result = value;
    return true;
  }
  innermost = here.frame.outer;
  *exception = here.exception;
  return false;
}

void throw_reset(void) { innermost = NULL; }

void *throw_handlers(void) { return innermost; }

void throw_set_handlers(void *handlers) { innermost = handlers; }
