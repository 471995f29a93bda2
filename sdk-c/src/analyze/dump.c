/* dump.c - an analyzed program as text, for people.
 *
 * In: a program. Out: an s-expression for each definition, then for each top-level
 * form, as a patch binds and runs them. The same program gives the same text.
 *
 *   (definition eita/ggg {:file "eita.jank", :line 2, ...}
 *     (fn eita/ggg
 *       (method 1 :line 2 :slots 1 [(v param 0)]
 *         (op 3:3 ADD
 *           (local 3:6 v param 0)
 *           (word 3:8 48)))))
 *
 * A node is a line, (kind LINE:COLUMN and what it is by itself; its parts are below
 * it. A local is its name, kind and slot; one that is captured is told as the
 * enclosing method knows it. A loop has a label, which its recur tells; a method is
 * called by the number of its arguments, 1+ being one or more. Values are cut: no
 * constant makes the text long.
 */
#include "analyze/dump.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "runtime/ns.h"
#include "runtime/show.h"
#include "runtime/var.h"
#include "value/word.h"
#include <string.h>

enum { VALUE_BYTES = 200 };
/* Deeper nodes are indented no further: text would grow as the square of depth. */
enum { MAX_INDENT = 40 };

typedef struct {
  const program *p;
  buffer *out;
  int depth;
  int *labels; /* of loops, by number of the node; 0: not yet written */
  int label_count;
} writer;

static void write_node(writer *w, const node *n);

/* ---- Parts of a line ----------------------------------------------------- */

static void open(writer *w, const char *kind) {
  int indent = w->depth++;
  buffer_byte(w->out, '\n');
  for (int i = 0; i < indent && i < MAX_INDENT; i++)
    buffer_text(w->out, "  ");
  buffer_format(w->out, "(%s", kind);
}

static void close(writer *w) {
  buffer_byte(w->out, ')');
  w->depth--;
}

static void write_value(writer *w, O value) {
  buffer_byte(w->out, ' ');
  show_still(w->out, value, VALUE_BYTES);
}

static void write_constant(writer *w, int index) {
  write_value(w, w->p->pool[index].value);
}

static void write_var(writer *w, const var_object *var) {
  buffer_format(w->out, " %s/%s", var->ns->name->name->text,
                var->name->name->text);
}

static void write_pool_var(writer *w, int index) {
  write_var(w, (const var_object *)w->p->pool[index].value);
}

static void write_meta(writer *w, int index) {
  if (index >= 0)
    write_constant(w, index);
}

static const char *kind_name(local_kind kind) {
  switch (kind) {
  case LOCAL_PARAM:
    return "param";
  case LOCAL_LET:
    return "let";
  case LOCAL_LOOP:
    return "loop";
  case LOCAL_SELF:
    return "self";
  case LOCAL_CAPTURE:
    break;
  }
  return "capture";
}

static void write_local(writer *w, const char *before, const local *l) {
  buffer_format(w->out, "%s%s %s", before, l->name, kind_name(l->kind));
  if (l->kind != LOCAL_SELF)
    buffer_format(w->out, " %d", l->slot);
}

/* `[(x param 0) & (more param 1)]`; rest: how many come before &, or -1 */
static void write_locals(writer *w, local *const *locals, int count, int rest) {
  buffer_byte(w->out, '[');
  for (int i = 0; i < count; i++) {
    buffer_text(w->out, i ? " " : "");
    write_local(w, i == rest ? "& (" : "(", locals[i]);
    buffer_byte(w->out, ')');
  }
  buffer_byte(w->out, ']');
}

/* ---- Functions ----------------------------------------------------------- */

/* The file is that of the program but for what is in parts. */
static void write_body(writer *w, const method *m) {
  if (strcmp(m->file, w->p->file) != 0) {
    buffer_text(w->out, " :file ");
    buffer_json_string(w->out, m->file, strlen(m->file));
  }
  if (m->line > 0)
    buffer_format(w->out, " :line %d", m->line);
  buffer_format(w->out, " :slots %d", m->slots);
  if (m->fn) {
    buffer_byte(w->out, ' ');
    write_locals(w, m->params, m->required + m->variadic,
                 m->variadic ? m->required : -1);
  }
  write_node(w, m->body);
}

static void write_method(writer *w, const method *m) {
  open(w, "method");
  buffer_format(w->out, " %d%s", m->required, m->variadic ? "+" : "");
  write_body(w, m);
  close(w);
}

static void write_fn(writer *w, const fn_node *fn) {
  buffer_format(w->out, " %s", fn->name);
  if (fn->capture_count) {
    buffer_text(w->out, " :captures ");
    write_locals(w, fn->captures, fn->capture_count, -1);
  }
  for (int i = 0; i < fn->method_count; i++)
    write_method(w, fn->methods[i]);
}

/* ---- Parts of a node ----------------------------------------------------- */

static void write_items(writer *w, const node *n) {
  for (int i = 0; i < n->count; i++)
    write_node(w, n->items[i]);
}

static void write_part(writer *w, const char *what, const node *n) {
  if (!n)
    return;
  open(w, what);
  write_node(w, n);
  close(w);
}

static void write_parts(writer *w, const node *n) {
  const node *part;
  for (int i = 0; (part = ast_child(n, i)); i++)
    write_node(w, part);
}

static void write_bindings(writer *w, const node *n) {
  for (int i = 0; i < n->count; i++) {
    open(w, "bind");
    write_local(w, " ", n->locals[i]);
    write_node(w, n->items[i]);
    close(w);
  }
}

static void write_let(writer *w, const node *n) {
  write_bindings(w, n);
  write_node(w, n->a);
}

static void write_loop(writer *w, const node *n) {
  w->labels[n->number] = ++w->label_count;
  buffer_format(w->out, " :label %d", w->label_count);
  write_let(w, n);
}

static void write_recur(writer *w, const node *n) {
  if (n->loop)
    buffer_format(w->out, " :to %d", w->labels[n->loop->number]);
  else
    buffer_text(w->out, " :to method");
  write_bindings(w, n);
}

static void write_try(writer *w, const node *n) {
  write_part(w, "body", n->a);
  write_part(w, "catch", n->b);
  write_part(w, "finally", n->c);
}

static void write_case(writer *w, const node *n) {
  write_node(w, n->a);
  for (int i = 0; i < n->count; i++) {
    open(w, "when");
    write_node(w, n->items[i]);
    write_node(w, n->thens[i]);
    close(w);
  }
  write_part(w, "else", n->b);
}

static void write_invoke(writer *w, const node *n) {
  write_node(w, n->a);
  write_items(w, n);
}

/* NODE_DEF and NODE_SET. */
static void write_assignment(writer *w, const node *n) {
  write_pool_var(w, n->index);
  write_meta(w, n->meta);
  if (n->a)
    write_node(w, n->a);
}

static const char *const ops[] = {
#define X(op, name, argc, function, result) #op,
    AST_OPS(X)
#undef X
};

static void write_op(writer *w, const node *n) {
  buffer_format(w->out, " %s", ops[n->op]);
  write_items(w, n);
}

/* ---- Nodes --------------------------------------------------------------- */

static const char *kind_of(const node *n) {
  switch (n->kind) {
  case NODE_WORD:
    return "word";
  case NODE_CONSTANT:
    return "constant";
  case NODE_LOCAL:
    return "local";
  case NODE_VAR:
    return "var";
  case NODE_DEF:
    return "def";
  case NODE_SET:
    return "set!";
  case NODE_IF:
    return "if";
  case NODE_DO:
    return "do";
  case NODE_LET:
    return "let";
  case NODE_LOOP:
    return "loop";
  case NODE_RECUR:
    return "recur";
  case NODE_LETFN:
    return "letfn";
  case NODE_FN:
    return "fn";
  case NODE_INVOKE:
    return "invoke";
  case NODE_OP:
    return "op";
  case NODE_THROW:
    return "throw";
  case NODE_TRY:
    return "try";
  case NODE_CASE:
    return "case";
  case NODE_VECTOR:
    return "vector";
  case NODE_SET_LITERAL:
    return "set";
  case NODE_MAP:
    return "map";
  case NODE_WITH_META:
    break;
  }
  return "with-meta";
}

/* What it is by itself, and its parts. */
static void write_rest(writer *w, const node *n) {
  switch (n->kind) {
  case NODE_WORD:
    write_value(w, n->word);
    return;
  case NODE_CONSTANT:
    write_constant(w, n->index);
    return;
  case NODE_LOCAL:
    write_local(w, " ", n->local);
    return;
  case NODE_VAR:
    write_pool_var(w, n->index);
    return;
  case NODE_DEF:
  case NODE_SET:
    write_assignment(w, n);
    return;
  case NODE_LET:
  case NODE_LETFN:
    write_let(w, n);
    return;
  case NODE_LOOP:
    write_loop(w, n);
    return;
  case NODE_RECUR:
    write_recur(w, n);
    return;
  case NODE_FN:
    write_fn(w, n->fn);
    return;
  case NODE_INVOKE:
    write_invoke(w, n);
    return;
  case NODE_OP:
    write_op(w, n);
    return;
  case NODE_TRY:
    write_try(w, n);
    return;
  case NODE_CASE:
    write_case(w, n);
    return;
  case NODE_IF:
  case NODE_DO:
  case NODE_THROW:
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
  case NODE_WITH_META:
    write_parts(w, n);
    return;
  }
}

static void write_node(writer *w, const node *n) {
  open(w, kind_of(n));
  if (n->where.line > 0)
    buffer_format(w->out, " %d:%d", n->where.line, n->where.column);
  write_rest(w, n);
  close(w);
}

/* ---- The program --------------------------------------------------------- */

static void write_definition(writer *w, const definition *d) {
  buffer_byte(w->out, '\n');
  open(w, "definition");
  write_var(w, d->var);
  write_meta(w, d->meta);
  open(w, "fn");
  write_fn(w, d->fn);
  close(w);
  close(w);
}

static void write_form(writer *w, const method *m) {
  buffer_byte(w->out, '\n');
  open(w, "form");
  write_body(w, m);
  close(w);
}

void dump_program(const program *p, const char *name, buffer *out) {
  writer w = {.p = p, .out = out};
  w.labels =
      arena_alloc(p->arena, ((size_t)p->node_count + 1) * sizeof *w.labels);
  buffer_text(out, "(program ");
  buffer_json_string(out, p->file, strlen(p->file));
  buffer_format(out, " :kind %s :ns %s :ns-after %s)", p->kind, p->ns,
                p->ns_after);
  for (int i = 0; i < p->definition_count; i++)
    write_definition(&w, &p->definitions[i]);
  for (int i = 0; i < p->form_count; i++)
    write_form(&w, p->forms[i]);
  buffer_byte(out, '\n');
}
