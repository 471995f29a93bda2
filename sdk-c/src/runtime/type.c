/* type.c - types that a program makes: instances, records, protocols.
 *
 * deftype, defrecord and reify make a class; its methods are found by name. A
 * protocol's method is a function that looks up what implements it for the class
 * of its first argument, and goes on to that: type_dispatch, behind one cache.
 *
 * A type that is defined again with the same fields stays the same class and gets
 * the new methods, so that instances that live run the new code. With other
 * fields it is a new class; older instances keep theirs.
 */
#include "runtime/type.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "host/host.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/js.h"
#include "value/call.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

void type_trace(O o) {
  if (o->type == JANK_TYPE_CLASS) {
    class_object *c = (class_object *)o;
    gc_mark((O)c->name);
    gc_mark(c->supers);
    gc_mark(c->fields);
    gc_mark(c->methods);
  } else if (o->type == JANK_TYPE_PROTOCOL) {
    protocol_object *p = (protocol_object *)o;
    gc_mark((O)p->name);
    gc_mark(p->sigs);
    gc_mark(p->impls);
    gc_mark(p->meta);
  } else {
    instance_object *i = (instance_object *)o;
    gc_mark((O)i->class);
    gc_mark(i->meta);
    gc_mark(i->extra);
    for (uint32_t n = 0; n < i->header.aux; n++)
      gc_mark(i->fields[n]);
  }
}

/* ---- Dispatch: one cache for all protocols ----------------------------------- */

/* Cleared whenever a class, an implementation or a method's function is made, so
 * that what it points at is alive and current. */
dispatch_entry type_dispatch_cache[DISPATCH_CACHE];

void type_forget_dispatch(void) {
  memset(type_dispatch_cache, 0, sizeof type_dispatch_cache);
}

/* What a class's method is; of a reify, each instance has its own. */
static O method_value(O o, O found) {
  return is_fixnum(found) ? ((instance_object *)o)->fields[fixnum_value(found)]
                          : found;
}

typedef struct {
  protocol_object *protocol;
  O keyword, found;
} search;

static bool find_impl(void *context, class_object *c) {
  search *s = context;
  O methods = map_get(s->protocol->impls, &c->header, JANK_NIL);
  if (methods == JANK_NIL)
    return false;
  s->found = map_get(methods, s->keyword, JANK_NIL);
  return s->found != JANK_NIL;
}

static O find_in_impls(protocol_object *p, O keyword, O argument) {
  if (argument == JANK_NIL) {
    O methods = map_get(p->impls, JANK_NIL, JANK_NIL);
    return methods == JANK_NIL ? JANK_NIL : map_get(methods, keyword, JANK_NIL);
  }
  search s = {p, keyword, JANK_NIL};
  class_each(class_of(argument), find_impl, &s);
  return s.found;
}

static O find_by_meta(protocol_object *p, O name, O argument) {
  if (p->meta == JANK_NIL ||
      !truthy(coll_get(p->meta,
                       &symbol_keyword(NULL, "extend-via-metadata")->header,
                       JANK_NIL)))
    return JANK_NIL;
  O meta = meta_of(argument);
  if (!is_type(meta, JANK_TYPE_MAP))
    return JANK_NIL;
  symbol_object *qualified =
      symbol_make(p->name->ns, ((symbol_object *)name)->name);
  return map_get(meta, &qualified->header, JANK_NIL);
}

static _Noreturn void no_implementation(protocol_object *p, O name,
                                        O argument) {
  error_throw("IllegalArgumentException",
              "No implementation of method: :%s of protocol: #'%s/%s found for "
              "class: %s",
              ((symbol_object *)name)->name->text, p->name->ns->text,
              p->name->name->text,
              argument == JANK_NIL ? "nil"
                                   : class_of(argument)->name->name->text);
}

/* *shared: holds for all values of the class. */
static O find_function(fn_object *generic, O argument, bool *shared) {
  protocol_object *p = (protocol_object *)generic->captures[0];
  O name = generic->captures[1], found = find_by_meta(p, name, argument);
  if (found != JANK_NIL)
    return found;
  *shared = p->meta == JANK_NIL;
  if (is_type(argument, JANK_TYPE_INSTANCE)) {
    class_object *c = ((instance_object *)argument)->class;
    if (set_contains(c->supers, &p->header))
      found = map_get(c->methods, name, JANK_NIL);
    if (is_fixnum(found))
      *shared = false;
    found = method_value(argument, found);
  }
  return found != JANK_NIL ? found
                           : find_in_impls(p, generic->captures[2], argument);
}

O type_dispatch(O self, O argument) {
  O class = argument == JANK_NIL ? JANK_NIL : &class_of(argument)->header;
  dispatch_entry *entry = &type_dispatch_cache[DISPATCH_SLOT(self, class)];
  if (entry->method == self && entry->class == class)
    return entry->function;
  fn_object *generic = (fn_object *)self;
  bool shared = false;
  O found = find_function(generic, argument, &shared);
  if (found == JANK_NIL)
    no_implementation((protocol_object *)generic->captures[0],
                      generic->captures[1], argument);
  if (shared && is_type(found, JANK_TYPE_FN))
    *entry = (dispatch_entry){self, class, found};
  return found;
}

/* ---- Methods by name ------------------------------------------------------------- */

static O method_names[METHOD_COUNT];

void type_init(void) {
  static const char *const names[] = {
#define X(name) #name,
      TYPE_METHODS(X)
#undef X
  };
  /* print* is no interface's: how the core's own types print. */
  gc_add_root_range(method_names, METHOD_COUNT);
  for (int i = 0; i < METHOD_COUNT; i++)
    method_names[i] = &symbol_from(NULL, names[i])->header;
}

O instance_method_named(O o, O symbol) {
  O found = map_get(((instance_object *)o)->class->methods, symbol, JANK_NIL);
  return found == JANK_NIL ? NULL : method_value(o, found);
}

O instance_method(O o, enum type_method m) {
  return instance_method_named(o, method_names[m]);
}

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

/* ---- Instances -------------------------------------------------------------------- */

uint32_t type_field_count(const class_object *c) {
  return c->fields == JANK_NIL ? 0 : vector_count(c->fields);
}

instance_object *type_instance_make(class_object *c, uint32_t n) {
  instance_object *i =
      gc_alloc(JANK_TYPE_INSTANCE, sizeof *i + n * sizeof *i->fields);
  i->header.aux = (uint16_t)n;
  i->class = c;
  return i;
}

static instance_object *instance_copy(const instance_object *i) {
  instance_object *copy = type_instance_make(i->class, i->header.aux);
  copy->meta = i->meta;
  copy->extra = i->extra;
  memcpy(copy->fields, i->fields, i->header.aux * sizeof *i->fields);
  return copy;
}

static O construct_exception(class_object *c, int argc, O *args) {
  const char *name = c->name->name->text, *dot = strrchr(name, '.');
  name = dot ? dot + 1 : name;
  bool caused = argc == 1 && is_type(args[0], JANK_TYPE_EXCEPTION);
  if (argc > 2)
    error_throw("IllegalArgumentException", "%s takes a message and a cause",
                name);
  return error_make(name, argc && !caused ? args[0] : JANK_NIL, JANK_NIL,
                    caused     ? args[0]
                    : argc > 1 ? args[1]
                               : JANK_NIL);
}

O type_construct(int argc, O *args) {
  if (argc >= 1 && is_type(args[0], JANK_TYPE_JS))
    return js_operate(JS_OP_make, argc, args);
  if (argc < 1 || !is_type(args[0], JANK_TYPE_CLASS))
    error_type("new", "a class", argc ? args[0] : JANK_NIL);
  class_object *c = (class_object *)args[0];
  uint32_t n = type_field_count(c);
  args++;
  argc--;
  if (c->fields == JANK_NIL) {
    if (class_isa(c, &class_find("Throwable")->header))
      return construct_exception(c, argc, args);
    if (c != class_find("Object") || argc)
      error_throw("IllegalArgumentException", "%s cannot be made with new",
                  c->name->name->text);
  }
  if ((uint32_t)argc != n)
    error_throw("ArityException", "%s. takes %u argument%s, got %d",
                c->name->name->text, n, n == 1 ? "" : "s", argc);
  instance_object *i = type_instance_make(c, n);
  if (n)
    memcpy(i->fields, args, n * sizeof *args);
  return &i->header;
}

O jank_field(O o, O number) {
  if (is_type(o, JANK_TYPE_INSTANCE) && fixnum_value(number) < o->aux)
    return ((instance_object *)o)->fields[fixnum_value(number)];
  error_throw("ClassCastException", "a method was called with a %s",
              error_type_name(o));
}

static int64_t field_index(const class_object *c, O name) {
  for (uint32_t i = 0; i < type_field_count(c); i++)
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
  O f = instance_method_named(o, name);
  if (!f && (args != JANK_NIL ||
             field_index(((instance_object *)o)->class, name) < 0))
    return false;
  *result = f ? fn_apply(f, seq_cons(o, args)) : instance_get_field(o, name);
  return true;
}

O instance_with_meta(O o, O meta) {
  if (!is_record(o)) {
    if (is_type(o, JANK_TYPE_INSTANCE) && instance_method(o, METHOD_withMeta))
      return instance_call(o, METHOD_withMeta, 1, &meta);
    if (!is_type(o, JANK_TYPE_INSTANCE) ||
        !(((instance_object *)o)->class->header.flags & CLASS_REIFY))
      error_type("with-meta", "an object that can carry metadata", o);
  }
  instance_object *copy = instance_copy((instance_object *)o);
  copy->meta = meta;
  return &copy->header;
}

/* ---- Records ------------------------------------------------------------------------ */

bool is_record(O o) {
  return is_type(o, JANK_TYPE_INSTANCE) &&
         (((instance_object *)o)->class->header.flags & CLASS_RECORD);
}

/* The field that a keyword names; -1: none. */
static int64_t key_index(const class_object *c, O key) {
  if (!is_type(key, JANK_TYPE_KEYWORD) || ((symbol_object *)key)->ns)
    return -1;
  string_object *name = ((symbol_object *)key)->name;
  for (uint32_t i = 0; i < type_field_count(c); i++) {
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

O record_get(O r, O key, O otherwise) {
  instance_object *o = (instance_object *)r;
  int64_t i = key_index(o->class, key);
  if (i >= 0)
    return o->fields[i];
  return o->extra == JANK_NIL ? otherwise : map_get(o->extra, key, otherwise);
}

O record_assoc(O r, O key, O value) {
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
O record_dissoc(O r, O key) {
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

O record_seq(O r) {
  instance_object *o = (instance_object *)r;
  O s = o->extra == JANK_NIL ? JANK_NIL : map_seq(o->extra);
  for (uint32_t i = o->header.aux; i-- > 0;)
    s = seq_cons(entry_make(field_key(o->class, i), o->fields[i]), s);
  return s;
}

int64_t record_count(O r) {
  instance_object *o = (instance_object *)r;
  return o->header.aux + (o->extra == JANK_NIL ? 0 : map_count(o->extra));
}

bool record_equal(O a, O b) {
  instance_object *x = (instance_object *)a, *y = (instance_object *)b;
  if (x->class != y->class || !value_equal(x->extra, y->extra))
    return false;
  for (uint32_t i = 0; i < x->header.aux; i++)
    if (!value_equal(x->fields[i], y->fields[i]))
      return false;
  return true;
}

uint32_t record_hash(O r) {
  return value_hash(&((instance_object *)r)->class->name->header) ^
         value_hash(record_map(r));
}
