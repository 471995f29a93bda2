/* fn.c - functions: how a call finds its code.
 *
 * A code object has an entry for every number of arguments up to
 * JANK_MAX_ARITY, so a call site never asks which arities there are. Entries
 * that the source does not define are stubs, one per number of arguments
 * because WebAssembly checks the exact type of an indirect call. A stub gathers
 * its arguments in an array and calls one plain C function.
 */
#include "runtime/fn.h"
#include "base/buffer.h"
#include "collection/seq.h"
#include "runtime/var.h"
#include "value/arity.h"
#include "value/call.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

static fn_arglists_function arglists;

void fn_init(fn_arglists_function function) { arglists = function; }

/* ---- Stubs --------------------------------------------------------------- */

static void arity_text(buffer *out, const code_object *code);

static _Noreturn void throw_arity(code_object *code, int argc) {
  const char *name = code->name->text;
  const char *slash = strchr(name, '/');
  buffer text = {0};
  buffer_text(&text, slash && slash[1] ? slash + 1 : name);
  buffer_text(&text, " takes ");
  arity_text(&text, code);
  buffer_format(&text, ", got %d", argc);
  if (arglists)
    arglists(&text, name);
  jank_throw(error_make("ArityException",
                        (jank_object *)string_from_buffer(&text), JANK_NIL,
                        JANK_NIL));
}

static O no_arity(O self, int argc, O *args) {
  throw_arity(((fn_object *)self)->code, argc);
}

static O call_variadic(O self, int argc, O *args, O tail);

static O gather(O self, int argc, O *args) {
  return call_variadic(self, argc, args, JANK_NIL);
}

#define X(n) STUB(no_arity, n)
COUNTS(X)
#undef X
#define X(n) STUB(gather, n)
COUNTS(X)
#undef X
static void *const no_arity_stubs[] = {
#define X(n) (void *)no_arity_##n,
    COUNTS(X)
#undef X
};
static void *const gather_stubs[] = {
#define X(n) (void *)gather_##n,
    COUNTS(X)
#undef X
};
static void arity_text(buffer *out, const code_object *code) {
  int counts[JANK_MAX_ARITY + 1], n = 0;
  for (int i = 0; i <= JANK_MAX_ARITY; i++)
    if (code->entries[i] != no_arity_stubs[i] &&
        code->entries[i] != gather_stubs[i])
      counts[n++] = i;
  if (code->required >= 0) {
    int least = n && counts[0] < code->required ? counts[0] : code->required;
    buffer_format(out, "at least %d argument%s", least, least == 1 ? "" : "s");
    return;
  }
  for (int i = 0; i < n; i++)
    buffer_format(out, "%s%d", !i ? "" : i == n - 1 ? " or " : ", ", counts[i]);
  buffer_text(out, n == 1 && counts[0] == 1 ? " argument" : " arguments");
}

/* ---- Code and function objects ------------------------------------------- */

void fn_trace(O o) {
  fn_object *f = (fn_object *)o;
  gc_mark((O)f->code);
  gc_mark(f->meta);
  for (uint32_t i = 0; i < f->header.aux; i++)
    gc_mark(f->captures[i]);
}

void fn_code_trace(O o) {
  code_object *code = (code_object *)o;
  gc_mark(code->patch);
  gc_mark((O)code->name);
}

code_object *fn_code_make(string_object *name, O patch) {
  code_object *code = gc_alloc(JANK_TYPE_CODE, sizeof *code);
  code->name = name;
  code->patch = patch;
  code->required = -1;
  memcpy(code->entries, no_arity_stubs, sizeof code->entries);
  return code;
}

bool fn_signature(const char *signature, int *required, bool *variadic) {
  if (signature[0] < '0' || signature[0] > '9')
    return false;
  char *end;
  long n = strtol(signature, &end, 10);
  if (n > JANK_MAX_ARITY)
    return false;
  *required = (int)n;
  *variadic = *end == '&';
  return end[*variadic] == 0;
}

/* Arities come in any order. A fixed one takes its entry from a stub; a variadic one
 * takes only entries that throw, so that fixed ones go before it. */
bool fn_code_add_entry(code_object *code, int required, bool variadic,
                       void *fn) {
  if (!variadic) {
    bool free = code->entries[required] == no_arity_stubs[required] ||
                code->entries[required] == gather_stubs[required];
    code->entries[required] = fn;
    return free;
  }
  if (code->required >= 0)
    return false;
  code->required = required;
  code->variadic = fn;
  for (int i = required; i <= JANK_MAX_ARITY; i++)
    if (code->entries[i] == no_arity_stubs[i])
      code->entries[i] = gather_stubs[i];
  return true;
}

bool fn_code_add_arity(code_object *code, const char *signature, void *fn) {
  int required;
  bool variadic;
  return fn && fn_signature(signature, &required, &variadic) &&
         fn_code_add_entry(code, required, variadic, fn);
}

fn_object *fn_make(code_object *code, uint32_t captures) {
  fn_object *f =
      gc_alloc(JANK_TYPE_FN, sizeof *f + captures * sizeof *f->captures);
  f->header.aux = (uint16_t)captures;
  f->code = code;
  return f;
}

O jank_fn_create(O code, uint32_t captures) {
  return &fn_make((code_object *)code, captures)->header;
}

/* ---- Calls --------------------------------------------------------------- */

/* args[required ..] and then tail become the rest. */
static O call_variadic(O self, int argc, O *args, O tail) {
  code_object *code = ((fn_object *)self)->code;
  int required = code->required;
  O values[JANK_MAX_ARITY + 1];
  memcpy(values, args, (size_t)required * sizeof *args);
  O more = tail;
  for (int i = argc; i-- > required;)
    more = seq_cons(args[i], more);
  values[required] = more;
  return call_pointer(code->variadic, self, required + 1, values);
}

/* Takes no more of the sequence than the function needs one by one, so that
 * (apply concat infinite) stays lazy. */
O fn_apply(O f, O args_seq) {
  while (is_type(f, JANK_TYPE_VAR))
    f = ((var_object *)f)->root;
  O args[JANK_MAX_ARITY + 2];
  int argc = 0;
  bool is_fn = is_type(f, JANK_TYPE_FN);
  int required = is_fn ? ((fn_object *)f)->code->required : -1;
  int most = required >= 0 ? required : JANK_MAX_ARITY;
  O more = seq(args_seq);
  while (more != JANK_NIL && argc < most) {
    args[argc++] = seq_first(more);
    more = seq_next(more);
  }
  if (more == JANK_NIL)
    return jank_call_n(f, argc, args);
  if (required < 0) {
    if (is_fn)
      throw_arity(((fn_object *)f)->code, argc + 1);
    error_throw("ArityException", "%s takes no more than %d arguments",
                error_type_name(f), JANK_MAX_ARITY);
  }
  return call_variadic(f, argc, args, more);
}

bool fn_has_arity(const code_object *code, int n) {
  return code->entries[n] != no_arity_stubs[n];
}

O fn_call(O f, int argc, O *args) {
  if (argc <= JANK_MAX_ARITY)
    return call_invoke((fn_object *)f, argc, args);
  if (((fn_object *)f)->code->required < 0)
    throw_arity(((fn_object *)f)->code, argc);
  return call_variadic(f, argc, args, JANK_NIL);
}

O fn_meta(O f) { return ((fn_object *)f)->meta; }

O fn_with_meta(O o, O meta) {
  const fn_object *f = (fn_object *)o;
  fn_object *copy = fn_make(f->code, f->header.aux);
  memcpy(copy->captures, f->captures, f->header.aux * sizeof *copy->captures);
  copy->meta = meta;
  return &copy->header;
}
