/* regex.h - what clojure.string needs of regular expressions. */
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

regex_object *regex_check(const char *who, jank_object *o);
/* The first match at or after byte `from` (> s->bytes: none). */
bool regex_find(regex_object *re, string_object *s, uint32_t from,
                regex_match *m);
/* Where to look for the one after m: an empty match is stepped over. */
uint32_t regex_after(string_object *s, const regex_match *m);
jank_object *regex_group(string_object *s, const regex_match *m, int i);
/* The matched string, or a vector of it and the groups. */
jank_object *regex_value(string_object *s, const regex_match *m);

void regex_trace(jank_object *o); /* REGEX and BIGNUM: the text */
void regex_finalize(jank_object *o);
jank_object *regex_make(string_object *source); /* throws on bad syntax */

#endif
