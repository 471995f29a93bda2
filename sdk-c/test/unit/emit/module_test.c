/* A program as a side module: what the loader and the engine ask of one is there,
 * valid, and the same each time; its data has the table of what it defines; what it
 * says about itself is what it is. */
#include "emit/module.h"
#include "emit/program.h"
#include "load/inspect.h"
#include "load/pool.h"
#include "runtime/stack.h"
#include "value/word.h"

int host_has_function(const char *name);
int host_has_function(const char *name) { return 1; }

static const char source[] = "(def f (fn* ([a] (+ a 1)) ([a & more] more)))\n"
                             "(def x (f 1))\n"
                             "(f (f x))";

static struct jank_patch_header header_of(const emitted *e) {
  struct jank_patch_header h = {0};
  CHECK(e->v.data.size >= sizeof h);
  memcpy(&h, e->v.data.at, sizeof h);
  return h;
}

static void a_module_has_its_sections_in_order(void) {
  emitted e = emit_text(source);
  static const int order[] = {1, 2, 3, 7, 9, 10, 11};
  CHECK(e.v.section_count == 7);
  for (int i = 0; i < 7; i++)
    CHECK(e.v.order[i] == order[i]);
  CHECK(e.v.dylink.at && e.v.self.at && e.v.names.at && e.v.lines.at);
  CHECK(e.v.has_memory && e.v.has_table && e.v.global_count == 3);
  CHECK(strcmp(e.v.globals[0], "__stack_pointer") == 0 && e.v.mutable[0]);
  CHECK(strcmp(e.v.globals[1], "__memory_base") == 0 && !e.v.mutable[1]);
  CHECK(strcmp(e.v.globals[2], "__table_base") == 0 && !e.v.mutable[2]);
  CHECK(e.v.data_global == 1 && e.v.table_global == 2);
  emitted_free(&e);
}

static void the_table_has_all_but_the_entry(void) {
  emitted e = emit_text(source);
  CHECK(e.p->method_count == 4); /* two of f, two forms */
  CHECK(e.v.function_count == 6);
  CHECK(e.v.element_count == 5 && e.v.table_size == 5);
  CHECK(e.v.element_first == e.v.import_count);
  CHECK(e.v.export_count == 1);
  CHECK(strcmp(e.v.export_names[0], "jank_patch_symbols_test") == 0);
  CHECK(e.v.export_indices[0] == e.v.import_count + 5);
  emitted_free(&e);
}

static void the_entry_opens_the_patch_and_init_runs_the_forms(void) {
  emitted e = emit_text(source);
  buffer entry = view_function(&e.v, 5), init = view_function(&e.v, 4);
  CHECK(strcmp(buffer_cstring(&entry),
               "global.get __memory_base; global.get __table_base; local.get "
               "0; call jank_patch_open; end") == 0);
  CHECK(strcmp(buffer_cstring(&init), "local.get 0; call f2; drop; local.get "
                                      "0; call f3; end") == 0);
  buffer_free(&entry);
  buffer_free(&init);
  emitted_free(&e);
}

static void the_data_has_a_table_of_what_is_defined(void) {
  emitted e = emit_text(source);
  struct jank_patch_header h = header_of(&e);
  const char *data = (const char *)e.v.data.at;
  static const struct {
    const char *name, *signature;
    uint32_t value;
  } expected[] = {{"user/f", "1", 0},
                  {"user/f", "1&", 1},
                  {"user/f", "meta", 1},
                  {"user", "init", 4}};
  CHECK(h.record_count == 4 && h.records % 4 == 0);
  for (uint32_t i = 0; i < h.record_count && i < 4; i++) {
    struct jank_patch_record r;
    memcpy(&r, data + h.records + i * sizeof r, sizeof r);
    CHECK(strcmp(data + r.name, expected[i].name) == 0);
    CHECK(strcmp(data + r.signature, expected[i].signature) == 0);
    CHECK(r.value == expected[i].value);
  }
  CHECK(h.limit == e.v.data.size && h.words == h.limit + 8);
  CHECK(e.v.memory_size == h.words + 4 * (uint32_t)e.p->pool_count);
  CHECK(e.v.memory_align == 3 && h.words % 4 == 0);
  CHECK(pool_count((const uint8_t *)data + h.pool, h.pool_size) ==
        (uint32_t)e.p->pool_count);
  emitted_free(&e);
}

static void a_module_passes_inspection(void) {
  emitted e = emit_text(source);
  patch_info info;
  buffer why = {0};
  CHECK(inspect_patch((const uint8_t *)e.bytes.data, e.bytes.size,
                      "jank_patch_symbols_test", &info, &why) == PATCH_OK);
  CHECK(info.own && info.lines && info.memory_size == e.v.memory_size &&
        info.table_size == 5 && info.memory_align == 8);
  CHECK(inspect_patch((const uint8_t *)e.bytes.data, e.bytes.size,
                      "jank_patch_symbols_other", &info, &why) == PATCH_SYMBOL);
  e.bytes.data[60] ^= 1;
  CHECK(inspect_patch((const uint8_t *)e.bytes.data, e.bytes.size,
                      "jank_patch_symbols_test", &info, &why) != PATCH_OK);
  buffer_free(&why);
  emitted_free(&e);
}

static bool section_has(view_bytes section, const char *text) {
  size_t n = strlen(text);
  for (size_t i = 0; i + n <= section.size; i++)
    if (memcmp(section.at + i, text, n) == 0)
      return true;
  return false;
}

static void what_it_says_about_itself_is_what_it_is(void) {
  emitted e = emit_text(source);
  cursor c = {e.v.self.at, e.v.self.at + e.v.self.size, false};
  char text[96];
  CHECK(cursor_uleb(&c) == JANK_PATCH_ABI);
  static const char *const names[] = {"jank_patch_symbols_test", "test",
                                      "user"};
  for (int i = 0; i < 3; i++) {
    view_name(&c, text, sizeof text);
    CHECK(strcmp(text, names[i]) == 0);
  }
  CHECK(cursor_uleb(&c) == 3); /* f with 1, 1&, meta; init is none */
  view_name(&c, text, sizeof text);
  CHECK(strcmp(text, "user/f") == 0);
  CHECK(section_has(e.v.names, "user/f (test.jank:1)"));
  CHECK(section_has(e.v.names, "user (test.jank:2)"));
  CHECK(section_has(e.v.names, "user (test.jank:3)"));
  CHECK(section_has(e.v.names, "user (init)"));
  CHECK(section_has(e.v.names, "self") && section_has(e.v.names, "more"));
  emitted_free(&e);
}

static void lines_lead_from_the_code_to_the_source(void) {
  emitted e = emit_text("(def f (fn* [a]\n (first a)\n\n (rest a)))");
  const view_bytes body = e.v.bodies[0];
  uint32_t start = (uint32_t)(body.at - e.v.bytes);
  int found[8] = {0}, n = 0;
  for (uint32_t at = start; at < start + body.size && n < 8; at++) {
    int line = stack_line(e.v.lines.at, e.v.lines.size, at);
    if (line && (!n || found[n - 1] != line))
      found[n++] = line;
  }
  CHECK(n >= 2 && found[n - 2] == 2 && found[n - 1] == 4);
  CHECK(stack_line(e.v.lines.at, e.v.lines.size, 0) == 0);
  emitted_free(&e);
}

static void the_same_program_is_the_same_bytes(void) {
  emitted a = emit_text(source), b = emit_text(source);
  CHECK(a.bytes.size == b.bytes.size &&
        memcmp(a.bytes.data, b.bytes.data, a.bytes.size) == 0);
  buffer again = {0}; /* the tree was not changed */
  emit_wasm(a.p, "test", &again);
  CHECK(again.size == a.bytes.size &&
        memcmp(again.data, a.bytes.data, again.size) == 0);
  buffer other = {0};
  emit_wasm(a.p, "another", &other);
  CHECK(other.size > again.size);
  buffer_free(&again);
  buffer_free(&other);
  emitted_free(&a);
  emitted_free(&b);
}

static void a_program_may_define_only_or_run_only_or_do_nothing(void) {
  emitted defines = emit_text("(def g (fn* [] 1))");
  CHECK(defines.v.function_count == 2 && header_of(&defines).record_count == 2);
  emitted_free(&defines);
  emitted runs_only = emit_text("(first [1])");
  CHECK(runs_only.v.function_count == 3);
  CHECK(header_of(&runs_only).record_count == 1);
  emitted_free(&runs_only);
  emitted nothing = emit_text("");
  CHECK(nothing.v.function_count == 1 && nothing.v.element_count == 0);
  CHECK(header_of(&nothing).record_count == 0);
  emitted_free(&nothing);
}

static const struct test tests[] = {
    TEST(a_module_has_its_sections_in_order),
    TEST(the_table_has_all_but_the_entry),
    TEST(the_entry_opens_the_patch_and_init_runs_the_forms),
    TEST(the_data_has_a_table_of_what_is_defined),
    TEST(a_module_passes_inspection),
    TEST(what_it_says_about_itself_is_what_it_is),
    TEST(lines_lead_from_the_code_to_the_source),
    TEST(the_same_program_is_the_same_bytes),
    TEST(a_program_may_define_only_or_run_only_or_do_nothing),
};

MAIN(start_compiler, tests)
