/* UTF-8: every code point is encoded and decoded again, surrogates too; what is none of
 * it, cut off, overlong or beyond, is one byte and U+FFFD. */
#include "base/buffer.h"
#include "base/utf8.h"
#include "test.h"

#define HIGH "\xed\xa0\xbd" /* d83d */
#define WRONG "\xef\xbf\xbd"
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void utf8_is_decoded_and_what_is_none_is_one_byte(void) {
  static const struct {
    const char *bytes;
    uint32_t n, code, length;
  } cases[] = {
      {"a", 1, 'a', 1},
      {"\0", 1, 0, 1},
      {"\x7f", 1, 0x7f, 1},
      {"\xc2\x80", 2, 0x80, 2},
      {"\xdf\xbf", 2, 0x7ff, 2},
      {"\xe0\xa0\x80", 3, 0x800, 3},
      {HIGH, 3, 0xd83d, 3},
      {"\xef\xbf\xbf", 3, 0xffff, 3},
      {WRONG, 3, 0xfffd, 3},
      {"\xf0\x90\x80\x80", 4, 0x10000, 4},
      {"\xf4\x8f\xbf\xbf", 4, 0x10ffff, 4},
      /* beyond, overlong, cut off, continued by nothing, and no start */
      {"\xf4\x90\x80\x80", 4, 0xfffd, 1},
      {"\xf5\x80\x80\x80", 4, 0xfffd, 1},
      {"\xc0\x80", 2, 0xfffd, 1},
      {"\xc1\xbf", 2, 0xfffd, 1},
      {"\xe0\x9f\xbf", 3, 0xfffd, 1},
      {"\xf0\x8f\xbf\xbf", 4, 0xfffd, 1},
      {"\xe2\x82", 2, 0xfffd, 1},
      {"\xf0\x9f\x98", 3, 0xfffd, 1},
      {"\xc3", 1, 0xfffd, 1},
      {"\xc3(", 2, 0xfffd, 1},
      {"\x80", 1, 0xfffd, 1},
      {"\xff", 1, 0xfffd, 1},
  };
  for (size_t i = 0; i < COUNT(cases); i++) {
    uint32_t length = 0;
    CHECK(utf8_decode(cases[i].bytes, cases[i].n, &length) == cases[i].code);
    CHECK(length == cases[i].length);
  }
}

static void what_is_encoded_is_decoded_again(void) {
  uint32_t wrong = 0;
  buffer b = {0};
  for (uint32_t c = 0; c <= 0x10ffff; c += c < 0x3000 ? 1 : 997) {
    buffer_clear(&b);
    utf8_encode(&b, c);
    uint32_t length;
    wrong += utf8_decode(b.data, b.size, &length) != c || length != b.size;
  }
  CHECK(wrong == 0);
  buffer_free(&b);
}

static const struct test tests[] = {
    TEST(utf8_is_decoded_and_what_is_none_is_one_byte),
    TEST(what_is_encoded_is_decoded_again),
};

int main(int argc, char **argv) {
  test_begin(argc, argv);
  RUN_TESTS(tests);
  return test_report();
}
