/* The collector by itself, with a table of types of its own: what a root, the stack
 * or a reachable object holds lives, with what it says; what none holds dies at the
 * next major collection, and one that is new at the next minor one; what was
 * written into an old object is found when gc_write told of it; what is permanent
 * stays, and what changes in it is found; finalizers run once; memory that ends is
 * an exception.
 *
 * Every object here has a number and a finalizer that notes its death, so that a
 * test need not hold what it asks about. The stack is scanned conservatively: what
 * is dead by right may live on by a word that was left there, so of many some
 * may; and what has pointers in its variables is not inlined. */
#include "test.h"
#include "value/gc.h"
#include "value/throw.h"
#include "value/types.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline))
#define EDGES 3
#define MOST 200000

typedef struct {
  jank_object header;
  uint32_t number;
  O edges[EDGES];
} node;

static uint8_t deaths[MOST]; /* by number */
static uint32_t made;

static void trace_node(O o) {
  for (int i = 0; i < EDGES; i++)
    gc_mark(((node *)o)->edges[i]);
}

static void note_death(O o) { deaths[((node *)o)->number]++; }

static int frozen_count;
static void note_freeze(O o) { frozen_count++; }

/* Kinds of nodes: what the collector asks of a type. */
#define CONSTANT JANK_TYPE_LIST
#define MUTABLE JANK_TYPE_ATOM
#define TELLING JANK_TYPE_VAR
#define PLAIN JANK_TYPE_STRING /* bytes; no finalizer */

static type_row rows[JANK_TYPE_COUNT] = {
    [CONSTANT] = {.name = "Constant",
                  .trace = trace_node,
                  .finalize = note_death,
                  .freeze = note_freeze},
    [MUTABLE] = {.name = "Mutable",
                 .trace = trace_node,
                 .finalize = note_death,
                 .changes = CHANGES},
    [TELLING] = {.name = "Telling",
                 .trace = trace_node,
                 .finalize = note_death,
                 .changes = CHANGES_TOLD},
    [PLAIN] = {.name = "Plain"},
};

static node *make_sized(enum jank_type kind, size_t size) {
  node *n = gc_alloc(kind, size);
  n->number = made++;
  return n;
}

static node *make(enum jank_type kind) {
  return make_sized(kind, sizeof(node));
}

static bool is_alive(uint32_t number) { return deaths[number] == 0; }

/* What calls left on the stack. Sanitizers would have gaps in it. */
__attribute__((no_sanitize("address"))) APART static void clear_stack(void) {
  volatile char left[1 << 15];
  for (size_t i = 0; i < sizeof left; i++)
    left[i] = 0;
}

APART static void minor(void) {
  clear_stack();
  gc_collect(false);
}

/* Twice, as of what was written lately a word may be left in a register. */
APART static void major(void) {
  for (int i = 0; i < 2; i++) {
    clear_stack();
    gc_collect(true);
  }
}

static uint32_t count_alive(uint32_t first, uint32_t end, uint32_t step) {
  uint32_t n = 0;
  for (uint32_t i = first; i < end; i += step)
    n += is_alive(i);
  return n;
}

/* By a word on the stack. */
#define STRAY 3

/* ---- Roots ----------------------------------------------------------------------- */

#define ROOTS 100
static O roots[ROOTS];

static void clear_roots(void) { memset(roots, 0, sizeof roots); }

APART static uint32_t fill_roots(enum jank_type kind, int step) {
  uint32_t first = made;
  for (int i = 0; i < ROOTS; i++) {
    node *n = make(kind);
    if (i % step == 0)
      roots[i] = &n->header;
  }
  return first;
}

static void what_a_root_holds_lives_and_what_none_holds_dies(void) {
  uint32_t first = fill_roots(CONSTANT, 2);
  major();
  CHECK(count_alive(first, made, 2) == ROOTS / 2);
  CHECK(count_alive(first + 1, made, 2) <= STRAY);
  for (int i = 0; i < ROOTS; i += 2)
    CHECK(((node *)roots[i])->number == first + (uint32_t)i);
  clear_roots();
  major();
  CHECK(count_alive(first, made, 1) <= STRAY);
}

static void words_that_are_no_objects_are_no_roots(void) {
  roots[0] = JANK_NIL;
  roots[1] = JANK_TRUE;
  roots[2] = JANK_FALSE;
  roots[3] = JANK_UNBOUND;
  roots[4] = fixnum(-1);
  roots[5] = fixnum(JANK_FIXNUM_MIN);
  roots[6] = make_char(0x10ffff);
  major();
  minor();
  gc_mark(JANK_NIL);
  gc_mark_root(fixnum(1));
  CHECK(roots[4] == fixnum(-1));
  clear_roots();
}

static O range_a[2], range_b[2];

APART static uint32_t fill_ranges(void) {
  uint32_t first = made;
  for (int i = 0; i < 2; i++)
    range_a[i] = &make(CONSTANT)->header;
  for (int i = 0; i < 2; i++)
    range_b[i] = &make(CONSTANT)->header;
  return first;
}

static void a_range_of_roots_counts_until_it_is_removed(void) {
  gc_add_root_range(range_a, 2);
  gc_add_root_range(range_b, 2);
  gc_add_root_range(range_a, 2);
  uint32_t first = fill_ranges();
  major();
  CHECK(count_alive(first, first + 4, 1) == 4);
  gc_remove_root_range(range_a); /* it was added twice */
  major();
  CHECK(count_alive(first, first + 4, 1) == 4);
  gc_remove_root_range(range_a);
  major();
  CHECK(count_alive(first, first + 2, 1) == 0);
  CHECK(count_alive(first + 2, first + 4, 1) == 2);
  gc_remove_root_range(range_a); /* and is unknown now */
  gc_remove_root_range(range_b);
  major();
  CHECK(count_alive(first, first + 4, 1) == 0);
}

static void a_range_of_nothing_is_no_root(void) {
  gc_add_root_range(range_a, 0);
  uint32_t first = fill_ranges();
  major();
  CHECK(count_alive(first, first + 2, 1) == 0);
  gc_remove_root_range(range_a);
}

static O added;

static void a_slot_that_was_added_is_a_root(void) {
  jank_add_root(&added);
  added = &make(CONSTANT)->header;
  uint32_t number = ((node *)added)->number;
  major();
  minor();
  CHECK(is_alive(number));
  added = JANK_NIL;
  major();
  CHECK(!is_alive(number));
}

static O marked_by_marker;
static int marker_calls;

static void marker(void) {
  marker_calls++;
  gc_mark_root(marked_by_marker);
}

static void a_marker_is_called_by_every_collection(void) {
  marker_calls = 0;
  gc_collect(true);
  gc_collect(false);
  CHECK(marker_calls == 2);
}

APART static uint32_t put_into(O *slot, enum jank_type kind) {
  node *n = make(kind);
  *slot = &n->header;
  return n->number;
}

static void what_a_marker_marks_as_root_may_still_be_filled_in(void) {
  uint32_t outer = put_into(&marked_by_marker, CONSTANT);
  for (int i = 0; i < 5; i++)
    minor();
  /* It is old now; nobody tells that it is written. */
  uint32_t inner = put_into(&((node *)marked_by_marker)->edges[1], CONSTANT);
  for (int i = 0; i < 5; i++)
    minor();
  CHECK(is_alive(outer) && is_alive(inner));
  CHECK(((node *)((node *)marked_by_marker)->edges[1])->number == inner);
  marked_by_marker = JANK_NIL;
  major();
  CHECK(!is_alive(outer) && !is_alive(inner));
}

/* ---- The stack --------------------------------------------------------------------- */

APART static bool holds(size_t size, size_t offset) {
  char *volatile inside =
      (char *)make_sized(CONSTANT, sizeof(node) + size) + offset;
  uint32_t number = made - 1;
  major();
  minor();
  return is_alive(number) && inside;
}

static void a_local_variable_keeps_what_it_points_at_or_into(void) {
  CHECK(holds(0, 0));
  CHECK(holds(0, 8) && holds(0, sizeof(node) - 1));
  CHECK(holds(1000, 999));
  CHECK(holds(10000, 9000));
  CHECK(holds(16000, 16031)); /* a quarter of a block */
  CHECK(holds(16320, 8));     /* in a block of its own */
  CHECK(holds(100000, 99999) && holds(100000, 65536));
  CHECK(holds(1 << 20, 1 << 20) && holds(1 << 20, 3 << 17));
  uint32_t first = made - 10;
  major();
  CHECK(count_alive(first, made, 1) <= STRAY);
}

/* ---- What becomes old ---------------------------------------------------------------- */

static uint32_t put_into_root(void) { return put_into(&roots[0], CONSTANT); }

static void what_is_new_and_unreachable_dies_in_a_minor_collection(void) {
  uint32_t first = fill_roots(CONSTANT, 2);
  clear_roots();
  minor();
#ifndef JANK_GC_STRESS /* there, many are old by now */
  CHECK(count_alive(first, made, 1) <= STRAY);
#endif
  first = put_into_root();
  minor(); /* reached once is not old yet */
  CHECK(is_alive(first));
  clear_roots();
  minor();
  CHECK(!is_alive(first));
}

static void what_was_reached_twice_is_old_and_only_a_major_one_frees_it(void) {
  uint32_t number = put_into_root();
  minor();
  minor();
  clear_roots();
  for (int i = 0; i < 4; i++) {
    minor();
    CHECK(is_alive(number));
  }
  major();
  CHECK(!is_alive(number));
}

static void what_a_major_collection_reaches_is_old(void) {
  uint32_t number = put_into_root();
  major();
  clear_roots();
  minor();
  minor();
  CHECK(is_alive(number));
  major();
  CHECK(!is_alive(number));
}

/* root -> holder -> parent, all old, and looked into no more: the parent is no
 * root's, and was not written for three collections. */
APART static node *parent_of(void) {
  return (node *)((node *)roots[0])->edges[0];
}

APART static void make_parent(void) {
  put_into(&roots[0], CONSTANT);
  put_into(&((node *)roots[0])->edges[0], CONSTANT);
}

static void make_old_parent(void) {
  make_parent();
  for (int i = 0; i < 6; i++)
    minor();
}

APART static bool has_child(int edge, uint32_t number) {
  node *child = (node *)parent_of()->edges[edge];
  return child->number == number &&
         ((node *)child->edges[0])->number == number + 1;
}

/* Into a new object that is written into the parent. */
APART static uint32_t give_child(int edge, bool told) {
  node *child = make(CONSTANT), *parent = parent_of();
  child->edges[0] = &make(CONSTANT)->header;
  parent->edges[edge] = &child->header;
  if (told)
    gc_write(&parent->header);
  return child->number;
}

static void
what_is_written_into_an_old_object_is_found_by_a_minor_collection(void) {
  make_old_parent();
  uint32_t child = give_child(0, true);
  for (int i = 0; i < 6; i++) {
    minor();
    CHECK(is_alive(child) && is_alive(child + 1));
  }
  CHECK(has_child(0, child));
  clear_roots();
  major();
  CHECK(!is_alive(child));
}

static void what_is_written_again_and_again_is_found_each_time(void) {
  make_old_parent();
  uint32_t children[40], n = 0;
  for (int round = 0; round < 10; round++) {
    for (int edge = 0; edge < EDGES; edge++)
      children[n++] = give_child(edge, true);
    for (int i = 0; i < round % 4; i++)
      minor();
  }
  minor();
  for (uint32_t i = n - EDGES; i < n; i++)
    CHECK(is_alive(children[i]) && is_alive(children[i] + 1));
  major();
  uint32_t alive = 0;
  for (uint32_t i = 0; i < n - EDGES; i++)
    alive += is_alive(children[i]);
  CHECK(alive <= STRAY);
  clear_roots();
}

#ifndef JANK_GC_STRESS
APART static void forget_children(void) {
  memset(parent_of()->edges, 0, sizeof(O) * EDGES);
}

/* The control: that the two before are true only because of gc_write. */
static void what_nobody_told_of_is_lost(void) {
  make_old_parent();
  uint32_t child = give_child(0, false);
  minor();
  CHECK(!is_alive(child));
  forget_children();
  clear_roots();
}
#endif

APART static void extend_chain(int length) {
  node *at = (node *)((node *)parent_of()->edges[0])->edges[0];
  for (int i = 0; i < length; i++) {
    node *next = make(CONSTANT);
    at->edges[2] = &next->header;
    gc_write(&at->header);
    at = next;
    if (i % 10 == 0)
      gc_collect(false);
  }
}

static void a_chain_below_what_was_written_becomes_old_as_a_whole(void) {
  make_old_parent();
  uint32_t first = give_child(0, true) + 1;
  extend_chain(50);
  for (int i = 0; i < 5; i++)
    minor();
  CHECK(count_alive(first, made, 1) == 51);
  clear_roots();
  major();
  CHECK(count_alive(first, made, 1) <= STRAY);
}

/* ---- Any graph -------------------------------------------------------------------------- */

static uint32_t random_state = 12345;

static uint32_t random_below(uint32_t n) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 8) % n;
}

/* A graph of a few hundred nodes as numbers; slot i is where[i], nobody's root but
 * for the first ones. */
#define SLOTS 300
#define ROOTED 20

typedef struct {
  uint32_t number;
  int edges[EDGES]; /* slots; -1: nil */
  bool reached;
} modelled;

static modelled model[SLOTS];
static node *where[SLOTS]; /* not scanned */
static int rooted[ROOTED]; /* slots, -1: none */

static void reach(int slot) {
  if (slot < 0 || model[slot].reached)
    return;
  model[slot].reached = true;
  for (int i = 0; i < EDGES; i++)
    reach(model[slot].edges[i]);
}

/* What no root leads to may be freed: it is no place to write into. */
static void reach_all(void) {
  for (int i = 0; i < SLOTS; i++)
    model[i].reached = false;
  for (int i = 0; i < ROOTED; i++)
    reach(rooted[i]);
}

static int some_reached(void) {
  for (int i = 0; i < 50; i++) {
    int slot = (int)random_below(SLOTS);
    if (model[slot].reached)
      return slot;
  }
  return -1;
}

static int some_free(void) {
  for (int i = 0; i < SLOTS; i++)
    if (!model[i].reached)
      return i;
  return -1;
}

APART static void link_slot(int from, int edge, int to) {
  where[from]->edges[edge] = to < 0 ? JANK_NIL : &where[to]->header;
  gc_write(&where[from]->header);
  model[from].edges[edge] = to;
}

APART static void make_slot(int slot) {
  static const enum jank_type kinds[] = {CONSTANT, MUTABLE, TELLING};
  size_t size = random_below(20) ? random_below(200) : random_below(40000);
  node *n = make_sized(kinds[random_below(3)], sizeof(node) + size);
  where[slot] = n;
  model[slot] = (modelled){n->number, {-1, -1, -1}, true};
  int root = (int)random_below(ROOTED);
  for (int i = 0; i < EDGES; i++) { /* it is new: nobody need be told */
    int to = some_reached();
    n->edges[i] = to < 0 ? JANK_NIL : &where[to]->header;
    model[slot].edges[i] = to;
  }
  rooted[root] = slot;
  roots[root] = &n->header;
}

static bool graph_is_intact(void) {
  reach_all();
  for (int i = 0; i < SLOTS; i++) {
    if (!model[i].reached)
      continue;
    if (!is_alive(model[i].number) || where[i]->number != model[i].number)
      return false;
    for (int k = 0; k < EDGES; k++) {
      int to = model[i].edges[k];
      if (where[i]->edges[k] != (to < 0 ? JANK_NIL : &where[to]->header))
        return false;
    }
  }
  return true;
}

static uint32_t unreached_alive(uint32_t first) {
  uint32_t reached = 0;
  for (int i = 0; i < SLOTS; i++)
    reached += model[i].reached;
  return count_alive(first, made, 1) - reached;
}

APART static void change_graph(void) {
  int slot = some_free(), from = some_reached();
  uint32_t what = random_below(10);
  if (what < 5 && slot >= 0) {
    make_slot(slot);
  } else if (what < 8 && from >= 0) {
    link_slot(from, (int)random_below(EDGES), some_reached());
  } else {
    int root = (int)random_below(ROOTED);
    int to = what == 8 ? -1 : some_reached();
    rooted[root] = to;
    roots[root] = to < 0 ? JANK_NIL : &where[to]->header;
  }
  reach_all();
}

APART static void cut_all(void) {
  for (int i = 0; i < SLOTS; i++)
    for (int k = 0; k < EDGES && model[i].reached; k++)
      link_slot(i, k, -1);
}

static void whatever_is_done_what_can_be_reached_lives(void) {
  uint32_t first = made, wrong = 0, most = 0;
  memset(rooted, 0xff, sizeof rooted);
  reach_all();
#ifdef JANK_GC_STRESS
  int steps = 4000;
#else
  int steps = 20000;
#endif
  for (int step = 0; step < steps; step++) {
    change_graph();
    if (random_below(12) == 0) {
      minor();
      wrong += !graph_is_intact();
    }
    if (random_below(200) == 0) {
      major();
      wrong += !graph_is_intact();
      uint32_t dead_but_alive = unreached_alive(first);
      most = dead_but_alive > most ? dead_but_alive : most;
    }
  }
  CHECK(wrong == 0);
  CHECK(most <= SLOTS / 4); /* a stray one may lead to others */
  cut_all();
  clear_roots();
  major();
  CHECK(count_alive(first, made, 1) <= STRAY);
}

APART static void make_list(int length) {
  for (int i = 0; i < length; i++) {
    node *n = make(CONSTANT);
    n->edges[0] = roots[0];
    roots[0] = &n->header;
  }
}

/* The list's numbers go down to `first`. */
APART static bool is_list_from(uint32_t first) {
  uint32_t number = made;
  for (O at = roots[0]; at != JANK_NIL; at = ((node *)at)->edges[0])
    if (((node *)at)->number != --number)
      return false;
  return number == first;
}

static void a_list_of_any_length_is_marked_without_recursion(void) {
#ifdef JANK_GC_STRESS
  int length = 10000;
#else
  int length = 100000;
#endif
  uint32_t first = made;
  make_list(length);
  major();
  CHECK(count_alive(first, made, 1) == (uint32_t)length);
  CHECK(is_list_from(first));
  clear_roots();
  major();
  CHECK(count_alive(first, made, 1) <= (uint32_t)length / 100);
}

/* ---- Cells and blocks ---------------------------------------------------------------------- */

static bool is_zero(const void *p, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (((const char *)p)[i])
      return false;
  return true;
}

static void an_object_is_zeroed_aligned_and_its_own(void) {
  static const size_t sizes[] = {8,     9,     16,    17,    24,    33,
                                 64,    65,    100,   512,   513,   1024,
                                 2049,  4287,  4288,  4289,  10736, 10737,
                                 16319, 16320, 16321, 65000, 65536, 200000};
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      jank_object *o = gc_alloc(PLAIN, sizes[i]);
      CHECK(o->type == PLAIN && o->flags == 0 && o->aux == 0 && o->hash == 0);
      CHECK((uintptr_t)o % 8 == 0 && is_heap(o));
      CHECK(is_zero(o + 1, sizes[i] - sizeof *o));
      memset(o + 1, 0x5a + (int)i, sizes[i] - sizeof *o);
      roots[i] = o;
    }
    minor();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      const char *bytes = (const char *)(roots[i] + 1);
      size_t n = sizes[i] - sizeof(jank_object), wrong = 0;
      for (size_t k = 0; k < n; k++)
        wrong += bytes[k] != (char)(0x5a + (int)i);
      CHECK(wrong == 0 && roots[i]->type == PLAIN);
    }
    clear_roots();
    major(); /* what is used again is zeroed again */
  }
}

APART static uint32_t make_larges(int count, size_t size) {
  uint32_t first = made;
  for (int i = 0; i < count; i++)
    make_sized(CONSTANT, size);
  return first;
}

APART static uint32_t put_large(size_t size) {
  node *n = make_sized(CONSTANT, size);
  roots[0] = &n->header;
  ((char *)n)[size - 1] = 1;
  return n->number;
}

static void a_large_object_is_freed_when_it_is_dead(void) {
  major();
  size_t before = gc_heap_bytes();
  uint32_t kept = put_large(3 << 20), others = make_larges(10, 1 << 18);
  CHECK(gc_heap_bytes() >= before + (3 << 20));
  major();
  CHECK(is_alive(kept) && count_alive(others, others + 10, 1) <= STRAY);
  CHECK(gc_heap_bytes() >= before + (3 << 20));
  CHECK(gc_heap_bytes() < before + (4 << 20));
  clear_roots();
  major();
  CHECK(!is_alive(kept));
  CHECK(gc_heap_bytes() < before + (1 << 20));
}

static void garbage_does_not_add_up(void) {
  major();
  size_t before = gc_heap_bytes(), most = 0;
  for (int i = 0; i < 60; i++) {
    make_larges(1, 1 << 20);
    most = gc_heap_bytes() > most ? gc_heap_bytes() : most;
  }
  for (int i = 0; i < 100000; i++) {
    gc_alloc(PLAIN, 100);
    if (i % 1000 == 0)
      most = gc_heap_bytes() > most ? gc_heap_bytes() : most;
  }
  CHECK(most < before + (32u << 20));
  major();
  CHECK(gc_heap_bytes() < before + (2 << 20));
}

APART static void make_large_parent(void) {
  put_into(&roots[0], CONSTANT);
  ((node *)roots[0])->edges[0] = &make_sized(CONSTANT, 100000)->header;
  gc_write(roots[0]);
}

static void an_old_large_object_keeps_a_young_one(void) {
  make_large_parent();
  for (int i = 0; i < 6; i++)
    minor();
  uint32_t child = give_child(2, true);
  for (int i = 0; i < 6; i++)
    minor();
  CHECK(is_alive(child) && is_alive(child + 1));
  clear_roots();
  major();
  CHECK(!is_alive(child));
}

/* ---- Finalizers -------------------------------------------------------------------------------- */

static void a_finalizer_runs_once_and_only_when_its_object_is_dead(void) {
  uint32_t first = fill_roots(CONSTANT, 1), wrong = 0;
  for (int i = 0; i < 3; i++) {
    minor();
    major();
  }
  for (uint32_t i = first; i < made; i++)
    wrong += deaths[i] != 0;
  CHECK(wrong == 0);
  clear_roots();
  for (int i = 0; i < 3; i++) {
    major();
    minor();
  }
  CHECK(count_alive(first, made, 1) <= STRAY);
  for (uint32_t i = first; i < made; i++)
    wrong += deaths[i] > 1;
  CHECK(wrong == 0);
}

static void the_dead_may_point_at_each_other(void) {
  uint32_t first = fill_roots(CONSTANT, 1);
  for (int i = 0; i < ROOTS; i++) {
    ((node *)roots[i])->edges[0] = roots[(i + 1) % ROOTS];
    gc_write(roots[i]);
  }
  for (int i = 1; i < ROOTS; i++)
    roots[i] = JANK_NIL;
  major();
  CHECK(count_alive(first, made, 1) == ROOTS);
  clear_roots();
  major();
  CHECK(count_alive(first, made, 1) == 0);
}

static void collect_from_finalizer(O o) {
  note_death(o);
  gc_collect(true);
}

static void a_collection_within_a_collection_does_nothing(void) {
  rows[CONSTANT].finalize = collect_from_finalizer;
  uint32_t number = put_into_root();
  clear_roots();
  size_t before = gc_collections();
  major();
  rows[CONSTANT].finalize = note_death;
  CHECK(deaths[number] == 1 && gc_collections() == before + 2);
}

/* ---- Figures --------------------------------------------------------------------------------------- */

static void memory_elsewhere_counts_and_brings_a_collection_about(void) {
  major();
  size_t before = gc_heap_bytes(), collections = gc_collections();
  gc_add_pressure(12345);
  CHECK(gc_heap_bytes() == before + 12345);
  gc_add_pressure((size_t)64 << 20);
  for (int i = 0; i < 1000; i++)
    gc_alloc(PLAIN, 64);
  CHECK(gc_collections() > collections);
  CHECK(gc_heap_bytes() < before + (1 << 20));
}

static void collections_are_counted(void) {
  size_t before = gc_collections();
  gc_collect(false);
  gc_collect(true);
  jank_collect_garbage();
  CHECK(gc_collections() == before + 3);
}

/* ---- When memory ends --------------------------------------------------------------------------------- */

/* The host's memory: it says no as often as it is told to. */
static int refusals;

void *aligned_alloc(size_t alignment, size_t size) {
  void *memory = NULL;
  if (refusals > 0) {
    refusals--;
    return NULL;
  }
  return posix_memalign(&memory, alignment, size) ? NULL : memory;
}

static jank_object out_of_memory = {.type = PLAIN};

static O allocate(void *size) {
  return &make_sized(CONSTANT, *(size_t *)size)->header;
}

static bool runs_out(size_t size) {
  O result = JANK_NIL, exception = JANK_NIL;
  return !throw_catch(allocate, &size, &result, &exception) &&
         exception == &out_of_memory;
}

static void what_no_memory_can_hold_is_an_exception(void) {
  CHECK(runs_out(SIZE_MAX));
  CHECK(runs_out((size_t)UINT32_MAX));
  CHECK(runs_out(SIZE_MAX / 2));
  CHECK(!runs_out(100));
}

static void when_memory_ends_it_is_an_exception_and_what_was_there_stays(void) {
  uint32_t first = fill_roots(CONSTANT, 1);
  refusals = 2;
  CHECK(runs_out(1 << 20));
  refusals = 0;
  CHECK(count_alive(first, made, 1) == ROOTS);
  /* Small ones, until all that there is is used. */
  refusals = 1 << 30;
  O result = JANK_NIL, exception = JANK_NIL;
  size_t size = 16000, n = 0;
  bool ok = true;
  while (ok && n++ < 100000) {
    ok = throw_catch(allocate, &size, &result, &exception);
    if (ok) {
      ((node *)result)->edges[0] = roots[0];
      roots[0] = result;
    }
  }
  CHECK(!ok && exception == &out_of_memory);
  refusals = 0;
  CHECK(!runs_out(16000));
  uint32_t end = first + ROOTS + (uint32_t)n - 1; /* of what was allocated */
  CHECK(count_alive(first, end, 1) == end - first);
  clear_roots();
  major();
}

#ifndef JANK_GC_STRESS /* there, garbage is gone before memory ends */
static void when_memory_ends_garbage_makes_room(void) {
  for (int i = 0; i < 12; i++)
    roots[i] = &make_sized(CONSTANT, 1 << 20)->header;
  uint32_t first = made - 12;
  minor();
  minor(); /* they are old: no minor collection frees them */
  clear_roots();
  minor();
  CHECK(count_alive(first, first + 12, 1) == 12);
  refusals = 1;
  CHECK(!runs_out(1 << 20));
  CHECK(refusals == 0 && count_alive(first, first + 12, 1) <= STRAY);
}
#endif

/* ---- What is permanent ------------------------------------------------------------------------------------- */

static node *frozen_constant, *frozen_mutable, *frozen_telling, *frozen_large;

APART static void make_permanent(void) {
  frozen_constant = (node *)(roots[0] = &make(CONSTANT)->header);
  frozen_mutable = (node *)(roots[1] = &make(MUTABLE)->header);
  frozen_telling = (node *)(roots[2] = &make(TELLING)->header);
  frozen_large = (node *)(roots[3] = &make_sized(MUTABLE, 100000)->header);
  frozen_telling->header.flags |= GC_CHANGED;
  frozen_constant->edges[0] = &make(CONSTANT)->header;
  gc_write(&frozen_constant->header);
}

APART static uint32_t give(node *holder, int edge) {
  return put_into(&holder->edges[edge], CONSTANT);
}

static void collect_often(void) {
  minor();
  major();
  minor();
  minor();
  minor();
}

/* For the rest of the program: at the first test that wants it. */
static uint32_t freeze_once(void) {
  static uint32_t first;
  if (frozen_constant)
    return first;
  first = made;
  make_permanent();
  frozen_count = 0;
  gc_freeze();
  CHECK(gc_heap_bytes() == 0);
  CHECK(frozen_count >= 2 && frozen_count <= 2 + STRAY); /* the constants */
  clear_roots();
  return first;
}

static void what_is_frozen_is_permanent(void) {
  uint32_t first = freeze_once();
  collect_often();
  CHECK(count_alive(first, first + 5, 1) == 5);
  CHECK(((node *)frozen_constant->edges[0])->header.type == CONSTANT);
}

static void what_changes_in_a_frozen_object_is_found_untold(void) {
  freeze_once();
  uint32_t in_small = give(frozen_mutable, 0), in_large = give(frozen_large, 1);
  collect_often();
  CHECK(is_alive(in_small) && is_alive(in_large));
  frozen_mutable->edges[0] = frozen_large->edges[1] = JANK_NIL;
  collect_often();
  CHECK(!is_alive(in_small) && !is_alive(in_large));
}

static void a_frozen_object_that_tells_is_a_root_while_it_says_so(void) {
  freeze_once();
  CHECK(!(frozen_telling->header.flags & GC_CHANGED)); /* freezing took it */
  frozen_telling->header.flags |= GC_CHANGED;
  uint32_t child = give(frozen_telling, 2);
  collect_often();
  CHECK(is_alive(child));
  frozen_telling->header.flags &= (uint8_t)~GC_CHANGED;
  frozen_telling->edges[2] = JANK_NIL;
  collect_often();
  CHECK(!is_alive(child));
}

static void a_frozen_object_may_be_written_and_pointed_at(void) {
  freeze_once();
  gc_write(&frozen_mutable->header);
  gc_write(&frozen_large->header);
  gc_write(&frozen_constant->header);
  roots[0] = &frozen_constant->header;
  roots[1] = &frozen_large->header;
  uint32_t number = put_into(&roots[2], CONSTANT);
  ((node *)roots[2])->edges[0] = &frozen_mutable->header;
  collect_often();
  CHECK(is_alive(number));
  clear_roots();
  collect_often();
  CHECK(!is_alive(number) && is_alive(frozen_mutable->number));
}

static void what_comes_after_is_freed_as_ever_and_may_be_frozen_too(void) {
  freeze_once();
  uint32_t first = fill_roots(MUTABLE, 2);
  major();
  CHECK(count_alive(first + 1, made, 2) <= STRAY);
  gc_freeze();
  node *late = (node *)roots[0];
  clear_roots();
  collect_often();
  CHECK(count_alive(first, made, 2) == ROOTS / 2);
  uint32_t child = give(late, 1), other = give(frozen_mutable, 1);
  collect_often();
  CHECK(is_alive(child) && is_alive(other));
  late->edges[1] = frozen_mutable->edges[1] = JANK_NIL;
}

static void before_the_start_a_collection_does_nothing(void) {
  CHECK(gc_collections() == 0); /* main has tried */
}

static const struct test tests[] = {
    TEST(before_the_start_a_collection_does_nothing),
    TEST(what_a_root_holds_lives_and_what_none_holds_dies),
    TEST(words_that_are_no_objects_are_no_roots),
    TEST(a_range_of_roots_counts_until_it_is_removed),
    TEST(a_range_of_nothing_is_no_root),
    TEST(a_slot_that_was_added_is_a_root),
    TEST(a_marker_is_called_by_every_collection),
    TEST(what_a_marker_marks_as_root_may_still_be_filled_in),
    TEST(a_local_variable_keeps_what_it_points_at_or_into),
    TEST(what_is_new_and_unreachable_dies_in_a_minor_collection),
    TEST(what_was_reached_twice_is_old_and_only_a_major_one_frees_it),
    TEST(what_a_major_collection_reaches_is_old),
    TEST(what_is_written_into_an_old_object_is_found_by_a_minor_collection),
    TEST(what_is_written_again_and_again_is_found_each_time),
#ifndef JANK_GC_STRESS
    TEST(what_nobody_told_of_is_lost),
#endif
    TEST(a_chain_below_what_was_written_becomes_old_as_a_whole),
    TEST(whatever_is_done_what_can_be_reached_lives),
    TEST(a_list_of_any_length_is_marked_without_recursion),
    TEST(an_object_is_zeroed_aligned_and_its_own),
    TEST(a_large_object_is_freed_when_it_is_dead),
    TEST(garbage_does_not_add_up),
    TEST(an_old_large_object_keeps_a_young_one),
    TEST(a_finalizer_runs_once_and_only_when_its_object_is_dead),
    TEST(the_dead_may_point_at_each_other),
    TEST(a_collection_within_a_collection_does_nothing),
    TEST(memory_elsewhere_counts_and_brings_a_collection_about),
    TEST(collections_are_counted),
    TEST(what_no_memory_can_hold_is_an_exception),
    TEST(when_memory_ends_it_is_an_exception_and_what_was_there_stays),
#ifndef JANK_GC_STRESS
    TEST(when_memory_ends_garbage_makes_room),
#endif
    /* From here on there is what is permanent. */
    TEST(what_is_frozen_is_permanent),
    TEST(what_changes_in_a_frozen_object_is_found_untold),
    TEST(a_frozen_object_that_tells_is_a_root_while_it_says_so),
    TEST(a_frozen_object_may_be_written_and_pointed_at),
    TEST(what_comes_after_is_freed_as_ever_and_may_be_frozen_too),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  types = rows;
  gc_collect(true);
  gc_init(NULL);
  throw_set_out_of_memory(&out_of_memory);
  gc_add_root_range(roots, ROOTS);
  gc_add_marker(marker);
  RUN_TESTS(tests);
  return test_report();
}
