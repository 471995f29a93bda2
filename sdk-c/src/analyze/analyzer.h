/* analyzer.h - internal to ast.c, analyzer.c and unit.c. */
#ifndef JANK_ANALYZE_ANALYZER_H
#define JANK_ANALYZE_ANALYZER_H

#include "analyze/ast.h"
#include "analyze/build.h"
#include "value/word.h"

node *analyzer_body(analyzer *a, jank_object *forms, bool tail);
node *analyzer_form(analyzer *a, jank_object *form, bool tail);

#endif
