/* reduce.h - TODO */
#ifndef JANK_COLLECTION_REDUCE_H
#define JANK_COLLECTION_REDUCE_H

#include "value/word.h"

enum chunk_kind { CHUNK_MAP, CHUNK_FILTER, CHUNK_REMOVE, CHUNK_KEEP };

#endif
