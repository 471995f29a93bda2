/* view.h - an emitted module as its bytes say: sections are taken apart, and a
 * function is checked as an engine would and written as text, "local.get 1; i32.const
 * 3; i32.add; end". It knows the instructions that there are, and those the emitter
 * might have made of them are none of its business. */
#ifndef JANK_TEST_VIEW_H
#define JANK_TEST_VIEW_H

#include "base/buffer.h"
#include "base/leb.h"
#include "emit/wasm.h"
#include "test.h"
#include <stdlib.h>
#include <string.h>

enum { VIEW_MOST = 512 };

typedef struct {
  char params[32]; /* i, l, d */
  char result;     /* or v */
} view_type;

typedef struct {
  const uint8_t *at;
  size_t size;
} view_bytes;

typedef struct {
  const uint8_t *bytes;
  size_t size;
  int order[16], section_count; /* ids of sections that are not custom */
  view_type types[VIEW_MOST];
  char imports[VIEW_MOST][48]; /* functions */
  uint32_t import_types[VIEW_MOST];
  char globals[8][48];
  bool mutable[8];
  uint32_t function_types[VIEW_MOST];
  view_bytes bodies[VIEW_MOST];
  char export_names[8][96];
  uint32_t export_indices[8];
  view_bytes data; /* of the one segment */
  view_bytes dylink, lines, self, names;
  uint32_t type_count, import_count, global_count, function_count, body_count,
      export_count, element_count, element_first, table_global, data_global;
  bool has_memory, has_table;
  uint64_t memory_size, memory_align, table_size;
  bool failed;
} view;

static inline void view_name(cursor *c, char *out, size_t room) {
  uint32_t n = cursor_uleb(c);
  if (n >= room || n > (size_t)(c->end - c->p)) {
    c->failed = true;
    *out = 0;
    return;
  }
  memcpy(out, c->p, n);
  out[n] = 0;
  c->p += n;
}

static inline int64_t view_sleb(cursor *c) {
  uint64_t result = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    uint8_t b = cursor_byte(c);
    if (shift < 64)
      result |= (uint64_t)(b & 0x7f) << shift;
    if (!(b & 0x80)) {
      if ((b & 0x40) && shift + 7 < 64)
        result |= ~UINT64_C(0) << (shift + 7);
      return (int64_t)result;
    }
  }
  c->failed = true;
  return 0;
}

static inline char view_letter(cursor *c, uint8_t byte) {
  c->failed |= byte != 0x7f && byte != 0x7e && byte != 0x7c;
  return byte == 0x7f ? 'i' : byte == 0x7e ? 'l' : 'd';
}

static inline void view_section(view *v, int id, cursor c) {
  char module[16], name[96];
  uint32_t n = cursor_uleb(&c);
  v->failed |= n > VIEW_MOST;
  for (uint32_t i = 0; i < n && !c.failed && !v->failed; i++)
    switch (id) {
    case 1: {
      view_type *t = &v->types[v->type_count++];
      c.failed |= cursor_byte(&c) != 0x60;
      uint32_t params = cursor_uleb(&c), results;
      for (uint32_t k = 0; k < params && k < 31; k++)
        t->params[k] = view_letter(&c, cursor_byte(&c));
      results = cursor_uleb(&c);
      c.failed |= results > 1 || params > 31;
      t->result = results ? view_letter(&c, cursor_byte(&c)) : 'v';
      break;
    }
    case 2: {
      view_name(&c, module, sizeof module);
      view_name(&c, name, 48);
      uint8_t kind = cursor_byte(&c);
      c.failed |= strcmp(module, "env") != 0;
      if (kind == 0) {
        strcpy(v->imports[v->import_count], name);
        v->import_types[v->import_count++] = cursor_uleb(&c);
      } else if (kind == 3 && v->global_count < 8) {
        c.failed |= cursor_byte(&c) != 0x7f;
        strcpy(v->globals[v->global_count], name);
        v->mutable[v->global_count++] = cursor_byte(&c);
      } else {
        if (kind == 1)
          c.failed |= cursor_byte(&c) != 0x70;
        c.failed |= cursor_byte(&c) != 0 || cursor_uleb(&c) != 0;
        *(kind == 1 ? &v->has_table : &v->has_memory) = true;
      }
      break;
    }
    case 3:
      v->function_types[v->function_count++] = cursor_uleb(&c);
      break;
    case 7:
      if (v->export_count == 8) {
        c.failed = true;
        break;
      }
      view_name(&c, v->export_names[v->export_count], 96);
      c.failed |= cursor_byte(&c) != 0;
      v->export_indices[v->export_count++] = cursor_uleb(&c);
      break;
    case 9:
      c.failed |= cursor_byte(&c) != 0 || cursor_byte(&c) != WASM_GLOBAL_GET;
      v->table_global = cursor_uleb(&c);
      c.failed |= cursor_byte(&c) != WASM_END;
      v->element_count = cursor_uleb(&c);
      for (uint32_t k = 0; k < v->element_count && !c.failed; k++) {
        uint32_t f = cursor_uleb(&c);
        if (k == 0)
          v->element_first = f;
        c.failed |= f != v->element_first + k;
      }
      break;
    case 10: {
      uint32_t size = cursor_uleb(&c);
      c.failed |= size > (size_t)(c.end - c.p);
      if (!c.failed) {
        v->bodies[v->body_count++] = (view_bytes){c.p, size};
        c.p += size;
      }
      break;
    }
    case 11:
      c.failed |= cursor_byte(&c) != 0 || cursor_byte(&c) != WASM_GLOBAL_GET;
      v->data_global = cursor_uleb(&c);
      c.failed |= cursor_byte(&c) != WASM_END;
      v->data.size = cursor_uleb(&c);
      v->data.at = c.p;
      c.failed |= v->data.size > (size_t)(c.end - c.p);
      c.p += c.failed ? 0 : v->data.size;
      break;
    default:
      c.failed = true;
    }
  v->failed |= c.failed || c.p != c.end;
}

static inline void view_custom(view *v, cursor c, bool first) {
  char name[96];
  view_name(&c, name, sizeof name);
  view_bytes rest = {c.p, (size_t)(c.end - c.p)};
  view_bytes *to = strcmp(name, "dylink.0") == 0     ? &v->dylink
                   : strcmp(name, "jank.lines") == 0 ? &v->lines
                   : strcmp(name, "jank.patch") == 0 ? &v->self
                   : strcmp(name, "name") == 0       ? &v->names
                                                     : NULL;
  v->failed |= c.failed || (to == &v->dylink) != first;
  if (to)
    *to = rest;
  if (to != &v->dylink)
    return;
  v->failed |= cursor_byte(&c) != 1;
  cursor_uleb(&c);
  v->memory_size = cursor_uleb(&c);
  v->memory_align = cursor_uleb(&c);
  v->table_size = cursor_uleb(&c);
  v->failed |= cursor_uleb(&c) != 0 || c.failed || c.p != c.end;
}

/* false: it is malformed. */
static inline bool view_module(view *v, const buffer *b) {
  *v = (view){.bytes = (const uint8_t *)b->data, .size = b->size};
  if (b->size < 8 || memcmp(b->data, "\0asm\1\0\0\0", 8))
    return false;
  cursor c = {v->bytes + 8, v->bytes + v->size, false};
  for (bool first = true; c.p < c.end && !v->failed; first = false) {
    uint8_t id = cursor_byte(&c);
    uint32_t n = cursor_uleb(&c);
    if (c.failed || n > (size_t)(c.end - c.p))
      return false;
    cursor section = {c.p, c.p + n, false};
    c.p += n;
    if (id == 0) {
      view_custom(v, section, first);
      continue;
    }
    v->failed |= v->section_count && v->order[v->section_count - 1] >= id;
    v->order[v->section_count++] = id;
    view_section(v, id, section);
  }
  return !v->failed && v->body_count == v->function_count;
}

/* ---- Instructions ------------------------------------------------------------------ */

/* What an instruction without operands takes and gives. */
static inline const char *view_plain(uint8_t op, const char **name) {
  static const struct {
    uint8_t op;
    const char *name, *types;
  } all[] = {{WASM_I32_EQZ, "i32.eqz", "i>i"},
             {WASM_I32_EQ, "i32.eq", "ii>i"},
             {WASM_I32_LT_S, "i32.lt_s", "ii>i"},
             {WASM_I32_GT_S, "i32.gt_s", "ii>i"},
             {WASM_I32_LE_S, "i32.le_s", "ii>i"},
             {WASM_I32_GE_S, "i32.ge_s", "ii>i"},
             {WASM_I64_EQ, "i64.eq", "ll>i"},
             {WASM_I64_NE, "i64.ne", "ll>i"},
             {WASM_I64_LT_S, "i64.lt_s", "ll>i"},
             {WASM_I64_LT_U, "i64.lt_u", "ll>i"},
             {WASM_I64_GT_S, "i64.gt_s", "ll>i"},
             {WASM_I64_LE_S, "i64.le_s", "ll>i"},
             {WASM_I64_GE_S, "i64.ge_s", "ll>i"},
             {WASM_F64_EQ, "f64.eq", "dd>i"},
             {WASM_F64_LT, "f64.lt", "dd>i"},
             {WASM_F64_GT, "f64.gt", "dd>i"},
             {WASM_F64_LE, "f64.le", "dd>i"},
             {WASM_F64_GE, "f64.ge", "dd>i"},
             {WASM_I32_ADD, "i32.add", "ii>i"},
             {WASM_I32_SUB, "i32.sub", "ii>i"},
             {WASM_I32_AND, "i32.and", "ii>i"},
             {WASM_I32_OR, "i32.or", "ii>i"},
             {WASM_I32_XOR, "i32.xor", "ii>i"},
             {WASM_I32_SHL, "i32.shl", "ii>i"},
             {WASM_I32_SHR_S, "i32.shr_s", "ii>i"},
             {WASM_I64_ADD, "i64.add", "ll>l"},
             {WASM_I64_SUB, "i64.sub", "ll>l"},
             {WASM_I64_MUL, "i64.mul", "ll>l"},
             {WASM_I64_AND, "i64.and", "ll>l"},
             {WASM_I64_OR, "i64.or", "ll>l"},
             {WASM_I64_XOR, "i64.xor", "ll>l"},
             {WASM_I64_SHL, "i64.shl", "ll>l"},
             {WASM_I64_SHR_S, "i64.shr_s", "ll>l"},
             {WASM_F64_ADD, "f64.add", "dd>d"},
             {WASM_F64_SUB, "f64.sub", "dd>d"},
             {WASM_F64_MUL, "f64.mul", "dd>d"},
             {WASM_F64_DIV, "f64.div", "dd>d"},
             {WASM_I32_WRAP_I64, "i32.wrap_i64", "l>i"},
             {WASM_I64_EXTEND_I32_S, "i64.extend_i32_s", "i>l"},
             {WASM_F64_CONVERT_I64_S, "f64.convert_i64_s", "l>d"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i].op == op) {
      *name = all[i].name;
      return all[i].types;
    }
  return NULL;
}

typedef struct {
  char params[32]; /* what it takes */
  char result;     /* what it leaves; v: nothing */
  size_t height;
  bool is_loop, is_if, dead;
} view_block;

enum { VIEW_STACK = 1024, VIEW_BLOCKS = 256, VIEW_LOCALS = 4096 };

/* One function while it is checked. */
typedef struct {
  const view *v;
  cursor c;
  buffer *out;
  char stack[VIEW_STACK], locals[VIEW_LOCALS];
  size_t height, block_count;
  uint32_t local_count;
  view_block blocks[VIEW_BLOCKS];
  bool bad;
} view_check;

static inline void view_push(view_check *k, char type) {
  k->bad |= k->height == VIEW_STACK;
  if (!k->bad && type != 'v')
    k->stack[k->height++] = type;
}

/* 'v': of no matter. */
static inline char view_pop(view_check *k, char type) {
  view_block *b = &k->blocks[k->block_count - 1];
  if (k->height == b->height) {
    k->bad |= !b->dead;
    return type;
  }
  char top = k->stack[--k->height];
  k->bad |= type != 'v' && top != type;
  return top;
}

static inline void view_pop_all(view_check *k, const char *types, size_t n) {
  while (n--)
    view_pop(k, types[n]);
}

static inline void view_die(view_check *k) {
  view_block *b = &k->blocks[k->block_count - 1];
  b->dead = true;
  k->height = b->height;
}

static inline void view_open(view_check *k, view_type t, uint8_t op) {
  size_t n = strlen(t.params);
  view_pop_all(k, t.params, n);
  if (k->block_count == VIEW_BLOCKS) {
    k->bad = true;
    return;
  }
  view_block *b = &k->blocks[k->block_count++];
  *b = (view_block){.result = t.result, .height = k->height};
  b->is_loop = op == WASM_LOOP;
  b->is_if = op == WASM_IF;
  memcpy(b->params, t.params, sizeof b->params);
  for (size_t i = 0; i < n; i++)
    view_push(k, t.params[i]);
}

static inline void view_end_block(view_check *k) {
  view_block *b = &k->blocks[k->block_count - 1];
  if (b->result != 'v')
    view_pop(k, b->result);
  k->bad |= k->height != b->height;
}

static inline view_type view_block_type(view_check *k) {
  view_type none = {"", 'v'};
  int64_t t = view_sleb(&k->c);
  if (t >= 0 && t < k->v->type_count)
    return k->v->types[t];
  none.result = t == -1 ? 'i' : t == -2 ? 'l' : t == -4 ? 'd' : 'v';
  k->bad |= none.result == 'v' && t != -64;
  return none;
}

static inline void view_branch(view_check *k, uint32_t label, bool always) {
  if (label >= k->block_count) {
    k->bad = true;
    return;
  }
  const view_block *b = &k->blocks[k->block_count - 1 - label];
  if (b->is_loop) {
    view_pop_all(k, b->params, strlen(b->params));
    for (size_t i = 0; !always && b->params[i]; i++)
      view_push(k, b->params[i]);
  } else if (b->result != 'v') {
    view_pop(k, b->result);
    if (!always)
      view_push(k, b->result);
  }
  if (always)
    view_die(k);
}

static inline void view_call(view_check *k, view_type t) {
  view_pop_all(k, t.params, strlen(t.params));
  view_push(k, t.result);
}

static inline void view_memory(view_check *k, const char *name, uint32_t align,
                               char value, bool stores) {
  k->bad |= cursor_uleb(&k->c) != align;
  buffer_format(k->out, "%s %u", name, cursor_uleb(&k->c));
  if (stores)
    view_pop(k, value);
  view_pop(k, 'i');
  if (!stores)
    view_push(k, value);
}

static inline char view_local(view_check *k, uint32_t i) {
  k->bad |= i >= k->local_count;
  return k->bad ? 'i' : k->locals[i];
}

static inline void view_instruction(view_check *k, uint8_t op) {
  static const char *const local_ops[] = {"get", "set", "tee"};
  cursor *c = &k->c;
  buffer *out = k->out;
  const char *name = NULL, *types = view_plain(op, &name);
  if (types) {
    const char *to = strchr(types, '>');
    view_pop_all(k, types, (size_t)(to - types));
    view_push(k, to[1]);
    buffer_text(out, name);
    return;
  }
  switch (op) {
  case WASM_UNREACHABLE:
    buffer_text(out, "unreachable");
    view_die(k);
    return;
  case WASM_BLOCK:
  case WASM_LOOP:
  case WASM_IF: {
    view_type t = view_block_type(k);
    if (op == WASM_IF)
      view_pop(k, 'i');
    buffer_format(out, "%s:%c",
                  op == WASM_IF     ? "if"
                  : op == WASM_LOOP ? "loop"
                                    : "block",
                  t.result);
    view_open(k, t, op);
    return;
  }
  case WASM_ELSE: {
    view_block *b = &k->blocks[k->block_count - 1];
    buffer_text(out, "else");
    k->bad |= !b->is_if;
    view_end_block(k);
    b->is_if = b->dead = false;
    k->height = b->height;
    for (size_t i = 0; b->params[i]; i++)
      view_push(k, b->params[i]);
    return;
  }
  case WASM_END: {
    view_block b = k->blocks[k->block_count - 1];
    buffer_text(out, "end");
    k->bad |= b.is_if && b.result != 'v'; /* without an else */
    view_end_block(k);
    k->height = b.height;
    if (--k->block_count)
      view_push(k, b.result);
    return;
  }
  case WASM_BR:
  case WASM_BR_IF: {
    uint32_t label = cursor_uleb(c);
    if (op == WASM_BR_IF)
      view_pop(k, 'i');
    buffer_format(out, "%s %u", op == WASM_BR ? "br" : "br_if", label);
    view_branch(k, label, op == WASM_BR);
    return;
  }
  case WASM_CALL: {
    uint32_t f = cursor_uleb(c), own = f - k->v->import_count;
    if (f < k->v->import_count) {
      buffer_format(out, "call %s", k->v->imports[f]);
      view_call(k, k->v->types[k->v->import_types[f]]);
    } else if (own < k->v->function_count) {
      buffer_format(out, "call f%u", own);
      view_call(k, k->v->types[k->v->function_types[own]]);
    } else {
      k->bad = true;
    }
    return;
  }
  case WASM_CALL_INDIRECT: {
    uint32_t type = cursor_uleb(c);
    k->bad |= cursor_uleb(c) != 0 || type >= k->v->type_count;
    view_pop(k, 'i');
    if (k->bad)
      return;
    buffer_format(out, "call_indirect %zu", strlen(k->v->types[type].params));
    view_call(k, k->v->types[type]);
    return;
  }
  case WASM_DROP:
    buffer_text(out, "drop");
    view_pop(k, 'v');
    return;
  case WASM_LOCAL_GET:
  case WASM_LOCAL_SET:
  case WASM_LOCAL_TEE: {
    uint32_t i = cursor_uleb(c);
    char type = view_local(k, i);
    buffer_format(out, "local.%s %u", local_ops[op - WASM_LOCAL_GET], i);
    if (op != WASM_LOCAL_GET)
      view_pop(k, type);
    if (op != WASM_LOCAL_SET)
      view_push(k, type);
    return;
  }
  case WASM_GLOBAL_GET:
  case WASM_GLOBAL_SET: {
    uint32_t i = cursor_uleb(c);
    k->bad |=
        i >= k->v->global_count || (op == WASM_GLOBAL_SET && !k->v->mutable[i]);
    if (k->bad)
      return;
    buffer_format(out, "global.%s %s", op == WASM_GLOBAL_GET ? "get" : "set",
                  k->v->globals[i]);
    op == WASM_GLOBAL_GET ? view_push(k, 'i') : (void)view_pop(k, 'i');
    return;
  }
  case WASM_I32_LOAD:
    view_memory(k, "i32.load", 2, 'i', false);
    return;
  case WASM_I32_LOAD8_U:
    view_memory(k, "i32.load8_u", 0, 'i', false);
    return;
  case WASM_I32_STORE:
    view_memory(k, "i32.store", 2, 'i', true);
    return;
  case WASM_I64_STORE:
    view_memory(k, "i64.store", 3, 'l', true);
    return;
  case WASM_I32_CONST: {
    int64_t n = view_sleb(c);
    k->bad |= n < INT32_MIN || n > INT32_MAX;
    buffer_format(out, "i32.const %d", (int)n);
    view_push(k, 'i');
    return;
  }
  case WASM_I64_CONST:
    buffer_format(out, "i64.const %lld", (long long)view_sleb(c));
    view_push(k, 'l');
    return;
  case WASM_F64_CONST: {
    double d = 0;
    if (c->end - c->p < 8) {
      k->bad = true;
      return;
    }
    memcpy(&d, c->p, 8);
    c->p += 8;
    buffer_format(out, "f64.const %g", d);
    view_push(k, 'd');
    return;
  }
  default:
    k->bad = true;
  }
}

static inline void view_declare(view_check *k, view_type t) {
  for (size_t i = 0; t.params[i]; i++)
    k->locals[k->local_count++] = t.params[i];
  for (uint32_t groups = cursor_uleb(&k->c); groups > 0 && !k->c.failed;
       groups--) {
    uint32_t n = cursor_uleb(&k->c);
    char type = view_letter(&k->c, cursor_byte(&k->c));
    k->bad |= n > VIEW_LOCALS - k->local_count;
    for (; n > 0 && !k->bad; n--)
      k->locals[k->local_count++] = type;
  }
}

/* The text of function `number` (without the imported ones); an engine would not
 * take it: it ends with "INVALID". The caller frees it. */
static inline buffer view_function(const view *v, uint32_t number) {
  static view_check k;
  buffer out = {0};
  memset(&k, 0, sizeof k);
  k.v = v;
  k.out = &out;
  if (number >= v->body_count || v->function_types[number] >= v->type_count) {
    buffer_text(&out, "INVALID");
    return out;
  }
  view_bytes body = v->bodies[number];
  view_type type = v->types[v->function_types[number]];
  k.c = (cursor){body.at, body.at + body.size, false};
  view_declare(&k, type);
  k.blocks[0] = (view_block){.result = type.result};
  k.block_count = 1;
  while (k.block_count && !k.bad && !k.c.failed) {
    if (out.size)
      buffer_text(&out, "; ");
    view_instruction(&k, cursor_byte(&k.c));
  }
  if (k.bad || k.c.failed || k.c.p != k.c.end)
    buffer_text(&out, " INVALID");
  return out;
}

#endif
