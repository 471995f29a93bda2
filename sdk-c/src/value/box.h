/* box.h - TODO */
#ifndef JANK_VALUE_BOX_H
#define JANK_VALUE_BOX_H

#include "host/host.h"
#include "value/word.h"

typedef struct {
  jank_object header;
  int64_t value;
} long_object;

typedef struct {
  jank_object header;
  double value;
} double_object;

bool box_is_double(jank_object *o);
double box_double_value(jank_object *o);
int64_t box_integer_value(jank_object *o);
/* Exact numbers of which one at least is beyond LONG. */
bool box_is_tower(jank_object *a, jank_object *b);

#endif
