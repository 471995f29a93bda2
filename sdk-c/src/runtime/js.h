/* js.h - TODO */
#ifndef JANK_RUNTIME_JS_H
#define JANK_RUNTIME_JS_H

#include "host/host.h"
#include "value/word.h"

void js_finalize(jank_object *o);
/* The stack at this moment: a JS object; nil where there is none. */
jank_object *error_stack_now(void);
jank_object *js_operate(enum js_op op, int argc, jank_object **args);
void js_init(void);

#endif
