/* gc.c - memory: a non-moving mark-and-sweep collector.
 *
 * Small objects live in 64 KiB blocks of one cell size each, large ones alone.
 * Roots are registered words, markers (functions that mark what their file
 * keeps) and the C stack. The stack is scanned conservatively: a word that
 * points into a live object keeps it. Nothing moves, so that is enough, and C
 * code needs no root macros: natively registers are flushed to the stack, in
 * WebAssembly the last step of linking keeps there what lives across a
 * collection (sdk-js/src/link; it knows jank_collect_garbage by its export).
 *
 * gc_freeze makes all that exists permanent (the core library after start): it
 * is neither marked nor swept again; its mutable objects become roots.
 *
 * With JANK_GC_STRESS=N every allocation collects while no more than about N
 * objects are live; beyond that every second, every third ...
 */
#include "object.h"
#include "trace.h"
#include <stdlib.h>
#include <string.h>
#ifdef __EMSCRIPTEN__
#include <emscripten/stack.h>
#else
#include <pthread.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GC_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define GC_ASAN 1
#endif
#ifdef GC_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define NO_ASAN __attribute__((no_sanitize("address"), noinline))
/* Locals must stay on the real stack, where the collector looks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
  return "detect_stack_use_after_return=0:detect_leaks=0";
}
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#define NO_ASAN __attribute__((noinline))
#endif

#define BLOCK_SIZE ((size_t)65536)
#define ARENA_BLOCKS 16
#define MAX_SMALL 2048
#define MAX_CELLS (BLOCK_SIZE / 16)
#define TYPE_FREE 0xff
#define MIN_THRESHOLD ((size_t)8 << 20)

typedef struct cell {
  jank_object header;
  struct cell *next;
} cell;

typedef struct block {
  uint32_t cell_size, cell_count;
  uint32_t size_class;
  bool frozen;
  uint8_t marks[MAX_CELLS / 8];
  uint64_t cells[]; /* aligned to 8 */
} block;

typedef struct large {
  size_t size;
  bool marked, frozen;
  uint64_t object[];
} large;

static const uint16_t class_sizes[] = {16,  24,  32,  40,  48,   64,   80,
                                       96,  112, 128, 160, 192,  256,  320,
                                       384, 512, 640, 768, 1024, 1536, 2048};
#define CLASS_COUNT (sizeof class_sizes / sizeof *class_sizes)

static uint8_t size_class[MAX_SMALL / 8 + 1];
static cell *free_cells[CLASS_COUNT];

static block **blocks;
static size_t block_count, block_capacity;
static char *arena_next;
static size_t arena_left;

/* Open addressing: block address >> 16 -> block. */
static block **block_table;
static size_t block_table_size;

static large **larges;
static size_t large_count, large_capacity;

typedef struct {
  jank_object **words;
  size_t count;
} root_range;
static root_range *roots;
static size_t root_count, root_capacity;

static void (*markers[16])(void);
static size_t marker_count;

static jank_object **frozen_roots;
static size_t frozen_root_count, frozen_root_capacity;

static jank_object **mark_stack;
static size_t mark_count, mark_capacity;

static char *stack_base;
static size_t live_bytes, allocated_since, threshold = MIN_THRESHOLD;
static size_t collection_work; /* of the last one: objects kept, cells / 16 */
static size_t collection_count;
static bool collecting;
bool gc_patches_weak;

/* ---- Tables ------------------------------------------------------------------ */

/* Grows a malloc'd array; aborts the allocation with an exception. */
static void *grow(void *array, size_t *capacity, size_t element) {
  size_t larger = *capacity ? *capacity * 2 : 64;
  void *result = realloc(array, larger * element);
  if (!result)
    error_throw("OutOfMemoryError", "out of memory");
  *capacity = larger;
  return result;
}

static size_t block_slot(uintptr_t address) {
  return ((address >> 16) * 2654435761u) & (block_table_size - 1);
}

static void block_table_put(block *b) {
  size_t i = block_slot((uintptr_t)b);
  while (block_table[i])
    i = (i + 1) & (block_table_size - 1);
  block_table[i] = b;
}

static block *block_find(uintptr_t address) {
  if (!block_table_size)
    return NULL;
  uintptr_t base = address & ~(uintptr_t)(BLOCK_SIZE - 1);
  for (size_t i = block_slot(base); block_table[i];
       i = (i + 1) & (block_table_size - 1))
    if ((uintptr_t)block_table[i] == base)
      return block_table[i];
  return NULL;
}

static bool block_register(block *b) {
  if ((block_count + 1) * 2 > block_table_size) {
    size_t size = block_table_size ? block_table_size * 2 : 64;
    block **table = calloc(size, sizeof *table);
    if (!table)
      return false;
    free(block_table);
    block_table = table;
    block_table_size = size;
    for (size_t i = 0; i < block_count; i++)
      block_table_put(blocks[i]);
  }
  if (block_count == block_capacity)
    blocks = grow(blocks, &block_capacity, sizeof *blocks);
  blocks[block_count++] = b;
  block_table_put(b);
  return true;
}

/* ---- Allocation ---------------------------------------------------------------- */

static cell *block_cell(block *b, size_t i) {
  return (cell *)(void *)((char *)b->cells + i * b->cell_size);
}

static void cell_free(cell *c, size_t class_index) {
  size_t size = class_sizes[class_index];
  c->header.type = TYPE_FREE;
  c->next = free_cells[class_index];
  free_cells[class_index] = c;
  if (size > sizeof(cell))
    POISON((char *)c + sizeof(cell), size - sizeof(cell));
}

static bool block_add(size_t class_index) {
  if (!arena_left) {
    arena_next = aligned_alloc(BLOCK_SIZE, BLOCK_SIZE * ARENA_BLOCKS);
    if (!arena_next)
      return false;
    arena_left = ARENA_BLOCKS;
  }
  block *b = (block *)(void *)arena_next;
  memset(b, 0, sizeof *b);
  b->size_class = (uint32_t)class_index;
  b->cell_size = class_sizes[class_index];
  b->cell_count = (uint32_t)((BLOCK_SIZE - sizeof *b) / b->cell_size);
  if (!block_register(b))
    return false;
  arena_next += BLOCK_SIZE;
  arena_left--;
  for (size_t i = b->cell_count; i-- > 0;)
    cell_free(block_cell(b, i), class_index);
  return true;
}

static void *alloc_small(size_t size) {
  size_t class_index = size_class[(size + 7) / 8];
  if (!free_cells[class_index] && !block_add(class_index))
    return NULL;
  cell *c = free_cells[class_index];
  free_cells[class_index] = c->next;
  UNPOISON(c, class_sizes[class_index]);
  memset(c, 0, class_sizes[class_index]);
  allocated_since += class_sizes[class_index];
  return c;
}

static void *alloc_large(size_t size) {
  if (large_count == large_capacity)
    larges = grow(larges, &large_capacity, sizeof *larges);
  large *l = calloc(1, sizeof *l + size);
  if (!l)
    return NULL;
  l->size = size;
  larges[large_count++] = l;
  allocated_since += size;
  return l->object;
}

#ifdef JANK_GC_STRESS
static bool is_due(void) {
  static size_t allocations;
  if (++allocations <= collection_work / JANK_GC_STRESS)
    return false;
  allocations = 0;
  return true;
}
#else
static bool is_due(void) { return allocated_since >= threshold; }
#endif

void *gc_alloc(enum jank_type type, size_t size) {
  if (is_due())
    jank_collect_garbage();
  jank_object *o = size <= MAX_SMALL ? alloc_small(size) : alloc_large(size);
  if (!o) {
    jank_collect_garbage();
    o = size <= MAX_SMALL ? alloc_small(size) : alloc_large(size);
    if (!o)
      error_throw("OutOfMemoryError", "out of memory: %zu bytes", size);
  }
  o->type = (uint8_t)type;
  return o;
}

/* ---- Marking --------------------------------------------------------------------- */

static bool set_mark(block *b, size_t i) {
  uint8_t bit = (uint8_t)(1u << (i & 7));
  if (b->marks[i >> 3] & bit)
    return false;
  b->marks[i >> 3] |= bit;
  return true;
}

static void push(jank_object *o) {
  if (mark_count == mark_capacity)
    mark_stack = grow(mark_stack, &mark_capacity, sizeof *mark_stack);
  mark_stack[mark_count++] = o;
}

static int large_order(const void *a, const void *b) {
  uintptr_t x = (uintptr_t)*(large *const *)a;
  uintptr_t y = (uintptr_t)*(large *const *)b;
  return x < y ? -1 : x > y;
}

static large *large_find(uintptr_t address) { /* larges are sorted */
  size_t low = 0, high = large_count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if ((uintptr_t)larges[middle]->object <= address)
      low = middle + 1;
    else
      high = middle;
  }
  if (low == 0)
    return NULL;
  large *l = larges[low - 1];
  return address < (uintptr_t)l->object + l->size ? l : NULL;
}

static void mark_large(large *l) {
  if (l->marked)
    return;
  l->marked = true;
  push((jank_object *)(void *)l->object);
}

/* Any word; only a pointer into a live object marks anything. */
static void mark_word(uintptr_t word) {
  if (word < BLOCK_SIZE)
    return;
  block *b = block_find(word);
  if (b) {
    uintptr_t offset = word - (uintptr_t)b->cells;
    if (word < (uintptr_t)b->cells || offset / b->cell_size >= b->cell_count)
      return;
    size_t i = offset / b->cell_size;
    cell *c = block_cell(b, i);
    if (c->header.type != TYPE_FREE && set_mark(b, i))
      push(&c->header);
    return;
  }
  large *l = large_find(word);
  if (l)
    mark_large(l);
}

/* A word that is known to be a value. */
void gc_mark(jank_object *o) {
  if (!is_heap(o))
    return;
  mark_word((uintptr_t)o);
}

NO_ASAN static void scan_stack(void) {
#ifdef __EMSCRIPTEN__
  char *top = (char *)emscripten_stack_get_current();
#else
  __builtin_unwind_init();
  char *top = __builtin_frame_address(0);
#endif
  top = (char *)((uintptr_t)top & ~(uintptr_t)(sizeof(void *) - 1));
  for (; top + sizeof(uintptr_t) <= stack_base; top += sizeof(uintptr_t))
    mark_word(*(uintptr_t *)(void *)top);
}

static void trace(jank_object *o) {
  void (*function)(jank_object *) = trace_table[o->type];
  if (function)
    function(o);
}

static void drain(void) {
  while (mark_count)
    trace(mark_stack[--mark_count]);
}

/* Since gc_freeze; only vars tell. */
static bool may_have_changed(const jank_object *o) {
  return o->type != JANK_TYPE_VAR || (o->flags & VAR_CHANGED);
}

static void mark_roots(void) {
  for (size_t i = 0; i < root_count; i++)
    for (size_t j = 0; j < roots[i].count; j++)
      gc_mark(roots[i].words[j]);
  for (size_t i = 0; i < marker_count; i++)
    markers[i]();
  for (size_t i = 0; i < frozen_root_count; i++)
    if (may_have_changed(frozen_roots[i]))
      trace(frozen_roots[i]);
  scan_stack();
  drain();
}

/* ---- Sweeping ---------------------------------------------------------------------- */

static void finalize(jank_object *o) {
  if (o->type == JANK_TYPE_REGEX)
    regex_finalize(o);
  else if (o->type == JANK_TYPE_JS)
    js_finalize(o);
  else if (o->type == JANK_TYPE_PATCH)
    patch_finalize(o);
}

static void sweep_block(block *b) {
  collection_work += b->cell_count / 16;
  for (size_t i = 0; i < b->cell_count; i++) {
    cell *c = block_cell(b, i);
    if (c->header.type == TYPE_FREE)
      continue;
    if (b->marks[i >> 3] & (1u << (i & 7))) {
      live_bytes += b->cell_size;
      collection_work++;
    } else {
      finalize(&c->header);
      cell_free(c, b->size_class);
    }
  }
  memset(b->marks, 0, sizeof b->marks);
}

static void sweep(void) {
  live_bytes = 0;
  collection_work = 0;
  for (size_t i = 0; i < block_count; i++)
    if (!blocks[i]->frozen)
      sweep_block(blocks[i]);
  size_t kept = 0;
  for (size_t i = 0; i < large_count; i++) {
    large *l = larges[i];
    if (l->marked) {
      l->marked = l->frozen;
      live_bytes += l->frozen ? 0 : l->size;
      larges[kept++] = l;
    } else {
      finalize((jank_object *)(void *)l->object);
      free(l);
    }
  }
  large_count = kept;
}

void jank_collect_garbage(void) {
  if (collecting || !stack_base)
    return;
  collecting = true;
  if (large_count)
    qsort(larges, large_count, sizeof *larges, large_order);
  mark_roots();
  sweep();
  allocated_since = 0;
  threshold = live_bytes > MIN_THRESHOLD ? live_bytes : MIN_THRESHOLD;
  collection_count++;
  collecting = false;
}

/* ---- Freezing ------------------------------------------------------------------------- */

/* Arrays and the words of patches are filled when they are made. */
static bool is_mutable(const jank_object *o) {
  switch (o->type) {
  case JANK_TYPE_VAR:
  case JANK_TYPE_NAMESPACE:
  case JANK_TYPE_ATOM:
  case JANK_TYPE_VOLATILE:
  case JANK_TYPE_DELAY:
  case JANK_TYPE_LAZY_SEQ:
  case JANK_TYPE_TRANSIENT_VECTOR:
  case JANK_TYPE_TRANSIENT_MAP:
  case JANK_TYPE_TRANSIENT_SET:
  case JANK_TYPE_REGEX: /* `whole` is made when it is needed */
  case JANK_TYPE_CLASS:
  case JANK_TYPE_PROTOCOL:
  case JANK_TYPE_INSTANCE:
    return true;
  default:
    return false;
  }
}

static void freeze_object(jank_object *o) {
  if (o->type == JANK_TYPE_VECTOR_NODE)
    o->aux = UINT16_MAX; /* as a tail it grows no more: vector.c */
  if (!is_mutable(o))
    return;
  if (o->type == JANK_TYPE_VAR)
    o->flags &= (uint8_t)~VAR_CHANGED;
  if (frozen_root_count == frozen_root_capacity)
    frozen_roots =
        grow(frozen_roots, &frozen_root_capacity, sizeof *frozen_roots);
  frozen_roots[frozen_root_count++] = o;
}

void gc_freeze(void) {
  jank_collect_garbage();
  for (size_t i = 0; i < block_count; i++) {
    block *b = blocks[i];
    b->frozen = true;
    for (size_t j = 0; j < b->cell_count; j++) {
      cell *c = block_cell(b, j);
      if (c->header.type == TYPE_FREE)
        continue;
      set_mark(b, j);
      freeze_object(&c->header);
    }
  }
  memset(free_cells, 0, sizeof free_cells);
  for (size_t i = 0; i < large_count; i++) {
    larges[i]->frozen = larges[i]->marked = true;
    freeze_object((jank_object *)(void *)larges[i]->object);
  }
}

/* ---- Set-up and figures ------------------------------------------------------------------ */

void gc_init(void *base) {
  size_t class_index = 0;
  for (size_t i = 0; i <= MAX_SMALL / 8; i++) {
    while (class_sizes[class_index] < i * 8)
      class_index++;
    size_class[i] = (uint8_t)class_index;
  }
#ifdef __EMSCRIPTEN__
  (void)base;
  stack_base = (char *)emscripten_stack_get_base();
#else
  stack_base = base;
  if (!base) {
    pthread_attr_t attributes;
    void *low;
    size_t size;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    stack_base = (char *)low + size;
  }
#endif
}

void gc_add_marker(void (*marker)(void)) {
  if (marker_count < sizeof markers / sizeof *markers)
    markers[marker_count++] = marker;
}

void gc_add_root_range(jank_object **words, size_t n) {
  if (root_count == root_capacity)
    roots = grow(roots, &root_capacity, sizeof *roots);
  roots[root_count++] = (root_range){words, n};
}

void gc_remove_root_range(jank_object **words) {
  for (size_t i = root_count; i-- > 0;)
    if (roots[i].words == words) {
      roots[i] = roots[--root_count];
      return;
    }
}

void jank_add_root(jank_object **slot) { gc_add_root_range(slot, 1); }

void gc_add_pressure(size_t bytes) { allocated_since += bytes; }

size_t gc_heap_bytes(void) { return live_bytes + allocated_since; }
size_t gc_collections(void) { return collection_count; }
