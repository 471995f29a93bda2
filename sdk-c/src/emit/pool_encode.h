/* pool_encode.h - a program's constants as bytes. */
#ifndef JANK_EMIT_POOL_ENCODE_H
#define JANK_EMIT_POOL_ENCODE_H

#include "analyze/ast.h"
#include "base/buffer.h"
#include "value/word.h"

/* Appends the constants as jank_patch.h describes them; for C, with the
 * definitions. */
void pool_encode(const program *p, bool definitions, buffer *out);

#endif
