/* loops.h - loops and recur. */
#ifndef JANK_EMIT_LOOPS_H
#define JANK_EMIT_LOOPS_H

#include "analyze/ast.h"
#include "emit/function.h"
#include "emit/wasm.h"
#include "value/word.h"

/* What `leave` leaves of n. */
enum wasm_value_type loops_left_by(const function *f, const node *n,
                                   leave_result leave);
/* The local that is below another integer when the test holds; NULL: none. */
local *loops_below_by(const function *f, const node *test);
/* Opens a loop: `*round` is for the next round, `*poll` for when they are used
 * up. */
void loops_open_rounds(function *f, enum wasm_value_type type, uint32_t *round,
                       uint32_t *poll);
void loops_close_rounds(function *f); /* the loop, and the one around it */
/* The words that a loop compares its integers with are small integers as a
 * rule. It is emitted twice: once for that, with their numbers at hand and no
 * calls that registers would have to be saved around, and once for anything. */
void loops_loop(function *f, const node *n, leave_result leave);
/* All new values are on the stack before the first local changes. */
void loops_recur(function *f, const node *n);

#endif
