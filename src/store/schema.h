/* The cache file: made, recognised, brought up to date, or refused in words. Private to
 * store/.
 *
 * What each version added stands where it is added, in schema.c. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"

enum {
    SCHEMA_APPLICATION = 0x47694757, /* "GiGW" in the file's head */
    SCHEMA_VERSION = 6
};

/* For reading: the file is left as it is. NULL with *err: ERR_NO_DATA where there is no
 * file. */
sqlite3 *schema_read(const char *path, struct err *err);
/* For the one writer: makes the folder (0700) and the file (0600), migrates an older one.
 */
sqlite3 *schema_write(const char *path, struct err *err);

/* Takes a lock that one process at a time can have: "writer" of the file, or its
 * "collector" (a file beside it, freed by the system even after kill -9). Returns its
 * descriptor; -1: another process has it, by whichever name of the file; -2 with *err:
 * cannot be taken. */
int schema_lock(const char *path, const char *role, struct err *err);
/* The process that has it; 0: nobody, -1: somebody, but who is not told. */
long schema_holder(const char *path, const char *role);

#endif
