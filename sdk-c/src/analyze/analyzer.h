/* analyzer.h - analysis of a form inside another: what special.c and function.c
 * call back. program.h is where a top-level form comes in. */
#ifndef JANK_ANALYZE_ANALYZER_H
#define JANK_ANALYZE_ANALYZER_H

#include "analyze/ast.h"
#include "analyze/build.h"
#include "value/word.h"

/* Forms in order, the value is the last one's; nil when there are none. `tail`: it is
 * the method's or loop's value, so that recur may stand there. */
node *analyzer_body(analyzer *a, jank_object *forms, bool tail);
node *analyzer_form(analyzer *a, jank_object *form, bool tail);

#endif
