/* try.c - try, catch and finally, as compiled code calls them.
 *
 * In: the body, the handlers and the finally as functions. Out: the value, or
 * the exception goes on. Both emitters make the same call, so both behave
 * alike, and neither needs exception instructions. An interruption passes every
 * handler, and runs every finally.
 */
#include "runtime/binding.h"
#include "runtime/class.h"
#include "value/error.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

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

/* The handlers run outside of the handler of the body, and inside one for `finally`, if
 * there is one; without, their call is the last thing here. */
jank_object *jank_try(jank_object *body, jank_object *handler_fn,
                      jank_object *finally) {
  jank_object *result = JANK_NIL, *exception = JANK_NIL;
  jank_object *frames = binding_frames();
  try_call call = {body, JANK_NIL};
  bool ok = throw_catch(call_body, &call, &result, &exception);
  /* A finally that found no stack has left its binding. */
  if (!ok)
    binding_unwind(frames);
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
