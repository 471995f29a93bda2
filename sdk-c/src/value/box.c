/* box.c - numbers and truth as words and objects. */
#include "value/box.h"
#include "value/gc.h"
#include "value/word.h"

O jank_box_integer(int64_t n) {
  if (n >= JANK_FIXNUM_MIN && n <= JANK_FIXNUM_MAX)
    return fixnum(n);
  long_object *l = gc_alloc(JANK_TYPE_LONG, sizeof *l);
  l->value = n;
  return &l->header;
}

O jank_box_double(double d) {
  double_object *o = gc_alloc(JANK_TYPE_DOUBLE, sizeof *o);
  o->value = d;
  return &o->header;
}

O jank_nil_value(void) { return JANK_NIL; }

O jank_true_value(void) { return JANK_TRUE; }

O jank_false_value(void) { return JANK_FALSE; }

int jank_truthy(O value) { return truthy(value); }

O jank_box_integer_halves(uint32_t low, int32_t high) {
  return jank_box_integer((int64_t)((uint64_t)(uint32_t)high << 32 | low));
}
