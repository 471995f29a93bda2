/* session.h - whose values *1, *2, *3 and *e have. */
#ifndef JANK_RUNTIME_SESSION_H
#define JANK_RUNTIME_SESSION_H

#include "value/word.h"

/* What a patch gave, or threw, becomes the current session's, if there is one. */
void session_value(jank_object *value);
void session_error(jank_object *exception);
void session_init(void);

#endif
