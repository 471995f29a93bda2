/* callable.c - calls of what is no function: a keyword looks itself up, a collection
 * its argument. */
#include "runtime/callable.h"
#include "collection/coll.h"
#include "collection/kind.h"
#include "value/box.h"
#include "value/error.h"
#include "value/types.h"
#include "value/word.h"

static O look_up(O f, int argc, O *args, O coll, O key) {
  if (argc < 1 || argc > 2)
    error_throw("ArityException", "%s takes 1 or 2 arguments, got %d",
                is_type(f, JANK_TYPE_KEYWORD) ? error_shown(f)
                                              : error_type_name(f),
                argc);
  return coll_get(coll, key, argc == 2 ? args[1] : JANK_NIL);
}

O callable_key(O f, int argc, O *args) {
  return look_up(f, argc, args, argc ? args[0] : JANK_NIL, f);
}

O callable_lookup(O f, int argc, O *args) {
  return look_up(f, argc, args, f, argc ? args[0] : JANK_NIL);
}

O callable_index(O f, int argc, O *args) {
  if (argc != 1)
    error_throw("ArityException", "a vector takes 1 argument, got %d", argc);
  if (!box_is_integer(args[0]))
    error_throw("IllegalArgumentException", "Key must be integer");
  return coll_nth(f, jank_unbox_integer(args[0]), JANK_NIL, false);
}

bool callable_is(O o) {
  if (!is_heap(o) || !types[o->type].call)
    return false;
  const struct coll_kind *kind = kind_of(o);
  return !kind || !kind->is_callable || kind->is_callable(o);
}
