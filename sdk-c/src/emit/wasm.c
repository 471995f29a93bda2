/* wasm.c - the module writer; see wasm.h. It follows the binary format of the
 * WebAssembly specification, and DynamicLinking.md for dylink.0. */
#include "emit/wasm.h"
#include "base/buffer.h"
#include "base/grow.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

enum section {
  SECTION_CUSTOM,
  SECTION_TYPE,
  SECTION_IMPORT,
  SECTION_FUNCTION,
  SECTION_TABLE,
  SECTION_MEMORY,
  SECTION_GLOBAL,
  SECTION_EXPORT,
  SECTION_START,
  SECTION_ELEMENT,
  SECTION_CODE,
  SECTION_DATA
};
enum external {
  EXTERNAL_FUNCTION,
  EXTERNAL_TABLE,
  EXTERNAL_MEMORY,
  EXTERNAL_GLOBAL
};
enum { DYLINK_MEM_INFO = 1, TYPE_FUNC = 0x60, TYPE_FUNCREF = 0x70 };

/* ---- Instructions -------------------------------------------------------- */

void wasm_op(wasm_code *c, enum wasm_op op) { buffer_byte(&c->bytes, op); }

void wasm_op_u(wasm_code *c, enum wasm_op op, uint32_t operand) {
  buffer_byte(&c->bytes, op);
  buffer_uleb(&c->bytes, operand);
}

void wasm_i32(wasm_code *c, int32_t value) {
  buffer_byte(&c->bytes, WASM_I32_CONST);
  buffer_sleb(&c->bytes, value);
}

static void memory_op(wasm_code *c, enum wasm_op op, uint32_t offset) {
  wasm_op_u(c, op, 2); /* alignment: log2 of 4 */
  buffer_uleb(&c->bytes, offset);
}
void wasm_i64(wasm_code *c, int64_t value) {
  wasm_op(c, WASM_I64_CONST);
  buffer_sleb(&c->bytes, value);
}

void wasm_f64(wasm_code *c, double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  wasm_op(c, WASM_F64_CONST);
  for (int i = 0; i < 8; i++)
    buffer_byte(&c->bytes, (int)(bits >> (8 * i) & 0xff));
}

void wasm_load(wasm_code *c, uint32_t offset) {
  memory_op(c, WASM_I32_LOAD, offset);
}
void wasm_load_byte(wasm_code *c, uint32_t offset) {
  wasm_op(c, WASM_I32_LOAD8_U);
  buffer_byte(&c->bytes, 0); /* aligned to 1 */
  buffer_uleb(&c->bytes, offset);
}
void wasm_store(wasm_code *c, uint32_t offset) {
  memory_op(c, WASM_I32_STORE, offset);
}
void wasm_store_wide(wasm_code *c, uint32_t offset) {
  wasm_op_u(c, WASM_I64_STORE, 3); /* log2 of 8 */
  buffer_uleb(&c->bytes, offset);
}

static void add_reference(wasm_code *c, wasm_reference r) {
  c->references = grow(c->references, &c->reference_capacity,
                       c->reference_count + 1, sizeof *c->references);
  c->references[c->reference_count++] = r;
}

void wasm_call_import(wasm_code *c, uint32_t import) {
  wasm_op(c, WASM_CALL);
  add_reference(c, (wasm_reference){c->bytes.size, import, WASM_TO_IMPORT});
}
void wasm_call_function(wasm_code *c, uint32_t function) {
  wasm_op(c, WASM_CALL);
  add_reference(c, (wasm_reference){c->bytes.size, function, WASM_TO_FUNCTION});
}
void wasm_call_indirect(wasm_code *c, uint32_t type) {
  wasm_op_u(c, WASM_CALL_INDIRECT, type);
  buffer_byte(&c->bytes, 0);
}

void wasm_line(wasm_code *c, uint32_t line) {
  add_reference(c, (wasm_reference){c->bytes.size, line, WASM_TO_LINE});
}

void wasm_append(wasm_code *c, const wasm_code *more, size_t from, size_t to) {
  size_t start = c->bytes.size;
  buffer_add(&c->bytes, more->bytes.data + from, to - from);
  for (size_t i = 0; i < more->reference_count; i++) {
    wasm_reference r = more->references[i];
    size_t from_here =
        r.offset - (r.kind != WASM_TO_LINE); /* behind its opcode */
    if (from_here < from || from_here >= to)
      continue;
    r.offset += start - from;
    add_reference(c, r);
  }
}

void wasm_code_clear(wasm_code *c) {
  buffer_clear(&c->bytes);
  c->reference_count = 0;
}

void wasm_code_free(wasm_code *c) {
  buffer_free(&c->bytes);
  free(c->references);
  *c = (wasm_code){0};
}

/* ---- Types and imports --------------------------------------------------- */

static int value_type(char letter) {
  return letter == 'l' ? 0x7e : letter == 'd' ? 0x7c : 0x7f;
}

static void write_type(buffer *b, const char *params, char result) {
  buffer_byte(b, TYPE_FUNC);
  buffer_uleb(b, strlen(params));
  for (; *params; params++)
    buffer_byte(b, value_type(*params));
  buffer_byte(b, result != 'v');
  if (result != 'v')
    buffer_byte(b, value_type(result));
}

/* A type is 3 bytes, its parameters (fewer than 128) and its results. */
static size_t type_size(const char *type) {
  size_t params = (unsigned char)type[1];
  return 3 + params + (unsigned char)type[2 + params];
}

/* A module has few types: they are searched, and what is equal to an earlier
 * one is taken off again. */
uint32_t wasm_type(wasm_module *m, const char *params, char result) {
  size_t start = m->types.size;
  write_type(&m->types, params, result);
  const char *added = m->types.data + start;
  size_t size = m->types.size - start;
  uint32_t index = 0;
  for (const char *t = m->types.data; t < added; t += type_size(t), index++)
    if (type_size(t) == size && memcmp(t, added, size) == 0) {
      m->types.size = start;
      return index;
    }
  return m->type_count++;
}

void wasm_name(buffer *b, const char *text) {
  size_t n = strlen(text);
  buffer_uleb(b, n);
  buffer_add(b, text, n);
}

static void import(wasm_module *m, const char *name, enum external kind) {
  wasm_name(&m->imports, "env");
  wasm_name(&m->imports, name);
  buffer_byte(&m->imports, kind);
  m->import_count++;
}

void wasm_import_memory(wasm_module *m) {
  import(m, "memory", EXTERNAL_MEMORY);
  buffer_add(&m->imports, "\0\0", 2); /* no maximum, at least 0 pages */
}

void wasm_import_table(wasm_module *m) {
  import(m, "__indirect_function_table", EXTERNAL_TABLE);
  buffer_byte(&m->imports, TYPE_FUNCREF);
  buffer_add(&m->imports, "\0\0", 2);
}

uint32_t wasm_import_global(wasm_module *m, const char *name, bool mutable) {
  import(m, name, EXTERNAL_GLOBAL);
  buffer_byte(&m->imports, WASM_I32);
  buffer_byte(&m->imports, mutable);
  return m->global_imports++;
}

uint32_t wasm_import_function(wasm_module *m, const char *name, uint32_t type) {
  import(m, name, EXTERNAL_FUNCTION);
  buffer_uleb(&m->imports, type);
  return m->function_imports++;
}

/* ---- Functions ----------------------------------------------------------- */

void wasm_add_functions(wasm_module *m, uint32_t count) {
  uint32_t total = m->function_count + count;
  wasm_function *grown = realloc(m->functions, total * sizeof *grown);
  if (!grown)
    throw_out_of_memory();
  memset(grown + m->function_count, 0, count * sizeof *grown);
  m->functions = grown;
  m->function_count = total;
}

void wasm_define(wasm_module *m, uint32_t function, uint32_t type,
                 wasm_code *code) {
  m->functions[function] = (wasm_function){type, *code};
  *code = (wasm_code){0};
}

void wasm_export_function(wasm_module *m, const char *name, uint32_t function) {
  wasm_name(&m->exports, name);
  buffer_byte(&m->exports, EXTERNAL_FUNCTION);
  buffer_uleb(&m->exports, m->function_imports + function);
  m->export_count++;
}

/* ---- The whole ----------------------------------------------------------- */

static void write_section(buffer *out, enum section id, uint32_t count,
                          const buffer *content) {
  buffer head = {0};
  buffer_uleb(&head, count);
  buffer_byte(out, id);
  buffer_uleb(out, head.size + content->size);
  buffer_add(out, head.data, head.size);
  buffer_add(out, content->data, content->size);
  buffer_free(&head);
}

static void write_dylink(const wasm_module *m, buffer *out) {
  buffer info = {0}, section = {0};
  buffer_uleb(&info, m->memory_size);
  buffer_uleb(&info, m->memory_align);
  buffer_uleb(&info, m->table_size);
  buffer_uleb(&info, 0);
  wasm_name(&section, "dylink.0");
  buffer_byte(&section, DYLINK_MEM_INFO);
  buffer_uleb(&section, info.size);
  buffer_add(&section, info.data, info.size);
  buffer_byte(out, SECTION_CUSTOM);
  buffer_uleb(out, section.size);
  buffer_add(out, section.data, section.size);
  buffer_free(&info);
  buffer_free(&section);
}

/* Where a line begins: its offset in the function, then in all bodies. */
typedef struct {
  size_t offset;
  uint32_t line;
} line_mark;

typedef struct {
  line_mark *marks; /* owned */
  size_t count;
} line_marks;

/* The instructions with every function index in its place. */
static void resolve(const wasm_module *m, const wasm_code *c, buffer *out,
                    line_marks *lines) {
  size_t done = 0;
  for (size_t i = 0; i < c->reference_count; i++) {
    const wasm_reference *r = &c->references[i];
    buffer_add(out, c->bytes.data + done, r->offset - done);
    done = r->offset;
    if (r->kind == WASM_TO_LINE)
      lines->marks[lines->count++] = (line_mark){out->size, r->number};
    else
      buffer_uleb(out,
                  r->number +
                      (r->kind == WASM_TO_IMPORT ? 0 : m->function_imports));
  }
  buffer_add(out, c->bytes.data + done, c->bytes.size - done);
}

/* At most one for each reference; made before any body is, so that nothing is
 * lost when memory ends among them. */
static line_marks room_for_lines(const wasm_module *m) {
  line_marks lines = {0};
  size_t most = 1;
  for (uint32_t i = 0; i < m->function_count; i++)
    most += m->functions[i].code.reference_count;
  lines.marks = malloc(most * sizeof *lines.marks);
  if (!lines.marks)
    throw_out_of_memory();
  return lines;
}

/* As differences; `start`: where the bodies are in the module. */
static void write_lines(buffer *out, const line_marks *lines, size_t start) {
  line_mark last = {0};
  for (size_t i = 0; i < lines->count; i++) {
    line_mark m = {start + lines->marks[i].offset, lines->marks[i].line};
    buffer_uleb(out, m.offset - last.offset);
    buffer_sleb(out, (int64_t)m.line - last.line);
    last = m;
  }
}

static void write_functions(const wasm_module *m, buffer *out) {
  buffer numbers = {0};
  for (uint32_t i = 0; i < m->function_count; i++)
    buffer_uleb(&numbers, m->functions[i].type);
  write_section(out, SECTION_FUNCTION, m->function_count, &numbers);
  buffer_free(&numbers);
}

static void write_code(wasm_module *m, buffer *out) {
  buffer bodies = {0}, body = {0};
  line_marks lines = room_for_lines(m);
  for (uint32_t i = 0; i < m->function_count; i++) {
    size_t first = lines.count;
    buffer_clear(&body);
    resolve(m, &m->functions[i].code, &body, &lines);
    buffer_uleb(&bodies, body.size);
    for (size_t l = first; l < lines.count; l++)
      lines.marks[l].offset += bodies.size;
    buffer_add(&bodies, body.data, body.size);
  }
  write_section(out, SECTION_CODE, m->function_count, &bodies);
  write_lines(&m->lines, &lines, out->size - bodies.size);
  free(lines.marks);
  buffer_free(&bodies);
  buffer_free(&body);
}

/* An active segment that starts where a global says. */
static void segment_head(buffer *b, uint32_t global) {
  buffer_byte(b, 0);
  buffer_byte(b, WASM_GLOBAL_GET);
  buffer_uleb(b, global);
  buffer_byte(b, WASM_END);
}

static void write_elements(const wasm_module *m, buffer *out) {
  buffer segment = {0};
  segment_head(&segment, m->table_base);
  buffer_uleb(&segment, m->element_count);
  for (uint32_t i = 0; i < m->element_count; i++)
    buffer_uleb(&segment, m->function_imports + i);
  write_section(out, SECTION_ELEMENT, 1, &segment);
  buffer_free(&segment);
}

static void write_data(const wasm_module *m, buffer *out) {
  buffer segment = {0};
  segment_head(&segment, m->memory_base);
  buffer_uleb(&segment, m->data.size);
  buffer_add(&segment, m->data.data, m->data.size);
  write_section(out, SECTION_DATA, 1, &segment);
  buffer_free(&segment);
}

void wasm_finish(wasm_module *m, buffer *out) {
  buffer_add(out, "\0asm\1\0\0\0", 8);
  write_dylink(m, out);
  write_section(out, SECTION_TYPE, m->type_count, &m->types);
  write_section(out, SECTION_IMPORT, m->import_count, &m->imports);
  write_functions(m, out);
  write_section(out, SECTION_EXPORT, m->export_count, &m->exports);
  if (m->element_count)
    write_elements(m, out);
  write_code(m, out);
  if (m->data.size)
    write_data(m, out);
}

void wasm_custom(buffer *out, const char *name, const buffer *content) {
  buffer named = {0};
  wasm_name(&named, name);
  buffer_byte(out, SECTION_CUSTOM);
  buffer_uleb(out, named.size + content->size);
  buffer_add(out, named.data, named.size);
  buffer_add(out, content->data, content->size);
  buffer_free(&named);
}

void wasm_free(wasm_module *m) {
  buffer_free(&m->types);
  buffer_free(&m->imports);
  buffer_free(&m->exports);
  buffer_free(&m->data);
  buffer_free(&m->lines);
  for (uint32_t i = 0; i < m->function_count; i++)
    wasm_code_free(&m->functions[i].code);
  free(m->functions);
  *m = (wasm_module){0};
}
