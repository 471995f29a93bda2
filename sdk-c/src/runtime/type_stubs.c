/* type_stubs.c - functions that deftype and defprotocol make without compiling:
 * constructors, and a protocol's methods, which go on to an implementation. */
#include "runtime/type_stubs.h"
#include "collection/coll.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/instance.h"
#include "runtime/type.h"
#include "value/arity.h"
#include "value/call.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"
#include <string.h>

/* ---- Constructors -------------------------------------------------------- */

/* new* and a type's ->Name: the class comes first, or is captured. */
static O construct(O self, int argc, O *args) {
  return type_construct(argc, args);
}

static O construct_own(O self, int argc, O *args) {
  O all[JANK_MAX_ARITY + 1] = {((fn_object *)self)->captures[0]};
  memcpy(all + 1, args, (size_t)argc * sizeof *args);
  return type_construct(argc + 1, all);
}

#define X(n) STUB(construct, n)
COUNTS(X)
#undef X
#define X(n) STUB(construct_own, n)
COUNTS(X)
#undef X
static void *const construct_stubs[] = {
#define X(n) (void *)construct_##n,
    COUNTS(X)
#undef X
};
static void *const construct_own_stubs[] = {
#define X(n) (void *)construct_own_##n,
    COUNTS(X)
#undef X
};

fn_object *type_stubs_constructor(class_object *c) {
  string_object *name = c->name->name;
  code_object *code = fn_code_make(name, JANK_NIL);
  uint32_t n = c->fields == JANK_NIL ? 0 : vector_count(c->fields);
  if (n > JANK_MAX_ARITY)
    error_throw("IllegalArgumentException", "%s: more than %d fields",
                name->text, JANK_MAX_ARITY);
  code->entries[n] = construct_own_stubs[n];
  fn_object *f = fn_make(code, 1);
  f->captures[0] = &c->header;
  return f;
}

code_object *type_stubs_new(void) {
  code_object *code = fn_code_make(string_make("new", 3), JANK_NIL);
  memcpy(code->entries, construct_stubs, sizeof code->entries);
  return code;
}

/* ---- Methods of protocols ------------------------------------------------ */

/* A protocol's method goes on to the implementation for its first argument: the
 * one in the cache without a frame of its own. */
static inline fn_object *cached(O self, O argument) {
  if (!is_type(argument, JANK_TYPE_INSTANCE))
    return NULL;
  O class = &((instance_object *)argument)->class->header;
  const dispatch_entry *e = &type_dispatch_cache[DISPATCH_SLOT(self, class)];
  return e->method == self && e->class == class ? (fn_object *)e->function
                                                : NULL;
}

static O dispatch(O self, int argc, O *args) {
  O f = type_dispatch(self, args[0]);
  return is_type(f, JANK_TYPE_FN) ? jank_call_n(f, argc, args)
                                  : call_value(f, argc, args);
}

#define DISPATCH(n)                                                            \
  static O __attribute__((noinline)) found_##n(O self PARAMS_##n) {            \
    O args[] = {JANK_NIL NAMES_##n};                                           \
    return dispatch(self, n, args + 1);                                        \
  }                                                                            \
  static O dispatch_##n(O self PARAMS_##n) {                                   \
    fn_object *f = cached(self, a0);                                           \
    if (!f)                                                                    \
      return found_##n(self NAMES_##n);                                        \
    return ((O(*)(O PARAMS_##n))f->code->entries[n])(&f->header NAMES_##n);    \
  }
#define DISPATCH_COUNTS(X) X(1) X(2) X(3) X(4) X(5) X(6)
#define X(n) DISPATCH(n)
DISPATCH_COUNTS(X)
#undef X
#define MORE_COUNTS(X)                                                         \
  X(7)                                                                         \
  X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20)
#define X(n) STUB(dispatch, n)
MORE_COUNTS(X)
#undef X
static void *const dispatch_stubs[] = {NULL,
#define X(n) (void *)dispatch_##n,
                                       DISPATCH_COUNTS(X) MORE_COUNTS(X)
#undef X
};

fn_object *type_stubs_dispatch(string_object *name, O arglists) {
  code_object *code = fn_code_make(name, JANK_NIL);
  for (O s = seq(arglists); s != JANK_NIL; s = seq_next(s)) {
    int64_t n = coll_count(seq_first(s));
    if (n < 1 || n > JANK_MAX_ARITY)
      error_throw("IllegalArgumentException",
                  "%s: a protocol's method takes 1 to %d arguments", name->text,
                  JANK_MAX_ARITY);
    code->entries[n] = dispatch_stubs[n];
  }
  return fn_make(code, 3);
}
