/* regex.h - matching, for clojure.string and the re- functions. Offsets are
 * bytes of the string. */
#ifndef JANK_BUILTINS_REGEX_H
#define JANK_BUILTINS_REGEX_H

#include "value/regex.h"
#include "value/string.h"
#include "value/word.h"

regex_object *regex_check(const char *who, jank_object *o);
/* The first match at or after byte `from` (> s->bytes: none). */
bool regex_find(regex_object *re, string_object *s, uint32_t from,
                regex_match *m);
/* Where to look for the one after m: an empty match is stepped over. */
uint32_t regex_after(string_object *s, const regex_match *m);
/* A substring; nil: the group matched nothing, or there is none. */
jank_object *regex_group(string_object *s, const regex_match *m, int i);
/* The matched string, or a vector of it and the groups. */
jank_object *regex_value(string_object *s, const regex_match *m);

#endif
