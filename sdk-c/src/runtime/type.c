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
#include "base/buffer.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "host/host.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/journal.h"
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

static uint32_t field_count(const class_object *c) {
  return c->fields == JANK_NIL ? 0 : vector_count(c->fields);
}

static instance_object *instance_make(class_object *c, uint32_t n) {
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
  uint32_t n = field_count(c);
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
  instance_object *i = instance_make(c, n);
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

static O set_field(O self, O o, O number, O value) {
  jank_field(o, number);
  gc_write(o);
  return ((instance_object *)o)->fields[fixnum_value(number)] = value;
}

static int64_t field_index(const class_object *c, O name) {
  for (uint32_t i = 0; i < field_count(c); i++)
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
  for (uint32_t i = 0; i < field_count(c); i++) {
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

/* ---- Defining ----------------------------------------------------------------------- */

static O name_check(const char *who, O name) {
  if (!is_type(name, JANK_TYPE_SYMBOL))
    error_type(who, "a symbol", name);
  return name;
}

/* (class* name fields kind old): the class of that name; `old` when it has the
 * same fields. kind: nil, :record. */
static O make_class(O self, O name, O fields, O kind, O old) {
  name_check("deftype", name);
  int flags = kind == JANK_NIL ? 0 : CLASS_RECORD;
  if (is_type(old, JANK_TYPE_CLASS) && old->flags == flags &&
      value_equal(((class_object *)old)->fields, fields))
    return old;
  class_object *c = gc_alloc(JANK_TYPE_CLASS, sizeof *c);
  c->header.flags = (uint8_t)flags;
  c->name = (symbol_object *)name;
  c->fields = fields;
  c->methods = map_empty;
  c->supers = set_empty;
  type_forget_dispatch();
  return &c->header;
}

/* (class-methods* class supers methods): replaces what it has. */
static O set_methods(O self, O c, O supers, O methods) {
  class_object *class = (class_object *)c;
  O all = set_empty;
  static const char *const of_records[] = {"IRecord", "IPersistentMap", "IObj",
                                           "Map", "IHashEq"};
  for (O s = seq(supers); s != JANK_NIL; s = seq_next(s)) {
    if (!is_type(seq_first(s), JANK_TYPE_CLASS) &&
        !is_type(seq_first(s), JANK_TYPE_PROTOCOL))
      error_type("deftype", "a protocol or interface", seq_first(s));
    all = set_conj(all, seq_first(s));
  }
  if (class->header.flags & CLASS_RECORD)
    for (size_t i = 0; i < sizeof of_records / sizeof *of_records; i++)
      all = set_conj(all, &class_find(of_records[i])->header);
  else if (!(class->header.flags & CLASS_REIFY))
    all = set_conj(all, &class_find("IType")->header);
  else
    all = set_conj(all, &class_find("IObj")->header);
  journal_change(c);
  class->supers = all;
  class->methods = methods;
  type_forget_dispatch();
  return c;
}

static O reify_classes; /* map: [name supers method names] -> class */

/* (reify* name [supers] [method names] functions ...): an instance whose fields
 * are the functions. The same place in a program has one class. */
static O reify(O self, O name, O supers, O names, O functions) {
  if (!reify_classes) {
    jank_add_root(&reify_classes);
    reify_classes = map_empty;
  }
  O key = jank_make_vector(3, (O[]){name, supers, names});
  O c = map_get(reify_classes, key, JANK_NIL);
  if (c == JANK_NIL) {
    O methods = map_empty;
    for (uint32_t i = 0; i < vector_count(names); i++)
      methods = map_assoc(methods, vector_nth(names, i), fixnum(i));
    c = make_class(self, name, JANK_NIL, JANK_NIL, JANK_NIL);
    c->flags = CLASS_REIFY;
    set_methods(self, c, supers, methods);
    reify_classes = map_assoc(reify_classes, key, c);
  }
  instance_object *i = instance_make((class_object *)c, vector_count(names));
  for (uint32_t n = 0; n < i->header.aux; n++, functions = seq_next(functions))
    i->fields[n] = seq_first(functions);
  return &i->header;
}

/* (protocol* name sigs meta old): `old`, when it is a protocol, with new
 * signatures; what was extended to it stays. */
static O make_protocol(O self, O name, O sigs, O meta, O old) {
  name_check("defprotocol", name);
  bool fresh = !is_type(old, JANK_TYPE_PROTOCOL);
  protocol_object *p =
      fresh ? gc_alloc(JANK_TYPE_PROTOCOL, sizeof *p) : (protocol_object *)old;
  if (!fresh)
    journal_change(&p->header);
  p->name = (symbol_object *)name;
  p->sigs = sigs;
  p->meta = meta;
  if (fresh)
    p->impls = map_empty;
  type_forget_dispatch();
  return &p->header;
}

static protocol_object *want_protocol(const char *who, O o) {
  if (!is_type(o, JANK_TYPE_PROTOCOL))
    error_type(who, "a protocol", o);
  return (protocol_object *)o;
}

static O protocol_method(O self, O protocol, O name, O arglists) {
  protocol_object *p = want_protocol("defprotocol", protocol);
  string_object *title =
      ((symbol_object *)name_check("defprotocol", name))->name;
  buffer text = {0};
  buffer_format(&text, "%s/%s", p->name->ns->text, title->text);
  fn_object *f = type_stubs_dispatch(string_from_buffer(&text), arglists);
  f->captures[0] = protocol;
  f->captures[1] = name;
  f->captures[2] = &symbol_keyword(NULL, title->text)->header;
  type_forget_dispatch();
  return &f->header;
}

/* (extend-one* class-or-nil protocol methods) */
static O extend_one(O self, O c, O protocol, O methods) {
  protocol_object *p = want_protocol("extend", protocol);
  if (c != JANK_NIL && !is_type(c, JANK_TYPE_CLASS))
    error_type("extend", "a class or nil", c);
  if (is_type(c, JANK_TYPE_CLASS) &&
      set_contains(((class_object *)c)->supers, protocol))
    error_throw("IllegalArgumentException",
                "%s already implements protocol %s directly",
                ((class_object *)c)->name->name->text, p->name->name->text);
  O impls = map_assoc(p->impls, c, methods);
  journal_change(protocol);
  p->impls = impls;
  type_forget_dispatch();
  return JANK_NIL;
}

static bool has_impl(void *context, class_object *c) {
  return map_find(((protocol_object *)context)->impls, &c->header) != NULL;
}

static O satisfies(O self, O protocol, O o) {
  protocol_object *p = want_protocol("satisfies?", protocol);
  if (o == JANK_NIL)
    return boolean(map_find(p->impls, JANK_NIL) != NULL);
  return boolean(class_isa(class_of(o), protocol) ||
                 class_each(class_of(o), has_impl, p));
}

static O extends(O self, O protocol, O c) {
  protocol_object *p = want_protocol("extends?", protocol);
  if (c == JANK_NIL)
    return boolean(map_find(p->impls, JANK_NIL) != NULL);
  if (!is_type(c, JANK_TYPE_CLASS))
    error_type("extends?", "a class", c);
  return boolean(class_isa((class_object *)c, protocol) ||
                 class_each((class_object *)c, has_impl, p));
}

static O protocol_part(O self, O protocol, O part) {
  protocol_object *p = want_protocol("protocol", protocol);
  const char *name = ((symbol_object *)part)->name->text;
  return strcmp(name, "impls") == 0  ? p->impls
         : strcmp(name, "sigs") == 0 ? p->sigs
         : strcmp(name, "name") == 0 ? (O)p->name
                                     : JANK_NIL;
}

/* (class-define* class fields methods): a class of the host's name. */
static O define_class(O self, O c, O fields, O methods) {
  class_object *class = (class_object *)c;
  journal_change(c);
  class->fields = fields;
  class->methods = methods;
  return c;
}

static O constructor(O self, O c) {
  if (!is_type(c, JANK_TYPE_CLASS))
    error_type("->", "a class", c);
  return &type_stubs_constructor((class_object *)c)->header;
}

static O record_from_map(O self, O c, O map) {
  class_object *class = (class_object *)c;
  O r = &instance_make(class, field_count(class))->header;
  for (O s = seq(map); s != JANK_NIL; s = seq_next(s))
    r = record_assoc(r, coll_nth(seq_first(s), 0, JANK_NIL, false),
                     coll_nth(seq_first(s), 1, JANK_NIL, false));
  return r;
}

static O class_fields(O self, O c) { return ((class_object *)c)->fields; }
static O record_p(O self, O o) { return boolean(is_record(o)); }
static O protocol_p(O self, O o) {
  return boolean(is_type(o, JANK_TYPE_PROTOCOL));
}
static O instance_p(O self, O o) {
  return boolean(is_type(o, JANK_TYPE_INSTANCE));
}

const struct patch_symbol type_builtins[] = {
    {"clojure.core/class*", "4", (void *)make_class},
    {"clojure.core/class-methods*", "3", (void *)set_methods},
    {"clojure.core/class-fields*", "1", (void *)class_fields},
    {"clojure.core/class-define*", "3", (void *)define_class},
    {"clojure.core/constructor*", "1", (void *)constructor},
    {"clojure.core/record-from-map*", "2", (void *)record_from_map},
    {"clojure.core/reify*", "3&", (void *)reify},
    {"clojure.core/protocol*", "4", (void *)make_protocol},
    {"clojure.core/protocol-method*", "3", (void *)protocol_method},
    {"clojure.core/protocol-part*", "2", (void *)protocol_part},
    {"clojure.core/extend-one*", "3", (void *)extend_one},
    {"clojure.core/satisfies?", "2", (void *)satisfies},
    {"clojure.core/extends?", "2", (void *)extends},
    {"clojure.core/record?", "1", (void *)record_p},
    {"clojure.core/protocol?*", "1", (void *)protocol_p},
    {"clojure.core/instance?*", "1", (void *)instance_p},
    {"clojure.core/set-field*", "3", (void *)set_field},
    {0},
};
