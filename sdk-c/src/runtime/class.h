/* class.h - classes and interfaces by name, and which of them a value is.
 * Classes are known for ever, but for those that a program makes. */
#ifndef JANK_RUNTIME_CLASS_H
#define JANK_RUNTIME_CLASS_H

#include "value/symbol.h"
#include "value/word.h"

/* A host's class or interface, by the JVM's name; or what deftype, defrecord
 * and reify make. */
typedef struct {
  jank_object header;
  symbol_object *name;  /* java.lang.Long, user.Point */
  jank_object *supers;  /* set: classes and protocols */
  jank_object *fields;  /* vector of symbols; nil: not made by a program */
  jank_object *methods; /* map: symbol -> function; reify: -> field number */
} class_object;

#define CLASS_RECORD 1
#define CLASS_REIFY 2

void class_init(void);

/* By its name, with or without its package; NULL: there is none. */
class_object *class_find(const char *name);
class_object *class_of(jank_object *o);               /* o is not nil */
bool class_isa(class_object *c, jank_object *parent); /* class or protocol */
/* Calls visit for c and every class it descends from, nearest first, Object
 * last, until it returns true. */
bool class_each(class_object *c, bool (*visit)(void *, class_object *),
                void *context);
/* Is it an instance of a program's own type that implements the interface? The name
 * is a literal: its address is remembered. */
bool class_is(jank_object *o, const char *class_name);

class_object *class_want(const char *who, jank_object *o); /* or throws */

const char *class_name_of_value(jank_object *o); /* o is not nil */
void class_trace(jank_object *o);

#endif
