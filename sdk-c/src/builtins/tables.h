/* tables.h - every table of builtins; start.c registers them all. A table ends
 * with a row of zeros. */
#ifndef JANK_BUILTINS_TABLES_H
#define JANK_BUILTINS_TABLES_H

#include "value/word.h"

extern const struct patch_symbol array_builtins[];
extern const struct patch_symbol class_builtins[];
extern const struct patch_symbol coll_builtins[];
extern const struct patch_symbol coll_list_builtins[];
extern const struct patch_symbol coll_map_builtins[];
extern const struct patch_symbol coll_set_builtins[];
extern const struct patch_symbol dev_builtins[];
extern const struct patch_symbol equal_builtins[];
extern const struct patch_symbol eval_builtins[];
extern const struct patch_symbol exception_builtins[];
extern const struct patch_symbol function_builtins[];
extern const struct patch_symbol format_builtins[];
extern const struct patch_symbol interop_builtins[];
extern const struct patch_symbol js_builtins[];
extern const struct patch_symbol math_builtins[];
extern const struct patch_symbol number_builtins[];
extern const struct patch_symbol print_builtins[];
extern const struct patch_symbol read_builtins[];
extern const struct patch_symbol reference_builtins[];
extern const struct patch_symbol regex_builtins[];
extern const struct patch_symbol sorted_builtins[];
extern const struct patch_symbol string_text_builtins[];
extern const struct patch_symbol string_builtins[];
extern const struct patch_symbol symbol_builtins[];
extern const struct patch_symbol tower_builtins[];
extern const struct patch_symbol type_builtins[];
extern const struct patch_symbol namespace_builtins[];
extern const struct patch_symbol unit_builtins[];

#endif
