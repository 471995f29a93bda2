/* js.h - values of JavaScript, and how values cross over to it and back. */
#ifndef JANK_RUNTIME_JS_H
#define JANK_RUNTIME_JS_H

#include "base/buffer.h"
#include "host/host.h"
#include "value/word.h"

typedef struct {
  jank_object header;
  int32_t handle; /* of the host */
} js_object;

/* Does it over there, and takes the result. What JavaScript throws is thrown here. */
jank_object *js_operate(enum js_op op, int argc, jank_object **args);
void js_init(void);

/* The stack at this moment: a JS object; nil where there is none. */
jank_object *js_stack(void);

/* For the table of types. */
void js_finalize(jank_object *o);
extern const struct coll_kind js_kind;
jank_object *js_invoke(jank_object *f, int argc, jank_object **args);
void js_print(buffer *out, jank_object *o, bool readably);

/* Values as the host's, and back; for host_entries.c. Given text is borrowed from the
 * string, taken text is malloc'ed and freed here. */
void js_give(struct js_value *v, jank_object *o);
jank_object *js_take(struct js_value *v);
/* An interruption that goes into JavaScript: js_operate throws it when it is back. */
void js_interrupt(jank_object *exception);

#endif
