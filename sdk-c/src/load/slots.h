/* slots.h - ranges of the function table: taken by patches, given back. */
#ifndef JANK_LOAD_SLOTS_H
#define JANK_LOAD_SLOTS_H

#include "value/word.h"
#include <stdint.h>

/* First index of n free slots in a row; 0 when n is 0 or the table is full. */
uint32_t slots_take(uint32_t n);
void slots_free(uint32_t first, uint32_t n); /* also clears them */
uint32_t slots_total(void);                  /* ever added to the table */
uint32_t slots_unused(void);                 /* free ones among them */

#endif
