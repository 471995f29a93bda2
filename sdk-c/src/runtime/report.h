/* report.h - how errors are told to the host: JSON. */
#ifndef JANK_RUNTIME_REPORT_H
#define JANK_RUNTIME_REPORT_H

#include "base/buffer.h"
#include "value/word.h"

/* A source text that errors may point into; all NULL/0 when there is none. */
typedef struct {
  const char *file, *text;
  size_t size;
  int line, first_line; /* of the form; of the text */
} error_source;

/* Keeps `exception` as jank_last_error_json. `phase`: "read", "compile",
 * "load", "run"; reader's and compiler's exceptions name their own. */
void report_set_error(jank_object *exception, const char *phase,
                      const error_source *source);
/* Appends its message; of what is no exception, what it looks like. */
void report_write_message(buffer *out, jank_object *exception);
/* For an ArityException: see fn.h. */
void report_arglists(buffer *out, const char *function);

#endif
