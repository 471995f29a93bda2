/* compiler_fuzz.c - libFuzzer's target for outside source text: reader, macro
 * expansion, analyzer, both emitters. Nothing that was compiled is run, but macros
 * that the core library has. A bad text must end in an error, and in nothing else.
 */
#include "host/native.h"
#include "jank.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void be_quiet(int stream, const char *text, size_t n) {}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int started;
  static unsigned runs;
  if (!started) {
    if (jank_runtime_init() < 0)
      abort();
    host_write_hook = be_quiet;
    started = 1;
  }
  char *source = malloc(size + 1);
  memcpy(source, data, size);
  source[size] = 0;
  jank_unit *unit = jank_unit_open(source, "fuzz.jank", "user", 1);
  for (int forms = 0; forms < 20; forms++) {
    int status = jank_unit_next(unit, "fuzz");
    if (status == 2)
      continue;
    if (status != 1)
      break;
    jank_unit_emit_c(unit, "fuzz");
  }
  jank_unit_close(unit);
  free(source);
  if (++runs % 256 == 0)
    jank_collect_garbage();
  return 0;
}
