/* class.c - classes as values: class, instance?, cast, and what a class
 * descends from. */
#include "runtime/class.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/set.h"
#include "host/host.h"
#include "runtime/js.h"
#include "value/error.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"

static O core_class(O self, O o) {
  return o == JANK_NIL ? JANK_NIL : &class_of(o)->header;
}

static O core_instance(O self, O c, O o) {
  if (is_type(c, JANK_TYPE_PROTOCOL))
    return boolean(o != JANK_NIL && class_isa(class_of(o), c));
  if (is_type(c, JANK_TYPE_JS))
    return js_operate(JS_OP_instanceof, 2, (O[]){o, c});
  class_want("instance?", c);
  return boolean(o != JANK_NIL && class_isa(class_of(o), c));
}

static O core_cast(O self, O c, O o) {
  if (o != JANK_NIL && !truthy(core_instance(self, c, o)))
    error_throw("ClassCastException", "Cannot cast %s to %s",
                class_of(o)->name->name->text,
                class_want("cast", c)->name->name->text);
  return o;
}

static O class_p(O self, O o) { return boolean(is_type(o, JANK_TYPE_CLASS)); }

static O class_isa_p(O self, O child, O parent) {
  return boolean(is_type(child, JANK_TYPE_CLASS) &&
                 (is_type(parent, JANK_TYPE_CLASS) ||
                  is_type(parent, JANK_TYPE_PROTOCOL)) &&
                 class_isa((class_object *)child, parent));
}

static O class_supers(O self, O c) {
  O s = class_want("bases", c)->supers;
  return set_count(s) ? s : JANK_NIL;
}

static O class_name(O self, O c) {
  return &class_want("class name", c)->name->name->header;
}

static O find_class(O self, O name) {
  if (!is_type(name, JANK_TYPE_SYMBOL) && !is_type(name, JANK_TYPE_STRING))
    error_type("find-class*", "a name", name);
  class_object *c = class_find(is_type(name, JANK_TYPE_STRING)
                                   ? ((string_object *)name)->text
                                   : ((symbol_object *)name)->name->text);
  return c ? &c->header : JANK_NIL;
}

const struct patch_symbol class_builtins[] = {
    CORE("class", "[x]", core_class, "The class of x; nil for nil."),
    CORE("instance?", "[c x]", core_instance,
         "True when x is an instance of the class c, or of a class that "
         "descends from it. Always false for nil."),
    CORE("cast", "[c x]", core_cast,
         "Returns x when it is nil or an instance of the class c; throws "
         "ClassCastException when it is not."),
    CORE("class?", "[x]", class_p, "True when x is a class."),
    CORE("class-isa?*", "[child parent]", class_isa_p),
    CORE("class-supers*", "[c]", class_supers),
    CORE("class-name*", "[c]", class_name),
    CORE("find-class*", "[name]", find_class),
    {0},
};
