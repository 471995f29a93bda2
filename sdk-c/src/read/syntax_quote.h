/* syntax_quote.h - what ` makes of a form. */
#ifndef JANK_READ_SYNTAX_QUOTE_H
#define JANK_READ_SYNTAX_QUOTE_H

#include "read/source.h"
#include "value/word.h"

jank_object *syntax_quote_flat(jank_object *map);
jank_object *syntax_quote(context *c, jank_object *form);

#endif
