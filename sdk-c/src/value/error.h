/* error.h - TODO */
#ifndef JANK_VALUE_ERROR_H
#define JANK_VALUE_ERROR_H

#include "host/host.h"
#include "value/string.h"
#include "value/word.h"

typedef struct {
  jank_object header;
  string_object *class_name; /* "ArithmeticException" */
  jank_object *message;      /* string or nil */
  jank_object *data;         /* map or nil (ex-info) */
  jank_object *cause;
  jank_object *host;  /* JS: the error that was thrown there; or nil */
  jank_object *trace; /* JS: an error with the stack; or nil */
  bool interrupts;    /* no `catch` gets it */
} exception_object;

#endif
