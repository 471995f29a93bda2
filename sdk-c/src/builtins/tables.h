/* tables.h - every table of builtins, and what has to run before and after
 * they are registered. */
#ifndef JANK_BUILTINS_TABLES_H
#define JANK_BUILTINS_TABLES_H

#include "runtime/reference.h"
#include "value/word.h"

extern const struct patch_symbol error_builtins[], stack_builtins[],
    fn_builtins[], var_builtins[], list_builtins[], coll_builtins[],
    map_builtins[], set_builtins[], equal_builtins[], number_builtins[],
    string_builtins[], symbol_builtins[], regex_builtins[], reader_builtins[],
    print_builtins[], text_builtins[], math_builtins[], class_builtins[],
    type_builtins[], interop_builtins[], js_builtins[], sorted_builtins[],
    array_builtins[], tower_builtins[], dev_builtins[];

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

void symbol_init(void);      /* the intern tables */
void symbol_freeze(void);    /* after gc_freeze: all keywords are permanent */
void collections_init(void); /* the empty collections */
void class_init(void);       /* the table of classes */
void type_init(void);        /* the names of methods */

#endif
