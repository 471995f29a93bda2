/* docs.c - what is known of the library's own names, for who asks.
 *
 * A function in C has no metadata at start: its arglists are made from its rows
 * (builtins/builtin.h) when they are wanted. Docs are no part of the module. They lie
 * beside it, in a text that the host reads when the metadata of a var of the
 * library is asked for the first time; where it cannot, nothing is said of it. A
 * line per name, and a newline before the first:
 *
 *   clojure.core/nth <tab> sdk-c/src/builtins/coll.c <tab> 571 <tab> The item at ...
 *
 * with \n for a newline in a doc, and \\ for a backslash.
 */
#include "runtime/docs.h"
#include "base/buffer.h"
#include "collection/list.h"
#include "collection/map.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/equal.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

/* ---- The rows of builtins ------------------------------------------------ */

static const struct patch_symbol *const *tables;
static size_t table_count;
static char *(*read_text)(void);

void docs_init(const struct patch_symbol *const *all, size_t count,
               char *(*read)(void)) {
  tables = all;
  table_count = count;
  read_text = read;
}

static bool is_of(const struct patch_symbol *row, const var_object *var) {
  const string_object *ns = var->ns->name->name;
  const char *name = row->qualified_name;
  return strncmp(name, ns->text, ns->bytes) == 0 && name[ns->bytes] == '/' &&
         strcmp(name + ns->bytes + 1, var->name->name->text) == 0;
}

/* "[coll index]" as a vector of symbols. */
static O read_arglist(const char *text) {
  O names[JANK_MAX_ARITY + 2];
  uint32_t n = 0;
  for (const char *p = text + 1; *p != ']';) {
    size_t size = strcspn(p, " ]");
    names[n++] = &symbol_make(NULL, string_make(p, size))->header;
    p += size + (p[size] == ' ');
  }
  return jank_make_vector(n, names);
}

O docs_arglists(const var_object *var) {
  O lists[JANK_MAX_ARITY + 2];
  size_t n = 0;
  for (size_t i = 0; i < table_count; i++)
    for (const struct patch_symbol *row = tables[i]; row->qualified_name; row++)
      if (is_of(row, var))
        lists[n++] = read_arglist(row->signature);
  return n ? list_from_array(n, lists) : JANK_NIL;
}

/* ---- The text beside the module ------------------------------------------ */

typedef struct {
  const char *file, *doc; /* up to a tab, up to a newline */
  int line;
} entry;

static bool find_entry(const var_object *var, entry *found) {
  static char *text;
  static bool asked;
  if (!asked && read_text) {
    asked = true;
    text = read_text();
  }
  if (!text)
    return false;
  buffer key = {0};
  buffer_format(&key, "\n%s/%s\t", var->ns->name->name->text,
                var->name->name->text);
  const char *at = strstr(text, buffer_cstring(&key));
  const char *file = at ? at + key.size : NULL;
  buffer_free(&key);
  const char *line = file ? strchr(file, '\t') : NULL;
  const char *doc = line ? strchr(line + 1, '\t') : NULL;
  if (!doc)
    return false;
  *found = (entry){file, doc + 1, (int)strtol(line + 1, NULL, 10)};
  return true;
}

static O file_of(const entry *e) {
  return &string_make(e->file, strcspn(e->file, "\t"))->header;
}

static O doc_of(const entry *e) {
  buffer doc = {0};
  for (const char *p = e->doc; *p && *p != '\n'; p++) {
    bool escaped = p[0] == '\\' && (p[1] == 'n' || p[1] == '\\');
    p += escaped;
    buffer_byte(&doc, escaped && *p == 'n' ? '\n' : *p);
  }
  return &string_from_buffer(&doc)->header;
}

/* ---- Metadata ------------------------------------------------------------ */

static O key(const char *name) { return &symbol_keyword(NULL, name)->header; }

static O with(O meta, const char *name, O value) {
  return value == JANK_NIL ? meta : map_assoc(meta, key(name), value);
}

static bool has_doc(const entry *e) { return *e->doc && *e->doc != '\n'; }

/* In the order of what `defn` gives. */
static O builtin_meta(const var_object *var, O arglists) {
  entry e;
  bool known = find_entry(var, &e);
  O meta = with(map_empty, "arglists", arglists);
  if (known && has_doc(&e))
    meta = with(meta, "doc", doc_of(&e));
  if (known) {
    meta = with(meta, "file", file_of(&e));
    meta = with(meta, "line", fixnum(e.line));
  }
  meta = with(meta, "name", &var->name->header);
  return with(meta, "ns", &var->ns->name->header);
}

/* Was it the library that defined the var so? A program may define it anew. */
static bool is_library(O file) {
  return is_type(file, JANK_TYPE_STRING) &&
         strncmp(((string_object *)file)->text, "clojure/", 8) == 0;
}

static O meta_with_doc(const var_object *var) {
  entry e;
  O file = map_get(var->meta, key("file"), JANK_NIL);
  bool wanted = is_library(file) &&
                map_get(var->meta, key("doc"), JANK_NIL) == JANK_NIL &&
                find_entry(var, &e) && has_doc(&e) &&
                value_equal(file, file_of(&e));
  return wanted ? with(var->meta, "doc", doc_of(&e)) : var->meta;
}

O docs_var_meta(O o) {
  const var_object *var = (const var_object *)o;
  if (is_type(var->meta, JANK_TYPE_MAP))
    return meta_with_doc(var);
  if (var->meta != JANK_NIL)
    return var->meta;
  O arglists = docs_arglists(var);
  return arglists == JANK_NIL ? JANK_NIL : builtin_meta(var, arglists);
}
