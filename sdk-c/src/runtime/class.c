/* class.c - the classes and interfaces that a program can name, and which of
 * them a value is.
 *
 * The table has the JVM's names, because Clojure programs use them: `String`,
 * `clojure.lang.IDeref`. A name is known with and without its package. A class
 * object is made when it is first asked for. Exceptions are rows like all others,
 * so that `catch`, `instance?` and protocols agree on what is what.
 */
#include "runtime/class.h"
#include "base/buffer.h"
#include "collection/map.h"
#include "collection/seq.h"
#include "collection/set.h"
#include "number/tower.h"
#include "runtime/instance.h"
#include "value/error.h"
#include "value/gc.h"
#include "value/string.h"
#include "value/symbol.h"
#include "value/word.h"
#include <string.h>

/* X(package, name, parents) */
#define LANG "java.lang."
#define UTIL "java.util."
#define CLJ "clojure.lang."
#define CLASSES(X)                                                             \
  X(LANG, "Object", "")                                                        \
  X(LANG, "Comparable", "")                                                    \
  X(LANG, "CharSequence", "")                                                  \
  X(LANG, "Iterable", "")                                                      \
  X(LANG, "Runnable", "")                                                      \
  X(LANG, "Number", "")                                                        \
  X(LANG, "Long", "Number Comparable")                                         \
  X(LANG, "Integer", "Number Comparable")                                      \
  X(LANG, "Double", "Number Comparable")                                       \
  X(LANG, "Float", "Number Comparable")                                        \
  X(CLJ, "Ratio", "Number Comparable")                                         \
  X(CLJ, "BigInt", "Number")                                                   \
  X("java.math.", "BigInteger", "Number Comparable")                           \
  X("java.math.", "BigDecimal", "Number Comparable")                           \
  X(LANG, "Boolean", "Comparable")                                             \
  X(LANG, "Character", "Comparable")                                           \
  X(LANG, "String", "CharSequence Comparable")                                 \
  X(LANG, "Class", "")                                                         \
  X(UTIL, "Collection", "Iterable")                                            \
  X(UTIL, "List", "Collection")                                                \
  X(UTIL, "Set", "Collection")                                                 \
  X(UTIL, "Map", "")                                                           \
  X(UTIL, "UUID", "Comparable")                                                \
  X(UTIL, "Date", "Comparable")                                                \
  X(UTIL, "RandomAccess", "")                                                  \
  X(UTIL ".concurrent.", "Callable", "")                                       \
  X(UTIL, "Comparator", "")                                                    \
  X("java.util.regex.", "Pattern", "")                                         \
  X(UTIL, "Map$Entry", "")                                                     \
  X(CLJ, "Named", "")                                                          \
  X(CLJ, "IMeta", "")                                                          \
  X(CLJ, "IObj", "IMeta")                                                      \
  X(CLJ, "IReference", "IMeta")                                                \
  X(CLJ, "IDeref", "")                                                         \
  X(CLJ, "IBlockingDeref", "")                                                 \
  X(CLJ, "IPending", "")                                                       \
  X(CLJ, "IRef", "IDeref")                                                     \
  X(CLJ, "IAtom", "")                                                          \
  X(CLJ, "IAtom2", "IAtom")                                                    \
  X(CLJ, "IFn", "Callable Runnable")                                           \
  X(CLJ, "Fn", "")                                                             \
  X(CLJ, "AFn", "IFn")                                                         \
  X(CLJ, "IHashEq", "")                                                        \
  X(CLJ, "Seqable", "")                                                        \
  X(CLJ, "Sequential", "")                                                     \
  X(CLJ, "Counted", "")                                                        \
  X(CLJ, "Indexed", "Counted")                                                 \
  X(CLJ, "Reversible", "")                                                     \
  X(CLJ, "Sorted", "")                                                         \
  X(CLJ, "ILookup", "")                                                        \
  X(CLJ, "IReduceInit", "")                                                    \
  X(CLJ, "IReduce", "IReduceInit")                                             \
  X(CLJ, "IKVReduce", "")                                                      \
  X(CLJ, "IPersistentCollection", "Seqable")                                   \
  X(CLJ, "ISeq", "IPersistentCollection")                                      \
  X(CLJ, "IChunkedSeq", "ISeq Sequential")                                     \
  X(CLJ, "Associative", "IPersistentCollection ILookup")                       \
  X(CLJ, "IPersistentStack", "IPersistentCollection")                          \
  X(CLJ, "IPersistentList", "Sequential IPersistentStack")                     \
  X(CLJ, "IPersistentVector",                                                  \
    "Associative Sequential IPersistentStack Reversible Indexed")              \
  X(CLJ, "IPersistentMap", "Iterable Associative Counted")                     \
  X(CLJ, "IPersistentSet", "IPersistentCollection Counted")                    \
  X(CLJ, "IEditableCollection", "")                                            \
  X(CLJ, "ITransientCollection", "")                                           \
  X(CLJ, "IMapEntry", "Map$Entry")                                             \
  X(CLJ, "IRecord", "")                                                        \
  X(CLJ, "IType", "")                                                          \
  X(CLJ, "IExceptionInfo", "")                                                 \
  X(CLJ, "APersistentMap", "IPersistentMap IObj IFn Map IHashEq IKVReduce")    \
  X(CLJ, "APersistentVector",                                                  \
    "IPersistentVector IObj IFn List IHashEq Comparable RandomAccess")         \
  X(CLJ, "APersistentSet", "IPersistentSet IObj IFn Set IHashEq")              \
  X(CLJ, "ASeq", "ISeq Sequential IObj List IHashEq")                          \
  X(CLJ, "Keyword", "IFn Named Comparable IHashEq")                            \
  X(CLJ, "Symbol", "IFn IObj Named Comparable IHashEq")                        \
  X(CLJ, "PersistentList", "ASeq IPersistentList IReduce Counted")             \
  X(CLJ, "PersistentList$EmptyList", "ASeq IPersistentList Counted")           \
  X(CLJ, "Cons", "ASeq")                                                       \
  X(CLJ, "LazySeq", "ASeq IPending")                                           \
  X(CLJ, "ArraySeq", "ASeq Counted")                                           \
  X(CLJ, "PersistentVector$ChunkedSeq", "ASeq IChunkedSeq Counted")            \
  X(CLJ, "MapSeq", "ASeq Counted")                                             \
  X(CLJ, "ChunkedCons", "ASeq IChunkedSeq")                                    \
  X(CLJ, "TreeSeq", "ASeq Counted")                                            \
  X(CLJ, "StringSeq", "ASeq Counted")                                          \
  X(CLJ, "LongRange", "ASeq Counted IReduce IChunkedSeq")                      \
  X(CLJ, "PersistentVector",                                                   \
    "APersistentVector IReduce IKVReduce IEditableCollection")                 \
  X(CLJ, "MapEntry", "APersistentVector IMapEntry")                            \
  X(CLJ, "PersistentArrayMap", "APersistentMap IEditableCollection")           \
  X(CLJ, "PersistentHashMap", "APersistentMap IEditableCollection")            \
  X(CLJ, "PersistentTreeMap", "APersistentMap Reversible Sorted")              \
  X(CLJ, "PersistentHashSet", "APersistentSet IEditableCollection")            \
  X(CLJ, "PersistentTreeSet", "APersistentSet Reversible Sorted")              \
  X(CLJ, "PersistentVector$TransientVector",                                   \
    "ITransientCollection ILookup Indexed IFn")                                \
  X(CLJ, "PersistentHashMap$TransientHashMap",                                 \
    "ITransientCollection ILookup Counted IFn")                                \
  X(CLJ, "PersistentHashSet$TransientHashSet",                                 \
    "ITransientCollection Counted IFn")                                        \
  X(CLJ, "AFunction", "AFn Fn IObj Comparator")                                \
  X(CLJ, "MultiFn", "AFn")                                                     \
  X(CLJ, "Var", "IFn IRef IReference")                                         \
  X(CLJ, "Namespace", "IReference")                                            \
  X(CLJ, "Atom", "IAtom2 IRef IReference")                                     \
  X(CLJ, "Volatile", "IDeref")                                                 \
  X(CLJ, "Delay", "IDeref IPending")                                           \
  X(CLJ, "Reduced", "IDeref")                                                  \
  X(CLJ, "TaggedLiteral", "ILookup")                                           \
  X(LANG, "Array", "")                                                         \
  X(LANG, "StringBuilder", "CharSequence")                                     \
  X("java.io.", "Writer", "")                                                  \
  X(LANG, "Throwable", "")                                                     \
  X(LANG, "Error", "Throwable")                                                \
  X(LANG, "Exception", "Throwable")                                            \
  X(LANG, "RuntimeException", "Exception")                                     \
  X(CLJ, "ExceptionInfo", "RuntimeException IExceptionInfo")                   \
  X(LANG, "ArithmeticException", "RuntimeException")                           \
  X(LANG, "ClassCastException", "RuntimeException")                            \
  X(LANG, "NullPointerException", "RuntimeException")                          \
  X(LANG, "IllegalArgumentException", "RuntimeException")                      \
  X(CLJ, "ArityException", "IllegalArgumentException")                         \
  X(LANG, "NumberFormatException", "IllegalArgumentException")                 \
  X("java.util.regex.", "PatternSyntaxException", "IllegalArgumentException")  \
  X(LANG, "IllegalStateException", "RuntimeException")                         \
  X(LANG, "IndexOutOfBoundsException", "RuntimeException")                     \
  X(LANG, "ArrayIndexOutOfBoundsException", "IndexOutOfBoundsException")       \
  X(LANG, "StringIndexOutOfBoundsException", "IndexOutOfBoundsException")      \
  X(LANG, "UnsupportedOperationException", "RuntimeException")                 \
  X(LANG, "NegativeArraySizeException", "RuntimeException")                    \
  X(UTIL, "NoSuchElementException", "RuntimeException")                        \
  X("clojure.lang.LispReader$", "ReaderException", "RuntimeException")         \
  X("clojure.lang.Compiler$", "CompilerException", "RuntimeException")         \
  X(LANG, "InterruptedException", "Exception")                                 \
  X(LANG, "ClassNotFoundException", "Exception")                               \
  X("java.io.", "IOException", "Exception")                                    \
  X("java.io.", "FileNotFoundException", "IOException")                        \
  X("js.", "Error", "Exception")                                               \
  X(LANG, "IllegalAccessError", "Error")                                       \
  X(LANG, "AbstractMethodError", "Error")                                      \
  X(LANG, "AssertionError", "Error")                                           \
  X(LANG, "VirtualMachineError", "Error")                                      \
  X(LANG, "StackOverflowError", "VirtualMachineError")                         \
  X(LANG, "OutOfMemoryError", "VirtualMachineError")

static const struct class_row {
  const char *package, *name, *parents;
} rows[] = {
#define X(package, name, parents) {package, name, parents},
    CLASSES(X)
#undef X
};
enum { ROWS = sizeof rows / sizeof *rows };

static O classes; /* map: simple or full name, a string -> class */

static const struct class_row *find_row(const char *name) {
  bool full = strchr(name, '.') != NULL;
  for (size_t i = 0; i < ROWS; i++) {
    size_t n = strlen(rows[i].package);
    if (full ? strncmp(rows[i].package, name, n) == 0 &&
                   strcmp(rows[i].name, name + n) == 0
             : strcmp(rows[i].name, name) == 0)
      return &rows[i];
  }
  return NULL;
}

static class_object *make(const char *package, const char *name) {
  buffer full = {0};
  buffer_text(&full, package);
  buffer_text(&full, name);
  class_object *c = gc_alloc(JANK_TYPE_CLASS, sizeof *c);
  c->name = symbol_make(NULL, string_from_buffer(&full));
  c->supers = set_empty;
  c->methods = map_empty;
  return c;
}

static void add_parents(class_object *c, const char *parents) {
  while (*parents) {
    size_t n = strcspn(parents, " ");
    char name[64];
    memcpy(name, parents, n);
    name[n] = 0;
    class_object *parent = class_find(name);
    if (parent)
      c->supers = set_conj(c->supers, &parent->header);
    parents += n;
    parents += *parents == ' ';
  }
}

/* A class is kept under its full and its simple name. Where two have the same simple
 * name (java.lang.Error, js.Error), that is the first one's. */
class_object *class_find(const char *name) {
  class_init();
  O key = jank_make_string(name), found = map_get(classes, key, JANK_NIL);
  if (found != JANK_NIL)
    return (class_object *)found;
  const struct class_row *row = find_row(name);
  if (!row)
    return NULL;
  O simple = jank_make_string(row->name);
  class_object *c = NULL;
  if (row == find_row(row->name)) /* not a second one of the same name */
    c = (class_object *)map_get(classes, simple, JANK_NIL);
  if (!c) {
    c = make(row->package, row->name);
    add_parents(c, row->parents);
    if (row == find_row(row->name))
      classes = map_assoc(classes, simple, &c->header);
  }
  classes = map_assoc(classes, key, &c->header);
  return c;
}

/* Like class_find; makes one that has no parents but Object. */
static class_object *intern(const char *name) {
  class_object *c = class_find(name);
  if (c)
    return c;
  c = make("", name);
  classes = map_assoc(classes, jank_make_string(name), &c->header);
  return c;
}

/* ---- Of what class a value is -------------------------------------------- */

static const char *class_name_of(O o) {
  if (!is_heap(o))
    return error_type_name(o);
  switch (o->type) {
  case JANK_TYPE_EXCEPTION: {
    /* JavaScript's Error is an exception like its others, not java.lang.Error. */
    const exception_object *e = (exception_object *)o;
    const char *name = e->class_name->text;
    return e->host != JANK_NIL && strcmp(name, "Error") == 0 ? "js.Error"
                                                             : name;
  }
  case JANK_TYPE_BIGNUM:
    return tower_kind(o) == 'N'   ? "BigInt"
           : tower_kind(o) == 'M' ? "BigDecimal"
                                  : "Ratio";
  case JANK_TYPE_MAP:
    return o->flags & MAP_HASHED ? "PersistentHashMap" : "PersistentArrayMap";
  case JANK_TYPE_EMPTY_LIST:
    return "PersistentList$EmptyList";
  case JANK_TYPE_VECTOR_SEQ:
    return "PersistentVector$ChunkedSeq";
  case JANK_TYPE_RANGE:
    return "LongRange";
  case JANK_TYPE_TRANSIENT_VECTOR:
    return "PersistentVector$TransientVector";
  case JANK_TYPE_TRANSIENT_MAP:
    return "PersistentHashMap$TransientHashMap";
  case JANK_TYPE_TRANSIENT_SET:
    return "PersistentHashSet$TransientHashSet";
  case JANK_TYPE_FN:
    return "AFunction";
  default:
    return error_type_name(o);
  }
}

static class_object *type_classes[JANK_TYPE_COUNT + 4];

/* One for all values of a type, but maps and exceptions. */
static class_object **class_slot(O o) {
  if (!is_heap(o))
    return &type_classes[JANK_TYPE_COUNT + (is_fixnum(o) ? 0
                                            : is_char(o) ? 1
                                                         : 2)];
  return o->type == JANK_TYPE_EXCEPTION || o->type == JANK_TYPE_MAP ||
                 o->type == JANK_TYPE_BIGNUM
             ? NULL
             : &type_classes[o->type];
}

/* An exception may have any name: an unknown one is a class of its own, below
 * Exception. */
class_object *class_of(O o) {
  if (is_type(o, JANK_TYPE_INSTANCE))
    return ((instance_object *)o)->class;
  class_object **slot = class_slot(o);
  if (!slot) {
    if (is_type(o, JANK_TYPE_EXCEPTION)) {
      class_object *c = intern(class_name_of(o));
      if (set_count(c->supers) == 0 &&
          strcmp(c->name->name->text, "java.lang.Throwable"))
        add_parents(c, "Exception");
      return c;
    }
    return intern(class_name_of(o));
  }
  if (!*slot)
    *slot = intern(class_name_of(o));
  return *slot;
}

/* ---- Ancestors ----------------------------------------------------------- */

/* Depth first; a class that is reached in two ways is visited twice. */
static bool each_super(class_object *c, bool (*visit)(void *, class_object *),
                       void *context) {
  if (visit(context, c))
    return true;
  for (O s = seq(c->supers); s != JANK_NIL; s = seq_next(s))
    if (is_type(seq_first(s), JANK_TYPE_CLASS) &&
        each_super((class_object *)seq_first(s), visit, context))
      return true;
  return false;
}

bool class_each(class_object *c, bool (*visit)(void *, class_object *),
                void *context) {
  return each_super(c, visit, context) || visit(context, class_find("Object"));
}

static bool has_super(void *parent, class_object *c) {
  return &c->header == parent || set_contains(c->supers, parent);
}

bool class_isa(class_object *c, O parent) {
  return class_each(c, has_super, parent);
}

/* The generic functions ask often, with few names. */
static O known_class(const char *literal) {
  static struct {
    const char *name;
    class_object *class;
  } known[16];
  size_t slot = ((uintptr_t)literal >> 1) % 16;
  if (known[slot].name != literal) {
    known[slot].class = class_find(literal); /* in `classes`: lives for ever */
    known[slot].name = literal;
  }
  return &known[slot].class->header;
}

bool class_is(O o, const char *class_name) {
  return is_type(o, JANK_TYPE_INSTANCE) &&
         class_isa(((instance_object *)o)->class, known_class(class_name));
}

/* ---- Start, and for the table of types ----------------------------------- */

class_object *class_want(const char *who, O o) {
  if (!is_type(o, JANK_TYPE_CLASS))
    error_type(who, "a class", o);
  return (class_object *)o;
}

void class_init(void) {
  if (classes)
    return;
  jank_add_root(&classes);
  classes = map_empty;
  gc_add_root_range((O *)type_classes, sizeof type_classes / sizeof(O));
}

const char *class_name_of_value(O o) { return class_of(o)->name->name->text; }

void class_trace(O o) {
  class_object *c = (class_object *)o;
  gc_mark((O)c->name);
  gc_mark(c->supers);
  gc_mark(c->fields);
  gc_mark(c->methods);
}
