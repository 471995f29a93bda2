/* print.c - values as text: for people, for the reader, and as JSON; and where
 * output goes.
 *
 * `readably` is pr's way: text in quotes, characters with a backslash. Printing
 * realizes lazy seqs, and so may throw; the caller owns the buffer in any case.
 */
#include "runtime/print.h"
#include "base/buffer.h"
#include "collection/list.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "host/host.h"
#include "number/number.h"
#include "runtime/class.h"
#include "runtime/js.h"
#include "runtime/reference.h"
#include "runtime/type.h"
#include "runtime/var.h"
#include "value/box.h"
#include "value/call.h"
#include "value/error.h"
#include "value/out.h"
#include "value/regex.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Limits: *print-length*, *print-level* ------------------------------------- */

#define BOUNDED_ITEMS 1000

static struct limits {
  int64_t length, level; /* INT64_MAX: none */
  int64_t depth;
  size_t size; /* of the text: about here the rest is left out */
  bool meta;
} limits = {INT64_MAX, INT64_MAX, 0, SIZE_MAX, false};

static O core_root(const char *name) {
  var_object *var =
      ns_core ? var_resolve(ns_core, symbol_from(NULL, name)) : NULL;
  return var && var->root != JANK_UNBOUND ? var->root : JANK_NIL;
}

static int64_t limit_of(const char *name) {
  O n = core_root(name);
  return box_is_integer(n) ? jank_unbox_integer(n) : INT64_MAX;
}

static void read_limits(void) {
  limits.length = limit_of("*print-length*");
  limits.level = limit_of("*print-level*");
  limits.meta = truthy(core_root("*print-meta*"));
  limits.depth = 0;
  limits.size = SIZE_MAX;
}

static bool is_full(const buffer *out) { return out->size > limits.size; }

/* false: too deep, and # is printed. */
static bool enter(buffer *out) {
  if (limits.depth >= limits.level) {
    buffer_byte(out, '#');
    return false;
  }
  limits.depth++;
  return true;
}

/* ---- Text ----------------------------------------------------------------------- */

static void print_quoted(buffer *out, const string_object *s) {
  static const char plain[] = "\"\\\n\t\r\f\b", letters[] = "\"\\ntrfb";
  buffer_byte(out, '"');
  for (uint32_t i = 0; i < s->bytes && !is_full(out); i++) {
    const char *special = s->text[i] ? strchr(plain, s->text[i]) : NULL;
    if (special) {
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

static void print_symbol(buffer *out, const symbol_object *s) {
  if (s->ns) {
    print_text(out, s->ns);
    buffer_byte(out, '/');
  }
  print_text(out, s->name);
}

/* ---- Collections ------------------------------------------------------------------- */

static void print(buffer *out, O o, bool readably);

static void print_items(buffer *out, O coll, const char *open,
                        const char *close, bool readably) {
  if (!enter(out))
    return;
  buffer_text(out, open);
  int64_t n = 0;
  for (O s = seq(coll); s != JANK_NIL; s = seq_next_polled(s), n++) {
    if (n)
      buffer_byte(out, ' ');
    if (n >= limits.length || is_full(out)) {
      buffer_text(out, "...");
      break;
    }
    print(out, seq_first(s), readably);
  }
  buffer_text(out, close);
  limits.depth--;
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
  print(p->out, key, p->readably);
  buffer_byte(p->out, ' ');
  print(p->out, value, p->readably);
  return true;
}

static void print_map(buffer *out, O map, bool readably) {
  map_printer p = {out, readably, false, 0};
  if (!enter(out))
    return;
  buffer_byte(out, '{');
  map_each(map, print_pair, &p);
  buffer_byte(out, '}');
  limits.depth--;
}

/* ---- Other objects -------------------------------------------------------------------- */

static void print_object(buffer *out, O o, O value) {
  buffer_format(out, "#object[%s", error_type_name(o));
  buffer_text(out, " {:val ");
  print(out, value, true);
  buffer_text(out, "}]");
}

static void print_exception(buffer *out, exception_object *e) {
  buffer_format(out, "#error {:class %s, :message ", e->class_name->text);
  print(out, e->message, true);
  if (e->data != JANK_NIL) {
    buffer_text(out, ", :data ");
    print(out, e->data, true);
  }
  if (e->cause != JANK_NIL) {
    buffer_text(out, ", :cause ");
    print(out, e->cause, true);
  }
  buffer_byte(out, '}');
}

static void print_var(buffer *out, const var_object *v) {
  buffer_text(out, "#'");
  print_text(out, v->ns->name->name);
  buffer_byte(out, '/');
  print_text(out, v->name->name);
}

static void print_delay(buffer *out, ref_object *d) {
  if (d->header.flags == 0)
    buffer_text(out, "#object[Delay {:status :pending}]");
  else
    print_object(out, &d->header, d->value);
}

static void print_entries(buffer *out, O o, bool readably) {
  map_printer p = {out, readably, false, 0};
  if (!enter(out))
    return;
  buffer_byte(out, '{');
  for (O s = seq(o); s != JANK_NIL; s = seq_next_polled(s))
    if (!print_pair(&p, coll_nth(seq_first(s), 0, JANK_NIL, false),
                    coll_nth(seq_first(s), 1, JANK_NIL, false)))
      break;
  buffer_byte(out, '}');
  limits.depth--;
}

static void print_instance(buffer *out, O o, bool readably) {
  const char *name = class_of(o)->name->name->text;
  if (readably && instance_method(o, METHOD_print)) {
    print(out, instance_call(o, METHOD_print, 0, NULL), false);
    return;
  }
  if (instance_method(o, METHOD_toString) &&
      (!readably || !(seq_is_sequential(o) || seq_is_map(o)))) {
    O text = instance_call(o, METHOD_toString, 0, NULL);
    if (readably)
      buffer_format(out, "#object[%s ", name);
    print(out, text, readably);
    if (readably)
      buffer_byte(out, ']');
  } else if (seq_is_map(o)) {
    if (is_record(o))
      buffer_format(out, "#%s", name);
    print_entries(out, o, true);
  } else if (seq_is_set(o)) {
    print_items(out, o, "#{", "}", true);
  } else if (seq_is_sequential(o)) {
    bool vector = class_is(o, "IPersistentVector");
    print_items(out, o, vector ? "[" : "(", vector ? "]" : ")", true);
  } else {
    buffer_format(out, "#object[%s]", name);
  }
}

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
    print(out, meta, true);
    buffer_byte(out, ' ');
  }
}

static void print(buffer *out, O o, bool readably) {
  if (!is_heap(o)) {
    print_immediate(out, o, readably);
    return;
  }
  if (is_full(out))
    return;
  volatile char guard[128];
  guard[0] = 0;
  if ((uintptr_t)&guard[0] < jank_stack_limit())
    jank_stack_overflow();
  if (readably)
    print_meta(out, o);
  switch (o->type) {
  case JANK_TYPE_LONG:
  case JANK_TYPE_DOUBLE:
  case JANK_TYPE_BIGNUM:
    number_print(out, o);
    return;
  case JANK_TYPE_STRING:
    if (readably)
      print_quoted(out, (string_object *)o);
    else
      print_text(out, (string_object *)o);
    return;
  case JANK_TYPE_KEYWORD:
    buffer_byte(out, ':');
    print_symbol(out, (symbol_object *)o);
    return;
  case JANK_TYPE_SYMBOL:
    print_symbol(out, (symbol_object *)o);
    return;
  case JANK_TYPE_REGEX:
    if (readably)
      buffer_text(out, "#\"");
    print_text(out, ((text_object *)o)->text);
    if (readably)
      buffer_byte(out, '"');
    return;
  case JANK_TYPE_VECTOR:
  case JANK_TYPE_MAP_ENTRY:
    print_items(out, o, "[", "]", readably);
    return;
  case JANK_TYPE_MAP:
    print_map(out, o, readably);
    return;
  case JANK_TYPE_SORTED_MAP:
    print_entries(out, o, readably);
    return;
  case JANK_TYPE_SET:
  case JANK_TYPE_SORTED_SET:
    print_items(out, o, "#{", "}", readably);
    return;
  case JANK_TYPE_FN:
    buffer_format(out, "#object[fn %s]", ((fn_object *)o)->code->name->text);
    return;
  case JANK_TYPE_VAR:
    print_var(out, (var_object *)o);
    return;
  case JANK_TYPE_NAMESPACE:
    buffer_text(out, readably ? "#namespace[" : "");
    print_symbol(out, ((namespace_object *)o)->name);
    buffer_text(out, readably ? "]" : "");
    return;
  case JANK_TYPE_ATOM:
  case JANK_TYPE_VOLATILE:
  case JANK_TYPE_REDUCED:
    print_object(out, o, ((ref_object *)o)->value);
    return;
  case JANK_TYPE_DELAY:
    print_delay(out, (ref_object *)o);
    return;
  case JANK_TYPE_EXCEPTION:
    print_exception(out, (exception_object *)o);
    return;
  case JANK_TYPE_CLASS:
    buffer_text(out, readably ? "" : "class ");
    print_symbol(out, ((class_object *)o)->name);
    return;
  case JANK_TYPE_INSTANCE:
    print_instance(out, o, readably);
    return;
  case JANK_TYPE_JS:
    print(out, js_operate(JS_OP_show, 2, (O[]){o, boolean(readably)}), false);
    return;
  default:
    if (seq_is(o))
      print_items(out, o, "(", ")", readably);
    else
      buffer_format(out, "#object[%s]", error_type_name(o));
    return;
  }
}

void print_value(buffer *out, O o, bool readably) {
  read_limits();
  print(out, o, readably);
}

/* ---- JSON ------------------------------------------------------------------------------- */

static void json_text(buffer *out, O o, bool readably) {
  buffer text = {0};
  print(&text, o, readably);
  buffer_json_string(out, text.data ? text.data : "", text.size);
  buffer_free(&text);
}

static void json_items(buffer *out, O coll) {
  buffer_byte(out, '[');
  bool some = false;
  for (O s = seq(coll); s != JANK_NIL; s = seq_next_polled(s)) {
    if (some)
      buffer_byte(out, ',');
    some = true;
    print_json(out, seq_first(s));
  }
  buffer_byte(out, ']');
}

static bool json_pair(void *context, O key, O value) {
  map_printer *p = context;
  if (p->some)
    buffer_byte(p->out, ',');
  p->some = true;
  if (is_type(key, JANK_TYPE_KEYWORD)) {
    buffer name = {0};
    print_symbol(&name, (symbol_object *)key);
    buffer_json_string(p->out, name.data, name.size);
    buffer_free(&name);
  } else {
    json_text(p->out, key, false);
  }
  buffer_byte(p->out, ':');
  print_json(p->out, value);
  return true;
}

/* What JSON has, as that; keywords by their names; the rest as pr-str text.
 * Integers that a double cannot hold are text as well. */
void print_json(buffer *out, O o) {
  if (o == JANK_NIL || o == JANK_TRUE || o == JANK_FALSE || is_fixnum(o)) {
    buffer_text(out, o == JANK_NIL ? "null" : "");
    if (o != JANK_NIL)
      print(out, o, true);
  } else if (is_char(o) || is_type(o, JANK_TYPE_STRING)) {
    json_text(out, o, false);
  } else if (is_type(o, JANK_TYPE_DOUBLE)) {
    double d = ((double_object *)o)->value;
    if (isfinite(d))
      buffer_format(out, "%.17g", d);
    else
      buffer_text(out, "null");
  } else if (is_type(o, JANK_TYPE_LONG) &&
             llabs(((long_object *)o)->value) <= INT64_C(1) << 53) {
    print(out, o, true);
  } else if (is_type(o, JANK_TYPE_KEYWORD)) {
    buffer name = {0};
    print_symbol(&name, (symbol_object *)o);
    buffer_json_string(out, name.data, name.size);
    buffer_free(&name);
  } else if (is_type(o, JANK_TYPE_MAP)) {
    map_printer p = {out, true, false, 0};
    buffer_byte(out, '{');
    map_each(o, json_pair, &p);
    buffer_byte(out, '}');
  } else if (seq_is_map(o)) {
    map_printer p = {out, true, false, 0};
    buffer_byte(out, '{');
    for (O s = seq(o); s != JANK_NIL; s = seq_next_polled(s))
      json_pair(&p, coll_nth(seq_first(s), 0, JANK_NIL, false),
                coll_nth(seq_first(s), 1, JANK_NIL, false));
    buffer_byte(out, '}');
  } else if (seq_is_sequential(o) || seq_is_set(o)) {
    json_items(out, o);
  } else {
    json_text(out, o, true);
  }
}

/* ---- Output ------------------------------------------------------------------------------- */

typedef struct {
  buffer text;
  O items;
  size_t size; /* 0: no bound */
  bool readably, line;
} printing;

static O print_all(void *context) {
  printing *p = context;
  read_limits();
  if (p->size) {
    limits.size = p->size;
    if (limits.length > BOUNDED_ITEMS &&
        core_root("*print-length*") == JANK_NIL)
      limits.length = BOUNDED_ITEMS;
  }
  for (O s = seq(p->items); s != JANK_NIL; s = seq_next_polled(s)) {
    print(&p->text, seq_first(s), p->readably);
    if (seq_next(s) != JANK_NIL)
      buffer_byte(&p->text, ' ');
  }
  if (p->line)
    buffer_byte(&p->text, '\n');
  return JANK_NIL;
}

/* When an item throws, so does this, and frees the text. An item that prints
 * while it is realized has limits of its own. */
static void print_printing(printing *p) {
  O result = JANK_NIL, exception = JANK_NIL;
  struct limits outer = limits;
  bool ok = throw_catch(print_all, p, &result, &exception);
  limits = outer;
  if (ok)
    return;
  buffer_free(&p->text);
  jank_throw(exception);
}

buffer print_text_of(O items, bool readably, bool line) {
  printing p = {.items = items, .readably = readably, .line = line};
  print_printing(&p);
  return p.text;
}

static void cut(buffer *out, size_t size) {
  if (out->size <= size)
    return;
  while (size && ((unsigned char)out->data[size] & 0xc0) == 0x80)
    size--;
  out->size = size;
  buffer_text(out, "...");
}

void print_bounded(buffer *out, O o, size_t bytes) {
  printing p = {.items = list_cons(o, list_empty), .size = bytes};
  p.readably = true;
  print_printing(&p);
  cut(&p.text, bytes);
  buffer_add(out, p.text.data, p.text.size);
  buffer_free(&p.text);
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
