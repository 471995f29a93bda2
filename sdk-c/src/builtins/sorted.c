/* sorted.c - sorted-map, sorted-set, and what subseq is made of. */
#include "collection/sorted.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "runtime/class.h"
#include "value/error.h"
#include "value/word.h"

static bool is_sorted(O o) {
  return is_type(o, JANK_TYPE_SORTED_MAP) || is_type(o, JANK_TYPE_SORTED_SET);
}

static O fill_map(O m, O items) {
  for (O s = seq(items); s != JANK_NIL; s = seq_next_polled(seq_next(s))) {
    if (seq_next(s) == JANK_NIL)
      error_throw("IllegalArgumentException",
                  "sorted-map: no value supplied for key: %s",
                  error_shown(seq_first(s)));
    m = sorted_assoc(m, seq_first(s), seq_first(seq_next(s)));
  }
  return m;
}

static O fill_set(O set, O items) {
  for (O s = seq(items); s != JANK_NIL; s = seq_next_polled(s))
    set = sorted_conj(set, seq_first(s));
  return set;
}

static O map_by(O self, O comparator, O items) {
  return fill_map(sorted_new(JANK_TYPE_SORTED_MAP, comparator), items);
}

static O set_by(O self, O comparator, O items) {
  return fill_set(sorted_new(JANK_TYPE_SORTED_SET, comparator), items);
}

static O sorted_map(O self, O items) { return map_by(self, JANK_NIL, items); }

static O sorted_set(O self, O items) { return set_by(self, JANK_NIL, items); }

/* (sorted-from* coll key descending?): a seq, nil when nothing is there. */
static O from(O self, O o, O key, O descending) {
  if (!is_sorted(o))
    error_type("subseq", "a sorted map or set", o);
  return sorted_seq_from(o, key, truthy(descending));
}

static O sorted_p(O self, O o) {
  return boolean(is_sorted(o) || class_is(o, "Sorted"));
}

const struct patch_symbol sorted_builtins[] = {
    CORE("sorted-map", "[& keyvals]", sorted_map,
         "A map of keys and values in turn, sorted by compare. Throws "
         "ClassCastException when keys cannot be compared."),
    CORE("sorted-map-by", "[comparator & keyvals]", map_by,
         "A map of keys and values in turn, sorted by the comparator or "
         "predicate."),
    CORE("sorted-set", "[& keys]", sorted_set,
         "A set of the arguments, sorted by compare. Throws ClassCastException "
         "when they cannot be compared."),
    CORE("sorted-set-by", "[comparator & keys]", set_by,
         "A set of the arguments, sorted by the comparator or predicate."),
    CORE("sorted-from*", "[coll key descending]", from),
    CORE("sorted-compare*", "[coll x y]", sorted_compare_in),
    CORE("sorted?", "[coll]", sorted_p,
         "True when the collection is a sorted map or a sorted set."),
    {0},
};
