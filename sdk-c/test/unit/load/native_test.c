/* Patches in C, up to where an engine would run them: what a section says is
 * resolved or refused, and a damaged one ends in an error and nothing else. */
#include "base/buffer.h"
#include "host/host.h"
#include "jank_hot.h"
#include "load/inspect.h"
#include "load/native.h"
#include "test.h"
#include "value/word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int32_t counter = 5;
JANK_HOT(int, twice, (int v)) { return 2 * v; }

static const struct jank_native_symbol program[] = {
    {"a.c:counter", &counter, sizeof counter},
    {"other(i)i", (void *)7, 0},
};

/* ---- An engine, when there is one --------------------------------------------- */

static bool is_running;
static uint32_t table_size = 100, bound[8];

int host_patch_instantiate(const uint8_t *b, size_t size, uintptr_t memory_base,
                           uintptr_t table_base, char *error,
                           size_t error_size) {
  snprintf(error, error_size, "a native program cannot run WebAssembly");
  return is_running ? 0 : -7;
}

uint32_t host_table_grow(uint32_t n) {
  table_size += is_running ? n : 0;
  return is_running ? table_size - n : 0;
}

void host_native_bind(uint32_t number, uint32_t slot) { bound[number] = slot; }

/* ---- Sections ----------------------------------------------------------------- */

static uint8_t section[4096], code[64];
static size_t section_size;

static void byte(unsigned b) { section[section_size++] = (uint8_t)b; }

static void text(const char *s) {
  byte((unsigned)strlen(s) + 1);
  memcpy(section + section_size, s, strlen(s) + 1);
  section_size += strlen(s) + 1;
}

static void bytes(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    byte((uint8_t)s[i]);
}

/* One import, one function, one extern; a constant that refers to the next, and
 * a variable; the code refers to all of them. */
static void make_section(const char *import, const char *outside,
                         const char *variable, unsigned size, unsigned flags) {
  section_size = 0;
  byte(1);
  byte(1), text(import);
  byte(1), text("other(i)i");
  byte(1), text(outside);
  byte(3);
  text("="), byte(0), byte(2), byte(8), bytes("abcd\0\0\0\0", 8);
  byte(1), bytes("\x04\x08\x01\x00", 4);
  text("="), byte(0), byte(0), byte(5), bytes("text", 5), byte(0);
  text(variable), byte(flags | 2), byte(2), byte(size), byte(0);
  byte(4);
  bytes("\x00\x00\x00\x00", 4); /* the first constant, uleb5 */
  bytes("\x05\x05\x00\x00", 4); /* the function, sleb5 */
  bytes("\x0a\x02\x00\x00", 4); /* the extern, uleb5 */
  bytes("\x0f\x00\x02\x08", 4); /* the variable + 4 */
  byte(0);
}

static buffer why;

static bool commits;

static enum patch_error prepare(void) {
  uint8_t *copy = malloc(section_size ? section_size : 1);
  memcpy(copy, section, section_size);
  patch_info info = {.native = copy, .native_size = section_size};
  native_patch *patch = NULL;
  buffer_clear(&why);
  enum patch_error error =
      native_prepare(code, sizeof code, &info, &patch, &why);
  if (commits && error == PATCH_OK) {
    CHECK(native_bind(patch) == JANK_NIL); /* it has no functions for jank */
    native_commit(patch);
  }
  native_discard(patch);
  free(copy);
  return error;
}

static bool says(const char *what) {
  return strstr(buffer_cstring(&why), what) != NULL;
}

static uint32_t leb5(const uint8_t *p) {
  uint32_t value = 0;
  for (int i = 0; i < 5; i++)
    value |= (uint32_t)(p[i] & 0x7f) << (7 * i);
  return value;
}

static void test_resolving(void) {
  make_section("other(i)i", "a.c:counter", "a.c:counter", 4, 0);
  CHECK(prepare() == PATCH_INSTANTIATE && says("WebAssembly"));
  CHECK(leb5(code + 5) == 7);
  CHECK(leb5(code + 10) == (uint32_t)(uintptr_t)&counter);
  CHECK(leb5(code + 15) == (uint32_t)(uintptr_t)&counter + 4);
  CHECK(code[4] < 0x80 && code[9] < 0x80 && counter == 5);
  make_section("other(i)i", "a.c:counter", "a.c:fresh", 4, 0);
  CHECK(prepare() == PATCH_INSTANTIATE);
  make_section("other(d)i", "a.c:counter", "a.c:counter", 4, 0);
  CHECK(prepare() == PATCH_IMPORT && says("the function other,"));
  make_section("other(i)i", "nothing", "a.c:counter", 4, 0);
  CHECK(prepare() == PATCH_IMPORT && says("the variable nothing,"));
  make_section("other(i)i", "a.c:counter", "a.c:counter", 8, 0);
  CHECK(prepare() == PATCH_SYMBOL && says("counter has 4 bytes") && says("8"));
  make_section("other(i)i", "a.c:counter", "a.c:fresh", 4, 1);
  CHECK(prepare() == PATCH_SYMBOL && says("constructor"));
  section[0] = 2;
  CHECK(prepare() == PATCH_ABI);
}

static void test_damage(void) {
  make_section("other(i)i", "a.c:counter", "a.c:fresh", 4, 0);
  size_t whole = section_size;
  for (section_size = 0; section_size < whole; section_size++)
    CHECK(prepare() != PATCH_OK && why.size > 0);
  unsigned seed = 1, odd = 0;
  for (int i = 0; i < 20000; i++) {
    make_section("other(i)i", "a.c:counter", "a.c:fresh", 4, 0);
    for (int k = 0; k < 3; k++) {
      seed = seed * 1103515245u + 12345u;
      section[(seed >> 8) % whole] = (uint8_t)(seed >> 20);
    }
    odd += prepare() == PATCH_OK || why.size == 0;
  }
  CHECK(odd == 0 && counter == 5);
}

/* A variable, and a function; the code refers to both. */
static void make_new(const char *function, const char *variable,
                     unsigned size) {
  section_size = 0;
  byte(1), byte(0); /* no imports */
  byte(1), text(function);
  byte(0); /* no externs */
  byte(1);
  text(variable), byte(0), byte(2), byte(size), bytes("\7\0\0\0", size),
      byte(0);
  byte(2);
  bytes("\x00\x00\x00\x00", 4);
  bytes("\x05\x05\x00\x00", 4);
  byte(0);
}

static void what_is_committed_is_there_for_the_next_patch(void) {
  is_running = true;
  make_new("later(i)i", "a.c:later", 4);
  CHECK(prepare() == PATCH_OK); /* not committed: nothing has happened */
  uint32_t slot = leb5(code + 5);
  CHECK(prepare() == PATCH_OK && leb5(code + 5) == slot);
  commits = true;
  CHECK(prepare() == PATCH_OK);
  uint32_t place = leb5(code);
  slot = leb5(code + 5);
  CHECK(bound[0] == slot && slot >= 100);
  make_new("later(i)i", "a.c:later", 4);
  CHECK(prepare() == PATCH_OK && leb5(code) == place && leb5(code + 5) == slot);
  make_new("other(d)d", "a.c:later", 4);
  CHECK(prepare() == PATCH_OK && leb5(code) == place && leb5(code + 5) != slot);
  make_new("later(i)i", "a.c:later", 2);
  CHECK(prepare() == PATCH_SYMBOL && says("later has 4 bytes") && says("2"));
  /* Constants that are equal have one place. */
  make_section("other(i)i", "a.c:counter", "a.c:another", 4, 0);
  CHECK(prepare() == PATCH_OK);
  place = leb5(code);
  make_section("other(i)i", "a.c:counter", "a.c:third", 4, 0);
  CHECK(prepare() == PATCH_OK && leb5(code) == place && counter == 5);
  commits = is_running = false;
}

static const struct test tests[] = {
    TEST(test_resolving),
    TEST(test_damage),
    TEST(what_is_committed_is_there_for_the_next_patch),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  jank_native_register(program, sizeof program / sizeof *program);
  CHECK(jank_runtime_init() == 0);
  RUN_TESTS(tests);
  buffer_free(&why);
  return test_report();
}
