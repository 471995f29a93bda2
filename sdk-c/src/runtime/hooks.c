/* hooks.c - which vars the host calls before and after a reload.
 *
 * A var is one by its metadata: :dev/before-load, :dev/after-load, also with
 * -async. Its flags say so (var.c); the list here has every var that ever was
 * one, in the order in which they became it, so that a rollback puts one back
 * where it was. Who asks gets those that are one now, and have a value.
 */
#include "runtime/hooks.h"
#include "base/buffer.h"
#include "base/grow.h"
#include "collection/map.h"
#include "runtime/fn.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/call.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/word.h"

static var_object **hooks;
static size_t hook_count, hook_capacity;
static unsigned generation;
static buffer json;

static void mark_hooks(void) {
  for (size_t i = 0; i < hook_count; i++)
    gc_mark(&hooks[i]->header);
}

void hooks_init(void) { gc_add_marker(mark_hooks); }

static bool is_listed(const var_object *var) {
  for (size_t i = 0; i < hook_count; i++)
    if (hooks[i] == var)
      return true;
  return false;
}

static void list_hook(var_object *var) {
  hooks = grow(hooks, &hook_capacity, hook_count + 1, sizeof *hooks);
  hooks[hook_count++] = var;
}

void hooks_changed(var_object *var, uint8_t flags) {
  if (!((var->header.flags | flags) & VAR_HOOK))
    return;
  generation++;
  if ((var->header.flags & VAR_HOOK) && !is_listed(var))
    list_hook(var);
}

/* ---- What the host asks -------------------------------------------------- */

static bool is_callable_with_one(const var_object *var) {
  if (!is_type(var->root, JANK_TYPE_FN))
    return false;
  const code_object *code = ((fn_object *)var->root)->code;
  return fn_has_arity(code, 1) && !fn_has_arity(code, 0);
}

static bool is_in_force(const var_object *var, uint8_t flags) {
  return (var->header.flags & flags) && var->root != JANK_UNBOUND &&
         map_get(var->ns->mappings, &var->name->header, JANK_NIL) ==
             &var->header;
}

static void write_hooks(const char *key, uint8_t flags, bool with_done) {
  buffer name = {0};
  bool first_one = true;
  buffer_format(&json, "\"%s\":[", key);
  for (size_t i = 0; i < hook_count; i++) {
    const var_object *v = hooks[i];
    if (!is_in_force(v, flags) || (with_done && !is_callable_with_one(v)))
      continue;
    if (!first_one)
      buffer_byte(&json, ',');
    first_one = false;
    buffer_clear(&name);
    symbol_add_qualified(&name, v->ns->name->name, v->name->name);
    buffer_json_string(&json, name.data, name.size);
  }
  buffer_byte(&json, ']');
  buffer_free(&name);
}

const char *jank_hot_reload_hooks(void) {
  buffer_clear(&json);
  buffer_byte(&json, '{');
  write_hooks("before", VAR_BEFORE_LOAD, false);
  buffer_byte(&json, ',');
  write_hooks("after", VAR_AFTER_LOAD, false);
  buffer_byte(&json, ',');
  write_hooks("done", VAR_HOOK_ASYNC, true);
  buffer_byte(&json, '}');
  return buffer_cstring(&json);
}

unsigned jank_hot_reload_hooks_generation(void) { return generation; }
