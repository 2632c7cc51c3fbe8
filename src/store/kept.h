/* What was learnt: one piece of bytes a name, replaced as a whole. Private to store/. */
#ifndef STORE_KEPT_H
#define STORE_KEPT_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct kept;

struct kept *kept_new(void);
void kept_free(struct kept *k);

/* From any thread: takes `bytes` (malloc), to be written at the next save. */
void kept_put(struct kept *k, const char *name, void *bytes, size_t size);
bool kept_waits(const struct kept *k);
/* Within a transaction: each piece is freed as it is written, and lost if that is not
 * committed. -1 with *err. */
int kept_save(struct kept *k, sqlite3 *db, double now, struct err *err);

#endif
