/* json.h - values as JSON, for a host that asked for a result. */
#ifndef JANK_RUNTIME_JSON_H
#define JANK_RUNTIME_JSON_H

#include "base/buffer.h"
#include "value/word.h"

/* Appends. What it realizes or calls may throw; the buffer is the caller's. */
void json_print(buffer *out, jank_object *o);

#endif
