/* box.h - numbers as objects. In every loop: so small functions are here. */
#ifndef JANK_VALUE_BOX_H
#define JANK_VALUE_BOX_H

#include "value/string.h"
#include "value/word.h"

typedef struct {
  jank_object header;
  int64_t value;
} long_object;

typedef struct {
  jank_object header;
  double value;
} double_object;

typedef struct { /* "12N", "-1/3", "1.50M": see number/tower.c */
  jank_object header;
  string_object *text;
} bignum_object;

static inline bool box_is_double(const jank_object *o) {
  return is_type(o, JANK_TYPE_DOUBLE);
}
/* Of 64 bits. */
static inline bool box_is_integer(const jank_object *o) {
  return is_fixnum(o) || is_type(o, JANK_TYPE_LONG);
}
static inline bool box_is_number(const jank_object *o) {
  return is_fixnum(o) || (is_heap(o) && (o->type == JANK_TYPE_LONG ||
                                         o->type == JANK_TYPE_DOUBLE ||
                                         o->type == JANK_TYPE_BIGNUM));
}
/* Exact numbers of which one at least is beyond 64 bits. */
static inline bool box_is_tower(const jank_object *a, const jank_object *b) {
  return (is_type(a, JANK_TYPE_BIGNUM) &&
          (box_is_integer(b) || is_type(b, JANK_TYPE_BIGNUM))) ||
         (is_type(b, JANK_TYPE_BIGNUM) && box_is_integer(a));
}
static inline double box_double_value(const jank_object *o) {
  return ((const double_object *)o)->value;
}
static inline int64_t box_integer_value(const jank_object *o) {
  return is_fixnum(o) ? fixnum_value(o) : ((const long_object *)o)->value;
}

#endif
