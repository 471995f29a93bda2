/* A program's output: it goes to the host's first stream as it is; between begin and
 * end it is kept, by the innermost of the captures, of which there are so many. */
#include "base/buffer.h"
#include "host/native.h"
#include "test.h"
#include "value/out.h"
#include "value/word.h"
#include <string.h>

static buffer heard;
static int stream_heard;

static void hear(int stream, const char *text, size_t n) {
  stream_heard = stream;
  buffer_add(&heard, text, n);
}

static void say(const char *text) { out_write(text, strlen(text)); }

static bool has_heard(const char *text) {
  bool same = strcmp(buffer_cstring(&heard), text) == 0;
  buffer_clear(&heard);
  return same;
}

static bool is(const buffer *kept, const char *text) {
  return kept && kept->size == strlen(text) &&
         memcmp(kept->data ? kept->data : "", text, kept->size) == 0;
}

static void what_is_written_goes_to_the_host(void) {
  say("a");
  out_write("b\0c", 3);
  say("");
  CHECK(heard.size == 4 && memcmp(heard.data, "ab\0c", 4) == 0);
  CHECK(stream_heard == 1);
  buffer_clear(&heard);
}

static void what_is_captured_does_not(void) {
  CHECK(out_begin_capture());
  say("kept");
  say(", too");
  CHECK(is(out_end_capture(), "kept, too"));
  CHECK(has_heard(""));
  say("heard again");
  CHECK(has_heard("heard again"));
}

static void the_innermost_capture_has_it(void) {
  CHECK(out_begin_capture());
  say("outer ");
  CHECK(out_begin_capture());
  say("inner");
  CHECK(is(out_end_capture(), "inner"));
  say("again");
  CHECK(is(out_end_capture(), "outer again"));
  CHECK(out_begin_capture()); /* and nothing is left of it */
  CHECK(is(out_end_capture(), ""));
}

static void there_is_no_end_without_a_begin(void) {
  CHECK(out_end_capture() == NULL);
  say("heard");
  CHECK(has_heard("heard"));
}

static void captures_are_nested_so_deep_and_no_deeper(void) {
  int depth = 0;
  while (depth < 1000 && out_begin_capture()) {
    say("x");
    depth++;
  }
  CHECK(depth >= 16 && depth < 1000);
  CHECK(!out_begin_capture());
  say("y"); /* the last one still has it */
  CHECK(is(out_end_capture(), "xy"));
  for (int i = 1; i < depth; i++)
    CHECK(is(out_end_capture(), "x"));
  CHECK(out_end_capture() == NULL && has_heard(""));
}

static const struct test tests[] = {
    TEST(what_is_written_goes_to_the_host),
    TEST(what_is_captured_does_not),
    TEST(the_innermost_capture_has_it),
    TEST(there_is_no_end_without_a_begin),
    TEST(captures_are_nested_so_deep_and_no_deeper),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  host_write_hook = hear;
  RUN_TESTS(tests);
  buffer_free(&heard);
  return test_report();
}
