/* types.c - the table of types: what every kind of value answers, a row each. A row
 * has every field, so that a forgotten one, or a forgotten row, does not compile.
 *
 * It names functions of all floors and is named by none: start.c hands its address
 * down (value/types.h). To add a kind of value: a name in word.h, a file, a row here.
 *
 * CHANGES_NEVER is said of patches although their words are set: of those that exist
 * when the heap is frozen, none is written afterwards.
 */
#include "types.h"
#include "collection/array.h"
#include "collection/coll.h"
#include "collection/entry.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/reduce.h"
#include "collection/same.h"
#include "collection/seq.h"
#include "collection/seqs.h"
#include "collection/set.h"
#include "collection/sorted.h"
#include "collection/vector.h"
#include "load/patch.h"
#include "number/number.h"
#include "number/tower.h"
#include "runtime/callable.h"
#include "runtime/class.h"
#include "runtime/docs.h"
#include "runtime/fn.h"
#include "runtime/instance.h"
#include "runtime/js.h"
#include "runtime/ns.h"
#include "runtime/print.h"
#include "runtime/reference.h"
#include "runtime/type.h"
#include "runtime/var.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/regex.h"
#include "value/symbol.h"
#include "value/types.h"
#include "value/word.h"

#define NONE NULL
#define ROW(name, trace, finalize, changes, freeze, equal, hash, compare,      \
            call, print, meta, with_meta, journal, coll)                       \
  {name,    trace, finalize, changes, freeze,    equal,   hash,                \
   compare, call,  print,    meta,    with_meta, journal, coll}

#define LONG_ROW                                                               \
  ROW("Long", NONE, NONE, CHANGES_NEVER, NONE, value_equal_longs,              \
      value_hash_long, number_order, NONE, print_number, NONE, NONE, NONE,     \
      NONE)
#define FN_ROW                                                                 \
  ROW("Fn", fn_trace, NONE, CHANGES_NEVER, NONE, NONE, NONE, NONE, fn_call,    \
      print_fn, fn_meta, fn_with_meta, NONE, NONE)
#define DOUBLE_ROW                                                             \
  ROW("Double", NONE, NONE, CHANGES_NEVER, NONE, value_equal_doubles,          \
      value_hash_double, number_order, NONE, print_number, NONE, NONE, NONE,   \
      NONE)
#define BIGNUM_ROW                                                             \
  ROW("BigNumber", tower_trace, NONE, CHANGES_NEVER, NONE, number_equal_big,   \
      tower_hash, number_order, NONE, print_number, NONE, NONE, NONE, NONE)
#define STRING_ROW                                                             \
  ROW("String", NONE, NONE, CHANGES_NEVER, NONE, value_equal_strings,          \
      value_hash_string, value_compare_strings, NONE, print_string, NONE,      \
      NONE, NONE, NONE)
#define KEYWORD_ROW                                                            \
  ROW("Keyword", symbol_trace, NONE, CHANGES_NEVER, NONE, NONE,                \
      value_hash_keyword, value_compare_symbols, callable_key, print_keyword,  \
      NONE, NONE, NONE, NONE)
#define SYMBOL_ROW                                                             \
  ROW("Symbol", symbol_trace, NONE, CHANGES_NEVER, NONE, value_equal_symbols,  \
      value_hash_symbol, value_compare_symbols, callable_key, print_symbol,    \
      symbol_meta, symbol_with_meta, NONE, NONE)
#define REGEX_ROW                                                              \
  ROW("Pattern", regex_trace, regex_finalize, CHANGES, NONE, NONE, NONE, NONE, \
      NONE, print_regex, NONE, NONE, NONE, NONE)
#define EMPTY_LIST_ROW                                                         \
  ROW("PersistentList", list_trace, NONE, CHANGES_NEVER, NONE,                 \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, list_meta,      \
      list_with_meta, NONE, NONE)
#define LIST_ROW                                                               \
  ROW("PersistentList", list_trace, NONE, CHANGES_NEVER, NONE,                 \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, list_meta,      \
      list_with_meta, NONE, NONE)
#define CONS_ROW                                                               \
  ROW("Cons", list_trace, NONE, CHANGES_NEVER, NONE, same_equal_sequential,    \
      same_hash, NONE, NONE, print_seq, list_meta, list_with_meta, NONE, NONE)
#define LAZY_SEQ_ROW                                                           \
  ROW("LazySeq", seqs_lazy_trace, NONE, CHANGES, NONE, same_equal_sequential,  \
      same_hash, NONE, NONE, print_seq, seqs_meta, seq_lazy_with_meta, NONE,   \
      NONE)
#define ARRAY_SEQ_ROW                                                          \
  ROW("ArraySeq", seqs_step_trace, NONE, CHANGES_NEVER, NONE,                  \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, seqs_meta,      \
      seqs_step_with_meta, NONE, NONE)
#define VECTOR_SEQ_ROW                                                         \
  ROW("ChunkedSeq", seqs_step_trace, NONE, CHANGES_NEVER, NONE,                \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, seqs_meta,      \
      seqs_step_with_meta, NONE, NONE)
#define MAP_SEQ_ROW                                                            \
  ROW("MapSeq", map_seq_trace, NONE, CHANGES_NEVER, NONE,                      \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, NONE,           \
      seq_cell_with_meta, NONE, NONE)
#define STRING_SEQ_ROW                                                         \
  ROW("StringSeq", seqs_step_trace, NONE, CHANGES_NEVER, NONE,                 \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, seqs_meta,      \
      seqs_step_with_meta, NONE, NONE)
#define CHUNK_SEQ_ROW                                                          \
  ROW("ChunkedCons", seqs_chunk_trace, NONE, CHANGES_NEVER, NONE,              \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, NONE,           \
      seq_cell_with_meta, NONE, NONE)
#define RANGE_ROW                                                              \
  ROW("Range", seqs_range_trace, NONE, CHANGES_NEVER, NONE,                    \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, seqs_meta,      \
      seqs_range_with_meta, NONE, NONE)
#define ARRAY_ROW                                                              \
  ROW("Array", array_trace, NONE, CHANGES, NONE, NONE, NONE, NONE, NONE,       \
      print_opaque, NONE, NONE, NONE, NONE)
#define VECTOR_ROW                                                             \
  ROW("PersistentVector", vector_trace, NONE, CHANGES_NEVER, NONE,             \
      same_equal_sequential, same_hash, same_compare, callable_index,          \
      print_vector, vector_meta, vector_with_meta, NONE, NONE)
#define VECTOR_NODE_ROW                                                        \
  ROW("VectorNode", vector_node_trace, NONE, CHANGES_NEVER, vector_freeze,     \
      NONE, NONE, NONE, NONE, print_opaque, NONE, NONE, NONE, NONE)
#define TRANSIENT_VECTOR_ROW                                                   \
  ROW("TransientVector", vector_trace, NONE, CHANGES, NONE, NONE, NONE, NONE,  \
      callable_index, print_opaque, NONE, NONE, NONE, NONE)
#define MAP_ENTRY_ROW                                                          \
  ROW("MapEntry", entry_trace, NONE, CHANGES_NEVER, NONE,                      \
      same_equal_sequential, same_hash, same_compare, callable_index,          \
      print_vector, NONE, coll_entry_with_meta, NONE, NONE)
#define MAP_ROW                                                                \
  ROW("PersistentHashMap", map_trace, NONE, CHANGES_NEVER, NONE,               \
      same_equal_maps, same_hash, NONE, callable_lookup, print_map, map_meta,  \
      map_with_meta, NONE, NONE)
#define MAP_NODE_ROW                                                           \
  ROW("MapNode", map_node_trace, NONE, CHANGES_NEVER, NONE, NONE, NONE, NONE,  \
      NONE, print_opaque, NONE, NONE, NONE, NONE)
#define MAP_COLLISION_ROW                                                      \
  ROW("MapCollision", map_node_trace, NONE, CHANGES_NEVER, NONE, NONE, NONE,   \
      NONE, NONE, print_opaque, NONE, NONE, NONE, NONE)
#define TRANSIENT_MAP_ROW                                                      \
  ROW("TransientHashMap", map_transient_trace, NONE, CHANGES, NONE, NONE,      \
      NONE, NONE, callable_lookup, print_opaque, NONE, NONE, NONE, NONE)
#define SET_ROW                                                                \
  ROW("PersistentHashSet", set_trace, NONE, CHANGES_NEVER, NONE,               \
      same_equal_sets, same_hash, NONE, callable_lookup, print_set, set_meta,  \
      set_with_meta, NONE, NONE)
#define TRANSIENT_SET_ROW                                                      \
  ROW("TransientHashSet", set_transient_trace, NONE, CHANGES, NONE, NONE,      \
      NONE, NONE, callable_lookup, print_opaque, NONE, NONE, NONE, NONE)
#define SORTED_MAP_ROW                                                         \
  ROW("PersistentTreeMap", sorted_trace, NONE, CHANGES_NEVER, NONE,            \
      same_equal_maps, same_hash, NONE, callable_lookup, print_entries,        \
      sorted_meta, sorted_with_meta, NONE, NONE)
#define SORTED_SET_ROW                                                         \
  ROW("PersistentTreeSet", sorted_trace, NONE, CHANGES_NEVER, NONE,            \
      same_equal_sets, same_hash, NONE, callable_lookup, print_set,            \
      sorted_meta, sorted_with_meta, NONE, NONE)
#define TREE_ROW                                                               \
  ROW("Tree", sorted_tree_trace, NONE, CHANGES_NEVER, NONE, NONE, NONE, NONE,  \
      NONE, print_opaque, NONE, NONE, NONE, NONE)
#define TREE_SEQ_ROW                                                           \
  ROW("TreeSeq", sorted_seq_trace, NONE, CHANGES_NEVER, NONE,                  \
      same_equal_sequential, same_hash, NONE, NONE, print_seq, NONE,           \
      seq_cell_with_meta, NONE, NONE)
#define CODE_ROW                                                               \
  ROW("Code", fn_code_trace, NONE, CHANGES_NEVER, NONE, NONE, NONE, NONE,      \
      NONE, print_opaque, NONE, NONE, NONE, NONE)
#define VAR_ROW                                                                \
  ROW("Var", var_trace, NONE, CHANGES_TOLD, NONE, NONE, NONE, NONE, var_call,  \
      print_var, docs_var_meta, NONE, &var_journal, NONE)
#define NAMESPACE_ROW                                                          \
  ROW("Namespace", ns_trace, NONE, CHANGES, NONE, NONE, NONE, NONE, NONE,      \
      print_namespace, ns_meta, NONE, &ns_journal, NONE)
#define ATOM_ROW                                                               \
  ROW("Atom", reference_trace, NONE, CHANGES, NONE, NONE, NONE, NONE, NONE,    \
      print_reference, reference_meta, NONE, &reference_journal, NONE)
#define VOLATILE_ROW                                                           \
  ROW("Volatile", reference_trace, NONE, CHANGES, NONE, NONE, NONE, NONE,      \
      NONE, print_reference, NONE, NONE, NONE, NONE)
#define DELAY_ROW                                                              \
  ROW("Delay", reference_trace, NONE, CHANGES, NONE, NONE, NONE, NONE, NONE,   \
      print_delay, NONE, NONE, NONE, NONE)
#define REDUCED_ROW                                                            \
  ROW("Reduced", reduce_trace, NONE, CHANGES_NEVER, NONE, NONE, NONE, NONE,    \
      NONE, print_reduced, NONE, NONE, NONE, NONE)
#define EXCEPTION_ROW                                                          \
  ROW("Exception", error_trace, NONE, CHANGES_NEVER, NONE, NONE, NONE, NONE,   \
      NONE, print_exception, NONE, NONE, NONE, NONE)
#define CLASS_ROW                                                              \
  ROW("Class", class_trace, NONE, CHANGES, NONE, NONE, NONE, NONE, NONE,       \
      print_class, NONE, NONE, &type_class_journal, NONE)
#define PROTOCOL_ROW                                                           \
  ROW("Protocol", type_trace, NONE, CHANGES, NONE, NONE, NONE, NONE, NONE,     \
      print_opaque, NONE, NONE, &type_protocol_journal, NONE)
#define JS_ROW                                                                 \
  ROW("Object", NONE, js_finalize, CHANGES_NEVER, NONE, NONE, NONE, NONE,      \
      js_invoke, js_print, NONE, NONE, NONE, &js_kind)
#define PATCH_ROW                                                              \
  ROW("Patch", patch_trace, patch_finalize, CHANGES_NEVER, NONE, NONE, NONE,   \
      NONE, NONE, print_opaque, NONE, NONE, NONE, NONE)
#define INSTANCE_ROW                                                           \
  ROW("Instance", instance_trace, NONE, CHANGES, NONE, instance_equal,         \
      instance_hash, instance_compare, instance_invoke, instance_print,        \
      instance_meta, instance_with_meta, NONE, &instance_kind)

const type_row types_rows[JANK_TYPE_COUNT] = {
#define X(type) [JANK_TYPE_##type] = type##_ROW,
    JANK_TYPES(X)
#undef X
};
