/* number.h - arithmetic on any two numbers, and numbers as C's. `who` is named
 * in the error: ClassCastException when a value is no number (or no integer).
 * jank_add, jank_lt and the like, which compiled code calls, are in
 * jank_patch.h. */
#ifndef JANK_NUMBER_NUMBER_H
#define JANK_NUMBER_NUMBER_H

#include "value/word.h"

/* -1, 0, 1; 0 also when one is NaN. */
int number_compare(jank_object *a, jank_object *b);

double number_to_double(const char *who, jank_object *o);
int64_t number_to_integer(const char *who, jank_object *o);
_Noreturn void number_divide_by_zero(void);
/* A ratio when integers do not divide; throws for the integer 0. */
jank_object *number_divide(jank_object *a, jank_object *b);
/* `long`: without its fraction; also of a character. Throws when it is too large. */
jank_object *number_to_long(const char *who, jank_object *a);

/* For the table of types. */
int number_order(jank_object *o, jank_object *b);
bool number_equal_big(jank_object *a, jank_object *b); /* one is a BIGNUM */

#endif
