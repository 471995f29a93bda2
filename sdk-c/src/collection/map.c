/* map.c - persistent maps, their seqs and their transients.
 *
 * One type, two representations. An array map holds up to eight pairs in order
 * of insertion and is searched from the front; the ninth pair turns it into a
 * hash trie, which is seen in order of its keys' hashes. A trie node has up to
 * 32 slots, of which those in `bitmap` exist: a pair, or the mark JANK_UNBOUND
 * and a child. A collision node holds pairs whose keys share header.hash.
 * Below the root every node leads to two pairs or more.
 *
 * A transient changes the nodes that it made itself: those with its `owner`
 * number. Numbers are not used again (in 2^32 transients), so that a node needs no
 * cleaning up when its transient becomes persistent.
 *
 * Everywhere nil is taken as an empty map.
 */
#include "collection/map.h"
#include "collection/entry.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/word.h"
#include <string.h>

#define ARRAY_MAP_MAX 8
#define CHILD JANK_UNBOUND /* in a key's place: the value is a child */

typedef struct map_node {
  jank_object header; /* aux: slots allocated; hash: of a collision's keys */
  uint32_t owner;
  uint32_t bitmap; /* MAP_COLLISION: number of pairs */
  O items[];
} map_node;

typedef struct {
  jank_object header; /* flags: MAP_HASHED */
  uint32_t count;
  uint32_t owner; /* 0: persistent! was called */
  map_node *root;
  O items[2 * ARRAY_MAP_MAX];
} transient_map;

/* Stands on the pair `index` of `node` (a MAP or a node); `parent` is where the
 * walk goes on behind the node. A parent may itself stand on a child. */
typedef struct map_seq_object {
  jank_object header; /* flags: MAP_SEQ_KEYS */
  O node;
  struct map_seq_object *parent;
  uint32_t index;
} map_seq_object;

O map_empty;
O map_empty_hash_map;

/* Slots in use. `aux` may be more: a transient's nodes have room to grow. */
static uint32_t node_count(const map_node *n) {
  return n->header.type == JANK_TYPE_MAP_COLLISION
             ? n->bitmap
             : (uint32_t)__builtin_popcount(n->bitmap);
}

static void trace_items(O *items, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    gc_mark(items[i]);
}

void map_trace(O o) {
  map_object *m = (map_object *)o;
  gc_mark((O)m->root);
  gc_mark(m->meta);
  if (!(o->flags & MAP_HASHED))
    trace_items(m->items, 2 * m->count);
}

void map_node_trace(O o) {
  map_node *n = (map_node *)o;
  trace_items(n->items, 2 * node_count(n));
}

void map_transient_trace(O o) {
  transient_map *t = (transient_map *)o;
  gc_mark((O)t->root);
  trace_items(t->items, 2 * ARRAY_MAP_MAX);
}

void map_seq_trace(O o) {
  map_seq_object *s = (map_seq_object *)o;
  gc_mark(s->node);
  gc_mark((O)s->parent);
}

static bool same_key(O a, O b) {
  if (a == b)
    return true;
  bool one = is_heap(a), two = is_heap(b);
  if ((!one && !two) || (one && a->type == JANK_TYPE_KEYWORD) ||
      (two && b->type == JANK_TYPE_KEYWORD))
    return false; /* immediate words and keywords are unique */
  return value_equal(a, b);
}

/* ---- Nodes --------------------------------------------------------------- */

static map_node *node_make(enum jank_type type, uint32_t slots,
                           uint32_t owner) {
  map_node *n = gc_alloc(type, sizeof *n + 2 * slots * sizeof(O));
  n->header.aux = (uint16_t)(slots > UINT16_MAX ? UINT16_MAX : slots);
  n->owner = owner;
  return n;
}

/* A copy with room for `slots`; what was in the node's first `count`. */
static map_node *node_copy(map_node *n, uint32_t slots, uint32_t owner) {
  uint32_t used = node_count(n);
  map_node *copy = node_make(n->header.type, slots, owner);
  copy->header.hash = n->header.hash;
  copy->bitmap = n->bitmap;
  memcpy(copy->items, n->items, 2 * used * sizeof(O));
  return copy;
}

/* A node that the owner may write into: itself, or a copy.
 *
 * Why in place is safe. A node gets an owner's number only when it is made for that
 * transient (0, for persistent operations, owns nothing), and is then referred to by
 * nodes of the same owner and the transient alone. map_persistent ends the number:
 * no operation has it any more, so from then on nobody may write there, and the map
 * can be shared. The map that the transient came from has nodes of other numbers, which
 * are copied before the first change. A seq cannot be had of a transient, so no walk
 * sees a node change. */
static map_node *node_editable(map_node *n, uint32_t owner) {
  if (!owner || n->owner != owner)
    return node_copy(n, node_count(n), owner);
  gc_write(&n->header);
  return n;
}

static map_node *node_set(map_node *n, uint32_t i, O key, O value,
                          uint32_t owner) {
  n = node_editable(n, owner);
  n->items[2 * i] = key;
  n->items[2 * i + 1] = value;
  return n;
}

/* Inserts a slot before slot i; `bitmap` is the new node's. */
static map_node *node_insert(map_node *n, uint32_t i, O key, O value,
                             uint32_t bitmap, uint32_t owner) {
  uint32_t used = node_count(n);
  if (!owner || n->owner != owner || used >= n->header.aux) {
    uint32_t slots = owner ? (used + 4) & ~UINT32_C(3) : used + 1;
    n = node_copy(n, slots, owner);
  } else {
    gc_write(&n->header);
  }
  memmove(n->items + 2 * i + 2, n->items + 2 * i, 2 * (used - i) * sizeof(O));
  n->items[2 * i] = key;
  n->items[2 * i + 1] = value;
  n->bitmap = bitmap;
  return n;
}

static map_node *node_remove(map_node *n, uint32_t i, uint32_t bitmap,
                             uint32_t owner) {
  uint32_t used = node_count(n);
  if (used == 1)
    return NULL;
  n = node_editable(n, owner);
  memmove(n->items + 2 * i, n->items + 2 * i + 2,
          2 * (used - i - 1) * sizeof(O));
  n->items[2 * used - 2] = n->items[2 * used - 1] = JANK_NIL;
  n->bitmap = bitmap;
  return n;
}

static uint32_t slot_bit(uint32_t h, uint32_t shift) {
  return UINT32_C(1) << ((h >> shift) & 31);
}

static uint32_t slot_index(const map_node *n, uint32_t bit) {
  return (uint32_t)__builtin_popcount(n->bitmap & (bit - 1));
}

/* The node of two pairs whose keys differ. Hashes that differ do so in one of seven
 * groups of 5 bits, so it ends. */
static map_node *node_pair(uint32_t shift, uint32_t h1, O k1, O v1, uint32_t h2,
                           O k2, O v2, uint32_t owner) {
  if (h1 == h2) {
    map_node *n = node_make(JANK_TYPE_MAP_COLLISION, 2, owner);
    n->header.hash = h1;
    n->bitmap = 2;
    O items[] = {k1, v1, k2, v2};
    memcpy(n->items, items, sizeof items);
    return n;
  }
  uint32_t bit1 = slot_bit(h1, shift), bit2 = slot_bit(h2, shift);
  map_node *n = node_make(JANK_TYPE_MAP_NODE, owner ? 4 : 2, owner);
  if (bit1 == bit2) {
    O child = (O)node_pair(shift + 5, h1, k1, v1, h2, k2, v2, owner);
    n->items[0] = CHILD;
    n->items[1] = child;
  } else {
    uint32_t first_at = bit1 < bit2 ? 0 : 2;
    n->items[first_at] = k1;
    n->items[first_at + 1] = v1;
    n->items[2 - first_at] = k2;
    n->items[3 - first_at] = v2;
  }
  n->bitmap = bit1 | bit2;
  return n;
}

static int64_t collision_index(const map_node *n, O key) {
  for (uint32_t i = 0; i < n->bitmap; i++)
    if (same_key(n->items[2 * i], key))
      return i;
  return -1;
}

/* `node` with key -> value; *added: the key is new. */
static map_node *node_assoc(map_node *n, uint32_t shift, uint32_t h, O key,
                            O value, uint32_t owner, bool *added) {
  if (n->header.type == JANK_TYPE_MAP_COLLISION) {
    if (n->header.hash == h) {
      int64_t i = collision_index(n, key);
      if (i >= 0)
        return n->items[2 * i + 1] == value
                   ? n
                   : node_set(n, (uint32_t)i, n->items[2 * i], value, owner);
      *added = true;
      return node_insert(n, n->bitmap, key, value, n->bitmap + 1, owner);
    }
    /* Another hash: an inner node takes the collision's place, and goes on below. */
    map_node *outer = node_make(JANK_TYPE_MAP_NODE, owner ? 4 : 1, owner);
    outer->items[0] = CHILD;
    outer->items[1] = (O)n;
    outer->bitmap = slot_bit(n->header.hash, shift);
    n = outer;
  }
  uint32_t bit = slot_bit(h, shift), i = slot_index(n, bit);
  if (!(n->bitmap & bit)) {
    *added = true;
    return node_insert(n, i, key, value, n->bitmap | bit, owner);
  }
  O old_key = n->items[2 * i], old = n->items[2 * i + 1];
  if (old_key == CHILD) {
    O child =
        (O)node_assoc((map_node *)old, shift + 5, h, key, value, owner, added);
    return child == old ? n : node_set(n, i, CHILD, child, owner);
  }
  if (same_key(old_key, key))
    return old == value ? n : node_set(n, i, old_key, value, owner);
  *added = true;
  O child = (O)node_pair(shift + 5, value_hash(old_key), old_key, old, h, key,
                         value, owner);
  return node_set(n, i, CHILD, child, owner);
}

/* `node` without the key, NULL when nothing is left; *removed: it was there. */
static map_node *node_dissoc(map_node *n, uint32_t shift, uint32_t h, O key,
                             uint32_t owner, bool *removed) {
  if (n->header.type == JANK_TYPE_MAP_COLLISION) {
    int64_t i = n->header.hash == h ? collision_index(n, key) : -1;
    if (i < 0)
      return n;
    *removed = true;
    return node_remove(n, (uint32_t)i, n->bitmap - 1, owner);
  }
  uint32_t bit = slot_bit(h, shift), i = slot_index(n, bit);
  if (!(n->bitmap & bit))
    return n;
  O old_key = n->items[2 * i], old = n->items[2 * i + 1];
  if (old_key == CHILD) {
    map_node *child =
        node_dissoc((map_node *)old, shift + 5, h, key, owner, removed);
    if (!*removed)
      return n;
    /* Below the root a node has two pairs or more: the last one moves up. */
    if (node_count(child) == 1 && child->items[0] != CHILD)
      return node_set(n, i, child->items[0], child->items[1], owner);
    return (O)child == old ? n : node_set(n, i, CHILD, (O)child, owner);
  }
  if (!same_key(old_key, key))
    return n;
  *removed = true;
  return node_remove(n, i, n->bitmap & ~bit, owner);
}

/* The address of the pair, or NULL. */
static O *node_find(map_node *n, O key) {
  if (!n)
    return NULL;
  uint32_t h = value_hash(key);
  for (uint32_t shift = 0;; shift += 5) {
    if (n->header.type == JANK_TYPE_MAP_COLLISION) {
      int64_t i = n->header.hash == h ? collision_index(n, key) : -1;
      return i < 0 ? NULL : n->items + 2 * i;
    }
    uint32_t bit = slot_bit(h, shift);
    if (!(n->bitmap & bit))
      return NULL;
    O *pair = n->items + 2 * slot_index(n, bit);
    if (pair[0] != CHILD)
      return same_key(pair[0], key) ? pair : NULL;
    n = (map_node *)pair[1];
  }
}

static bool node_each(map_node *n, bool (*visit)(void *, O, O), void *context) {
  uint32_t used = node_count(n);
  for (uint32_t i = 0; i < used; i++) {
    O key = n->items[2 * i], value = n->items[2 * i + 1];
    if (key == CHILD ? !node_each((map_node *)value, visit, context)
                     : !visit(context, key, value))
      return false;
  }
  return true;
}

static map_node *root_assoc(map_node *root, O key, O value, uint32_t owner,
                            bool *added) {
  if (!root)
    root = node_make(JANK_TYPE_MAP_NODE, owner ? 4 : 0, owner);
  return node_assoc(root, 0, value_hash(key), key, value, owner, added);
}

/* ---- Array maps ---------------------------------------------------------- */

/* Index of the pair, or -1. A keyword or an immediate word is looked up by identity. */
static int64_t items_index(O const *items, uint32_t count, O key) {
  if (!is_heap(key) || key->type == JANK_TYPE_KEYWORD) {
    for (uint32_t i = 0; i < count; i++)
      if (items[2 * i] == key)
        return i;
    return -1;
  }
  for (uint32_t i = 0; i < count; i++)
    if (same_key(items[2 * i], key))
      return i;
  return -1;
}

static map_node *items_to_trie(O const *items, uint32_t count, uint32_t owner) {
  map_node *root = NULL;
  bool added;
  for (uint32_t i = 0; i < count; i++)
    root = root_assoc(root, items[2 * i], items[2 * i + 1], owner, &added);
  return root;
}

static map_object *array_map_make(uint32_t count, O meta) {
  map_object *m =
      gc_alloc(JANK_TYPE_MAP, sizeof *m + 2 * (size_t)count * sizeof(O));
  m->count = count;
  m->meta = meta;
  return m;
}

static O hash_map_make(map_node *root, uint32_t count, O meta) {
  map_object *m = gc_alloc(JANK_TYPE_MAP, sizeof *m);
  m->header.flags = MAP_HASHED;
  m->count = count;
  m->root = root;
  m->meta = meta;
  return (O)m;
}

/* ---- Maps ---------------------------------------------------------------- */

static map_object *as_map(O m) {
  if (m == JANK_NIL)
    m = map_empty;
  if (!is_type(m, JANK_TYPE_MAP))
    error_type("map", "a map", m);
  return (map_object *)m;
}

static bool is_hashed(const map_object *m) {
  return (m->header.flags & MAP_HASHED) != 0;
}

static O *map_lookup(map_object *m, O key) {
  if (is_hashed(m))
    return node_find(m->root, key);
  int64_t i = items_index(m->items, m->count, key);
  return i < 0 ? NULL : m->items + 2 * i;
}

uint32_t map_count(O m) { return as_map(m)->count; }

O map_get(O m, O key, O not_found) {
  O *pair = map_lookup(as_map(m), key);
  return pair ? pair[1] : not_found;
}

O map_find(O m, O key) {
  O *pair = map_lookup(as_map(m), key);
  return pair ? entry_make(pair[0], pair[1]) : NULL;
}

O map_assoc(O o, O key, O value) {
  map_object *m = as_map(o);
  bool added = false;
  if (is_hashed(m)) {
    map_node *root = root_assoc(m->root, key, value, 0, &added);
    return root == m->root
               ? (O)m
               : hash_map_make(root, m->count + (uint32_t)added, m->meta);
  }
  int64_t i = items_index(m->items, m->count, key);
  if (i >= 0 && m->items[2 * i + 1] == value)
    return (O)m;
  if (i < 0 && m->count >= ARRAY_MAP_MAX) {
    map_node *root = items_to_trie(m->items, m->count, 0);
    root = root_assoc(root, key, value, 0, &added);
    return hash_map_make(root, m->count + 1, m->meta);
  }
  map_object *result = array_map_make(m->count + (uint32_t)(i < 0), m->meta);
  memcpy(result->items, m->items, 2 * (size_t)m->count * sizeof(O));
  if (i < 0) {
    i = m->count;
    result->items[2 * i] = key;
  }
  result->items[2 * i + 1] = value;
  return (O)result;
}

O map_dissoc(O o, O key) {
  map_object *m = as_map(o);
  if (is_hashed(m)) {
    bool removed = false;
    map_node *root =
        m->root ? node_dissoc(m->root, 0, value_hash(key), key, 0, &removed)
                : NULL;
    return removed ? hash_map_make(root, m->count - 1, m->meta) : (O)m;
  }
  int64_t i = items_index(m->items, m->count, key);
  if (i < 0)
    return (O)m;
  if (m->count == 1 && m->meta == JANK_NIL)
    return map_empty;
  map_object *result = array_map_make(m->count - 1, m->meta);
  memcpy(result->items, m->items, 2 * (size_t)i * sizeof(O));
  memcpy(result->items + 2 * i, m->items + 2 * i + 2,
         2 * (size_t)(m->count - i - 1) * sizeof(O));
  return (O)result;
}

void map_each(O o, bool (*visit)(void *, O, O), void *context) {
  map_object *m = as_map(o);
  if (is_hashed(m)) {
    if (m->root)
      node_each(m->root, visit, context);
    return;
  }
  for (uint32_t i = 0; i < m->count; i++)
    if (!visit(context, m->items[2 * i], m->items[2 * i + 1]))
      return;
}

O map_with_meta(O o, O meta) {
  map_object *m = as_map(o);
  O result;
  if (is_hashed(m)) {
    result = hash_map_make(m->root, m->count, meta);
  } else {
    map_object *copy = array_map_make(m->count, meta);
    memcpy(copy->items, m->items, 2 * (size_t)m->count * sizeof(O));
    result = (O)copy;
  }
  result->hash = m->header.hash;
  return result;
}

O map_array_map_from(uint32_t count, O const *items) {
  map_object *m = array_map_make(count, JANK_NIL);
  uint32_t used = 0;
  for (uint32_t i = 0; i < count; i++) {
    int64_t at = items_index(m->items, used, items[2 * i]);
    if (at < 0) {
      at = used++;
      m->items[2 * at] = items[2 * i];
    }
    m->items[2 * at + 1] = items[2 * i + 1];
  }
  m->count = used;
  return (O)m;
}

O jank_make_map(size_t n, O *items) {
  if (n == 0)
    return map_empty;
  if (n <= ARRAY_MAP_MAX)
    return map_array_map_from((uint32_t)n, items);
  O t = map_transient(map_empty);
  for (size_t i = 0; i < n; i++)
    t = map_assoc_bang(t, items[2 * i], items[2 * i + 1]);
  return map_persistent(t);
}

/* ---- Seqs ---------------------------------------------------------------- */

static O *walk_items(O node, uint32_t *n) {
  if (node->type == JANK_TYPE_MAP) {
    map_object *m = (map_object *)node;
    *n = m->count;
    return m->items;
  }
  *n = node_count((map_node *)node);
  return ((map_node *)node)->items;
}

/* A seq is a place in the tree, with the places where to go on behind it. Nothing of
 * it changes, so that seqs share their parents. */
static map_seq_object *walk_make(O node, uint32_t index, map_seq_object *parent,
                                 uint8_t flags) {
  map_seq_object *s = gc_alloc(JANK_TYPE_MAP_SEQ, sizeof *s);
  s->header.flags = flags;
  s->node = node;
  s->index = index;
  s->parent = parent;
  return s;
}

/* The seq that starts at the first pair at or behind this place, or nil. */
static O walk_from(O node, uint32_t i, map_seq_object *parent, uint8_t flags) {
  for (;;) {
    uint32_t n;
    O *items = walk_items(node, &n);
    if (i < n && items[2 * i] != CHILD)
      return (O)walk_make(node, i, parent, flags);
    if (i < n) {
      if (i + 1 < n)
        parent = walk_make(node, i + 1, parent, flags);
      node = items[2 * i + 1];
      i = 0;
    } else if (parent) {
      node = parent->node;
      i = parent->index;
      parent = parent->parent;
    } else {
      return JANK_NIL;
    }
  }
}

static O walk(map_object *m, uint8_t flags) {
  if (m->count == 0)
    return JANK_NIL;
  return walk_from(is_hashed(m) ? (O)m->root : (O)m, 0, NULL, flags);
}

O map_seq(O m) { return walk(as_map(m), 0); }

O map_key_seq(O m) { return walk(as_map(m), MAP_SEQ_KEYS); }

O map_seq_first(O o) {
  map_seq_object *s = (map_seq_object *)o;
  uint32_t n;
  O *pair = walk_items(s->node, &n) + 2 * s->index;
  return o->flags & MAP_SEQ_KEYS ? pair[0] : entry_make(pair[0], pair[1]);
}

O map_seq_next(O o) {
  map_seq_object *s = (map_seq_object *)o;
  return walk_from(s->node, s->index + 1, s->parent, o->flags);
}

/* ---- Transients ---------------------------------------------------------- */

static transient_map *as_transient(const char *who, O o) {
  if (!is_type(o, JANK_TYPE_TRANSIENT_MAP))
    error_type(who, "a transient map", o);
  transient_map *t = (transient_map *)o;
  if (!t->owner)
    error_throw("IllegalAccessError", "Transient used after persistent! call");
  return t;
}

O map_transient(O o) {
  static uint32_t last_owner;
  map_object *m = as_map(o);
  transient_map *t = gc_alloc(JANK_TYPE_TRANSIENT_MAP, sizeof *t);
  t->owner = ++last_owner ? last_owner : ++last_owner;
  t->count = m->count;
  if (is_hashed(m) || m->count > ARRAY_MAP_MAX) {
    t->header.flags = MAP_HASHED;
    t->root =
        is_hashed(m) ? m->root : items_to_trie(m->items, m->count, t->owner);
  } else {
    memcpy(t->items, m->items, 2 * (size_t)m->count * sizeof(O));
  }
  return (O)t;
}

O map_persistent(O o) {
  transient_map *t = as_transient("persistent!", o);
  O result;
  if (t->header.flags & MAP_HASHED) {
    result = hash_map_make(t->root, t->count, JANK_NIL);
  } else if (t->count == 0) {
    result = map_empty;
  } else {
    map_object *m = array_map_make(t->count, JANK_NIL);
    memcpy(m->items, t->items, 2 * (size_t)t->count * sizeof(O));
    result = (O)m;
  }
  t->owner = 0;
  return result;
}

O map_assoc_bang(O o, O key, O value) {
  transient_map *t = as_transient("assoc!", o);
  bool added = false;
  gc_write(o);
  if (!(t->header.flags & MAP_HASHED)) {
    int64_t i = items_index(t->items, t->count, key);
    if (i >= 0) {
      t->items[2 * i + 1] = value;
      return o;
    }
    if (t->count < ARRAY_MAP_MAX) {
      t->items[2 * t->count] = key;
      t->items[2 * t->count + 1] = value;
      t->count++;
      return o;
    }
    t->root = items_to_trie(t->items, t->count, t->owner);
    t->header.flags = MAP_HASHED;
    memset(t->items, 0, sizeof t->items);
  }
  t->root = root_assoc(t->root, key, value, t->owner, &added);
  t->count += (uint32_t)added;
  return o;
}

O map_dissoc_bang(O o, O key) {
  transient_map *t = as_transient("dissoc!", o);
  gc_write(o);
  if (t->header.flags & MAP_HASHED) {
    bool removed = false;
    if (t->root)
      t->root =
          node_dissoc(t->root, 0, value_hash(key), key, t->owner, &removed);
    t->count -= (uint32_t)removed;
    return o;
  }
  int64_t i = items_index(t->items, t->count, key);
  if (i < 0)
    return o;
  uint32_t last = --t->count; /* the last pair takes the free place */
  t->items[2 * i] = t->items[2 * last];
  t->items[2 * i + 1] = t->items[2 * last + 1];
  t->items[2 * last] = t->items[2 * last + 1] = JANK_NIL;
  return o;
}

O map_transient_get(O o, O key, O not_found) {
  transient_map *t = as_transient("get", o);
  if (t->header.flags & MAP_HASHED) {
    O *pair = node_find(t->root, key);
    return pair ? pair[1] : not_found;
  }
  int64_t i = items_index(t->items, t->count, key);
  return i < 0 ? not_found : t->items[2 * i + 1];
}

uint32_t map_transient_count(O o) { return as_transient("count", o)->count; }

/* ---- The empty maps, metadata -------------------------------------------- */

void map_init(void) {
  gc_add_root_range(&map_empty, 1);
  gc_add_root_range(&map_empty_hash_map, 1);
  map_empty = (O)array_map_make(0, JANK_NIL);
  map_empty_hash_map = hash_map_make(NULL, 0, JANK_NIL);
}

O map_empty_hashed(void) { return map_empty_hash_map; }

O map_meta(O o) { return ((map_object *)o)->meta; }
