/* box.c - TODO */
#include "value/box.h"
#include "number/number.h"
#include "value/gc.h"
#include "value/word.h"

/* ---- Boxes ------------------------------------------------------------------------ */

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

bool box_is_double(O o) { return is_type(o, JANK_TYPE_DOUBLE); }

double box_double_value(O o) { return ((double_object *)o)->value; }

int64_t box_integer_value(O o) {
  return is_fixnum(o) ? fixnum_value(o) : ((long_object *)o)->value;
}

O jank_nil_value(void) { return JANK_NIL; }

O jank_true_value(void) { return JANK_TRUE; }

O jank_false_value(void) { return JANK_FALSE; }

int jank_truthy(O value) { return truthy(value); }

O jank_box_integer_halves(uint32_t low, int32_t high) {
  return jank_box_integer((int64_t)((uint64_t)(uint32_t)high << 32 | low));
}

/* ---- Arithmetic ----------------------------------------------------------------------- */

bool box_is_tower(O a, O b) {
  return (is_type(a, JANK_TYPE_BIGNUM) &&
          (box_is_integer(b) || is_type(b, JANK_TYPE_BIGNUM))) ||
         (is_type(b, JANK_TYPE_BIGNUM) && box_is_integer(a));
}
