/* ast.h - the program between analyzer and emitters.
 *
 * In: forms, macro-expanded, with every symbol resolved. Out: methods (one
 * function each), definitions (functions that a patch binds) and top-level
 * forms (what its init runs). An emitter decides nothing about the language.
 * Everything is in the program's arena and freed with it; constants are kept
 * alive by the program's pool. Emitters do not change the tree: what they find
 * out is kept beside it, by number.
 */
#ifndef JANK_ANALYZE_AST_H
#define JANK_ANALYZE_AST_H

#include "load/pool.h"
#include "read/reader.h"
#include "runtime/ns.h"
#include "runtime/var.h"
#include "value/word.h"

typedef struct node node;
typedef struct method method;
typedef struct fn_node fn_node;

typedef enum {
  LOCAL_PARAM,  /* slot = parameter number */
  LOCAL_LET,    /* assigned once */
  LOCAL_LOOP,   /* assigned by its loop, and by recur */
  LOCAL_SELF,   /* the function object itself; no slot */
  LOCAL_CAPTURE /* slot = index in self's captures */
} local_kind;

typedef struct local {
  const char *name; /* as in the source, for the name section */
  local_kind kind;
  int slot;   /* PARAM, LET, LOOP: unique in the method, parameters first */
  int number; /* in the program: passes keep what they find out by it */
} local;

/* X(op, core name, arguments, runtime function, result): result v = a value,
 * b = raw truth (0 or 1) that `if` may test directly. Arguments are values. */
#define AST_OPS(X)                                                             \
  X(ADD, "+", 2, jank_add, 'v')                                                \
  X(SUB, "-", 2, jank_sub, 'v')                                                \
  X(MUL, "*", 2, jank_mul, 'v')                                                \
  X(LT, "<", 2, jank_lt, 'b')                                                  \
  X(LTE, "<=", 2, jank_lte, 'b')                                               \
  X(GT, ">", 2, jank_gt, 'b')                                                  \
  X(GTE, ">=", 2, jank_gte, 'b')                                               \
  X(NUM_EQUAL, "==", 2, jank_num_equal, 'b')                                   \
  X(EQUAL, "=", 2, jank_equal, 'b')                                            \
  X(IDENTICAL, "identical?", 2, NULL, 'b') /* same word */                     \
  X(LONG, "long", 1, jank_long, 'v')                                           \
  X(DOUBLE, "double", 1, jank_double, 'v')                                     \
  X(DIVIDE, "/", 2, jank_divide, 'v')                                          \
  X(QUOT, "quot", 2, jank_quot, 'v')                                           \
  X(REM, "rem", 2, jank_rem, 'v')                                              \
  X(BIT_AND, "bit-and", 2, jank_bit_and, 'v')                                  \
  X(BIT_OR, "bit-or", 2, jank_bit_or, 'v')                                     \
  X(BIT_XOR, "bit-xor", 2, jank_bit_xor, 'v')                                  \
  X(SHIFT_LEFT, "bit-shift-left", 2, jank_shift_left, 'v')                     \
  X(SHIFT_RIGHT, "bit-shift-right", 2, jank_shift_right, 'v')                  \
  X(NIL_P, "nil?", 1, NULL, 'b')                                               \
  X(NOT, "not", 1, NULL, 'b')                                                  \
  X(FIELD, NULL, 2, jank_field, 'v')                                           \
  X(EXCEPTION_IS, NULL, 2, jank_exception_is, 'b')

typedef enum {
#define X(op, name, argc, function, result) OP_##op,
  AST_OPS(X)
#undef X
      OP_COUNT
} ast_op;

typedef enum {
  NODE_WORD,     /* nil, true, false, a fixnum, a character: `word` */
  NODE_CONSTANT, /* pool[index] */
  NODE_LOCAL,    /* `local` */
  NODE_VAR,      /* the value of the var pool[index] */
  NODE_DEF,      /* pool[index] a var; a = value or NULL; meta: pool index or
                    -1. Value: the var */
  NODE_SET,      /* set! the var pool[index] to a */
  NODE_IF,       /* a b c */
  NODE_DO,       /* items, at least one; value of the last */
  NODE_LET,      /* bindings: locals[i] = items[i], in order; body a */
  NODE_LOOP,     /* the same; `recur` in tail position of a */
  NODE_RECUR,    /* items to locals (of the loop, or the method's parameters) */
  NODE_LETFN,    /* locals[i] = fn items[i]; all are visible in all; body a */
  NODE_FN,       /* `fn`: a constant FN, or a closure made here */
  NODE_INVOKE,   /* a called with items */
  NODE_OP,       /* op over items */
  NODE_THROW,    /* a */
  NODE_TRY,    /* fns a (no arguments), b (the exception) or NULL, c or NULL */
  NODE_CASE,   /* a; items[i] (constant or word) -> thens[i]; default b */
  NODE_VECTOR, /* items */
  NODE_SET_LITERAL,
  NODE_MAP,      /* items: key value key value ... */
  NODE_WITH_META /* a, with metadata b */
} node_kind;

struct node {
  node_kind kind;
  span where;
  ast_op op;
  int index;
  int meta;
  int count; /* of items, locals, thens */
  node **items;
  node **thens;
  local **locals;
  node *a, *b, *c;
  jank_object *word;
  local *local;
  fn_node *fn;
  method *target; /* RECUR: the method it belongs to; NULL: a loop */
  node *loop;     /* RECUR: its NODE_LOOP, or NULL */
  int number;     /* in the program: passes keep what they find out by it */
};

struct method {
  fn_node *fn;  /* NULL: a top-level form */
  int index;    /* in program.methods: the number of its function */
  int required; /* parameters without the rest */
  bool variadic;
  const char *file; /* where it is written */
  int line;         /* 0: not known */
  bool recurs;      /* has a recur to its head */
  int slots;        /* locals, parameters included */
  local **params;   /* required + variadic */
  node *body;
};

struct fn_node {
  const char *name; /* "eita/ggg", "eita/ggg--inner", "eita/fn--3" */
  int constant;     /* pool index: FN when nothing is captured, else CODE */
  int method_count;
  method **methods;
  int capture_count;
  local **captures; /* as locals of the enclosing method */
};

typedef struct {
  var_object *var;
  fn_node *fn; /* captures nothing */
  int meta;    /* of the var: pool index, or -1 */
} definition;

typedef struct { /* a constant: a value or var, or a function's code */
  jank_object *value;
  fn_node *fn; /* not NULL: CODE, or FN without captures */
} pool_entry;

typedef struct {
  const char *file;
  const char *ns;       /* in effect before the first form */
  const char *ns_after; /* after the last */
  const char *kind;     /* "def", "ns" or "expr" */
  bool always;          /* defines a var that is ^:dev/always */
  bool bare;    /* vars have no metadata but what changes how they work */
  bool library; /* docs lie beside the module (docs.h) */
  struct arena *arena;
  int node_count, local_count;
  int method_count;
  method **methods; /* every function, in order of their numbers */
  int definition_count;
  definition *definitions; /* a var at most once: the last counts */
  int form_count;
  method **forms; /* each a method without parameters, run in order */
  int pool_count;
  pool_entry *pool;
} program;

/* Empty; from here on its constants are roots. Throws OutOfMemoryError. */
program *ast_program_make(const char *file, namespace_object *ns);
void ast_program_free(program *p); /* with all that is in its arena */

void ast_init(void);
/* In the program's arena: a copy; a list with room for one more element, which may
 * have moved. */
char *ast_text(program *p, const char *text);
void *ast_grow(program *p, void *list, int count, size_t element);
int ast_add_pool(program *p, pool_entry entry); /* always a new index */
/* The index of the constant, which is shared by equal strings and numbers. */
int ast_constant(program *p, jank_object *value);
node *ast_node(program *p, node_kind kind, span where);
/* Its parts, in the order in which they are evaluated: of a case each constant before
 * its branch; a let's values before its body. NULL: there are no more. */
node *ast_child(const node *n, int i);
local *ast_local(program *p, const char *name, local_kind kind, int slot);
method *ast_method(program *p, fn_node *fn); /* gets the next number */

/* Throws CompilerException with {:file :line :column}. */
_Noreturn void ast_error(const char *file, span where, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
