/* program.h - where top-level forms come in. */
#ifndef JANK_ANALYZE_PROGRAM_H
#define JANK_ANALYZE_PROGRAM_H

#include "analyze/ast.h"
#include "read/reader.h"
#include "value/word.h"

/* Macro-expands and analyzes one more top-level form into p. A `do` must have
 * been taken apart by the caller (unit.c).
 * Throws CompilerException; the program is then good for nothing but freeing. */
void program_add(program *p, jank_object *form, span where);

#endif
