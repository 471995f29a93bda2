/* reference.c - atoms, volatiles, delays and reduced values, and deref of each
 * of them and of vars.
 *
 * There is one thread, but a function that is passed to swap! may itself change
 * the atom: swap! then starts again, as it does on the JVM.
 */
#include "runtime/reference.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/coll.h"
#include "collection/reduce.h"
#include "collection/seq.h"
#include "runtime/fn.h"
#include "runtime/instance.h"
#include "runtime/journal.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/throw.h"
#include "value/word.h"

static ref_object *ref_make(enum jank_type type, jank_object *value) {
  ref_object *r = gc_alloc(type, sizeof *r);
  r->value = value;
  return r;
}

static ref_object *ref_check(const char *who, enum jank_type type,
                             const char *expected, jank_object *o) {
  if (!is_type(o, type))
    error_type(who, expected, o);
  return (ref_object *)o;
}

static ref_object *atom_check(const char *who, jank_object *o) {
  return ref_check(who, JANK_TYPE_ATOM, "an atom", o);
}

/* ---- Atoms --------------------------------------------------------------- */

static void atom_validate(jank_object *validator, jank_object *value) {
  if (validator != JANK_NIL && !truthy(jank_call1(validator, value)))
    error_throw("IllegalStateException", "Invalid reference state");
}

static void atom_notify(ref_object *a, jank_object *old, jank_object *value) {
  for (jank_object *s = seq(a->watches); s != JANK_NIL; s = seq_next(s)) {
    jank_object *entry = seq_first(s);
    jank_object *args[] = {coll_nth(entry, 0, JANK_NIL, false),
                           (jank_object *)a, old, value};
    jank_call_n(coll_nth(entry, 1, JANK_NIL, false), 4, args);
  }
}

/* False when the atom no longer holds `old`. */
static bool atom_exchange(ref_object *a, jank_object *old, jank_object *value) {
  atom_validate(a->validator, value);
  if (a->value != old)
    return false;
  gc_write(&a->header);
  a->value = value;
  atom_notify(a, old, value);
  return true;
}

static jank_object *pair(jank_object *a, jank_object *b) {
  jank_object *items[] = {a, b};
  return jank_make_vector(2, items);
}

static jank_object *atom_make(jank_object *self, jank_object *value) {
  return (jank_object *)ref_make(JANK_TYPE_ATOM, value);
}

static jank_object *atom_make_with(jank_object *self, jank_object *value,
                                   jank_object *options) {
  jank_object *validator = JANK_NIL, *meta = JANK_NIL;
  for (jank_object *s = seq(options); s != JANK_NIL;
       s = seq_next(seq_next(s))) {
    if (seq_next(s) == JANK_NIL)
      error_throw("IllegalArgumentException", "atom: option without a value");
    if (seq_first(s) == jank_make_keyword(NULL, "validator"))
      validator = seq_first(seq_next(s));
    else if (seq_first(s) == jank_make_keyword(NULL, "meta"))
      meta = seq_first(seq_next(s));
  }
  atom_validate(validator, value);
  ref_object *a = ref_make(JANK_TYPE_ATOM, value);
  a->validator = validator;
  a->meta = meta;
  return (jank_object *)a;
}

/* (f old args ...) until nobody else changed the atom; *old is what it was. */
static jank_object *atom_update(const char *who, jank_object *atom,
                                jank_object *f, jank_object *args,
                                jank_object **old) {
  ref_object *a = atom_check(who, atom);
  for (;;) {
    *old = a->value;
    jank_object *value = args == JANK_NIL ? jank_call1(f, *old)
                                          : fn_apply(f, seq_cons(*old, args));
    if (atom_exchange(a, *old, value))
      return value;
  }
}

static jank_object *atom_swap(jank_object *self, jank_object *atom,
                              jank_object *f, jank_object *args) {
  jank_object *old;
  return atom_update("swap!", atom, f, args, &old);
}

/* As a rule nobody watches, and f leaves the atom alone. */
static jank_object *atom_swap_one(jank_object *self, jank_object *atom,
                                  jank_object *f) {
  ref_object *a = atom_check("swap!", atom);
  jank_object *old = a->value, *value = jank_call1(f, old);
  if (a->value == old && a->watches == JANK_NIL && a->validator == JANK_NIL) {
    gc_write(atom);
    return a->value = value;
  }
  return atom_exchange(a, old, value) ? value
                                      : atom_swap(self, atom, f, JANK_NIL);
}

static jank_object *atom_swap_vals(jank_object *self, jank_object *atom,
                                   jank_object *f, jank_object *args) {
  jank_object *old;
  jank_object *value = atom_update("swap-vals!", atom, f, args, &old);
  return pair(old, value);
}

static jank_object *atom_replace(const char *who, jank_object *atom,
                                 jank_object *value) {
  ref_object *a = atom_check(who, atom);
  jank_object *old;
  do
    old = a->value;
  while (!atom_exchange(a, old, value));
  return old;
}

static jank_object *atom_reset(jank_object *self, jank_object *atom,
                               jank_object *value) {
  atom_replace("reset!", atom, value);
  return value;
}

static jank_object *atom_reset_vals(jank_object *self, jank_object *atom,
                                    jank_object *value) {
  return pair(atom_replace("reset-vals!", atom, value), value);
}

static jank_object *atom_compare_and_set(jank_object *self, jank_object *atom,
                                         jank_object *old, jank_object *value) {
  ref_object *a = atom_check("compare-and-set!", atom);
  return boolean(a->value == old && atom_exchange(a, old, value));
}

static jank_object *atom_add_watch(jank_object *self, jank_object *atom,
                                   jank_object *key, jank_object *f) {
  ref_object *a = atom_check("add-watch", atom);
  a->watches = coll_assoc(a->watches, key, f);
  gc_write(atom);
  return atom;
}

static jank_object *atom_remove_watch(jank_object *self, jank_object *atom,
                                      jank_object *key) {
  ref_object *a = atom_check("remove-watch", atom);
  a->watches = coll_dissoc(a->watches, key);
  gc_write(atom);
  return atom;
}

static jank_object *atom_set_validator(jank_object *self, jank_object *atom,
                                       jank_object *f) {
  ref_object *a = atom_check("set-validator!", atom);
  atom_validate(f, a->value);
  gc_write(atom);
  a->validator = f;
  return JANK_NIL;
}

static jank_object *atom_get_validator(jank_object *self, jank_object *atom) {
  return atom_check("get-validator", atom)->validator;
}

/* A rollback takes it back: for methods, which a program changes by evaluating. */
static jank_object *atom_journal(jank_object *self, jank_object *atom) {
  journal_change((jank_object *)atom_check("journal*", atom));
  return JANK_NIL;
}

/* ---- Volatiles ----------------------------------------------------------- */

static jank_object *volatile_make(jank_object *self, jank_object *value) {
  return (jank_object *)ref_make(JANK_TYPE_VOLATILE, value);
}

static ref_object *volatile_check(const char *who, jank_object *o) {
  return ref_check(who, JANK_TYPE_VOLATILE, "a volatile", o);
}

static jank_object *volatile_reset(jank_object *self, jank_object *v,
                                   jank_object *value) {
  ref_object *r = volatile_check("vreset!", v);
  gc_write(v);
  return r->value = value;
}

static jank_object *volatile_swap(jank_object *self, jank_object *v,
                                  jank_object *f, jank_object *args) {
  ref_object *r = volatile_check("vswap!", v);
  jank_object *value = args == JANK_NIL ? jank_call1(f, r->value)
                                        : fn_apply(f, seq_cons(r->value, args));
  gc_write(v);
  return r->value = value;
}

static jank_object *volatile_is(jank_object *self, jank_object *o) {
  return boolean(is_type(o, JANK_TYPE_VOLATILE));
}

/* ---- Delays -------------------------------------------------------------- */

static jank_object *delay_make(jank_object *self, jank_object *thunk) {
  ref_object *d = ref_make(JANK_TYPE_DELAY, JANK_NIL);
  d->validator = thunk;
  return (jank_object *)d;
}

static jank_object *delay_run(void *thunk) { return jank_call0(thunk); }

static jank_object *delay_force(ref_object *d) {
  if (d->header.flags == DELAY_PENDING) {
    jank_object *value = JANK_NIL, *exception = JANK_NIL;
    bool ok = throw_catch(delay_run, d->validator, &value, &exception);
    if (!ok && error_is_interrupt(exception))
      jank_throw(exception);                /* another try may end */
    if (d->header.flags == DELAY_PENDING) { /* not forced from within */
      gc_write(&d->header);
      d->value = ok ? value : exception;
      d->validator = JANK_NIL;
      d->header.flags = ok ? DELAY_DONE : DELAY_FAILED;
    }
  }
  if (d->header.flags == DELAY_FAILED)
    jank_throw(d->value);
  return d->value;
}

static jank_object *delay_is(jank_object *self, jank_object *o) {
  return boolean(is_type(o, JANK_TYPE_DELAY));
}

static jank_object *force(jank_object *self, jank_object *o) {
  return is_type(o, JANK_TYPE_DELAY) ? delay_force((ref_object *)o) : o;
}

/* ---- Reduced values ------------------------------------------------------ */

static jank_object *reduced_make(jank_object *self, jank_object *value) {
  return reduce_done(value);
}

static jank_object *reduced_is(jank_object *self, jank_object *o) {
  return boolean(is_type(o, JANK_TYPE_REDUCED));
}

static jank_object *unreduced(jank_object *self, jank_object *o) {
  return is_type(o, JANK_TYPE_REDUCED) ? ((reduced_object *)o)->value : o;
}

static jank_object *ensure_reduced(jank_object *self, jank_object *o) {
  return is_type(o, JANK_TYPE_REDUCED) ? o : reduced_make(self, o);
}

/* ---- deref --------------------------------------------------------------- */

static jank_object *var_value(var_object *v) {
  if (v->root == JANK_UNBOUND)
    error_throw("IllegalStateException", "%s/%s is unbound",
                v->ns->name->name->text, v->name->name->text);
  return v->root;
}

static jank_object *deref(jank_object *self, jank_object *o) {
  if (is_heap(o))
    switch (o->type) {
    case JANK_TYPE_ATOM:
    case JANK_TYPE_VOLATILE:
    case JANK_TYPE_REDUCED:
      return ((ref_object *)o)->value;
    case JANK_TYPE_DELAY:
      return delay_force((ref_object *)o);
    case JANK_TYPE_VAR:
      return var_value((var_object *)o);
    case JANK_TYPE_INSTANCE:
      if (instance_method(o, METHOD_deref))
        return instance_call(o, METHOD_deref, 0, NULL);
      break;
    }
  error_type("deref", "a reference", o);
}

const struct patch_symbol reference_builtins[] = {
    CORE("atom", "[x]", atom_make,
         "A reference that holds x: deref gives its value, swap! and reset! "
         "change it. Options are :meta and :validator."),
    CORE("atom", "[x & options]", atom_make_with),
    CORE("swap!", "[atom f]", atom_swap_one,
         "Sets the atom to (f value args ...) and returns that."),
    CORE("swap!", "[atom f & args]", atom_swap),
    CORE("swap-vals!", "[atom f & args]", atom_swap_vals,
         "Sets the atom to (f value args ...). Returns the values before and "
         "after, in a vector."),
    CORE("reset!", "[atom newval]", atom_reset,
         "Sets the atom to newval and returns that."),
    CORE("reset-vals!", "[atom newval]", atom_reset_vals,
         "Sets the atom to newval. Returns the values before and after, in a "
         "vector."),
    CORE("compare-and-set!", "[atom oldval newval]", atom_compare_and_set,
         "Sets the atom to newval when its value is oldval, the very same "
         "object. True when it was set."),
    CORE("add-watch", "[reference key fn]", atom_add_watch,
         "Has (fn key reference old new) called after every change of the "
         "reference. Another watch with the same key takes its place. Returns "
         "the reference."),
    CORE("remove-watch", "[reference key]", atom_remove_watch,
         "Ends the watch that was added with the key. Returns the reference."),
    CORE("set-validator!", "[iref validator-fn]", atom_set_validator,
         "Has every new value of the reference tested: when validator-fn is "
         "falsey, or throws, the change is refused. nil ends that."),
    CORE("get-validator", "[iref]", atom_get_validator,
         "The validator of the reference, or nil."),
    CORE("journal*", "[atom]", atom_journal),
    CORE("volatile!", "[val]", volatile_make,
         "A reference like an atom, without watches and validators; for the "
         "state of a transducer."),
    CORE("vreset!", "[vol newval]", volatile_reset,
         "Sets the volatile to newval and returns that."),
    CORE("vswap!", "[vol f & args]", volatile_swap,
         "Sets the volatile to (f value args ...) and returns that."),
    CORE("volatile?", "[x]", volatile_is, "True when x is a volatile."),
    CORE("delay*", "[thunk]", delay_make),
    CORE("delay?", "[x]", delay_is, "True when x is a delay."),
    CORE("force", "[x]", force,
         "The value of a delay, which is computed now if it was not yet; "
         "anything else as it is."),
    CORE("reduced", "[x]", reduced_make,
         "Wraps x, so that a reduction whose function returns it ends with x."),
    CORE("reduced?", "[x]", reduced_is, "True when x was wrapped by reduced."),
    CORE("unreduced", "[x]", unreduced,
         "What reduced has wrapped; anything else as it is."),
    CORE("ensure-reduced", "[x]", ensure_reduced,
         "x, wrapped by reduced unless it is so already."),
    CORE("deref", "[ref]", deref,
         "The value of an atom, var, volatile, delay, promise, future or "
         "reduced value: what @ref stands for."),
    {0}};
