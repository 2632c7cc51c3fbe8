/* Steps of the history in memory, on their way to the file. Private to store/. */
#ifndef STORE_HISTORY_STEP_H
#define STORE_HISTORY_STEP_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct step {
    int64_t number; /* of HISTORY_STEP_S since 1970 */
    float *watts;   /* by series; NAN: unknown */
    size_t count, room;
    bool written; /* but not yet committed */
};

struct steps {
    struct step *all;
    size_t count, room, bytes;
    size_t next; /* where the next is likely to be; may be wrong */
};

/* Makes unknown what the file has of these steps already, for what was measured live
 * stands. They are sorted for that. */
int history_leave_known(sqlite3 *db, struct steps *steps, struct err *err);

#endif
