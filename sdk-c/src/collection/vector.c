/* vector.c - persistent vectors: a trie of 32-way nodes and a tail; and their
 * transients.
 *
 * The tail holds the last 1 to 32 items; a node is an object with 32 words, its
 * children or items. The tail of a small vector has fewer. A transient owns the
 * nodes that carry its edit token, and writes into them in place. So does conj,
 * behind what the tail holds so far: of all vectors that share the tail, the
 * first to grow takes the place, and others see no further than their own
 * count.
 */
#include "collection/vector.h"
#include "value/box.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/word.h"
#include <string.h>

enum { BITS = 5, WIDTH = 1 << BITS, MASK = WIDTH - 1 };

typedef struct {
  jank_object header; /* aux: of a tail, how many items it holds; flags: how
                         many words there are, 0: WIDTH */
  O edit;             /* the transient that may write here, or nil */
  O items[WIDTH];
} vector_node;

/* VECTOR and TRANSIENT_VECTOR (whose tail always has the full width). */
typedef struct {
  jank_object header;
  uint32_t count, shift;
  vector_node *root; /* NULL: no more than a tail */
  vector_node *tail;
  O meta;
  bool live; /* of a transient: not yet persistent */
} vector_object;

O vector_empty;

static uint32_t width_of(const vector_node *n) {
  return n->header.flags ? n->header.flags : WIDTH;
}

void vector_trace(O o) {
  vector_object *v = (vector_object *)o;
  gc_mark((O)v->root);
  gc_mark((O)v->tail);
  gc_mark(v->meta);
}

void vector_node_trace(O o) {
  vector_node *n = (vector_node *)o;
  uint32_t words = width_of(n);
  if (o->aux && o->aux < words)
    words = o->aux;
  gc_mark(n->edit);
  for (uint32_t i = 0; i < words; i++)
    gc_mark(n->items[i]);
}

/* ---- Nodes --------------------------------------------------------------- */

static vector_node *node_make(O edit) {
  vector_node *n = gc_alloc(JANK_TYPE_VECTOR_NODE, sizeof *n);
  n->edit = edit;
  return n;
}

/* Room for n items and some more. */
static vector_node *tail_make(size_t n) {
  uint32_t width = n <= 4 ? 4 : n <= 8 ? 8 : n <= 16 ? 16 : WIDTH;
  vector_node *tail =
      gc_alloc(JANK_TYPE_VECTOR_NODE,
               offsetof(vector_node, items) + width * sizeof *tail->items);
  tail->header.flags = (uint8_t)width;
  return tail;
}

static vector_node *copy_items(vector_node *to, const vector_node *from) {
  uint32_t a = width_of(to), b = from ? width_of(from) : 0;
  if (from)
    memcpy(to->items, from->items, (a < b ? a : b) * sizeof *to->items);
  return to;
}

/* A node that `edit` may write into: itself, or a copy. The token is the transient
 * itself, so a node keeps a transient that is done alive; it holds no trie by then. */
static vector_node *editable(vector_node *n, O edit) {
  if (n && edit != JANK_NIL && n->edit == edit) {
    gc_write(&n->header);
    return n;
  }
  return copy_items(node_make(edit), n);
}

/* The index of the tail's first item. A full tail stays until the next item comes. */
static uint32_t tail_offset(const vector_object *v) {
  return v->count < WIDTH ? 0 : ((v->count - 1) >> BITS) << BITS;
}

static O *items_at(const vector_object *v, uint32_t i) {
  if (i >= tail_offset(v))
    return v->tail->items;
  vector_node *n = v->root;
  for (uint32_t level = v->shift; level > 0; level -= BITS)
    n = (vector_node *)n->items[(i >> level) & MASK];
  return n->items;
}

static vector_node *new_path(uint32_t level, vector_node *leaf, O edit) {
  for (; level > 0; level -= BITS) {
    vector_node *n = node_make(edit);
    n->items[0] = &leaf->header;
    leaf = n;
  }
  return leaf;
}

static vector_node *push_tail(const vector_object *v, uint32_t level,
                              vector_node *parent, O edit) {
  vector_node *n = editable(parent, edit);
  uint32_t i = ((v->count - 1) >> level) & MASK;
  vector_node *child = (vector_node *)n->items[i];
  vector_node *next = level == BITS ? v->tail
                      : child       ? push_tail(v, level - BITS, child, edit)
                                    : new_path(level - BITS, v->tail, edit);
  n->items[i] = &next->header;
  return n;
}

/* Moves the full tail into the trie; sets root and shift of `v`. */
static void store_tail(vector_object *v, O edit) {
  if (!v->root) {
    vector_node *root = node_make(edit);
    root->items[0] = &v->tail->header;
    v->root = root;
    v->shift = BITS;
  } else if ((v->count >> BITS) > (UINT32_C(1) << v->shift)) {
    vector_node *root = node_make(edit);
    root->items[0] = &v->root->header;
    root->items[1] = &new_path(v->shift, v->tail, edit)->header;
    v->root = root;
    v->shift += BITS;
  } else {
    v->root = push_tail(v, v->shift, v->root, edit);
  }
}

static vector_node *set_at(vector_node *n, uint32_t level, uint32_t i, O x,
                           O edit) {
  vector_node *copy = editable(n, edit);
  uint32_t at = (i >> level) & MASK;
  copy->items[at] =
      level ? &set_at((vector_node *)n->items[at], level - BITS, i, x, edit)
                   ->header
            : x;
  return copy;
}

/* The trie without its last leaf; NULL: nothing left below this node. */
static vector_node *pop_tail(const vector_object *v, uint32_t level,
                             vector_node *n, O edit) {
  uint32_t i = ((v->count - 2) >> level) & MASK;
  vector_node *child = NULL;
  if (level > BITS) {
    child = pop_tail(v, level - BITS, (vector_node *)n->items[i], edit);
    if (!child && i == 0)
      return NULL;
  } else if (i == 0) {
    return NULL;
  }
  vector_node *copy = editable(n, edit);
  copy->items[i] = (O)child;
  return copy;
}

/* ---- Changes, in place on `v`: a fresh copy, or a transient -------------- */

/* The tail is written in place in two cases. A transient owns it (`edit`). Or it holds
 * exactly as many items as v sees (aux): then no other vector sees the next place, and
 * once it is taken, aux says so to all that share the tail. A place below a vector's
 * count is never written again, so each sees what it always saw. A tail of the frozen
 * heap has an aux that no count equals (vector_freeze): it is not a root, and must not
 * come to hold younger objects. */
static void add_item(vector_object *v, O x, O edit) {
  uint32_t in_tail = v->count - tail_offset(v);
  if (in_tail == WIDTH) {
    store_tail(v, edit);
    v->tail = node_make(edit);
    in_tail = 0;
  } else if (!v->tail || v->tail->header.aux != in_tail ||
             in_tail == width_of(v->tail)) {
    v->tail = edit == JANK_NIL && !v->root
                  ? copy_items(tail_make(in_tail + 1), v->tail)
                  : editable(v->tail, edit);
  }
  gc_write(&v->tail->header);
  v->tail->items[in_tail] = x;
  v->tail->header.aux = (uint16_t)(in_tail + 1);
  v->count++;
}

static void set_item(vector_object *v, uint32_t i, O x, O edit) {
  if (i >= tail_offset(v)) {
    v->tail = editable(v->tail, edit);
    v->tail->items[i & MASK] = x;
    v->tail->header.aux = (uint16_t)(v->count - tail_offset(v));
  } else {
    v->root = set_at(v->root, v->shift, i, x, edit);
  }
}

static void drop_item(vector_object *v, O edit) {
  if (v->count - tail_offset(v) > 1) {
    v->tail = editable(v->tail, edit);
    v->tail->items[(v->count - 1) & MASK] = JANK_NIL;
    v->tail->header.aux = (uint16_t)(v->count - 1 - tail_offset(v));
  } else if (v->count == 1) {
    v->tail = NULL;
  } else {
    vector_node *last =
        (vector_node *)(void *)((char *)items_at(v, v->count - 2) -
                                offsetof(vector_node, items));
    vector_node *root = pop_tail(v, v->shift, v->root, edit);
    v->tail = editable(last, edit);
    v->tail->header.aux = WIDTH;
    v->root = root;
    if (!root)
      v->shift = 0;
    while (v->shift > BITS && !v->root->items[1]) {
      v->root = (vector_node *)v->root->items[0];
      v->shift -= BITS;
    }
  }
  v->count--;
}

static vector_object *copy_of(const vector_object *v, enum jank_type type) {
  vector_object *copy = gc_alloc(type, sizeof *copy);
  copy->count = v->count;
  copy->shift = v->shift;
  copy->root = v->root;
  copy->tail = v->tail;
  copy->meta = v->meta;
  return copy;
}

/* ---- Vectors ------------------------------------------------------------- */

uint32_t vector_count(O v) { return ((vector_object *)v)->count; }

O vector_nth(O v, uint32_t i) {
  return items_at((vector_object *)v, i)[i & MASK];
}

O vector_conj(O v, O x) {
  vector_object *copy = copy_of((vector_object *)v, JANK_TYPE_VECTOR);
  add_item(copy, x, JANK_NIL);
  return &copy->header;
}

O vector_assoc(O v, uint32_t i, O x) {
  vector_object *copy = copy_of((vector_object *)v, JANK_TYPE_VECTOR);
  if (i == copy->count)
    add_item(copy, x, JANK_NIL);
  else
    set_item(copy, i, x, JANK_NIL);
  return &copy->header;
}

O vector_pop(O v) {
  vector_object *copy = copy_of((vector_object *)v, JANK_TYPE_VECTOR);
  if (!copy->count)
    error_throw("IllegalStateException", "Can't pop empty vector");
  drop_item(copy, JANK_NIL);
  return &copy->header;
}

O vector_meta(O v) { return ((vector_object *)v)->meta; }

O vector_with_meta(O v, O meta) {
  vector_object *copy = copy_of((vector_object *)v, JANK_TYPE_VECTOR);
  copy->header.hash = v->hash;
  copy->meta = meta;
  return &copy->header;
}

O jank_make_vector(size_t count, O *items) {
  vector_object *v = gc_alloc(JANK_TYPE_VECTOR, sizeof *v);
  for (size_t i = 0; i < count; i += WIDTH) {
    size_t n = count - i < WIDTH ? count - i : WIDTH;
    if (i)
      store_tail(v, JANK_NIL);
    v->tail = tail_make(n);
    memcpy(v->tail->items, items + i, n * sizeof *items);
    v->tail->header.aux = (uint16_t)n;
    v->count += (uint32_t)n;
  }
  return &v->header;
}

void vector_init(void) {
  vector_empty = gc_alloc(JANK_TYPE_VECTOR, sizeof(vector_object));
  gc_add_root_range(&vector_empty, 1);
}

/* ---- Transients ---------------------------------------------------------- */

static vector_object *live_transient(O t) {
  vector_object *v = (vector_object *)t;
  if (!v->live)
    error_throw("IllegalAccessError", "Transient used after persistent! call");
  return v;
}

O vector_transient(O v) {
  vector_object *t = copy_of((vector_object *)v, JANK_TYPE_TRANSIENT_VECTOR);
  t->live = true;
  return &t->header;
}

O vector_persistent(O t) {
  vector_object *v = live_transient(t);
  v->live = false;
  vector_object *result = copy_of(v, JANK_TYPE_VECTOR);
  result->meta = JANK_NIL;
  v->root = v->tail = NULL;
  return &result->header;
}

O vector_conj_bang(O t, O x) {
  gc_write(t);
  add_item(live_transient(t), x, t);
  return t;
}

O vector_assoc_bang(O t, O index, O x) {
  vector_object *v = live_transient(t);
  gc_write(t);
  if (!box_is_integer(index))
    error_throw("IllegalArgumentException", "Key must be integer");
  int64_t i = jank_unbox_integer(index);
  if (i < 0 || i > v->count)
    error_throw("IndexOutOfBoundsException",
                "assoc!: index out of bounds of a vector of %u", v->count);
  if (i == v->count)
    add_item(v, x, t);
  else
    set_item(v, (uint32_t)i, x, t);
  return t;
}

O vector_pop_bang(O t) {
  vector_object *v = live_transient(t);
  gc_write(t);
  if (!v->count)
    error_throw("IllegalStateException", "Can't pop empty vector");
  drop_item(v, t);
  return t;
}

uint32_t vector_transient_count(O t) { return live_transient(t)->count; }

void vector_freeze(O node) {
  node->aux = UINT16_MAX; /* as a tail it grows no more */
}
