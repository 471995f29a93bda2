/* report.h - how errors and results are told to the host: JSON. */
#ifndef JANK_RUNTIME_REPORT_H
#define JANK_RUNTIME_REPORT_H

#include "value/word.h"

/* A source text that errors may point into; all NULL/0 when there is none. */
typedef struct {
  const char *file, *text;
  size_t size;
  int line, first_line; /* of the form; of the text */
} error_source;

#endif
