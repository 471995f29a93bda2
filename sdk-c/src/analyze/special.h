/* special.h - what each special form means: one function each. */
#ifndef JANK_ANALYZE_SPECIAL_H
#define JANK_ANALYZE_SPECIAL_H

#include "analyze/build.h"
#include "read/special.h"
#include "value/word.h"

/* By enum special_form; for analyzer.specials. */
extern const special_analyzer special_analyzers[SPECIAL_COUNT];

#endif
