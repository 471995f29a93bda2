/* wasm.h - writes a WebAssembly module, piece by piece.
 *
 * Layers: this writer knows sections, indices and LEB128; module.c, method.c
 * and nodes.c know the language. Functions may be called before it is known how
 * many are imported: their indices are filled in by wasm_finish. Code and
 * module own their buffers (wasm_code_free, wasm_free); what adds to them
 * throws OutOfMemoryError.
 */
#ifndef JANK_EMIT_WASM_H
#define JANK_EMIT_WASM_H

#include "base/buffer.h"
#include "value/types.h"
#include "value/word.h"

enum wasm_op {
  WASM_UNREACHABLE = 0x00,
  WASM_BLOCK = 0x02,
  WASM_LOOP = 0x03,
  WASM_IF = 0x04,
  WASM_ELSE = 0x05,
  WASM_END = 0x0b,
  WASM_BR = 0x0c,
  WASM_BR_IF = 0x0d,
  WASM_CALL = 0x10,
  WASM_CALL_INDIRECT = 0x11,
  WASM_DROP = 0x1a,
  WASM_LOCAL_GET = 0x20,
  WASM_LOCAL_SET = 0x21,
  WASM_LOCAL_TEE = 0x22,
  WASM_GLOBAL_GET = 0x23,
  WASM_GLOBAL_SET = 0x24,
  WASM_I32_LOAD = 0x28,
  WASM_I32_LOAD8_U = 0x2d,
  WASM_I32_STORE = 0x36,
  WASM_I64_STORE = 0x37,
  WASM_I32_CONST = 0x41,
  WASM_I32_EQZ = 0x45,
  WASM_I32_EQ = 0x46,
  WASM_I32_LT_S = 0x48,
  WASM_I32_GT_S = 0x4a,
  WASM_I32_LE_S = 0x4c,
  WASM_I32_GE_S = 0x4e,
  WASM_I64_CONST = 0x42,
  WASM_F64_CONST = 0x44,
  WASM_I64_EQ = 0x51,
  WASM_I64_NE = 0x52,
  WASM_I64_LT_S = 0x53,
  WASM_I64_LT_U = 0x54,
  WASM_I64_GT_S = 0x55,
  WASM_I64_LE_S = 0x57,
  WASM_I64_GE_S = 0x59,
  WASM_F64_EQ = 0x61,
  WASM_F64_LT = 0x63,
  WASM_F64_GT = 0x64,
  WASM_F64_LE = 0x65,
  WASM_F64_GE = 0x66,
  WASM_I32_ADD = 0x6a,
  WASM_I32_SUB = 0x6b,
  WASM_I32_AND = 0x71,
  WASM_I32_OR = 0x72,
  WASM_I32_XOR = 0x73,
  WASM_I32_SHL = 0x74,
  WASM_I32_SHR_S = 0x75,
  WASM_I64_ADD = 0x7c,
  WASM_I64_SUB = 0x7d,
  WASM_I64_MUL = 0x7e,
  WASM_I64_AND = 0x83,
  WASM_I64_OR = 0x84,
  WASM_I64_XOR = 0x85,
  WASM_I64_SHL = 0x86,
  WASM_I64_SHR_S = 0x87,
  WASM_F64_ADD = 0xa0,
  WASM_F64_SUB = 0xa1,
  WASM_F64_MUL = 0xa2,
  WASM_F64_DIV = 0xa3,
  WASM_I32_WRAP_I64 = 0xa7,
  WASM_I64_EXTEND_I32_S = 0xac,
  WASM_F64_CONVERT_I64_S = 0xb9
};

enum wasm_value_type {
  WASM_VOID = 0x40,
  WASM_F64 = 0x7c,
  WASM_I64 = 0x7e,
  WASM_I32 = 0x7f
};

/* ---- Code of one function, owned ----------------------------------------- */

enum wasm_reference_kind { WASM_TO_FUNCTION, WASM_TO_IMPORT, WASM_TO_LINE };

typedef struct {
  size_t offset;   /* where the index belongs; a line: what comes from it */
  uint32_t number; /* of a function, or the line */
  enum wasm_reference_kind kind;
} wasm_reference;

typedef struct {
  buffer bytes;
  wasm_reference *references;
  size_t reference_count, reference_capacity;
} wasm_code;

void wasm_op(wasm_code *c, enum wasm_op op);
/* An instruction with one unsigned operand: local, global, label, block type. */
void wasm_op_u(wasm_code *c, enum wasm_op op, uint32_t operand);
void wasm_i32(wasm_code *c, int32_t value);
void wasm_i64(wasm_code *c, int64_t value);
void wasm_f64(wasm_code *c, double value);
void wasm_load(wasm_code *c, uint32_t offset); /* i32, aligned to 4 */
void wasm_load_byte(wasm_code *c, uint32_t offset);
void wasm_store(wasm_code *c, uint32_t offset);
void wasm_store_wide(wasm_code *c, uint32_t offset); /* i64, aligned to 8 */
void wasm_call_import(wasm_code *c, uint32_t import);
void wasm_call_function(wasm_code *c, uint32_t function);
void wasm_call_indirect(wasm_code *c, uint32_t type); /* of table 0 */
/* What follows was written in that line of the source. */
void wasm_line(wasm_code *c, uint32_t line);
/* Appends the bytes from .. to - 1 of another function. */
void wasm_append(wasm_code *c, const wasm_code *more, size_t from, size_t to);
void wasm_code_clear(wasm_code *c);
void wasm_code_free(wasm_code *c);

/* ---- Module, owned ------------------------------------------------------- */

typedef struct {
  uint32_t type;
  wasm_code code; /* local declarations, instructions, end */
} wasm_function;

typedef struct {
  uint32_t memory_size, memory_align, table_size; /* align: log2 */
  buffer types, imports, exports, data;
  buffer lines; /* wasm_finish's: see jank_patch.h */
  uint32_t type_count, import_count, function_imports, export_count;
  uint32_t global_imports, element_count;
  uint32_t memory_base, table_base; /* globals: where data, elements start */
  wasm_function *functions;
  uint32_t function_count;
} wasm_module;

/* `params`: one letter each, i = i32, l = i64, d = f64; result v = none. */
uint32_t wasm_type(wasm_module *m, const char *params, char result);
void wasm_import_memory(wasm_module *m);
void wasm_import_table(wasm_module *m);
/* The numbers of what is imported, each kind from 0. */
uint32_t wasm_import_global(wasm_module *m, const char *name, bool mutable);
uint32_t wasm_import_function(wasm_module *m, const char *name, uint32_t type);
/* Declares the next functions, numbered from 0 without the imported ones. */
void wasm_add_functions(wasm_module *m, uint32_t count);
/* Takes the contents of `code`. */
void wasm_define(wasm_module *m, uint32_t function, uint32_t type,
                 wasm_code *code);
/* By then all imports must be known. */
void wasm_export_function(wasm_module *m, const char *name, uint32_t function);
void wasm_name(buffer *b, const char *text); /* length and text */
/* Appends the module to `out`. Functions 0 .. element_count - 1 go into the table. */
void wasm_finish(wasm_module *m, buffer *out);
/* Appends a custom section to a finished module. */
void wasm_custom(buffer *out, const char *name, const buffer *content);
void wasm_free(wasm_module *m);

#endif
