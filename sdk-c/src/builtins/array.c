/* array.c - arrays of the JVM: make-array, aget, aset. Which values an array of
 * a kind takes is minded here. aget and its like take arrays of JavaScript as
 * well. */
#include "collection/array.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/coll.h"
#include "collection/seq.h"
#include "host/host.h"
#include "runtime/js.h"
#include "value/box.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/word.h"
#include <string.h>

static const struct {
  const char *name;
  int64_t lowest, highest;
} kinds[] = {
#define X(kind, lowest, highest) {#kind, lowest, highest},
    ARRAY_KINDS(X)
#undef X
};

static array_object *want(const char *who, O o) {
  if (!is_type(o, JANK_TYPE_ARRAY))
    error_type(who, "an array", o);
  return (array_object *)o;
}

static O whole(enum array_kind kind, O x) {
  int64_t n = is_char(x)          ? (int64_t)char_value(x)
              : box_is_integer(x) ? jank_unbox_integer(x)
                                  : (int64_t)jank_unbox_double(x);
  if (n < kinds[kind].lowest || n > kinds[kind].highest)
    error_throw("IllegalArgumentException", "Value out of range for %s: %lld",
                kinds[kind].name, (long long)n);
  return jank_box_integer(n);
}

static O stored(enum array_kind kind, O x) {
  switch (kind) {
  case KIND_object:
    return x;
  case KIND_boolean:
    return boolean(truthy(x));
  case KIND_char:
    if (!is_char(x))
      error_type("char array", "a character", x);
    return x;
  case KIND_float:
    return jank_box_double((float)jank_unbox_double(x));
  case KIND_double:
    return jank_box_double(jank_unbox_double(x));
  default:
    return whole(kind, x);
  }
}

static O initial(enum array_kind kind) {
  return kind == KIND_object                         ? JANK_NIL
         : kind == KIND_boolean                      ? JANK_FALSE
         : kind == KIND_char                         ? make_char(0)
         : kind == KIND_float || kind == KIND_double ? jank_box_double(0)
                                                     : fixnum(0);
}

static enum array_kind kind_named(O name) {
  if (is_type(name, JANK_TYPE_STRING))
    for (int i = 0; i < KIND_COUNT; i++)
      if (strcmp(kinds[i].name, ((string_object *)name)->text) == 0)
        return (enum array_kind)i;
  error_type("make-array", "a kind of elements", name);
}

/* (array* kind size init-or-seq): "long" 3 nil */
static O make(O self, O kind_name, O size, O init) {
  enum array_kind kind = kind_named(kind_name);
  O s = JANK_NIL;
  if (!box_is_number(size)) {
    s = seq(size);
    size = jank_box_integer(coll_count(size));
  } else if (init != JANK_NIL && !box_is_number(init) && !is_char(init)) {
    s = seq(init);
    init = JANK_NIL;
  }
  int64_t n = jank_unbox_integer(size);
  if (n < 0)
    error_throw("NegativeArraySizeException", "%lld", (long long)n);
  if (n > INT32_MAX / 8)
    error_throw("OutOfMemoryError", "an array of %lld elements", (long long)n);
  O first_value = init == JANK_NIL ? initial(kind) : stored(kind, init);
  array_object *a = (array_object *)array_make((uint32_t)n);
  a->header.flags = (uint8_t)kind;
  for (uint32_t i = 0; i < a->count; i++, s = s == JANK_NIL ? s : seq_next(s))
    a->items[i] = s == JANK_NIL ? first_value : stored(kind, seq_first(s));
  return &a->header;
}

static O *place(const char *who, array_object *a, O index) {
  int64_t i = box_is_integer(index) ? jank_unbox_integer(index)
                                    : (int64_t)jank_unbox_double(index);
  if (i < 0 || i >= a->count)
    error_throw("ArrayIndexOutOfBoundsException",
                "Index %lld out of bounds for length %u", (long long)i,
                a->count);
  return &a->items[i];
}

static O aget(O self, O a, O i) {
  if (is_type(a, JANK_TYPE_JS))
    return js_operate(JS_OP_get, 2, (O[]){a, i});
  return *place("aget", want("aget", a), i);
}

static O aset(O self, O a, O i, O x) {
  if (is_type(a, JANK_TYPE_JS)) {
    js_operate(JS_OP_set, 3, (O[]){a, i, x});
    return x;
  }
  array_object *array = want("aset", a);
  O item = stored((enum array_kind)a->flags, x);
  gc_write(a);
  return *place("aset", array, i) = item;
}

static O alength(O self, O a) {
  if (is_type(a, JANK_TYPE_JS))
    return js_operate(JS_OP_length, 1, &a);
  return jank_box_integer(want("alength", a)->count);
}

static O aclone(O self, O a) {
  array_object *from = want("aclone", a);
  array_object *copy = (array_object *)array_make(from->count);
  copy->header.flags = a->flags;
  memcpy(copy->items, from->items, from->count * sizeof *copy->items);
  return &copy->header;
}

static O kind_of(O self, O a) {
  return is_type(a, JANK_TYPE_ARRAY) ? jank_make_string(kinds[a->flags].name)
                                     : JANK_NIL;
}

const struct patch_symbol array_builtins[] = {
    CORE("array*", "[kind size-or-seq init]", make),
    CORE("aget", "[array idx]", aget),
    CORE("aset", "[array idx val]", aset),
    CORE("alength", "[array]", alength, "The number of elements of the array."),
    CORE("aclone", "[array]", aclone,
         "A new array of the same kind with the same elements."),
    CORE("array-kind*", "[array]", kind_of),
    {0},
};
