/* regex.h - regular expressions as values. Matching is in builtins/regex.h. */
#ifndef JANK_VALUE_REGEX_H
#define JANK_VALUE_REGEX_H

#include "value/string.h"
#include "value/word.h"

enum { REGEX_MAX_GROUPS = 100 };

typedef struct {
  int count; /* of ranges: the match and its groups; 0: no match */
  int32_t at[2 * REGEX_MAX_GROUPS]; /* byte start and end; -1: not matched */
} regex_match;

typedef struct {
  jank_object header; /* flags: it has a handle */
  string_object *text;
  int32_t handle;     /* of the host */
  jank_object *whole; /* the one that matches all of a text, or nil */
} regex_object;

void regex_trace(jank_object *o);
void regex_finalize(jank_object *o);
jank_object *regex_make(string_object *source); /* throws on bad syntax */

#endif
