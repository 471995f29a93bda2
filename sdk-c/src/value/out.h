/* out.h - where a program's output goes: to the host, or into a string. */
#ifndef JANK_VALUE_OUT_H
#define JANK_VALUE_OUT_H

#include "base/buffer.h"
#include "value/word.h"

void out_write(const char *text, size_t n);
/* From now on what is written is kept; false: it is nested too deeply. */
bool out_begin_capture(void);
/* What was written since the last begin, which ends here: valid until the next begin.
 * NULL: there was none. */
const buffer *out_end_capture(void);

#endif
