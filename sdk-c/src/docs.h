/* docs.h - what is known of the library's own names. */
#ifndef JANK_DOCS_H
#define JANK_DOCS_H

#include "object.h"

/* At start: the rows of builtins, where arglists are. */
void docs_add_table(const struct patch_symbol *table);
/* Of a function in C; nil: it has none. */
jank_object *docs_arglists(const var_object *var);
/* A var's metadata, with what the library says of its own names. */
jank_object *docs_meta(const var_object *var);

/* host_wasm.js, host_native.c: the text that lies beside the module, for free();
 * NULL: there is none. Asked at most once. */
char *host_docs(void);

#endif
