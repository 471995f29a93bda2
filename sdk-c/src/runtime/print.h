/* print.h - values as text, for people and for the reader. Printing may run the
 * program's code, throw, and not end; show.h is for who cannot have that. */
#ifndef JANK_RUNTIME_PRINT_H
#define JANK_RUNTIME_PRINT_H

#include "base/buffer.h"
#include "value/symbol.h"
#include "value/word.h"

typedef struct {
  int64_t length, level; /* of collections; INT64_MAX: none */
  size_t size;           /* of the text: about here the rest is left out */
  bool meta;
  /* Nothing of the program runs: what is not realized is "...". */
  bool is_still;
} print_limits;
#define PRINT_NO_LIMITS {INT64_MAX, INT64_MAX, SIZE_MAX, false, false}

/* Appends a value. What a lazy seq or a type's own method throws comes through; the
 * caller owns the buffer. */
void print_value(buffer *out, jank_object *o, bool readably);
/* The items of a seqable, with spaces between; the caller frees the text. */
buffer print_text_of(jank_object *items, bool readably, bool line);
/* The same to *out*; nil. */
jank_object *print_write(jank_object *items, bool readably, bool line);
/* What *print-length*, *print-level* and *print-meta* say. */
print_limits print_own_limits(void);
/* Appends a value readably; nil, or what was thrown meanwhile. */
jank_object *print_within(buffer *out, jank_object *o,
                          const print_limits *limits);

/* For types of higher files, while a value is printed. */
void print_nested(buffer *out, jank_object *o, bool readably);
void print_name(buffer *out, const symbol_object *name); /* "ns/name" */
const print_limits *print_limits_now(void);              /* those in force */
/* A value within one of JavaScript that is being printed, in the collector's heap. */
const char *print_within_js(jank_object *o);

/* For the table of types. */
void print_number(buffer *out, jank_object *o, bool readably);
void print_string(buffer *out, jank_object *o, bool readably);
void print_keyword(buffer *out, jank_object *o, bool readably);
void print_symbol(buffer *out, jank_object *o, bool readably);
void print_regex(buffer *out, jank_object *o, bool readably);
void print_vector(buffer *out, jank_object *o, bool readably);
void print_map(buffer *out, jank_object *map, bool readably);
void print_entries(buffer *out, jank_object *o, bool readably); /* of any map */
void print_set(buffer *out, jank_object *o, bool readably);
void print_seq(buffer *out, jank_object *o, bool readably);
void print_fn(buffer *out, jank_object *o, bool readably);
void print_var(buffer *out, jank_object *o, bool readably);
void print_namespace(buffer *out, jank_object *o, bool readably);
void print_reference(buffer *out, jank_object *o, bool readably);
void print_reduced(buffer *out, jank_object *o, bool readably);
void print_delay(buffer *out, jank_object *o, bool readably);
void print_exception(buffer *out, jank_object *o, bool readably);
void print_class(buffer *out, jank_object *o, bool readably);
void print_opaque(buffer *out, jank_object *o, bool readably);

#endif
