/* source.h - what the parts of the reader share: the text at the cursor, the
 * context of the form that is being read, errors. */
#ifndef JANK_READ_SOURCE_H
#define JANK_READ_SOURCE_H

#include "collection/array.h"
#include "read/reader.h"
#include "value/word.h"

typedef struct {
  int line, column;
} place;

/* One form that is being read, with all that is in it. It is on the C stack. */
typedef struct {
  reader *r;
  O pending;          /* items of #?@( ) that come next: a seq */
  O gensyms;          /* map of name# in the innermost syntax-quote, or nil */
  array_object *args; /* of the innermost #( ): [0] the rest, [n] %n */
  int most_args;
  bool suppressed; /* in a branch of #? that is not taken */
} context;
/* The next byte, or the one so far ahead; -1: the end. source_take goes on by it. */
int source_peek_at(const reader *r, size_t ahead);
int source_peek(const reader *r);
int source_take(reader *r);
place source_here(const reader *r);
bool source_is_space(int ch); /* a comma is */
bool source_is_digit(int ch);
bool source_ends_token(int ch);
jank_object *source_keyword(const char *name);
/* Throws ReaderException with {:file :line :column}. */
_Noreturn void source_fail(context *c, place at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* With {:line :column :end-line :end-column}, from there to the cursor. */
jank_object *source_with_place(context *c, jank_object *form, place start);
/* Metadata that the program wrote; nil: none. */
jank_object *source_own_meta(jank_object *form);
jank_object *source_core_symbol(const char *name); /* clojure.core/name */
jank_object *source_symbol(const char *name);
jank_object *source_list2(jank_object *a, jank_object *b);
jank_object *source_list3(jank_object *a, jank_object *b, jank_object *c);
/* A list of the vector's items. */
jank_object *source_list(jank_object *v);
void source_skip_line(reader *r);

#endif
