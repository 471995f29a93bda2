/* analyzer.h - internal to ast.c, analyzer.c and unit.c. */
#ifndef JANK_ANALYZE_ANALYZER_H
#define JANK_ANALYZE_ANALYZER_H

#include "analyze/ast.h"

void ast_init(void);
char *ast_text(program *p, const char *text);
void *ast_grow(program *p, void *list, int count, size_t element);
int ast_add_pool(program *p, pool_entry entry);
int ast_constant(program *p, jank_object *value);
node *ast_node(program *p, node_kind kind, span where);
local *ast_local(program *p, const char *name, local_kind kind, int slot);
method *ast_method(program *p, fn_node *fn);

/* Throws CompilerException with {:file :line :column}. */
_Noreturn void ast_error(const char *file, span where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Where the reader saw the form; `otherwise` when it does not say. */
span build_span(jank_object *form, span otherwise);
/* Expands until the head is no macro. */
jank_object *macro_expand(const char *file, jank_object *form, span where);
/* Special forms, catch, finally and &: syntax-quote leaves them alone. */
bool special_is(jank_object *symbol);
extern const struct patch_symbol analyzer_builtins[];

#endif
