/* session.c - *1, *2, *3 and *e of several people who evaluate in one program.
 *
 * The roots of the four vars are those of the current session; the others' are
 * kept here. Nobody's (id "") are what the program itself gave the vars. No
 * transaction takes them back: they tell what was evaluated.
 */
#include "runtime/session.h"
#include "runtime/var.h"
#include "value/gc.h"
#include "value/word.h"
#include <stdlib.h>
#include <string.h>

enum { ONE, TWO, THREE, ERROR, VALUES };
enum { NOBODY, MOST = 64 }; /* sessions[NOBODY], and the others */

typedef struct {
  char *id;
  uint64_t used; /* when it was made current; 0: nobody has it */
  O values[VALUES];
} session;

static session sessions[MOST + 1];
static session *current = &sessions[NOBODY];
static uint64_t now;
static var_object *vars[VALUES];

void session_init(void) {
  static const char *const names[VALUES] = {"*1", "*2", "*3", "*e"};
  gc_add_root_range((O *)vars, VALUES);
  for (int i = 0; i < VALUES; i++)
    vars[i] = (var_object *)jank_var_intern_c("clojure.core", names[i]);
  for (int i = 0; i <= MOST; i++)
    gc_add_root_range(sessions[i].values, VALUES);
}

/* NULL: no memory. */
static char *copy(const char *id) {
  char *result = malloc(strlen(id) + 1);
  return result ? strcpy(result, id) : NULL;
}

/* The session of that id; else in place of the one that was used longest ago. */
static session *session_of(const char *id) {
  session *oldest = &sessions[1];
  if (!*id)
    return &sessions[NOBODY];
  for (session *s = &sessions[1]; s <= &sessions[MOST]; s++) {
    if (s->used && strcmp(s->id, id) == 0)
      return s;
    if (s->used < oldest->used)
      oldest = s;
  }
  char *own = copy(id);
  if (!own)
    return &sessions[NOBODY];
  free(oldest->id);
  *oldest = (session){.id = own};
  return oldest;
}

/* What nobody's are before the library has set them. */
static O value_of(const var_object *var) {
  return var->root == JANK_UNBOUND ? JANK_NIL : var->root;
}

void jank_hot_reload_session(const char *id) {
  for (int i = 0; i < VALUES; i++)
    current->values[i] = value_of(vars[i]);
  current = session_of(id);
  current->used = ++now;
  for (int i = 0; i < VALUES; i++)
    var_show(vars[i], current->values[i]);
}

static bool is_somebody(void) { return current != &sessions[NOBODY]; }

void session_value(O value) {
  if (!is_somebody())
    return;
  var_show(vars[THREE], value_of(vars[TWO]));
  var_show(vars[TWO], value_of(vars[ONE]));
  var_show(vars[ONE], value);
}

void session_error(O exception) {
  if (is_somebody())
    var_show(vars[ERROR], exception);
}
