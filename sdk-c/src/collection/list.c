/* list.c - lists: the empty list, counted lists, and cells over any seq. */
#include "collection/list.h"
#include "value/gc.h"
#include "value/word.h"

O list_empty;

void list_trace(O o) {
  cons_object *c = (cons_object *)o;
  gc_mark(c->first);
  gc_mark(c->rest);
  gc_mark(c->meta);
}

static cons_object *cell(enum jank_type type, O first_item, O rest_items) {
  cons_object *c = gc_alloc(type, sizeof *c);
  c->first = first_item;
  c->rest = rest_items;
  return c;
}

/* x in front of a LIST or the empty list: a counted list. */
O list_cons(O x, O list) {
  cons_object *c = cell(JANK_TYPE_LIST, x, list);
  c->count =
      list->type == JANK_TYPE_LIST ? ((cons_object *)list)->count + 1 : 1;
  return &c->header;
}

O list_cell(O x, O rest_items) {
  return &cell(JANK_TYPE_CONS, x, rest_items)->header;
}

O list_with_meta(O o, O meta) {
  cons_object *c = (cons_object *)o;
  cons_object *copy = cell((enum jank_type)o->type, c->first, c->rest);
  copy->count = c->count;
  copy->meta = meta;
  return &copy->header;
}

O list_from_array(size_t n, O *items) {
  O list = list_empty;
  while (n > 0)
    list = list_cons(items[--n], list);
  return list;
}

O jank_make_list(size_t n, O *items) { return list_from_array(n, items); }

void list_init(void) {
  list_empty = &cell(JANK_TYPE_EMPTY_LIST, JANK_NIL, JANK_NIL)->header;
  gc_add_root_range(&list_empty, 1);
}

O list_meta(O o) { return ((cons_object *)o)->meta; }
