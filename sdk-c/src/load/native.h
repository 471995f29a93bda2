/* native.h - patches that were compiled from C (jank_hot.h): for patch.c, which
 * loads them, and start.c.
 *
 * The path: native_prepare, then native_bind, then native_commit;
 * native_discard in any case.
 */
#ifndef JANK_LOAD_NATIVE_H
#define JANK_LOAD_NATIVE_H

#include "base/buffer.h"
#include "load/inspect.h"
#include "value/word.h"

typedef struct native_patch native_patch;

/* Prepares a patch: its constants and new variables have their places, its code
 * is relocated (in `bytes`) and instantiated. Nothing of it can be seen yet. On
 * an error the reason is in `why`, and *result has what is to be discarded. */
enum patch_error native_prepare(uint8_t *bytes, size_t size,
                                const patch_info *info, native_patch **result,
                                buffer *why);
/* The vars of its functions, the last of them; throws, under a transaction. */
jank_object *native_bind(const native_patch *patch);
/* Cannot fail: its functions are those that the program calls. */
void native_commit(native_patch *patch);
/* What was not committed goes away; frees `patch`. NULL is none. */
void native_discard(native_patch *patch);

/* At start: the vars of what was registered by then. */
void native_init(void);

#endif
