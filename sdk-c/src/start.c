/* start.c - start, and what the host may ask.
 *
 * Every function of jank.h here is an entry: it catches whatever is thrown and answers
 * with a value. Start registers the builtins, binds the core library that was
 * compiled ahead of time, and freezes the heap.
 */
#include "start.h"
#include "analyze/ast.h"
#include "base/buffer.h"
#include "builtins/tables.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/set.h"
#include "collection/vector.h"
#include "core_entries.h"
#include "host/host.h"
#include "load/native.h"
#include "load/patch.h"
#include "read/reader.h"
#include "runtime/binding.h"
#include "runtime/class.h"
#include "runtime/core_source.h"
#include "runtime/docs.h"
#include "runtime/fn.h"
#include "runtime/hooks.h"
#include "runtime/instance.h"
#include "runtime/journal.h"
#include "runtime/js.h"
#include "runtime/json.h"
#include "runtime/ns.h"
#include "runtime/print.h"
#include "runtime/report.h"
#include "runtime/session.h"
#include "runtime/show.h"
#include "runtime/stack.h"
#include "runtime/type_stubs.h"
#include "runtime/var.h"
#include "types.h"
#include "value/call.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/poll.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/types.h"
#include "value/word.h"
#include <string.h>

#ifdef __EMSCRIPTEN__
#include <emscripten/stack.h>
#endif

static buffer result_json;

/* ---- Invoke -------------------------------------------------------------- */

typedef struct {
  const char *name, *arguments;
  buffer *out; /* of its own: what is invoked may invoke */
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
  buffer_text(call->out, "{\"ok\":true,\"value\":");
  buffer text = print_text_of(list_cons(result, list_empty), true, false);
  buffer_json_string(call->out, text.data, text.size);
  buffer_free(&text);
  buffer_text(call->out, ",\"json\":");
  json_print(call->out, result);
  buffer_byte(call->out, '}');
  return result;
}

const char *jank_invoke(const char *qualified_name, const char *edn_arguments) {
  buffer text = result_json; /* its memory */
  result_json = (buffer){0};
  buffer_clear(&text);
  invocation call = {qualified_name, edn_arguments, &text};
  O result = JANK_NIL, exception = JANK_NIL;
  if (!throw_catch(invoke, &call, &result, &exception)) {
    buffer_clear(&text);
    report_set_error(exception, "run", NULL);
    buffer_format(&text, "{\"ok\":false,\"error\":%s}", jank_last_error_json());
  }
  buffer_free(&result_json);
  result_json = text;
  return buffer_cstring(&result_json);
}

/* ---- Start --------------------------------------------------------------- */

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

/* By a row's arglist, "[a b & more]". */
static void add_row(code_object *code, const char *arglist, void *fn) {
  int words = arglist[1] != ']';
  bool variadic = false;
  for (const char *p = arglist; *p; p++) {
    words += *p == ' ';
    variadic |= *p == '&';
  }
  fn_code_add_entry(code, variadic ? words - 2 : words, variadic, fn);
}

/* A table ends with a NULL name, as a patch's. */
static void register_table(const struct patch_symbol *table) {
  for (; table->qualified_name; table++) {
    const char *slash = strchr(table->qualified_name, '/');
    char ns[64];
    size_t n = (size_t)(slash - table->qualified_name);
    memcpy(ns, table->qualified_name, n);
    ns[n] = 0;
    var_object *var = (var_object *)jank_var_intern_c(ns, slash + 1);
    if (!is_type(var->root, JANK_TYPE_FN)) {
      string_object *name =
          string_make(table->qualified_name, strlen(table->qualified_name));
      var_set_root(var, &fn_make(fn_code_make(name, JANK_NIL), 0)->header);
    }
    add_row(((fn_object *)var->root)->code, table->signature, table->fn);
  }
}

/* Builtins that take any number of arguments. */
static void add_stubs(void) {
  var_object *var = (var_object *)jank_var_intern_c("clojure.core", "new*");
  var_set_root(var, &fn_make(type_stubs_new(), 0)->header);
}

static const struct patch_symbol *const builtin_tables[] = {
    exception_builtins, function_builtins,    namespace_builtins,
    coll_list_builtins, coll_builtins,        coll_map_builtins,
    coll_set_builtins,  equal_builtins,       number_builtins,
    string_builtins,    symbol_builtins,      regex_builtins,
    read_builtins,      print_builtins,       math_builtins,
    reference_builtins, string_text_builtins, class_builtins,
    type_builtins,      interop_builtins,     js_builtins,
    sorted_builtins,    array_builtins,       tower_builtins,
    dev_builtins,       format_builtins,
#ifndef JANK_RUNTIME_ONLY
    eval_builtins,      unit_builtins,
#endif
};

#ifdef JANK_RUNTIME_ONLY
static char *(*const read_docs)(void) = NULL;
#else
static char *(*const read_docs)(void) = host_docs;
#endif

void start_memory(void) {
  types = types_rows;
  gc_init(NULL);
}

void start_values(void) {
  symbol_init();
  error_init((error_functions){show_short, class_name_of_value, js_stack});
  list_init();
  vector_init();
  map_init();
  set_init();
  class_init();
  core_source_init(jank_core_sources);
  stack_init(patch_line);
  instance_init();
  js_init();
  fn_init(report_arglists);
  var_init();
  ns_init();
  hooks_init();
  binding_init();
  session_init();
  var_init_ns();
}

void start_builtins(void) {
  size_t count = sizeof builtin_tables / sizeof *builtin_tables;
  docs_init(builtin_tables, count, read_docs);
  for (size_t i = 0; i < count; i++)
    register_table(builtin_tables[i]);
  add_stubs();
}

/* In this order: values, then builtins, which are functions in vars, then what the core
 * library's patches bind and run. The freeze comes last: it takes all that is there. */
static O start(void *context) {
  start_values();
#ifndef JANK_RUNTIME_ONLY
  ast_init();
#endif
  start_builtins();
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
  start_memory();
  poll_set_stack_limit(stack_top() - STACK_BUDGET);
  O result = JANK_NIL, exception = JANK_NIL;
  if (!throw_catch(start, NULL, &result, &exception)) {
    report_set_error(exception, "load", NULL);
    return -1;
  }
  started = true;
  return 0;
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
  binding_unwind(JANK_NIL);
  patch_recover();
}
