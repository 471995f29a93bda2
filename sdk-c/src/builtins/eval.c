/* eval.c - macroexpand, and which symbols are special: for builds with the
 * compiler. `eval` itself needs the whole path and is in unit.c. */
#include "analyze/macro.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/seq.h"
#include "read/reader.h"
#include "read/special.h"
#include "runtime/var.h"
#include "value/word.h"

static O macroexpand_1(O self, O form) {
  var_object *macro =
      macro_is_call(form) && seq(form) != JANK_NIL ? macro_of(form) : NULL;
  return macro ? macro_expand_once("", form, (span){0}, macro) : form;
}

static O macroexpand(O self, O form) {
  return macro_expand("", form, (span){0});
}

static O special_symbol_p(O self, O form) {
  return boolean(is_type(form, JANK_TYPE_SYMBOL) && special_is(form));
}

const struct patch_symbol eval_builtins[] = {
    CORE("macroexpand-1", "[form]", macroexpand_1,
         "The form that a macro call stands for, expanded once. Any other form "
         "is returned as it is."),
    CORE("macroexpand", "[form]", macroexpand,
         "The form, expanded until it is no macro call. The forms inside it "
         "are left as they are."),
    CORE("special-symbol?", "[s]", special_symbol_p,
         "True when s is the name of a special form, such as if or def."),
    {0},
};
