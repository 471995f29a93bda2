/* gc.h - memory: a non-moving, generational mark-and-sweep collector.
 *
 * Roots are registered slots, markers, and the C stack, which is scanned
 * conservatively (interior pointers count). In WebAssembly the last step of
 * linking keeps the live pointers of C frames there, and emitted code spills by
 * itself. So C code needs no root macros: an object in a C variable stays, and
 * stays where it is. What is kept anywhere else (a static, malloc'ed memory)
 * needs a root or a marker.
 *
 * Whoever stores into an object that may have survived a collection calls
 * gc_write.
 */
#ifndef JANK_VALUE_GC_H
#define JANK_VALUE_GC_H

#include "value/word.h"

/* Flag of objects whose type tells its changes (types.h): written since it was made
 * permanent. */
#define GC_CHANGED 16

/* Zeroed, with its header set. Throws OutOfMemoryError. May collect. What was
 * allocated by the same C function, and is still in a variable of it, can be filled
 * in without more ado; to write into any other object, see gc_write. */
void *gc_alloc(enum jank_type type, size_t size);
/* Collects: all, or what is new. The build's last step looks for who may come
 * here. */
JANK_API void gc_collect(bool major);
/* The far end of the stack that is scanned; NULL: the thread's own. Before it is
 * called nothing is collected. */
void gc_init(void *stack_base);
void gc_mark(jank_object *o); /* for trace functions; takes any value */
/* As gc_mark, by a marker, for an object that may still be filled in. */
void gc_mark_root(jank_object *o);
/* The write barrier: `o` gets a new word, and was not made just now. Before or after
 * the store; also before an allocation for it, if `o` is in a C variable. */
void gc_write(jank_object *o);
/* The words, whatever they hold at each collection, until they are removed. The
 * memory is the caller's, and must not move. */
void gc_add_root_range(jank_object **words, size_t count);
void gc_remove_root_range(jank_object **words);
/* A function that marks what its file keeps outside of objects. */
void gc_add_marker(void (*marker)(void));
/* Everything that exists becomes permanent; see gc.c. */
void gc_freeze(void);
/* Patches are roots (the marker of load/patch.c marks them all) unless this is
 * true: set it around a collection while no compiled frame is active, and those that no
 * function refers to are finalized. */
extern bool gc_patches_weak;
/* Counts memory that lives outside, and goes when an object goes. */
void gc_add_pressure(size_t bytes);
size_t gc_heap_bytes(void); /* in use, as far as it is known */
size_t gc_collections(void);

#endif
