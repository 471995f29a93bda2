/* types.c - the table of trace functions; NULL: the type holds no words. */
#include "types.h"
#include "collection/array.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/sorted.h"
#include "collection/vector.h"
#include "host/host.h"
#include "load/patch.h"
#include "runtime/fn.h"
#include "runtime/reference.h"
#include "runtime/type.h"
#include "runtime/var.h"
#include "value/gc.h"
#include "value/regex.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"

void array_trace(jank_object *o) {
  array_object *array = (array_object *)o;
  for (uint32_t i = 0; i < array->count; i++)
    gc_mark(array->items[i]);
}

void (*const trace_table[256])(jank_object *) = {
    [JANK_TYPE_BIGNUM] = regex_trace,
    [JANK_TYPE_REGEX] = regex_trace,
    [JANK_TYPE_KEYWORD] = symbol_trace,
    [JANK_TYPE_SYMBOL] = symbol_trace,
    [JANK_TYPE_EMPTY_LIST] = list_trace,
    [JANK_TYPE_LIST] = list_trace,
    [JANK_TYPE_CONS] = list_trace,
    [JANK_TYPE_LAZY_SEQ] = seqs_trace,
    [JANK_TYPE_ARRAY_SEQ] = seqs_trace,
    [JANK_TYPE_VECTOR_SEQ] = seqs_trace,
    [JANK_TYPE_MAP_SEQ] = map_trace,
    [JANK_TYPE_STRING_SEQ] = seqs_trace,
    [JANK_TYPE_CHUNK_SEQ] = seqs_trace,
    [JANK_TYPE_RANGE] = seqs_trace,
    [JANK_TYPE_ARRAY] = array_trace,
    [JANK_TYPE_VECTOR] = vector_trace,
    [JANK_TYPE_VECTOR_NODE] = vector_trace,
    [JANK_TYPE_TRANSIENT_VECTOR] = vector_trace,
    [JANK_TYPE_MAP_ENTRY] = map_trace,
    [JANK_TYPE_MAP] = map_trace,
    [JANK_TYPE_MAP_NODE] = map_trace,
    [JANK_TYPE_MAP_COLLISION] = map_trace,
    [JANK_TYPE_TRANSIENT_MAP] = map_trace,
    [JANK_TYPE_SET] = set_trace,
    [JANK_TYPE_TRANSIENT_SET] = set_trace,
    [JANK_TYPE_SORTED_MAP] = sorted_trace,
    [JANK_TYPE_SORTED_SET] = sorted_trace,
    [JANK_TYPE_TREE] = sorted_trace,
    [JANK_TYPE_TREE_SEQ] = sorted_seq_trace,
    [JANK_TYPE_CODE] = fn_trace,
    [JANK_TYPE_FN] = fn_trace,
    [JANK_TYPE_VAR] = var_trace,
    [JANK_TYPE_NAMESPACE] = var_trace,
    [JANK_TYPE_ATOM] = reference_trace,
    [JANK_TYPE_VOLATILE] = reference_trace,
    [JANK_TYPE_DELAY] = reference_trace,
    [JANK_TYPE_REDUCED] = reference_trace,
    [JANK_TYPE_EXCEPTION] = error_trace,
    [JANK_TYPE_CLASS] = type_trace,
    [JANK_TYPE_PROTOCOL] = type_trace,
    [JANK_TYPE_INSTANCE] = type_trace,
    [JANK_TYPE_PATCH] = patch_trace,
};
