/* docs.h - what is known of the library's own names. */
#ifndef JANK_RUNTIME_DOCS_H
#define JANK_RUNTIME_DOCS_H

#include "runtime/var.h"
#include "value/word.h"

/* The tables of builtins, where arglists are. `read` gives the text that docs.c
 * describes, for free(), or NULL; without a reader only arglists are known. */
void docs_init(const struct patch_symbol *const *tables, size_t count,
               char *(*read)(void));
/* Of a function in C; nil: it has none. */
jank_object *docs_arglists(const var_object *var);

/* For the table of types: a var's metadata, with what the library says of its own
 * names. */
jank_object *docs_var_meta(jank_object *var);

#endif
