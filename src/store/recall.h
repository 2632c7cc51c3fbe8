/* From a block of rows to a batch. Private to store/. */
#ifndef STORE_RECALL_H
#define STORE_RECALL_H

#include "store/block.h"

/* hashes: batch_hash() of every row. */
struct batch *recall_block(const struct block *block, const uint64_t *hashes);

#endif
