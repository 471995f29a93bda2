/* json.c - values as JSON, for the host. */
#include "runtime/json.h"
#include "base/buffer.h"
#include "collection/coll.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "runtime/print.h"
#include "value/box.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <math.h>
#include <stdlib.h>

typedef struct {
  buffer *out;
  bool some;
} map_printer;

static void json_text(buffer *out, O o, bool readably) {
  buffer text = {0};
  throw_owner owner;
  throw_own(&owner, buffer_release, &text);
  print_value(&text, o, readably);
  buffer_json_string(out, text.data ? text.data : "", text.size);
  throw_release(&owner);
}

static void json_items(buffer *out, O coll) {
  buffer_byte(out, '[');
  bool some = false;
  for (O s = seq(coll); s != JANK_NIL; s = seq_next_polled(s)) {
    if (some)
      buffer_byte(out, ',');
    some = true;
    json_print(out, seq_first(s));
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
    print_name(&name, (symbol_object *)key);
    buffer_json_string(p->out, name.data, name.size);
    buffer_free(&name);
  } else {
    json_text(p->out, key, false);
  }
  buffer_byte(p->out, ':');
  json_print(p->out, value);
  return true;
}

/* What JSON has, as that; keywords by their names; the rest as pr-str text.
 * Integers that a double cannot hold are text as well. */
void json_print(buffer *out, O o) {
  if (o == JANK_NIL || o == JANK_TRUE || o == JANK_FALSE || is_fixnum(o)) {
    buffer_text(out, o == JANK_NIL ? "null" : "");
    if (o != JANK_NIL)
      print_value(out, o, true);
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
    print_value(out, o, true);
  } else if (is_type(o, JANK_TYPE_KEYWORD)) {
    buffer name = {0};
    print_name(&name, (symbol_object *)o);
    buffer_json_string(out, name.data, name.size);
    buffer_free(&name);
  } else if (is_type(o, JANK_TYPE_MAP)) {
    map_printer p = {out, false};
    buffer_byte(out, '{');
    map_each(o, json_pair, &p);
    buffer_byte(out, '}');
  } else if (seq_is_map(o)) {
    map_printer p = {out, false};
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
