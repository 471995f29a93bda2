/* ns.h - namespaces. Each lives for as long as the table of all of them, or a
 * var of it, refers to it. */
#ifndef JANK_RUNTIME_NS_H
#define JANK_RUNTIME_NS_H

#include "runtime/var.h"
#include "value/symbol.h"
#include "value/word.h"

typedef struct namespace_object {
  jank_object header;
  symbol_object *name;
  jank_object *mappings; /* map: symbol -> var, own and referred */
  jank_object *aliases;  /* map: symbol -> namespace */
  jank_object *meta;
  bool loaded; /* its file or ns form was completed */
  bool failed; /* its file was not: a require tries again */
} namespace_object;

extern namespace_object *ns_core;
extern var_object *ns_var; /* *ns* */

void ns_init(void);
namespace_object *ns_find(symbol_object *name); /* NULL: there is none */
namespace_object *ns_find_or_make(symbol_object *name);
namespace_object *ns_from_name(const char *name);
namespace_object *ns_current(void);
void ns_set_current(namespace_object *ns); /* no transaction takes it back */
/* Whether it was made by an ns form, or holds anything and has no source of its
 * own in the library: only then is it loaded. */
bool ns_has(namespace_object *ns);
void ns_remove_name(namespace_object *ns, symbol_object *name); /* ns-unmap */
/* A name of its own would hide one of clojure.core. */
bool ns_hides_core(const namespace_object *ns, symbol_object *name);
jank_object *ns_all(void);         /* map: symbol -> namespace */
void ns_remove(jank_object *name); /* from the table of all */

/* For the table of types. */
extern const struct journal_kind ns_journal;
void ns_trace(jank_object *o);
jank_object *ns_meta(jank_object *o);

#endif
