/* types.c - where the table of types is; start.c sets it before the first value
 * is made. */
#include "value/types.h"

const type_row *types;
