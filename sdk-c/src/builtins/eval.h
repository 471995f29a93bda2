/* eval.h - TODO */
#ifndef JANK_BUILTINS_EVAL_H
#define JANK_BUILTINS_EVAL_H

#include "value/word.h"

#endif
