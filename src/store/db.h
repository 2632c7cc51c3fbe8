/* SQLite, with its failures in words. Private to store/. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/err.h"

/* Says why the last call failed, beginning with the file's name. Returns -1. */
int db_fail(sqlite3 *db, struct err *err);

int db_run(sqlite3 *db, const char *sql, struct err *err);
/* The first column of the first row; *value is left alone where there is no row. */
int db_number(sqlite3 *db, const char *sql, int64_t *value, struct err *err);
/* NULL with *err on failure. */
sqlite3_stmt *db_prepare(sqlite3 *db, const char *sql, struct err *err);

#endif
