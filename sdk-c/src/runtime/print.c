/* print.c - values as text, for people and for the reader.
 *
 * `readably` is pr's way: text in quotes, characters with a backslash. Printing
 * realizes lazy seqs and calls a type's own toString, and so may throw or never end:
 * the caller owns the buffer in any case. Where that must not be, show.c prints with
 * limits under which nothing of the program runs.
 */
#include "runtime/print.h"
#include "base/buffer.h"
#include "collection/coll.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/reduce.h"
#include "collection/seq.h"
#include "number/text.h"
#include "runtime/class.h"
#include "runtime/ns.h"
#include "runtime/reference.h"
#include "runtime/var.h"
#include "value/box.h"
#include "value/call.h"
#include "value/error.h"
#include "value/meta.h"
#include "value/out.h"
#include "value/poll.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/types.h"
#include "value/word.h"
#include <string.h>

/* ---- Limits -------------------------------------------------------------- */

static print_limits limits = PRINT_NO_LIMITS;
static int64_t depth;

static O core_root(const char *name) {
  var_object *var =
      ns_core ? var_resolve(ns_core, symbol_from(NULL, name)) : NULL;
  return var && var->root != JANK_UNBOUND ? var->root : JANK_NIL;
}

static int64_t limit_of(const char *name) {
  O n = core_root(name);
  return box_is_integer(n) ? jank_unbox_integer(n) : INT64_MAX;
}

print_limits print_own_limits(void) {
  return (print_limits){
      .length = limit_of("*print-length*"),
      .level = limit_of("*print-level*"),
      .size = SIZE_MAX,
      .meta = truthy(core_root("*print-meta*")),
  };
}

static bool is_full(const buffer *out) { return out->size > limits.size; }

/* false: too deep, and # is printed. */
static bool enter(buffer *out) {
  if (depth >= limits.level) {
    buffer_byte(out, '#');
    return false;
  }
  depth++;
  return true;
}

static void leave(void) { depth--; }

/* Of what *print-level* does not count, an atom or an exception: so that what holds
 * itself has an end where the level is ours. */
static bool enter_object(buffer *out) {
  if (limits.is_still)
    return enter(out);
  depth++;
  return true;
}

/* ---- Text ---------------------------------------------------------------- */

static void print_quoted(buffer *out, const string_object *s) {
  static const char plain[] = "\"\\\n\t\r\f\b", letters[] = "\"\\ntrfb";
  buffer_byte(out, '"');
  for (uint32_t i = 0; i < s->bytes && !is_full(out); i++) {
    const char *special = s->text[i] ? strchr(plain, s->text[i]) : NULL;
    if (!s->text[i] && limits.is_still) { /* a message is text of C */
      buffer_text(out, "\\u0000");
    } else if (special) {
      buffer_byte(out, '\\');
      buffer_byte(out, letters[special - plain]);
    } else {
      buffer_byte(out, s->text[i]);
    }
  }
  buffer_byte(out, '"');
}

static void print_char(buffer *out, uint32_t c, bool readably) {
  static const struct {
    uint32_t c;
    const char *name;
  } names[] = {{'\n', "newline"}, {' ', "space"},      {'\t', "tab"},
               {'\r', "return"},  {'\b', "backspace"}, {'\f', "formfeed"}};
  if (readably) {
    buffer_byte(out, '\\');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
      if (names[i].c == c) {
        buffer_text(out, names[i].name);
        return;
      }
  }
  string_append_unit(out, c);
}

static void print_text(buffer *out, const string_object *s) {
  buffer_add(out, s->text, s->bytes);
}

void print_name(buffer *out, const symbol_object *s) {
  symbol_add_qualified(out, s->ns, s->name);
}

/* ---- Collections --------------------------------------------------------- */

/* What comes after an item; false: only running the program could tell. */
static bool more_items(O *s) {
  if (!limits.is_still) {
    *s = seq_next_polled(*s);
    return true;
  }
  return seq_next_known(s);
}

static bool first_items(O coll, O *s) {
  *s = coll;
  if (limits.is_still)
    return seq_known(s);
  *s = seq(coll);
  return true;
}

static void print_items(buffer *out, O coll, const char *open,
                        const char *close, bool readably) {
  if (!enter(out))
    return;
  buffer_text(out, open);
  O s;
  bool known = first_items(coll, &s);
  for (int64_t n = 0; known && s != JANK_NIL; n++) {
    if (n)
      buffer_byte(out, ' ');
    if (n >= limits.length || is_full(out)) {
      buffer_text(out, "...");
      break;
    }
    print_nested(out, seq_first(s), readably);
    known = more_items(&s);
    if (!known)
      buffer_byte(out, ' ');
  }
  if (!known)
    buffer_text(out, "...");
  buffer_text(out, close);
  leave();
}

typedef struct {
  buffer *out;
  bool readably, some;
  int64_t count;
} map_printer;

static bool print_pair(void *context, O key, O value) {
  map_printer *p = context;
  if (p->some)
    buffer_text(p->out, ", ");
  p->some = true;
  if (p->count++ >= limits.length || is_full(p->out)) {
    buffer_text(p->out, "...");
    return false;
  }
  print_nested(p->out, key, p->readably);
  buffer_byte(p->out, ' ');
  print_nested(p->out, value, p->readably);
  return true;
}

void print_map(buffer *out, O map, bool readably) {
  map_printer p = {out, readably, false, 0};
  if (!enter(out))
    return;
  buffer_byte(out, '{');
  map_each(map, print_pair, &p);
  buffer_byte(out, '}');
  leave();
}

void print_entries(buffer *out, O o, bool readably) {
  map_printer p = {out, readably, false, 0};
  if (!enter(out))
    return;
  buffer_byte(out, '{');
  for (O s = seq(o); s != JANK_NIL; s = seq_next_polled(s))
    if (!print_pair(&p, coll_nth(seq_first(s), 0, JANK_NIL, false),
                    coll_nth(seq_first(s), 1, JANK_NIL, false)))
      break;
  buffer_byte(out, '}');
  leave();
}

void print_vector(buffer *out, O o, bool readably) {
  print_items(out, o, "[", "]", readably);
}

void print_set(buffer *out, O o, bool readably) {
  print_items(out, o, "#{", "}", readably);
}

void print_seq(buffer *out, O o, bool readably) {
  print_items(out, o, "(", ")", readably);
}

/* ---- Other objects ------------------------------------------------------- */

void print_number(buffer *out, O o, bool readably) { number_print(out, o); }

void print_string(buffer *out, O o, bool readably) {
  if (readably)
    print_quoted(out, (string_object *)o);
  else
    print_text(out, (string_object *)o);
}

void print_keyword(buffer *out, O o, bool readably) {
  buffer_byte(out, ':');
  print_name(out, (symbol_object *)o);
}

void print_symbol(buffer *out, O o, bool readably) {
  print_name(out, (symbol_object *)o);
}

void print_regex(buffer *out, O o, bool readably) {
  if (readably)
    buffer_text(out, "#\"");
  print_text(out, ((regex_object *)o)->text);
  if (readably)
    buffer_byte(out, '"');
}

void print_fn(buffer *out, O o, bool readably) {
  buffer_format(out, "#object[fn %s]", ((fn_object *)o)->code->name->text);
}

void print_var(buffer *out, O o, bool readably) {
  const var_object *v = (var_object *)o;
  buffer_text(out, "#'");
  symbol_add_qualified(out, v->ns->name->name, v->name->name);
}

void print_namespace(buffer *out, O o, bool readably) {
  buffer_text(out, readably ? "#namespace[" : "");
  print_name(out, ((namespace_object *)o)->name);
  buffer_text(out, readably ? "]" : "");
}

static void print_held(buffer *out, O o, O value) {
  if (!enter_object(out))
    return;
  buffer_format(out, "#object[%s", error_type_name(o));
  buffer_text(out, " {:val ");
  print_nested(out, value, true);
  buffer_text(out, "}]");
  leave();
}

void print_reference(buffer *out, O o, bool readably) {
  print_held(out, o, ((ref_object *)o)->value);
}

void print_reduced(buffer *out, O o, bool readably) {
  print_held(out, o, ((reduced_object *)o)->value);
}

void print_delay(buffer *out, O o, bool readably) {
  if (o->flags == DELAY_PENDING)
    buffer_text(out, "#object[Delay {:status :pending}]");
  else
    print_reference(out, o, readably);
}

static void print_exception_parts(buffer *out, const exception_object *e) {
  buffer_format(out, "#error {:class %s, :message ", e->class_name->text);
  print_nested(out, e->message, true);
  if (e->data != JANK_NIL) {
    buffer_text(out, ", :data ");
    print_nested(out, e->data, true);
  }
  if (e->cause != JANK_NIL) {
    buffer_text(out, ", :cause ");
    print_nested(out, e->cause, true);
  }
  buffer_byte(out, '}');
}

void print_exception(buffer *out, O o, bool readably) {
  if (!enter_object(out))
    return;
  print_exception_parts(out, (exception_object *)o);
  leave();
}

void print_class(buffer *out, O o, bool readably) {
  buffer_text(out, readably ? "" : "class ");
  print_name(out, ((class_object *)o)->name);
}

void print_opaque(buffer *out, O o, bool readably) {
  buffer_format(out, "#object[%s]", error_type_name(o));
}

const print_limits *print_limits_now(void) { return &limits; }

/* ---- Any value ----------------------------------------------------------- */

static void print_immediate(buffer *out, O o, bool readably) {
  if (is_fixnum(o))
    number_print(out, o);
  else if (is_char(o))
    print_char(out, char_value(o), readably);
  else
    buffer_text(out, o == JANK_NIL     ? "nil"
                     : o == JANK_TRUE  ? "true"
                     : o == JANK_FALSE ? "false"
                                       : "#unbound");
}

/* Metadata that the reader would give back: ^{...} */
static void print_meta(buffer *out, O o) {
  if (!limits.meta || is_type(o, JANK_TYPE_FN) || is_type(o, JANK_TYPE_VAR) ||
      is_type(o, JANK_TYPE_NAMESPACE) || is_type(o, JANK_TYPE_ATOM))
    return;
  O meta = meta_of(o);
  if (is_type(meta, JANK_TYPE_MAP) && map_count(meta)) {
    buffer_byte(out, '^');
    print_nested(out, meta, true);
    buffer_byte(out, ' ');
  }
}

void print_nested(buffer *out, O o, bool readably) {
  if (!is_heap(o)) {
    print_immediate(out, o, readably);
    return;
  }
  if (is_full(out))
    return;
  STACK_GUARD();
  if (readably)
    print_meta(out, o);
  types[o->type].print(out, o, readably);
}

/* ---- Within limits ------------------------------------------------------- */

typedef struct {
  buffer *out;
  O items, value;
  bool is_one; /* the value, not the items */
  int64_t depth;
  bool readably, line;
} printing;

static O print_all(void *context) {
  printing *p = context;
  if (p->is_one) {
    print_nested(p->out, p->value, p->readably);
    return JANK_NIL;
  }
  for (O s = seq(p->items); s != JANK_NIL; s = seq_next_polled(s)) {
    print_nested(p->out, seq_first(s), p->readably);
    if (seq_next(s) != JANK_NIL)
      buffer_byte(p->out, ' ');
  }
  if (p->line)
    buffer_byte(p->out, '\n');
  return JANK_NIL;
}

/* An item that prints while it is realized has limits of its own. */
static O print_caught(printing *p, const print_limits *within) {
  O result = JANK_NIL, exception = JANK_NIL;
  print_limits outer = limits;
  int64_t outer_depth = depth;
  limits = *within;
  depth = p->depth;
  bool ok = throw_catch(print_all, p, &result, &exception);
  limits = outer;
  depth = outer_depth;
  return ok ? JANK_NIL : exception;
}

O print_within(buffer *out, O o, const print_limits *within) {
  printing p = {.out = out, .value = o, .is_one = true, .readably = true};
  return print_caught(&p, within);
}

const char *print_within_js(O o) {
  buffer text = {0};
  print_limits now = limits;
  printing p = {.out = &text,
                .value = o,
                .is_one = true,
                .depth = depth,
                .readably = true};
  O exception = print_caught(&p, &now);
  if (exception == JANK_NIL)
    return string_from_buffer(&text)->text;
  buffer_free(&text);
  jank_throw(exception);
}

void print_value(buffer *out, O o, bool readably) {
  print_limits own = print_own_limits();
  printing p = {.out = out, .value = o, .is_one = true, .readably = readably};
  O exception = print_caught(&p, &own);
  if (exception != JANK_NIL)
    jank_throw(exception);
}

buffer print_text_of(O items, bool readably, bool line) {
  buffer text = {0};
  print_limits own = print_own_limits();
  printing p = {
      .out = &text, .items = items, .readably = readably, .line = line};
  O exception = print_caught(&p, &own);
  if (exception == JANK_NIL)
    return text;
  buffer_free(&text);
  jank_throw(exception);
}

O print_write(O items, bool readably, bool line) {
  buffer text = print_text_of(items, readably, line);
  out_write(text.data ? text.data : "", text.size);
  buffer_free(&text);
  return JANK_NIL;
}

O jank_println(int argc, O *args) {
  return print_write(list_from_array((size_t)argc, args), false, true);
}

const char *jank_to_code_string(O value) {
  buffer text = print_text_of(list_cons(value, list_empty), true, false);
  return string_from_buffer(&text)->text;
}
