/* The module writer: every instruction has its bytes, numbers have as many as they
 * need; a function's index is filled in when it is known how many are imported, also
 * in code that was copied; lines are told by where the code is in the module. */
#include "emit/view.h"
#include "emit/wasm.h"
#include "runtime/stack.h"
#include "value/word.h"

#define IS(buffer, bytes)                                                      \
  CHECK((buffer).size == sizeof(bytes) - 1 &&                                  \
        memcmp((buffer).data, bytes, sizeof(bytes) - 1) == 0)

static void an_instruction_has_its_bytes(void) {
  wasm_code c = {0};
  wasm_op(&c, WASM_I32_ADD);
  wasm_op_u(&c, WASM_LOCAL_GET, 300);
  wasm_load(&c, 128);
  wasm_load_byte(&c, 1);
  wasm_store(&c, 0);
  wasm_store_wide(&c, 8);
  wasm_call_indirect(&c, 3);
  IS(c.bytes, "\x6a\x20\xac\x02\x28\x02\x80\x01\x2d\x00\x01\x36\x02\x00"
              "\x37\x03\x08\x11\x03\x00");
  wasm_code_free(&c);
}

static void numbers_have_as_many_bytes_as_they_need(void) {
  static const struct {
    int64_t n;
    const char *bytes;
    size_t size;
  } cases[] = {{0, "\0", 1},
               {63, "\x3f", 1},
               {64, "\xc0\0", 2},
               {-1, "\x7f", 1},
               {-64, "\x40", 1},
               {-65, "\xbf\x7f", 2},
               {INT32_MAX, "\xff\xff\xff\xff\x07", 5},
               {INT32_MIN, "\x80\x80\x80\x80\x78", 5},
               {INT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\0", 10},
               {INT64_MIN, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f", 10}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    wasm_code c = {0};
    wasm_i64(&c, cases[i].n);
    CHECK(c.bytes.size == 1 + cases[i].size && c.bytes.data[0] == 0x42 &&
          memcmp(c.bytes.data + 1, cases[i].bytes, cases[i].size) == 0);
    wasm_code_clear(&c);
    if (cases[i].n >= INT32_MIN && cases[i].n <= INT32_MAX) {
      wasm_i32(&c, (int32_t)cases[i].n);
      CHECK(c.bytes.size == 1 + cases[i].size && c.bytes.data[0] == 0x41 &&
            memcmp(c.bytes.data + 1, cases[i].bytes, cases[i].size) == 0);
    }
    wasm_code_free(&c);
  }
  wasm_code c = {0};
  wasm_f64(&c, -0.0);
  wasm_f64(&c, 1.5);
  IS(c.bytes, "\x44\0\0\0\0\0\0\0\x80\x44\0\0\0\0\0\0\xf8\x3f");
  wasm_op_u(&c, WASM_LOCAL_SET, UINT32_MAX);
  CHECK(c.bytes.size == 18 + 6);
  wasm_code_free(&c);
}

/* ---- Modules ----------------------------------------------------------------------- */

static void define(wasm_module *m, uint32_t number, uint32_t type,
                   wasm_code *c) {
  wasm_op(c, WASM_END);
  wasm_define(m, number, type, c);
}

static void begin_body(wasm_code *c) { buffer_byte(&c->bytes, 0); }

static bool is(const view *v, uint32_t number, const char *expected) {
  buffer text = view_function(v, number);
  bool same = strcmp(buffer_cstring(&text), expected) == 0;
  if (!same)
    fprintf(stderr, "  %s\n", text.data);
  buffer_free(&text);
  return same;
}

static void an_empty_module_has_a_head_and_its_sections(void) {
  wasm_module m = {0};
  buffer out = {0};
  wasm_finish(&m, &out);
  static view v;
  CHECK(view_module(&v, &out));
  CHECK(v.section_count == 5 && v.dylink.at); /* no elements, no data */
  CHECK(v.memory_size == 0 && v.table_size == 0);
  buffer_free(&out);
  wasm_free(&m);
}

static void a_type_is_written_once(void) {
  wasm_module m = {0};
  uint32_t a = wasm_type(&m, "ii", 'i'), b = wasm_type(&m, "i", 'i');
  uint32_t c = wasm_type(&m, "", 'v'), d = wasm_type(&m, "ld", 'd');
  CHECK(a == 0 && b == 1 && c == 2 && d == 3);
  CHECK(wasm_type(&m, "ii", 'i') == a && wasm_type(&m, "ld", 'd') == d);
  CHECK(wasm_type(&m, "ii", 'v') == 4 && wasm_type(&m, "il", 'i') == 5);
  CHECK(wasm_type(&m, "", 'v') == c && m.type_count == 6);
  buffer out = {0};
  wasm_finish(&m, &out);
  static view v;
  CHECK(view_module(&v, &out) && v.type_count == 6);
  CHECK(strcmp(v.types[3].params, "ld") == 0 && v.types[3].result == 'd');
  CHECK(v.types[2].params[0] == 0 && v.types[2].result == 'v');
  buffer_free(&out);
  wasm_free(&m);
}

static void indices_are_filled_in_when_all_imports_are_known(void) {
  wasm_module m = {0};
  wasm_code c = {0};
  buffer out = {0};
  uint32_t type = wasm_type(&m, "", 'i');
  wasm_import_memory(&m);
  wasm_import_table(&m);
  uint32_t a = wasm_import_global(&m, "a", true);
  uint32_t b = wasm_import_global(&m, "b", false);
  CHECK(a == 0 && b == 1);
  wasm_add_functions(&m, 1);
  wasm_add_functions(&m, 2);
  CHECK(m.function_count == 3);
  begin_body(&c);
  wasm_call_function(&c, 2);
  define(&m, 0, type, &c);
  CHECK(!c.bytes.data); /* it is the module's */
  begin_body(&c);
  wasm_call_import(&c, wasm_import_function(&m, "late", type));
  define(&m, 1, type, &c);
  begin_body(&c);
  uint32_t later = 0;
  for (int i = 0; i < 200; i++) /* so many that indices have two bytes */
    later = wasm_import_function(&m, "later", type);
  CHECK(later == 200);
  wasm_call_import(&c, later);
  define(&m, 2, type, &c);
  wasm_export_function(&m, "two", 2);
  m.element_count = m.table_size = 3;
  m.table_base = b;
  m.memory_base = b;
  buffer_text(&m.data, "data");
  wasm_finish(&m, &out);
  static view v;
  CHECK(view_module(&v, &out));
  CHECK(v.import_count == 201 && v.has_memory && v.has_table);
  CHECK(is(&v, 0, "call f2; end") && is(&v, 1, "call late; end"));
  CHECK(is(&v, 2, "call later; end"));
  CHECK(v.export_indices[0] == 203 && strcmp(v.export_names[0], "two") == 0);
  CHECK(v.element_count == 3 && v.element_first == 201);
  CHECK(v.table_global == 1 && v.data_global == 1);
  CHECK(v.data.size == 4 && memcmp(v.data.at, "data", 4) == 0);
  CHECK(v.mutable[0] && !v.mutable[1]);
  buffer_free(&out);
  wasm_free(&m);
}

static void code_that_is_copied_keeps_its_references(void) {
  wasm_module m = {0};
  wasm_code whole = {0}, c = {0};
  buffer out = {0};
  uint32_t type = wasm_type(&m, "", 'v');
  uint32_t import = wasm_import_function(&m, "imported", type);
  wasm_add_functions(&m, 1);
  wasm_line(&whole, 3);
  wasm_call_function(&whole, 0);
  size_t first = whole.bytes.size;
  wasm_line(&whole, 4);
  wasm_call_import(&whole, import);
  size_t second = whole.bytes.size;
  wasm_call_function(&whole, 0);
  begin_body(&c);
  wasm_append(&c, &whole, first, second); /* the call in the middle */
  wasm_append(&c, &whole, 0, first);
  wasm_append(&c, &whole, first, first); /* nothing */
  wasm_append(&c, &whole, second, whole.bytes.size);
  define(&m, 0, type, &c);
  wasm_finish(&m, &out);
  static view v;
  CHECK(view_module(&v, &out));
  CHECK(is(&v, 0, "call imported; call f0; call f0; end"));
  uint32_t at =
      (uint32_t)(v.bodies[0].at + 1 - v.bytes); /* of the first call */
  const uint8_t *lines = (const uint8_t *)m.lines.data;
  CHECK(stack_line(lines, m.lines.size, at) == 4);
  CHECK(stack_line(lines, m.lines.size, at + 2) == 3);
  CHECK(stack_line(lines, m.lines.size, at - 1) == 0);
  buffer_free(&out);
  wasm_code_free(&whole);
  wasm_free(&m);
}

static void lines_may_go_back_and_are_of_all_functions(void) {
  wasm_module m = {0};
  wasm_code c = {0};
  buffer out = {0};
  uint32_t type = wasm_type(&m, "", 'v');
  wasm_add_functions(&m, 2);
  static const uint32_t first[] = {1000, 2}, second[] = {70, 100000};
  for (uint32_t f = 0; f < 2; f++) {
    begin_body(&c);
    for (int i = 0; i < 2; i++) {
      wasm_line(&c, (f ? second : first)[i]);
      wasm_call_function(&c, f);
    }
    define(&m, f, type, &c);
  }
  wasm_finish(&m, &out);
  static view v;
  CHECK(view_module(&v, &out));
  for (uint32_t f = 0; f < 2; f++)
    for (uint32_t i = 0; i < 2; i++) {
      uint32_t at = (uint32_t)(v.bodies[f].at - v.bytes) + 1 + 2 * i;
      CHECK(stack_line((const uint8_t *)m.lines.data, m.lines.size, at) ==
            (int)(f ? second : first)[i]);
    }
  buffer_free(&out);
  wasm_free(&m);
}

static void a_custom_section_is_appended(void) {
  wasm_module m = {0};
  buffer out = {0}, content = {0};
  wasm_finish(&m, &out);
  buffer_text(&content, "content");
  wasm_custom(&out, "jank.lines", &content);
  buffer_clear(&content);
  wasm_custom(&out, "empty", &content);
  static view v;
  CHECK(view_module(&v, &out));
  CHECK(v.lines.size == 7 && memcmp(v.lines.at, "content", 7) == 0);
  buffer_free(&out);
  buffer_free(&content);
  wasm_free(&m);
}

static void what_is_freed_can_be_used_again(void) {
  wasm_code c = {0};
  wasm_call_function(&c, 1);
  wasm_code_clear(&c);
  CHECK(c.bytes.size == 0 && c.reference_count == 0);
  wasm_call_function(&c, 2);
  CHECK(c.reference_count == 1 && c.references[0].number == 2 &&
        c.references[0].offset == 1);
  wasm_code_free(&c);
  CHECK(!c.bytes.data && !c.references);
  wasm_op(&c, WASM_DROP);
  IS(c.bytes, "\x1a");
  wasm_code_free(&c);
}

static const struct test tests[] = {
    TEST(an_instruction_has_its_bytes),
    TEST(numbers_have_as_many_bytes_as_they_need),
    TEST(an_empty_module_has_a_head_and_its_sections),
    TEST(a_type_is_written_once),
    TEST(indices_are_filled_in_when_all_imports_are_known),
    TEST(code_that_is_copied_keeps_its_references),
    TEST(lines_may_go_back_and_are_of_all_functions),
    TEST(a_custom_section_is_appended),
    TEST(what_is_freed_can_be_used_again),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  RUN_TESTS(tests);
  return test_report();
}
