/* hooks.h - vars that the host calls around a reload. */
#ifndef JANK_RUNTIME_HOOKS_H
#define JANK_RUNTIME_HOOKS_H

#include "runtime/var.h"
#include "value/word.h"

/* A var has other flags, another root or name than it had: `flags` are those
 * before. Throws OutOfMemoryError when it is a new hook. */
void hooks_changed(var_object *var, uint8_t flags);
void hooks_init(void);

#endif
