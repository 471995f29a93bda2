/* dev.c - what a developer's tools do to a running program: jank.dev, and what
 * tap> tells the host.
 */
#include "base/buffer.h"
#include "collection/map.h"
#include "host/host.h"
#include "runtime/print.h"
#include "runtime/var.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"

/* Of the text of one value for the host. */
#define TAP_BYTES ((size_t)64 << 10)

static bool tap_is_wanted;

void jank_tap_listen(int wanted) { tap_is_wanted = wanted != 0; }

typedef struct {
  buffer text;
  O value;
} tap;

static O tap_text(void *context) {
  tap *t = context;
  print_bounded(&t->text, t->value, TAP_BYTES);
  return JANK_NIL;
}

/* A value that throws when it is printed is told by what it throws. */
static O tap_host(O self, O value) {
  O result, exception;
  tap t = {.value = value};
  if (!tap_is_wanted)
    return JANK_NIL;
  if (!throw_catch(tap_text, &t, &result, &exception)) {
    t.value = exception;
    if (!throw_catch(tap_text, &t, &result, &exception))
      buffer_text(&t.text, "#error {}");
  }
  string_object *text = string_from_buffer(&t.text);
  host_tap(text->text, text->bytes);
  return JANK_NIL;
}

/* (unbind! 'ns/name): undoes a first definition. Whether there was one. */
static O unbind(O self, O name) {
  symbol_object *s = (symbol_object *)name;
  if (!is_type(name, JANK_TYPE_SYMBOL) || !s->ns)
    error_type("unbind!", "a qualified symbol", name);
  namespace_object *ns = ns_find(symbol_make(NULL, s->ns));
  O key = &symbol_make(NULL, s->name)->header;
  O var = ns ? map_get(ns->mappings, key, JANK_NIL) : JANK_NIL;
  bool is_own = var != JANK_NIL && ((var_object *)var)->ns == ns;
  return boolean(is_own && var_unbind((var_object *)var));
}

const struct patch_symbol dev_builtins[] = {
    {"clojure.core/tap-host*", "1", (void *)tap_host},
    {"jank.dev/unbind!", "1", (void *)unbind},
    {0},
};
