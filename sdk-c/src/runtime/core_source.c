/* core_source.c - the table of those namespaces, which start.c hands down: see
 * core_source.h. */
#include "runtime/core_source.h"
#include "value/word.h"
#include <string.h>

static const struct core_source *sources;

void core_source_init(const struct core_source *table) { sources = table; }

static const struct core_source *find_source(const char *ns) {
  const struct core_source *s = sources;
  while (s->ns && strcmp(s->ns, ns) != 0)
    s++;
  return s;
}

const char *jank_core_source(const char *ns) { return find_source(ns)->text; }

const char *jank_core_source_file(const char *ns) {
  return find_source(ns)->file;
}
