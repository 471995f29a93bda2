/* reference.h - atoms, volatiles and delays as objects. What changes them is in
 * builtins/reference.c. */
#ifndef JANK_RUNTIME_REFERENCE_H
#define JANK_RUNTIME_REFERENCE_H

#include "value/word.h"

typedef struct { /* ATOM, VOLATILE, DELAY; of a REDUCED the value only */
  jank_object header;
  jank_object *value;
  jank_object *meta;
  jank_object *watches;   /* map or nil */
  jank_object *validator; /* function or nil */
} ref_object;

/* flags of a DELAY */
enum { DELAY_PENDING, DELAY_DONE, DELAY_FAILED };

/* Has the DELAY `o` been forced? */
bool reference_is_realized(jank_object *o);

void reference_trace(jank_object *o);

/* For the table of types. */
extern const struct journal_kind reference_journal; /* of the value */
jank_object *reference_meta(jank_object *o);

#endif
