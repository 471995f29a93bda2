/* builtin.h - how a function in C gets its name in jank: the rows of the tables.
 *
 *   const struct patch_symbol coll_builtins[] = {
 *       CORE("nth", "[coll index]", nth2, "The item at the index. ..."),
 *       CORE("nth", "[coll index not-found]", nth3),
 *       {0},
 *   };
 *
 * One row per arity. The arglist is its signature: plain names, and & before the
 * rest. A public name's first row has its doc, which the compiler never sees:
 * core-docs.mjs takes docs, files and lines from the rows, for
 * runtime/docs.c. Names that
 * end in * are internal. */
#ifndef JANK_BUILTIN_H
#define JANK_BUILTIN_H

#include "value/word.h"

#define BUILTIN_FN(fn, ...) fn
#define BUILTIN(ns, name, arglist, ...)                                        \
  {ns "/" name, arglist, (void *)BUILTIN_FN(__VA_ARGS__, 0)}

#define CORE(name, ...) BUILTIN("clojure.core", name, __VA_ARGS__)
#define STRING(name, ...) BUILTIN("clojure.string", name, __VA_ARGS__)
#define MATH(name, ...) BUILTIN("clojure.math", name, __VA_ARGS__)

#endif
