/* patch.c - the loader: a patch file becomes new roots of vars.
 *
 * jank_hot_reload_load_patch(path, entry)
 *   read_file -> inspect_patch -> instantiate (own loader or dlopen)
 *   -> jank_patch_open, for other formats the entry: the constants, and a table
 *   of what is defined -> check_record -> bind -> init runs the forms -> commit
 * Any failure rolls every var back and frees what the patch took; the code
 * that was running goes on.
 *
 * A patch that was compiled from C goes another way after its inspection:
 * native.c.
 *
 * Ownership. A PATCH object owns its data, table slots and path. Code objects
 * refer to it; when none is left that can be called, a weak collection frees
 * it. Patches that a C toolchain built go through dlopen and stay for ever.
 */
#include "load/patch.h"
#include "base/buffer.h"
#include "base/grow.h"
#include "base/trace.h"
#include "collection/array.h"
#include "host/host.h"
#include "load/inspect.h"
#include "load/native.h"
#include "load/pool.h"
#include "load/slots.h"
#include "runtime/binding.h"
#include "runtime/fn.h"
#include "runtime/journal.h"
#include "runtime/ns.h"
#include "runtime/print.h"
#include "runtime/report.h"
#include "runtime/session.h"
#include "runtime/stack.h"
#include "runtime/var.h"
#include "value/call.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/throw.h"
#include "value/word.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __EMSCRIPTEN__
#include <dlfcn.h>
#endif

#define MAX_RECORDS 65536
/* Loads, whatever became of them, between two collections that look for
 * superseded patches. */
#define COLLECT_EVERY 256

typedef struct {
  jank_object header;
  O *words; /* in `data`, or the patch's own statics */
  uint32_t word_count;
  uint32_t table_first, table_count; /* 0: none of its own */
  uint8_t *data;                     /* NULL: not ours to free */
  size_t data_size;
  char *path;
  uint8_t *lines; /* of its code: see jank_patch.h */
  size_t lines_size;
} patch_object;

/* One load in progress; they nest when a form loads a patch. */
typedef struct load {
  struct load *outer;
  const char *path, *entry_name;
  uint8_t *bytes;
  size_t size;
  patch_info info;
  patch_object *patch;
  uintptr_t entry; /* function to call for the table; 0: our own format */
  struct patch_symbol *records;
  struct patch_symbol *opened; /* the records, when jank_patch_open made them */
  int record_count;
  O definitions; /* of a linked pool: array, or nil */
  O self;        /* of init */
  O value;
  native_patch *native; /* of C, until it is committed */
  bool silent;          /* its value is not asked for as text */
  enum patch_error code;
  buffer why;
} load;

static load *current;
static patch_object *failed;   /* while its error is told */
static patch_object **patches; /* every live one */
static size_t patch_count, patch_capacity;
static unsigned loads, failures, bound_symbols, reclaimed;
static buffer last_error, last_value, last_ns, stats;

/* ---- Patch objects ------------------------------------------------------- */

/* What loads hold in malloc'ed or static memory; and the patches themselves, unless
 * they are weak for now. */
static void mark_patches(void) {
  for (load *l = current; l; l = l->outer) {
    gc_mark_root((O)l->patch);
    gc_mark_root(l->definitions);
    gc_mark_root(l->self);
    gc_mark_root(l->value);
  }
  if (!gc_patches_weak)
    for (size_t i = 0; i < patch_count; i++)
      gc_mark(&patches[i]->header);
}

void patch_trace(O o) {
  patch_object *p = (patch_object *)o;
  for (uint32_t i = 0; i < p->word_count; i++)
    gc_mark(p->words[i]);
}

void patch_finalize(O o) {
  patch_object *p = (patch_object *)o;
  for (size_t i = 0; i < patch_count; i++)
    if (patches[i] == p)
      patches[i] = patches[--patch_count];
  TRACE(LOAD, "freed %s: %zu bytes, %u table slots", p->path ? p->path : "?",
        p->data_size, p->table_count);
  slots_free(p->table_first, p->table_count);
  free(p->data);
  free(p->path);
  free(p->lines);
  reclaimed++;
}

static patch_object *patch_make(void) {
  static bool registered;
  if (!registered)
    gc_add_marker(mark_patches);
  registered = true;
  patches = grow(patches, &patch_capacity, patch_count + 1, sizeof *patches);
  patch_object *p = gc_alloc(JANK_TYPE_PATCH, sizeof *p);
  patches[patch_count++] = p;
  return p;
}

/* Superseded patches are found by a collection in which patches live only
 * through functions. A compiled frame keeps its own function on the stack, a
 * function its code, and code its patch: so code that is running, or can be
 * called, is not freed. Slots and data go with the patch. It is a major
 * collection, which is why not each load has one. */
static void collect_superseded(void) {
  static unsigned attempts;
  if (++attempts % COLLECT_EVERY)
    return;
  gc_patches_weak = true;
  jank_collect_garbage();
  gc_patches_weak = false;
}

/* ---- Refusal ------------------------------------------------------------- */

static _Noreturn void refuse(load *l, enum patch_error code) {
  l->code = code;
  error_throw("PatchException", "%s", buffer_cstring(&l->why));
}

static _Noreturn void refuse_text(load *l, enum patch_error code,
                                  const char *reason) {
  buffer_clear(&l->why);
  buffer_text(&l->why, reason);
  refuse(l, code);
}

/* ---- Bytes --------------------------------------------------------------- */

static void read_file(load *l) {
  FILE *file = fopen(l->path, "rb");
  if (!file) {
    buffer_format(&l->why, "cannot read the patch file %.200s", l->path);
    refuse(l, PATCH_FILE);
  }
  long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  bool fits = size >= 0 && size <= (long)JANK_PATCH_MAX_SIZE;
  l->bytes = fits ? malloc((size_t)size + 1) : NULL;
  rewind(file);
  l->size = l->bytes ? fread(l->bytes, 1, (size_t)size, file) : 0;
  fclose(file);
  if (size > (long)JANK_PATCH_MAX_SIZE)
    refuse_text(l, PATCH_TOO_LARGE, "the patch is larger than 4 MiB");
  if (!l->bytes)
    refuse_text(l, PATCH_FILE, "cannot read the patch file");
}

static void inspect(load *l) {
  enum patch_error code =
      inspect_patch(l->bytes, l->size, l->entry_name, &l->info, &l->why);
  if (code != PATCH_OK)
    refuse(l, code);
}

/* ---- Instantiation ------------------------------------------------------- */

static void reserve(load *l) {
  patch_object *p = l->patch;
  size_t align = l->info.memory_align > 16 ? l->info.memory_align : 16;
  p->data_size = (l->info.memory_size + align) & ~(align - 1);
  p->data = aligned_alloc(align, p->data_size);
  if (!p->data)
    refuse_text(l, PATCH_TOO_LARGE, "no memory for the patch's data");
  memset(p->data, 0, p->data_size);
  p->table_first = slots_take(l->info.table_size);
  p->table_count = l->info.table_size;
  if (p->table_count && !p->table_first)
    refuse_text(l, PATCH_TOO_LARGE, "the function table cannot grow");
}

/* Without them, stacks have no lines; the patch is as good. */
static void keep_lines(load *l) {
  uint8_t *lines = malloc(l->info.lines_size + 1);
  if (!lines || !l->info.lines)
    return free(lines);
  memcpy(lines, l->info.lines, l->info.lines_size);
  l->patch->lines = lines;
  l->patch->lines_size = l->info.lines_size;
}

static void instantiate_own(load *l) {
  char reason[256] = "";
  reserve(l);
  keep_lines(l);
  int status =
      host_patch_instantiate(l->bytes, l->size, (uintptr_t)l->patch->data,
                             l->patch->table_first, reason, sizeof reason);
  if (status)
    refuse_text(l, (enum patch_error)status, reason);
}

#ifdef __EMSCRIPTEN__
static bool was_loaded(const char *path) {
  for (size_t i = 0; i < patch_count; i++)
    if (patches[i]->path && !patches[i]->data &&
        strcmp(patches[i]->path, path) == 0)
      return true;
  return false;
}

/* A side module of any C or C++ toolchain, as the original's patches. */
static void instantiate_foreign(load *l) {
  if (was_loaded(l->path))
    refuse_text(l, PATCH_DUPLICATE,
                "a module of this path was loaded before: use a new path");
  void *handle = dlopen(l->path, RTLD_NOW | RTLD_LOCAL);
  void *entry = handle ? dlsym(handle, l->entry_name) : NULL;
  if (!entry) {
    const char *reason = dlerror();
    refuse_text(l, PATCH_INSTANTIATE, reason ? reason : "dlopen failed");
  }
  l->entry = (uintptr_t)entry;
}
#else
static void instantiate_foreign(load *l) {
  refuse_text(l, PATCH_FORMAT, "not a patch of this compiler");
}
#endif

/* ---- The entry ----------------------------------------------------------- */

/* Calls code of the patch. A trap unwinds the engine's stack past our handlers, so they
 * and the thread bindings are put back to what they were here. */
static uintptr_t call_guarded(load *l, uintptr_t function, uintptr_t argument) {
  char trap[256] = "";
  void *handlers = throw_handlers();
  O frames = binding_frames();
  uintptr_t result = host_call(function, argument, trap, sizeof trap);
  if (!trap[0])
    return result;
  throw_set_handlers(handlers);
  binding_unwind(frames);
  refuse_text(l, PATCH_THREW, trap);
}

static bool inside(const load *l, const void *start, size_t size) {
  const patch_object *p = l->patch;
  if (!p->data)
    return start != NULL; /* a foreign module's own memory */
  uintptr_t base = (uintptr_t)p->data, at = (uintptr_t)start;
  return at >= base && at - base <= p->data_size &&
         size <= p->data_size - (at - base);
}

static bool is_text(const load *l, const char *text) {
  if (!inside(l, text, 1))
    return false;
  if (!l->patch->data)
    return true;
  size_t left = (size_t)((char *)l->patch->data + l->patch->data_size - text);
  return memchr(text, 0, left) != NULL;
}

/* The words are zeroed first: the patch is a root from here on, while they are filled
 * one by one. */
static void resolve(load *l, const uint8_t *pool, size_t size,
                    const pool_target *target, bool has_definitions) {
  uint32_t n = pool_count(pool, size);
  if (!inside(l, pool, size) || !inside(l, target->words, n * sizeof(O)))
    refuse_text(l, PATCH_SYMBOL, "the patch's constants are out of its memory");
  memset(target->words, 0, n * sizeof(O));
  l->patch->words = target->words;
  l->patch->word_count = n;
  l->definitions = pool_decode(pool, size, target, has_definitions);
}

void jank_patch_link(const uint8_t *pool, size_t size, O *words,
                     void *const *functions, uint32_t function_count) {
  load *l = current;
  if (!l)
    error_throw("IllegalStateException", "no patch is being loaded");
  pool_target target = {.patch = &l->patch->header,
                        .words = words,
                        .functions = functions,
                        .function_count = function_count};
  resolve(l, pool, size, &target, true);
}

static bool within(const load *l, const uint8_t *base, uint32_t offset,
                   uint64_t size) {
  return size <= UINT32_MAX && inside(l, base + offset, (size_t)size) &&
         (!l->patch->data || offset <= l->patch->data_size);
}

static void check_header(load *l, const struct jank_patch_header *h) {
  const uint8_t *base = (const uint8_t *)h;
  if (!inside(l, h, sizeof *h) || !within(l, base, h->pool, h->pool_size) ||
      !within(l, base, h->limit, sizeof(uint32_t)) ||
      h->record_count > MAX_RECORDS || h->limit % 4 || h->words % sizeof(O) ||
      h->records % 4 ||
      !within(l, base, h->records,
              (uint64_t)h->record_count * sizeof(struct jank_patch_record)))
    refuse_text(l, PATCH_SYMBOL, "the patch's table of symbols is malformed");
}

/* The table as pointers. "meta" keeps its number, others are functions. */
static void open_records(load *l, const char *base,
                         const struct jank_patch_header *h,
                         uintptr_t table_base) {
  const struct jank_patch_record *records =
      (const struct jank_patch_record *)(const void *)(base + h->records);
  l->opened = calloc(h->record_count + 1, sizeof *l->opened);
  if (!l->opened)
    refuse_text(l, PATCH_TOO_LARGE, "out of memory");
  for (uint32_t i = 0; i < h->record_count; i++) {
    struct patch_symbol *s = &l->opened[i];
    s->qualified_name = base + records[i].name;
    s->signature = base + records[i].signature;
    if (!within(l, (const uint8_t *)base, records[i].name, 1) ||
        !within(l, (const uint8_t *)base, records[i].signature, 1) ||
        !is_text(l, s->qualified_name) || !is_text(l, s->signature))
      refuse_text(l, PATCH_SYMBOL, "a symbol of the patch has no name");
    bool is_meta = strcmp(s->signature, "meta") == 0;
    s->fn = (void *)((is_meta ? 0 : table_base) + records[i].value);
  }
}

struct patch_symbol *jank_patch_open(struct jank_patch_header *header,
                                     uintptr_t table_base, int *count) {
  load *l = current;
  if (!l)
    error_throw("IllegalStateException", "no patch is being loaded");
  check_header(l, header);
  /* What was checked, though constants be written over it. */
  const struct jank_patch_header h = *header;
  uint8_t *base = (uint8_t *)header;
  uint32_t limit = (uint32_t)jank_stack_limit();
  memcpy(base + h.limit, &limit, sizeof limit);
  pool_target target = {
      .patch = &l->patch->header,
      .words = (O *)(void *)(base + h.words),
      .table_base = l->patch->data ? l->patch->table_first : table_base,
      .function_count = l->patch->data ? l->patch->table_count : UINT64_MAX};
  resolve(l, base + h.pool, h.pool_size, &target, false);
  open_records(l, (const char *)base, &h, table_base);
  *count = (int)h.record_count;
  return l->opened;
}

static void open_own(load *l) {
  l->records =
      jank_patch_open((struct jank_patch_header *)(void *)l->patch->data,
                      l->patch->table_first, &l->record_count);
}

static void call_entry(load *l) {
  int *count = malloc(sizeof *count);
  if (!count)
    refuse_text(l, PATCH_TOO_LARGE, "out of memory");
  *count = 0;
  uintptr_t records = call_guarded(l, l->entry, (uintptr_t)count);
  l->record_count = *count;
  free(count);
  l->records = (struct patch_symbol *)records;
  if (l->record_count < 0 || l->record_count > MAX_RECORDS ||
      (l->record_count && !l->records))
    refuse_text(l, PATCH_SYMBOL, "the patch's table of symbols is malformed");
}

/* ---- Records ------------------------------------------------------------- */

static bool is_init(const struct patch_symbol *record) {
  return strcmp(record->signature, "init") == 0;
}

static bool is_meta(const struct patch_symbol *record) {
  return strcmp(record->signature, "meta") == 0;
}

static bool is_own_function(const load *l, const void *fn) {
  uintptr_t slot = (uintptr_t)fn;
  return l->patch->data ? slot - l->patch->table_first < l->patch->table_count
                        : fn != NULL;
}

static bool is_good(const load *l, const struct patch_symbol *record) {
  const char *name = record->qualified_name;
  const char *slash = strchr(name, '/');
  int required;
  bool variadic, named = slash && slash != name && slash[1];
  if (is_init(record))
    return is_own_function(l, record->fn);
  if (is_meta(record))
    return named && (uintptr_t)record->fn < l->patch->word_count;
  return named && fn_signature(record->signature, &required, &variadic) &&
         is_own_function(l, record->fn);
}

static void check_record(load *l, const struct patch_symbol *record) {
  if (!record->qualified_name || !record->signature)
    refuse_text(l, PATCH_SYMBOL, "a symbol of the patch has no name");
  if (is_good(l, record))
    return;
  buffer_clear(&l->why);
  buffer_format(&l->why, "a malformed symbol of the patch: %.100s, %.20s",
                record->qualified_name, record->signature);
  refuse(l, PATCH_SYMBOL);
}

/* The code of `var` when this patch has bound it already: one more arity. */
static code_object *code_of(const load *l, const var_object *var) {
  if (!is_type(var->root, JANK_TYPE_FN))
    return NULL;
  code_object *code = ((fn_object *)var->root)->code;
  return code->patch == &l->patch->header ? code : NULL;
}

static var_object *var_of(const char *name) {
  const char *slash = strchr(name, '/');
  string_object *ns = string_make(name, (size_t)(slash - name));
  string_object *local = string_make(slash + 1, strlen(slash + 1));
  return var_intern(ns_find_or_make(symbol_make(NULL, ns)),
                    symbol_make(NULL, local));
}

static void bind_function(load *l, const struct patch_symbol *record,
                          var_object *var) {
  const char *name = record->qualified_name;
  code_object *code = code_of(l, var);
  if (!code) {
    code = fn_code_make(string_make(name, strlen(name)), &l->patch->header);
    var_set_root(var, &fn_make(code, 0)->header);
  }
  if (!fn_code_add_arity(code, record->signature, record->fn)) {
    buffer_clear(&l->why);
    buffer_format(&l->why,
                  "the patch defines %.100s with signature %.20s twice", name,
                  record->signature);
    refuse(l, PATCH_DUPLICATE);
  }
  bound_symbols++;
}

static O bind_definitions(load *l) {
  const array_object *a = (array_object *)l->definitions;
  var_object *var = NULL;
  for (uint32_t i = 0; a && i < a->count; i += POOL_DEFINITION_WORDS) {
    var = (var_object *)a->items[i + 1];
    var_set_root(var, &fn_make((code_object *)a->items[i], 0)->header);
    if (a->items[i + 2] != JANK_NIL)
      jank_var_reset_meta(&var->header, a->items[i + 2]);
    bound_symbols++;
  }
  return (O)var;
}

/* The var that was bound last: the patch's value when there is no init. All records are
 * checked before the first var is touched. */
static O bind(load *l) {
  for (int i = 0; i < l->record_count; i++)
    check_record(l, &l->records[i]);
  O last = bind_definitions(l);
  for (int i = 0; i < l->record_count; i++) {
    const struct patch_symbol *record = &l->records[i];
    if (is_init(record))
      continue;
    var_object *var = var_of(record->qualified_name);
    if (is_meta(record))
      jank_var_reset_meta(&var->header, l->patch->words[(uintptr_t)record->fn]);
    else
      bind_function(l, record, var);
    last = &var->header;
  }
  return last;
}

/* ---- Init ---------------------------------------------------------------- */

static O run_init(load *l, O value) {
  for (int i = 0; i < l->record_count; i++) {
    const struct patch_symbol *record = &l->records[i];
    if (!is_init(record))
      continue;
    string_object *name =
        string_make(record->qualified_name, strlen(record->qualified_name));
    l->code = PATCH_THREW;
    ns_set_current(ns_find_or_make(symbol_make(NULL, name)));
    l->self = &fn_make(fn_code_make(name, &l->patch->header), 0)->header;
    value = (O)call_guarded(l, (uintptr_t)record->fn, (uintptr_t)l->self);
  }
  return value;
}

/* ---- The path ------------------------------------------------------------ */

static void keep_value(O value) {
  const string_object *ns = ns_current()->name->name;
  buffer_clear(&last_ns);
  buffer_add(&last_ns, ns->text, ns->bytes);
  buffer_clear(&last_value);
  print_value(&last_value, value, true);
}

/* "path" of a foreign module; of our own, whose files may be written again,
 * "path#entry". */
static void keep_path(load *l) {
  buffer text = {0};
  buffer_text(&text, l->path);
  if (l->info.own)
    buffer_format(&text, "#%.200s", l->entry_name);
  l->patch->path = buffer_cstring(&text); /* the patch's from here */
}

/* Of C: it has no constants of jank, and nothing of it is ever freed. */
static O run_native(load *l) {
  enum patch_error error =
      native_prepare(l->bytes, l->size, &l->info, &l->native, &l->why);
  if (error != PATCH_OK)
    refuse(l, error);
  l->value = native_bind(l->native);
  if (!l->silent)
    keep_value(l->value);
  native_commit(l->native);
  return l->value;
}

static O run(void *context) {
  load *l = context;
  l->code = PATCH_SYMBOL;
  if (l->path) {
    if (!l->bytes)
      read_file(l);
    inspect(l);
    if (l->info.native)
      return run_native(l);
  }
  l->patch = patch_make();
  if (l->path) {
    if (l->info.own)
      instantiate_own(l);
    else
      instantiate_foreign(l);
    keep_path(l);
  }
  if (l->entry)
    call_entry(l);
  else
    open_own(l);
  l->value = run_init(l, bind(l));
  if (!l->silent)
    keep_value(l->value);
  return l->value;
}

static void load_free(load *l) {
  free(l->bytes);
  free(l->opened);
  native_discard(l->native);
  buffer_free(&l->why);
}

static const char *message_of(O exception) {
  O text = is_type(exception, JANK_TYPE_EXCEPTION)
               ? ((exception_object *)exception)->message
               : JANK_NIL;
  return is_type(text, JANK_TYPE_STRING) ? ((string_object *)text)->text
                                         : error_type_name(exception);
}

/* *exception: why it has failed; or NULL */
static void tell_load(const load *l, const O *exception) {
  const char *entry = l->entry_name ? l->entry_name : "an entry";
  const char *path = l->path ? l->path : "the program";
  if (exception)
    TRACE(LOAD, "%s of %s: error %d, %s", entry, path, l->code,
          message_of(*exception));
  else
    TRACE(LOAD, "%s of %s: %d symbols, %u constants, %u table slots", entry,
          path, l->record_count, l->patch ? l->patch->word_count : 0,
          l->patch ? l->patch->table_count : 0);
}

/* false: *exception tells why, and nothing has changed. */
static bool run_transaction(load *l, O *exception) {
  O value = JANK_NIL, ns = &ns_current()->header;
  O frames = binding_frames();
  l->outer = current;
  current = l;
  journal_begin();
  bool ok = throw_catch(run, l, &value, exception);
  tell_load(l, ok ? NULL : exception);
  if (ok)
    journal_commit();
  else { /* a finally that was interrupted has left its binding */
    binding_unwind(frames);
    journal_rollback();
  }
  ns_set_current((namespace_object *)ns);
  current = l->outer;
  load_free(l);
  return ok;
}

static void keep_error(O exception, const char *phase) {
  buffer_clear(&last_error);
  report_set_error(exception, phase, NULL);
  report_write_message(&last_error, exception);
}

int jank_hot_reload_load_patch(const char *path, const char *symbol_name) {
  load l = {.path = path, .entry_name = symbol_name};
  O exception = JANK_NIL;
  buffer_clear(&last_error);
  if (run_transaction(&l, &exception)) {
    if (!current)
      session_value(l.value);
    loads++;
    collect_superseded();
    return PATCH_OK;
  }
  failures++;
  failed = l.patch;
  keep_error(exception, l.code == PATCH_THREW ? "run" : "load");
  failed = NULL;
  if (!current)
    session_error(exception);
  collect_superseded();
  return l.code;
}

void patch_load_entry(patch_entry_fn entry) {
  load l = {.entry = (uintptr_t)entry};
  O exception = JANK_NIL;
  if (!run_transaction(&l, &exception))
    jank_throw(exception);
}

O patch_run(const buffer *bytes, const char *entry) {
  load l = {.path = "eval", .entry_name = entry, .silent = true};
  O exception = JANK_NIL;
  l.bytes = malloc(bytes->size + 1);
  if (!l.bytes)
    throw_out_of_memory();
  memcpy(l.bytes, bytes->data, bytes->size);
  l.size = bytes->size;
  bool ok = run_transaction(&l, &exception);
  collect_superseded();
  if (!ok)
    jank_throw(exception);
  return l.value;
}

void patch_recover(void) {
  while (current) {
    journal_rollback();
    load_free(current);
    current = current->outer;
  }
}

/* ---- Several loads as one ------------------------------------------------ */

static bool is_open;

static O begin(void *context) {
  if (is_open || current)
    error_throw("IllegalStateException",
                is_open ? "a transaction is open already"
                        : "a transaction cannot begin in a patch");
  journal_begin();
  is_open = true;
  return JANK_NIL;
}

static O check_open(void *context) {
  if (!is_open || current)
    error_throw("IllegalStateException",
                is_open ? "a transaction cannot end in a patch"
                        : "no transaction is open");
  return JANK_NIL;
}

static int transaction_step(O (*step)(void *)) {
  O result, exception;
  if (throw_catch(step, NULL, &result, &exception))
    return PATCH_OK;
  keep_error(exception, "load");
  return PATCH_TRANSACTION;
}

int jank_hot_reload_begin(void) { return transaction_step(begin); }

int jank_hot_reload_commit(void) {
  int status = transaction_step(check_open);
  if (status != PATCH_OK)
    return status;
  journal_commit();
  is_open = false;
  return PATCH_OK;
}

int jank_hot_reload_rollback(void) {
  int status = transaction_step(check_open);
  if (status != PATCH_OK)
    return status;
  journal_rollback();
  is_open = false;
  return PATCH_OK;
}

/* ---- Lines --------------------------------------------------------------- */

/* The patch of the function's var; for code that no var has, the one at hand. */
static const patch_object *patch_of(const char *function) {
  const var_object *var = var_of_function(function);
  if (var && is_type(var->root, JANK_TYPE_FN))
    return (patch_object *)((fn_object *)var->root)->code->patch;
  return current ? current->patch : failed;
}

int patch_line(const char *function, uint32_t offset) {
  const patch_object *p = patch_of(function);
  return p && p->lines ? stack_line(p->lines, p->lines_size, offset) : 0;
}

/* ---- Results ------------------------------------------------------------- */

const char *jank_hot_reload_last_error(void) {
  return buffer_cstring(&last_error);
}
const char *jank_hot_reload_last_value(void) {
  return buffer_cstring(&last_value);
}
const char *jank_hot_reload_last_ns(void) { return buffer_cstring(&last_ns); }

const char *jank_hot_reload_get_stats(void) {
  buffer_clear(&stats);
  buffer_format(&stats,
                "{\"loaded_modules\":%u,\"registered_symbols\":%u,"
                "\"failed_modules\":%u,\"reclaimed_modules\":%u,"
                "\"table_slots\":%u,\"table_free\":%u,\"heap_bytes\":%zu,"
                "\"collections\":%zu,\"module_paths\":[",
                loads, bound_symbols, failures, reclaimed, slots_total(),
                slots_unused(), gc_heap_bytes(), gc_collections());
  bool first_path = true;
  for (size_t i = 0; i < patch_count; i++) {
    if (!patches[i]->path)
      continue;
    if (!first_path)
      buffer_byte(&stats, ',');
    first_path = false;
    buffer_json_string(&stats, patches[i]->path, strlen(patches[i]->path));
  }
  buffer_text(&stats, "]}");
  return buffer_cstring(&stats);
}
