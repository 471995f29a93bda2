/* ast.c - where a program lives: its arena, its constants, its lists. It knows
 * nothing of the language. Constants are values of the collector, so every
 * program that exists is a root. */
#include "analyze/ast.h"
#include "base/arena.h"
#include "read/reader.h"
#include "runtime/ns.h"
#include "value/box.h"
#include "value/equal.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *ast_text(program *p, const char *text) {
  size_t n = strlen(text) + 1;
  return memcpy(arena_alloc(p->arena, n), text, n);
}

/* Makes room for one more element; lists double at powers of two. */
void *ast_grow(program *p, void *list, int count, size_t element) {
  if (count && (count & (count - 1)))
    return list;
  void *grown = arena_alloc(p->arena, (count ? count * 2u : 1u) * element);
  if (count)
    memcpy(grown, list, (size_t)count * element);
  return grown;
}

/* ---- Programs ------------------------------------------------------------ */

typedef struct owned {
  program p;
  int *slots; /* of the constants' hash table: pool index + 1 */
  int slot_count;
  struct owned *next;
} owned;

static owned *programs;

static void mark_programs(void) {
  for (owned *o = programs; o; o = o->next) {
    for (int i = 0; i < o->p.pool_count; i++)
      gc_mark(o->p.pool[i].value);
    for (int i = 0; i < o->p.definition_count; i++)
      gc_mark((jank_object *)o->p.definitions[i].var);
  }
}

void ast_init(void) { gc_add_marker(mark_programs); }

program *ast_program_make(const char *file, namespace_object *ns) {
  struct arena *arena = arena_make();
  owned *o = arena_alloc(arena, sizeof *o);
  o->p.arena = arena;
  o->p.file = ast_text(&o->p, file);
  o->p.ns = o->p.ns_after = ast_text(&o->p, ns->name->name->text);
  o->p.kind = "expr";
  o->next = programs;
  programs = o;
  return &o->p;
}

void ast_program_free(program *p) {
  owned **link = &programs;
  while (&(*link)->p != p)
    link = &(*link)->next;
  owned *o = *link;
  *link = o->next;
  free(o->slots);
  arena_free(p->arena);
}

/* ---- Constants: equal atoms share a pool entry --------------------------- */

static bool same_constant(jank_object *a, jank_object *b) {
  if (a == b)
    return true;
  if (!is_heap(a) || !is_heap(b) || a->type != b->type)
    return false;
  switch (a->type) { /* NaN, too, must not share: it is not equal to itself */
  case JANK_TYPE_STRING:
  case JANK_TYPE_LONG:
    return value_equal(a, b);
  case JANK_TYPE_DOUBLE:
    return value_equal(a, b) &&
           memcmp(&((double_object *)a)->value, &((double_object *)b)->value,
                  sizeof(double)) == 0;
  default:
    return false;
  }
}

static uint32_t constant_hash(jank_object *value) {
  if (is_type(value, JANK_TYPE_STRING) || is_type(value, JANK_TYPE_LONG) ||
      is_type(value, JANK_TYPE_DOUBLE))
    return value_hash(value);
  return (uint32_t)((uintptr_t)value >> 4) * 2654435761u;
}

/* Functions are in the pool, but not in the table: each is its own. */
static int *find_slot(owned *o, jank_object *value) {
  int mask = o->slot_count - 1;
  int i = (int)(constant_hash(value) & (uint32_t)mask);
  while (o->slots[i] &&
         (o->p.pool[o->slots[i] - 1].fn ||
          !same_constant(o->p.pool[o->slots[i] - 1].value, value)))
    i = (i + 1) & mask;
  return &o->slots[i];
}

static void rehash(owned *o) {
  int n = o->slot_count ? o->slot_count * 2 : 32;
  int *slots = calloc((size_t)n, sizeof *slots);
  if (!slots)
    throw_out_of_memory();
  free(o->slots);
  o->slots = slots;
  o->slot_count = n;
  for (int i = 0; i < o->p.pool_count; i++)
    if (!o->p.pool[i].fn)
      *find_slot(o, o->p.pool[i].value) = i + 1;
}

int ast_add_pool(program *p, pool_entry entry) {
  p->pool = ast_grow(p, p->pool, p->pool_count, sizeof *p->pool);
  p->pool[p->pool_count] = entry;
  return p->pool_count++;
}

int ast_constant(program *p, jank_object *value) {
  owned *o = (owned *)p;
  if ((p->pool_count + 1) * 2 > o->slot_count)
    rehash(o);
  int *slot = find_slot(o, value);
  if (!*slot)
    *slot = ast_add_pool(p, (pool_entry){value, NULL}) + 1;
  return *slot - 1;
}

node *ast_node(program *p, node_kind kind, span where) {
  node *n = arena_alloc(p->arena, sizeof *n);
  n->number = p->node_count++;
  n->kind = kind;
  n->where = where;
  n->meta = -1;
  return n;
}

node *ast_child(const node *n, int i) {
  int lists = (n->items != NULL) + (n->thens != NULL);
  if (i < lists * n->count)
    return lists == 2 ? (i % 2 ? n->thens : n->items)[i / 2]
                      : (n->items ? n->items : n->thens)[i];
  i -= lists * n->count;
  node *others[] = {n->a, n->b, n->c};
  for (int k = 0; k < 3; k++)
    if (others[k] && i-- == 0)
      return others[k];
  return NULL;
}

local *ast_local(program *p, const char *name, local_kind kind, int slot) {
  local *l = arena_alloc(p->arena, sizeof *l);
  *l = (local){.name = ast_text(p, name),
               .kind = kind,
               .slot = slot,
               .number = p->local_count++};
  return l;
}

method *ast_method(program *p, fn_node *fn) {
  method *m = arena_alloc(p->arena, sizeof *m);
  m->fn = fn;
  m->file = p->file;
  m->index = p->method_count;
  p->methods = ast_grow(p, p->methods, p->method_count, sizeof *p->methods);
  p->methods[p->method_count++] = m;
  return m;
}

void ast_error(const char *file, span where, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  O data[] = {&symbol_keyword(NULL, "file")->header,   jank_make_string(file),
              &symbol_keyword(NULL, "line")->header,   fixnum(where.line),
              &symbol_keyword(NULL, "column")->header, fixnum(where.column)};
  jank_throw(error_make("CompilerException", jank_make_string(text),
                        jank_make_map(3, data), JANK_NIL));
}
