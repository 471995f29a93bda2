/* sorted.c - sorted maps and sets: persistent trees, balanced by weight.
 *
 * One object serves both; in a set each element is its own value. A node's two
 * sides differ in size by a factor of at most DELTA, which a rotation restores:
 * Adams, "Efficient sets - a balancing act", 1993, with the factors of Hirai and
 * Yamamoto, 2011. A comparator may be any function of Clojure's.
 */
#include "collection/sorted.h"
#include "collection/entry.h"
#include "number/number.h"
#include "value/box.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/word.h"

enum { DELTA = 3, GAMMA = 2 };

typedef struct tree {
  jank_object header;
  uint32_t size;
  struct tree *left, *right; /* NULL: empty */
  O key, value;
} tree;

typedef struct {
  jank_object header; /* SORTED_MAP or SORTED_SET */
  tree *root;
  O comparator; /* nil: compare */
  O meta;
} sorted_object;

void sorted_trace(O o) {
  sorted_object *s = (sorted_object *)o;
  gc_mark((O)s->root);
  gc_mark(s->comparator);
  gc_mark(s->meta);
}

void sorted_tree_trace(O o) {
  tree *t = (tree *)o;
  gc_mark((O)t->left);
  gc_mark((O)t->right);
  gc_mark(t->key);
  gc_mark(t->value);
}

/* ---- Trees --------------------------------------------------------------- */

static uint32_t size(const tree *t) { return t ? t->size : 0; }

static tree *make(tree *left, O key, O value, tree *right) {
  tree *t = gc_alloc(JANK_TYPE_TREE, sizeof *t);
  t->size = size(left) + size(right) + 1;
  t->left = left;
  t->right = right;
  t->key = key;
  t->value = value;
  return t;
}

static bool too_heavy(const tree *a, const tree *b) {
  return size(a) + size(b) > 1 && size(a) > DELTA * size(b);
}

/* The right side is too heavy. Its outer part goes up, or, when that would not do, its
 * inner one: a double rotation. */
static tree *rotate_left(tree *l, O key, O value, tree *r) {
  if (size(r->left) < GAMMA * size(r->right))
    return make(make(l, key, value, r->left), r->key, r->value, r->right);
  tree *m = r->left;
  return make(make(l, key, value, m->left), m->key, m->value,
              make(m->right, r->key, r->value, r->right));
}

static tree *rotate_right(tree *l, O key, O value, tree *r) {
  if (size(l->right) < GAMMA * size(l->left))
    return make(l->left, l->key, l->value, make(l->right, key, value, r));
  tree *m = l->right;
  return make(make(l->left, l->key, l->value, m->left), m->key, m->value,
              make(m->right, key, value, r));
}

static tree *balance(tree *l, O key, O value, tree *r) {
  return too_heavy(r, l)   ? rotate_left(l, key, value, r)
         : too_heavy(l, r) ? rotate_right(l, key, value, r)
                           : make(l, key, value, r);
}

/* A comparator gives a number, or truth: then a is before b, or b before a, or
 * neither. */
static int order(const sorted_object *s, O a, O b) {
  if (s->comparator == JANK_NIL)
    return value_compare(a, b);
  O result = jank_call2(s->comparator, a, b);
  if (box_is_number(result))
    return number_compare(result, fixnum(0));
  if (truthy(result))
    return -1;
  return truthy(jank_call2(s->comparator, b, a)) ? 1 : 0;
}

static tree *find(const sorted_object *s, O key) {
  tree *t = s->root;
  while (t) {
    int c = order(s, key, t->key);
    if (c == 0)
      return t;
    t = c < 0 ? t->left : t->right;
  }
  return NULL;
}

static tree *insert(const sorted_object *s, tree *t, O key, O value) {
  if (!t) {
    order(s, key, key); /* a key that has no order is refused at once */
    return make(NULL, key, value, NULL);
  }
  int c = order(s, key, t->key);
  if (c == 0)
    return make(t->left, t->key, value, t->right);
  return c < 0 ? balance(insert(s, t->left, key, value), t->key, t->value,
                         t->right)
               : balance(t->left, t->key, t->value,
                         insert(s, t->right, key, value));
}

static tree *without_least(tree *t, tree **least) {
  if (!t->left) {
    *least = t;
    return t->right;
  }
  tree *left = without_least(t->left, least);
  return balance(left, t->key, t->value, t->right);
}

static tree *removed(const sorted_object *s, tree *t, O key) {
  if (!t)
    return NULL;
  int c = order(s, key, t->key);
  if (c < 0)
    return balance(removed(s, t->left, key), t->key, t->value, t->right);
  if (c > 0)
    return balance(t->left, t->key, t->value, removed(s, t->right, key));
  if (!t->right)
    return t->left;
  tree *least = NULL, *right = without_least(t->right, &least);
  return balance(t->left, least->key, least->value, right);
}

/* ---- Maps and sets ------------------------------------------------------- */

static sorted_object *as(O o) { return (sorted_object *)o; }

static O make_sorted(enum jank_type type, tree *root, O comparator, O meta) {
  sorted_object *s = gc_alloc(type, sizeof *s);
  s->root = root;
  s->comparator = comparator;
  s->meta = meta;
  return &s->header;
}

O sorted_new(enum jank_type type, O comparator) {
  return make_sorted(type, NULL, comparator, JANK_NIL);
}

static O like(O o, tree *root) {
  return make_sorted((enum jank_type)o->type, root, as(o)->comparator,
                     as(o)->meta);
}

uint32_t sorted_count(O o) { return size(as(o)->root); }

O sorted_get(O o, O key, O otherwise) {
  tree *t = find(as(o), key);
  return t ? t->value : otherwise;
}

bool sorted_contains(O o, O key) { return find(as(o), key) != NULL; }

O sorted_assoc(O o, O key, O value) {
  return like(o, insert(as(o), as(o)->root, key, value));
}

O sorted_conj(O o, O x) {
  return sorted_contains(o, x) ? o : sorted_assoc(o, x, x);
}

O sorted_without(O o, O key) {
  return sorted_contains(o, key) ? like(o, removed(as(o), as(o)->root, key))
                                 : o;
}

O sorted_empty(O o) { return like(o, NULL); }

O sorted_meta(O o) { return as(o)->meta; }

O sorted_with_meta(O o, O meta) {
  return make_sorted((enum jank_type)o->type, as(o)->root, as(o)->comparator,
                     meta);
}

/* ---- Seqs: a stack of the nodes that are still to come, lazily ----------- */

typedef struct {
  jank_object header; /* flags: 1 descending, 2 keys only */
  O meta;
  tree *node;
  struct tree_seq *up; /* where to go on; NULL: nowhere */
  uint32_t left;       /* items, this one included */
} tree_step;
typedef struct tree_seq {
  tree_step step;
} tree_seq;
enum { DESCENDING = 1, KEYS = 2 };

void sorted_seq_trace(O o) {
  tree_step *s = (tree_step *)o;
  gc_mark(s->meta);
  gc_mark((O)s->node);
  gc_mark((O)s->up);
}

static O push(tree *t, tree_seq *up, int flags, uint32_t left) {
  while (t) {
    tree_step *s = gc_alloc(JANK_TYPE_TREE_SEQ, sizeof *s);
    s->header.flags = (uint8_t)flags;
    s->node = t;
    s->up = up;
    s->left = left;
    up = (tree_seq *)s;
    t = flags & DESCENDING ? t->right : t->left;
  }
  return (O)up;
}

static int flags_of(O o, bool descending) {
  return (descending ? DESCENDING : 0) |
         (o->type == JANK_TYPE_SORTED_SET ? KEYS : 0);
}

O sorted_seq(O o, bool descending) {
  return push(as(o)->root, NULL, flags_of(o, descending), sorted_count(o));
}

O sorted_seq_first(O s) {
  tree *t = ((tree_step *)s)->node;
  return s->flags & KEYS ? t->key : entry_make(t->key, t->value);
}

/* The way down to the next item: the first of the inner side, or what waits above. */
O sorted_seq_next(O o) {
  tree_step *s = (tree_step *)o;
  tree *inner = s->header.flags & DESCENDING ? s->node->left : s->node->right;
  if (s->left <= 1)
    return JANK_NIL;
  O next = push(inner, s->up, s->header.flags, s->left - 1);
  if (next && ((tree_step *)next)->left != s->left - 1) {
    /* What waited above has the count of when it was pushed. */
    tree_step *copy = gc_alloc(JANK_TYPE_TREE_SEQ, sizeof *copy);
    *copy = *(tree_step *)next;
    copy->left = s->left - 1;
    copy->meta = JANK_NIL;
    return &copy->header;
  }
  return next;
}

uint32_t sorted_seq_count(O s) { return ((tree_step *)s)->left; }

O sorted_seq_from(O o, O key, bool descending) {
  int flags = flags_of(o, descending);
  tree_seq *up = NULL;
  uint32_t before = 0; /* items that are passed over */
  for (tree *t = as(o)->root; t;) {
    int c = order(as(o), key, t->key);
    if (descending)
      c = -c;
    tree *outer = descending ? t->right : t->left;
    tree *inner = descending ? t->left : t->right;
    if (c > 0) {
      before += size(outer) + 1;
      t = inner;
      continue;
    }
    tree_step *s = gc_alloc(JANK_TYPE_TREE_SEQ, sizeof *s);
    s->header.flags = (uint8_t)flags;
    s->node = t;
    s->up = up;
    up = (tree_seq *)s;
    t = c == 0 ? NULL : outer;
  }
  if (up)
    up->step.left = sorted_count(o) - before;
  return (O)up;
}

/* ---- For builtins/sorted.c ----------------------------------------------- */

O sorted_compare_in(O self, O o, O a, O b) {
  return jank_box_integer(order(as(o), a, b));
}
