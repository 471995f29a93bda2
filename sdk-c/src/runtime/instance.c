/* instance.c - instances of a program's own types and records: their methods and
 * fields by name, and what they are to the generic operations. */
#include "runtime/instance.h"
#include "base/buffer.h"
#include "collection/coll.h"
#include "collection/entry.h"
#include "collection/kind.h"
#include "collection/map.h"
#include "collection/same.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/print.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

void instance_trace(O o) {
  instance_object *i = (instance_object *)o;
  gc_mark((O)i->class);
  gc_mark(i->meta);
  gc_mark(i->extra);
  for (uint32_t n = 0; n < i->header.aux; n++)
    gc_mark(i->fields[n]);
}

/* ---- Methods by name ----------------------------------------------------- */

static O method_names[METHOD_COUNT];

void instance_init(void) {
  static const char *const names[] = {
#define X(name) #name,
      TYPE_METHODS(X)
#undef X
  };
  gc_add_root_range(method_names, METHOD_COUNT);
  for (int i = 0; i < METHOD_COUNT; i++)
    method_names[i] = &symbol_from(NULL, names[i])->header;
}

/* What a class's method is; of a reify, each instance has its own. */
O instance_method_value(O o, O found) {
  return is_fixnum(found) ? ((instance_object *)o)->fields[fixnum_value(found)]
                          : found;
}

static O method_named(O o, O symbol) {
  O found = map_get(((instance_object *)o)->class->methods, symbol, JANK_NIL);
  return found == JANK_NIL ? NULL : instance_method_value(o, found);
}

O instance_method(O o, enum type_method m) {
  return method_named(o, method_names[m]);
}

/* A method's first argument is the instance. */
static O call_method(O f, O o, int argc, O *args) {
  O all[JANK_MAX_ARITY + 1] = {o};
  if (argc > JANK_MAX_ARITY - 1)
    error_throw("ArityException", "a method takes at most %d arguments",
                JANK_MAX_ARITY);
  if (argc)
    memcpy(all + 1, args, (size_t)argc * sizeof *args);
  return jank_call_n(f, argc + 1, all);
}

O instance_call(O o, enum type_method m, int argc, O *args) {
  O f = instance_method(o, m);
  if (!f)
    error_throw("UnsupportedOperationException",
                "%s does not have the method %s", class_of(o)->name->name->text,
                ((symbol_object *)method_names[m])->name->text);
  return call_method(f, o, argc, args);
}

/* ---- Instances ----------------------------------------------------------- */

uint32_t instance_field_count(const class_object *c) {
  return c->fields == JANK_NIL ? 0 : vector_count(c->fields);
}

instance_object *instance_make(class_object *c, uint32_t n) {
  instance_object *i =
      gc_alloc(JANK_TYPE_INSTANCE, sizeof *i + n * sizeof *i->fields);
  i->header.aux = (uint16_t)n;
  i->class = c;
  return i;
}

static instance_object *instance_copy(const instance_object *i) {
  instance_object *copy = instance_make(i->class, i->header.aux);
  copy->meta = i->meta;
  copy->extra = i->extra;
  memcpy(copy->fields, i->fields, i->header.aux * sizeof *i->fields);
  return copy;
}

O jank_field(O o, O number) {
  if (is_type(o, JANK_TYPE_INSTANCE) && fixnum_value(number) < o->aux)
    return ((instance_object *)o)->fields[fixnum_value(number)];
  error_throw("ClassCastException", "a method was called with a %s",
              error_type_name(o));
}

static int64_t field_index(const class_object *c, O name) {
  for (uint32_t i = 0; i < instance_field_count(c); i++)
    if (value_equal(vector_nth(c->fields, i), name))
      return i;
  return -1;
}

static O *field_slot(O o, O name) {
  instance_object *i = (instance_object *)o;
  int64_t n = field_index(i->class, name);
  if (n < 0)
    error_throw(
        "IllegalArgumentException", "No matching field found: %s for %s",
        ((symbol_object *)name)->name->text, i->class->name->name->text);
  return &i->fields[n];
}

O instance_get_field(O o, O name) { return *field_slot(o, name); }

O instance_set_field(O o, O name, O value) {
  gc_write(o);
  return *field_slot(o, name) = value;
}

bool instance_find_member(O o, O name, O args, O *result) {
  O f = method_named(o, name);
  if (!f && (args != JANK_NIL ||
             field_index(((instance_object *)o)->class, name) < 0))
    return false;
  *result = f ? fn_apply(f, seq_cons(o, args)) : instance_get_field(o, name);
  return true;
}

/* ---- Records ------------------------------------------------------------- */

bool instance_is_record(O o) {
  return is_type(o, JANK_TYPE_INSTANCE) &&
         (((instance_object *)o)->class->header.flags & CLASS_RECORD);
}

/* The field that a keyword names; -1: none. */
static int64_t key_index(const class_object *c, O key) {
  if (!is_type(key, JANK_TYPE_KEYWORD) || ((symbol_object *)key)->ns)
    return -1;
  string_object *name = ((symbol_object *)key)->name;
  for (uint32_t i = 0; i < instance_field_count(c); i++) {
    string_object *field = ((symbol_object *)vector_nth(c->fields, i))->name;
    if (field == name || strcmp(field->text, name->text) == 0)
      return i;
  }
  return -1;
}

static O field_key(const class_object *c, uint32_t i) {
  symbol_object *field = (symbol_object *)vector_nth(c->fields, i);
  return &symbol_keyword(NULL, field->name->text)->header;
}

static O record_get(O r, O key, O otherwise) {
  instance_object *o = (instance_object *)r;
  int64_t i = key_index(o->class, key);
  if (i >= 0)
    return o->fields[i];
  return o->extra == JANK_NIL ? otherwise : map_get(o->extra, key, otherwise);
}

O instance_record_assoc(O r, O key, O value) {
  instance_object *copy = instance_copy((instance_object *)r);
  int64_t i = key_index(copy->class, key);
  if (i >= 0)
    copy->fields[i] = value;
  else
    copy->extra = map_assoc(copy->extra == JANK_NIL ? map_empty : copy->extra,
                            key, value);
  return &copy->header;
}

static O record_map(O r) {
  instance_object *o = (instance_object *)r;
  O map = map_empty;
  for (uint32_t i = 0; i < o->header.aux; i++)
    map = map_assoc(map, field_key(o->class, i), o->fields[i]);
  for (O s = seq(o->extra); s != JANK_NIL; s = seq_next(s))
    map = coll_conj(map, seq_first(s));
  return map;
}

/* Without one of its fields it is no longer a record. */
static O record_dissoc(O r, O key) {
  instance_object *o = (instance_object *)r;
  if (key_index(o->class, key) >= 0)
    return map_with_meta(map_dissoc(record_map(r), key), o->meta);
  if (o->extra == JANK_NIL || !map_find(o->extra, key))
    return r;
  instance_object *copy = instance_copy(o);
  copy->extra = map_dissoc(o->extra, key);
  if (map_count(copy->extra) == 0)
    copy->extra = JANK_NIL;
  return &copy->header;
}

static O record_seq(O r) {
  instance_object *o = (instance_object *)r;
  O s = o->extra == JANK_NIL ? JANK_NIL : map_seq(o->extra);
  for (uint32_t i = o->header.aux; i-- > 0;)
    s = seq_cons(entry_make(field_key(o->class, i), o->fields[i]), s);
  return s;
}

static int64_t record_count(O r) {
  instance_object *o = (instance_object *)r;
  return o->header.aux + (o->extra == JANK_NIL ? 0 : map_count(o->extra));
}

static bool record_equal(O a, O b) {
  instance_object *x = (instance_object *)a, *y = (instance_object *)b;
  if (x->class != y->class || !value_equal(x->extra, y->extra))
    return false;
  for (uint32_t i = 0; i < x->header.aux; i++)
    if (!value_equal(x->fields[i], y->fields[i]))
      return false;
  return true;
}

static uint32_t record_hash(O r) {
  return value_hash(&((instance_object *)r)->class->name->header) ^
         value_hash(record_map(r));
}

/* ---- As a collection ----------------------------------------------------- */

static _Noreturn void no_seq(O o) {
  error_throw("IllegalArgumentException",
              "Don't know how to create ISeq from: %s", error_class_name(o));
}

/* It may be a seq itself. */
static O to_seq(O o) {
  if (instance_is_record(o))
    return record_seq(o);
  if (!instance_method(o, METHOD_seq))
    no_seq(o);
  O s = instance_call(o, METHOD_seq, 0, NULL);
  return is_type(s, JANK_TYPE_INSTANCE) ? s : seq(s);
}

static O first(O s) { return instance_call(s, METHOD_first, 0, NULL); }

static O next(O s) { return instance_call(s, METHOD_next, 0, NULL); }

static bool count(O o, int64_t *n) {
  if (instance_is_record(o))
    *n = record_count(o);
  else if (instance_method(o, METHOD_count))
    *n = jank_unbox_integer(instance_call(o, METHOD_count, 0, NULL));
  else
    return false;
  return true;
}

/* In the place of what is not found comes the result: see coll_kind. */
static bool nth(O o, int64_t i, O *not_found, bool has_default) {
  if (!instance_method(o, METHOD_nth))
    return false;
  O args[] = {jank_box_integer(i), *not_found};
  *not_found = instance_call(o, METHOD_nth, has_default ? 2 : 1, args);
  return true;
}

static O get(O coll, O key, O not_found) {
  O args[] = {key, not_found};
  if (instance_is_record(coll))
    return record_get(coll, key, not_found);
  if (instance_method(coll, METHOD_valAt))
    return instance_call(coll, METHOD_valAt, not_found == JANK_NIL ? 1 : 2,
                         args);
  if (instance_method(coll, METHOD_get) && seq_is_set(coll))
    return coll_contains(coll, key) ? instance_call(coll, METHOD_get, 1, args)
                                    : not_found;
  return not_found;
}

static bool contains(O o, O key, bool *result) {
  if (instance_is_record(o))
    *result = record_get(o, key, JANK_UNBOUND) != JANK_UNBOUND;
  else if (instance_method(o, METHOD_containsKey))
    *result = truthy(instance_call(o, METHOD_containsKey, 1, &key));
  else if (instance_method(o, METHOD_contains))
    *result = truthy(instance_call(o, METHOD_contains, 1, &key));
  else
    return false;
  return true;
}

static O conj_to(O o, O x) {
  if (instance_is_record(o))
    return coll_add_entries(o, x);
  if (!instance_method(o, METHOD_cons))
    error_type("conj", "a collection", o);
  return instance_call(o, METHOD_cons, 1, &x);
}

static O assoc(O o, O key, O value) {
  if (instance_is_record(o))
    return instance_record_assoc(o, key, value);
  if (!instance_method(o, METHOD_assoc))
    error_type("assoc", "a map, vector or nil", o);
  return instance_call(o, METHOD_assoc, 2, (O[]){key, value});
}

static O dissoc(O o, O key) {
  if (instance_is_record(o))
    return record_dissoc(o, key);
  if (!instance_method(o, METHOD_without))
    error_type("dissoc", "a map", o);
  return instance_call(o, METHOD_without, 1, &key);
}

static bool reduce_with(O f, O *acc, O o) {
  if (!instance_method(o, METHOD_reduce))
    return false;
  *acc = instance_call(o, METHOD_reduce, 2, (O[]){f, *acc});
  return true;
}

static bool is_callable(O o) { return instance_method(o, METHOD_invoke); }

const struct coll_kind instance_kind = {
    .seq = to_seq,
    .first = first,
    .next = next,
    .count = count,
    .nth = nth,
    .get = get,
    .contains = contains,
    .conj = conj_to,
    .assoc = assoc,
    .dissoc = dissoc,
    .reduce = reduce_with,
    .is = class_is,
    .is_callable = is_callable,
};

/* ---- As a value ---------------------------------------------------------- */

/* A record is equal to records only; any other instance is asked, whichever side it is
 * on; and without a method for it, its contents tell. */
bool instance_equal(O a, O b) {
  STACK_GUARD();
  if (instance_is_record(a) || instance_is_record(b))
    return instance_is_record(a) && instance_is_record(b) && record_equal(a, b);
  bool left = is_type(a, JANK_TYPE_INSTANCE);
  O own = left ? a : b, other = left ? b : a;
  if (instance_method(own, METHOD_equiv))
    return truthy(instance_call(own, METHOD_equiv, 1, &other));
  if (instance_method(own, METHOD_equals))
    return truthy(instance_call(own, METHOD_equals, 1, &other));
  if (seq_is_map(a) && seq_is_map(b))
    return same_entries(a, b);
  if (seq_is_set(a) && seq_is_set(b))
    return same_elements(a, b);
  return seq_is_sequential(a) && seq_is_sequential(b) && same_sequential(a, b);
}

uint32_t instance_hash(O o) {
  if (instance_is_record(o))
    return record_hash(o);
  static const enum type_method methods[] = {METHOD_hasheq, METHOD_hashCode};
  for (int i = 0; i < 2; i++)
    if (instance_method(o, methods[i]))
      return (uint32_t)jank_unbox_integer(
          instance_call(o, methods[i], 0, NULL));
  if (seq_is_sequential(o) || seq_is_map(o) || seq_is_set(o))
    return same_hash(o);
  return value_hash_address(o);
}

int instance_compare(O o, O b) {
  if (!instance_method(o, METHOD_compareTo))
    error_type("compare", "something that has an order", o);
  return (int)jank_unbox_integer(instance_call(o, METHOD_compareTo, 1, &b));
}

O instance_invoke(O f, int argc, O *args) {
  if (!instance_method(f, METHOD_invoke))
    error_throw("ClassCastException", "%s (%s) cannot be called as a function",
                error_shown(f), error_type_name(f));
  return instance_call(f, METHOD_invoke, argc, args);
}

O instance_meta(O o) {
  return !instance_is_record(o) && instance_method(o, METHOD_meta)
             ? instance_call(o, METHOD_meta, 0, NULL)
             : ((instance_object *)o)->meta;
}

O instance_with_meta(O o, O meta) {
  if (!instance_is_record(o)) {
    if (instance_method(o, METHOD_withMeta))
      return instance_call(o, METHOD_withMeta, 1, &meta);
    if (!(((instance_object *)o)->class->header.flags & CLASS_REIFY))
      error_type("with-meta", "an object that can carry metadata", o);
  }
  instance_object *copy = instance_copy((instance_object *)o);
  copy->meta = meta;
  return &copy->header;
}

/* A type's own method says how it prints. */
static bool print_by_method(buffer *out, O o, bool readably) {
  const char *name = class_of(o)->name->name->text;
  if (readably && instance_method(o, METHOD_print)) {
    print_nested(out, instance_call(o, METHOD_print, 0, NULL), false);
    return true;
  }
  if (!instance_method(o, METHOD_toString) ||
      (readably && (seq_is_sequential(o) || seq_is_map(o))))
    return false;
  O text = instance_call(o, METHOD_toString, 0, NULL);
  if (readably)
    buffer_format(out, "#object[%s ", name);
  print_nested(out, text, readably);
  if (readably)
    buffer_byte(out, ']');
  return true;
}

void instance_print(buffer *out, O o, bool readably) {
  const char *name = class_of(o)->name->name->text;
  bool is_still = print_limits_now()->is_still;
  if (!is_still && print_by_method(out, o, readably))
    return;
  if (instance_is_record(o))
    buffer_format(out, "#%s", name);
  if (instance_is_record(o) || (!is_still && seq_is_map(o)))
    print_entries(out, o, true);
  else if (!is_still && seq_is_set(o))
    print_set(out, o, true);
  else if (!is_still && class_is(o, "IPersistentVector"))
    print_vector(out, o, true);
  else if (!is_still && seq_is_sequential(o))
    print_seq(out, o, true);
  else
    buffer_format(out, "#object[%s]", name);
}
