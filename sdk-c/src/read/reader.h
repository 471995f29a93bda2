/* reader.h - forms from source text, one at a time.
 *
 * A reader borrows its text and its file's name, and owns nothing. The forms
 * are values of the collector, so that an error, which is thrown, leaves
 * nothing to free.
 */
#ifndef JANK_READ_READER_H
#define JANK_READ_READER_H

#include "runtime/ns.h"
#include "value/word.h"

typedef struct {
  int line, column; /* from 1; column counts characters */
  int end_line, end_column;
} span;

/* Lists and symbols carry {:line :column :end-line :end-column} metadata. `ns`
 * resolves ::kw and syntax-quote. */
typedef struct {
  const char *source;
  size_t size, offset;
  size_t start; /* offset of the form that was read last */
  const char *file;
  int line, column;
  namespace_object *ns;
  int depth; /* nesting, limited */
} reader;

/* In the current namespace. `line`: the number of the first one. */
void reader_init(reader *r, const char *source, size_t size, const char *file,
                 int line);
/* 1 and *form; 0 at the end. A bad text throws ReaderException with data
 * {:file :line :column}. */
int reader_read(reader *r, jank_object **form, span *where);
/* Only space follows. */
bool reader_is_done(const reader *r);

/* What the var of that name has in clojure.core; nil: it has nothing so far. Tagged
 * literals ask *data-readers*, default-data-readers, *default-data-reader-fn*. */
jank_object *reader_core_value(const char *name);

#endif
