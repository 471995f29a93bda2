/* report.c - errors told to the host: JSON. Whatever is thrown, whatever its data hold:
 * telling it does not throw, and has an end (show.h). */
#include "runtime/report.h"
#include "base/buffer.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/vector.h"
#include "runtime/docs.h"
#include "runtime/print.h"
#include "runtime/show.h"
#include "runtime/stack.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

static buffer error_json;
static bool is_told = true;

void report_arglists(buffer *out, const char *function) {
  const var_object *var =
      strstr(function, "--") ? NULL : var_of_function(function);
  O lists = !var ? JANK_NIL
            : is_type(var->meta, JANK_TYPE_MAP)
                ? map_get(var->meta, &symbol_keyword(NULL, "arglists")->header,
                          JANK_NIL)
                : docs_arglists(var);
  if (!seq_is_sequential(lists) || !seq_known(&lists) || lists == JANK_NIL)
    return;
  buffer_format(out, ": (%s", var->name->name->text);
  int left = JANK_MAX_ARITY + 2;
  do {
    buffer_byte(out, ' ');
    show_short(out, seq_first(lists));
  } while (--left > 0 && seq_next_known(&lists) && lists != JANK_NIL);
  buffer_byte(out, ')');
}

static O data_get(O data, const char *key) {
  return is_type(data, JANK_TYPE_MAP)
             ? map_get(data, &symbol_keyword(NULL, key)->header, JANK_NIL)
             : JANK_NIL;
}

static int data_number(O data, const char *key, int otherwise) {
  O n = data_get(data, key);
  return is_fixnum(n) ? (int)fixnum_value(n) : otherwise;
}

/* So much is told of data, and of a message that is no text. */
#define SHOWN_BYTES ((size_t)64 << 10)

static void write_text(buffer *out, O string) {
  const string_object *s = (string_object *)string;
  buffer_json_string(out, s->text, s->bytes);
}

static void write_shown(buffer *out, O value) {
  buffer text = {0};
  show_long(&text, value, SHOWN_BYTES);
  buffer_json_string(out, text.data, text.size);
  buffer_free(&text);
}

/* As a message: text as it is. */
static void write_message(buffer *out, O value) {
  if (is_type(value, JANK_TYPE_STRING))
    write_text(out, value);
  else
    write_shown(out, value);
}

static const char *line_start(const error_source *source, int line) {
  const char *p = source->text, *end = source->text + source->size;
  for (int i = source->first_line; i < line; i++) {
    p = memchr(p, '\n', (size_t)(end - p));
    if (!p)
      return NULL;
    p++;
  }
  return p;
}

/* The line, and a caret below the column. */
static void write_excerpt(buffer *out, const error_source *source, int line,
                          int column) {
  const char *start = source && source->text && line >= source->first_line
                          ? line_start(source, line)
                          : NULL;
  if (!start) {
    buffer_text(out, "null");
    return;
  }
  const char *end =
      memchr(start, '\n', (size_t)(source->text + source->size - start));
  size_t n = (size_t)((end ? end : source->text + source->size) - start);
  buffer text = {0};
  buffer_format(&text, "%d | ", line);
  size_t gutter = text.size;
  buffer_add(&text, start, n);
  buffer_byte(&text, '\n');
  for (size_t i = 0; i < gutter; i++)
    buffer_byte(&text, ' ');
  int passed = 1;
  for (size_t i = 0; i < n && passed < column; i++)
    if (((unsigned char)start[i] & 0xc0) != 0x80) {
      buffer_byte(&text, start[i] == '\t' ? '\t' : ' ');
      passed++;
    }
  buffer_byte(&text, '^');
  buffer_json_string(out, text.data, text.size);
  buffer_free(&text);
}

static const char *phase_of(O exception, const char *otherwise) {
  if (!is_type(exception, JANK_TYPE_EXCEPTION))
    return otherwise;
  const char *name = ((exception_object *)exception)->class_name->text;
  return error_is_interrupt(exception)            ? "run"
         : strcmp(name, "ReaderException") == 0   ? "read"
         : strcmp(name, "CompilerException") == 0 ? "compile"
                                                  : otherwise;
}

typedef struct {
  buffer *out;
  O exception;
  const char *phase;
  const error_source *source;
} report;

/* Where a reader's or compiler's exception points, else the innermost call. */
static void write_place(const report *r, bool placed, O frames) {
  const exception_object *e = (exception_object *)r->exception;
  O place = placed ? e->data : JANK_NIL;
  O top = vector_count(frames) ? vector_nth(frames, 0) : JANK_NIL;
  O file = top == JANK_NIL ? data_get(place, "file") : vector_nth(top, 1);
  int line = top == JANK_NIL
                 ? data_number(place, "line", r->source ? r->source->line : 0)
                 : (int)fixnum_value(vector_nth(top, 2));
  int column = data_number(place, "column", 0);
  buffer_text(r->out, ",\"file\":");
  if (is_type(file, JANK_TYPE_STRING))
    write_text(r->out, file);
  else if (r->source && r->source->file)
    buffer_json_string(r->out, r->source->file, strlen(r->source->file));
  else
    buffer_text(r->out, "null");
  buffer_format(r->out, ",\"line\":%d,\"column\":%d,\"excerpt\":", line,
                column);
  write_excerpt(r->out, placed ? r->source : NULL, line, column);
}

static O write_report(void *context) {
  const report *r = context;
  bool is_exception = is_type(r->exception, JANK_TYPE_EXCEPTION);
  const exception_object *e =
      is_exception ? (exception_object *)r->exception : NULL;
  const char *phase = phase_of(r->exception, r->phase);
  bool placed = strcmp(phase, "read") == 0 || strcmp(phase, "compile") == 0;
  O frames = placed ? vector_empty : stack_frames(r->exception);
  buffer_format(r->out, "{\"phase\":\"%s\",\"class\":", phase);
  const char *name = e ? e->class_name->text : "Thrown";
  buffer_json_string(r->out, name, strlen(name));
  buffer_text(r->out, ",\"message\":");
  if (!e)
    write_shown(r->out, r->exception);
  else
    write_message(r->out,
                  e->message != JANK_NIL ? e->message : (O)e->class_name);
  write_place(r, placed, frames);
  buffer_text(r->out, ",\"data\":");
  if (e && !placed && e->data != JANK_NIL)
    write_shown(r->out, e->data);
  else
    buffer_text(r->out, "null");
  buffer_text(r->out, ",\"trace\":");
  stack_write_json(r->out, frames);
  buffer_byte(r->out, '}');
  return JANK_NIL;
}

/* When there is no memory or stack for more. */
static const char least_report[] =
    "{\"phase\":\"run\",\"class\":\"OutOfMemoryError\","
    "\"message\":\"out of memory, while an error was told\",\"file\":null,"
    "\"line\":0,\"column\":0,\"excerpt\":null,\"data\":null,\"trace\":[]}";

void report_set_error(O exception, const char *phase,
                      const error_source *source) {
  /* Of its own: what is shown may run the program, which may report an error. */
  buffer text = error_json; /* its memory */
  error_json = (buffer){0};
  buffer_clear(&text);
  report r = {&text, exception, phase, source};
  O result, thrown;
  is_told = throw_catch(write_report, &r, &result, &thrown);
  if (!is_told)
    buffer_free(&text);
  buffer_free(&error_json);
  error_json = text;
}

const char *jank_last_error_json(void) {
  if (!is_told)
    return least_report;
  return error_json.size ? buffer_cstring(&error_json) : "null";
}

static O write_own_message(void *context) {
  const report *r = context;
  buffer *out = r->out;
  O exception = r->exception;
  if (!is_type(exception, JANK_TYPE_EXCEPTION))
    show_long(out, exception, SHOWN_BYTES);
  else if (is_type(((exception_object *)exception)->message, JANK_TYPE_STRING))
    print_string(out, ((exception_object *)exception)->message, false);
  else
    show_long(out, ((exception_object *)exception)->message, SHOWN_BYTES);
  return JANK_NIL;
}

void report_write_message(buffer *out, O exception) {
  report r = {.out = out, .exception = exception};
  O result, thrown;
  size_t start = out->size;
  if (!throw_catch(write_own_message, &r, &result, &thrown))
    out->size = start;
}
