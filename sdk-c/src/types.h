/* types.h - the table of types; start.c hands it down. */
#ifndef JANK_TYPES_H
#define JANK_TYPES_H

#include "value/types.h"
#include "value/word.h"

extern const type_row types_rows[JANK_TYPE_COUNT];

#endif
