/* What live development asks of the runtime, as C sees it: what a transaction
 * takes back, hooks, while the collector runs. */
#include "fn.h"
#include "journal.h"
#include "object.h"
#include "test.h"
#include <string.h>

typedef jank_object *O;

static O text(const char *s) { return jank_make_string(s); }

static var_object *var(const char *name) {
  return (var_object *)jank_var_intern_c("t", name);
}

static bool is_text(O o, const char *s) {
  return is_type(o, JANK_TYPE_STRING) &&
         strcmp(((string_object *)o)->text, s) == 0;
}

static O meta_with(const char *key) {
  return map_assoc(empty_map, jank_make_keyword("dev", key), JANK_TRUE);
}

static void garbage(void) {
  gc_collect(false);
  gc_collect(false);
  for (int i = 0; i < 200; i++)
    text("garbage");
  gc_collect(true);
}

static void test_roots(void) {
  var_object *old = var("old");
  jank_var_bind_root(&old->header, text("first"));
  garbage();
  CHECK(jank_hot_reload_begin() == 0);
  jank_var_bind_root(&old->header, text("second"));
  garbage();
  jank_var_bind_root(&old->header, text("third"));
  jank_var_bind_root(&var("new")->header, text("new"));
  garbage();
  CHECK(jank_hot_reload_rollback() == 0);
  garbage();
  CHECK(is_text(old->root, "first"));
  CHECK(var("new")->root == JANK_UNBOUND);
  CHECK(old->header.aux == 0 && var("new")->header.aux == 0);
}

/* As a load within the host's transaction. */
static void test_nested(void) {
  var_object *v = var("nested");
  jank_var_bind_root(&v->header, text("0"));
  jank_hot_reload_begin();
  jank_var_bind_root(&v->header, text("1"));
  journal_begin();
  jank_var_bind_root(&v->header, text("2"));
  jank_var_bind_root(&var("inner")->header, text("2"));
  garbage();
  journal_rollback();
  CHECK(is_text(v->root, "1"));
  CHECK(var("inner")->root == JANK_UNBOUND);
  for (int i = 0; i < 3; i++) {
    journal_begin();
    jank_var_bind_root(&v->header, text("3"));
    jank_var_bind_root(&var("inner")->header, text("3"));
    garbage();
    journal_commit();
  }
  CHECK(is_text(v->root, "3"));
  jank_hot_reload_rollback();
  garbage();
  CHECK(is_text(v->root, "0"));
  CHECK(var("inner")->root == JANK_UNBOUND);
  CHECK(v->header.aux == 0 && var("inner")->header.aux == 0);
}

static void test_namespaces(void) {
  namespace_object *ns = ns_from_name("t"), *other = ns_from_name("other");
  O name = jank_make_symbol(NULL, "o");
  jank_hot_reload_begin();
  journal_change(&ns->header);
  ns->aliases = map_assoc(ns->aliases, name, &other->header);
  jank_var_bind_root(jank_var_intern_c("made", "x"), text("x"));
  jank_var_bind_root(jank_var_intern_c("t", "count"), text("hides"));
  CHECK(ns_has(ns_from_name("made")));
  garbage();
  jank_hot_reload_rollback();
  garbage();
  CHECK(map_get(ns->aliases, name, JANK_NIL) == JANK_NIL);
  CHECK(!ns_has(ns_from_name("made")));
  CHECK(ns_has(ns));
  CHECK(map_get(ns->mappings, jank_make_symbol(NULL, "count"), JANK_NIL) ==
        JANK_NIL);
}

static void test_refusals(void) {
  CHECK(jank_hot_reload_commit() < 0);
  CHECK(strstr(jank_hot_reload_last_error(), "no transaction") != NULL);
  CHECK(jank_hot_reload_rollback() < 0);
  CHECK(jank_hot_reload_begin() == 0);
  CHECK(jank_hot_reload_begin() < 0);
  CHECK(strstr(jank_hot_reload_last_error(), "open already") != NULL);
  jank_var_bind_root(&var("kept")->header, text("kept"));
  jank_runtime_recover();
  CHECK(jank_hot_reload_commit() == 0);
  CHECK(is_text(var("kept")->root, "kept"));
}

static void test_hooks(void) {
  CHECK(strcmp(jank_hot_reload_hooks(),
               "{\"before\":[],\"after\":[],\"done\":[]}") == 0);
  unsigned generation = jank_hot_reload_hooks_generation();
  jank_var_bind_root(&var("plain")->header, text("x"));
  CHECK(jank_hot_reload_hooks_generation() == generation);
  jank_var_reset_meta(&var("a\"b")->header, meta_with("after-load"));
  CHECK(strstr(jank_hot_reload_hooks(), "\"after\":[]") != NULL);
  jank_var_bind_root(&var("a\"b")->header, text("x"));
  jank_var_reset_meta(&var("c")->header, meta_with("before-load-async"));
  jank_var_bind_root(&var("c")->header, text("x"));
  garbage();
  CHECK(jank_hot_reload_hooks_generation() != generation);
  const char *both =
      "{\"before\":[\"t/c\"],\"after\":[\"t/a\\\"b\"],\"done\":[]}";
  CHECK(strcmp(jank_hot_reload_hooks(), both) == 0);
  jank_hot_reload_begin();
  jank_var_reset_meta(&var("a\"b")->header, JANK_NIL);
  jank_var_reset_meta(&var("d")->header, meta_with("after-load"));
  jank_var_bind_root(&var("d")->header, text("x"));
  CHECK(strstr(jank_hot_reload_hooks(), "\"after\":[\"t/d\"]") != NULL);
  generation = jank_hot_reload_hooks_generation();
  jank_hot_reload_rollback();
  CHECK(jank_hot_reload_hooks_generation() != generation);
  CHECK(strcmp(jank_hot_reload_hooks(), both) == 0);
}

int main(void) {
  CHECK(jank_runtime_init() == 0);
  test_roots();
  test_nested();
  test_namespaces();
  test_refusals();
  test_hooks();
  return test_report();
}
