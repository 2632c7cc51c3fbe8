/* From the journal to tiles, and from tiles to nothing. Private to store/. */
#ifndef STORE_HISTORY_PACK_H
#define STORE_HISTORY_PACK_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Packs windows that are over (every one but that of the step `now`) and forgets the
 * oldest, a bounded amount at a call. Returns 1: there is more to do, 0: there is not, or
 * -1. */
int history_pack(sqlite3 *db, int64_t now, size_t series, struct err *err);

#endif
