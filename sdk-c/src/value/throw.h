/* throw.h - unwinding: what was thrown goes to the innermost handler. */
#ifndef JANK_VALUE_THROW_H
#define JANK_VALUE_THROW_H

#include "value/word.h"

/* Calls body(context): true and *result, or false and *exception. For C code. The
 * handler is gone when it returns. */
bool throw_catch(jank_object *(*body)(void *), void *context,
                 jank_object **result, jank_object **exception);
/* What a frame of C must free when something is thrown through it. Owners end in the
 * opposite order of their beginnings. */
struct throw_frame { /* a handler, or an owner */
  struct throw_frame *outer;
  bool is_handler;
};
typedef struct {
  struct throw_frame frame;
  void (*release)(void *what);
  void *what;
} throw_owner;
/* From now on release(what) is called when the frame is left by a throw. */
void throw_own(throw_owner *o, void (*release)(void *what), void *what);
void throw_release(throw_owner *o); /* the end: releases */
void throw_keep(throw_owner *o);    /* the end: it is the caller's again */
/* What the innermost owner with this `release` owns; NULL: there is none in force. */
void *throw_owned(void (*release)(void *what));

/* OutOfMemoryError, without allocating. */
_Noreturn void throw_out_of_memory(void);
/* The exception for that, made in time: whoever makes it keeps it. */
void throw_set_out_of_memory(jank_object *exception);
/* Drops all handlers: the engine has unwound the stack by itself. */
void throw_reset(void);
/* The chain of handlers and owners in force, to be set again after a trap. */
void *throw_handlers(void);
void throw_set_handlers(void *handlers);

#endif
