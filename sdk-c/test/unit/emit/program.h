/* program.h - what tests of the emitters share: a text, of special forms and functions
 * in C only, becomes a program and a module that is taken apart (view.h). */
#ifndef JANK_TEST_PROGRAM_H
#define JANK_TEST_PROGRAM_H

#include "analyze/ast.h"
#include "analyze/program.h"
#include "emit/module.h"
#include "emit/view.h"
#include "read/reader.h"
#include "runtime/ns.h"
#include "values.h"

static inline void start_compiler(void) {
  start_values();
  ast_init();
  start_builtins();
  ns_set_current(ns_from_name("user"));
}

typedef struct {
  const char *source, *file;
} program_text;

static inline O add_forms(void *context) {
  void **c = context;
  const program_text *text = c[1];
  reader r;
  span where;
  O form = JANK_NIL;
  reader_init(&r, text->source, strlen(text->source), text->file, 1);
  while (reader_read(&r, &form, &where))
    program_add(c[0], form, where);
  return JANK_NIL;
}

/* The caller frees it. One that cannot be analyzed has what could be so far. */
static inline program *program_of(const char *source) {
  program_text text = {source, "test.jank"};
  program *p = ast_program_make(text.file, ns_current());
  void *context[] = {p, &text};
  O exception = thrown(add_forms, context);
  if (exception != JANK_UNBOUND)
    fprintf(stderr, "%s\n  throws %s\n", source, message_of(exception));
  CHECK(exception == JANK_UNBOUND);
  p->ns_after = p->ns;
  return p;
}

typedef struct {
  program *p;
  buffer bytes;
  view v;
} emitted;

/* All of its functions are valid, or a check fails. */
static inline emitted emit_text(const char *source) {
  emitted e = {.p = program_of(source)};
  emit_wasm(e.p, "test", &e.bytes);
  bool ok = view_module(&e.v, &e.bytes);
  CHECK(ok);
  for (uint32_t i = 0; ok && i < e.v.function_count; i++) {
    buffer text = view_function(&e.v, i);
    bool valid = !strstr(buffer_cstring(&text), "INVALID");
    if (!valid)
      fprintf(stderr, "%s\n  function %u: %s\n", source, i, text.data);
    CHECK(valid);
    buffer_free(&text);
  }
  return e;
}

static inline void emitted_free(emitted *e) {
  ast_program_free(e->p);
  buffer_free(&e->bytes);
}

static inline int count_of(const char *text, const char *part) {
  int n = 0;
  for (; (text = strstr(text, part)); text++)
    n++;
  return n;
}

/* How often function `number` of the text's module has these instructions in a row;
 * what there is, when it is not so often as is wanted (-1: at least once). */
static inline bool emits_in(const char *source, uint32_t number,
                            const char *part, int wanted) {
  emitted e = emit_text(source);
  buffer text = view_function(&e.v, number);
  int n = count_of(buffer_cstring(&text), part);
  bool same = wanted < 0 ? n > 0 : n == wanted;
  if (!same)
    fprintf(stderr, "%s\n  emits %s\n  which has %d times %s\n", source,
            text.data, n, part);
  buffer_free(&text);
  emitted_free(&e);
  return same;
}

/* Of the program's first function. */
#define EMITS(source, part) CHECK(emits_in(source, 0, part, -1))
#define EMITS_NOT(source, part) CHECK(emits_in(source, 0, part, 0))
#define EMITS_TIMES(source, part, n) CHECK(emits_in(source, 0, part, n))

/* The method with so many parameters. */
static inline const method *method_of(const program *p, int parameters) {
  for (int i = 0; i < p->method_count; i++)
    if (p->methods[i]->required == parameters)
      return p->methods[i];
  return NULL;
}

/* The n-th node of that kind below, in order of evaluation; NULL: none. */
static inline node *find_node(node *n, node_kind kind, int *left) {
  if (n->kind == kind && (*left)-- == 0)
    return n;
  node *child, *found = NULL;
  for (int i = 0; !found && (child = ast_child(n, i)); i++)
    found = find_node(child, kind, left);
  return found;
}

static inline node *node_at(const method *m, node_kind kind, int number) {
  return find_node(m->body, kind, &number);
}

#endif
