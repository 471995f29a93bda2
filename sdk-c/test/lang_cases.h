/* lang_cases.h - what is generated for lang_runner.c from a file of the suite. */
#ifndef JANK_LANG_CASES_H
#define JANK_LANG_CASES_H

#include "../include/jank_patch.h"

struct lang_case {
  int line;
  const char *source;
  int form_count; /* of the forms that compiled */
  const patch_entry_fn *forms;
};
/* Among the forms: here end those of a namespace that the next one requires. */
#define LOADED ((patch_entry_fn)1)

extern const char *const lang_file;
extern const struct lang_case lang_cases[];
extern const int lang_case_count;

#endif
