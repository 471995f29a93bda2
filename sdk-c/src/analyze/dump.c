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
#include "read/reader.h"
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

/* ---- Parts of a line ----------------------------------------------------------------- */

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

static void open_node(writer *w, const char *kind, const node *n) {
  open(w, kind);
  if (n->where.line > 0)
    buffer_format(w->out, " %d:%d", n->where.line, n->where.column);
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
    return "capture";
  }
  __builtin_unreachable(); /* for GCC: every kind has returned */
}

/* `x param 0` */
static void write_local(writer *w, const local *l) {
  buffer_format(w->out, "%s %s", l->name, kind_name(l->kind));
  if (l->kind != LOCAL_SELF)
    buffer_format(w->out, " %d", l->slot);
}

/* `[(x param 0) & (more param 1)]`; rest: how many come before &, or -1 */
static void write_locals(writer *w, local *const *locals, int count, int rest) {
  buffer_byte(w->out, '[');
  for (int i = 0; i < count; i++) {
    buffer_text(w->out, i ? " " : "");
    buffer_text(w->out, i == rest ? "& (" : "(");
    write_local(w, locals[i]);
    buffer_byte(w->out, ')');
  }
  buffer_byte(w->out, ']');
}

/* ---- Functions ------------------------------------------------------------------------- */

static void write_body(writer *w, const method *m) {
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

/* ---- Parts of a node -------------------------------------------------------------------- */

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

/* A node that is no more than its parts. */
static void write_parts(writer *w, const char *kind, const node *n) {
  const node *part;
  open_node(w, kind, n);
  for (int i = 0; (part = ast_child(n, i)); i++)
    write_node(w, part);
}

static void write_bindings(writer *w, const node *n) {
  for (int i = 0; i < n->count; i++) {
    open(w, "bind ");
    write_local(w, n->locals[i]);
    write_node(w, n->items[i]);
    close(w);
  }
}

static void write_let(writer *w, const char *kind, const node *n) {
  open_node(w, kind, n);
  write_bindings(w, n);
  write_node(w, n->a);
}

static void write_loop(writer *w, const node *n) {
  w->labels[n->number] = ++w->label_count;
  open_node(w, "loop", n);
  buffer_format(w->out, " :label %d", w->label_count);
  write_bindings(w, n);
  write_node(w, n->a);
}

static void write_recur(writer *w, const node *n) {
  open_node(w, "recur", n);
  if (n->loop)
    buffer_format(w->out, " :to %d", w->labels[n->loop->number]);
  else
    buffer_text(w->out, " :to method");
  write_bindings(w, n);
}

static void write_try(writer *w, const node *n) {
  open_node(w, "try", n);
  write_part(w, "body", n->a);
  write_part(w, "catch", n->b);
  write_part(w, "finally", n->c);
}

static void write_case(writer *w, const node *n) {
  open_node(w, "case", n);
  write_node(w, n->a);
  for (int i = 0; i < n->count; i++) {
    open(w, "when");
    write_node(w, n->items[i]);
    write_node(w, n->thens[i]);
    close(w);
  }
  write_part(w, "else", n->b);
}

static const char *const ops[] = {
#define X(op, name, argc, function, result) #op,
    AST_OPS(X)
#undef X
};

/* ---- Nodes -------------------------------------------------------------------------------- */

static void write_node(writer *w, const node *n) {
  switch (n->kind) {
  case NODE_WORD:
    open_node(w, "word", n);
    write_value(w, n->word);
    break;
  case NODE_CONSTANT:
    open_node(w, "constant", n);
    write_constant(w, n->index);
    break;
  case NODE_LOCAL:
    open_node(w, "local", n);
    buffer_byte(w->out, ' ');
    write_local(w, n->local);
    break;
  case NODE_VAR:
    open_node(w, "var", n);
    write_pool_var(w, n->index);
    break;
  case NODE_DEF:
    open_node(w, "def", n);
    write_pool_var(w, n->index);
    write_meta(w, n->meta);
    if (n->a)
      write_node(w, n->a);
    break;
  case NODE_SET:
    open_node(w, "set!", n);
    write_pool_var(w, n->index);
    write_node(w, n->a);
    break;
  case NODE_IF:
    write_parts(w, "if", n);
    break;
  case NODE_DO:
    write_parts(w, "do", n);
    break;
  case NODE_LET:
    write_let(w, "let", n);
    break;
  case NODE_LOOP:
    write_loop(w, n);
    break;
  case NODE_RECUR:
    write_recur(w, n);
    break;
  case NODE_LETFN:
    write_let(w, "letfn", n);
    break;
  case NODE_FN:
    open_node(w, "fn", n);
    write_fn(w, n->fn);
    break;
  case NODE_INVOKE:
    open_node(w, "invoke", n);
    write_node(w, n->a);
    write_items(w, n);
    break;
  case NODE_OP:
    open_node(w, "op", n);
    buffer_format(w->out, " %s", ops[n->op]);
    write_items(w, n);
    break;
  case NODE_THROW:
    write_parts(w, "throw", n);
    break;
  case NODE_TRY:
    write_try(w, n);
    break;
  case NODE_CASE:
    write_case(w, n);
    break;
  case NODE_VECTOR:
    write_parts(w, "vector", n);
    break;
  case NODE_SET_LITERAL:
    write_parts(w, "set", n);
    break;
  case NODE_MAP:
    write_parts(w, "map", n);
    break;
  case NODE_WITH_META:
    write_parts(w, "with-meta", n);
    break;
  }
  close(w);
}

/* ---- The program ---------------------------------------------------------------------------- */

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
