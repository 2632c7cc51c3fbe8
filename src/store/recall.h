/* From a block of rows to a batch. Private to store/. */
#ifndef STORE_RECALL_H
#define STORE_RECALL_H

#include "store/block.h"

/* The block's text becomes the batch's, so that nothing but block_free() may be done with
 * it. hashes: batch_hash() of every row. before: rows of the kind in the blocks before
 * this one. chosen: by row, whether it is wanted; NULL: all are. */
struct batch *recall_block(struct block *block, const uint64_t *hashes, size_t before,
                           const bool *chosen);

#endif
