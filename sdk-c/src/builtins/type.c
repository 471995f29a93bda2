/* type.c - what the macros deftype, defrecord, reify, defprotocol and extend
 * call.
 *
 * Definitions are told to the journal before they change a class or a protocol,
 * and every change empties the cache of type_dispatch.
 */
#include "runtime/type.h"
#include "base/buffer.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/coll.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "runtime/class.h"
#include "runtime/instance.h"
#include "runtime/journal.h"
#include "runtime/type_stubs.h"
#include "value/call.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

/* ---- Instances ----------------------------------------------------------- */

static O set_field(O self, O o, O number, O value) {
  jank_field(o, number);
  gc_write(o);
  return ((instance_object *)o)->fields[fixnum_value(number)] = value;
}

/* ---- Defining ------------------------------------------------------------ */

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
  O r = &instance_make(class, instance_field_count(class))->header;
  for (O s = seq(map); s != JANK_NIL; s = seq_next(s))
    r = instance_record_assoc(r, coll_nth(seq_first(s), 0, JANK_NIL, false),
                              coll_nth(seq_first(s), 1, JANK_NIL, false));
  return r;
}

static O class_fields(O self, O c) { return ((class_object *)c)->fields; }

static O record_p(O self, O o) { return boolean(instance_is_record(o)); }

static O protocol_p(O self, O o) {
  return boolean(is_type(o, JANK_TYPE_PROTOCOL));
}

static O instance_p(O self, O o) {
  return boolean(is_type(o, JANK_TYPE_INSTANCE));
}

const struct patch_symbol type_builtins[] = {
    CORE("class*", "[name fields kind old]", make_class),
    CORE("class-methods*", "[c protocols methods]", set_methods),
    CORE("class-fields*", "[c]", class_fields),
    CORE("class-define*", "[name fields methods]", define_class),
    CORE("constructor*", "[c]", constructor),
    CORE("record-from-map*", "[c map]", record_from_map),
    CORE("reify*", "[name protocols names & methods]", reify),
    CORE("protocol*", "[name sigs meta old]", make_protocol),
    CORE("protocol-method*", "[protocol name arglists]", protocol_method),
    CORE("protocol-part*", "[protocol part]", protocol_part),
    CORE("extend-one*", "[c protocol methods]", extend_one),
    CORE("satisfies?", "[protocol x]", satisfies,
         "True when x implements the protocol, in its type or by extension."),
    CORE("extends?", "[protocol atype]", extends,
         "True when the class implements the protocol, in its definition or by "
         "extension."),
    CORE("record?", "[x]", record_p, "True when x is a record."),
    CORE("protocol?*", "[x]", protocol_p),
    CORE("instance?*", "[x]", instance_p),
    CORE("set-field*", "[instance name val]", set_field),
    {0},
};
