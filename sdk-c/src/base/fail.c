/* fail.c - the two functions that were handed down, or abort: see fail.h. */
#include "base/fail.h"
#include <stdlib.h>

static fail_functions functions;

void fail_init(fail_functions handed) { functions = handed; }

void fail_out_of_memory(void) {
  if (functions.out_of_memory)
    functions.out_of_memory();
  abort();
}

void fail_unsupported(const char *message) {
  if (functions.unsupported)
    functions.unsupported(message);
  abort();
}
