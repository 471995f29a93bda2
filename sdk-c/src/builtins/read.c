/* read.c - read-string and its like. A text that is bad throws, with its place
 * in the text. */
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/vector.h"
#include "read/reader.h"
#include "read/source.h"
#include "value/error.h"
#include "value/string.h"
#include "value/word.h"

static O read_string(O self, O text) {
  if (text == JANK_NIL)
    return JANK_NIL;
  string_object *s = error_want_string("read-string", text);
  reader r;
  O form = JANK_NIL;
  span where;
  reader_init(&r, s->text, s->bytes, "string", 1);
  if (!reader_read(&r, &form, &where)) {
    context c = {.r = &r};
    source_fail(&c, source_here(&r), "EOF while reading");
  }
  return form;
}

/* As read-string; at the end the value of read-edn-end*. */
static O read_edn(O self, O text) {
  string_object *s = error_want_string("read-string", text);
  reader r;
  O form = JANK_NIL;
  span where;
  reader_init(&r, s->text, s->bytes, "edn", 1);
  return reader_read(&r, &form, &where) ? form
                                        : reader_core_value("read-edn-end*");
}

/* (read-all* text): all forms, a vector. */
static O read_all(O self, O text) {
  string_object *s = error_want_string("load-string", text);
  reader r;
  O form = JANK_NIL, all = vector_empty;
  span where;
  reader_init(&r, s->text, s->bytes, "string", 1);
  while (reader_read(&r, &form, &where))
    all = vector_conj(all, form);
  return all;
}

const struct patch_symbol read_builtins[] = {
    CORE("read-edn*", "[s]", read_edn),
    CORE("read-all*", "[s]", read_all),
    CORE("read-string", "[s]", read_string,
         "The first form of the text. Nothing is evaluated. Throws when the "
         "text is empty or no form."),
    {0},
};
