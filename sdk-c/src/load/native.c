/* native.c - functions in C that are replaced: see jank_hot.h.
 *
 * In: the section "jank.native" of a patch, which the linker of the command line
 * made from one object file (sdk-js/src/native/object.ts). It has the file's
 * data and relocations; its code is the module's, with room for addresses.
 *
 *   section -> read -> resolve (what the program has, by name) -> place (data)
 *   -> relocate -> host_native_instantiate -> check_records -> commit
 *
 * Everything has a place for the life of the program, as anything in C may have
 * its address: a variable under its name, a constant once for all that are
 * equal, a function a table slot under its name, which newer code takes over.
 * So edits do not grow the program, except by what is new in them.
 */
#include "load/native.h"
#include "base/buffer.h"
#include "base/fnv.h"
#include "base/grow.h"
#include "base/leb.h"
#include "host/host.h"
#include "jank_hot.h"
#include "load/inspect.h"
#include "load/native_call.h"
#include "load/slots.h"
#include "runtime/fn.h"
#include "runtime/var.h"
#include "value/arity.h"
#include "value/call.h"
#include "value/string.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1 };
enum target_kind { TO_SEGMENT, TO_FUNCTION, TO_EXTERN };
enum encoding { AS_ULEB5, AS_SLEB5, AS_I32 };
enum { SEGMENT_CONSTRUCTED = 1, SEGMENT_ZERO = 2 };

#define MAX_ITEMS 65536
#define MAX_SEGMENT (UINT32_C(16) << 20)

/* ---- What the program has, by name --------------------------------------- */

typedef struct node {
  struct node *next;
  const char *key; /* of a symbol; NULL: a constant */
  void *address;   /* of a function: its table slot */
  uint32_t size;   /* 0: a function */
  uint32_t align;
  uint64_t hash;
} node;

typedef struct {
  node **buckets;
  size_t mask, count;
} table;

static table symbols, constants;

static const struct jank_hot_function **hot;
static uint32_t hot_count;
static size_t hot_capacity;

static bool table_reserve(table *t, size_t more) {
  size_t needed = 2 * (t->count + more), size = t->mask + 1;
  if (t->buckets && needed <= size)
    return true;
  for (size = t->buckets ? size : 64; size < needed;)
    size *= 2;
  node **grown = calloc(size, sizeof(*grown));
  if (!grown)
    return false;
  for (size_t i = 0; t->buckets && i <= t->mask; i++)
    for (node *n = t->buckets[i], *next; n; n = next) {
      next = n->next;
      n->next = grown[n->hash & (size - 1)];
      grown[n->hash & (size - 1)] = n;
    }
  free(t->buckets);
  t->buckets = grown;
  t->mask = size - 1;
  return true;
}

/* The table has room. */
static void table_add(table *t, node *n) {
  n->next = t->buckets[n->hash & t->mask];
  t->buckets[n->hash & t->mask] = n;
  t->count++;
}

static node *find_symbol(const char *key) {
  uint64_t h = fnv_64(FNV_64, key, strlen(key));
  node *n = symbols.buckets ? symbols.buckets[h & symbols.mask] : NULL;
  while (n && (n->hash != h || strcmp(n->key, key) != 0))
    n = n->next;
  return n;
}

static node *find_constant(const uint8_t *bytes, uint32_t size, uint32_t align,
                           uint64_t h) {
  node *n = constants.buckets ? constants.buckets[h & constants.mask] : NULL;
  while (n && (n->hash != h || n->size != size || n->align < align ||
               memcmp(n->address, bytes, size) != 0))
    n = n->next;
  return n;
}

/* A program's own table stays; called before anything can throw. */
void jank_native_register(const struct jank_native_symbol *list,
                          uint32_t count) {
  node *nodes = calloc(count ? count : 1, sizeof *nodes);
  if (!nodes || !table_reserve(&symbols, count))
    return free(nodes);
  for (uint32_t i = 0; i < count; i++) {
    nodes[i].key = list[i].key;
    nodes[i].address = list[i].address;
    nodes[i].size = list[i].size;
    nodes[i].hash = fnv_64(FNV_64, list[i].key, strlen(list[i].key));
    table_add(&symbols, &nodes[i]);
  }
}

static bool hot_reserve(uint32_t more) {
  const struct jank_hot_function **grown =
      grow_try(hot, &hot_capacity, hot_count + more, sizeof *grown);
  if (!grown)
    return false;
  hot = grown;
  return true;
}

void jank_hot_register(const struct jank_hot_function *function) {
  if (hot_reserve(1))
    hot[hot_count++] = function;
}

/* Functions are told apart by the variable that callers call through. */
static uint32_t hot_index(const struct jank_hot_function *record) {
  uint32_t i = 0;
  while (i < hot_count && hot[i]->pointer != record->pointer)
    i++;
  return i;
}

/* ---- A patch in the making ----------------------------------------------- */

typedef struct {
  uint32_t offset;
  int32_t addend;
  uint32_t index;
  uint8_t kind, encoding;
} relocation;

typedef struct {
  const uint8_t *bytes; /* in the section; NULL: zeros */
  uint8_t *copy;        /* of a constant, while its place is not known */
  uint8_t *place;
  node *fresh; /* not in a table yet */
  const relocation *relocations;
  uint32_t relocation_count, size, align;
  bool constructed;
} segment;

typedef struct {
  uint32_t slot;
  node *fresh;
} function;

struct native_patch {
  uint8_t *bytes; /* the module */
  size_t size;
  buffer *why;
  uint32_t *imports; /* slots; 0: a function of the runtime */
  function *functions;
  uintptr_t *externs;
  segment *segments;
  relocation *relocations; /* of all segments, then of the code */
  const relocation *code;
  const struct jank_hot_function **records;
  uint32_t *indices; /* of the records, in `hot` */
  uint32_t import_count, function_count, extern_count, segment_count,
      relocation_count, code_count, record_count;
};

static int32_t sleb(cursor *c) {
  uint32_t zigzag = cursor_uleb(c);
  return (int32_t)(zigzag >> 1) ^ -(int32_t)(zigzag & 1);
}

static const uint8_t *take(cursor *c, uint32_t n) {
  const uint8_t *p = c->p;
  if (n > (size_t)(c->end - c->p)) {
    c->failed = true;
    return p;
  }
  c->p += n;
  return p;
}

/* How many items follow; each takes a byte at least. */
static uint32_t counted(cursor *c) {
  uint32_t n = cursor_uleb(c);
  c->failed |= n > MAX_ITEMS || n > (size_t)(c->end - c->p);
  return c->failed ? 0 : n;
}

/* Names are NUL-terminated in the section, so that they need no copy. */
static const char *name(cursor *c) {
  uint32_t n = cursor_uleb(c);
  const char *text = (const char *)take(c, n);
  c->failed |= c->failed || n == 0 || memchr(text, 0, n) != text + n - 1;
  return c->failed ? "" : text;
}

static enum patch_error fail(native_patch *p, enum patch_error code,
                             const char *reason) {
  buffer_clear(p->why);
  buffer_text(p->why, reason);
  return code;
}

static enum patch_error fail_memory(native_patch *p) {
  return fail(p, PATCH_TOO_LARGE, "out of memory");
}

static enum patch_error fail_format(native_patch *p) {
  return fail(p, PATCH_FORMAT, "the jank.native section is malformed");
}

/* ---- Reading and resolving ----------------------------------------------- */

/* "other(id)i" without its type. */
static int plain(const char *key) { return (int)strcspn(key, "("); }

static enum patch_error fail_missing(native_patch *p, const char *key) {
  buffer_clear(p->why);
  bool is_function = strchr(key, '(') != NULL;
  buffer_format(p->why,
                "the patch uses the %s %.*s, which the running program does "
                "not have%s: use it in the program once, and bundle it again",
                is_function ? "function" : "variable", plain(key), key,
                is_function ? " (with this signature)" : "");
  return PATCH_IMPORT;
}

static bool runtime_has(const char *key) {
  char text[256];
  int n = plain(key);
  if ((size_t)n >= sizeof text)
    return false;
  memcpy(text, key, (size_t)n);
  text[n] = 0;
  return host_has_function(text);
}

static enum patch_error read_imports(native_patch *p, cursor *c) {
  p->import_count = counted(c);
  p->imports = calloc(p->import_count + 1, sizeof *p->imports);
  if (!p->imports)
    return fail_memory(p);
  for (uint32_t i = 0; i < p->import_count; i++) {
    const char *key = name(c);
    if (c->failed)
      return fail_format(p);
    const node *n = find_symbol(key);
    if (n && !n->size)
      p->imports[i] = (uint32_t)(uintptr_t)n->address;
    else if (!runtime_has(key))
      return fail_missing(p, key);
  }
  return PATCH_OK;
}

static node *fresh_node(const char *key) {
  node *n = calloc(1, sizeof *n);
  size_t size = key ? strlen(key) + 1 : 0;
  char *copy = key && n ? malloc(size) : NULL;
  if (!n || (key && !copy)) {
    free(n);
    return NULL;
  }
  if (copy) {
    memcpy(copy, key, size);
    n->hash = fnv_64(FNV_64, copy, size - 1);
  }
  n->key = copy;
  return n;
}

static enum patch_error read_functions(native_patch *p, cursor *c) {
  p->function_count = counted(c);
  p->functions = calloc(p->function_count + 1, sizeof *p->functions);
  if (!p->functions)
    return fail_memory(p);
  for (uint32_t i = 0; i < p->function_count; i++) {
    const char *key = name(c);
    if (c->failed)
      return fail_format(p);
    const node *n = find_symbol(key);
    if (n && !n->size) {
      p->functions[i].slot = (uint32_t)(uintptr_t)n->address;
      continue;
    }
    uint32_t slot = slots_take(1);
    if (!slot)
      return fail(p, PATCH_TOO_LARGE, "the function table cannot grow");
    p->functions[i].slot = slot;
    node *fresh = p->functions[i].fresh = fresh_node(key);
    if (!fresh) {
      slots_free(slot, 1);
      return fail_memory(p);
    }
    fresh->address = (void *)(uintptr_t)slot;
  }
  return PATCH_OK;
}

static enum patch_error read_externs(native_patch *p, cursor *c) {
  p->extern_count = counted(c);
  p->externs = calloc(p->extern_count + 1, sizeof *p->externs);
  if (!p->externs)
    return fail_memory(p);
  for (uint32_t i = 0; i < p->extern_count; i++) {
    const char *key = name(c);
    if (c->failed)
      return fail_format(p);
    const node *n = find_symbol(key);
    if (!n)
      return fail_missing(p, key);
    p->externs[i] = (uintptr_t)n->address;
  }
  return PATCH_OK;
}

/* ---- Data ---------------------------------------------------------------- */

static bool read_relocations(native_patch *p, cursor *c, uint32_t limit,
                             bool is_code, uint32_t *count) {
  *count = counted(c);
  relocation *grown =
      realloc(p->relocations,
              (p->relocation_count + *count + 1) * sizeof *p->relocations);
  if (!grown) {
    c->failed = true;
    return false;
  }
  p->relocations = grown;
  for (uint32_t i = 0; i < *count && !c->failed; i++) {
    relocation *r = &grown[p->relocation_count++];
    r->offset = cursor_uleb(c);
    uint32_t what = cursor_uleb(c);
    r->kind = what & 3;
    r->encoding = (uint8_t)(what >> 2 & 3);
    r->index = cursor_uleb(c);
    r->addend = sleb(c);
    uint32_t width = r->encoding == AS_I32 ? 4 : 5;
    c->failed |= what > 15 || r->kind > TO_EXTERN || r->encoding > AS_I32 ||
                 r->offset > limit || limit - r->offset < width ||
                 (r->encoding == AS_I32) == is_code;
  }
  return !c->failed;
}

static bool target_is_good(const native_patch *p, const relocation *r) {
  return r->index < (r->kind == TO_SEGMENT    ? p->segment_count
                     : r->kind == TO_FUNCTION ? p->function_count
                                              : p->extern_count);
}

static enum patch_error fail_size(native_patch *p, const char *key,
                                  uint32_t was, uint32_t is) {
  const char *local = strchr(key, ':');
  buffer_clear(p->why);
  buffer_format(p->why,
                "the variable %s has %u bytes in the running program, and %u "
                "in the patch: its value would be lost; give it another name, "
                "or bundle the program again",
                local ? local + 1 : key, was, is);
  return PATCH_SYMBOL;
}

static uint8_t *new_place(const segment *s) {
  size_t align = s->align > 16 ? s->align : 16;
  return aligned_alloc(align, (s->size + align) & ~(align - 1));
}

static void write_initial(const segment *s, uint8_t *to) {
  if (s->bytes)
    memcpy(to, s->bytes, s->size);
  else
    memset(to, 0, s->size);
}

/* A variable: the program's, or one of its own from now on. */
static enum patch_error place_variable(native_patch *p, segment *s,
                                       const char *key) {
  const node *n = find_symbol(key);
  if (n && n->size != s->size)
    return fail_size(p, key, n->size, s->size);
  if (n) {
    s->place = n->address;
    return PATCH_OK;
  }
  if (s->constructed) {
    buffer_clear(p->why);
    buffer_format(p->why,
                  "the new variable %s has a constructor, which a patch does "
                  "not run: bundle the program again",
                  key);
    return PATCH_SYMBOL;
  }
  s->fresh = fresh_node(key);
  s->place = s->fresh ? new_place(s) : NULL;
  if (!s->place)
    return fail_memory(p);
  s->fresh->address = s->place;
  s->fresh->size = s->size;
  return PATCH_OK;
}

/* A variable, or "=": a constant. */
static enum patch_error read_segment(native_patch *p, cursor *c, segment *s) {
  const char *key = name(c);
  uint32_t flags = cursor_uleb(c), align = cursor_uleb(c);
  s->size = cursor_uleb(c);
  s->constructed = flags & SEGMENT_CONSTRUCTED;
  if (c->failed || align > 12 || s->size == 0 || s->size > MAX_SEGMENT)
    return fail_format(p);
  s->align = UINT32_C(1) << align;
  if (!(flags & SEGMENT_ZERO))
    s->bytes = take(c, s->size);
  if (!read_relocations(p, c, s->size, false, &s->relocation_count))
    return fail_format(p);
  if (strcmp(key, "=") != 0)
    return place_variable(p, s, key);
  s->fresh = fresh_node(NULL);
  s->copy = s->fresh ? new_place(s) : NULL;
  if (!s->copy)
    return fail_memory(p);
  write_initial(s, s->copy);
  return PATCH_OK;
}

static enum patch_error read_segments(native_patch *p, cursor *c) {
  p->segment_count = counted(c);
  p->segments = calloc(p->segment_count + 1, sizeof *p->segments);
  if (!p->segments)
    return fail_memory(p);
  for (uint32_t i = 0; i < p->segment_count; i++) {
    enum patch_error error = read_segment(p, c, &p->segments[i]);
    if (error)
      return error;
  }
  return PATCH_OK;
}

/* Where each segment's relocations are, now that their array does not move. */
static bool link_relocations(native_patch *p) {
  const relocation *at = p->relocations;
  for (uint32_t i = 0; i < p->segment_count; i++) {
    p->segments[i].relocations = at;
    at += p->segments[i].relocation_count;
  }
  p->code = at;
  for (uint32_t i = 0; i < p->relocation_count; i++)
    if (!target_is_good(p, &p->relocations[i]))
      return false;
  return true;
}

/* ---- Relocating ---------------------------------------------------------- */

static uint32_t value_of(const native_patch *p, const relocation *r) {
  uintptr_t base = r->kind == TO_SEGMENT
                       ? (uintptr_t)p->segments[r->index].place
                   : r->kind == TO_FUNCTION ? p->functions[r->index].slot
                                            : p->externs[r->index];
  return (uint32_t)base + (uint32_t)r->addend;
}

static void write_i32(uint8_t *at, uint32_t value) {
  for (int i = 0; i < 4; i++)
    at[i] = (uint8_t)(value >> (8 * i));
}

/* Five bytes, whatever the value: the code was compiled with room for them. */
static void write_leb5(uint8_t *at, uint32_t value, bool is_signed) {
  int64_t rest = is_signed ? (int32_t)value : (int64_t)value;
  for (int i = 0; i < 4; i++, rest >>= 7)
    at[i] = (uint8_t)((rest & 0x7f) | 0x80);
  at[4] = (uint8_t)(rest & 0x7f);
}

static void relocate_data(const native_patch *p, const segment *s,
                          uint8_t *data) {
  for (uint32_t i = 0; i < s->relocation_count; i++)
    write_i32(data + s->relocations[i].offset, value_of(p, &s->relocations[i]));
}

static void relocate_code(const native_patch *p) {
  for (uint32_t i = 0; i < p->code_count; i++) {
    const relocation *r = &p->code[i];
    write_leb5(p->bytes + r->offset, value_of(p, r), r->encoding == AS_SLEB5);
  }
}

/* Have all constants and variables that it refers to a place? */
static bool is_ready(const native_patch *p, const segment *s) {
  for (uint32_t i = 0; i < s->relocation_count; i++)
    if (s->relocations[i].kind == TO_SEGMENT &&
        !p->segments[s->relocations[i].index].place)
      return false;
  return true;
}

/* A constant that was there before, or this one from now on. */
static void place_constant(segment *s) {
  uint64_t h = fnv_64(FNV_64, s->copy, s->size);
  const node *same = find_constant(s->copy, s->size, s->align, h);
  if (same) {
    s->place = same->address;
    return;
  }
  s->place = s->copy;
  s->fresh->address = s->copy;
  s->fresh->size = s->size;
  s->fresh->align = s->align;
  s->fresh->hash = h;
}

/* Those that refer to others come after them; of a circle, one is placed
 * without looking for an equal. */
static void place_constants(native_patch *p) {
  for (;;) {
    segment *waiting = NULL;
    bool progress = false;
    for (uint32_t i = 0; i < p->segment_count; i++) {
      segment *s = &p->segments[i];
      if (s->place)
        continue;
      if (!is_ready(p, s)) {
        waiting = s;
        continue;
      }
      relocate_data(p, s, s->copy);
      place_constant(s);
      progress = true;
    }
    if (!waiting)
      return;
    if (!progress)
      waiting->place = waiting->copy;
  }
}

/* New variables get their initial values, and the rest of a circle its targets.
 * Variables of the program are left alone. */
static void fill(native_patch *p) {
  for (uint32_t i = 0; i < p->segment_count; i++) {
    segment *s = &p->segments[i];
    if (s->copy && s->place == s->copy && !s->fresh->address) {
      relocate_data(p, s, s->copy);
      s->fresh->address = s->copy;
      s->fresh->size = s->size;
      s->fresh->align = s->align;
      s->fresh->hash = fnv_64(FNV_64, s->copy, s->size);
    } else if (!s->copy && s->fresh) {
      write_initial(s, s->place);
      relocate_data(p, s, s->place);
    }
  }
}

/* ---- Records ------------------------------------------------------------- */

/* Whether it is a variable of a pointer's size that the patch refers to. */
static bool is_pointer(const native_patch *p, const void *address) {
  for (uint32_t i = 0; i < p->segment_count; i++)
    if (p->segments[i].place == address &&
        p->segments[i].size == sizeof(uint32_t) &&
        (uintptr_t)address % sizeof(uint32_t) == 0)
      return true;
  return false;
}

static bool is_text(const native_patch *p, const char *text) {
  for (uint32_t i = 0; i < p->segment_count; i++) {
    const segment *s = &p->segments[i];
    uintptr_t at = (uintptr_t)text - (uintptr_t)s->place;
    if (s->place && at < s->size && memchr(text, 0, s->size - at))
      return true;
  }
  return false;
}

/* Types that jank does not know are compared by their text. */
static bool same_signature(const struct jank_hot_function *a,
                           const struct jank_hot_function *b) {
  bool is_known = true;
  if (strlen(a->kinds) != strlen(b->kinds))
    return false;
  for (int i = 0; a->kinds[i]; i++) {
    if (native_call_kind(a, i) != native_call_kind(b, i))
      return false;
    is_known &= native_call_kind(a, i) != 'x';
  }
  return is_known || strcmp(a->text, b->text) == 0;
}

static enum patch_error check_record(native_patch *p,
                                     const struct jank_hot_function *record) {
  if (!is_text(p, record->name) || !is_text(p, record->kinds) ||
      !is_text(p, record->text) || !is_text(p, record->file) ||
      !record->name[0] || !record->kinds[0] ||
      !is_pointer(p, record->pointer) ||
      strlen(record->kinds) > JANK_MAX_ARITY + 1)
    return fail(p, PATCH_SYMBOL, "a function of the patch has no name");
  uint32_t i = hot_index(record);
  if (i == hot_count || same_signature(hot[i], record))
    return PATCH_OK;
  buffer_clear(p->why);
  buffer_format(p->why,
                "the signature of %s changed, and its callers in the program "
                "are compiled for the old one: it was `%s`, now it is `%s`; "
                "give the new one another name, or bundle the program again",
                record->name, hot[i]->text, record->text);
  return PATCH_SYMBOL;
}

static enum patch_error read_records(native_patch *p, cursor *c) {
  p->record_count = counted(c);
  p->records = calloc(p->record_count + 1, sizeof *p->records);
  p->indices = calloc(p->record_count + 1, sizeof *p->indices);
  if (!p->records || !p->indices)
    return fail_memory(p);
  uint32_t next = hot_count;
  for (uint32_t i = 0; i < p->record_count; i++) {
    uint32_t number = cursor_uleb(c), offset = cursor_uleb(c);
    const segment *s = number < p->segment_count ? &p->segments[number] : NULL;
    if (c->failed || !s || offset % sizeof(void *) || offset > s->size ||
        s->size - offset < sizeof *p->records[i] ||
        (uintptr_t)s->place % sizeof(void *))
      return fail_format(p);
    p->records[i] = (const void *)(s->place + offset);
    enum patch_error error = check_record(p, p->records[i]);
    if (error)
      return error;
    uint32_t index = hot_index(p->records[i]);
    p->indices[i] = index < hot_count ? index : next++;
  }
  return hot_reserve(p->record_count) ? PATCH_OK : fail_memory(p);
}

/* ---- The path ------------------------------------------------------------ */

static enum patch_error read_section(native_patch *p, cursor *c) {
  if (cursor_uleb(c) != FORMAT || c->failed)
    return fail(p, PATCH_ABI, "the patch is of another version of jank-hot");
  enum patch_error error = read_imports(p, c);
  if (!error)
    error = read_functions(p, c);
  if (!error)
    error = read_externs(p, c);
  if (!error)
    error = read_segments(p, c);
  if (error)
    return error;
  if (!read_relocations(p, c, (uint32_t)p->size, true, &p->code_count) ||
      !link_relocations(p))
    return fail_format(p);
  return PATCH_OK;
}

static enum patch_error instantiate(native_patch *p) {
  char reason[256] = "";
  int status =
      host_native_instantiate(p->bytes, p->size, p->imports, p->import_count,
                              p->function_count, reason, sizeof reason);
  return status ? fail(p, PATCH_INSTANTIATE, reason) : PATCH_OK;
}

enum patch_error native_prepare(uint8_t *bytes, size_t size,
                                const patch_info *info, native_patch **result,
                                buffer *why) {
  native_patch *p = *result = calloc(1, sizeof *p);
  if (!p)
    throw_out_of_memory();
  *p = (native_patch){.bytes = bytes, .size = size, .why = why};
  cursor c = {info->native, info->native + info->native_size, false};
  enum patch_error error = read_section(p, &c);
  if (error)
    return error;
  if (!table_reserve(&symbols, p->segment_count + p->function_count) ||
      !table_reserve(&constants, p->segment_count))
    return fail_memory(p);
  place_constants(p);
  fill(p);
  error = read_records(p, &c);
  if (error)
    return error;
  relocate_code(p);
  return instantiate(p);
}

static void commit_segment(segment *s) {
  if (s->fresh && s->fresh->address) {
    table_add(s->fresh->key ? &symbols : &constants, s->fresh);
    s->fresh = NULL;
    s->copy = NULL;
  }
}

void native_commit(native_patch *p) {
  for (uint32_t i = 0; i < p->segment_count; i++)
    commit_segment(&p->segments[i]);
  for (uint32_t i = 0; i < p->function_count; i++) {
    host_native_bind(i, p->functions[i].slot);
    if (p->functions[i].fresh)
      table_add(&symbols, p->functions[i].fresh);
    p->functions[i].fresh = NULL;
  }
  for (uint32_t i = 0; i < p->record_count; i++) {
    hot[p->indices[i]] = p->records[i];
    if (p->indices[i] == hot_count)
      hot_count++;
  }
}

static void free_node(node *n) {
  if (n)
    free((char *)(uintptr_t)n->key);
  free(n);
}

void native_discard(native_patch *p) {
  if (!p)
    return;
  for (uint32_t i = 0; p->segments && i < p->segment_count; i++) {
    segment *s = &p->segments[i];
    if (s->fresh && s->fresh->key)
      free(s->place);
    free(s->copy);
    free_node(s->fresh);
  }
  for (uint32_t i = 0; p->functions && i < p->function_count; i++)
    if (p->functions[i].fresh) {
      slots_free(p->functions[i].slot, 1);
      free_node(p->functions[i].fresh);
    }
  free(p->imports);
  free(p->functions);
  free(p->externs);
  free(p->segments);
  free(p->relocations);
  free(p->records);
  free(p->indices);
  free(p);
}

/* ---- Vars ---------------------------------------------------------------- */

/* A function of jank that calls it. */
static O native(O self, int argc, O *args) {
  O index = ((fn_object *)self)->captures[0];
  return native_call(hot[fixnum_value(index)], argc, args);
}

#define X(n) STUB(native, n)
COUNTS(X)
#undef X
static void *const native_stubs[] = {
#define X(n) (void *)native_##n,
    COUNTS(X)
#undef X
};

static fn_object *make_fn(string_object *name, int argc, uint32_t index) {
  code_object *code = fn_code_make(name, JANK_NIL);
  code->entries[argc] = native_stubs[argc];
  fn_object *f = fn_make(code, 1);
  f->captures[0] = fixnum(index);
  return f;
}

static O bind_var(const struct jank_hot_function *f, uint32_t index) {
  var_object *var = (var_object *)jank_var_intern_c("c", f->name);
  char qualified[256];
  snprintf(qualified, sizeof qualified, "c/%s", f->name);
  string_object *title = string_make(qualified, strlen(qualified));
  var_set_root(var, &make_fn(title, native_call_arity(f), index)->header);
  jank_var_reset_meta(&var->header, native_call_meta(f));
  return &var->header;
}

O native_bind(const native_patch *p) {
  O last = JANK_NIL;
  for (uint32_t i = 0; i < p->record_count; i++) {
    uint32_t index = hot_index(p->records[i]);
    if (index == hot_count)
      hot[hot_count++] = p->records[i];
    last = bind_var(p->records[i], index);
  }
  return last;
}

void native_init(void) {
  for (uint32_t i = 0; i < hot_count; i++)
    bind_var(hot[i], i);
}
