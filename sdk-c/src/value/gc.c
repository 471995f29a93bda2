/* gc.c - memory: a non-moving, generational mark-and-sweep collector.
 *
 * Objects live in blocks of 64 KiB, each of one cell size; a large one has a block
 * of its own. A block has bits for every cell. What a collection reaches is marked;
 * cells without a mark are free, and taken in runs, zeroed; there is no sweep. Who
 * is reached a second time becomes old, and stays marked. (At the first time would
 * be too early: an old cell of a lazy seq that nobody holds any more would keep all
 * that follows.) A minor collection does not look into old objects but for
 *
 *   - those that have become old by the last two: they may point at what is not,
 *   - those that were written since the last but one: gc_write tells. Who stores into
 *     an object that it has not just made calls it.
 *   - those that a root or the stack points at, now or at the last two: they may be
 *     under construction.
 *
 * When the live ones have doubled, a major collection looks at all; what it reaches
 * is old.
 *
 * Roots are registered words, markers (functions that mark what their file keeps)
 * and the C stack. The stack is scanned conservatively: a word that points into a
 * live object keeps it. Nothing moves, so that is enough, and C code needs no root
 * macros: natively registers are flushed to the stack, in WebAssembly the last step
 * of linking keeps there what lives across a collection (sdk-js/src/link; it knows
 * gc_collect by its export).
 *
 * gc_freeze makes all that exists permanent (the core library after start): its
 * marks are never cleared; its mutable objects become roots.
 *
 * With JANK_GC_STRESS=N every allocation collects while no more than about N
 * objects are live; beyond that every second, every third ...; what is free is
 * overwritten.
 */
#include "value/gc.h"
#include "base/grow.h"
#include "value/throw.h"
#include "value/types.h"
#include "value/word.h"
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
#define BLOCK_OF(p) ((block *)((uintptr_t)(p) & ~(BLOCK_SIZE - 1)))
#define ARENA_BLOCKS 16
#define MAX_SMALL 16320 /* four to a block */
#define MAX_CELLS (BLOCK_SIZE / 16)
#define RUN_BYTES 4096 /* zeroed at once */
#define NURSERY ((size_t)4 << 20)
#define MAX_NURSERY ((size_t)8 << 20)
#define MIN_GROWTH ((size_t)16 << 20)

typedef struct block {
  uint32_t cell_size, cell_count;
  uint32_t reciprocal; /* offset * it >> 32 = number of the cell */
  uint32_t cursor;     /* cells below it are in use, marked or not */
  uint32_t size_class;
  size_t pages; /* of a large object's block; else 1 */
  uint64_t marks[MAX_CELLS / 64];
  uint64_t before[MAX_CELLS / 64]; /* the marks before the last collection */
  uint64_t old[MAX_CELLS / 64];
  uint64_t remembered[MAX_CELLS / 64];
  uint64_t cells[]; /* aligned to 8 */
} block;

/* A list of pointers, malloc'ed. */
typedef struct {
  void **items;
  size_t count, capacity;
} list;

static const uint16_t class_sizes[] = {
    16,   24,   32,   40,   48,   64,   80,    96,       112,
    128,  160,  192,  256,  320,  384,  512,   640,      768,
    1024, 1536, 2048, 3072, 4288, 6416, 10736, MAX_SMALL};
#define CLASS_COUNT (sizeof class_sizes / sizeof *class_sizes)
enum { LARGE = 255 };

/* Where the next objects of a class go. */
typedef struct {
  char *next, *end;
  list blocks;
  size_t current; /* those before it have no free cell left */
} allocator;

static uint8_t size_class[MAX_SMALL / 8 + 1];
static allocator allocators[CLASS_COUNT];
static list larges, empty_blocks;
static char *arena_next;
static size_t arena_left;

/* Open addressing: page address -> block; a large one has many pages. */
typedef struct {
  uintptr_t page;
  block *block;
} page_entry;
static page_entry *pages;
static size_t page_count, page_capacity;

typedef struct {
  jank_object **words;
  size_t count;
} root_range;
static root_range *roots;
static size_t root_count, root_capacity;

static void (*markers[16])(void);
static size_t marker_count;

static list frozen_roots;
static list mark_stack;
/* Old objects that a minor collection looks into: since the last one, and the one
 * before. */
static list remembered, remembered_before;
static list finalizables; /* objects that something is done for when they die */

static char *stack_base;
static size_t live_bytes, old_bytes, allocated_since;
static size_t nursery = NURSERY, major_limit = MIN_GROWTH;
static size_t collection_work; /* of the last one: objects kept, cells / 16 */
static size_t collection_count;
static bool collecting, is_major;
/* For want of memory an object was not looked into; one was not remembered. */
static bool mark_stack_was_full, must_be_major;
bool gc_patches_weak;

/* ---- Tables -------------------------------------------------------------- */

/* false: there is no memory. */
static bool list_add(list *l, void *item) {
  void **grown =
      grow_try(l->items, &l->capacity, l->count + 1, sizeof *l->items);
  if (!grown)
    return false;
  l->items = grown;
  l->items[l->count++] = item;
  return true;
}

/* Aborts the allocation with an exception when there is no memory. */
static void list_push(list *l, void *item) {
  if (!list_add(l, item))
    throw_out_of_memory();
}

static page_entry *page_slot(uintptr_t page) {
  size_t i = ((page >> 16) * 2654435761u) & (page_capacity - 1);
  while (pages[i].page && pages[i].page != page)
    i = (i + 1) & (page_capacity - 1);
  return &pages[i];
}

static void pages_put(block *b) {
  for (size_t i = 0; i < b->pages; i++) {
    uintptr_t page = (uintptr_t)b + i * BLOCK_SIZE;
    *page_slot(page) = (page_entry){page, b};
    page_count++;
  }
}

/* Without those of blocks for which `pages` is 0. */
static bool pages_rebuild(size_t capacity) {
  page_entry *old = pages, *made = calloc(capacity, sizeof *made);
  size_t n = page_capacity;
  if (!made)
    return false;
  pages = made;
  page_capacity = capacity;
  page_count = 0;
  for (size_t i = 0; i < n; i++)
    if (old[i].page == (uintptr_t)old[i].block && old[i].page &&
        old[i].block->pages)
      pages_put(old[i].block);
  free(old);
  return true;
}

static bool block_register(block *b) {
  size_t capacity = page_capacity ? page_capacity : 256;
  while ((page_count + b->pages) * 2 > capacity)
    capacity *= 2;
  if (capacity != page_capacity && !pages_rebuild(capacity))
    return false;
  pages_put(b);
  return true;
}

static block *block_find(uintptr_t address) {
  return page_capacity ? page_slot(address & ~(BLOCK_SIZE - 1))->block : NULL;
}

/* But for frozen and empty ones. */
static void each_block(void (*visit)(block *)) {
  for (size_t c = 0; c < CLASS_COUNT; c++)
    for (size_t i = 0; i < allocators[c].blocks.count; i++)
      visit(allocators[c].blocks.items[i]);
  for (size_t i = 0; i < larges.count; i++)
    visit(larges.items[i]);
}

/* ---- Bits ---------------------------------------------------------------- */

static char *block_cell(block *b, size_t i) {
  return (char *)b->cells + i * b->cell_size;
}

static uint32_t cell_index(const block *b, uintptr_t address) {
  uint64_t offset = address - (uintptr_t)b->cells;
  return (uint32_t)(offset * b->reciprocal >> 32);
}

static bool has_bit(const uint64_t *bits, uint32_t i) {
  return bits[i >> 6] >> (i & 63) & 1;
}
static void set_bit(uint64_t *bits, uint32_t i) {
  bits[i >> 6] |= UINT64_C(1) << (i & 63);
}
static void clear_bit(uint64_t *bits, uint32_t i) {
  bits[i >> 6] &= ~(UINT64_C(1) << (i & 63));
}

/* The first cell from i on whose mark is `marked`; cell_count: none. */
static uint32_t next_cell(const block *b, uint32_t i, bool marked) {
  uint64_t flip = marked ? 0 : ~UINT64_C(0);
  while (i < b->cell_count) {
    uint64_t word = (b->marks[i >> 6] ^ flip) >> (i & 63);
    if (word) {
      i += (uint32_t)__builtin_ctzll(word);
      return i < b->cell_count ? i : b->cell_count;
    }
    i = (i | 63) + 1;
  }
  return b->cell_count;
}

/* ---- Allocation ---------------------------------------------------------- */

static void block_init(block *b, size_t cell_size, size_t class_index) {
  memset(b, 0, sizeof *b);
  b->cell_size = (uint32_t)cell_size;
  b->size_class = (uint32_t)class_index;
  b->pages = 1;
}

static block *block_take(void) {
  if (empty_blocks.count)
    return empty_blocks.items[--empty_blocks.count];
  if (!arena_left) {
    arena_next = aligned_alloc(BLOCK_SIZE, BLOCK_SIZE * ARENA_BLOCKS);
    if (!arena_next)
      return NULL;
    arena_left = ARENA_BLOCKS;
  }
  block *b = (block *)(void *)arena_next;
  b->pages = 1;
  if (!block_register(b))
    return NULL;
  arena_next += BLOCK_SIZE;
  arena_left--;
  return b;
}

static bool block_add(size_t class_index) {
  block *b = block_take();
  if (!b)
    return false;
  size_t size = class_sizes[class_index];
  block_init(b, size, class_index);
  b->cell_count = (uint32_t)((BLOCK_SIZE - sizeof *b) / size);
  b->reciprocal = (uint32_t)((UINT64_C(1) << 32) / size + 1);
  POISON(b->cells, BLOCK_SIZE - sizeof *b);
  list_push(&allocators[class_index].blocks, b);
  return true;
}

/* One instruction, where there is one. */
#ifdef __wasm__
__attribute__((target("bulk-memory")))
#endif
static void
clear(void *start, size_t size) {
  memset(start, 0, size);
}

/* Takes the next free cells of the block; false: there are none. */
static bool take_run(allocator *a, block *b) {
  uint32_t start = next_cell(b, b->cursor, false);
  uint32_t end = next_cell(b, start, true);
  uint32_t most = start + (uint32_t)(RUN_BYTES / b->cell_size) + 1;
  b->cursor = end < most ? end : most;
  a->next = block_cell(b, start);
  a->end = block_cell(b, b->cursor);
  size_t size = (size_t)(a->end - a->next);
  UNPOISON(a->next, size);
  clear(a->next, size);
  allocated_since += size;
  return size > 0;
}

static bool refill(size_t class_index) {
  allocator *a = &allocators[class_index];
  for (;; a->current++) {
    if (a->current == a->blocks.count && !block_add(class_index))
      return false;
    if (take_run(a, a->blocks.items[a->current]))
      return true;
  }
}

static void *alloc_small(size_t size) {
  size_t class_index = size_class[(size + 7) / 8];
  allocator *a = &allocators[class_index];
  if (a->next == a->end && !refill(class_index))
    return NULL;
  void *o = a->next;
  a->next += class_sizes[class_index];
  return o;
}

static size_t large_pages(size_t size) {
  return (sizeof(block) + size + BLOCK_SIZE - 1) / BLOCK_SIZE;
}

static void *alloc_large(size_t size) {
  size_t n = large_pages(size);
  block *b = size > UINT32_MAX - 2 * BLOCK_SIZE
                 ? NULL
                 : aligned_alloc(BLOCK_SIZE, n * BLOCK_SIZE);
  if (!b)
    return NULL;
  block_init(b, size, LARGE);
  b->cell_count = b->cursor = 1;
  b->pages = n;
  if (!block_register(b)) {
    free(b);
    return NULL;
  }
  memset(b->cells, 0, size);
  list_push(&larges, b);
  allocated_since += size;
  return b->cells;
}

static void *alloc(size_t size) {
  return size <= MAX_SMALL ? alloc_small(size) : alloc_large(size);
}

#ifdef JANK_GC_STRESS
static void collect_when_due(size_t size) {
  static size_t allocations, collections;
  if (++allocations <= collection_work / JANK_GC_STRESS)
    return;
  allocations = 0;
  gc_collect(++collections % 4 == 0);
}
#else
/* Looked at when a run ends. */
static void collect_when_due(size_t size) {
  if (allocated_since < nursery)
    return;
  if (size <= MAX_SMALL) {
    const allocator *a = &allocators[size_class[(size + 7) / 8]];
    if (a->next != a->end)
      return;
  }
  gc_collect(live_bytes >= major_limit || must_be_major);
}
#endif

/* Memory has ended. Whether a collection gave back so much that it is worth going
 * on: not to collect again at once, and again. */
static bool collect_for_room(void) {
  size_t before = live_bytes + allocated_since;
  gc_collect(true);
  return before > live_bytes &&
         before - live_bytes >= live_bytes / 16 + NURSERY;
}

void *gc_alloc(enum jank_type type, size_t size) {
  collect_when_due(size);
  jank_object *o = alloc(size);
  if (!o && collect_for_room())
    o = alloc(size);
  if (!o)
    throw_out_of_memory();
  o->type = (uint8_t)type;
  if (types[type].finalize)
    list_push(&finalizables, o);
  return o;
}

/* ---- Marking ------------------------------------------------------------- */

static bool is_marked(const jank_object *o) {
  const block *b = BLOCK_OF(o);
  return has_bit(b->marks, cell_index(b, (uintptr_t)o));
}

/* Once for each collection: the bit says that it is in the list. When the list cannot
 * grow, the next collection looks at everything. */
static void remember(block *b, uint32_t i) {
  if (has_bit(b->remembered, i))
    return;
  if (list_add(&remembered, block_cell(b, i)))
    set_bit(b->remembered, i);
  else
    must_be_major = true;
}

static void look_into(void *o) {
  if (!list_add(&mark_stack, o))
    mark_stack_was_full = true;
}

/* Reached for the first time in this collection. In a minor one it becomes old when the
 * last one reached it, too. Then it may point at what is not old, and is remembered: by
 * the time that it is forgotten, all that it pointed at has been reached twice, and is
 * old itself. So an old object that is not remembered points at old ones only, unless
 * it was written to, which gc_write tells. */
static void mark_cell(block *b, uint32_t i) {
  jank_object *o = (jank_object *)(void *)block_cell(b, i);
  bool has_words = types[o->type].trace != NULL;
  set_bit(b->marks, i);
  live_bytes += b->cell_size;
  collection_work++;
  if (has_words)
    look_into(o);
  if (!is_major && !has_bit(b->before, i))
    return;
  set_bit(b->old, i);
  old_bytes += b->cell_size;
  if (has_words && !is_major)
    remember(b, i);
}

/* A word that is known to be a value. */
void gc_mark(jank_object *o) {
  if (!is_heap(o))
    return;
  block *b = BLOCK_OF(o);
  uint32_t i = cell_index(b, (uintptr_t)o);
  if (!has_bit(b->marks, i))
    mark_cell(b, i);
}

/* Which word was written does not matter: the whole object is looked into, by the next
 * two collections. One that is not old is looked into anyway. */
void gc_write(jank_object *o) {
  block *b = BLOCK_OF(o);
  uint32_t i = cell_index(b, (uintptr_t)o);
  if (has_bit(b->old, i))
    remember(b, i);
}

/* What a root points at may be under construction: it is looked into now, also
 * when it is old, and the next time. */
static void mark_root_cell(block *b, uint32_t i) {
  if (!has_bit(b->marks, i))
    mark_cell(b, i);
  if (!has_bit(b->old, i) || has_bit(b->remembered, i))
    return;
  if (!is_major)
    look_into(block_cell(b, i));
  remember(b, i);
}

void gc_mark_root(jank_object *o) {
  if (is_heap(o))
    mark_root_cell(BLOCK_OF(o), cell_index(BLOCK_OF(o), (uintptr_t)o));
}

/* Any word; only a pointer into an object in use marks anything: in a cell that was
 * handed out since the last collection (below the cursor), or that it had marked. */
static void mark_word(uintptr_t word) {
  block *b = word < BLOCK_SIZE ? NULL : block_find(word);
  if (!b || word < (uintptr_t)b->cells)
    return;
  uint32_t i = cell_index(b, word);
  if (i < b->cell_count && (i < b->cursor || has_bit(b->before, i)))
    mark_root_cell(b, i);
}

/* From this frame on; natively the caller's has the registers. */
NO_ASAN static void scan_frames(void) {
#ifdef __EMSCRIPTEN__
  char *top = (char *)emscripten_stack_get_current();
#else
  char *top = __builtin_frame_address(0);
#endif
  top = (char *)((uintptr_t)top & ~(uintptr_t)(sizeof(void *) - 1));
  for (; top + sizeof(uintptr_t) <= stack_base; top += sizeof(uintptr_t))
    mark_word(*(uintptr_t *)(void *)top);
}

NO_ASAN static void scan_stack(void) {
#ifndef __EMSCRIPTEN__
  __builtin_unwind_init();
#endif
  scan_frames();
  __asm__ volatile(""); /* no tail call: the frame stays */
}

static void trace(jank_object *o) {
  if (types[o->type].trace)
    types[o->type].trace(o);
}

static void empty_mark_stack(void) {
  while (mark_stack.count)
    trace(mark_stack.items[--mark_stack.count]);
}

static void trace_marked(block *b) {
  for (uint32_t i = next_cell(b, 0, true); i < b->cell_count;
       i = next_cell(b, i + 1, true)) {
    trace((jank_object *)(void *)block_cell(b, i));
    empty_mark_stack();
  }
}

/* Where the stack was full, all that is marked is looked into, until it was not. */
static void drain(void) {
  empty_mark_stack();
  while (mark_stack_was_full) {
    mark_stack_was_full = false;
    each_block(trace_marked);
  }
}

static void mark_again(const list *l) {
  for (size_t i = 0; i < l->count && !is_major; i++)
    look_into(l->items[i]);
}

/* What they point at may have been reached for the first time now, and must be a
 * second time before it is old: they are looked into twice. */
static void mark_remembered(void) {
  mark_again(&remembered);
  mark_again(&remembered_before);
  list done = remembered_before;
  remembered_before = remembered;
  remembered = done;
  remembered.count = 0;
  for (size_t i = 0; i < remembered_before.count; i++) {
    jank_object *o = remembered_before.items[i];
    clear_bit(BLOCK_OF(o)->remembered, cell_index(BLOCK_OF(o), (uintptr_t)o));
  }
  if (is_major)
    remembered_before.count = 0;
}

/* Since gc_freeze. A frozen object is never collected and never looked into, so one
 * that may point at something newer has to be a root. There are thousands of vars, of
 * which few are written: their type tells (GC_CHANGED), and an unwritten one costs a
 * look at its flags. */
static bool may_have_changed(const jank_object *o) {
  return types[o->type].changes != CHANGES_TOLD || (o->flags & GC_CHANGED);
}

static void mark_roots(void) {
  mark_remembered();
  for (size_t i = 0; i < root_count; i++)
    for (size_t j = 0; j < roots[i].count; j++)
      gc_mark_root(roots[i].words[j]);
  for (size_t i = 0; i < marker_count; i++)
    markers[i]();
  for (size_t i = 0; i < frozen_roots.count; i++)
    if (may_have_changed(frozen_roots.items[i]))
      trace(frozen_roots.items[i]);
  scan_stack();
  drain();
}

/* ---- What is left -------------------------------------------------------- */

static void finalize_dead(void) {
  size_t kept = 0;
  for (size_t i = 0; i < finalizables.count; i++) {
    jank_object *o = finalizables.items[i];
    if (is_marked(o))
      finalizables.items[kept++] = o;
    else
      types[o->type].finalize(o);
  }
  finalizables.count = kept;
}

static void free_larges(void) {
  size_t kept = 0, dead = 0;
  for (size_t i = 0; i < larges.count; i++) {
    block *b = larges.items[i];
    if (!has_bit(b->marks, 0)) {
      b->pages = 0;
      dead++;
    }
  }
  bool forgotten = !dead || pages_rebuild(page_capacity);
  for (size_t i = 0; i < larges.count; i++) {
    block *b = larges.items[i];
    if (!b->pages && forgotten) {
      free(b);
      continue;
    }
    b->pages = large_pages(b->cell_size);
    larges.items[kept++] = b;
  }
  larges.count = kept;
}

#if defined(GC_ASAN) || defined(JANK_GC_STRESS)
/* Nobody may look at what is free from now on. */
static void spoil_free_cells(block *b) {
  for (uint32_t i = 0; i < b->cell_count; i++) {
    bool was_used = i < b->cursor || has_bit(b->before, i);
    if (!was_used || has_bit(b->marks, i))
      continue;
#ifdef JANK_GC_STRESS
    UNPOISON(block_cell(b, i), b->cell_size);
    memset(block_cell(b, i), 0xdb, b->cell_size);
#endif
    POISON(block_cell(b, i), b->cell_size);
  }
}
#else
static void spoil_free_cells(block *b) { (void)b; }
#endif

/* All that is not marked is free again. */
static void reset_allocators(void) {
  for (size_t c = 0; c < CLASS_COUNT; c++) {
    allocator *a = &allocators[c];
    size_t kept = 0;
    for (size_t i = 0; i < a->blocks.count; i++) {
      block *b = a->blocks.items[i];
      collection_work += b->cell_count / 16;
      spoil_free_cells(b);
      b->cursor = 0;
      bool is_empty = is_major && next_cell(b, 0, true) == b->cell_count;
      if (is_empty && list_add(&empty_blocks, b))
        b->cell_count = 0;
      else
        a->blocks.items[kept++] = b;
    }
    a->blocks.count = kept;
    a->current = 0;
    a->next = a->end = NULL;
  }
}

/* Old cells keep their marks, and so are neither reached nor freed by a minor
 * collection. `before` is what gives an object its second time. */
static void clear_marks(block *b) {
  memcpy(b->before, b->marks, sizeof b->marks);
  if (is_major)
    memset(b->old, 0, sizeof b->old);
  memcpy(b->marks, b->old, sizeof b->marks);
}

/* What is old stays marked, but for a major collection. */
static void begin_marking(void) {
  if (is_major)
    old_bytes = 0;
  live_bytes = old_bytes;
  each_block(clear_marks);
}

static size_t clamp(size_t n, size_t low, size_t high) {
  return n < low ? low : n > high ? high : n;
}

/* Finalizers run after marking and before any cell is handed out again: what they look
 * at is still as it was. They must not allocate. */
__attribute__((noinline)) void gc_collect(bool major) {
  if (collecting || !stack_base)
    return;
  collecting = true;
  is_major = major;
  if (major)
    must_be_major = false;
  collection_work = 0;
  begin_marking();
  mark_roots();
  finalize_dead();
  free_larges();
  reset_allocators();
  if (major)
    major_limit = live_bytes + clamp(live_bytes, MIN_GROWTH, SIZE_MAX / 4);
  nursery = clamp(live_bytes / 4, NURSERY, MAX_NURSERY);
  allocated_since = 0;
  collection_count++;
  collecting = false;
}

void jank_collect_garbage(void) { gc_collect(true); }

/* ---- Freezing ------------------------------------------------------------ */

static void freeze_object(jank_object *o) {
  const type_row *row = &types[o->type];
  if (row->freeze)
    row->freeze(o);
  if (row->changes == CHANGES_NEVER)
    return;
  if (row->changes == CHANGES_TOLD)
    o->flags &= (uint8_t)~GC_CHANGED;
  list_push(&frozen_roots, o);
}

static void freeze_block(block *b) {
  memcpy(b->before, b->marks, sizeof b->marks);
  for (uint32_t i = next_cell(b, 0, true); i < b->cell_count;
       i = next_cell(b, i + 1, true))
    freeze_object((jank_object *)(void *)block_cell(b, i));
}

/* The blocks leave the allocators, so that no collection visits them and their marks
 * stay. They are still in the table of pages: a word on the stack may point there, and
 * marks nothing, because all is marked. */
void gc_freeze(void) {
  gc_collect(true);
  each_block(freeze_block);
  for (size_t c = 0; c < CLASS_COUNT; c++)
    allocators[c].blocks.count = 0;
  larges.count = 0;
  live_bytes = old_bytes = 0;
  major_limit = MIN_GROWTH;
}

/* ---- Set-up and figures -------------------------------------------------- */

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
  roots = grow(roots, &root_capacity, root_count + 1, sizeof *roots);
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
