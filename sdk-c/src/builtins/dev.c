/* dev.c - what a developer's tools do to a running program: jank.dev, and what
 * tap> tells the host.
 */
#include "base/buffer.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/map.h"
#include "host/host.h"
#include "runtime/ns.h"
#include "runtime/show.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/symbol.h"
#include "value/word.h"

/* Of the text of one value for the host. */
#define TAP_BYTES ((size_t)64 << 10)

static bool tap_is_wanted;

void jank_tap_listen(int wanted) { tap_is_wanted = wanted != 0; }

/* A value that throws when it is printed is told by what it throws. */
static O tap_host(O self, O value) {
  if (!tap_is_wanted)
    return JANK_NIL;
  buffer text = {0};
  O exception = show_try(&text, value, TAP_BYTES);
  if (exception != JANK_NIL) {
    buffer_clear(&text);
    show_long(&text, exception, TAP_BYTES);
  }
  host_tap(buffer_cstring(&text), text.size);
  buffer_free(&text);
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
    CORE("tap-host*", "[x]", tap_host),
    BUILTIN("jank.dev", "unbind!", "[sym]", unbind,
            "Takes back the first definition of the qualified name: it is "
            "unbound, and not resolved any more. True when there was one."),
    {0},
};
