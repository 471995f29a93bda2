/* eval.c - TODO */
#include "analyze/macro.h"
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

const struct patch_symbol analyzer_builtins[] = {
    {"clojure.core/macroexpand-1", "1", (void *)macroexpand_1},
    {"clojure.core/macroexpand", "1", (void *)macroexpand},
    {"clojure.core/special-symbol?", "1", (void *)special_symbol_p},
    {0},
};
