/* print.c - pr, print and their like, and with-out-str. */
#include "runtime/print.h"
#include "base/buffer.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "value/error.h"
#include "value/out.h"
#include "value/string.h"
#include "value/word.h"

static O push_capture(O self) {
  if (!out_begin_capture())
    error_throw("IllegalStateException", "with-out-str is nested too deeply");
  return JANK_NIL;
}

static O pop_capture(O self) {
  const buffer *b = out_end_capture();
  if (!b)
    error_throw("IllegalStateException", "no output is being captured");
  return &string_make(b->data ? b->data : "", b->size)->header;
}

static O core_pr(O self, O xs) { return print_write(xs, true, false); }

static O core_prn(O self, O xs) { return print_write(xs, true, true); }

static O core_print(O self, O xs) { return print_write(xs, false, false); }

static O core_println(O self, O xs) { return print_write(xs, false, true); }

static O core_newline(O self) { return print_write(JANK_NIL, false, true); }

static O core_flush(O self) { return JANK_NIL; }

static O core_pr_str(O self, O xs) {
  buffer text = print_text_of(xs, true, false);
  return &string_from_buffer(&text)->header;
}

const struct patch_symbol print_builtins[] = {
    CORE("pr", "[& xs]", core_pr,
         "Prints the values as they are read, with spaces between them. "
         "Returns nil."),
    CORE("prn", "[& xs]", core_prn,
         "Prints the values as they are read, with spaces between them and a "
         "newline at the end. Returns nil."),
    CORE("print", "[& xs]", core_print,
         "Prints the values for people, strings without quotes, with spaces "
         "between them. Returns nil."),
    CORE("println", "[& xs]", core_println,
         "Prints the values for people, strings without quotes, with spaces "
         "between them and a newline at the end. Returns nil."),
    CORE("newline", "[]", core_newline, "Prints a newline. Returns nil."),
    CORE("flush", "[]", core_flush,
         "Sends what was printed on its way. Returns nil."),
    CORE("pr-str", "[& xs]", core_pr_str, "What pr would print, as a string."),
    CORE("push-out-capture*", "[]", push_capture),
    CORE("pop-out-capture*", "[]", pop_capture),
    {0},
};
