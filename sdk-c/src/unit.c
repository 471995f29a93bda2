/* unit.c - the data path of a source text: read, expand, analyze, emit.
 *
 * A unit gives one patch per top-level form. The host installs each before it
 * asks for the next, so that macros and namespaces are there when they are
 * needed; it also loads the namespaces that a form requires. Afterwards the
 * whole text can be had as one patch, or as C.
 */
#include "analyze/ast.h"
#include "analyze/build.h"
#include "analyze/dump.h"
#include "analyze/macro.h"
#include "analyze/program.h"
#include "base/buffer.h"
#include "base/fnv.h"
#include "base/trace.h"
#include "builtins/builtin.h"
#include "builtins/tables.h"
#include "collection/coll.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "core_entries.h"
#include "emit/c.h"
#include "emit/module.h"
#include "emit/reach.h"
#include "host/host.h"
#include "load/patch.h"
#include "read/reader.h"
#include "runtime/ns.h"
#include "runtime/report.h"
#include "runtime/session.h"
#include "runtime/var.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/meta.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_ERROR = -1, UNIT_END = 0, UNIT_FORM = 1, UNIT_MISSING_NS = 2 };

struct jank_unit {
  char *source, *file, *opening_ns;
  size_t size, part; /* offset of the part that is being read; 0: no parts */
  int line;
  reader reader;
  O pending; /* forms of a `do` that are still to come */
  O form;
  bool has_form; /* `form` was read and waits to be compiled */
  span where;
  O ns;       /* symbol: in effect for the next form */
  O form_ns;  /* and for the form that was compiled last */
  bool ended; /* every form was compiled */
  O reported; /* set of namespaces that were reported missing */
  O unneeded; /* set of vars that are left out */
  buffer patch, json, missing;
  const char *patch_id; /* of the call that is under way */
};

static char *copy(const char *text, size_t n) {
  char *result = malloc(n + 1);
  if (result) {
    memcpy(result, text, n);
    result[n] = 0;
  }
  return result;
}

jank_unit *jank_unit_open(const char *source, const char *file, const char *ns,
                          int line) {
  jank_unit *u = calloc(1, sizeof *u);
  if (!u)
    return NULL;
  u->size = strlen(source);
  u->source = copy(source, u->size);
  u->file = copy(file, strlen(file));
  u->opening_ns = copy(*ns ? ns : "user", *ns ? strlen(ns) : 4);
  u->line = line;
  jank_add_root(&u->pending);
  jank_add_root(&u->form);
  jank_add_root(&u->ns);
  jank_add_root(&u->form_ns);
  jank_add_root(&u->reported);
  jank_add_root(&u->unneeded);
  return u;
}

void jank_unit_close(jank_unit *u) {
  gc_remove_root_range(&u->pending);
  gc_remove_root_range(&u->form);
  gc_remove_root_range(&u->ns);
  gc_remove_root_range(&u->form_ns);
  gc_remove_root_range(&u->reported);
  gc_remove_root_range(&u->unneeded);
  free(u->source);
  free(u->file);
  free(u->opening_ns);
  buffer_free(&u->patch);
  buffer_free(&u->json);
  buffer_free(&u->missing);
  free(u);
}

/* ---- Reading forms ------------------------------------------------------- */

static void rewind_unit(jank_unit *u) {
  u->ns = &symbol_from(NULL, u->opening_ns)->header;
  u->pending = u->form = JANK_NIL;
  u->has_form = false;
  u->reported = set_empty;
  u->part = 0;
  reader_init(&u->reader, u->source, u->size, u->file, u->line);
}

static bool is_do(O form) { return seq_head_is(form, "do"); }

/* (part* "clojure/core/seqs.jank"), which only stage 0 knows: from the next line
 * on the text is that file of the core library. */
static bool begin_part(jank_unit *u) {
  bool named = !*jank_core_entries && seq_head_is(u->form, "part*");
  O file = named ? seq_first(seq_next(u->form)) : JANK_NIL;
  if (!is_type(file, JANK_TYPE_STRING))
    return false;
  free(u->file);
  u->file = copy(((string_object *)file)->text, ((string_object *)file)->bytes);
  u->reader.file = u->file;
  u->reader.line = 0;
  u->part = u->reader.offset + (u->reader.offset < u->size);
  return true;
}

/* Takes the next form; a `do` is replaced by what is in it, so that each of its
 * forms sees what the earlier ones defined. */
static bool next_form(jank_unit *u) {
  for (;;) {
    if (u->pending != JANK_NIL) {
      u->form = seq_first(u->pending);
      u->pending = seq_next(u->pending);
    } else {
      O form = JANK_NIL;
      u->reader.ns = ns_current();
      if (!reader_read(&u->reader, &form, &u->where))
        return false;
      u->form = form;
      if (begin_part(u))
        continue;
    }
    u->where = build_span(u->form, u->where);
    if (seq_head_is(u->form, "ns"))
      return true;
    u->form = macro_expand(u->file, u->form, u->where);
    if (!is_do(u->form) || seq_next(u->form) == JANK_NIL)
      return true;
    O more = u->pending;
    O inside = JANK_NIL;
    for (O s = seq_next(u->form); s != JANK_NIL; s = seq_next_polled(s))
      inside = seq_cons(seq_first(s), inside);
    for (; inside != JANK_NIL; inside = seq_next(inside))
      more = seq_cons(seq_first(inside), more);
    u->pending = more;
  }
}

/* ---- Namespaces that must be loaded first -------------------------------- */

static bool missing_spec(jank_unit *u, O spec, bool reload) {
  spec = seq_unquote(spec);
  O name = is_type(spec, JANK_TYPE_VECTOR) ? seq_first(spec) : spec;
  if (!is_type(name, JANK_TYPE_SYMBOL))
    return false;
  if (is_type(spec, JANK_TYPE_VECTOR))
    for (O s = seq_next(spec); s != JANK_NIL; s = seq_next(s))
      if (symbol_is_keyword(seq_first(s), "as-alias"))
        return false;
  symbol_object *symbol = (symbol_object *)name;
  if ((!reload && ns_has(ns_find(symbol))) || set_contains(u->reported, name))
    return false;
  u->reported = set_conj(u->reported, name);
  buffer_clear(&u->missing);
  buffer_text(&u->missing, symbol->name->text);
  return true;
}

/* With :reload, what is loaded is loaded again, once in this unit. */
static bool missing_in(jank_unit *u, O specs) {
  bool reload = false;
  for (O s = seq(specs); s != JANK_NIL; s = seq_next(s))
    reload |= symbol_is_keyword(seq_first(s), "reload") ||
              symbol_is_keyword(seq_first(s), "reload-all");
  for (O s = seq(specs); s != JANK_NIL; s = seq_next(s))
    if (missing_spec(u, seq_first(s), reload))
      return true;
  return false;
}

static bool missing_ns(jank_unit *u, O form) {
  if (seq_head_is(form, "require") || seq_head_is(form, "require*"))
    return missing_in(u, seq_next(form));
  if (!seq_head_is(form, "ns"))
    return false;
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next(s)) {
    O clause = seq_first(s);
    if (is_type(clause, JANK_TYPE_LIST) &&
        (symbol_is_keyword(seq_first(clause), "require") ||
         symbol_is_keyword(seq_first(clause), "use")) &&
        missing_in(u, seq_next(clause)))
      return true;
  }
  return false;
}

/* ---- Compiling ----------------------------------------------------------- */

static bool id_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || c == '_';
}

static void check_id(const char *id) {
  size_t n = strlen(id), i = 0;
  while (i < n && id_char(id[i]))
    i++;
  if (n == 0 || i < n || n > 64)
    error_throw("IllegalArgumentException",
                "patch id: expected 1 to 64 letters, digits or _, got \"%s\"",
                id);
}

static void write_symbol(buffer *out, const var_object *var,
                         const char *signature) {
  buffer name = {0};
  symbol_add_qualified(&name, var->ns->name->name, var->name->name);
  if (out->data[out->size - 1] != '[')
    buffer_byte(out, ',');
  buffer_text(out, "{\"name\":");
  buffer_json_string(out, name.data, name.size);
  buffer_format(out, ",\"signature\":\"%s\"}", signature);
  buffer_free(&name);
}

/* The vars that a top-level form defines when it runs. */
static void write_values(buffer *out, const program *p, const node *n) {
  if (n->kind == NODE_FN)
    return;
  if (n->kind == NODE_DEF)
    write_symbol(out, (var_object *)p->pool[n->index].value, "value");
  const node *child;
  for (int i = 0; (child = ast_child(n, i)); i++)
    write_values(out, p, child);
}

static void write_symbols(buffer *out, const program *p) {
  for (int i = 0; i < p->definition_count; i++) {
    const definition *d = &p->definitions[i];
    for (int j = 0; j < d->fn->method_count; j++) {
      const method *m = d->fn->methods[j];
      char signature[16];
      snprintf(signature, sizeof signature, "%d%s", m->required,
               m->variadic ? "&" : "");
      write_symbol(out, d->var, signature);
    }
  }
  for (int i = 0; i < p->form_count; i++)
    write_values(out, p, p->forms[i]->body);
}

/* Of the namespace and the form's text: the same form, the same hash. */
static uint64_t form_hash(const jank_unit *u, const program *p) {
  const reader *r = &u->reader;
  return fnv_64(fnv_64(FNV_64, p->ns, strlen(p->ns)), u->source + r->start,
                r->offset - r->start);
}

/* What the name in an ns form says. */
static bool is_ns_with(O form, const char *key) {
  O meta =
      seq_head_is(form, "ns") ? meta_of(seq_first(seq_next(form))) : JANK_NIL;
  return meta != JANK_NIL &&
         truthy(coll_get(meta, &symbol_keyword("dev", key)->header, JANK_NIL));
}

/* `form`: nil when there are several. */
static void describe(jank_unit *u, const program *p, O form) {
  buffer_clear(&u->json);
  buffer_format(&u->json,
                "{\"entry\":\"" JANK_PATCH_ENTRY_PREFIX
                "%s\",\"kind\":\"%s\",\"ns\":",
                u->patch_id, p->kind);
  buffer_json_string(&u->json, p->ns_after, strlen(p->ns_after));
  buffer_format(&u->json,
                ",\"line\":%d,\"column\":%d,\"hash\":\"%016llx\","
                "\"symbols\":[",
                u->where.line, u->where.column,
                (unsigned long long)form_hash(u, p));
  write_symbols(&u->json, p);
  buffer_byte(&u->json, ']');
  if (u->pending != JANK_NIL)
    buffer_text(&u->json, ",\"more\":true");
  else if (reader_is_done(&u->reader))
    buffer_text(&u->json, ",\"last\":true");
  if (is_ns_with(form, "once"))
    buffer_text(&u->json, ",\"once\":true");
  if (is_ns_with(form, "always") || (form != JANK_NIL && p->always))
    buffer_text(&u->json, ",\"always\":true");
  buffer_byte(&u->json, '}');
}

/* ---- The path ------------------------------------------------------------ */

typedef void (*unit_fill)(jank_unit *u, program *p);
typedef void (*unit_emit)(const program *p, const char *id, buffer *out);

static void release_program(void *p) { ast_program_free(p); }

static void fill_form(jank_unit *u, program *p) {
  program_add(p, u->form, u->where);
}

static double now(void) { return TRACE_IS_ON(COMPILE) ? host_now() : 0; }

/* What `fill` puts into a program becomes bytes or text. */
static void compile(jank_unit *u, unit_fill fill, unit_emit emit) {
  double started = now();
  program *p = ast_program_make(u->file, ns_current());
  throw_owner owner;
  throw_own(&owner, release_program, p);
  fill(u, p); /* expanded and analyzed */
  double filled = now();
  buffer_clear(&u->patch);
  emit(p, u->patch_id, &u->patch);
  TRACE(COMPILE,
        "%s:%d:%d: %d nodes, %d functions in %.1f ms, %zu bytes in %.1f ms",
        u->file, u->where.line, u->where.column, p->node_count, p->method_count,
        filled - started, u->patch.size, now() - filled);
  describe(u, p, fill == fill_form ? u->form : JANK_NIL);
  u->ns = &symbol_from(NULL, p->ns_after)->header;
  throw_release(&owner);
}

/* The next form of the text becomes a patch, which the host installs before it asks
 * again: jank_hot_reload_load_patch. */
static int step(jank_unit *u) {
  if (u->ns == JANK_NIL)
    rewind_unit(u);
  ns_set_current(ns_find_or_make((symbol_object *)u->ns));
  if (!u->has_form && !next_form(u)) {
    u->ended = true;
    return UNIT_END;
  }
  u->has_form = true;
  if (missing_ns(u, u->form))
    return UNIT_MISSING_NS;
  u->form_ns = u->ns;
  compile(u, fill_form, emit_wasm);
  u->has_form = false;
  return UNIT_FORM;
}

/* ---- All of the unit, and as text ---------------------------------------- */

/* The form is a `def` of a var that is left out. */
static bool is_unneeded(const jank_unit *u) {
  if (u->unneeded == JANK_NIL || !seq_head_is(u->form, "def"))
    return false;
  O name = seq_first(seq_next(u->form)), vars = ns_current()->mappings;
  return is_type(name, JANK_TYPE_SYMBOL) &&
         set_contains(u->unneeded, map_get(vars, name, JANK_NIL));
}

static void fill_all(jank_unit *u, program *p) {
  rewind_unit(u);
  ns_set_current(ns_find_or_make((symbol_object *)u->ns));
  while (next_form(u)) {
    const char *before = p->ns_after;
    if (is_unneeded(u))
      continue;
    if (strcmp(p->file, u->file) != 0)
      p->file = ast_text(p, u->file);
    p->library = u->part > 0;
    program_add(p, u->form, u->where);
    if (strcmp(before, p->ns_after) != 0)
      ns_set_current(ns_from_name(p->ns_after));
  }
}

static O unneeded_at_run_time(jank_unit *u) {
  program *whole = ast_program_make(u->file, ns_current());
  throw_owner owner;
  throw_own(&owner, release_program, whole);
  fill_all(u, whole);
  const bool *needed = reach_at_run_time(whole);
  O unneeded = set_empty;
  for (int i = 0; i < whole->definition_count; i++)
    if (!needed[i])
      unneeded = set_conj(unneeded, &whole->definitions[i].var->header);
  throw_release(&owner);
  return unneeded;
}

/* Without what only macros need. */
static void fill_to_run(jank_unit *u, program *p) {
  u->unneeded = unneeded_at_run_time(u);
  p->bare = true;
  fill_all(u, p);
  u->unneeded = JANK_NIL;
}

static int compile_whole(jank_unit *u, unit_fill fill, unit_emit emit) {
  ns_set_current(ns_from_name(u->opening_ns));
  compile(u, fill, emit);
  return UNIT_FORM;
}

static int bundle(jank_unit *u) {
  return compile_whole(u, fill_all, emit_wasm);
}

static int runtime_c(jank_unit *u) {
  return compile_whole(u, fill_to_run, emit_c);
}

/* Of the last form; after the end, of all. */
static int whole_or_form(jank_unit *u, unit_emit emit) {
  if (u->ended)
    return compile_whole(u, fill_all, emit);
  ns_set_current(ns_find_or_make((symbol_object *)u->form_ns));
  compile(u, fill_form, emit);
  return UNIT_FORM;
}

static int whole_or_form_c(jank_unit *u) { return whole_or_form(u, emit_c); }

static int whole_or_form_ast(jank_unit *u) {
  return whole_or_form(u, dump_program);
}

/* ---- eval: compiles and runs a form now ---------------------------------- */

static O eval_one(O form) {
  static unsigned number;
  char entry[64];
  snprintf(entry, sizeof entry, JANK_PATCH_ENTRY_PREFIX "eval_%u", ++number);
  program *p = ast_program_make("<eval>", ns_current());
  buffer bytes = {0};
  throw_owner of_bytes, of_program;
  throw_own(&of_bytes, buffer_release, &bytes);
  throw_own(&of_program, release_program, p);
  program_add(p, form, (span){0, 0, 0, 0});
  emit_wasm(p, entry + strlen(JANK_PATCH_ENTRY_PREFIX), &bytes);
  namespace_object *after = ns_from_name(p->ns_after);
  throw_release(&of_program);
  O result = patch_run(&bytes, entry);
  throw_release(&of_bytes);
  ns_set_current(after);
  return result;
}

static O eval_form(O form) {
  form = macro_expand("<eval>", form, (span){0, 0, 0, 0});
  if (!is_do(form))
    return eval_one(form);
  O result = JANK_NIL;
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next(s))
    result = eval_form(seq_first(s));
  return result;
}

static O core_eval(O self, O form) { return eval_form(form); }

const struct patch_symbol unit_builtins[] = {
    CORE("eval", "[form]", core_eval,
         "Compiles the form, runs it, and returns its value. Forms see the "
         "current namespace, not the locals around the call."),
    {0},
};

/* ---- What the host calls ------------------------------------------------- */

typedef struct {
  jank_unit *unit;
  int (*body)(jank_unit *);
  int status;
} unit_call;

static O run_body(void *context) {
  unit_call *call = context;
  check_id(call->unit->patch_id);
  call->status = call->body(call->unit);
  return JANK_NIL;
}

static int run(jank_unit *u, int (*body)(jank_unit *), const char *patch_id) {
  unit_call call = {u, body, UNIT_ERROR};
  O result = JANK_NIL, exception = JANK_NIL;
  u->patch_id = patch_id;
  if (throw_catch(run_body, &call, &result, &exception))
    return call.status;
  error_source source = {u->file, u->source + u->part, u->size - u->part,
                         u->where.line, u->part ? 1 : u->line};
  report_set_error(exception, "compile", &source);
  session_error(exception);
  u->has_form = false;
  return UNIT_ERROR;
}

int jank_unit_next(jank_unit *u, const char *patch_id) {
  return run(u, step, patch_id);
}
int jank_unit_bundle(jank_unit *u, const char *patch_id) {
  return run(u, bundle, patch_id);
}
int jank_unit_emit_c(jank_unit *u, const char *name) {
  return run(u, whole_or_form_c, name);
}
int jank_unit_emit_ast(jank_unit *u, const char *name) {
  return run(u, whole_or_form_ast, name);
}
int jank_unit_emit_runtime_c(jank_unit *u, const char *name) {
  return run(u, runtime_c, name);
}
const uint8_t *jank_unit_patch(jank_unit *u) {
  return (const uint8_t *)buffer_cstring(&u->patch);
}
size_t jank_unit_patch_size(jank_unit *u) { return u->patch.size; }
const char *jank_unit_describe(jank_unit *u) {
  return buffer_cstring(&u->json);
}
const char *jank_unit_missing_ns(jank_unit *u) {
  return buffer_cstring(&u->missing);
}
const int *jank_unit_place(jank_unit *u) { return &u->where.line; }
