/* types.h - what every kind of value answers: a row for each type. The table is
 * src/types.c, above all that it names; this floor knows its rows only. */
#ifndef JANK_VALUE_TYPES_H
#define JANK_VALUE_TYPES_H

#include "base/buffer.h"
#include "value/word.h"

struct coll_kind;    /* collection/kind.h */
struct journal_kind; /* runtime/journal.h */

typedef struct {
  const char *name; /* "String": what error messages call it */
  /* Marks every word that it holds; NULL: it holds none. */
  void (*trace)(jank_object *o);
  /* Frees what the host keeps for it; NULL: nothing. */
  void (*finalize)(jank_object *o);
  /* Whether words in it change after it was made. What is permanent (gc_freeze) and
   * may change stays a root; one that tells, while it has the flag GC_CHANGED. */
  enum { CHANGES_NEVER, CHANGES, CHANGES_TOLD } changes;
  void (*freeze)(jank_object *o); /* it becomes permanent; NULL: no matter */
  /* Of two values that are not the same word the later type in word.h's list is
   * asked, in whatever order they come; NULL: not equal. */
  bool (*equal)(jank_object *a, jank_object *b);
  uint32_t (*hash)(jank_object *o); /* NULL: by its address */
  /* Throws when b is nothing that o can be compared with; NULL: it has no order. */
  int (*compare)(jank_object *o, jank_object *b);
  jank_object *(*call)(jank_object *f, int argc,
                       jank_object **args); /* or NULL */
  void (*print)(buffer *out, jank_object *o, bool readably);
  jank_object *(*meta)(jank_object *o); /* NULL: it has none */
  jank_object *(*with_meta)(jank_object *o, jank_object *meta); /* or NULL */
  const struct journal_kind *journal; /* NULL: it is not taken back */
  const struct coll_kind *coll; /* NULL: the collection floor knows the type */
} type_row;

extern const type_row *types; /* by enum jank_type */

#endif
