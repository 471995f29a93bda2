/* macro.c - macros: whether a form is a call of one, and its expansion.
 *
 * A macro is a function that is called with the form, nil (for &env) and the
 * arguments. What it throws becomes a CompilerException at the form; an
 * interruption stays what it is. It is called here and now, so what it needs
 * must be loaded by then.
 */
#include "analyze/macro.h"
#include "analyze/ast.h"
#include "analyze/build.h"
#include "collection/seq.h"
#include "read/reader.h"
#include "read/special.h"
#include "runtime/fn.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

typedef struct {
  O macro, args;
} macro_call;

static O call_macro(void *context) {
  macro_call *m = context;
  return fn_apply(m->macro, m->args);
}

var_object *macro_of(O form) {
  O head = seq_first(form);
  if (!is_type(head, JANK_TYPE_SYMBOL) || special_find(head) != SPECIAL_NONE)
    return NULL;
  var_object *var = var_resolve(ns_current(), (symbol_object *)head);
  return var && (var->header.flags & VAR_MACRO) ? var : NULL;
}

O macro_expand_once(const char *file, O form, span where, var_object *macro) {
  macro_call call = {macro->root,
                     seq_cons(form, seq_cons(JANK_NIL, seq_next(form)))};
  O result = JANK_NIL, e = JANK_NIL;
  if (throw_catch(call_macro, &call, &result, &e))
    return result;
  if (!is_type(e, JANK_TYPE_EXCEPTION) || error_is_interrupt(e))
    jank_throw(e);
  exception_object *x = (exception_object *)e;
  if (strcmp(x->class_name->text, "CompilerException") == 0)
    jank_throw(e);
  ast_error(file, where, "%s: %s", macro->name->name->text,
            is_type(x->message, JANK_TYPE_STRING)
                ? ((string_object *)x->message)->text
                : "the macro failed");
}

bool macro_is_call(O form) {
  return is_heap(form) &&
         (form->type == JANK_TYPE_LIST || form->type == JANK_TYPE_CONS ||
          form->type == JANK_TYPE_LAZY_SEQ ||
          form->type == JANK_TYPE_ARRAY_SEQ ||
          form->type == JANK_TYPE_VECTOR_SEQ || form->type == JANK_TYPE_RANGE);
}

O macro_expand(const char *file, O form, span where) {
  while (macro_is_call(form) && seq(form) != JANK_NIL) {
    var_object *macro = macro_of(form);
    if (!macro)
      return form;
    poll(); /* it may expand to itself */
    form = macro_expand_once(file, form, build_span(form, where), macro);
  }
  return form;
}
