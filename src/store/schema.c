/* The cache file: made, recognised, brought up to date, or refused in words. */
#include "store/schema.h"
#include "base/arena.h"
#include "base/file.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* steps[n] leads from version n to n + 1. Steps are only ever appended. */
static const char *const steps[SCHEMA_VERSION] = {
    /* id = kind << 32 | block of 1024 rows; rows as block.h packs them. */
    "CREATE TABLE state(id INTEGER PRIMARY KEY, packed BLOB NOT NULL);",

    /* Ids are keys in the order of arrival, so that everything is appended: journal: step
     * << 24 | block of 256 series; tile: tier << 56 | window << 24 | block, as tile.h
     * packs them. */
    "CREATE TABLE series(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT "
    "NULL,"
    " UNIQUE(kind, name));"
    "CREATE TABLE journal(id INTEGER PRIMARY KEY, watts BLOB NOT NULL);"
    "CREATE TABLE tile(id INTEGER PRIMARY KEY, packed BLOB NOT NULL);",

    ("CREATE TABLE learnt(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, time INTEGER NOT NULL,"
     " bytes BLOB NOT NULL);"),

    /* The step from which on a series has its number: before, that was another's. */
    "ALTER TABLE series ADD COLUMN since INTEGER NOT NULL DEFAULT 0;",

    /* Series of power with the other feed lost (HISTORY_N1): version 4 took them for
     * damage. */
    "",

    /* Blocks of the state with the times of their rows: version 5 took them for
     * damage. */
    "",
};

struct identity {
    int64_t application, version, tables;
};

static int identify(sqlite3 *db, struct identity *who, struct err *err)
{
    *who = (struct identity){ 0 };
    if (db_number(db, "PRAGMA application_id", &who->application, err) < 0 ||
        db_number(db, "PRAGMA user_version", &who->version, err) < 0 ||
        db_number(db, "SELECT count(*) FROM sqlite_schema", &who->tables, err) < 0)
        return -1;
    return 0;
}

static bool is_empty(const struct identity *who)
{
    return who->application == 0 && who->version == 0 && who->tables == 0;
}

static int refuse_strangers(const char *path, const struct identity *who, struct err *err)
{
    if (is_empty(who))
        return 0;
    if (who->application != SCHEMA_APPLICATION)
        return err_set(
            err, "%s: belongs to another program; name another file with --cache", path);
    if (who->version > SCHEMA_VERSION)
        return err_set(
            err, "%s: made by a newer gigawatch (version %lld, this one knows up "
                       "to %d); install that one here, or name another file with --cache",
            path, (long long)who->version, SCHEMA_VERSION);
    if (who->version < 0)
        return err_set(err,
                       "%s: damaged (version %lld); move it away and gigawatch makes a "
                       "new one",
                       path, (long long)who->version);
    return 0;
}

/* ---- reading ---- */

/* "file:…?immutable=1": a database in a folder where nothing may be written has no place
 * for the index of its log; where there is no log either, it cannot change, and SQLite
 * may be told so. */
static char *immutable_name(const char *path)
{
    size_t len = strlen(path), used = 0;
    char *name = xcalloc(3 * len + 32, 1);

    used += (size_t)snprintf(name, 8, "file:");
    for (size_t i = 0; i < len; i++)
        if (strchr("%?#", path[i]))
            used += (size_t)snprintf(name + used, 4, "%%%02X", (unsigned char)path[i]);
        else
            name[used++] = path[i];
    snprintf(name + used, 16, "?immutable=1");
    return name;
}

static bool has_log(const char *path)
{
    char *log = sqlite3_mprintf("%s-wal", path);
    struct stat st;
    bool has = log && stat(log, &st) == 0 && st.st_size > 0;

    sqlite3_free(log);
    return has;
}

static sqlite3 *open_file(const char *path, int flags, struct err *err)
{
    sqlite3 *db = NULL;

    if (sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        err_set(err, "%s: cannot be opened (%s)", path,
                db ? sqlite3_errmsg(db) : "no memory");
        sqlite3_close(db);
        return NULL;
    }
    sqlite3_busy_timeout(db, 2000);
    return db;
}

sqlite3 *schema_read(const char *path, struct err *err)
{
    struct identity who;
    struct stat st;
    sqlite3 *db;

    if (stat(path, &st) < 0) {
        err_set_code(err, ERR_NO_DATA, "%s: %s", path, strerror(errno));
        return NULL;
    }
    db = open_file(path, SQLITE_OPEN_READONLY, err);
    if (!db)
        return NULL;
    if (identify(db, &who, err) < 0) {
        int code = sqlite3_errcode(db) & 0xff;

        /* Which of the two is said changed between versions of SQLite. */
        if ((code != SQLITE_CANTOPEN && code != SQLITE_READONLY) || has_log(path))
            goto fail;
        char *name = immutable_name(path);

        sqlite3_close(db);
        db = open_file(name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
        free(name);
        if (!db || identify(db, &who, err) < 0)
            goto fail;
    }
    if (refuse_strangers(path, &who, err) < 0)
        goto fail;
    if (who.version < SCHEMA_VERSION) {
        err_set_code(err, ERR_NO_DATA,
                     is_empty(&who)
                         ? "%s: empty; a console or a collector that is given it fills it"
                         : "%s: made by an older gigawatch; the console or "
                           "the collector brings it "
                           "up to date",
                     path);
        goto fail;
    }
    return db;
fail:
    sqlite3_close(db);
    return NULL;
}

/* ---- writing ---- */

/* Makes the file, so that it never has another mode than 0600. An existing one is not
 * opened here: closing any descriptor of it would drop the locks that SQLite holds in
 * this process. */
static int make_file(const char *path, struct err *err)
{
    struct stat st;
    int fd;

    if (stat(path, &st) == 0) {
        if (!S_ISREG(st.st_mode))
            return err_set(err, "%s: not a file", path);
        if (!(st.st_mode & 0222) || access(path, W_OK) < 0)
            return err_set(
                err,
                "%s: read-only: it is read, and nothing new is kept; another file: --cache",
                path);
        /* One that somebody made for us holds nothing yet; whose it is says who may read
         * it. */
        if (st.st_size == 0 && st.st_uid == geteuid() && chmod(path, 0600) < 0)
            return err_set(err, "%s: cannot be closed to others: %s", path,
                           strerror(errno));
        return 0;
    }
    file_make_folders(path);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return err_set(err, "%s: cannot be made: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return 0;
}

/* Two names of one cache are one lock, as they are one database to SQLite. What lies in
 * the lock's place and is another file's name is not opened: that file would be
 * emptied. */
static int open_lock(const char *path, const char *role, int flags)
{
    char *file = realpath(path, NULL);
    char *name = sqlite3_mprintf("%s-%s", file ? file : path, role);
    int fd = name ? open(name, flags | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    int failed = errno;

    sqlite3_free(name);
    free(file);
    errno = failed;
    return fd;
}

/* Who only looks, as schema_holder() does, shares the lock for a moment, and is nobody
 * who has it. */
static int lock_alone(int fd)
{
    enum { TRIES = 100, WAITS_US = 1000 };

    for (int i = 0; i < TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (flock(fd, LOCK_SH | LOCK_NB) < 0)
            return -1;
        flock(fd, LOCK_UN);
        usleep(WAITS_US);
    }
    return -1;
}

int schema_lock(const char *path, const char *role, struct err *err)
{
    char pid[24];
    int fd, len;

    if (make_file(path, err) < 0)
        return -2;
    fd = open_lock(path, role, O_RDWR | O_CREAT);
    if (fd < 0)
        return err_set(err,
                       errno == ELOOP ? "%s-%s: is a link, and no lock"
                                      : "%s: its folder is not writable: %s",
                       path, errno == ELOOP ? role : strerror(errno)) -
               1;
    if (lock_alone(fd) < 0) {
        close(fd);
        return -1;
    }
    /* Only for messages: on a full disk nobody is named. */
    len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)len, 0) < 0)
        (void)0;
    return fd;
}

long schema_holder(const char *path, const char *role)
{
    int fd = open_lock(path, role, O_RDONLY);
    char text[24] = "";
    long pid;

    if (fd < 0)
        return 0;
    if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
        close(fd);
        return 0;
    }
    if (pread(fd, text, sizeof(text) - 1, 0) < 0)
        text[0] = '\0';
    close(fd);
    pid = strtol(text, NULL, 10);
    return pid > 0 ? pid : -1;
}

static int migrate(sqlite3 *db, int64_t version, struct err *err)
{
    char sql[96];

    for (; version < SCHEMA_VERSION; version++)
        if (db_run(db, steps[version], err) < 0)
            return -1;
    snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             SCHEMA_APPLICATION, SCHEMA_VERSION);
    return db_run(db, sql, err);
}

sqlite3 *schema_write(const char *path, struct err *err)
{
    sqlite3 *db = open_file(path, SQLITE_OPEN_READWRITE, err);
    struct identity who;

    if (!db)
        return NULL;
    if (identify(db, &who, err) < 0 || refuse_strangers(path, &who, err) < 0)
        goto fail;
    if (is_empty(&who) && db_run(db, "PRAGMA page_size = 16384", err) < 0)
        goto fail;
    if (db_run(db,
               "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
               "PRAGMA cache_size = -512; PRAGMA wal_autocheckpoint = 256; PRAGMA journal_size_limit = 16777216;",
               err) < 0)
        goto fail;
    if (who.version < SCHEMA_VERSION &&
        (db_run(db, "BEGIN IMMEDIATE", err) < 0 || migrate(db, who.version, err) < 0 ||
         db_run(db, "COMMIT", err) < 0))
        goto fail;
    return db;
fail:
    sqlite3_close(db);
    return NULL;
}
