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

#endif
