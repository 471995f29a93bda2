/* Regular expressions as objects: one has its text and a handle of the host, which
 * goes when it goes; bad syntax is an exception that says what is bad, and leaves no
 * handle to free. */
#include "host/host.h"
#include "value/equal.h"
#include "value/gc.h"
#include "value/regex.h"
#include "value/word.h"
#include "values.h"

static O make(void *source) {
  return regex_make(string_make(source, strlen(source)));
}

static void a_pattern_has_its_text_and_finds(void) {
  regex_object *re = (regex_object *)make("(b+)(x)?");
  gc_collect(true);
  CHECK(is_type(&re->header, JANK_TYPE_REGEX));
  CHECK(is_text((O)re->text, "(b+)(x)?") && re->whole == JANK_NIL);
  int32_t at[2 * REGEX_MAX_GROUPS];
  int n = host_regex_exec(re->handle, "abbc", 4, 0, at, REGEX_MAX_GROUPS);
  CHECK(n == 3 && at[0] == 1 && at[1] == 3);
  CHECK(at[2] == 1 && at[3] == 3 && at[4] == -1 && at[5] == -1);
  CHECK(host_regex_exec(re->handle, "xyz", 3, 0, at, REGEX_MAX_GROUPS) == 0);
}

static void a_pattern_is_equal_to_itself_only(void) {
  O a = make("a"), b = make("a");
  CHECK(value_equal(a, a) && !value_equal(a, b));
}

static void bad_syntax_says_what_is_bad(void) {
  static const char *const bad[] = {
      "(", "[a", "*", "a{2,1}", "(?<n>a)(?<n>b)", "\\", "(?z)", "a**", "[z-a]"};
  for (size_t i = 0; i < COUNT(bad); i++) {
    O e = thrown(make, (void *)bad[i]);
    CHECK(is_exception(e, "PatternSyntaxException", "") &&
          strlen(message_of(e)) > 5);
  }
  gc_collect(true); /* finalizes those that have no handle */
}

static void a_handle_is_given_back_when_its_pattern_is_dead(void) {
  /* The host has some tables; whoever leaks fills them, or memory. */
  for (int i = 0; i < SCALED(3000); i++) {
    char source[32];
    snprintf(source, sizeof source, "a{%d}", i % 100);
    regex_object *re = (regex_object *)make(source);
    CHECK(re->handle >= 0 && re->handle < 2000);
    if (i % 100 == 0)
      gc_collect(true);
  }
}

static O kept;

static void one_that_lives_keeps_its_handle_through_many_that_die(void) {
  jank_add_root(&kept);
  kept = make("^k$");
  for (int i = 0; i < 200; i++) {
    make("x+");
    if (i % 50 == 0)
      gc_collect(true);
  }
  int32_t at[2 * REGEX_MAX_GROUPS], handle = ((regex_object *)kept)->handle;
  CHECK(host_regex_exec(handle, "k", 1, 0, at, REGEX_MAX_GROUPS) == 1);
  CHECK(host_regex_exec(handle, "x", 1, 0, at, REGEX_MAX_GROUPS) == 0);
}

static const struct test tests[] = {
    TEST(a_pattern_has_its_text_and_finds),
    TEST(a_pattern_is_equal_to_itself_only),
    TEST(bad_syntax_says_what_is_bad),
    TEST(a_handle_is_given_back_when_its_pattern_is_dead),
    TEST(one_that_lives_keeps_its_handle_through_many_that_die),
};

MAIN(start_values, tests)
