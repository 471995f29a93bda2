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
#include "builtins/tables.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "emit/c.h"
#include "emit/module.h"
#include "emit/reach.h"
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

typedef void (*emitter)(const program *p, const char *name, buffer *out);

enum { UNIT_ERROR = -1, UNIT_END = 0, UNIT_FORM = 1, UNIT_MISSING_NS = 2 };

struct jank_unit {
  char *source, *file, *opening_ns;
  size_t size;
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
  emitter emitter;      /* and what it writes again: see unit_again */
  int status;
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

/* ---- Reading forms ------------------------------------------------------------- */

static void rewind_unit(jank_unit *u) {
  u->ns = &symbol_from(NULL, u->opening_ns)->header;
  u->pending = u->form = JANK_NIL;
  u->has_form = false;
  u->reported = set_empty;
  reader_init(&u->reader, u->source, u->size, u->file, u->line);
}

static bool is_do(O form) {
  return seq_is(form) && symbol_is(seq_first(form), NULL, "do");
}

static bool head_is(O form, const char *name) {
  return seq_is(form) && symbol_is(seq_first(form), NULL, name);
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
    }
    u->where = build_span(u->form, u->where);
    if (head_is(u->form, "ns"))
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

/* ---- Namespaces that must be loaded first ------------------------------------------ */

static O unquote_form(O form) {
  return head_is(form, "quote") ? seq_first(seq_next(form)) : form;
}

static bool is_key(O o, const char *name) {
  return is_type(o, JANK_TYPE_KEYWORD) &&
         strcmp(((symbol_object *)o)->name->text, name) == 0;
}

static bool missing_spec(jank_unit *u, O spec, bool reload) {
  spec = unquote_form(spec);
  O name = is_type(spec, JANK_TYPE_VECTOR) ? seq_first(spec) : spec;
  if (!is_type(name, JANK_TYPE_SYMBOL))
    return false;
  if (is_type(spec, JANK_TYPE_VECTOR))
    for (O s = seq_next(spec); s != JANK_NIL; s = seq_next(s))
      if (is_key(seq_first(s), "as-alias"))
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
    reload |=
        is_key(seq_first(s), "reload") || is_key(seq_first(s), "reload-all");
  for (O s = seq(specs); s != JANK_NIL; s = seq_next(s))
    if (missing_spec(u, seq_first(s), reload))
      return true;
  return false;
}

static bool is_list(O o) { return is_type(o, JANK_TYPE_LIST); }

static bool missing_ns(jank_unit *u, O form) {
  if (head_is(form, "require") || head_is(form, "require*"))
    return missing_in(u, seq_next(form));
  if (!head_is(form, "ns"))
    return false;
  for (O s = seq_next(form); s != JANK_NIL; s = seq_next(s)) {
    O clause = seq_first(s);
    if (is_list(clause) &&
        (is_key(seq_first(clause), "require") ||
         is_key(seq_first(clause), "use")) &&
        missing_in(u, seq_next(clause)))
      return true;
  }
  return false;
}

/* ---- Compiling ---------------------------------------------------------------------- */

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
  const string_object *ns = var->ns->name->name, *title = var->name->name;
  buffer_add(&name, ns->text, ns->bytes);
  buffer_byte(&name, '/');
  buffer_add(&name, title->text, title->bytes);
  if (out->data[out->size - 1] != '[')
    buffer_byte(out, ',');
  buffer_text(out, "{\"name\":");
  buffer_json_string(out, name.data, name.size);
  buffer_format(out, ",\"signature\":\"%s\"}", signature);
  buffer_free(&name);
}

/* The vars that a top-level form defines when it runs. */
static void write_values(buffer *out, const program *p, const node *n) {
  if (!n || n->kind == NODE_FN)
    return;
  if (n->kind == NODE_DEF)
    write_symbol(out, (var_object *)p->pool[n->index].value, "value");
  write_values(out, p, n->a);
  write_values(out, p, n->b);
  write_values(out, p, n->c);
  for (int i = 0; n->items && i < n->count; i++)
    write_values(out, p, n->items[i]);
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

/* FNV-1a of the namespace and the form's text: the same form, the same hash. */
static uint64_t form_hash(const jank_unit *u, const program *p) {
  uint64_t h = UINT64_C(0xcbf29ce484222325);
  for (const char *c = p->ns; *c; c++)
    h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
  for (size_t i = u->reader.start; i < u->reader.offset; i++)
    h = (h ^ (unsigned char)u->source[i]) * UINT64_C(0x100000001b3);
  return h;
}

/* What the name in an ns form says. */
static bool is_ns_with(O form, const char *key) {
  O meta = head_is(form, "ns") ? meta_of(seq_first(seq_next(form))) : JANK_NIL;
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

/* A program is freed whatever happens while it is filled and emitted. */
typedef struct {
  jank_unit *unit;
  program *program;
  void (*fill)(jank_unit *, program *);
  emitter emit;
} compilation;

static void fill_form(jank_unit *u, program *p);

static O compile_body(void *context) {
  compilation *c = context;
  c->fill(c->unit, c->program);
  buffer_clear(&c->unit->patch);
  c->emit(c->program, c->unit->patch_id, &c->unit->patch);
  describe(c->unit, c->program,
           c->fill == fill_form ? c->unit->form : JANK_NIL);
  return JANK_NIL;
}

static void compile(jank_unit *u, void (*fill)(jank_unit *, program *),
                    emitter emit) {
  compilation c = {u, ast_program_make(u->file, ns_current()), fill, emit};
  O result = JANK_NIL, exception = JANK_NIL;
  bool ok = throw_catch(compile_body, &c, &result, &exception);
  if (ok)
    u->ns = &symbol_from(NULL, c.program->ns_after)->header;
  ast_program_free(c.program);
  if (!ok)
    jank_throw(exception);
}

static void fill_form(jank_unit *u, program *p) {
  program_add(p, u->form, u->where);
}

static O unit_step(void *context) {
  jank_unit *u = context;
  check_id(u->patch_id);
  if (u->ns == JANK_NIL)
    rewind_unit(u);
  ns_set_current(ns_find_or_make((symbol_object *)u->ns));
  if (!u->has_form && !next_form(u)) {
    u->status = UNIT_END;
    u->ended = true;
    return JANK_NIL;
  }
  u->has_form = true;
  if (missing_ns(u, u->form)) {
    u->status = UNIT_MISSING_NS;
    return JANK_NIL;
  }
  u->form_ns = u->ns;
  compile(u, fill_form, emit_wasm);
  u->has_form = false;
  u->status = UNIT_FORM;
  return JANK_NIL;
}

/* The form is a `def` of a var that is left out. */
static bool is_unneeded(const jank_unit *u) {
  if (u->unneeded == JANK_NIL || !head_is(u->form, "def"))
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
    program_add(p, u->form, u->where);
    if (strcmp(before, p->ns_after) != 0)
      ns_set_current(ns_from_name(p->ns_after));
  }
}

/* All of the unit, from its first namespace on. */
static O compile_whole(jank_unit *u, void (*fill)(jank_unit *, program *),
                       emitter emit) {
  check_id(u->patch_id);
  ns_set_current(ns_from_name(u->opening_ns));
  compile(u, fill, emit);
  u->status = UNIT_FORM;
  return JANK_NIL;
}

static O unit_bundle(void *context) {
  return compile_whole(context, fill_all, emit_wasm);
}

/* The form that was compiled last, or after the end all of the unit. */
static O unit_again(void *context) {
  jank_unit *u = context;
  check_id(u->patch_id);
  ns_set_current(u->ended ? ns_from_name(u->opening_ns)
                          : ns_find_or_make((symbol_object *)u->form_ns));
  compile(u, u->ended ? fill_all : fill_form, u->emitter);
  u->status = UNIT_FORM;
  return JANK_NIL;
}

/* ---- The same without what only macros need ------------------------------------------- */

static void fill_to_run(jank_unit *u, program *p) {
  program *whole = ast_program_make(u->file, ns_current());
  fill_all(u, whole);
  const bool *needed = reach_at_run_time(whole);
  u->unneeded = set_empty;
  for (int i = 0; i < whole->definition_count; i++)
    if (!needed[i])
      u->unneeded = set_conj(u->unneeded, &whole->definitions[i].var->header);
  ast_program_free(whole);
  p->bare = true;
  fill_all(u, p);
  u->unneeded = JANK_NIL;
}

static O unit_runtime_c(void *context) {
  return compile_whole(context, fill_to_run, emit_c);
}

/* ---- eval: compiles and runs a form now ---------------------------------------------- */

static O eval_form(O form);

typedef struct {
  program *program;
  O form;
  const char *id;
  buffer bytes;
} evaluation;

static O eval_emit(void *context) {
  evaluation *e = context;
  program_add(e->program, e->form, (span){0, 0, 0, 0});
  emit_wasm(e->program, e->id, &e->bytes);
  return JANK_NIL;
}

static O eval_one(O form) {
  static unsigned number;
  char entry[64];
  snprintf(entry, sizeof entry, JANK_PATCH_ENTRY_PREFIX "eval_%u", ++number);
  evaluation e = {.program = ast_program_make("<eval>", ns_current()),
                  .form = form,
                  .id = entry + strlen(JANK_PATCH_ENTRY_PREFIX)};
  O result = JANK_NIL, exception = JANK_NIL;
  bool ok = throw_catch(eval_emit, &e, &result, &exception);
  namespace_object *after = ok ? ns_from_name(e.program->ns_after) : NULL;
  ast_program_free(e.program);
  if (ok) {
    result = patch_run(&e.bytes, entry);
    ns_set_current(after);
  }
  buffer_free(&e.bytes);
  if (!ok)
    jank_throw(exception);
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
    {"clojure.core/eval", "1", (void *)core_eval},
    {0},
};

static int run(jank_unit *u, O (*body)(void *), const char *patch_id) {
  O result = JANK_NIL, exception = JANK_NIL;
  u->patch_id = patch_id;
  if (throw_catch(body, u, &result, &exception))
    return u->status;
  error_source source = {u->file, u->source, u->size, u->where.line, u->line};
  report_set_error(exception, "compile", &source);
  session_error(exception);
  u->has_form = false;
  return UNIT_ERROR;
}

int jank_unit_next(jank_unit *u, const char *patch_id) {
  return run(u, unit_step, patch_id);
}
int jank_unit_bundle(jank_unit *u, const char *patch_id) {
  return run(u, unit_bundle, patch_id);
}
static int emit_again(jank_unit *u, const char *name, emitter emit) {
  u->emitter = emit;
  return run(u, unit_again, name);
}

int jank_unit_emit_c(jank_unit *u, const char *name) {
  return emit_again(u, name, emit_c);
}
int jank_unit_emit_ast(jank_unit *u, const char *name) {
  return emit_again(u, name, dump_program);
}
int jank_unit_emit_runtime_c(jank_unit *u, const char *name) {
  return run(u, unit_runtime_c, name);
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
