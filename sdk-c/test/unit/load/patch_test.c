/* Patches, with an engine that is played here: what one defines is bound at once and
 * after all of it was checked; what is refused, throws or traps has changed nothing
 * and says why; what nobody can call any more gives its memory and its slots back.
 * The module's bytes are inspected (inspect_test); what the engine would put into
 * memory is an image that a test makes. */
#include "base/buffer.h"
#include "collection/coll.h"
#include "host/host.h"
#include "load/inspect.h"
#include "load/module.h"
#include "load/patch.h"
#include "load/slots.h"
#include "runtime/fn.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/word.h"
#include "values.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- An engine --------------------------------------------------------------------- */

#define TABLE 20000
static uint32_t table_size = 100;
static void *table[TABLE];
static const char *trap; /* what the next call ends with */

uint32_t host_table_grow(uint32_t n) {
  if (table_size + n > TABLE)
    return 0;
  table_size += n;
  return table_size - n;
}

void host_table_clear(uint32_t first, uint32_t n) {
  for (uint32_t i = first; i < first + n; i++)
    table[i] = NULL;
}

static buffer image;  /* becomes the patch's memory */
static int status;    /* of the next instantiation */
static void *code[8]; /* and its functions, by number */
static uint32_t code_n;

int host_patch_instantiate(const uint8_t *bytes, size_t size,
                           uintptr_t memory_base, uintptr_t table_base,
                           char *error, size_t error_size) {
  if (status) {
    snprintf(error, error_size, "the engine says no");
    return status;
  }
  memcpy((void *)memory_base, image.data, image.size);
  for (uint32_t i = 0; i < code_n; i++)
    table[table_base + i] = code[i];
  return 0;
}

uintptr_t host_call(uintptr_t function, uintptr_t argument, char *error,
                    size_t error_size) {
  if (trap) {
    snprintf(error, error_size, "%s", trap);
    trap = NULL;
    return 0;
  }
  void *f = function < TABLE ? table[function] : (void *)function;
  return ((uintptr_t (*)(uintptr_t))f)(argument);
}

/* ---- Patches ----------------------------------------------------------------------- */

typedef struct {
  const char *name, *signature;
  uint32_t value;
} record;

static const char default_pool[] = {2,
                                    JANK_POOL_STRING,
                                    2 * 3 + 1,
                                    'd',
                                    'o',
                                    'c',
                                    JANK_POOL_MAP,
                                    1,
                                    JANK_POOL_KEYWORD,
                                    0,
                                    2 * 3 + 1,
                                    'd',
                                    'o',
                                    'c',
                                    JANK_POOL_STRING,
                                    2 * 1};

static void align_to(buffer *b, size_t align) {
  while (b->size % align)
    buffer_byte(b, 0);
}

static struct jank_patch_header *header(void) {
  return (struct jank_patch_header *)(void *)image.data;
}

static void make_image(const char *pool, size_t pool_size,
                       const record *records, uint32_t n) {
  struct jank_patch_header h = {.pool_size = (uint32_t)pool_size,
                                .record_count = n};
  struct jank_patch_record made[16] = {{0}};
  buffer_clear(&image);
  buffer_add(&image, &h, sizeof h);
  h.pool = (uint32_t)image.size;
  buffer_add(&image, pool, pool_size);
  align_to(&image, 16);
  h.words = (uint32_t)image.size;
  for (int i = 0; i < 16 * 8; i++)
    buffer_byte(&image, 0);
  h.limit = (uint32_t)image.size;
  buffer_add(&image, "\0\0\0\0", 4);
  for (uint32_t i = 0; i < n; i++) {
    made[i].value = records[i].value;
    made[i].name = (uint32_t)image.size;
    buffer_add(&image, records[i].name, strlen(records[i].name) + 1);
    made[i].signature = (uint32_t)image.size;
    buffer_add(&image, records[i].signature, strlen(records[i].signature) + 1);
  }
  align_to(&image, 4);
  h.records = (uint32_t)image.size;
  buffer_add(&image, made, n * sizeof *made);
  memcpy(image.data, &h, sizeof h);
}

static buffer module;

static void make_module(void) {
  module_begin(&module);
  module_dylink(&module, (module_sizes){image.size, 4, code_n, 0});
  module_custom(&module, JANK_PATCH_LINES, "\x0a\x05\x0a\x02", 4);
  module_export(&module, MODULE_ENTRY, 0);
  module_self(&module, JANK_PATCH_ABI, MODULE_ENTRY);
}

static O gives_one(O self) { return fixnum(1); }
static O gives_itself(O self, O a) { return a; }
static O throws_it(O self) { error_throw("ArithmeticException", "it threw"); }
static O sets_var(O self) {
  jank_var_bind_root(jank_var_intern_c("t", "by-init"), fixnum(5));
  return fixnum(6);
}
static O sets_and_throws(O self) {
  sets_var(self);
  return throws_it(self);
}

static void set_code(uint32_t n, void *a, void *b) {
  code_n = n;
  code[0] = a;
  code[1] = b;
}

static char path[200];

static int load(void) {
  FILE *file = fopen(path, "wb");
  CHECK(file != NULL);
  if (!file)
    return 1;
  fwrite(module.data, 1, module.size, file);
  fclose(file);
  return jank_hot_reload_load_patch(path, MODULE_ENTRY);
}

static var_object *var(const char *name) {
  return (var_object *)jank_var_intern_c("t", name);
}

static bool says(const char *part) {
  bool same = strstr(jank_hot_reload_last_error(), part) != NULL;
  if (!same)
    fprintf(stderr, "  %s\n", jank_hot_reload_last_error());
  return same;
}

static const record functions[] = {
    {"t/f", "0", 0}, {"t/f", "1", 1}, {"t/f", "meta", 1}};

static void make_functions(void) {
  set_code(2, (void *)gives_one, (void *)gives_itself);
  make_image(default_pool, sizeof default_pool, functions, 3);
  make_module();
}

/* ---- What is bound ----------------------------------------------------------------- */

static void what_a_patch_defines_is_bound(void) {
  make_functions();
  CHECK(load() == PATCH_OK && !jank_hot_reload_last_error()[0]);
  fn_object *f = (fn_object *)var("f")->root;
  CHECK(is_type(&f->header, JANK_TYPE_FN) && is_text((O)f->code->name, "t/f"));
  uintptr_t slot = (uintptr_t)f->code->entries[0];
  CHECK(slot >= 100 && slot < table_size && table[slot] == (void *)gives_one);
  CHECK(f->code->entries[1] == (void *)(slot + 1));
  CHECK(is_type(f->code->patch, JANK_TYPE_PATCH));
  CHECK(is_text(coll_get(var("f")->meta, keyword("doc"), JANK_NIL), "doc"));
  CHECK(strcmp(jank_hot_reload_last_value(), "#'t/f") == 0);
  CHECK(strcmp(jank_hot_reload_last_ns(), "user") == 0);
  CHECK(strstr(jank_hot_reload_get_stats(), path + 5) != NULL);
}

static void what_init_gives_is_the_value_in_its_namespace(void) {
  set_code(1, (void *)sets_var, NULL);
  record init = {"t.init", "init", 0};
  make_image(default_pool, sizeof default_pool, &init, 1);
  make_module();
  CHECK(load() == PATCH_OK);
  CHECK(strcmp(jank_hot_reload_last_value(), "6") == 0);
  CHECK(strcmp(jank_hot_reload_last_ns(), "t.init") == 0);
  CHECK(strcmp(ns_current()->name->name->text, "user") == 0);
  CHECK(var("by-init")->root == fixnum(5));
}

static O run_module(void *entry) { return patch_run(&module, entry); }

static void bytes_in_memory_are_run_for_their_value(void) {
  jank_var_bind_root(&var("by-init")->header, JANK_NIL);
  CHECK(patch_run(&module, MODULE_ENTRY) == fixnum(6));
  CHECK(var("by-init")->root == fixnum(5));
  CHECK(throws(run_module, "jank_patch_symbols_other", "PatchException",
               "no such entry"));
}

static void lines_are_of_the_patch_that_a_function_is_from(void) {
  make_functions();
  load();
  CHECK(patch_line("t/f", 9) == 0); /* before the first */
  CHECK(patch_line("t/f", 10) == 5 && patch_line("t/f", 19) == 5);
  CHECK(patch_line("t/f", 20) == 7 && patch_line("t/f--1", 500) == 7);
  CHECK(patch_line("t/nothing", 10) == 0 && patch_line("", 10) == 0);
  CHECK(patch_line("no/slash/at/all", 10) == 0);
}

/* ---- What is not ------------------------------------------------------------------- */

static O before; /* what t/f is */

/* Refused with that, and t/f is what it was. */
static bool refused(enum patch_error expected, const char *part) {
  uint32_t unused = slots_unused(), total = slots_total();
  int error = load();
  bool same = error == (int)expected && says(part);
  if (error != (int)expected)
    fprintf(stderr, "  code %d\n", error);
  gc_collect(true);
  return same && var("f")->root == before && slots_total() >= total &&
         slots_unused() <= unused + (slots_total() - total);
}

static void keep_f(void) {
  jank_var_bind_root(&var("f")->header, fixnum(77));
  before = fixnum(77);
}

static void a_file_that_cannot_be_read_is_told(void) {
  keep_f();
  CHECK(jank_hot_reload_load_patch("nowhere/at/all.wasm", MODULE_ENTRY) ==
        PATCH_FILE);
  CHECK(says("cannot read the patch file nowhere/at/all.wasm"));
  CHECK(jank_hot_reload_load_patch(".", MODULE_ENTRY) < 0);
  make_functions();
  while (module.size <= JANK_PATCH_MAX_SIZE)
    module_custom(&module, "padding", image.data, image.size);
  CHECK(refused(PATCH_TOO_LARGE, "larger than 4 MiB"));
}

static void what_inspection_refuses_is_refused(void) {
  keep_f();
  make_functions();
  module.data[module.size - 1] ^= 1;
  CHECK(refused(PATCH_FORMAT, "its hash differs"));
  make_functions();
  module.size = 8;
  CHECK(refused(PATCH_FORMAT, "dylink.0"));
  module_dylink(&module, (module_sizes){0, 0, 0, 0});
  module_export(&module, MODULE_ENTRY, 0);
  CHECK(refused(PATCH_FORMAT, "not a patch of this compiler"));
}

static void what_the_engine_refuses_is_refused(void) {
  keep_f();
  make_functions();
  status = PATCH_INSTANTIATE;
  CHECK(refused(PATCH_INSTANTIATE, "the engine says no"));
  status = 0;
  module_begin(&module);
  module_dylink(&module, (module_sizes){image.size, 4, TABLE, 0});
  module_export(&module, MODULE_ENTRY, 0);
  module_self(&module, JANK_PATCH_ABI, MODULE_ENTRY);
  CHECK(refused(PATCH_TOO_LARGE, "the function table cannot grow"));
}

static void a_table_of_symbols_that_is_out_of_its_memory_is_refused(void) {
  keep_f();
  for (int field = 0; field < 6; field++) {
    static const uint32_t wrong[] = {UINT32_MAX, 0x80000000, 1u << 24, 70000};
    for (size_t i = 0; i < COUNT(wrong); i++) {
      make_functions();
      uint32_t *h = (uint32_t *)(void *)image.data;
      h[field] = wrong[i];
      make_module();
      CHECK(refused(PATCH_SYMBOL, "the patch's "));
    }
  }
  make_functions();
  image.size = sizeof(struct jank_patch_header) - 1;
  make_module();
  CHECK(load() != PATCH_OK);
}

static void constants_do_not_write_over_the_table(void) {
  keep_f();
  for (uint32_t at = 0; at < 64; at += 8) {
    make_functions();
    header()->words = at; /* over the header, and the pool itself */
    make_module();
    load(); /* is refused or not, but nothing is read that is not its own */
    keep_f();
  }
}

static void a_record_has_a_name_a_signature_and_a_function(void) {
  static const struct {
    record record;
    enum patch_error code;
    const char *says;
  } cases[] = {
      {{"f", "0", 0}, PATCH_SYMBOL, "a malformed symbol of the patch: f, 0"},
      {{"/f", "0", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/", "0", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"", "0", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "x", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "-1", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "21", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "1&&", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "999999999999999999999", 0}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "0", 2}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "0", UINT32_MAX}, PATCH_SYMBOL, "malformed symbol"},
      {{"t/f", "meta", 2}, PATCH_SYMBOL, "malformed symbol"},
      {{"t", "init", 2}, PATCH_SYMBOL, "malformed symbol"},
  };
  keep_f();
  for (size_t i = 0; i < COUNT(cases); i++) {
    record records[] = {functions[0], cases[i].record};
    set_code(2, (void *)gives_one, (void *)gives_itself);
    make_image(default_pool, sizeof default_pool, records, 2);
    make_module();
    CHECK(refused(cases[i].code, cases[i].says));
  }
  record twice[] = {functions[0], functions[1], functions[0]};
  make_image(default_pool, sizeof default_pool, twice, 3);
  make_module();
  CHECK(
      refused(PATCH_DUPLICATE, "the patch defines t/f with signature 0 twice"));
}

static void a_bad_pool_is_refused(void) {
  keep_f();
  set_code(2, (void *)gives_one, (void *)gives_itself);
  make_image("\1\xff", 2, functions, 1);
  make_module();
  CHECK(refused(PATCH_SYMBOL, "bad patch: constant pool: an unknown kind"));
}

static void what_init_throws_or_traps_takes_all_back(void) {
  keep_f();
  set_code(2, (void *)sets_and_throws, (void *)gives_itself);
  record records[] = {
      {"t/f", "1", 1}, {"t/new", "1", 1}, {"t.init", "init", 0}};
  make_image(default_pool, sizeof default_pool, records, 3);
  make_module();
  jank_var_bind_root(&var("by-init")->header, fixnum(0));
  CHECK(refused(PATCH_THREW, "it threw"));
  CHECK(var("by-init")->root == fixnum(0) && var("new")->root == JANK_UNBOUND);
  CHECK(strcmp(ns_current()->name->name->text, "user") == 0);
  trap = "unreachable executed";
  CHECK(refused(PATCH_THREW, "unreachable executed"));
  CHECK(var("new")->root == JANK_UNBOUND);
}

static void any_image_is_loaded_or_refused(void) {
  uint32_t seed = 17, wrong = 0;
  keep_f();
  set_code(2, (void *)gives_one, (void *)gives_itself);
  for (int round = 0; round < SCALED(3000); round++) {
    make_image(default_pool, sizeof default_pool, functions, 3);
    for (int k = 0; k < 3; k++) {
      seed = seed * 1664525u + 1013904223u;
      size_t most = round % 2 ? sizeof(struct jank_patch_header) : image.size;
      image.data[(seed >> 8) % most] = (char)(seed >> 20 & 0x7f);
    }
    make_module();
    O result = JANK_NIL, exception = JANK_NIL;
    if (throw_catch(run_module, MODULE_ENTRY, &result, &exception))
      keep_f();
    wrong += var("f")->root != before;
    wrong += exception != JANK_NIL && !is_type(exception, JANK_TYPE_EXCEPTION);
  }
  CHECK(wrong == 0);
}

/* ---- Entries in C ------------------------------------------------------------------ */

static O words[4];
static const uint8_t linked_pool[] = {
    1,   JANK_POOL_VAR, 2 * 1 + 1, 't', 2 * 6 + 1, 'l',   'i', 'n', 'k',
    'e', 'd',           1,         0,   1,         2 * 1, 0,   0};
static void *const linked[] = {(void *)gives_itself};
static struct patch_symbol linked_init = {"t.linked", "init", NULL};

static struct patch_symbol *linked_entry(int *count) {
  jank_patch_link(linked_pool, sizeof linked_pool, words, linked, 1);
  *count = linked_init.fn ? 1 : 0;
  return &linked_init;
}

static O load_linked(void *context) {
  patch_load_entry(linked_entry);
  return JANK_NIL;
}

static void an_entry_in_c_is_bound_and_run(void) {
  CHECK(thrown(load_linked, NULL) == JANK_UNBOUND);
  CHECK(jank_call1(&var("linked")->header, fixnum(3)) == fixnum(3));
  CHECK(words[0] == &var("linked")->header);
  jank_var_bind_root(&var("linked")->header, fixnum(0));
  linked_init.fn = (void *)sets_and_throws;
  CHECK(throws(load_linked, NULL, "ArithmeticException", "it threw"));
  CHECK(var("linked")->root == fixnum(0));
  linked_init.fn = (void *)sets_var;
  CHECK(thrown(load_linked, NULL) == JANK_UNBOUND);
  CHECK(var("by-init")->root == fixnum(5));
}

static struct patch_symbol *bad_entry(int *count) {
  *count = -1;
  return NULL;
}
static struct patch_symbol *nameless_entry(int *count) {
  static struct patch_symbol none[1];
  *count = 1;
  return none;
}

static O load_entry(void *entry) {
  patch_load_entry((patch_entry_fn)entry);
  return JANK_NIL;
}

static O link_alone(void *context) {
  linked_entry(&(int){0});
  return JANK_NIL;
}
static O open_alone(void *context) {
  jank_patch_open(header(), 0, &(int){0});
  return JANK_NIL;
}

static void an_entry_that_is_wrong_is_refused(void) {
  CHECK(throws(load_entry, (void *)bad_entry, "PatchException", "malformed"));
  CHECK(
      throws(load_entry, (void *)nameless_entry, "PatchException", "no name"));
  const char *e = "IllegalStateException", *no = "no patch is being loaded";
  CHECK(throws(link_alone, NULL, e, no) && throws(open_alone, NULL, e, no));
}

/* ---- Superseded -------------------------------------------------------------------- */

static long reclaimed(void) {
  const char *at =
      strstr(jank_hot_reload_get_stats(), "\"reclaimed_modules\":");
  return atol(at + strlen("\"reclaimed_modules\":"));
}

static void what_nobody_can_call_any_more_gives_its_slots_back(void) {
  make_functions();
  long before_loads = reclaimed();
  uint32_t total = 0;
  for (int i = 0; i < 1200; i++) {
    patch_run(&module, MODULE_ENTRY);
    if (i == 600)
      total = slots_total();
  }
  CHECK(slots_total() == total && total < 2048);
  CHECK(reclaimed() > before_loads + 800);
  /* The last one is there. */
  fn_object *f = (fn_object *)var("f")->root;
  CHECK(table[(uintptr_t)f->code->entries[0]] == (void *)gives_one);
  CHECK(patch_line("t/f", 10) == 5);
}

/* ---- Transactions ------------------------------------------------------------------ */

static void loads_of_a_transaction_are_taken_back_as_one(void) {
  keep_f();
  make_functions();
  CHECK(jank_hot_reload_begin() == 0);
  CHECK(load() == PATCH_OK && var("f")->root != before);
  record other = {"t/other", "0", 0};
  make_image(default_pool, sizeof default_pool, &other, 1);
  make_module();
  CHECK(load() == PATCH_OK);
  CHECK(jank_hot_reload_begin() == PATCH_TRANSACTION);
  CHECK(jank_hot_reload_rollback() == 0);
  CHECK(var("f")->root == before && var("other")->root == JANK_UNBOUND);
  CHECK(jank_hot_reload_commit() == PATCH_TRANSACTION);
  CHECK(jank_hot_reload_begin() == 0 && load() == PATCH_OK);
  CHECK(jank_hot_reload_commit() == 0);
  CHECK(is_type(var("other")->root, JANK_TYPE_FN));
}

static O commits(O self) {
  return fixnum(jank_hot_reload_commit() == PATCH_TRANSACTION &&
                jank_hot_reload_rollback() == PATCH_TRANSACTION &&
                jank_hot_reload_begin() == PATCH_TRANSACTION);
}

static void a_patch_cannot_begin_or_end_a_transaction(void) {
  set_code(1, (void *)commits, NULL);
  record init = {"t.init", "init", 0};
  make_image(default_pool, sizeof default_pool, &init, 1);
  make_module();
  CHECK(jank_hot_reload_begin() == 0);
  CHECK(patch_run(&module, MODULE_ENTRY) == fixnum(1));
  CHECK(jank_hot_reload_commit() == 0);
}

static const struct test tests[] = {
    TEST(what_a_patch_defines_is_bound),
    TEST(what_init_gives_is_the_value_in_its_namespace),
    TEST(bytes_in_memory_are_run_for_their_value),
    TEST(lines_are_of_the_patch_that_a_function_is_from),
    TEST(a_file_that_cannot_be_read_is_told),
    TEST(what_inspection_refuses_is_refused),
    TEST(what_the_engine_refuses_is_refused),
    TEST(a_table_of_symbols_that_is_out_of_its_memory_is_refused),
    TEST(constants_do_not_write_over_the_table),
    TEST(a_record_has_a_name_a_signature_and_a_function),
    TEST(a_bad_pool_is_refused),
    TEST(what_init_throws_or_traps_takes_all_back),
    TEST(any_image_is_loaded_or_refused),
    TEST(an_entry_in_c_is_bound_and_run),
    TEST(an_entry_that_is_wrong_is_refused),
    TEST(what_nobody_can_call_any_more_gives_its_slots_back),
    TEST(loads_of_a_transaction_are_taken_back_as_one),
    TEST(a_patch_cannot_begin_or_end_a_transaction),
};

static void start(void) {
  start_values();
  start_builtins();
  ns_set_current(ns_from_name("user"));
  const char *folder = getenv("TMPDIR");
  snprintf(path, sizeof path, "%s/jank-patch-test-XXXXXX",
           folder ? folder : P_tmpdir);
  int file = mkstemp(path);
  CHECK(file >= 0);
  close(file);
}

int main(int argc, char **argv) {
  int result = run_values(argc, argv, start, tests, COUNT(tests));
  remove(path);
  buffer_free(&module);
  buffer_free(&image);
  return result;
}
