/* token.h - the reader's tokens. A token borrows the source text. */
#ifndef JANK_READ_TOKEN_H
#define JANK_READ_TOKEN_H

#include "read/reader.h"
#include "read/source.h"
#include "value/word.h"

#define MAX_LITERAL_ARGS 20 /* %1 to %20 */

typedef struct {
  const char *text;
  size_t n;
} token;
token token_read(reader *r);
bool token_is(token t, const char *text);
/* A number, symbol, keyword, nil, true or false; throws for anything else. */
jank_object *token_read_atom(context *c, place at);

#endif
