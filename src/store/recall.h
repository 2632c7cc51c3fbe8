/* From a block of rows to a batch. Private to store/. */
#ifndef STORE_RECALL_H
#define STORE_RECALL_H

#include "store/block.h"
#include "store/store.h"

bool wish_has(const struct store_wish *wish, uint64_t hash);
/* hashes: batch_hash() of every row. before: rows of the kind in the blocks before this one. Of the rows that are
 * wished for, all where `wish` is NULL; NULL: none is. */
struct batch *recall_block(const struct block *block, const uint64_t *hashes, size_t before,
                           const struct store_wish *wish);

#endif
