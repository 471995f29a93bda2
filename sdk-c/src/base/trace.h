/* trace.h - what a native build tells of its own work: the switches, and what their
 * lines say.
 *
 * All switches are 0. One that is 1 prints a line for each of its events to stderr,
 * which begins with the switch's name in brackets. They are set for all files, by
 *
 *   cmake -DJANK_TRACE="gc;load" ...      (or "all")
 *   cc -DJANK_TRACE_GC=1 -DJANK_TRACE_LOAD=1 ...
 *
 * What is 0 is compiled to nothing, and in WebAssembly everything is. The compiler
 * checks the arguments of TRACE nevertheless.
 */
#ifndef JANK_BASE_TRACE_H
#define JANK_BASE_TRACE_H

#include <stdio.h>

/* Collections: their kind and number, bytes in use before and after, how many of these
 * are of old objects, and the time. Then what has become permanent.
 *   [GC] minor 12: 5242880 bytes to 1048576, 204800 of them old, 0.8 ms
 *   [GC] frozen: 1048576 bytes, 312 of the objects are roots */
#ifndef JANK_TRACE_GC
#define JANK_TRACE_GC 0
#endif

/* Patches: what became of a load, also of that of a program's own entry, and those that
 * are freed because no function refers to them. Symbols are the records of its table;
 * the error is one of enum patch_error.
 *   [LOAD] jank_patch_symbols_1 of /patch.wasm: 3 symbols, 12 constants, 1 table slots
 *   [LOAD] jank_patch_symbols_1 of /patch.wasm: error -1, cannot read the patch file
 *   [LOAD] freed /patch.wasm#jank_patch_symbols_1: 1024 bytes, 1 table slots */
#ifndef JANK_TRACE_LOAD
#define JANK_TRACE_LOAD 0
#endif

/* Transactions, by depth: what they keep the state of, and their ends.
 *   [JOURNAL] begin 2
 *   [JOURNAL] 2 keeps a Var
 *   [JOURNAL] commit 2: 3 states, 2 of them for the outer transaction
 *   [JOURNAL] rollback 1: 3 states */
#ifndef JANK_TRACE_JOURNAL
#define JANK_TRACE_JOURNAL 0
#endif

/* What a form, or all of a unit, became: nodes and functions of a program, and how long
 * it took to expand and analyze it (if it is all, to read it, too); then bytes.
 *   [COMPILE] in.jank:3:1: 12 nodes, 2 functions in 0.3 ms, 345 bytes in 0.1 ms */
#ifndef JANK_TRACE_COMPILE
#define JANK_TRACE_COMPILE 0
#endif

/* Macros that are called.
 *   [EXPAND] in.jank:3:1 clojure.core/defn */
#ifndef JANK_TRACE_EXPAND
#define JANK_TRACE_EXPAND 0
#endif

/* Whether what runs is to go on: each time that it is looked at, once in some
 * thousand rounds of a loop or calls.
 *   [POLL] goes on
 *   [POLL] interrupted by the host
 *   [POLL] interrupted: its budget is spent
 *   [POLL] the stack is used up */
#ifndef JANK_TRACE_POLL
#define JANK_TRACE_POLL 0
#endif

/* Exceptions of the runtime's, when they are made: most of them are thrown at once.
 *   [ERROR] ArithmeticException: Divide by zero */
#ifndef JANK_TRACE_ERROR
#define JANK_TRACE_ERROR 0
#endif

/* A constant: for what is only worked out to be told. */
#ifdef __wasm__
#define TRACE_IS_ON(name) 0
#else
#define TRACE_IS_ON(name) JANK_TRACE_##name
#endif

/* TRACE(GC, "format", ...): a line, of what comes after the brackets. */
#define TRACE(name, ...)                                                       \
  do {                                                                         \
    if (TRACE_IS_ON(name)) {                                                   \
      fputs("[" #name "] ", stderr);                                           \
      fprintf(stderr, __VA_ARGS__);                                            \
      fputc('\n', stderr);                                                     \
    }                                                                          \
  } while (0)

#endif
