/* fn.c - functions: how a call finds its code.
 *
 * A code object has an entry for every number of arguments up to
 * JANK_MAX_ARITY, so a call site never asks which arities there are. Entries
 * that the source does not define are stubs, one per number of arguments
 * because WebAssembly checks the exact type of an indirect call. A stub gathers
 * its arguments in an array and calls one plain C function.
 */
#include "fn.h"
#include "docs.h"
#include "native.h"
#include "trace.h"
#include <stdlib.h>
#include <string.h>

/* ---- One list of argument counts, from which all families are made --------- */

/* clang-format off */
#define COUNTS(X)                                                      \
  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)              \
  X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20)
/* clang-format on */
#define O jank_object *
#define PARAMS_0
#define PARAMS_1 , O a0
#define PARAMS_2 PARAMS_1, O a1
#define PARAMS_3 PARAMS_2, O a2
#define PARAMS_4 PARAMS_3, O a3
#define PARAMS_5 PARAMS_4, O a4
#define PARAMS_6 PARAMS_5, O a5
#define PARAMS_7 PARAMS_6, O a6
#define PARAMS_8 PARAMS_7, O a7
#define PARAMS_9 PARAMS_8, O a8
#define PARAMS_10 PARAMS_9, O a9
#define PARAMS_11 PARAMS_10, O a10
#define PARAMS_12 PARAMS_11, O a11
#define PARAMS_13 PARAMS_12, O a12
#define PARAMS_14 PARAMS_13, O a13
#define PARAMS_15 PARAMS_14, O a14
#define PARAMS_16 PARAMS_15, O a15
#define PARAMS_17 PARAMS_16, O a16
#define PARAMS_18 PARAMS_17, O a17
#define PARAMS_19 PARAMS_18, O a18
#define PARAMS_20 PARAMS_19, O a19
#define PARAMS_21 PARAMS_20, O a20
#define NAMES_0
#define NAMES_1 , a0
#define NAMES_2 NAMES_1, a1
#define NAMES_3 NAMES_2, a2
#define NAMES_4 NAMES_3, a3
#define NAMES_5 NAMES_4, a4
#define NAMES_6 NAMES_5, a5
#define NAMES_7 NAMES_6, a6
#define NAMES_8 NAMES_7, a7
#define NAMES_9 NAMES_8, a8
#define NAMES_10 NAMES_9, a9
#define NAMES_11 NAMES_10, a10
#define NAMES_12 NAMES_11, a11
#define NAMES_13 NAMES_12, a12
#define NAMES_14 NAMES_13, a13
#define NAMES_15 NAMES_14, a14
#define NAMES_16 NAMES_15, a15
#define NAMES_17 NAMES_16, a16
#define NAMES_18 NAMES_17, a17
#define NAMES_19 NAMES_18, a18
#define NAMES_20 NAMES_19, a19
#define VALUES_0
#define VALUES_1 , a[0]
#define VALUES_2 VALUES_1, a[1]
#define VALUES_3 VALUES_2, a[2]
#define VALUES_4 VALUES_3, a[3]
#define VALUES_5 VALUES_4, a[4]
#define VALUES_6 VALUES_5, a[5]
#define VALUES_7 VALUES_6, a[6]
#define VALUES_8 VALUES_7, a[7]
#define VALUES_9 VALUES_8, a[8]
#define VALUES_10 VALUES_9, a[9]
#define VALUES_11 VALUES_10, a[10]
#define VALUES_12 VALUES_11, a[11]
#define VALUES_13 VALUES_12, a[12]
#define VALUES_14 VALUES_13, a[13]
#define VALUES_15 VALUES_14, a[14]
#define VALUES_16 VALUES_15, a[15]
#define VALUES_17 VALUES_16, a[16]
#define VALUES_18 VALUES_17, a[17]
#define VALUES_19 VALUES_18, a[18]
#define VALUES_20 VALUES_19, a[19]
#define VALUES_21 VALUES_20, a[20]

/* A family of stubs that call handler(self, argc, args). */
#define STUB(handler, n)                                                       \
  static O handler##_##n(O self PARAMS_##n) {                                  \
    O args[] = {JANK_NIL NAMES_##n};                                           \
    return handler(self, n, args + 1);                                         \
  }

/* ---- Stubs ------------------------------------------------------------------- */

static void arity_text(buffer *out, const code_object *code);

/* "; (ggg [v] [v w])", when the name is that of a var with such. */
static void add_arglists(buffer *out, const char *function) {
  const var_object *var =
      strstr(function, "--") ? NULL : var_of_function(function);
  O lists = !var ? JANK_NIL
            : is_type(var->meta, JANK_TYPE_MAP)
                ? map_get(var->meta, &keyword_from(NULL, "arglists")->header,
                          JANK_NIL)
                : docs_arglists(var);
  if (lists == JANK_NIL)
    return;
  buffer_format(out, ": (%s", var->name->name->text);
  for (O s = seq(lists); s != JANK_NIL; s = next(s)) {
    buffer_byte(out, ' ');
    print_value(out, first(s), true);
  }
  buffer_byte(out, ')');
}

static _Noreturn void throw_arity(code_object *code, int argc) {
  const char *name = code->name->text;
  const char *slash = strchr(name, '/');
  buffer text = {0};
  buffer_text(&text, slash && slash[1] ? slash + 1 : name);
  buffer_text(&text, " takes ");
  arity_text(&text, code);
  buffer_format(&text, ", got %d", argc);
  add_arglists(&text, name);
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

static O call_value(O f, int argc, O *args);

static O shim(O self, int argc, O *args) {
  var_object *var = (var_object *)((fn_object *)self)->captures[0];
  if (var->root == JANK_UNBOUND)
    error_throw("IllegalStateException",
                "Attempting to call unbound fn: #'%s/%s",
                var->ns->name->name->text, var->name->name->text);
  return call_value(var->root, argc, args);
}

#define X(n) STUB(no_arity, n)
COUNTS(X)
#undef X
#define X(n) STUB(gather, n)
COUNTS(X)
#undef X
#define X(n) STUB(shim, n)
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
static void *const shim_stubs[] = {
#define X(n) (void *)shim_##n,
    COUNTS(X)
#undef X
};

/* new* and a type's ->Name: the class comes first, or is captured. */
static O construct(O self, int argc, O *args) {
  return type_construct(argc, args);
}
static O construct_own(O self, int argc, O *args) {
  O all[JANK_MAX_ARITY + 1] = {((fn_object *)self)->captures[0]};
  memcpy(all + 1, args, (size_t)argc * sizeof *args);
  return type_construct(argc + 1, all);
}
static O native(O self, int argc, O *args) {
  O index = ((fn_object *)self)->captures[0];
  return native_call((uint32_t)fixnum_value(index), argc, args);
}
#define X(n) STUB(native, n)
COUNTS(X)
#undef X
static void *const native_stubs[] = {
#define X(n) (void *)native_##n,
    COUNTS(X)
#undef X
};
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

/* A protocol's method goes on to the implementation for its first argument: the
 * one in the cache without a frame of its own. */
static inline fn_object *cached(O self, O argument) {
  if (!is_type(argument, JANK_TYPE_INSTANCE))
    return NULL;
  O class = &((instance_object *)argument)->class->header;
  const dispatch_entry *e = &dispatch_cache[DISPATCH_SLOT(self, class)];
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

/* ---- Code and function objects -------------------------------------------------- */

void fn_trace(O o) {
  if (o->type == JANK_TYPE_CODE) {
    code_object *code = (code_object *)o;
    gc_mark(code->patch);
    gc_mark((O)code->name);
    return;
  }
  fn_object *f = (fn_object *)o;
  gc_mark((O)f->code);
  gc_mark(f->meta);
  for (uint32_t i = 0; i < f->header.aux; i++)
    gc_mark(f->captures[i]);
}

code_object *code_make(string_object *name, O patch) {
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

bool code_add_arity(code_object *code, const char *signature, void *fn) {
  int required;
  bool variadic;
  if (!fn || !fn_signature(signature, &required, &variadic))
    return false;
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

fn_object *fn_make_dispatch(string_object *name, O arglists) {
  code_object *code = code_make(name, JANK_NIL);
  for (O s = seq(arglists); s != JANK_NIL; s = next(s)) {
    int64_t n = count(first(s));
    if (n < 1 || n > JANK_MAX_ARITY)
      error_throw("IllegalArgumentException",
                  "%s: a protocol's method takes 1 to %d arguments", name->text,
                  JANK_MAX_ARITY);
    code->entries[n] = dispatch_stubs[n];
  }
  return fn_make(code, 3);
}

fn_object *fn_make_constructor(class_object *c) {
  string_object *name = c->name->name;
  code_object *code = code_make(name, JANK_NIL);
  uint32_t n = c->fields == JANK_NIL ? 0 : vector_count(c->fields);
  if (n > JANK_MAX_ARITY)
    error_throw("IllegalArgumentException", "%s: more than %d fields",
                name->text, JANK_MAX_ARITY);
  code->entries[n] = construct_own_stubs[n];
  fn_object *f = fn_make(code, 1);
  f->captures[0] = &c->header;
  return f;
}

static code_object *shim_code;

fn_object *fn_make_native(string_object *name, int argc, uint32_t index) {
  code_object *code = code_make(name, JANK_NIL);
  code->entries[argc] = native_stubs[argc];
  fn_object *f = fn_make(code, 1);
  f->captures[0] = fixnum(index);
  return f;
}

fn_object *fn_make_shim(var_object *var) {
  fn_object *f = fn_make(shim_code, 1);
  f->captures[0] = &var->header;
  return f;
}

void fn_init(void) {
  jank_add_root((O *)&shim_code);
  shim_code = code_make(string_make("var", 3), JANK_NIL);
  memcpy(shim_code->entries, shim_stubs, sizeof shim_code->entries);
}

/* ---- Calls ------------------------------------------------------------------------ */

#define CALL(function, n)                                                      \
  case n:                                                                      \
    return ((O(*)(O PARAMS_##n))(function))(self VALUES_##n);

static O call_pointer(void *function, O self, int argc, O *a) {
  switch (argc) {
#define X(n) CALL(function, n)
    COUNTS(X)
#undef X
    CALL(function, 21)
  default:
    return JANK_NIL; /* not reached: argc <= JANK_MAX_ARITY + 1 */
  }
}

O fn_invoke(fn_object *f, int argc, O *args) {
  return call_pointer(f->code->entries[argc], &f->header, argc, args);
}

/* args[required ..] and then tail become the rest. */
static O call_variadic(O self, int argc, O *args, O tail) {
  code_object *code = ((fn_object *)self)->code;
  int required = code->required;
  O values[JANK_MAX_ARITY + 1];
  memcpy(values, args, (size_t)required * sizeof *args);
  O more = tail;
  for (int i = argc; i-- > required;)
    more = cons(args[i], more);
  values[required] = more;
  return call_pointer(code->variadic, self, required + 1, values);
}

static O lookup_arguments(O f, int argc, O *args, O coll, O key) {
  if (argc < 1 || argc > 2)
    error_throw("ArityException", "%s takes 1 or 2 arguments, got %d",
                is_type(f, JANK_TYPE_KEYWORD) ? jank_to_code_string(f)
                                              : type_name(f),
                argc);
  return get(coll, key, argc == 2 ? args[1] : JANK_NIL);
}

static O call_value(O f, int argc, O *args) {
  if (is_heap(f)) {
    switch (f->type) {
    case JANK_TYPE_FN:
      return jank_call_n(f, argc, args);
    case JANK_TYPE_KEYWORD:
    case JANK_TYPE_SYMBOL:
      return lookup_arguments(f, argc, args, argc ? args[0] : JANK_NIL, f);
    case JANK_TYPE_MAP:
    case JANK_TYPE_SET:
    case JANK_TYPE_SORTED_MAP:
    case JANK_TYPE_SORTED_SET:
    case JANK_TYPE_TRANSIENT_MAP:
    case JANK_TYPE_TRANSIENT_SET:
      return lookup_arguments(f, argc, args, f, argc ? args[0] : JANK_NIL);
    case JANK_TYPE_VECTOR:
    case JANK_TYPE_TRANSIENT_VECTOR:
    case JANK_TYPE_MAP_ENTRY:
      if (argc != 1)
        error_throw("ArityException", "a vector takes 1 argument, got %d",
                    argc);
      if (!is_integer(args[0]))
        error_throw("IllegalArgumentException", "Key must be integer");
      return nth(f, jank_unbox_integer(args[0]), JANK_NIL, false);
    case JANK_TYPE_VAR:
      return fn_invoke(((var_object *)f)->callee, argc, args);
    case JANK_TYPE_JS: {
      O all[JANK_MAX_ARITY + 1] = {f};
      memcpy(all + 1, args, (size_t)argc * sizeof *args);
      return js_operate(JS_OP_apply, argc + 1, all);
    }
    case JANK_TYPE_INSTANCE:
      if (instance_method(f, METHOD_invoke))
        return instance_call(f, METHOD_invoke, argc, args);
      break;
    default:
      break;
    }
  }
  buffer text = {0};
  print_value(&text, f, true);
  if (text.size > 60)
    text.size = 60;
  string_object *shown = string_from_buffer(&text);
  error_throw("ClassCastException", "%s (%s) cannot be called as a function",
              shown->text, type_name(f));
}

O jank_call_n(O f, int argc, O *args) {
  if (!is_type(f, JANK_TYPE_FN))
    return call_value(f, argc, args);
  if (argc <= JANK_MAX_ARITY)
    return fn_invoke((fn_object *)f, argc, args);
  if (((fn_object *)f)->code->required < 0)
    throw_arity(((fn_object *)f)->code, argc);
  return call_variadic(f, argc, args, JANK_NIL);
}

O jank_call0(O f) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn0)((fn_object *)f)->code->entries[0])(f);
  return call_value(f, 0, NULL);
}
O jank_call1(O f, O a) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn1)((fn_object *)f)->code->entries[1])(f, a);
  return call_value(f, 1, &a);
}
O jank_call2(O f, O a, O b) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn2)((fn_object *)f)->code->entries[2])(f, a, b);
  O args[] = {a, b};
  return call_value(f, 2, args);
}
O jank_call3(O f, O a, O b, O c) {
  if (is_type(f, JANK_TYPE_FN))
    return ((fn3)((fn_object *)f)->code->entries[3])(f, a, b, c);
  O args[] = {a, b, c};
  return call_value(f, 3, args);
}
O jank_call4(O f, O a, O b, O c, O d) {
  O args[] = {a, b, c, d};
  return jank_call_n(f, 4, args);
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
    args[argc++] = first(more);
    more = next(more);
  }
  if (more == JANK_NIL)
    return jank_call_n(f, argc, args);
  if (required < 0) {
    if (is_fn)
      throw_arity(((fn_object *)f)->code, argc + 1);
    error_throw("ArityException", "%s takes no more than %d arguments",
                type_name(f), JANK_MAX_ARITY);
  }
  return call_variadic(f, argc, args, more);
}

bool fn_has_arity(const code_object *code, int n) {
  return code->entries[n] != no_arity_stubs[n];
}

bool is_callable(O o) {
  return is_heap(o) &&
         (o->type == JANK_TYPE_FN || o->type == JANK_TYPE_KEYWORD ||
          o->type == JANK_TYPE_SYMBOL || o->type == JANK_TYPE_MAP ||
          o->type == JANK_TYPE_SET || o->type == JANK_TYPE_VECTOR ||
          o->type == JANK_TYPE_VAR || o->type == JANK_TYPE_JS ||
          o->type == JANK_TYPE_SORTED_MAP || o->type == JANK_TYPE_SORTED_SET ||
          (o->type == JANK_TYPE_INSTANCE && instance_method(o, METHOD_invoke)));
}

/* ---- Builtins ----------------------------------------------------------------------- */

/* The arity of a row's arglist, "[a b & more]", as a patch has it: "2&". */
static void write_signature(char out[16], const char *arglist) {
  const char *rest = strstr(arglist, "& ");
  int required = arglist[1] != ']' && arglist[1] != '&';
  for (const char *p = arglist; *p && p + 1 != rest; p++)
    required += *p == ' ';
  if (arglist[0] == '[')
    snprintf(out, 16, "%d%s", required, rest ? "&" : "");
  else
    snprintf(out, 16, "%s", arglist);
}

void fn_register_builtins(const struct patch_symbol *table) {
  docs_add_table(table);
  for (; table->qualified_name; table++) {
    const char *slash = strchr(table->qualified_name, '/');
    char ns[64];
    size_t n = (size_t)(slash - table->qualified_name);
    memcpy(ns, table->qualified_name, n);
    ns[n] = 0;
    var_object *var = (var_object *)jank_var_intern_c(ns, slash + 1);
    if (!is_type(var->root, JANK_TYPE_FN)) {
      string_object *name =
          string_make(table->qualified_name, strlen(table->qualified_name));
      var_set_root(var, &fn_make(code_make(name, JANK_NIL), 0)->header);
    }
    char signature[16];
    write_signature(signature, table->signature);
    code_add_arity(((fn_object *)var->root)->code, signature, table->fn);
  }
}

static O apply_more(O self, O f, O a, O rest) {
  /* (apply f a b [c d]): all but the last are arguments. */
  if (rest == JANK_NIL)
    return fn_apply(f, a);
  O items[64];
  size_t n = 0;
  items[n++] = a;
  O tail = rest;
  while (next(tail) != JANK_NIL && n < 64) {
    items[n++] = first(tail);
    tail = next(tail);
  }
  O args = seq(first(tail));
  while (n-- > 0)
    args = cons(items[n], args);
  return fn_apply(f, args);
}
static O fn_p(O self, O o) { return boolean(is_type(o, JANK_TYPE_FN)); }
static O ifn_p(O self, O o) { return boolean(is_callable(o)); }
void fn_add_stubs(void) {
  var_object *var = (var_object *)jank_var_intern_c("clojure.core", "new*");
  code_object *code = code_make(string_make("new", 3), JANK_NIL);
  memcpy(code->entries, construct_stubs, sizeof code->entries);
  var_set_root(var, &fn_make(code, 0)->header);
}
static O fn_name(O self, O o) {
  return is_type(o, JANK_TYPE_FN) ? (O)((fn_object *)o)->code->name : JANK_NIL;
}

const struct patch_symbol fn_builtins[] = {
    {"clojure.core/apply", "2&", (void *)apply_more},
    {"clojure.core/fn?", "1", (void *)fn_p},
    {"clojure.core/ifn?", "1", (void *)ifn_p},
    {"clojure.core/fn-name*", "1", (void *)fn_name},
    {0},
};
