/* start.h - TODO */
#ifndef JANK_START_H
#define JANK_START_H

#include "base/buffer.h"
#include "host/host.h"
#include "runtime/report.h"
#include "value/word.h"

/* Keeps `exception` as jank_last_error_json. `phase`: "read", "compile",
 * "load", "run"; reader's and compiler's exceptions name their own. */
void runtime_set_error(jank_object *exception, const char *phase,
                       const error_source *source);
void runtime_write_error(buffer *out, jank_object *exception, const char *phase,
                         const error_source *source);

#endif
