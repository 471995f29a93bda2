/* tables.h - every table of builtins, and what has to run before and after
 * they are registered. */
#ifndef JANK_TABLES_H
#define JANK_TABLES_H

#include "analyzer.h"
#include "reference.h"

extern const struct patch_symbol error_builtins[], fn_builtins[],
    var_builtins[], list_builtins[], coll_builtins[], map_builtins[],
    set_builtins[], equal_builtins[], number_builtins[], string_builtins[],
    symbol_builtins[], regex_builtins[], reader_builtins[], print_builtins[],
    text_builtins[], math_builtins[], class_builtins[], type_builtins[],
    interop_builtins[], unit_builtins[], js_builtins[], sorted_builtins[],
    array_builtins[], tower_builtins[];

static const struct patch_symbol *const builtin_tables[] = {
    error_builtins,   fn_builtins,     var_builtins,      list_builtins,
    coll_builtins,    map_builtins,    set_builtins,      equal_builtins,
    number_builtins,  string_builtins, symbol_builtins,   regex_builtins,
    reader_builtins,  print_builtins,  analyzer_builtins, reference_builtins,
    text_builtins,    math_builtins,   class_builtins,    type_builtins,
    interop_builtins, unit_builtins,   js_builtins,       sorted_builtins,
    array_builtins,   tower_builtins,
};

void symbol_init(void);      /* the intern tables */
void symbol_freeze(void);    /* after gc_freeze: all keywords are permanent */
void collections_init(void); /* the empty collections */
void class_init(void);       /* the table of classes */
void type_init(void);        /* the names of methods */

#endif
