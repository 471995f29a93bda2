/* What is looked at before the engine sees a module: a good one tells what it needs;
 * one that is no side module, lacks its entry, imports what there is not, is of
 * another ABI, is damaged or asks for too much is refused with a reason; no bytes,
 * however cut or garbled, are read past their end. */
#include "base/buffer.h"
#include "host/host.h"
#include "load/inspect.h"
#include "load/module.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

/* What this runtime has. */
int host_has_function(const char *name) {
  return strcmp(name, "jank_call1") == 0 || strcmp(name, "jank_throw") == 0;
}

static buffer module, why;
static patch_info info;

/* Of a copy that ends where the module ends. */
static enum patch_error inspect_bytes(const char *data, size_t n) {
  uint8_t *copy = malloc(n ? n : 1);
  memcpy(copy, data, n);
  buffer_clear(&why);
  enum patch_error error = inspect_patch(copy, n, MODULE_ENTRY, &info, &why);
  if (info.lines) /* as an offset, for the copy goes */
    info.lines = (const uint8_t *)data + (info.lines - copy);
  if (info.native)
    info.native = (const uint8_t *)data + (info.native - copy);
  free(copy);
  return error;
}

static enum patch_error inspect(void) {
  return inspect_bytes(module.data, module.size);
}

static bool refuses(enum patch_error code, const char *says) {
  enum patch_error error = inspect();
  bool same = error == code && strstr(buffer_cstring(&why), says);
  if (!same)
    fprintf(stderr, "  %d: %s\n", error, buffer_cstring(&why));
  return same;
}

static void begin(void) {
  module_begin(&module);
  module_dylink(&module, (module_sizes){100, 3, 5, 0});
}

static void end(void) {
  module_export(&module, MODULE_ENTRY, 0);
  module_self(&module, JANK_PATCH_ABI, MODULE_ENTRY);
}

static void make_good(void) {
  buffer imports = {0};
  begin();
  buffer_uleb(&imports, 6);
  module_import(&imports, "env", "memory", 2);
  module_import(&imports, "env", "__indirect_function_table", 1);
  module_import(&imports, "env", "__memory_base", 3);
  module_import(&imports, "env", "__table_base", 3);
  module_import(&imports, "env", "jank_call1", 0);
  module_import(&imports, "GOT.func", MODULE_ENTRY, 3);
  module_section(&module, 2, &imports);
  module_custom(&module, JANK_PATCH_LINES, "\1\2\3", 3);
  end();
}

static void a_good_module_tells_what_it_needs(void) {
  make_good();
  CHECK(inspect() == PATCH_OK && why.size == 0);
  CHECK(info.memory_size == 100 && info.memory_align == 8);
  CHECK(info.table_size == 5 && info.table_align == 1);
  CHECK(info.own && !info.native);
  CHECK(info.lines_size == 3 && memcmp(info.lines, "\1\2\3", 3) == 0);
  begin();
  module_export(&module, MODULE_ENTRY, 0);
  CHECK(inspect() == PATCH_OK && !info.own &&
        !info.lines); /* of another tool */
}

static void what_is_no_module_is_refused(void) {
  static const char *const starts[] = {"",
                                       "\0asm",
                                       "\0asm\1\0\0",
                                       "\0asm\2\0\0\0",
                                       "asm\0\1\0\0\0",
                                       "<!doctype html>"};
  static const size_t sizes[] = {0, 4, 7, 8, 8, 15};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    buffer_clear(&module);
    buffer_add(&module, starts[i], sizes[i]);
    CHECK(refuses(PATCH_FORMAT, "not a WebAssembly module"));
  }
}

static void a_side_module_begins_with_dylink(void) {
  module_begin(&module);
  CHECK(refuses(PATCH_FORMAT, "dylink.0 must be its first section"));
  end();
  CHECK(refuses(PATCH_FORMAT, "dylink.0"));
  module_begin(&module);
  module_custom(&module, "other", "", 0);
  module_dylink(&module, (module_sizes){0, 0, 0, 0});
  end();
  CHECK(refuses(PATCH_FORMAT, "dylink.0"));
}

static void its_sizes_have_limits(void) {
  static const struct {
    module_sizes sizes;
    enum patch_error code;
  } cases[] = {
      {{0, 0, 0, 0}, PATCH_OK},
      {{64 << 20, 16, 65536, 16}, PATCH_OK},
      {{(64 << 20) + 1, 0, 0, 0}, PATCH_TOO_LARGE},
      {{UINT32_MAX, 0, 0, 0}, PATCH_TOO_LARGE},
      {{0, 0, 65537, 0}, PATCH_TOO_LARGE},
      {{0, 0, UINT32_MAX, 0}, PATCH_TOO_LARGE},
      {{0, 17, 0, 0}, PATCH_FORMAT},
      {{0, 0, 0, 17}, PATCH_FORMAT},
      {{0, UINT32_MAX, 0, 0}, PATCH_FORMAT},
      {{UINT64_C(1) << 32, 0, 0, 0}, PATCH_FORMAT}, /* no LEB of 32 bits */
      {{UINT64_MAX, 0, 0, 0}, PATCH_FORMAT},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    module_begin(&module);
    module_dylink(&module, cases[i].sizes);
    end();
    CHECK(inspect() == cases[i].code);
    CHECK((why.size == 0) == (cases[i].code == PATCH_OK));
    CHECK(info.memory_align >= 1 && info.table_align >= 1);
  }
}

static void a_dylink_section_may_say_more_but_needs_nothing(void) {
  static const struct {
    const char *bytes;
    size_t n;
    enum patch_error code;
  } cases[] = {
      {"\1\4\0\0\0\0\5\2xy", 10, PATCH_OK}, /* an unknown part */
      {"\2\1\0\1\4\1\0\0\0", 9, PATCH_OK},  /* needs none */
      {"\2\3\1\1a\1\4\0\0\0\0", 11, PATCH_IMPORT},
      {"\1\4\0\0\0", 5, PATCH_FORMAT}, /* past its end */
      {"\1\3\0\0\0", 5, PATCH_FORMAT}, /* too short */
      {"\1", 1, PATCH_FORMAT},
      {"\1\x80\x80\x80\x80\x80\0", 7, PATCH_FORMAT},
      {"", 0, PATCH_OK},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    module_begin(&module);
    module_custom(&module, "dylink.0", cases[i].bytes, cases[i].n);
    end();
    CHECK(inspect() == cases[i].code);
  }
}

static void the_entry_is_an_exported_function(void) {
  begin();
  CHECK(refuses(PATCH_SYMBOL, "exports no function " MODULE_ENTRY));
  module_export(&module, "jank_patch_symbols_other", 0);
  CHECK(refuses(PATCH_SYMBOL, "exports no function"));
  begin();
  module_export(&module, MODULE_ENTRY, 3); /* a global */
  CHECK(refuses(PATCH_SYMBOL, "exports no function"));
  begin();
  module_export(&module, MODULE_ENTRY "x", 0);
  CHECK(refuses(PATCH_SYMBOL, "exports no function"));
}

static void an_import_has_to_be_there(void) {
  static const struct {
    const char *module, *field;
    int kind;
    bool is_there;
  } cases[] = {
      {"env", "jank_call1", 0, true},
      {"env", "jank_throw", 0, true},
      {"env", "jank_nothing", 0, false},
      {"env", "", 0, false},
      {"other", "jank_call1", 0, false},
      {"", "", 0, false},
      {"env", "memory", 2, true},
      {"env", "memory", 3, false},
      {"env", "other_memory", 2, false},
      {"env", "__indirect_function_table", 1, true},
      {"env", "table", 1, false},
      {"env", "__stack_pointer", 3, true},
      {"env", "__memory_base", 3, true},
      {"env", "__table_base", 3, true},
      {"env", "jank_call1", 3, false},
      {"env", "__cpp_exception", 4, false}, /* of C only */
      {"GOT.func", "jank_call1", 3, true},
      {"GOT.func", MODULE_ENTRY, 3, true},
      {"GOT.func", "nothing", 3, false},
      {"GOT.mem", "nothing", 3, false},
      {"GOT.mem", MODULE_ENTRY, 3, false}, /* it is no global */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    begin();
    module_one_import(&module, cases[i].module, cases[i].field, cases[i].kind);
    end();
    if (cases[i].is_there) {
      CHECK(inspect() == PATCH_OK);
      continue;
    }
    char says[200];
    snprintf(says, sizeof says, "the patch imports %s.%s, which this runtime",
             cases[i].module, cases[i].field);
    CHECK(refuses(PATCH_IMPORT, says));
  }
}

static void what_an_import_is_called_is_shown_printably_and_shortly(void) {
  char name[1000];
  memset(name, 'x', sizeof name - 1);
  name[sizeof name - 1] = 0;
  memcpy(name, "a\n\x1b[31m\xff", 8);
  begin();
  module_one_import(&module, "env", name, 0);
  end();
  CHECK(refuses(PATCH_IMPORT, "env.a??[31m?xxx"));
  CHECK(why.size < 200);
  begin();
  buffer body = {0}; /* a name that only begins like one that is there */
  buffer_add(&body, "\1\3env\14jank_call1\0x\0\0", 20);
  module_section(&module, 2, &body);
  end();
  CHECK(inspect() == PATCH_IMPORT);
}

static void an_import_of_no_known_kind_is_malformed(void) {
  begin();
  module_one_import(&module, "env", "x", 9);
  end();
  CHECK(refuses(PATCH_FORMAT, "the import section is malformed"));
  begin();
  buffer body = {0};
  buffer_uleb(&body, UINT32_MAX);
  module_section(&module, 2, &body);
  end();
  CHECK(refuses(PATCH_FORMAT, "the import section is malformed"));
}

static void a_patch_of_ours_has_this_abi_this_entry_and_its_hash(void) {
  begin();
  module_export(&module, MODULE_ENTRY, 0);
  size_t size = module.size;
  module_self(&module, JANK_PATCH_ABI + 1, MODULE_ENTRY);
  CHECK(refuses(PATCH_ABI, "the patch has ABI version"));
  module.size = size;
  module_self(&module, JANK_PATCH_ABI, "another");
  CHECK(refuses(PATCH_SYMBOL,
                "no such entry: " MODULE_ENTRY "; the patch has another"));
  module.size = size;
  module_self(&module, JANK_PATCH_ABI, MODULE_ENTRY);
  CHECK(inspect() == PATCH_OK);
  for (size_t i = 8; i < module.size; i++) {
    module.data[i] ^= 1; /* whatever it is, it is no good patch of ours */
    CHECK(inspect() != PATCH_OK || !info.own);
    module.data[i] ^= 1;
  }
  module.size = size;
  module_custom(&module, JANK_PATCH_SECTION, "\3", 1);
  CHECK(refuses(PATCH_FORMAT, "the jank.patch section is malformed"));
}

static void what_is_of_c_has_a_hash_and_may_import_more(void) {
  begin();
  module_one_import(&module, "env", "of_the_program", 0);
  module_custom(&module, JANK_PATCH_NATIVE, "native", 6);
  module_export(&module, MODULE_ENTRY, 0);
  CHECK(refuses(PATCH_FORMAT, "it has no hash"));
  module_self(&module, JANK_PATCH_ABI, MODULE_ENTRY);
  CHECK(inspect() == PATCH_OK);
  CHECK(info.native_size == 6 && memcmp(info.native, "native", 6) == 0);
  begin();
  module_one_import(&module, "env", "__cpp_exception", 4);
  module_custom(&module, JANK_PATCH_NATIVE, "", 0);
  end();
  CHECK(inspect() == PATCH_OK && info.native && info.native_size == 0);
}

static void a_module_that_is_cut_anywhere_is_refused(void) {
  make_good();
  uint32_t wrong = 0;
  for (size_t n = 0; n < module.size; n++) {
    enum patch_error error = inspect_bytes(module.data, n);
    wrong += error == PATCH_OK && info.own;
    wrong += error != PATCH_OK && why.size == 0;
  }
  CHECK(wrong == 0);
}

static void no_bytes_do_more_than_be_refused(void) {
  uint32_t seed = 3, wrong = 0, good = 0;
  make_good();
  buffer kept = {0};
  buffer_add(&kept, module.data, module.size);
  for (int round = 0; round < 60000; round++) {
    buffer_clear(&module);
    buffer_add(&module, kept.data, kept.size);
    for (int k = 0; k < 1 + round % 5; k++) {
      seed = seed * 1664525u + 1013904223u;
      char *at = &module.data[8 + (seed >> 8) % (module.size - 8)];
      *at = (char)(seed >> 24 & 1 ? seed >> 16 : seed >> 16 & 1 ? 0xff : 0x80);
    }
    enum patch_error error = inspect();
    good += error == PATCH_OK && info.own;
    wrong += error != PATCH_OK && why.size == 0;
    wrong += why.size > 300;
  }
  CHECK(wrong == 0 && good < 600); /* where a byte became what it was */
  buffer_free(&kept);
}

static const struct test tests[] = {
    TEST(a_good_module_tells_what_it_needs),
    TEST(what_is_no_module_is_refused),
    TEST(a_side_module_begins_with_dylink),
    TEST(its_sizes_have_limits),
    TEST(a_dylink_section_may_say_more_but_needs_nothing),
    TEST(the_entry_is_an_exported_function),
    TEST(an_import_has_to_be_there),
    TEST(what_an_import_is_called_is_shown_printably_and_shortly),
    TEST(an_import_of_no_known_kind_is_malformed),
    TEST(a_patch_of_ours_has_this_abi_this_entry_and_its_hash),
    TEST(what_is_of_c_has_a_hash_and_may_import_more),
    TEST(a_module_that_is_cut_anywhere_is_refused),
    TEST(no_bytes_do_more_than_be_refused),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  RUN_TESTS(tests);
  buffer_free(&module);
  buffer_free(&why);
  return test_report();
}
