/* A state is bytes of this version alone, so a file is read back by the program that
 * wrote it, or refused. */
#include "backtest_state.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"

static const char magic[] = "gigawatch states 1\n";
enum { NAME = 128, MOST = 64 << 20 };

struct head {
    char name[NAME];
    uint64_t size;
};

static int load_from(FILE *in, const char *path, const char *name, struct forecaster *f,
                     struct err *err)
{
    char first[sizeof(magic)] = "";
    struct head head;

    if (!fgets(first, sizeof(first), in) || strcmp(first, magic) != 0)
        return err_set(err, "%s: expected states that --save-state wrote", path);
    while (fread(&head, sizeof(head), 1, in) == 1) {
        void *bytes;
        bool loaded;

        head.name[NAME - 1] = 0;
        if (head.size > MOST)
            return err_set(err, "%s: broken: a state of %llu bytes", path,
                           (unsigned long long)head.size);
        if (strcmp(head.name, name) != 0) {
            if (fseek(in, (long)head.size, SEEK_CUR) != 0)
                return err_set(err, "%s: %s", path, strerror(errno));
            continue;
        }
        bytes = xcalloc(1, head.size + 1);
        loaded = fread(bytes, 1, head.size, in) == head.size &&
                 forecaster_load(f, bytes, head.size);
        free(bytes);
        return loaded ? 0
                      : err_set(err,
                                "%s: the state of %s is of another version, step or --horizon; save it again",
                                path, name);
    }
    return 1;
}

int backtest_state_load(const char *path, const char *name, struct forecaster *f,
                        struct err *err)
{
    FILE *in;
    int result;

    if (!path)
        return 1;
    in = fopen(path, "re");
    if (!in)
        return err_set(err, "%s: %s", path, strerror(errno));
    result = load_from(in, path, name, f, err);
    fclose(in);
    return result;
}

int backtest_state_try(const char *path, struct err *err)
{
    bool was_there = path && access(path, F_OK) == 0;
    FILE *out;

    if (!path)
        return 0;
    out = fopen(path, "ae");
    if (!out)
        return err_set(err, "%s: %s", path, strerror(errno));
    fclose(out);
    if (!was_there)
        unlink(path);
    return 0;
}

int backtest_state_save(const char *path, bool is_first, const char *name,
                        const struct forecaster *f, struct err *err)
{
    struct head head = { .size = forecaster_save(f, NULL, 0) };
    void *bytes;
    FILE *out;
    bool written;

    if (!path)
        return 0;
    out = fopen(path, is_first ? "we" : "ae");
    if (!out)
        return err_set(err, "%s: %s", path, strerror(errno));
    snprintf(head.name, sizeof(head.name), "%s", name);
    bytes = xcalloc(1, head.size);
    forecaster_save(f, bytes, head.size);
    written = (!is_first || fputs(magic, out) >= 0) &&
              fwrite(&head, sizeof(head), 1, out) == 1 &&
              fwrite(bytes, head.size, 1, out) == 1;
    free(bytes);
    if (fclose(out) != 0 || !written)
        return err_set(err, "%s: %s", path, strerror(errno));
    return 0;
}
