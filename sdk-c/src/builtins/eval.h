/* eval.h - TODO */
#ifndef JANK_BUILTINS_EVAL_H
#define JANK_BUILTINS_EVAL_H

#include "value/word.h"

extern const struct patch_symbol analyzer_builtins[];

#endif
