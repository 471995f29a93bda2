/* function.h - function expressions. */
#ifndef JANK_ANALYZE_FUNCTION_H
#define JANK_ANALYZE_FUNCTION_H

#include "analyze/build.h"
#include "value/word.h"

/* (fn* name? [params] body...) or (fn* name? ([params] body...)...) */
node *function_analyze(analyzer *a, jank_object *form);

#endif
