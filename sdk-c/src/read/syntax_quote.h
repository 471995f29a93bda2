/* syntax_quote.h - what ` makes of a form. */
#ifndef JANK_READ_SYNTAX_QUOTE_H
#define JANK_READ_SYNTAX_QUOTE_H

#include "read/source.h"
#include "value/word.h"

/* A map's keys and values in turn, a vector. */
jank_object *syntax_quote_flat(jank_object *map);
/* The form that makes `form`; c->gensyms has the names of name# so far. */
jank_object *syntax_quote(context *c, jank_object *form);

#endif
