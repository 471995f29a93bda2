/* symbol.h - TODO */
#ifndef JANK_VALUE_SYMBOL_H
#define JANK_VALUE_SYMBOL_H

#include "base/buffer.h"
#include "value/string.h"
#include "value/word.h"

typedef struct { /* KEYWORD and SYMBOL; keywords are interned: compare words */
  jank_object header;
  string_object *ns; /* NULL: none */
  string_object *name;
  jank_object *meta; /* symbols only */
} symbol_object;

void symbol_init(void);   /* the intern tables */
void symbol_freeze(void); /* after gc_freeze: all keywords are permanent */
void symbol_trace(jank_object *o);
symbol_object *symbol_make(string_object *ns, string_object *name);
symbol_object *symbol_from(const char *ns, const char *name);
symbol_object *symbol_keyword(const char *ns, const char *name);
/* Appends "ns/name"; ns NULL: "name". */
void symbol_add_qualified(buffer *out, const string_object *ns,
                          const string_object *name);
bool symbol_is(jank_object *o, const char *ns, const char *name); /* ns NULL */
bool symbol_is_keyword(jank_object *o,
                       const char *name); /* without namespace */

/* ---- string.c, symbol.c, regex.c ---------------------------------------------------- */
static inline const char *symbol_text(const jank_object *symbol_or_keyword) {
  return ((const symbol_object *)symbol_or_keyword)->name->text;
}

symbol_object *symbol_intern(string_object *ns, string_object *name);

/* For the table of types. */
jank_object *symbol_meta(jank_object *o);
jank_object *symbol_with_meta(jank_object *o, jank_object *meta);

#endif
