/* special.h - the special forms by name, and how many arguments they take. */
#ifndef JANK_READ_SPECIAL_H
#define JANK_READ_SPECIAL_H

#include "value/word.h"

/* X(form, name, least, most): arguments; -1: any number. What a form means says
 * its function in analyze/special.c. */
#define SPECIAL_FORMS(X)                                                       \
  X(quote, "quote", 1, 1)                                                      \
  X(if, "if", 2, 3)                                                            \
  X(do, "do", 0, -1)                                                           \
  X(def, "def", 1, 3)                                                          \
  X(fn, "fn*", 1, -1)                                                          \
  X(let, "let*", 1, -1)                                                        \
  X(loop, "loop*", 1, -1)                                                      \
  X(recur, "recur", 0, -1)                                                     \
  X(var, "var", 1, 1)                                                          \
  X(set, "set!", 2, 2)                                                         \
  X(throw, "throw", 1, 1)                                                      \
  X(try, "try", 0, -1)                                                         \
  X(letfn, "letfn*", 1, -1)                                                    \
  X(case, "case*", 2, -1)                                                      \
  X(exception_is, "exception-is*", 2, 2)                                       \
  X(fields, "fields*", 2, -1)                                                  \
  X(dot, ".", 2, -1)                                                           \
  X(new, "new", 1, -1)

enum special_form {
  SPECIAL_NONE = -1,
#define X(form, name, least, most) SPECIAL_##form,
  SPECIAL_FORMS(X)
#undef X
      SPECIAL_COUNT
};

typedef struct {
  const char *name;
  int least, most;
} special_shape;
extern const special_shape special_shapes[SPECIAL_COUNT];

/* The form that a list with this head is. */
enum special_form special_find(jank_object *head);
/* Special forms, catch, finally and &: syntax-quote leaves them alone. */
bool special_is(jank_object *symbol);

#endif
