/* meta.c - metadata of any value, by its type. */
#include "value/meta.h"
#include "value/error.h"
#include "value/types.h"
#include "value/word.h"

O meta_of(O o) {
  return is_heap(o) && types[o->type].meta ? types[o->type].meta(o) : JANK_NIL;
}

O jank_with_meta(O o, O meta) {
  if (meta != JANK_NIL && !is_type(meta, JANK_TYPE_MAP))
    error_type("with-meta", "a map or nil", meta);
  if (!is_heap(o) || !types[o->type].with_meta)
    error_type("with-meta", "an object that can carry metadata", o);
  return types[o->type].with_meta(o, meta);
}
