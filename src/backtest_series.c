/* A line at a time; what is wrong with one is said with its number. */
#include "backtest_series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "forecast/spread.h"

/* The year 10000: what is later was counted in milliseconds. */
static const double latest_s = 253402300800;

/* What spreadsheets write before the first letter: the byte order mark of UTF-8. */
static const char *after_mark(const char *text)
{
    static const char mark[] = "\xef\xbb\xbf";

    return strncmp(text, mark, 3) == 0 ? text + 3 : text;
}

int series_open(struct series *s, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char header[64] = "";
    size_t len = strlen(base);

    *s = (struct series){ .path = path, .line = 1, .time = -INFINITY };
    if (len > 4 && strcmp(base + len - 4, ".csv") == 0)
        len -= 4;
    snprintf(s->name, sizeof(s->name), "%.*s", (int)len, base);
    /* A comma or quote in a file's name must not make more cells. */
    for (char *c = s->name; *c; c++)
        if (*c == ',' || *c == '"' || (unsigned char)*c < ' ')
            *c = '_';
    s->in = file_open(path);
    if (!s->in)
        return err_set(err, "%s: %s", path, strerror(errno));
    if (!fgets(header, sizeof(header), s->in) && ferror(s->in)) {
        series_close(s);
        return err_set(err, "%s: %s", path, strerror(errno));
    }
    header[strcspn(header, "\r\n")] = 0;
    if (strcmp(after_mark(header), "unix_seconds,watts") != 0) {
        series_close(s);
        return err_set(err, "%s:1: expected the header line unix_seconds,watts", path);
    }
    return 0;
}

void series_close(struct series *s)
{
    if (s->in)
        fclose(s->in);
    s->in = NULL;
}

static int bad_line(const struct series *s, const char *text, const char *expected,
                    struct err *err)
{
    size_t len = strcspn(text, "\r\n");

    return err_set(err, "%s:%lu: expected %s, got \"%.*s\"", s->path, s->line, expected, len < 20 ? (int)len : 20, text);
}

int series_read(struct series *s, double *time, double *watts, struct err *err)
{
    char text[128], *end;

    if (!fgets(text, sizeof(text), s->in))
        return ferror(s->in) ? err_set(err, "%s: %s", s->path, strerror(errno)) : 0;
    s->line++;
    *time = strtod(text, &end);
    if (end == text || *end != ',' || !isfinite(*time))
        return bad_line(s, text, "seconds,watts", err);
    if (fabs(*time) > latest_s)
        return bad_line(s, text, "seconds since 1970, not a fraction of them", err);
    if (*time <= s->time)
        return bad_line(s, text, "a later time than in the line before", err);
    s->time = *time;
    text[strcspn(text, "\r\n")] = 0;
    if (!end[1]) {
        *watts = NAN;
        return 1;
    }
    *watts = strtod(end + 1, &end);
    return *end || isinf(*watts) ? bad_line(s, text, "seconds,watts", err) : 1;
}

int series_step(const char *path, double *begins, double *step_s, struct err *err)
{
    enum { MOST = 64 };
    struct series s;
    double steps[MOST], time, watts, before = NAN;
    size_t n = 0;
    int got = 1;

    *step_s = *begins = NAN;
    if (series_open(&s, path, err) < 0)
        return -1;
    while (n < MOST && (got = series_read(&s, &time, &watts, err)) > 0) {
        if (!isnan(before))
            steps[n++] = time - before;
        else
            *begins = time;
        before = time;
    }
    series_close(&s);
    if (got < 0)
        return -1;
    if (isnan(before))
        return err_set_code(
            err, ERR_NO_DATA,
            "%s: there is no sample: expected lines of unix_seconds,watts after the header line",
            path);
    spread_sort(steps, n);
    if (n)
        *step_s = steps[n / 2];
    return 0;
}
