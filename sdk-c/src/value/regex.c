/* regex.c - regular expressions: objects around the host's.
 *
 * A REGEX object owns one handle of the host (flags: HAS_HANDLE), which is
 * freed when the object is collected. Nothing is matched here: builtins/regex.c
 * does that. What has to match a whole text gets a second pattern in `whole`,
 * made when it is needed.
 */
#include "value/regex.h"
#include "host/host.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/word.h"

enum { HAS_HANDLE = 1 };

void regex_trace(O o) {
  regex_object *t = (regex_object *)o;
  gc_mark((O)t->text);
  gc_mark(t->whole);
}

void regex_finalize(O o) {
  if (o->flags & HAS_HANDLE)
    host_regex_free(((regex_object *)o)->handle);
}

O regex_make(string_object *source) {
  char error[200] = "";
  regex_object *re = gc_alloc(JANK_TYPE_REGEX, sizeof *re);
  re->text = source;
  re->handle = host_regex_compile(source->text, error, sizeof error);
  if (re->handle < 0)
    error_throw("PatternSyntaxException", "%s", error);
  re->header.flags |= HAS_HANDLE;
  return &re->header;
}
