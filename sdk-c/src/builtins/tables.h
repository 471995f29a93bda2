/* tables.h - every table of builtins, and what has to run before and after
 * they are registered. */
#ifndef JANK_BUILTINS_TABLES_H
#define JANK_BUILTINS_TABLES_H

#include "builtins/eval.h"
#include "builtins/string.h"
#include "number/tower.h"
#include "runtime/reference.h"
#include "value/throw.h"
#include "value/word.h"

#ifdef JANK_RUNTIME_ONLY
#define COMPILER_TABLES
#else
extern const struct patch_symbol analyzer_builtins[], unit_builtins[];
#define COMPILER_TABLES analyzer_builtins, unit_builtins,
#endif

static const struct patch_symbol *const builtin_tables[] = {
    error_builtins,     stack_builtins,  fn_builtins,     var_builtins,
    list_builtins,      coll_builtins,   map_builtins,    set_builtins,
    equal_builtins,     number_builtins, string_builtins, symbol_builtins,
    regex_builtins,     reader_builtins, print_builtins,  math_builtins,
    reference_builtins, text_builtins,   class_builtins,  type_builtins,
    interop_builtins,   js_builtins,     sorted_builtins, array_builtins,
    tower_builtins,     dev_builtins,    COMPILER_TABLES};

#endif
