/* inspect.c - looks at a side module's bytes before anything is done with them.
 *
 * In: bytes from outside. Out: what it needs and whether it may be loaded. The
 * engine validates the code itself; here is checked what it would accept and
 * the runtime must not: no dylink.0, no entry, an import that does not exist
 * (it would fail at the first call), a wrong ABI, sizes without reason.
 */
#include "load/inspect.h"
#include "base/buffer.h"
#include "base/fnv.h"
#include "base/leb.h"
#include "host/host.h"
#include "value/word.h"
#include <string.h>

enum { SECTION_CUSTOM, SECTION_TYPE, SECTION_IMPORT, SECTION_EXPORT = 7 };
enum { KIND_FUNCTION, KIND_TABLE, KIND_MEMORY, KIND_GLOBAL, KIND_TAG };
enum { DYLINK_MEM_INFO = 1, DYLINK_NEEDED = 2 };

#define MAX_MEMORY (UINT32_C(64) << 20)
#define MAX_TABLE UINT32_C(65536)

typedef struct {
  const uint8_t *text;
  uint32_t n;
} span_text;

typedef struct {
  const char *entry;
  patch_info *info;
  buffer *why;
  const uint8_t *bytes, *section; /* the module, the section at hand */
  cursor exports;
  bool has_dylink;
} inspection;

/* ---- Reading ------------------------------------------------------------- */

static cursor part(cursor *c, uint32_t n) {
  cursor result = {c->p, c->p, false};
  if (n > (size_t)(c->end - c->p)) {
    c->failed = true;
    c->p = c->end;
    return result;
  }
  c->p += n;
  result.end = c->p;
  return result;
}

static span_text name(cursor *c) {
  cursor text = part(c, cursor_uleb(c));
  return (span_text){text.p, (uint32_t)(text.end - text.p)};
}

static bool is(span_text text, const char *expected) {
  return text.n == strlen(expected) && memcmp(text.text, expected, text.n) == 0;
}

/* ---- Reasons ------------------------------------------------------------- */

static enum patch_error fail(inspection *x, enum patch_error code,
                             const char *reason) {
  buffer_clear(x->why);
  buffer_text(x->why, reason);
  return code;
}

/* Text from outside, printable and short. */
static void add_shown(buffer *out, span_text text) {
  for (uint32_t i = 0; i < text.n && i < 80; i++)
    buffer_byte(out, text.text[i] < 0x20 || text.text[i] > 0x7e ? '?'
                                                                : text.text[i]);
}

static enum patch_error fail_import(inspection *x, span_text module,
                                    span_text field) {
  buffer_clear(x->why);
  buffer_text(x->why, "the patch imports ");
  add_shown(x->why, module);
  buffer_byte(x->why, '.');
  add_shown(x->why, field);
  buffer_text(x->why, ", which this runtime does not have");
  return PATCH_IMPORT;
}

/* ---- Sections ------------------------------------------------------------ */

static enum patch_error inspect_dylink(inspection *x, cursor c) {
  while (c.p < c.end && !c.failed) {
    uint8_t kind = cursor_byte(&c);
    cursor sub = part(&c, cursor_uleb(&c));
    if (kind == DYLINK_NEEDED && cursor_uleb(&sub) > 0)
      return fail(x, PATCH_IMPORT, "the patch needs other libraries");
    if (kind != DYLINK_MEM_INFO)
      continue;
    x->info->memory_size = cursor_uleb(&sub);
    uint32_t memory_align = cursor_uleb(&sub);
    x->info->table_size = cursor_uleb(&sub);
    uint32_t table_align = cursor_uleb(&sub);
    c.failed |= sub.failed || memory_align > 16 || table_align > 16;
    x->info->memory_align = UINT32_C(1) << (memory_align & 31);
    x->info->table_align = UINT32_C(1) << (table_align & 31);
  }
  if (c.failed)
    return fail(x, PATCH_FORMAT, "the dylink.0 section is malformed");
  if (x->info->memory_size > MAX_MEMORY || x->info->table_size > MAX_TABLE)
    return fail(x, PATCH_TOO_LARGE,
                "the patch asks for too much memory or too many table slots");
  return PATCH_OK;
}

/* The section ends with the hash of all that is before it. */
static bool is_intact(const inspection *x, cursor c) {
  if (c.end - c.p < 8)
    return false;
  uint64_t hash = 0;
  for (int i = 0; i < 8; i++)
    hash |= (uint64_t)c.end[i - 8] << (8 * i);
  return hash == fnv_64(FNV_64, x->bytes, (size_t)(x->section - x->bytes));
}

static enum patch_error inspect_self(inspection *x, cursor c) {
  uint32_t abi = cursor_uleb(&c);
  span_text entry = name(&c);
  if (c.failed)
    return fail(x, PATCH_FORMAT, "the jank.patch section is malformed");
  x->info->own = true;
  if (abi != JANK_PATCH_ABI) {
    buffer_clear(x->why);
    buffer_format(x->why, "the patch has ABI version %u, this runtime has %d",
                  abi, JANK_PATCH_ABI);
    return PATCH_ABI;
  }
  if (!is_intact(x, c))
    return fail(x, PATCH_FORMAT, "the patch is damaged: its hash differs");
  if (is(entry, x->entry))
    return PATCH_OK;
  buffer_clear(x->why);
  buffer_format(x->why, "no such entry: %s; the patch has ", x->entry);
  add_shown(x->why, entry);
  return PATCH_SYMBOL;
}

static enum patch_error inspect_custom(inspection *x, cursor c, bool first) {
  span_text title = name(&c);
  if (c.failed)
    return fail(x, PATCH_FORMAT, "a custom section is malformed");
  if (is(title, "dylink.0") && first) {
    x->has_dylink = true;
    return inspect_dylink(x, c);
  }
  if (is(title, JANK_PATCH_LINES)) {
    x->info->lines = c.p;
    x->info->lines_size = (size_t)(c.end - c.p);
  }
  if (is(title, JANK_PATCH_NATIVE)) {
    x->info->native = c.p;
    x->info->native_size = (size_t)(c.end - c.p);
  }
  return is(title, JANK_PATCH_SECTION) ? inspect_self(x, c) : PATCH_OK;
}

static bool exports(const inspection *x, span_text field, uint8_t wanted) {
  cursor c = x->exports;
  for (uint32_t n = cursor_uleb(&c); n > 0 && !c.failed; n--) {
    span_text text = name(&c);
    uint8_t kind = cursor_byte(&c);
    cursor_uleb(&c);
    if (!c.failed && kind == wanted && text.n == field.n &&
        memcmp(text.text, field.text, field.n) == 0)
      return true;
  }
  return false;
}

static bool runtime_has(span_text field) {
  char text[256];
  if (field.n >= sizeof text || memchr(field.text, 0, field.n))
    return false;
  memcpy(text, field.text, field.n);
  text[field.n] = 0;
  return host_has_function(text);
}

static bool known_import(const inspection *x, span_text module, span_text field,
                         uint8_t kind) {
  if (is(module, "GOT.func"))
    return exports(x, field, KIND_FUNCTION) || runtime_has(field);
  if (is(module, "GOT.mem"))
    return exports(x, field, KIND_GLOBAL);
  if (!is(module, "env"))
    return false;
  switch (kind) {
  case KIND_FUNCTION: /* of C: native.c looks, by name and type */
    return x->info->native || runtime_has(field);
  case KIND_TABLE:
    return is(field, "__indirect_function_table");
  case KIND_MEMORY:
    return is(field, "memory");
  case KIND_GLOBAL:
    return is(field, "__memory_base") || is(field, "__table_base") ||
           is(field, "__stack_pointer");
  case KIND_TAG:
    return x->info->native &&
           (is(field, "__cpp_exception") || is(field, "__c_longjmp"));
  default:
    return false;
  }
}

static void skip_limits(cursor *c) {
  uint8_t flags = cursor_byte(c);
  cursor_uleb(c);
  if (flags & 1)
    cursor_uleb(c);
}

static void skip_import_type(cursor *c, uint8_t kind) {
  if (kind == KIND_FUNCTION) {
    cursor_uleb(c);
  } else if (kind == KIND_TABLE) {
    cursor_byte(c);
    skip_limits(c);
  } else if (kind == KIND_MEMORY) {
    skip_limits(c);
  } else if (kind == KIND_GLOBAL || kind == KIND_TAG) {
    cursor_byte(c);
    cursor_uleb(c);
  } else {
    c->failed = true;
  }
}

static enum patch_error inspect_imports(inspection *x, cursor c) {
  for (uint32_t n = cursor_uleb(&c); n > 0 && !c.failed; n--) {
    span_text module = name(&c), field = name(&c);
    uint8_t kind = cursor_byte(&c);
    skip_import_type(&c, kind);
    if (!c.failed && !known_import(x, module, field, kind))
      return fail_import(x, module, field);
  }
  return c.failed ? fail(x, PATCH_FORMAT, "the import section is malformed")
                  : PATCH_OK;
}

/* ---- The module ---------------------------------------------------------- */

static enum patch_error inspect_entry(inspection *x) {
  if (!x->has_dylink)
    return fail(x, PATCH_FORMAT,
                "not a side module: dylink.0 must be its first section");
  span_text entry = {(const uint8_t *)x->entry, (uint32_t)strlen(x->entry)};
  if (exports(x, entry, KIND_FUNCTION))
    return PATCH_OK;
  buffer_clear(x->why);
  buffer_text(x->why, "the patch exports no function ");
  add_shown(x->why, entry);
  return PATCH_SYMBOL;
}

enum patch_error inspect_patch(const uint8_t *bytes, size_t n,
                               const char *entry, patch_info *info,
                               buffer *why) {
  *info = (patch_info){.memory_align = 1, .table_align = 1};
  inspection x = {.entry = entry, .info = info, .why = why, .bytes = bytes};
  if (n < 8 || memcmp(bytes, "\0asm\1\0\0\0", 8) != 0)
    return fail(&x, PATCH_FORMAT, "not a WebAssembly module");
  cursor c = {bytes + 8, bytes + n, false}, imports = {0};
  bool has_imports = false;
  for (bool first = true; c.p < c.end; first = false) {
    x.section = c.p;
    uint8_t id = cursor_byte(&c);
    cursor section = part(&c, cursor_uleb(&c));
    if (c.failed)
      return fail(&x, PATCH_FORMAT, "the file is truncated or damaged");
    enum patch_error error = PATCH_OK;
    if (id == SECTION_CUSTOM)
      error = inspect_custom(&x, section, first);
    else if (id == SECTION_EXPORT)
      x.exports = section;
    else if (id == SECTION_IMPORT) {
      imports = section;
      has_imports = true;
    }
    if (error != PATCH_OK)
      return error;
  }
  if (info->native && !info->own)
    return fail(&x, PATCH_FORMAT, "the patch is damaged: it has no hash");
  enum patch_error error = inspect_entry(&x);
  /* Last, for an import may be good because the module itself exports it. */
  return error == PATCH_OK && has_imports ? inspect_imports(&x, imports)
                                          : error;
}
