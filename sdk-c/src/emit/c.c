/* c.c - a program as C source, with the same entry as the side module.
 *
 * In: an analyzed program. Out: one C file in terms of jank_aot.h. Every value
 * that takes work has a temporary of its own, in order of evaluation; the C
 * compiler makes them vanish. All names carry the unit's name, so that several
 * files can be one translation unit. Code that need not be fast (reach.h) is
 * made small: it calls through functions of the unit.
 */
#include "emit/c.h"
#include "analyze/ast.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "emit/pool_encode.h"
#include "emit/reach.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct loop_label {
  struct loop_label *outer;
  const node *loop; /* NULL: the method's own */
  int number;
} loop_label;

typedef struct {
  const program *p;
  const char *id, *unit;
  buffer *out;
  const method *m;
  loop_label *loops;
  int temps, labels, depth;
  int line;    /* of the last #line */
  bool *colds; /* by method */
  bool cold;   /* is the one at hand? */
} writer;

/* Something that can be written again and again without being evaluated. */
typedef struct {
  char text[256];
} operand;

static void open(writer *w);
static void close(writer *w);
static operand value(writer *w, const node *n);
static void value_to(writer *w, const node *n, int temp);
static operand test(writer *w, const node *n);

/* ---- Lines --------------------------------------------------------------- */

static void write_text(writer *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void write_text(writer *w, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  buffer_text(w->out, text);
}

static void indent(writer *w) {
  for (int i = 0; i < w->depth; i++)
    buffer_text(w->out, "  ");
}

#define LINE(...)                                                              \
  (indent(w), write_text(w, __VA_ARGS__), buffer_byte(w->out, '\n'))

static void place(writer *w, const node *n) {
  if (n->where.line < 1 || n->where.line == w->line)
    return;
  w->line = n->where.line;
  write_text(w, "#line %d ", w->line);
  buffer_json_string(w->out, w->m->file, strlen(w->m->file));
  buffer_byte(w->out, '\n');
}

static operand make(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
static operand make(const char *format, ...) {
  operand o;
  va_list args;
  va_start(args, format);
  vsnprintf(o.text, sizeof o.text, format, args);
  va_end(args);
  return o;
}

static operand temp_name(int t) { return make("t%d", t); }

static int new_temp(writer *w) {
  LINE("JANK_LOCAL(t%d);", w->temps);
  return w->temps++;
}

/* ---- Locals and constants ------------------------------------------------ */

static void write_identifier(char *out, size_t size, const char *name) {
  size_t i = 0;
  for (; name[i] && i + 1 < size; i++) {
    char c = name[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 (c >= '0' && c <= '9');
    out[i] = plain ? c : '_';
  }
  out[i] = 0;
}

static operand local_name(const local *l) {
  char name[40];
  if (l->kind == LOCAL_SELF)
    return make("self");
  if (l->kind == LOCAL_CAPTURE)
    return make("JANK_CAPTURE(self, %d)", l->slot);
  write_identifier(name, sizeof name, l->name);
  return make("l%d_%s", l->slot, name);
}

static operand word(jank_object *o) {
  if (is_fixnum(o))
    return make("JANK_INT(%lld)", (long long)fixnum_value(o));
  return make("JANK_WORD(%#llx)", (unsigned long long)(uintptr_t)o);
}

static operand constant(const writer *w, int index) {
  return make("%s_words[%d]", w->unit, index);
}

/* What needs no temporary. A local among operands may be read after its turn: only a
 * recur assigns to one, and none of an outer loop can stand among them. */
static bool is_simple(const node *n) {
  return n->kind == NODE_WORD || n->kind == NODE_CONSTANT ||
         n->kind == NODE_LOCAL || (n->kind == NODE_FN && !n->fn->capture_count);
}

static operand simple(const writer *w, const node *n) {
  if (n->kind == NODE_WORD)
    return word(n->word);
  if (n->kind == NODE_LOCAL)
    return local_name(n->local);
  return constant(w, n->kind == NODE_FN ? n->fn->constant : n->index);
}

static operand value(writer *w, const node *n) {
  if (is_simple(n))
    return simple(w, n);
  int t = new_temp(w);
  value_to(w, n, t);
  return temp_name(t);
}

/* Items in order of evaluation; the arena owns the result. */
static operand *values(writer *w, node *const *items, int count) {
  operand *result =
      arena_alloc(w->p->arena, ((size_t)count + 1) * sizeof *result);
  for (int i = 0; i < count; i++)
    result[i] = value(w, items[i]);
  return result;
}

static void write_list(writer *w, const operand *items, int count,
                       const char *before) {
  for (int i = 0; i < count; i++)
    write_text(w, "%s%s", i ? ", " : before, items[i].text);
}

static void write_array(writer *w, const operand *items, int count) {
  if (!count) {
    buffer_text(w->out, "0");
    return;
  }
  write_list(w, items, count, "(jank_object *[]){");
  buffer_byte(w->out, '}');
}

/* ---- Functions and calls ------------------------------------------------- */

static void fill_captures(writer *w, const char *closure, const fn_node *fn) {
  for (int i = 0; i < fn->capture_count; i++)
    LINE("JANK_CAPTURE(%s, %d) = %s;", closure, i,
         local_name(fn->captures[i]).text);
}

static void create_fn(writer *w, const char *into, const fn_node *fn) {
  if (fn->capture_count)
    LINE("%s = jank_fn_create(%s, %d);", into, constant(w, fn->constant).text,
         fn->capture_count);
  else
    LINE("%s = %s;", into, constant(w, fn->constant).text);
}

static const method *own_method(const writer *w, int argc) {
  const fn_node *fn = w->m->fn;
  for (int i = 0; fn && i < fn->method_count; i++)
    if (fn->methods[i]->required == argc && !fn->methods[i]->variadic)
      return fn->methods[i];
  return NULL;
}

static void begin_result(writer *w, int temp) {
  indent(w);
  write_text(w, "t%d = ", temp);
}
static void end_call(writer *w) { buffer_text(w->out, ");\n"); }

static void call_entry(writer *w, const char *callee, const operand *args,
                       int argc, int temp) {
  begin_result(w, temp);
  write_text(w, "((jank_fn%d)JANK_ENTRY(%s, %d))(%s", argc, callee, argc,
             callee);
  write_list(w, args, argc, ", ");
  end_call(w);
}

/* Whether the var is the one that this very function is bound to. */
static bool is_recursive(const writer *w, const node *var) {
  const program *p = w->p;
  for (int i = 0; i < p->definition_count; i++)
    if (p->definitions[i].fn == w->m->fn &&
        &p->definitions[i].var->header == p->pool[var->index].value)
      return true;
  return false;
}

/* A function that calls itself is called directly, while its var has it. */
static void invoke_var(writer *w, const node *n, int temp) {
  operand *args = values(w, n->items, n->count);
  const method *own = is_recursive(w, n->a) ? own_method(w, n->count) : NULL;
  LINE("t%d = JANK_CALLEE(%s);", temp, constant(w, n->a->index).text);
  if (!own) {
    call_entry(w, temp_name(temp).text, args, n->count, temp);
    return;
  }
  LINE("if (t%d == self) {", temp);
  open(w);
  begin_result(w, temp);
  write_text(w, "%s_f%d(self", w->unit, own->index);
  write_list(w, args, n->count, ", ");
  end_call(w);
  w->depth--;
  LINE("} else {");
  open(w);
  call_entry(w, temp_name(temp).text, args, n->count, temp);
  close(w);
}

static void invoke(writer *w, const node *n, int temp) {
  bool few = n->count <= JANK_MAX_ARITY;
  bool self = n->a->kind == NODE_LOCAL && n->a->local->kind == LOCAL_SELF;
  const method *own = self ? own_method(w, n->count) : NULL;
  if (n->a->kind == NODE_VAR && n->count <= JANK_COLD_ARITY && w->cold) {
    operand *args = values(w, n->items, n->count);
    begin_result(w, temp);
    write_text(w, "%s_call%d(%d", w->unit, n->count, n->a->index);
    write_list(w, args, n->count, ", ");
    end_call(w);
    return;
  }
  if (n->a->kind == NODE_VAR && few) {
    invoke_var(w, n, temp);
    return;
  }
  operand callee = value(w, n->a);
  operand *args = values(w, n->items, n->count);
  if (w->cold)
    LINE("JANK_CHECK_STACK(%s_limit);", w->unit);
  if (own) {
    begin_result(w, temp);
    write_text(w, "%s_f%d(self", w->unit, own->index);
    write_list(w, args, n->count, ", ");
  } else if (self && few) {
    call_entry(w, "self", args, n->count, temp);
    return;
  } else if (n->count <= 4) {
    begin_result(w, temp);
    write_text(w, "jank_call%d(%s", n->count, callee.text);
    write_list(w, args, n->count, ", ");
  } else {
    begin_result(w, temp);
    write_text(w, "jank_call_n(%s, %d, ", callee.text, n->count);
    write_array(w, args, n->count);
  }
  end_call(w);
}

/* ---- Operations ---------------------------------------------------------- */

static const struct {
  const char *function;
  char result;
} ops[] = {
#define X(op, name, argc, function, result) {#function, result},
    AST_OPS(X)
#undef X
};

static bool is_truth(const node *n) {
  return n->kind == NODE_OP && ops[n->op].result == 'b';
}

/* jank_add becomes jank_aot_add, which has the usual case inline. */
static operand operation(writer *w, const node *n) {
  if (n->op == OP_NOT)
    return make("!%s", test(w, n->items[0]).text);
  operand *args = values(w, n->items, n->count);
  if (n->op == OP_NIL_P)
    return make("(%s == 0)", args[0].text);
  if (n->op == OP_IDENTICAL)
    return make("(%s == %s)", args[0].text, args[1].text);
  const char *kind = w->cold ? "" : "aot_";
  if (n->count == 1)
    return make("jank_%s%s(%s)", kind, ops[n->op].function + strlen("jank_"),
                args[0].text);
  return make("jank_%s%s(%s, %s)", kind, ops[n->op].function + strlen("jank_"),
              args[0].text, args[1].text);
}

/* A C condition; an int temporary when it takes work. */
static operand test(writer *w, const node *n) {
  if (!is_truth(n))
    return make("JANK_TRUTHY(%s)", value(w, n).text);
  operand condition = operation(w, n);
  int t = w->temps++;
  LINE("int t%d = %s;", t, condition.text);
  return temp_name(t);
}

/* ---- Control ------------------------------------------------------------- */

static void open(writer *w) { w->depth++; }
static void close(writer *w) {
  w->depth--;
  LINE("}");
}

static void if_node(writer *w, const node *n, int temp) {
  operand condition = test(w, n->a);
  LINE("if (%s) {", condition.text);
  open(w);
  value_to(w, n->b, temp);
  w->depth--;
  LINE("} else {");
  open(w);
  value_to(w, n->c, temp);
  close(w);
}

static void bind(writer *w, const node *n) {
  for (int i = 0; i < n->count; i++) {
    operand o = value(w, n->items[i]);
    LINE("%s = %s;", local_name(n->locals[i]).text, o.text);
  }
}

static void loop_node(writer *w, const node *n, int temp) {
  loop_label label = {w->loops, n, w->labels++};
  bind(w, n);
  LINE("loop%d: __attribute__((unused));", label.number);
  LINE("{");
  open(w);
  w->loops = &label;
  value_to(w, n->a, temp);
  w->loops = label.outer;
  close(w);
}

static int label_of(const writer *w, const node *loop) {
  const loop_label *l = w->loops;
  while (l->loop != loop)
    l = l->outer;
  return l->number;
}

/* All new values are there before the first local changes: locals among them
 * are copied. */
static void recur(writer *w, const node *n) {
  operand *items = values(w, n->items, n->count);
  for (int i = 0; i < n->count; i++)
    if (n->items[i]->kind == NODE_LOCAL) {
      int t = new_temp(w);
      LINE("t%d = %s;", t, items[i].text);
      items[i] = temp_name(t);
    }
  for (int i = 0; i < n->count; i++)
    LINE("%s = %s;", local_name(n->locals[i]).text, items[i].text);
  LINE("JANK_POLL(%s_rounds);", w->unit);
  LINE("goto loop%d;", label_of(w, n->loop));
}

static void letfn(writer *w, const node *n, int temp) {
  for (int i = 0; i < n->count; i++)
    create_fn(w, local_name(n->locals[i]).text, n->items[i]->fn);
  for (int i = 0; i < n->count; i++)
    fill_captures(w, local_name(n->locals[i]).text, n->items[i]->fn);
  value_to(w, n->a, temp);
}

static void case_node(writer *w, const node *n, int temp) {
  operand x = value(w, n->a);
  for (int i = 0; i < n->count; i++) {
    LINE("%sif (jank_aot_equal(%s, %s)) {", i ? "} else " : "", x.text,
         simple(w, n->items[i]).text);
    open(w);
    value_to(w, n->thens[i], temp);
    w->depth--;
  }
  LINE(n->count ? "} else {" : "{");
  open(w);
  value_to(w, n->b, temp);
  close(w);
}

static void try_node(writer *w, const node *n, int temp) {
  operand body = value(w, n->a);
  operand handler = n->b ? value(w, n->b) : make("JANK_WORD(0)");
  operand finally = n->c ? value(w, n->c) : make("JANK_WORD(0)");
  begin_result(w, temp);
  write_text(w, "jank_try(%s, %s, %s", body.text, handler.text, finally.text);
  end_call(w);
}

/* ---- Definitions and collections ----------------------------------------- */

static void def(writer *w, const node *n, int temp) {
  operand var = constant(w, n->index);
  if (n->a) {
    operand o = value(w, n->a);
    LINE("jank_var_bind_root(%s, %s);", var.text, o.text);
  }
  if (n->meta >= 0)
    LINE("jank_var_reset_meta(%s, %s);", var.text, constant(w, n->meta).text);
  LINE("t%d = %s;", temp, var.text);
}

static void collection(writer *w, const node *n, int temp) {
  operand *items = values(w, n->items, n->count);
  begin_result(w, temp);
  write_text(w, "jank_make_%s(%d, ",
             n->kind == NODE_VECTOR        ? "vector"
             : n->kind == NODE_SET_LITERAL ? "set"
                                           : "map",
             n->kind == NODE_MAP ? n->count / 2 : n->count);
  write_array(w, items, n->count);
  end_call(w);
}

static void with_meta(writer *w, const node *n, int temp) {
  operand o = value(w, n->a), meta = value(w, n->b);
  LINE("t%d = jank_with_meta(%s, %s);", temp, o.text, meta.text);
}

static void op_to(writer *w, const node *n, int temp) {
  operand result = operation(w, n);
  LINE(is_truth(n) ? "t%d = JANK_BOOL(%s);" : "t%d = %s;", temp, result.text);
}

static void leaf(writer *w, const node *n, int temp) {
  if (n->kind == NODE_VAR)
    LINE("t%d = JANK_ROOT(%s);", temp, constant(w, n->index).text);
  else
    LINE("t%d = %s;", temp, simple(w, n).text);
}

static void set_var(writer *w, const node *n, int temp) {
  operand o = value(w, n->a);
  LINE("t%d = jank_var_set(%s, %s);", temp, constant(w, n->index).text, o.text);
}

static void do_node(writer *w, const node *n, int temp) {
  for (int i = 0; i < n->count - 1; i++)
    if (!is_simple(n->items[i]))
      value(w, n->items[i]);
  value_to(w, n->items[n->count - 1], temp);
}

static void let_node(writer *w, const node *n, int temp) {
  bind(w, n);
  value_to(w, n->a, temp);
}

static void closure(writer *w, const node *n, int temp) {
  create_fn(w, temp_name(temp).text, n->fn);
  fill_captures(w, temp_name(temp).text, n->fn);
}

static void throw_node(writer *w, const node *n) {
  operand o = value(w, n->a);
  LINE("jank_throw(%s);", o.text);
}

/* ---- Nodes --------------------------------------------------------------- */

static void node_to(writer *w, const node *n, int temp) {
  switch (n->kind) {
  case NODE_DEF:
    def(w, n, temp);
    return;
  case NODE_SET:
    set_var(w, n, temp);
    return;
  case NODE_IF:
    if_node(w, n, temp);
    return;
  case NODE_DO:
    do_node(w, n, temp);
    return;
  case NODE_LET:
    let_node(w, n, temp);
    return;
  case NODE_LOOP:
    loop_node(w, n, temp);
    return;
  case NODE_RECUR:
    recur(w, n);
    return;
  case NODE_LETFN:
    letfn(w, n, temp);
    return;
  case NODE_FN:
    closure(w, n, temp);
    return;
  case NODE_INVOKE:
    invoke(w, n, temp);
    return;
  case NODE_OP:
    op_to(w, n, temp);
    return;
  case NODE_THROW:
    throw_node(w, n);
    return;
  case NODE_TRY:
    try_node(w, n, temp);
    return;
  case NODE_CASE:
    case_node(w, n, temp);
    return;
  case NODE_VECTOR:
  case NODE_SET_LITERAL:
  case NODE_MAP:
    collection(w, n, temp);
    return;
  case NODE_WITH_META:
    with_meta(w, n, temp);
    return;
  case NODE_WORD:
  case NODE_CONSTANT:
  case NODE_LOCAL:
  case NODE_VAR:
    leaf(w, n, temp);
    return;
  }
}

/* Writes what sets the temporary to the node's value. */
static void value_to(writer *w, const node *n, int temp) {
  place(w, n);
  node_to(w, n, temp);
}

/* ---- Methods ------------------------------------------------------------- */

static void collect_locals(const node *n, local **by_slot) {
  if (!n)
    return;
  for (int i = 0; n->locals && i < n->count; i++)
    if (n->kind != NODE_RECUR)
      by_slot[n->locals[i]->slot] = n->locals[i];
  collect_locals(n->a, by_slot);
  collect_locals(n->b, by_slot);
  collect_locals(n->c, by_slot);
  for (int i = 0; i < n->count; i++) {
    if (n->items)
      collect_locals(n->items[i], by_slot);
    if (n->thens)
      collect_locals(n->thens[i], by_slot);
  }
}

static void write_signature(writer *w, const method *m) {
  write_text(w, "static jank_object *%s_f%d(jank_object *self", w->unit,
             m->index);
  for (int i = 0; i < m->required + m->variadic; i++)
    write_text(w, ", jank_object *%s", local_name(m->params[i]).text);
  buffer_byte(w->out, ')');
}

static void write_locals(writer *w, const method *m) {
  local **by_slot =
      arena_alloc(w->p->arena, ((size_t)m->slots + 1) * sizeof(local *));
  collect_locals(m->body, by_slot);
  for (int i = m->required + m->variadic; i < m->slots; i++)
    if (by_slot[i])
      LINE("JANK_LOCAL(%s);", local_name(by_slot[i]).text);
}

/* Without what would end the comment. */
static void write_in_comment(buffer *out, const char *text) {
  for (char last = 0; *text; last = *text++)
    if (last != '*' || *text != '/')
      buffer_byte(out, *text);
}

static void write_method(writer *w, const method *m) {
  w->m = m;
  w->cold = w->colds[m->index];
  w->temps = w->labels = w->line = 0;
  buffer_byte(w->out, '\n');
  if (m->fn) {
    buffer_text(w->out, "/* ");
    write_in_comment(w->out, m->fn->name);
    buffer_text(w->out, " */\n");
  }
  write_signature(w, m);
  buffer_text(w->out, " {\n");
  w->depth = 1;
  if (!w->cold)
    LINE("JANK_CHECK_STACK(%s_limit);", w->unit);
  LINE("JANK_KEEP(self);");
  for (int i = 0; i < m->required + m->variadic; i++)
    LINE("JANK_KEEP(%s);", local_name(m->params[i]).text);
  write_locals(w, m);
  loop_label head = {NULL, NULL, w->labels++};
  w->loops = &head;
  if (m->recurs)
    LINE("loop%d: __attribute__((unused));", head.number);
  int t = new_temp(w);
  value_to(w, m->body, t);
  LINE("return t%d;", t);
  w->depth = 0;
  LINE("}");
}

/* ---- The file ------------------------------------------------------------ */

static void write_pool(writer *w) {
  buffer pool = {0};
  throw_owner owner;
  throw_own(&owner, buffer_release, &pool);
  pool_encode(w->p, true, &pool);
  write_text(w, "static const unsigned char %s_pool[] = {", w->unit);
  for (size_t i = 0; i < pool.size; i++)
    write_text(w, "%s%u,", i % 20 ? "" : "\n    ", (unsigned char)pool.data[i]);
  write_text(w, "\n};\nstatic jank_object *%s_words[%d];\n", w->unit,
             w->p->pool_count + 1);
  write_text(w, "static uintptr_t %s_limit;\n", w->unit);
  write_text(w, "static uint32_t %s_rounds;\n", w->unit);
  throw_release(&owner);
}

static void write_functions(writer *w) {
  for (int i = 0; i < w->p->method_count; i++) {
    write_signature(w, w->p->methods[i]);
    buffer_text(w->out, ";\n");
  }
  write_text(w, "static void *const %s_functions[] = {\n", w->unit);
  for (int i = 0; i < w->p->method_count; i++)
    write_text(w, "    (void *)%s_f%d,\n", w->unit, i);
  buffer_text(w->out, "    0};\n");
}

static void write_init(writer *w) {
  if (!w->p->form_count)
    return;
  write_text(w, "\nstatic jank_object *%s_init(jank_object *self) {\n",
             w->unit);
  buffer_text(w->out, "  jank_object *value = 0;\n");
  for (int i = 0; i < w->p->form_count; i++)
    write_text(w, "  value = %s_f%d(self);\n", w->unit, w->p->forms[i]->index);
  buffer_text(w->out, "  (void)self;\n  return value;\n}\n");
}

static void write_entry(writer *w) {
  int records = w->p->form_count ? 1 : 0;
  write_text(w, "\nstatic struct patch_symbol %s_symbols[] = {\n", w->unit);
  if (records) {
    buffer_text(w->out, "    {");
    buffer_json_string(w->out, w->p->ns, strlen(w->p->ns));
    write_text(w, ", \"init\", (void *)%s_init},\n", w->unit);
  }
  write_text(
      w,
      "    {0}};\n\nJANK_API struct patch_symbol *" JANK_PATCH_ENTRY_PREFIX
      "%s(int *count);\n",
      w->id);
  write_text(
      w, "struct patch_symbol *" JANK_PATCH_ENTRY_PREFIX "%s(int *count) {\n",
      w->id);
  write_text(w, "  %s_limit = jank_stack_limit();\n", w->unit);
  write_text(w,
             "  jank_patch_link(%s_pool, sizeof %s_pool, %s_words, "
             "%s_functions, %d);\n",
             w->unit, w->unit, w->unit, w->unit, w->p->method_count);
  write_text(w, "  *count = %d;\n  return %s_symbols;\n}\n", records, w->unit);
}

static void write_head(const program *p, buffer *out) {
  buffer file = {0};
  buffer_json_string(&file, p->file, strlen(p->file));
  buffer_text(out, "/* Emitted by the jank compiler from ");
  write_in_comment(out, buffer_cstring(&file));
  buffer_text(out, ". */\n#include \"jank_aot.h\"\n\n");
  buffer_free(&file);
}

void emit_c(const program *p, const char *name, buffer *out) {
  char unit[80]; /* an id may begin with a digit, a C name may not */
  snprintf(unit, sizeof unit, "patch_%s", name);
  writer w = {.p = p, .id = name, .unit = unit, .out = out};
  w.colds = reach_cold_methods(p);
  write_head(p, out);
  write_pool(&w);
  write_functions(&w);
  write_text(&w, "JANK_COLD_CALLS(%s)\n", unit);
  for (int i = 0; i < p->method_count; i++)
    write_method(&w, p->methods[i]);
  write_init(&w);
  write_entry(&w);
}
