/* list.h - lists: the empty list, counted lists, and cells in front of any
 * seqable. The cells are not checked: list_cons wants a list. */
#ifndef JANK_COLLECTION_LIST_H
#define JANK_COLLECTION_LIST_H

#include "value/word.h"

typedef struct { /* LIST, CONS, EMPTY_LIST */
  jank_object header;
  jank_object *first;
  jank_object *rest; /* CONS: anything seqable; LIST: LIST or EMPTY_LIST */
  jank_object *meta;
  uint32_t count; /* LIST */
} cons_object;

void list_trace(jank_object *o);

extern jank_object *list_empty;                              /* () */
jank_object *list_from_array(size_t n, jank_object **items); /* () when 0 */
jank_object *list_cons(jank_object *x, jank_object *list);   /* LIST or () */
jank_object *list_cell(jank_object *x, jank_object *rest_items);   /* a CONS */
jank_object *list_with_meta(jank_object *list, jank_object *meta); /* a copy */
void list_init(void);
jank_object *list_meta(jank_object *list);

#endif
