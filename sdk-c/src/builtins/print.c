/* print.c - TODO */
#include "runtime/print.h"
#include "base/buffer.h"
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
    {"clojure.core/pr", "0&", (void *)core_pr},
    {"clojure.core/prn", "0&", (void *)core_prn},
    {"clojure.core/print", "0&", (void *)core_print},
    {"clojure.core/println", "0&", (void *)core_println},
    {"clojure.core/newline", "0", (void *)core_newline},
    {"clojure.core/flush", "0", (void *)core_flush},
    {"clojure.core/pr-str", "0&", (void *)core_pr_str},
    {"clojure.core/push-out-capture*", "0", (void *)push_capture},
    {"clojure.core/pop-out-capture*", "0", (void *)pop_capture},
    {0},
};
