/* stack.h - where an exception was made. */
#ifndef JANK_RUNTIME_STACK_H
#define JANK_RUNTIME_STACK_H

#include "base/buffer.h"
#include "value/word.h"

/* The line of the code at that offset of the patch that the function is from; 0: not
 * known. */
typedef int (*stack_line_function)(const char *function, uint32_t offset);

/* [[eita/ggg "src/eita.jank" 12] ...], innermost first; [] where nothing is known. */
jank_object *stack_frames(jank_object *exception);
/* The same as JSON, [{"name", "file", "line"} ...]. */
void stack_write_json(buffer *out, jank_object *frames);
/* The same for an Error's stack in JavaScript: "    at eita/ggg (...:12)" lines.
 */
jank_object *stack_text(jank_object *exception);
/* In a jank.lines section: the line of the code at that offset; 0: not known.
 */
int stack_line(const uint8_t *lines, size_t size, uint32_t offset);
void stack_init(stack_line_function line);

#endif
