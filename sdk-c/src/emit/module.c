/* module.c - a program as a side module: the patch.
 *
 * In: an analyzed program. Out: the bytes that jank_patch.h describes, without
 * any outside tool. Same program and id, same bytes. The patch's data is its
 * header, the constant pool, the texts of its records, and the records; after
 * them, not part of the file, come the stack limit, a count of the rounds of
 * loops, and the constants' words, which jank_patch_open fills in.
 */
#include "emit/module.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/fnv.h"
#include "emit/imports.h"
#include "emit/method.h"
#include "emit/notes.h"
#include "emit/pool_encode.h"
#include "emit/wasm.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <string.h>

enum { NAME_FUNCTIONS = 1, NAME_LOCALS = 2 };

typedef struct {
  emitter e;
  const program *p;
  const char *id;
  buffer *out;
  wasm_code code; /* scratch, owned */
  buffer name, content;
  struct jank_patch_header header;
  struct jank_patch_record *records; /* the arena's */
} patch_emitter;

/* ---- Data ---------------------------------------------------------------- */

static uint32_t add_text(patch_emitter *x, const char *text) {
  buffer *data = &x->e.module.data;
  uint32_t offset = (uint32_t)data->size;
  buffer_add(data, text, strlen(text) + 1);
  return offset;
}

static void signature_text(const method *m, char *out, size_t size) {
  snprintf(out, size, "%d%s", m->required, m->variadic ? "&" : "");
}

static void qualified_name(patch_emitter *x, const var_object *var) {
  buffer_clear(&x->name);
  symbol_add_qualified(&x->name, var->ns->name->name, var->name->name);
  buffer_cstring(&x->name);
}

static bool has_init(const program *p) { return p->form_count > 0; }

static void add_record(patch_emitter *x, uint32_t name, const char *signature,
                       int value) {
  x->records[x->header.record_count++] =
      (struct jank_patch_record){name, add_text(x, signature), (uint32_t)value};
}

static void add_definition(patch_emitter *x, const definition *d) {
  qualified_name(x, d->var);
  uint32_t name = add_text(x, x->name.data);
  for (int i = 0; i < d->fn->method_count; i++) {
    char signature[16];
    signature_text(d->fn->methods[i], signature, sizeof signature);
    add_record(x, name, signature, d->fn->methods[i]->index);
  }
  if (d->meta >= 0)
    add_record(x, name, "meta", d->meta);
}

static void add_records(patch_emitter *x) {
  const program *p = x->p;
  size_t most = 1;
  for (int i = 0; i < p->definition_count; i++)
    most += (size_t)p->definitions[i].fn->method_count + 1;
  x->records = arena_alloc(p->arena, most * sizeof *x->records);
  for (int i = 0; i < p->definition_count; i++)
    add_definition(x, &p->definitions[i]);
  if (has_init(p))
    add_record(x, add_text(x, p->ns), "init", p->method_count);
}

static void align_data(buffer *data) {
  while (data->size % 4)
    buffer_byte(data, 0);
}

static void lay_out(patch_emitter *x) {
  const program *p = x->p;
  wasm_module *m = &x->e.module;
  struct jank_patch_header *h = &x->header;
  buffer_add(&m->data, h, sizeof *h);
  h->pool = (uint32_t)m->data.size;
  pool_encode(p, false, &m->data);
  h->pool_size = (uint32_t)m->data.size - h->pool;
  add_records(x);
  align_data(&m->data);
  h->records = (uint32_t)m->data.size;
  buffer_add(&m->data, x->records, h->record_count * sizeof *x->records);
  h->limit = x->e.limit_offset = (uint32_t)m->data.size;
  x->e.rounds_offset = h->limit + 4;
  h->words = x->e.words_offset = h->limit + 8;
  memcpy(m->data.data, h, sizeof *h);
  m->memory_size = h->words + 4 * (uint32_t)p->pool_count;
  m->memory_align = 3;
}

/* ---- Entry and init ------------------------------------------------------ */

static void define_entry(patch_emitter *x, uint32_t number) {
  wasm_code *c = &x->code;
  buffer_byte(&c->bytes, 0); /* no locals */
  wasm_op_u(c, WASM_GLOBAL_GET, x->e.module.memory_base);
  wasm_op_u(c, WASM_GLOBAL_GET, x->e.module.table_base);
  wasm_op_u(c, WASM_LOCAL_GET, 0);
  imports_call(&x->e, c, RT_jank_patch_open);
  wasm_op(c, WASM_END);
  wasm_define(&x->e.module, number, imports_word_type(&x->e, 1), c);
}

/* Runs the top-level forms in order and returns the last one's value. */
static void define_init(patch_emitter *x, uint32_t number) {
  wasm_code *c = &x->code;
  buffer_byte(&c->bytes, 0);
  for (int i = 0; i < x->p->form_count; i++) {
    if (i)
      wasm_op(c, WASM_DROP);
    wasm_op_u(c, WASM_LOCAL_GET, 0);
    wasm_call_function(c, (uint32_t)x->p->forms[i]->index);
  }
  wasm_op(c, WASM_END);
  wasm_define(&x->e.module, number, imports_word_type(&x->e, 1), c);
}

static void define_methods(patch_emitter *x) {
  for (int i = 0; i < x->p->method_count; i++) {
    const method *m = x->p->methods[i];
    emit_method(&x->e, m, &x->code);
    wasm_define(&x->e.module, (uint32_t)i,
                imports_word_type(&x->e, 1 + m->required + m->variadic),
                &x->code);
  }
}

/* ---- Custom sections ----------------------------------------------------- */

/* "eita/ggg (src/eita.jank:12)", "eita (src/eita.jank:30)" for a top-level form:
 * what engines show in stacks, and host_trace takes apart. */
static const char *display_name(patch_emitter *x, const method *m) {
  buffer_clear(&x->name);
  buffer_format(&x->name, "%s (%s:%d)", m->fn ? m->fn->name : x->p->ns,
                x->p->file, m->line);
  return buffer_cstring(&x->name);
}

static void name_functions(patch_emitter *x, buffer *b) {
  uint32_t first = x->e.module.function_imports;
  buffer_uleb(b, (uint32_t)x->p->method_count + has_init(x->p));
  for (int i = 0; i < x->p->method_count; i++) {
    buffer_uleb(b, first + (uint32_t)i);
    wasm_name(b, display_name(x, x->p->methods[i]));
  }
  if (!has_init(x->p))
    return;
  buffer_uleb(b, first + (uint32_t)x->p->method_count);
  buffer_clear(&x->name);
  buffer_format(&x->name, "%s (init)", x->p->ns);
  wasm_name(b, buffer_cstring(&x->name));
}

static void name_locals(patch_emitter *x, buffer *b) {
  buffer_uleb(b, (uint32_t)x->p->method_count);
  for (int i = 0; i < x->p->method_count; i++) {
    const method *m = x->p->methods[i];
    int params = m->required + m->variadic;
    buffer_uleb(b, x->e.module.function_imports + (uint32_t)i);
    buffer_uleb(b, (uint32_t)params + 1);
    buffer_uleb(b, 0);
    wasm_name(b, "self");
    for (int j = 0; j < params; j++) {
      buffer_uleb(b, (uint32_t)j + 1);
      wasm_name(b, m->params[j]->name);
    }
  }
}

static void add_names(patch_emitter *x, int kind,
                      void (*write)(patch_emitter *, buffer *),
                      buffer *section) {
  buffer_clear(&x->code.bytes);
  write(x, &x->code.bytes);
  buffer_byte(section, kind);
  buffer_uleb(section, x->code.bytes.size);
  buffer_add(section, x->code.bytes.data, x->code.bytes.size);
}

/* What the patch says about itself; jank_patch.h describes it. */
static void describe(patch_emitter *x, buffer *b) {
  const program *p = x->p;
  buffer_uleb(b, JANK_PATCH_ABI);
  buffer_clear(&x->name);
  buffer_format(&x->name, JANK_PATCH_ENTRY_PREFIX "%s", x->id);
  wasm_name(b, buffer_cstring(&x->name));
  wasm_name(b, x->id);
  wasm_name(b, p->ns);
  uint32_t symbols = x->header.record_count - has_init(p);
  buffer_uleb(b, symbols);
  const char *texts = x->e.module.data.data;
  for (uint32_t i = 0; i < symbols; i++) {
    wasm_name(b, texts + x->records[i].name);
    wasm_name(b, texts + x->records[i].signature);
  }
  uint64_t hash = fnv_64(FNV_64, x->out->data, x->out->size);
  for (int i = 0; i < 8; i++)
    buffer_byte(b, (int)(hash >> (8 * i) & 0xff));
}

static void add_customs(patch_emitter *x) {
  if (x->e.module.lines.size)
    wasm_custom(x->out, JANK_PATCH_LINES, &x->e.module.lines);
  buffer_clear(&x->content);
  describe(x, &x->content);
  wasm_custom(x->out, JANK_PATCH_SECTION, &x->content);
  buffer_clear(&x->content);
  add_names(x, NAME_FUNCTIONS, name_functions, &x->content);
  add_names(x, NAME_LOCALS, name_locals, &x->content);
  wasm_custom(x->out, "name", &x->content);
}

/* ---- The path ------------------------------------------------------------ */

static void import_environment(emitter *e) {
  wasm_module *m = &e->module;
  wasm_import_memory(m);
  wasm_import_table(m);
  e->stack_pointer = wasm_import_global(m, "__stack_pointer", true);
  m->memory_base = wasm_import_global(m, "__memory_base", false);
  m->table_base = wasm_import_global(m, "__table_base", false);
}

static void export_entry(patch_emitter *x, uint32_t number) {
  buffer_clear(&x->name);
  buffer_format(&x->name, JANK_PATCH_ENTRY_PREFIX "%s", x->id);
  wasm_export_function(&x->e.module, buffer_cstring(&x->name), number);
}

static void emit(patch_emitter *x) {
  wasm_module *m = &x->e.module;
  uint32_t init = (uint32_t)x->p->method_count, entry = init + has_init(x->p);
  x->e.notes = notes_make(x->p);
  import_environment(&x->e);
  lay_out(x);
  wasm_add_functions(m, entry + 1);
  m->element_count = m->table_size = entry;
  define_methods(x);
  if (has_init(x->p))
    define_init(x, init);
  define_entry(x, entry);
  export_entry(x, entry);
  wasm_finish(m, x->out);
  add_customs(x);
}

static void release(void *what) {
  patch_emitter *x = what;
  wasm_free(&x->e.module);
  wasm_code_free(&x->e.scratch);
  wasm_code_free(&x->code);
  buffer_free(&x->name);
  buffer_free(&x->content);
}

void emit_wasm(const program *p, const char *patch_id, buffer *out) {
  patch_emitter x = {.e.p = p, .p = p, .id = patch_id, .out = out};
  throw_owner owner;
  throw_own(&owner, release, &x);
  emit(&x);
  throw_release(&owner);
}
