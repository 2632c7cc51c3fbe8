/* A folder with room for a cache file, gone after the test, and an inbox of batches. */
#ifndef TESTS_LIB_CACHE_H
#define TESTS_LIB_CACHE_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/inbox.h"
#include "model/batch.h"

static char folder[256], path[300];
static struct inbox *mail;
static struct err err;

static void discard(void *item)
{
    batch_free(item);
}

static void set_up(void)
{
    const char *top = getenv("TMPDIR");

    snprintf(folder, sizeof(folder), "%s/gigawatch-cache-XXXXXX", top ? top : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/cache.db", folder);
    mail = inbox_new(discard);
    memset(&err, 0, sizeof(err));
}

static void tear_down(void)
{
    DIR *all = opendir(folder);
    char name[600];

    for (struct dirent *e; all && (e = readdir(all));) {
        snprintf(name, sizeof(name), "%s/%s", folder, e->d_name);
        unlink(name);
    }
    closedir(all);
    rmdir(folder);
    inbox_free(mail);
}

#endif
