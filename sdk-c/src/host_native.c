/* host_native.c - the host functions of object.h for a plain C program: the
 * standard streams, a clock, no WebAssembly, and regular expressions.
 *
 * Regular expressions have the syntax and meaning that JavaScript's and Java's
 * share: a pattern is compiled to a small program (jumps are relative, so that
 * a fragment can be copied), which a backtracking machine runs. The machine's
 * stack is its own; a search that needs too many steps ends with -1 groups.
 */
#include "host_native.h"
#include "text.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- Output, time, WebAssembly
 * -------------------------------------------------- */

void (*host_write_hook)(int stream, const char *text, size_t n);

void host_write(int stream, const char *text, size_t n) {
  if (host_write_hook) {
    host_write_hook(stream, text, n);
    return;
  }
  FILE *file = stream == 2 ? stderr : stdout;
  fwrite(text, 1, n, file);
  fflush(file);
}

double host_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int host_patch_instantiate(const uint8_t *bytes, size_t size,
                           uintptr_t memory_base, uintptr_t table_base,
                           char *error, size_t error_size) {
  snprintf(error, error_size, "a native program cannot run WebAssembly");
  return -7;
}

uintptr_t host_call(uintptr_t function, uintptr_t argument, char *error,
                    size_t error_size) {
  return ((uintptr_t (*)(uintptr_t))function)(argument);
}

int32_t host_trace(void) { return 0; }
char *host_trace_frames(int32_t handle) { return NULL; }
int host_has_function(const char *name) { return 0; }
uint32_t host_table_grow(uint32_t n) { return 0; }
void host_table_clear(uint32_t first, uint32_t n) {}

/* ---- Programs
 * ------------------------------------------------------------------------ */

enum op {
  OP_CHAR,     /* x: code point */
  OP_ANY,      /* x: also line ends */
  OP_CLASS,    /* x .. y: its ranges; negated when `flag` */
  OP_SPLIT,    /* first x, then y */
  OP_JUMP,     /* x */
  OP_SAVE,     /* slot x = place */
  OP_PROGRESS, /* fails when slot x is this place */
  OP_LINE_START,
  OP_LINE_END,
  OP_TEXT_START,
  OP_TEXT_END,
  OP_WORD_EDGE, /* flag: not at one */
  OP_LOOK,      /* the code behind, of x instructions; flag: must not match */
  OP_LOOK_BACK,
  OP_GROUP, /* the text of group x again */
  OP_MATCH
};

typedef struct {
  uint8_t op;
  bool flag;
  int x, y;
} inst;

typedef struct {
  uint32_t low, high;
} range;

enum {
  MAX_CODE = 100000,
  MAX_GROUPS = 64,
  MAX_REPEAT = 1000,
  MAX_NESTING = 250,
  MAX_STACK = 1 << 22,
  MAX_STEPS = 50000000
};

typedef struct {
  inst *code;
  int size, capacity;
  range *ranges;
  int range_count, range_capacity;
  int groups; /* with the whole match */
  int slots;  /* 2 per possible group, then one per loop */
  bool ignore_case, multiline, dot_all;
  char *names[MAX_GROUPS];
} program;

/* ---- Compiling
 * ---------------------------------------------------------------------------
 */

typedef struct {
  program *program;
  const char *at, *end;
  int depth;
  bool failed;
  char *error;
  size_t error_size;
} compiler;

static void fail(compiler *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void fail(compiler *c, const char *format, ...) {
  va_list args;
  if (c->failed)
    return;
  c->failed = true;
  va_start(args, format);
  vsnprintf(c->error, c->error_size, format, args);
  va_end(args);
}

/* Room for one more in an array; false when memory ended. */
static bool room(void **array, int count, int *capacity, size_t element) {
  if (count < *capacity)
    return true;
  int larger = *capacity ? *capacity * 2 : 16;
  void *grown = realloc(*array, (size_t)larger * element);
  if (!grown)
    return false;
  *array = grown;
  *capacity = larger;
  return true;
}

static int emit(compiler *c, enum op op, int x, int y, bool flag) {
  program *p = c->program;
  if (p->size >= MAX_CODE ||
      !room((void **)&p->code, p->size, &p->capacity, sizeof *p->code)) {
    fail(c, "the pattern is too large");
    return 0;
  }
  p->code[p->size] = (inst){(uint8_t)op, flag, x, y};
  return p->size++;
}

static void insert(compiler *c, int at, inst i) {
  program *p = c->program;
  emit(c, OP_MATCH, 0, 0, false);
  if (c->failed)
    return;
  memmove(p->code + at + 1, p->code + at,
          (size_t)(p->size - 1 - at) * sizeof *p->code);
  p->code[at] = i;
}

static void add_range(compiler *c, uint32_t low, uint32_t high) {
  program *p = c->program;
  if (!room((void **)&p->ranges, p->range_count, &p->range_capacity,
            sizeof *p->ranges)) {
    fail(c, "the pattern is too large");
    return;
  }
  p->ranges[p->range_count++] = (range){low, high};
}

typedef struct {
  const char *name;
  range ranges[6]; /* ascending, ended by {0, 0} */
} named_class;

static const named_class named_classes[] = {
    {"d", {{'0', '9'}}},
    {"w", {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}},
    {"s",
     {{9, 13}, {' ', ' '}, {0xa0, 0xa0}, {0x2000, 0x200a}, {0x2028, 0x2029}}},
    {"Alpha", {{'A', 'Z'}, {'a', 'z'}}},
    {"Digit", {{'0', '9'}}},
    {"Alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
    {"Upper", {{'A', 'Z'}}},
    {"Lower", {{'a', 'z'}}},
    {"Punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
    {"Space", {{9, 13}, {' ', ' '}}},
};

static void add_class(compiler *c, const named_class *k, bool negated) {
  uint32_t low = 0;
  for (const range *r = k->ranges; r->high; r++) {
    if (!negated)
      add_range(c, r->low, r->high);
    else if (r->low > low)
      add_range(c, low, r->low - 1);
    low = r->high + 1;
  }
  if (negated)
    add_range(c, low, 0x10ffff);
}

static const named_class *find_class(const char *name, size_t n) {
  for (size_t i = 0; i < sizeof named_classes / sizeof *named_classes; i++)
    if (strlen(named_classes[i].name) == n &&
        memcmp(named_classes[i].name, name, n) == 0)
      return &named_classes[i];
  return NULL;
}

/* \d \W \p{Alpha} behind the backslash: adds its ranges. */
static bool class_escape(compiler *c) {
  char letter = (char)tolower((unsigned char)*c->at);
  bool negated = isupper((unsigned char)*c->at) != 0;
  const named_class *k = NULL;
  if (letter == 'p' && c->end - c->at > 2 && c->at[1] == '{') {
    const char *close = memchr(c->at, '}', (size_t)(c->end - c->at));
    if (close)
      k = find_class(c->at + 2, (size_t)(close - c->at) - 2);
    if (!k) {
      fail(c, "this \\p class is not supported here");
      return true;
    }
    c->at = close + 1;
  } else {
    k = strchr("dws", letter) ? find_class(&letter, 1) : NULL;
    if (!k)
      return false;
    c->at++;
  }
  add_class(c, k, negated);
  return true;
}

static uint32_t hex_escape(compiler *c, int digits) {
  uint32_t value = 0;
  for (int i = 0; i < digits; i++) {
    if (c->at == c->end || !isxdigit((unsigned char)*c->at)) {
      fail(c, "a hexadecimal escape needs %d digits", digits);
      return 0;
    }
    char digit[2] = {*c->at++, 0};
    value = value * 16 + (uint32_t)strtol(digit, NULL, 16);
  }
  return value;
}

static uint32_t literal(compiler *c) {
  uint32_t length, code = text_decode(c->at, (size_t)(c->end - c->at), &length);
  c->at += length;
  return code;
}

/* A single character behind the backslash. */
static uint32_t char_escape(compiler *c) {
  static const char letters[] = "ntrfv0", values[] = "\n\t\r\f\v";
  if (c->at == c->end) {
    fail(c, "\\ at the end of the pattern");
    return 0;
  }
  const char *letter = strchr(letters, *c->at);
  if (letter && *letter) {
    c->at++;
    return (uint32_t)(unsigned char)values[letter - letters];
  }
  if (*c->at == 'x' || *c->at == 'u')
    return hex_escape(c, *c->at++ == 'x' ? 2 : 4);
  if (isalnum((unsigned char)*c->at))
    fail(c, "Invalid escape \\%c", *c->at);
  return literal(c);
}

static bool is_next(compiler *c, const char *text) {
  size_t n = strlen(text);
  if ((size_t)(c->end - c->at) < n || memcmp(c->at, text, n) != 0)
    return false;
  c->at += n;
  return true;
}

/* Behind the '['. */
static void char_class(compiler *c) {
  int first_range = c->program->range_count;
  bool negated = is_next(c, "^"), first = true;
  for (; !c->failed; first = false) {
    if (c->at == c->end) {
      fail(c, "Unterminated character class");
      return;
    }
    if (!first && is_next(c, "]"))
      break;
    if (first && is_next(c, "]")) /* nothing, or anything when negated */
      break;
    bool escaped = is_next(c, "\\");
    if (escaped && c->at < c->end && class_escape(c))
      continue;
    uint32_t low;
    if (escaped && is_next(c, "b"))
      low = 8;
    else
      low = escaped ? char_escape(c) : literal(c);
    uint32_t high = low;
    if (c->end - c->at > 1 && *c->at == '-' && c->at[1] != ']') {
      const char *dash = c->at++;
      bool end_escaped = is_next(c, "\\");
      if (end_escaped && c->at < c->end && strchr("dDwWsSpP", *c->at))
        c->at = dash; /* the dash is itself: the next item */
      else
        high = end_escaped ? char_escape(c) : literal(c);
      if (c->at == dash) {
        c->at++;
        add_range(c, '-', '-');
      }
    }
    if (high < low)
      fail(c, "Range out of order in character class");
    add_range(c, low, high);
  }
  emit(c, OP_CLASS, first_range, c->program->range_count, negated);
}

static void alternatives(compiler *c);

static void group_name(compiler *c, int group) {
  const char *close = memchr(c->at, '>', (size_t)(c->end - c->at));
  if (!close || close == c->at) {
    fail(c, "Invalid group name");
    return;
  }
  c->program->names[group] = strndup(c->at, (size_t)(close - c->at));
  c->at = close + 1;
}

/* Behind the '('. */
static void group(compiler *c) {
  program *p = c->program;
  if (is_next(c, "?:")) {
    alternatives(c);
  } else if (is_next(c, "?=") || is_next(c, "?!")) {
    bool negated = c->at[-1] == '!';
    int look = emit(c, OP_LOOK, 0, 0, negated);
    alternatives(c);
    emit(c, OP_MATCH, 0, 0, false);
    if (!c->failed)
      p->code[look].x = p->size - look - 1;
  } else if (is_next(c, "?<=") || is_next(c, "?<!")) {
    bool negated = c->at[-1] == '!';
    int look = emit(c, OP_LOOK_BACK, 0, 0, negated);
    alternatives(c);
    emit(c, OP_MATCH, 0, 0, false);
    if (!c->failed)
      p->code[look].x = p->size - look - 1;
  } else {
    int number = p->groups++;
    if (number >= MAX_GROUPS) {
      fail(c, "more than %d groups", MAX_GROUPS - 1);
      return;
    }
    if (is_next(c, "?<"))
      group_name(c, number);
    else if (c->at < c->end && *c->at == '?')
      fail(c, "Invalid group");
    emit(c, OP_SAVE, 2 * number, 0, false);
    alternatives(c);
    emit(c, OP_SAVE, 2 * number + 1, 0, false);
  }
  if (!is_next(c, ")"))
    fail(c, "Unterminated group");
}

static void back_reference(compiler *c) {
  program *p = c->program;
  if (is_next(c, "k<")) {
    for (int i = 1; i < p->groups; i++) {
      size_t n = p->names[i] ? strlen(p->names[i]) : 0;
      if (n && (size_t)(c->end - c->at) > n &&
          memcmp(c->at, p->names[i], n) == 0 && c->at[n] == '>') {
        c->at += n + 1;
        emit(c, OP_GROUP, i, 0, false);
        return;
      }
    }
    fail(c, "Invalid named reference");
    return;
  }
  int number = *c->at++ - '0';
  if (number >= p->groups)
    fail(c, "Invalid group reference \\%d", number);
  emit(c, OP_GROUP, number, 0, false);
}

/* Behind the backslash, outside of a class. */
static void escape(compiler *c) {
  int first_range = c->program->range_count;
  if (c->at < c->end && class_escape(c)) {
    emit(c, OP_CLASS, first_range, c->program->range_count, false);
    return;
  }
  if (is_next(c, "b"))
    emit(c, OP_WORD_EDGE, 0, 0, false);
  else if (is_next(c, "B"))
    emit(c, OP_WORD_EDGE, 0, 0, true);
  else if (is_next(c, "A"))
    emit(c, OP_TEXT_START, 0, 0, false);
  else if (is_next(c, "z") || is_next(c, "Z"))
    emit(c, OP_TEXT_END, 0, 0, false);
  else if (c->at < c->end && ((*c->at >= '1' && *c->at <= '9') ||
                              (*c->at == 'k' && c->at[1] == '<')))
    back_reference(c);
  else
    emit(c, OP_CHAR, (int)char_escape(c), 0, false);
}

static void atom(compiler *c) {
  program *p = c->program;
  if (is_next(c, "("))
    group(c);
  else if (is_next(c, "["))
    char_class(c);
  else if (is_next(c, "\\"))
    escape(c);
  else if (is_next(c, "."))
    emit(c, OP_ANY, p->dot_all, 0, false);
  else if (is_next(c, "^"))
    emit(c, p->multiline ? OP_LINE_START : OP_TEXT_START, 0, 0, false);
  else if (is_next(c, "$"))
    emit(c, p->multiline ? OP_LINE_END : OP_TEXT_END, 0, 0, false);
  else if (strchr("*+?", *c->at))
    fail(c, "Nothing to repeat at %.20s", c->at);
  else
    emit(c, OP_CHAR, (int)literal(c), 0, false);
}

/* {n} {n,} {n,m}; false: the brace is itself. */
static bool counts(compiler *c, int *least, int *most) {
  const char *p = c->at;
  if (p == c->end || *p != '{' || !isdigit((unsigned char)p[1]))
    return false;
  char *end;
  long n = strtol(p + 1, &end, 10), m = n;
  if (*end == ',') {
    m = -1;
    if (isdigit((unsigned char)end[1]))
      m = strtol(end + 1, &end, 10);
    else
      end++;
  }
  if (*end != '}')
    return false;
  if (m >= 0 && m < n)
    fail(c, "numbers out of order in {} quantifier");
  if (n > MAX_REPEAT || m > MAX_REPEAT)
    fail(c, "more than %d repetitions are not supported here", MAX_REPEAT);
  *least = (int)n;
  *most = (int)m;
  c->at = end + 1;
  return true;
}

static void split(compiler *c, int onward, int past, bool lazy) {
  emit(c, OP_SPLIT, lazy ? past : onward, lazy ? onward : past, false);
}

static void copy(compiler *c, const inst *fragment, int n) {
  for (int i = 0; i < n && !c->failed; i++)
    emit(c, (enum op)fragment[i].op, fragment[i].x, fragment[i].y,
         fragment[i].flag);
}

/* The code from `start` on, `least` to `most` times (-1: any number). */
static void repeat(compiler *c, int start, int least, int most, bool lazy) {
  program *p = c->program;
  int n = p->size - start;
  inst *fragment = malloc((size_t)n * sizeof *fragment + 1);
  if (!fragment) {
    fail(c, "the pattern is too large");
    return;
  }
  memcpy(fragment, p->code + start, (size_t)n * sizeof *fragment);
  p->size = start;
  for (int i = 0; i < least; i++)
    copy(c, fragment, n);
  if (most < 0) {
    bool consumes = n == 1 && fragment->op <= OP_CLASS;
    int slot = consumes ? 0 : p->slots++, extra = consumes ? 0 : 2;
    split(c, 1, n + extra + 2, lazy);
    if (!consumes)
      emit(c, OP_SAVE, slot, 0, false);
    copy(c, fragment, n);
    if (!consumes)
      emit(c, OP_PROGRESS, slot, 0, false);
    emit(c, OP_JUMP, -(n + extra + 1), 0, false);
  } else {
    for (int left = most - least; left > 0; left--) {
      split(c, 1, left * (n + 1), lazy);
      copy(c, fragment, n);
    }
  }
  free(fragment);
}

static void term(compiler *c) {
  int start = c->program->size, least = 0, most = -1;
  atom(c);
  if (c->failed || c->at == c->end)
    return;
  if (is_next(c, "+"))
    least = 1;
  else if (is_next(c, "?"))
    most = 1;
  else if (!is_next(c, "*") && !counts(c, &least, &most))
    return;
  bool lazy = is_next(c, "?");
  if (c->at < c->end && strchr("*+?", *c->at))
    fail(c, "Nothing to repeat at %.20s", c->at);
  if (!c->failed)
    repeat(c, start, least, most, lazy);
}

static void alternatives(compiler *c) {
  program *p = c->program;
  if (++c->depth > MAX_NESTING)
    fail(c, "the pattern is nested too deeply");
  int start = p->size;
  while (!c->failed && c->at < c->end && *c->at != '|' && *c->at != ')')
    term(c);
  if (!c->failed && is_next(c, "|")) {
    insert(c, start, (inst){OP_SPLIT, false, 1, p->size - start + 2});
    int jump = emit(c, OP_JUMP, 0, 0, false);
    c->depth--; /* a sibling, though a call within */
    alternatives(c);
    c->depth++;
    if (!c->failed)
      p->code[jump].x = p->size - jump;
  }
  c->depth--;
}

static void program_free(program *p) {
  for (int i = 0; i < MAX_GROUPS; i++)
    free(p->names[i]);
  free(p->code);
  free(p->ranges);
  free(p);
}

static void head_flags(compiler *c) {
  if (c->end - c->at < 4 || memcmp(c->at, "(?", 2) != 0)
    return;
  size_t n = strspn(c->at + 2, "imsu");
  if (n == 0 || c->at[2 + n] != ')')
    return;
  program *p = c->program;
  p->ignore_case = memchr(c->at, 'i', n + 2) != NULL;
  p->multiline = memchr(c->at, 'm', n + 2) != NULL;
  p->dot_all = memchr(c->at, 's', n + 2) != NULL;
  c->at += n + 3;
}

static program **programs;
static int program_count, program_capacity;

int32_t host_regex_compile(const char *source, char *error, size_t error_size) {
  program *p = calloc(1, sizeof *p);
  compiler c = {p,     source,    source + strlen(source), 0, false,
                error, error_size};
  if (!p) {
    fail(&c, "out of memory");
    return -1;
  }
  p->groups = 1;
  p->slots = 2 * MAX_GROUPS;
  head_flags(&c);
  emit(&c, OP_SAVE, 0, 0, false);
  alternatives(&c);
  emit(&c, OP_SAVE, 1, 0, false);
  emit(&c, OP_MATCH, 0, 0, false);
  if (c.at < c.end)
    fail(&c, "Unmatched )");
  int handle = 0;
  while (handle < program_count && programs[handle])
    handle++;
  if (handle == program_count && !room((void **)&programs, program_count,
                                       &program_capacity, sizeof *programs))
    fail(&c, "out of memory");
  if (c.failed) {
    program_free(p);
    return -1;
  }
  if (handle == program_count)
    program_count++;
  programs[handle] = p;
  return handle;
}

void host_regex_free(int32_t handle) {
  program_free(programs[handle]);
  programs[handle] = NULL;
}

/* ---- Running
 * ------------------------------------------------------------------------------
 */

/* slot < 0: go on at pc and place; else the slot's former value is `place`. */
typedef struct {
  int slot, pc;
  int32_t place;
} choice;

typedef struct {
  const program *program;
  const char *text;
  int32_t size;
  int32_t *slots;
  choice *stack;
  int depth, capacity;
  long steps;
  bool exhausted;
} machine;

static void push(machine *m, int slot, int pc, int32_t place) {
  if (m->depth >= MAX_STACK ||
      !room((void **)&m->stack, m->depth, &m->capacity, sizeof *m->stack)) {
    m->exhausted = true;
    return;
  }
  m->stack[m->depth++] = (choice){slot, pc, place};
}

static uint32_t char_at(const machine *m, int32_t at, uint32_t *length) {
  return text_decode(m->text + at, (size_t)(m->size - at), length);
}

static bool in_ranges(const program *p, const inst *i, uint32_t c) {
  for (int r = i->x; r < i->y; r++)
    if (c >= p->ranges[r].low && c <= p->ranges[r].high)
      return true;
  return false;
}

static bool accepts(const program *p, const inst *i, uint32_t c) {
  bool fold = p->ignore_case;
  switch (i->op) {
  case OP_CHAR:
    return c == (uint32_t)i->x ||
           (fold && text_lower(c) == text_lower((uint32_t)i->x));
  case OP_ANY:
    return i->x || (c != '\n' && c != '\r' && c != 0x2028 && c != 0x2029);
  default:
    return (in_ranges(p, i, c) || (fold && (in_ranges(p, i, text_lower(c)) ||
                                            in_ranges(p, i, text_upper(c))))) !=
           i->flag;
  }
}

static bool is_word(const machine *m, int32_t at) {
  if (at < 0 || at >= m->size)
    return false;
  unsigned char c = (unsigned char)m->text[at];
  return c < 0x80 && (isalnum(c) || c == '_');
}

static bool is_line_end(const machine *m, int32_t at) {
  return m->text[at] == '\n' || m->text[at] == '\r';
}

/* Whether the code at pc matches from `at`, to `until` when that is not
 * negative. Captures stay set on success; choices that are left are dropped. */
static bool run(machine *m, int pc, int32_t at, int32_t until);

static bool look(machine *m, int pc, int32_t at, bool back) {
  if (!back)
    return run(m, pc, at, -1);
  for (int32_t from = at; from >= 0; from--)
    if (from == m->size || ((unsigned char)m->text[from] & 0xc0) != 0x80)
      if (run(m, pc, from, at))
        return true;
  return false;
}

/* Undoes what was saved since, and finds where to go on. */
static bool retreat(machine *m, int base, int *pc, int32_t *at) {
  while (m->depth > base) {
    choice c = m->stack[--m->depth];
    if (c.slot < 0) {
      *pc = c.pc;
      *at = c.place;
      return true;
    }
    m->slots[c.slot] = c.place;
  }
  return false;
}

/* One step; false: this way fails. */
static bool step(machine *m, int *pc, int32_t *at) {
  const program *p = m->program;
  const inst *i = &p->code[(*pc)++];
  uint32_t length;
  switch ((enum op)i->op) {
  case OP_CHAR:
  case OP_ANY:
  case OP_CLASS:
    if (*at >= m->size || !accepts(p, i, char_at(m, *at, &length)))
      return false;
    *at += (int32_t)length;
    return true;
  case OP_SPLIT:
    push(m, -1, *pc - 1 + i->y, *at);
    *pc += i->x - 1;
    return true;
  case OP_JUMP:
    *pc += i->x - 1;
    return true;
  case OP_SAVE:
    push(m, i->x, 0, m->slots[i->x]);
    m->slots[i->x] = *at;
    return true;
  case OP_PROGRESS:
    return m->slots[i->x] != *at;
  case OP_LINE_START:
    return *at == 0 || is_line_end(m, *at - 1);
  case OP_LINE_END:
    return *at == m->size || is_line_end(m, *at);
  case OP_TEXT_START:
    return *at == 0;
  case OP_TEXT_END:
    return *at == m->size;
  case OP_WORD_EDGE:
    return (is_word(m, *at - 1) != is_word(m, *at)) != i->flag;
  case OP_LOOK:
  case OP_LOOK_BACK: {
    int body = *pc, base = m->depth;
    *pc += i->x;
    bool found = look(m, body, *at, i->op == OP_LOOK_BACK);
    int unused_pc;
    int32_t unused_at;
    if (i->flag) /* its captures do not outlive it */
      while (retreat(m, base, &unused_pc, &unused_at)) {
      }
    return found != i->flag;
  }
  case OP_GROUP: {
    int32_t start = m->slots[2 * i->x], end = m->slots[2 * i->x + 1];
    if (start < 0 || end < 0)
      return true; /* as in JavaScript: not matched yet is empty */
    int32_t n = end - start;
    if (m->size - *at < n || memcmp(m->text + start, m->text + *at, (size_t)n))
      return false;
    *at += n;
    return true;
  }
  case OP_MATCH:
    break;
  }
  return true;
}

static bool run(machine *m, int pc, int32_t at, int32_t until) {
  int base = m->depth;
  while (!m->exhausted) {
    if (++m->steps > MAX_STEPS)
      m->exhausted = true;
    if (m->program->code[pc].op == OP_MATCH && (until < 0 || at == until)) {
      int kept = base; /* what undoes captures, for whoever backtracks here */
      for (int i = base; i < m->depth; i++)
        if (m->stack[i].slot >= 0)
          m->stack[kept++] = m->stack[i];
      m->depth = kept;
      return true;
    }
    bool stuck = m->program->code[pc].op == OP_MATCH || !step(m, &pc, &at);
    if (stuck && !retreat(m, base, &pc, &at))
      return false;
  }
  return false;
}

int host_regex_exec(int32_t handle, const char *text, size_t n, size_t from,
                    int32_t *groups, int max) {
  const program *p = programs[handle];
  machine m = {.program = p, .text = text, .size = (int32_t)n};
  int count = 0;
  m.slots = malloc((size_t)p->slots * sizeof *m.slots);
  m.exhausted = !m.slots;
  uint32_t length;
  for (size_t at = from; at <= n && !count && !m.exhausted; at += length) {
    for (int i = 0; i < p->slots; i++)
      m.slots[i] = -1;
    m.depth = 0;
    if (run(&m, 0, (int32_t)at, -1))
      count = p->groups < max ? p->groups : max;
    length = 1;
    if (at < n)
      text_decode(text + at, n - at, &length);
  }
  for (int i = 0; i < 2 * count; i++)
    groups[i] = m.slots[i];
  for (int i = 0; i < count; i++) /* entered, and never left */
    if (groups[2 * i + 1] < 0)
      groups[2 * i] = -1;
  if (m.exhausted)
    count = -1;
  free(m.slots);
  free(m.stack);
  return count;
}

/* ---- JavaScript: there is none here ------------------------------------------- */

int host_js(int op, int argc, struct js_value *values) {
  error_throw("UnsupportedOperationException",
              "there is no JavaScript in a native build");
}

void host_js_release(int32_t handle) {}

/* ---- Big integers: decimal text, digit by digit. For tests; the real host has
 * BigInt. ------------------------------------------------------------------- */

typedef struct {
  bool negative;
  size_t n;
  signed char *digits; /* least first */
} big;

static big big_of(const char *text, size_t n) {
  big b = {.negative = n && *text == '-'};
  b.n = n - b.negative;
  b.digits = calloc(b.n + 1, 1);
  for (size_t i = 0; i < b.n; i++)
    b.digits[i] = (signed char)(text[n - 1 - i] - '0');
  while (b.n > 1 && b.digits[b.n - 1] == 0)
    b.n--;
  return b;
}

static int big_compare_size(const big *a, const big *b) {
  if (a->n != b->n)
    return a->n < b->n ? -1 : 1;
  for (size_t i = a->n; i-- > 0;)
    if (a->digits[i] != b->digits[i])
      return a->digits[i] < b->digits[i] ? -1 : 1;
  return 0;
}

static void big_trim(big *b) {
  while (b->n > 1 && b->digits[b->n - 1] == 0)
    b->n--;
  if (b->n == 1 && b->digits[0] == 0)
    b->negative = false;
}

/* |a| + sign * |b|, with |a| >= |b| when sign is -1 */
static big big_combine(const big *a, const big *b, int sign) {
  size_t n = (a->n > b->n ? a->n : b->n) + 1;
  big r = {.n = n, .digits = calloc(n + 1, 1)};
  int carry = 0;
  for (size_t i = 0; i < n; i++) {
    int d = (i < a->n ? a->digits[i] : 0) +
            sign * (i < b->n ? b->digits[i] : 0) + carry;
    carry = d < 0 ? -1 : d > 9;
    r.digits[i] = (signed char)(d - 10 * carry);
  }
  big_trim(&r);
  return r;
}

static big big_add(const big *a, const big *b, bool negate) {
  bool other = b->negative != negate;
  bool swap = big_compare_size(a, b) < 0;
  big r = a->negative == other ? big_combine(a, b, 1)
          : swap               ? big_combine(b, a, -1)
                               : big_combine(a, b, -1);
  r.negative = a->negative == other || !swap ? a->negative : other;
  big_trim(&r);
  return r;
}

static big big_multiply(const big *a, const big *b) {
  big r = {.negative = a->negative != b->negative,
           .n = a->n + b->n,
           .digits = calloc(a->n + b->n + 1, 1)};
  for (size_t i = 0; i < a->n; i++) {
    int carry = 0;
    for (size_t j = 0; j < b->n || carry; j++) {
      int d = r.digits[i + j] + carry +
              (j < b->n ? a->digits[i] * b->digits[j] : 0);
      r.digits[i + j] = (signed char)(d % 10);
      carry = d / 10;
    }
  }
  big_trim(&r);
  return r;
}

static void big_divide(const big *a, const big *b, big *quot, big *rem) {
  big left = {.n = 1, .digits = calloc(b->n + 3, 1)};
  big divisor = *b;
  divisor.negative = false;
  *quot = (big){.n = a->n, .digits = calloc(a->n + 1, 1)};
  for (size_t i = a->n; i-- > 0;) {
    memmove(left.digits + 1, left.digits, left.n);
    left.digits[0] = a->digits[i];
    left.n++;
    big_trim(&left);
    while (big_compare_size(&left, &divisor) >= 0) {
      big less = big_combine(&left, &divisor, -1);
      memset(left.digits, 0, b->n + 3);
      memcpy(left.digits, less.digits, less.n);
      left.n = less.n;
      free(less.digits);
      quot->digits[i]++;
    }
  }
  quot->negative = a->negative != b->negative;
  left.negative = a->negative;
  big_trim(quot);
  big_trim(&left);
  *rem = left;
}

static bool big_is_zero(const big *b) { return b->n == 1 && b->digits[0] == 0; }

static big big_gcd(big a, big b) {
  a.negative = b.negative = false;
  while (!big_is_zero(&b)) {
    big quot, rem;
    big_divide(&a, &b, &quot, &rem);
    free(quot.digits);
    free(a.digits);
    a = b;
    b = rem;
  }
  free(b.digits);
  return a;
}

void host_big(int op, struct js_value *v) {
  big a = big_of(v[0].as.text, v[0].size), b = big_of(v[1].as.text, v[1].size);
  big r, other = {.digits = NULL};
  switch (op) {
  case 0:
  case 1:
  case 6:
    r = big_add(&a, &b, op != 0);
    break;
  case 2:
    r = big_multiply(&a, &b);
    break;
  case 3:
    big_divide(&a, &b, &r, &other);
    break;
  case 4:
    big_divide(&a, &b, &other, &r);
    break;
  default:
    r = big_gcd(a, b);
    a.digits = b.digits = NULL;
  }
  char *text = malloc(r.n + 2);
  size_t n = 0;
  if (r.negative)
    text[n++] = '-';
  for (size_t i = r.n; i-- > 0;)
    text[n++] = (char)('0' + r.digits[i]);
  v[0] = (struct js_value){JS_STRING, (uint32_t)n, {.text = text}};
  free(r.digits);
  free(other.digits);
  free(a.digits);
  free(b.digits);
}
