/* --record: the power of the site and of every domain as it comes, a row every interval,
 * in the form that the source csv replays; where no domain is known, the form that
 * --backtest reads. Power alone: there is nothing secret in it. */
#include "app.h"
#include "base/arena.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The columns stand in the first line, so they are those of the first row: it waits for
 * every target to have answered once, but no longer than this. */
static const double PATIENCE_S = 10;

struct recording {
    const char *path;
    FILE *out;                  /* NULL: it failed, and that was said */
    double patience_ends, next; /* steady */
    bool begun, is_file;        /* is_file: and no device, which would not be made anew */
    uint32_t *rows;             /* of the domains that are columns, behind the site's */
    size_t columns;
};

struct recording *recording_new(const char *path, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    struct recording *r;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        err_set_code(err, ERR_USAGE, "--record: %s: %s", path, strerror(errno));
    } else if (S_ISREG(st.st_mode) && st.st_size > 0) {
        /* A recording cannot be had again, so none is overwritten. */
        err_set_code(err, ERR_USAGE,
                     "--record: %s: is there already, and no recording is overwritten",
                     path);
    } else {
        r = xcalloc(1, sizeof(*r));
        r->path = path;
        r->is_file = S_ISREG(st.st_mode);
        r->out = fdopen(fd, "w");
        r->patience_ends = clock_steady() + PATIENCE_S;
        return r;
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

void recording_free(struct recording *r)
{
    if (!r)
        return;
    if (r->out)
        fclose(r->out);
    if (!r->begun && r->is_file)
        unlink(r->path);
    free(r->rows);
    free(r);
}

static void write_name(FILE *out, const char *name)
{
    if (!strpbrk(name, ",\" \t#")) {
        fprintf(out, ",%s", name);
        return;
    }
    fputs(",\"", out);
    for (; *name; name++) {
        if (*name == '"')
            putc('"', out);
        putc(*name, out);
    }
    putc('"', out);
}

static void begin(struct recording *r, const struct model *m)
{
    size_t rows = model_rows(m, GW_DOMAIN);

    r->begun = true;
    r->rows = xcalloc(rows + 1, sizeof(*r->rows));
    for (uint32_t row = 0; row < rows; row++)
        if (model_name(m, GW_DOMAIN, row))
            r->rows[r->columns++] = row;
    fputs("unix_seconds,watts", r->out);
    for (size_t i = 0; i < r->columns; i++)
        write_name(r->out, model_name(m, GW_DOMAIN, r->rows[i]));
    putc('\n', r->out);
}

/* What is stale was written when it was new, or is the cache's. */
static bool is_of_now(const struct model *m, uint16_t metric, uint32_t row)
{
    return !isnan(model_number(m, metric, row)) &&
           model_quality(m, metric, row) != GW_STALE &&
           !model_sum_lacks(m, metric_at(metric)->kind, row);
}

/* What is not known now is a gap. */
static void write_watts(FILE *out, const struct model *m, uint16_t metric, uint32_t row)
{
    if (is_of_now(m, metric, row))
        fprintf(out, ",%.9g", model_number(m, metric, row));
    else
        putc(',', out);
}

/* A recording does not begin with a row of gaps: who replays it and asks once sees the
 * first. */
static bool knows_power(const struct model *m)
{
    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN); row++)
        if (is_of_now(m, M_DOMAIN_POWER, row))
            return true;
    return model_rows(m, GW_SITE) > 0 && is_of_now(m, M_SITE_POWER, 0);
}

int recording_take(struct recording *r, const struct app *app, struct err *err)
{
    const struct model *m = app->model;
    double now = clock_steady();

    if (!r || !r->out || now < r->next || !knows_power(m) ||
        (!r->begun && now < r->patience_ends && !app_has_heard_targets(app, m)))
        return 0;
    r->next = now + app->settings->interval_s;
    if (!r->begun)
        begin(r, m);
    fprintf(r->out, "%.3f", model_now(m));
    write_watts(r->out, m, M_SITE_POWER, 0);
    for (size_t i = 0; i < r->columns; i++)
        write_watts(r->out, m, M_DOMAIN_POWER, r->rows[i]);
    putc('\n', r->out);
    if (fflush(r->out) == 0 && !ferror(r->out))
        return 0;
    err_set(err, "%s: %s; the recording ends here", r->path, strerror(errno));
    fclose(r->out);
    r->out = NULL;
    return -1;
}
