/* fail.h - how what knows no values fails: by functions that do not return, which
 * value/error.c hands down when the runtime starts. Until then they abort. */
#ifndef JANK_BASE_FAIL_H
#define JANK_BASE_FAIL_H

typedef struct {
  void (*out_of_memory)(void);
  void (*unsupported)(const char *message);
} fail_functions;

void fail_init(fail_functions functions); /* none of them may return */
_Noreturn void fail_out_of_memory(void);
_Noreturn void fail_unsupported(const char *message);

#endif
