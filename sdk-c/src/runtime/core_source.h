/* core_source.h - namespaces of the library that come as source, and are compiled when
 * they are required. */
#ifndef JANK_RUNTIME_CORE_SOURCE_H
#define JANK_RUNTIME_CORE_SOURCE_H

#include "value/word.h"

struct core_source {
  const char *ns, *file, *text;
};

/* A table that ends with NULLs. */
void core_source_init(const struct core_source *sources);

#endif
