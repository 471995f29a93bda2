/* start.c - start, and what the host may ask: invoke, and the last error.
 *
 * Every function here is an entry: it catches whatever is thrown and answers
 * with a value. Start registers the builtins, binds the core library that was
 * compiled ahead of time, and freezes the heap.
 */
#include "start.h"
#include "analyze/ast.h"
#include "base/buffer.h"
#include "builtins/tables.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/vector.h"
#include "core_entries.h"
#include "load/native.h"
#include "load/patch.h"
#include "read/reader.h"
#include "runtime/class.h"
#include "runtime/fn.h"
#include "runtime/journal.h"
#include "runtime/js.h"
#include "runtime/print.h"
#include "runtime/report.h"
#include "runtime/stack.h"
#include "runtime/type.h"
#include "runtime/var.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <string.h>

#ifdef __EMSCRIPTEN__
#include <emscripten/stack.h>
#endif

static buffer error_json, result_json;

/* ---- Errors as JSON ------------------------------------------------------------ */

static O data_get(O data, const char *key) {
  return is_type(data, JANK_TYPE_MAP)
             ? map_get(data, &symbol_keyword(NULL, key)->header, JANK_NIL)
             : JANK_NIL;
}

static int data_number(O data, const char *key, int otherwise) {
  O n = data_get(data, key);
  return is_fixnum(n) ? (int)fixnum_value(n) : otherwise;
}

static void write_printed(buffer *out, O value, bool readably) {
  buffer text = {0};
  print_value(&text, value, readably);
  buffer_json_string(out, text.data ? text.data : "", text.size);
  buffer_free(&text);
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

void runtime_write_error(buffer *out, O exception, const char *phase,
                         const error_source *source) {
  bool is_exception = is_type(exception, JANK_TYPE_EXCEPTION);
  exception_object *e = is_exception ? (exception_object *)exception : NULL;
  phase = phase_of(exception, phase);
  bool placed = strcmp(phase, "read") == 0 || strcmp(phase, "compile") == 0;
  O place = placed ? e->data : JANK_NIL;
  O frames = placed ? vector_empty : stack_frames(exception);
  O top = vector_count(frames) ? vector_nth(frames, 0) : JANK_NIL;
  int line = data_number(place, "line", source ? source->line : 0);
  int column = data_number(place, "column", 0);
  O file = data_get(place, "file");
  if (top != JANK_NIL) {
    file = vector_nth(top, 1);
    line = (int)fixnum_value(vector_nth(top, 2));
  }
  buffer_format(out, "{\"phase\":\"%s\",\"class\":\"%s\",\"message\":", phase,
                e ? e->class_name->text : "Thrown");
  if (e && e->message != JANK_NIL)
    write_printed(out, e->message, false);
  else
    write_printed(out, e ? (O)e->class_name : exception, !e);
  buffer_text(out, ",\"file\":");
  if (is_type(file, JANK_TYPE_STRING))
    write_printed(out, file, false);
  else if (source && source->file)
    buffer_json_string(out, source->file, strlen(source->file));
  else
    buffer_text(out, "null");
  buffer_format(out, ",\"line\":%d,\"column\":%d,\"excerpt\":", line, column);
  write_excerpt(out, placed ? source : NULL, line, column);
  buffer_text(out, ",\"data\":");
  if (e && !placed && e->data != JANK_NIL)
    write_printed(out, e->data, true);
  else
    buffer_text(out, "null");
  buffer_text(out, ",\"trace\":");
  stack_write_json(out, frames);
  buffer_byte(out, '}');
}

void runtime_set_error(O exception, const char *phase,
                       const error_source *source) {
  buffer_clear(&error_json);
  runtime_write_error(&error_json, exception, phase, source);
}

const char *jank_last_error_json(void) {
  return error_json.size ? buffer_cstring(&error_json) : "null";
}

/* ---- Invoke ---------------------------------------------------------------------- */

typedef struct {
  const char *name, *arguments;
} invocation;

static O read_arguments(const char *text) {
  reader r;
  reader_init(&r, text, strlen(text), "<arguments>", 1);
  O form = vector_empty;
  span where;
  reader_read(&r, &form, &where);
  return form;
}

static O invoke(void *context) {
  invocation *call = context;
  const char *slash = strchr(call->name, '/');
  if (!slash || slash == call->name || !slash[1])
    error_throw("IllegalArgumentException",
                "invoke: expected namespace/name, got %s", call->name);
  O ns =
      &symbol_make(NULL, string_make(call->name, (size_t)(slash - call->name)))
           ->header;
  O args = read_arguments(call->arguments);
  O f = jank_deref_var(((symbol_object *)ns)->name->text, slash + 1);
  O result = fn_apply(f, args);
  buffer_text(&result_json, "{\"ok\":true,\"value\":");
  write_printed(&result_json, result, true);
  buffer_text(&result_json, ",\"json\":");
  print_json(&result_json, result);
  buffer_byte(&result_json, '}');
  return result;
}

const char *jank_invoke(const char *qualified_name, const char *edn_arguments) {
  invocation call = {qualified_name, edn_arguments};
  O result = JANK_NIL, exception = JANK_NIL;
  buffer_clear(&result_json);
  if (!throw_catch(invoke, &call, &result, &exception)) {
    buffer_clear(&result_json);
    runtime_set_error(exception, "run", NULL);
    buffer_format(&result_json, "{\"ok\":false,\"error\":%s}",
                  jank_last_error_json());
  }
  return buffer_cstring(&result_json);
}

/* ---- Start ------------------------------------------------------------------------ */

/* How far the linear stack may grow before a call throws. In WebAssembly this
 * also keeps the engine's own stack from overflowing: measured in browsers. */
#ifdef __EMSCRIPTEN__
#define STACK_BUDGET ((uintptr_t)192 * 1024)
static uintptr_t stack_top(void) { return emscripten_stack_get_base(); }
#else
#define STACK_BUDGET ((uintptr_t)4 * 1024 * 1024)
static uintptr_t stack_top(void) {
  return (uintptr_t)__builtin_frame_address(0);
}
#endif

static O start(void *context) {
  symbol_init();
  collections_init();
  class_init();
  type_init();
  js_init();
  error_init();
  fn_init();
  var_init();
#ifndef JANK_RUNTIME_ONLY
  ast_init();
#endif
  for (size_t i = 0; i < sizeof builtin_tables / sizeof *builtin_tables; i++)
    fn_register_builtins(builtin_tables[i]);
  fn_add_stubs();
  native_init();
  core_entries_load();
  ns_set_current(ns_from_name("user"));
  gc_freeze();
  symbol_freeze();
  return JANK_NIL;
}

int jank_runtime_init(void) {
  static bool started;
  if (started)
    return 0;
  gc_init(NULL);
  poll_set_stack_limit(stack_top() - STACK_BUDGET);
  O result = JANK_NIL, exception = JANK_NIL;
  if (!throw_catch(start, NULL, &result, &exception)) {
    runtime_set_error(exception, "load", NULL);
    return -1;
  }
  started = true;
  return 0;
}

static const struct core_source *find_source(const char *ns) {
  const struct core_source *s = jank_core_sources;
  while (s->ns && strcmp(s->ns, ns) != 0)
    s++;
  return s;
}

const char *jank_core_source(const char *ns) { return find_source(ns)->text; }

const char *jank_core_source_file(const char *ns) {
  return find_source(ns)->file;
}

void jank_ns_failed(const char *ns) {
  namespace_object *failed = ns_find(symbol_from(NULL, ns));
  if (!failed)
    return;
  journal_change(&failed->header);
  failed->failed = true;
}

void jank_runtime_recover(void) {
  throw_reset();
  var_unwind_bindings(JANK_NIL);
  patch_recover();
}
