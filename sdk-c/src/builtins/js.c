/* js.c - a builtin for each operation of the host on JavaScript (host/host.h),
 * by its name: js-get*, js-call* ... The core library and the analyzer's nodes
 * call them. */
#include "runtime/js.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/array.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "host/host.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/word.h"

static O operate_all(enum js_op op, O args) {
  O v = vector_empty;
  for (O s = seq(args); s != JANK_NIL; s = seq_next_polled(s))
    v = vector_conj(v, seq_first(s));
  uint32_t n = vector_count(v);
  array_object *a = gc_alloc(JANK_TYPE_ARRAY, sizeof *a + n * sizeof *a->items);
  a->count = n;
  for (uint32_t i = 0; i < n; i++)
    a->items[i] = vector_nth(v, i);
  return js_operate(op, (int)n, a->items);
}

#define X(name)                                                                \
  static O operate_##name(O self, O args) {                                    \
    return operate_all(JS_OP_##name, args);                                    \
  }
JS_OPS(X)
#undef X

static O value_p(O self, O o) { return boolean(is_type(o, JANK_TYPE_JS)); }

/* The host's next line; nil at the end of what it has. */
static O read_line(O self) {
  O line = js_operate(JS_OP_readline, 0, NULL);
  if (line == JANK_FALSE)
    jank_throw(error_interrupt());
  return line;
}

static O host_error(O self, O e) {
  return is_type(e, JANK_TYPE_EXCEPTION) ? ((exception_object *)e)->host
                                         : JANK_NIL;
}

const struct patch_symbol js_builtins[] = {
#define X(name) CORE("js-" #name "*", "[& args]", operate_##name),
    JS_OPS(X)
#undef X
        CORE("js-value?*", "[x]", value_p),
    CORE("read-line*", "[]", read_line),
    CORE("host-error*", "[ex]", host_error),
    {0},
};
