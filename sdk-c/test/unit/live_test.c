/* What live development asks of the runtime, as C sees it: what a transaction
 * takes back, hooks, while the collector runs. */
#include "base/buffer.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/vector.h"
#include "host/native.h"
#include "runtime/journal.h"
#include "runtime/ns.h"
#include "runtime/session.h"
#include "runtime/var.h"
#include "test.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/word.h"
#include <stdio.h>
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
  return map_assoc(map_empty, jank_make_keyword("dev", key), JANK_TRUE);
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

/* ---- Sessions, taps, unbind! ------------------------------------------------ */

static O star(const char *name) { return jank_deref_var("clojure.core", name); }

static void test_sessions(void) {
  char id[16];
  jank_hot_reload_session("");
  session_value(text("nobody's"));
  CHECK(star("*1") == JANK_NIL);
  for (int i = 0; i < 200; i++) {
    snprintf(id, sizeof id, "s%d", i % 70);
    jank_hot_reload_session(id);
    session_value(text(id));
    session_value(text("last"));
    session_error(text("error"));
  }
  garbage();
  CHECK(is_text(star("*1"), "last") && is_text(star("*2"), "s59"));
  jank_hot_reload_session("s58");
  CHECK(is_text(star("*1"), "last") && is_text(star("*2"), "s58"));
  CHECK(is_text(star("*e"), "error"));
  jank_hot_reload_begin();
  session_value(text("newest"));
  garbage();
  jank_hot_reload_rollback();
  CHECK(is_text(star("*1"), "newest") && is_text(star("*2"), "last"));
  jank_hot_reload_session("another");
  CHECK(star("*1") == JANK_NIL && star("*e") == JANK_NIL);
  jank_hot_reload_session("");
  CHECK(star("*1") == JANK_NIL);
}

static size_t heard_size;
static char heard_end[8];
static int heard_times;

static void hear(const char *told, size_t n) {
  heard_times++;
  heard_size = n;
  snprintf(heard_end, sizeof heard_end, "%s", n > 7 ? told + n - 7 : told);
}

static void tell(O value) {
  jank_call1(jank_deref_var("clojure.core", "tap-host*"), value);
}

static void test_taps(void) {
  host_tap_hook = hear;
  tell(text("nobody listens"));
  CHECK(heard_times == 0);
  jank_tap_listen(1);
  tell(fixnum(42));
  CHECK(heard_times == 1 && heard_size == 2 && strcmp(heard_end, "42") == 0);
  buffer large = {0};
  for (int i = 0; i < 40000; i++)
    buffer_text(&large, "\xc3\xa9");
  tell(&string_from_buffer(&large)->header);
  CHECK(heard_size <= 65536 + 3 && strcmp(heard_end + 3, "\xa9...") == 0);
  O many = vector_empty;
  for (int i = 0; i < 1500; i++)
    many = vector_conj(many, fixnum(i));
  tell(many);
  CHECK(strcmp(heard_end, "99 ...]") == 0);
  jank_tap_listen(0);
  tell(fixnum(42));
  CHECK(heard_times == 3);
}

static void test_unbind(void) {
  O unbind = jank_deref_var("jank.dev", "unbind!");
  var_object *v = var("un");
  jank_var_bind_root(&v->header, text("x"));
  jank_var_reset_meta(&v->header, meta_with("after-load"));
  CHECK(jank_call1(unbind, jank_make_symbol("t", "un")) == JANK_TRUE);
  CHECK(v->root == JANK_UNBOUND && v->meta == JANK_NIL);
  CHECK(!strstr(jank_hot_reload_hooks(), "t/un"));
  CHECK(jank_call1(unbind, jank_make_symbol("t", "un")) == JANK_FALSE);
  jank_var_bind_root(&v->header, text("again"));
  CHECK(is_text(var("un")->root, "again") && var("un") == v);
}

static const struct test tests[] = {
    TEST(test_roots),    TEST(test_nested), TEST(test_namespaces),
    TEST(test_refusals), TEST(test_hooks),  TEST(test_sessions),
    TEST(test_taps),     TEST(test_unbind),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  CHECK(jank_runtime_init() == 0);
  RUN_TESTS(tests);
  return test_report();
}
