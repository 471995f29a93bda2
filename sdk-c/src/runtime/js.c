/* js.c - values of JavaScript in jank, and of jank in JavaScript.
 *
 * A JS object holds a handle: a number in the host's table. One object of
 * JavaScript has one JS object for as long as that lives; when the collector
 * frees it, the host lets go. The other way round, a jank value that JavaScript
 * holds (a function as a callback, a collection as it is) is counted in `roots`
 * until JavaScript's own collector lets go.
 *
 * Text, numbers, truth and nil are copied. An exception of JavaScript is thrown
 * here as one whose class is its name; one of jank is an Error there, and the
 * same value again when it comes back.
 */
#include "runtime/js.h"
#include "base/buffer.h"
#include "base/grow.h"
#include "collection/array.h"
#include "collection/coll.h"
#include "collection/kind.h"
#include "collection/seqs.h"
#include "host/host.h"
#include "runtime/print.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/word.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Handles ------------------------------------------------------------- */

/* By handle; weak: not marked. An object that dies is taken out by its
 * finalizer, before its cell can be used again; the host gives the number to
 * something else only after that. */
static O *wrappers;
static size_t wrapper_capacity;

static O wrapper_of(int32_t handle) {
  uint32_t i = (uint32_t)handle;
  if (i >= wrapper_capacity) {
    size_t capacity = wrapper_capacity;
    wrappers = grow(wrappers, &capacity, (size_t)i + 1, sizeof *wrappers);
    memset(wrappers + wrapper_capacity, 0,
           (capacity - wrapper_capacity) * sizeof *wrappers);
    wrapper_capacity = capacity;
  }
  if (!wrappers[i]) {
    js_object *o = gc_alloc(JANK_TYPE_JS, sizeof *o);
    o->handle = handle;
    wrappers[i] = &o->header;
    gc_add_pressure(256); /* what it keeps alive over there */
  }
  return wrappers[i];
}

void js_finalize(O o) {
  int32_t handle = ((js_object *)o)->handle;
  wrappers[handle] = NULL;
  host_js_release(handle);
}

/* ---- What JavaScript holds: a hash table of counts ----------------------- */

typedef struct {
  O value;
  uint32_t count;
} root;
static root *roots;
static uint32_t root_capacity, root_used; /* with count 0: free again */

static void mark_js_roots(void) {
  for (uint32_t i = 0; i < root_capacity; i++)
    if (roots[i].count)
      gc_mark(roots[i].value);
}

static root *find_root(O value) {
  uint32_t mask = root_capacity - 1;
  uint32_t i = (uint32_t)((uintptr_t)value >> 3) * 2654435761u & mask;
  while (roots[i].value && roots[i].value != value)
    i = (i + 1) & mask;
  return &roots[i];
}

static bool grow_roots(void) {
  root *old = roots;
  uint32_t n = root_capacity, live = 0;
  for (uint32_t i = 0; i < n; i++)
    live += old[i].count > 0;
  uint32_t capacity = 64;
  while (capacity < live * 4)
    capacity *= 2;
  roots = calloc(capacity, sizeof *roots);
  if (!roots) {
    roots = old;
    return false;
  }
  root_capacity = capacity;
  root_used = live;
  for (uint32_t i = 0; i < n; i++)
    if (old[i].count)
      *find_root(old[i].value) = old[i];
  free(old);
  return true;
}

void jank_js_retain(O value) {
  if (root_used * 2 >= root_capacity && !grow_roots())
    return;
  root *r = find_root(value);
  root_used += !r->value;
  r->value = value;
  r->count++;
}

void jank_js_release(O value) {
  root *r = find_root(value);
  if (r->value == value && r->count)
    r->count--;
}

/* ---- Values across ------------------------------------------------------- */

/* What JavaScript sees as a function: not what can be called as well, a keyword or
 * a map. */
static bool is_function(O o) {
  return is_type(o, JANK_TYPE_FN) || is_type(o, JANK_TYPE_VAR) ||
         is_type(o, JANK_TYPE_SORTED_MAP) || is_type(o, JANK_TYPE_SORTED_SET) ||
         (kind_of(o) && kind_of(o)->is_callable && kind_of(o)->is_callable(o));
}

void js_give(struct js_value *v, O o) {
  *v = (struct js_value){0};
  if (o == JANK_NIL) {
    v->kind = JS_NULL;
  } else if (o == JANK_TRUE || o == JANK_FALSE) {
    v->kind = o == JANK_TRUE ? JS_TRUE : JS_FALSE;
  } else if (is_fixnum(o) || is_type(o, JANK_TYPE_LONG)) {
    int64_t n = jank_unbox_integer(o);
    v->kind = llabs(n) <= INT64_C(1) << 53 ? JS_NUMBER : JS_INTEGER;
    if (v->kind == JS_NUMBER)
      v->as.number = (double)n;
    else
      v->as.integer = n;
  } else if (is_type(o, JANK_TYPE_DOUBLE)) {
    v->kind = JS_NUMBER;
    v->as.number = jank_unbox_double(o);
  } else if (is_char(o)) {
    buffer text = {0};
    string_append_unit(&text, char_value(o));
    js_give(v, &string_from_buffer(&text)->header);
  } else if (is_type(o, JANK_TYPE_STRING)) {
    v->kind = JS_STRING;
    v->size = ((string_object *)o)->bytes;
    v->as.text = ((string_object *)o)->text;
  } else if (is_type(o, JANK_TYPE_JS)) {
    v->kind = JS_HANDLE;
    v->as.handle = ((js_object *)o)->handle;
  } else {
    v->kind = is_function(o) ? JS_FUNCTION : JS_OPAQUE;
    v->as.value = o;
  }
}

O js_take(struct js_value *v) {
  switch (v->kind) {
  case JS_TRUE:
    return JANK_TRUE;
  case JS_FALSE:
    return JANK_FALSE;
  case JS_NUMBER: {
    double d = v->as.number;
    bool whole = d == floor(d) && fabs(d) <= 9007199254740992.0 &&
                 !(d == 0 && signbit(d));
    return whole ? jank_box_integer((int64_t)d) : jank_box_double(d);
  }
  case JS_INTEGER:
    return jank_box_integer(v->as.integer);
  case JS_STRING: {
    O s = &string_make(v->as.text, v->size)->header;
    free((void *)(uintptr_t)v->as.text); /* the host's malloc */
    return s;
  }
  case JS_HANDLE:
    return wrapper_of(v->as.handle);
  case JS_FUNCTION:
  case JS_OPAQUE:
    return v->as.value;
  default:
    return JANK_NIL;
  }
}

O js_stack(void) {
  int32_t handle = host_trace();
  if (!handle)
    return JANK_NIL;
  gc_add_pressure(512);
  return wrapper_of(handle);
}

static _Noreturn void throw_as(O class_name, O message, O thrown) {
  exception_object *e = (exception_object *)error_make(
      ((string_object *)class_name)->text, message, JANK_NIL, JANK_NIL);
  e->host = e->trace = thrown;
  jank_throw(&e->header);
}

/* What was thrown in JavaScript: its error's name and message, and itself. */
static _Noreturn void throw_js(struct js_value *v, bool too_deep) {
  O thrown = js_take(v);
  if (too_deep)
    throw_as(jank_make_string("StackOverflowError"),
             jank_make_string("stack overflow: recursion is too deep"), thrown);
  if (!is_type(thrown, JANK_TYPE_JS))
    jank_throw(thrown);
  struct js_value parts[3];
  O found[2] = {JANK_NIL, JANK_NIL};
  static const char *const names[] = {"name", "message"};
  for (int i = 0; i < 2; i++) {
    js_give(&parts[0], thrown);
    js_give(&parts[1], jank_make_string(names[i]));
    if (host_js(JS_OP_get, 2, parts) == 0)
      found[i] = js_take(&parts[0]);
  }
  O name = is_type(found[0], JANK_TYPE_STRING) ? found[0]
                                               : jank_make_string("Error");
  throw_as(name, found[1], thrown);
}

/* An interruption that went into JavaScript, and has not come out of it. */
static O interruption;

void js_interrupt(O exception) { interruption = exception; }

O js_operate(enum js_op op, int argc, O *args) {
  struct js_value few[8], *values = few;
  if (argc > 8) {
    string_object *room = string_make("", (size_t)argc * sizeof *values);
    values = (struct js_value *)(void *)(((uintptr_t)room->text + 7) &
                                         ~(uintptr_t)7);
  }
  for (int i = 0; i < argc; i++)
    js_give(&values[i], args[i]);
  if (argc == 0)
    js_give(&values[0], JANK_NIL);
  int status = host_js(op, argc, values);
  if (interruption != JANK_NIL) { /* whatever JavaScript made of it */
    O e = interruption;
    js_take(&values[0]);
    interruption = JANK_NIL;
    jank_throw(e);
  }
  if (status != 0)
    throw_js(&values[0], status == JS_TOO_DEEP);
  return js_take(&values[0]);
}

/* ---- Start --------------------------------------------------------------- */

void js_init(void) {
  gc_add_marker(mark_js_roots);
  jank_add_root(&interruption);
}

/* ---- As values ----------------------------------------------------------- */

/* What an array or another iterable of JavaScript has now. */
static O items_of(O o) {
  int64_t n = jank_unbox_integer(js_operate(JS_OP_length, 1, &o));
  array_object *a =
      gc_alloc(JANK_TYPE_ARRAY, sizeof *a + (size_t)n * sizeof *a->items);
  a->count = (uint32_t)n;
  O items = js_operate(JS_OP_items, 1, &o);
  for (uint32_t i = 0; i < a->count; i++)
    a->items[i] = js_operate(JS_OP_get, 2, (O[]){items, fixnum(i)});
  return seqs_over_array(a, 0);
}

static bool count(O o, int64_t *n) {
  *n = jank_unbox_integer(js_operate(JS_OP_length, 1, &o));
  return true;
}

static bool nth(O o, int64_t i, O *found, bool has_default) {
  int64_t n;
  count(o, &n);
  if (i >= 0 && i < n)
    *found = js_operate(JS_OP_get, 2, (O[]){o, jank_box_integer(i)});
  else if (!has_default)
    coll_out_of_bounds(i, n);
  return true;
}

const struct coll_kind js_kind = {.seq = items_of, .count = count, .nth = nth};

O js_invoke(O f, int argc, O *args) {
  O all[JANK_MAX_ARITY + 1] = {f};
  memcpy(all + 1, args, (size_t)argc * sizeof *args);
  return js_operate(JS_OP_apply, argc + 1, all);
}

void js_print(buffer *out, O o, bool readably) {
  const print_limits *limits = print_limits_now();
  O args[] = {o, boolean(readably), boolean(limits->is_still),
              jank_box_double((double)limits->length),
              jank_box_double((double)limits->size)};
  print_nested(out, js_operate(JS_OP_show, 5, args), false);
}
