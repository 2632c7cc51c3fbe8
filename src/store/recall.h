/* From blocks of rows to batches. Private to store/. */
#ifndef STORE_RECALL_H
#define STORE_RECALL_H

#include "base/inbox.h"
#include "store/block.h"

/* hashes: batch_hash() of every row, in a row. Returns the number of batches put. */
int recall_blocks(struct block *const *blocks, size_t count, const uint64_t *hashes,
                  struct inbox *out);

#endif
