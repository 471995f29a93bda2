/* binding.h - thread bindings: what `binding` puts in force. There is one
 * thread, so one stack of frames. */
#ifndef JANK_RUNTIME_BINDING_H
#define JANK_RUNTIME_BINDING_H

#include "value/word.h"

void binding_init(void);
/* `bindings`: a map, var -> value; throws when a var is not dynamic. */
void binding_push(jank_object *bindings);
void binding_pop(void);            /* the innermost frame; each push has one */
jank_object *binding_values(void); /* a map of what is bound */
/* The frames in force, and undoing those above; nothing when these are not in force
 * any more. */
jank_object *binding_frames(void);
void binding_unwind(jank_object *frames);

#endif
