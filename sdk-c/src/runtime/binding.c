/* binding.c - thread bindings are shallow: the value is swapped in and out. One frame
 * is a list of [var old-root] pairs on a stack of frames. */
#include "runtime/binding.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/word.h"

static O frames;

void binding_init(void) { jank_add_root(&frames); }

/* All are checked before the first is bound. jank_var_set writes the root itself: a
 * call finds a bound function as it finds any other. */
void binding_push(O bindings) {
  O frame = JANK_NIL;
  for (O s = seq(bindings); s != JANK_NIL; s = seq_next(s)) {
    O var = seq_first(seq_first(s));
    if (!is_type(var, JANK_TYPE_VAR))
      error_type("binding", "a var", var);
    var_object *v = (var_object *)var;
    if (!(v->header.flags & VAR_DYNAMIC))
      error_throw("IllegalStateException",
                  "Can't dynamically bind non-dynamic var: %s/%s",
                  v->ns->name->name->text, v->name->name->text);
  }
  for (O s = seq(bindings); s != JANK_NIL; s = seq_next(s)) {
    var_object *v = (var_object *)seq_first(seq_first(s));
    O pair[] = {&v->header, v->root};
    frame = seq_cons(jank_make_vector(2, pair), frame);
    v->bindings++;
    jank_var_set(&v->header, seq_first(seq_next(seq_first(s))));
  }
  frames = seq_cons(frame, frames);
}

void binding_pop(void) {
  for (O s = seq(seq_first(frames)); s != JANK_NIL; s = seq_next(s)) {
    var_object *v = (var_object *)seq_first(seq_first(s));
    jank_var_set(&v->header, seq_first(seq_next(seq_first(s))));
    v->bindings--;
  }
  frames = seq_next(frames);
}

O binding_values(void) {
  O result = map_empty;
  for (O f = seq(frames); f != JANK_NIL; f = seq_next(f))
    for (O s = seq(seq_first(f)); s != JANK_NIL; s = seq_next(s)) {
      var_object *v = (var_object *)seq_first(seq_first(s));
      result = map_assoc(result, &v->header, v->root);
    }
  return result;
}

O binding_frames(void) { return frames; }

/* Frames above `wanted` are popped, if it is in force at all: a frame that is gone must
 * not take the others along. */
void binding_unwind(O wanted) {
  for (O f = frames; f != wanted; f = seq_next(f))
    if (f == JANK_NIL)
      return;
  while (frames != wanted)
    binding_pop();
}
