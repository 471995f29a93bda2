/* nodes.h - what each kind of node becomes. */
#ifndef JANK_EMIT_NODES_H
#define JANK_EMIT_NODES_H

#include "emit/function.h"
#include "value/word.h"

/* For function.nodes. */
extern const node_emitters nodes_emitters;

#endif
