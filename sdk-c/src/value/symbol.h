/* symbol.h - symbols and keywords: names with an optional namespace.
 *
 * Keywords are interned: equal ones are the same word, and they live for ever,
 * so that a C static may keep one without a root. Symbols are made anew each
 * time and are compared with value_equal or symbol_is.
 */
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
void symbol_freeze(void); /* after gc_freeze: keywords so far need no marking */
void symbol_trace(jank_object *o);
/* New symbols; ns NULL or empty: none. symbol_keyword interns. */
symbol_object *symbol_make(string_object *ns, string_object *name);
symbol_object *symbol_from(const char *ns, const char *name);
symbol_object *symbol_keyword(const char *ns, const char *name);
/* Appends "ns/name"; ns NULL: "name". */
void symbol_add_qualified(buffer *out, const string_object *ns,
                          const string_object *name);
/* Is it a symbol or keyword of that name? ns NULL: and without a namespace. */
bool symbol_is(jank_object *o, const char *ns, const char *name);
bool symbol_is_keyword(jank_object *o,
                       const char *name); /* without namespace */

static inline const char *symbol_text(const jank_object *symbol_or_keyword) {
  return ((const symbol_object *)symbol_or_keyword)->name->text;
}

/* The keyword of that name. */
symbol_object *symbol_intern(string_object *ns, string_object *name);

/* For the table of types. */
jank_object *symbol_meta(jank_object *o);
jank_object *symbol_with_meta(jank_object *o, jank_object *meta);

#endif
