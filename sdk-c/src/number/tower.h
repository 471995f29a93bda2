/* tower.h - exact numbers beyond 64 bits: big integers, ratios, big decimals.
 */
#ifndef JANK_NUMBER_TOWER_H
#define JANK_NUMBER_TOWER_H

#include "value/word.h"

/* op: + - * / q (quot) r (rem), of exact numbers (no doubles), at least one of
 * which is not a LONG, or whose result is not. */
jank_object *tower_arithmetic(char op, jank_object *a, jank_object *b);
int tower_compare(jank_object *a, jank_object *b); /* -1, 0, 1 */
double tower_double(jank_object *o);
char tower_kind(jank_object *o);   /* N, M or / of a BIGNUM */
bool tower_is_odd(jank_object *o); /* a big integer */
/* Without its fraction; false: beyond 64 bits. */
bool tower_long(jank_object *o, int64_t *n);
/* `=`: 1N, but not 1M, is 1. */
bool tower_equal(jank_object *a, jank_object *b);
uint32_t tower_hash(jank_object *o);
jank_object *tower_ratio(int64_t n, int64_t d); /* d not 0 */
/* Of an exact number: a big integer, without what is behind the point; a big
 * decimal, throws when it has no end; the ratio or integer of a decimal. */
jank_object *tower_integer(jank_object *x);
jank_object *tower_decimal(jank_object *x);
jank_object *tower_rational(jank_object *x);
/* Numerator (upper) or denominator. */
jank_object *tower_ratio_part(jank_object *ratio, bool upper);
/* A literal of that kind, in its one form. */
jank_object *tower_literal(const char *text, size_t n);
void tower_trace(jank_object *o);

#endif
