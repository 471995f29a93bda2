/* loader_fuzz.c - libFuzzer's target for what a patch's bytes say before any of
 * its code runs. The first byte chooses: a whole module for inspect_patch, or a
 * constant pool for pool_decode. Bad bytes must end in an error, and in nothing
 * else; the collector runs in between, so that what was decoded is looked at.
 */
#include "base/buffer.h"
#include "collection/array.h"
#include "host/native.h"
#include "load/inspect.h"
#include "load/pool.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdlib.h>

#define ENTRY "jank_patch_symbols_fuzz"

typedef struct {
  const uint8_t *bytes;
  size_t size;
} input;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void be_quiet(int stream, const char *text, size_t n) {}

static void inspect(const uint8_t *bytes, size_t size) {
  patch_info info;
  buffer why = {0};
  enum patch_error code = inspect_patch(bytes, size, ENTRY, &info, &why);
  if ((code != PATCH_OK) != (why.size > 0))
    abort();
  if (code == PATCH_OK && info.lines &&
      (info.lines < bytes || info.lines + info.lines_size > bytes + size))
    abort();
  buffer_free(&why);
}

/* The words are an array's, for the collector to find. */
static jank_object *decode(void *context) {
  const input *in = context;
  uint32_t count = pool_count(in->bytes, in->size);
  array_object *words = (array_object *)array_make(count);
  pool_target target = {
      .patch = JANK_NIL, .words = words->items, .function_count = 64};
  pool_decode(in->bytes, in->size, &target, true);
  return &words->header;
}

static void decode_caught(const uint8_t *bytes, size_t size) {
  input in = {bytes, size};
  jank_object *result, *exception;
  throw_catch(decode, &in, &result, &exception);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static bool started;
  static unsigned runs;
  if (!started) {
    if (jank_runtime_init() < 0)
      abort();
    host_write_hook = be_quiet;
    started = true;
  }
  if (size == 0)
    return 0;
  if (data[0] == 0)
    inspect(data + 1, size - 1);
  else
    decode_caught(data + 1, size - 1);
  if (++runs % 64 == 0)
    jank_collect_garbage();
  return 0;
}
