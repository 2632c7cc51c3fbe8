/* Fixed quantiles from a first pass over the file, rolling ones from a ring of the newest
 * samples. */
#include "backtest_caps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backtest_series.h"
#include "base/arena.h"
#include "forecast/spread.h"

enum { TURN = 16, ENOUGH = 4000 };

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Sorts. */
static double quantile(double *v, size_t n, double p)
{
    qsort(v, n, sizeof(*v), compare);
    return spread_sorted_quantile(v, n, p);
}

static bool is_fixed_quantile(const struct backtest_cap *cap)
{
    return !isnan(cap->quantile) && isnan(cap->window_s);
}

/* What came before --from. */
static int read_known(const char *path, double from, double **known, size_t *count,
                      struct err *err)
{
    struct series s;
    double time, watts;
    size_t room = 0;
    int got;

    if (series_open(&s, path, err) < 0)
        return -1;
    while ((got = series_read(&s, &time, &watts, err)) > 0 && time < from)
        if (!isnan(watts)) {
            *known = xgrow(*known, &room, *count + 1, sizeof(**known));
            (*known)[(*count)++] = watts;
        }
    series_close(&s);
    if (got < 0)
        return -1;
    return *count ? 0
                  : err_set_code(err, ERR_NO_DATA, "%s: no samples before --from", path);
}

static int find_fixed(struct backtest_caps *c, const char *path, struct err *err)
{
    const struct backtest_options *o = c->options;
    double *known = NULL;
    size_t count = 0;
    int result = 0;

    for (size_t i = 0; i < o->cap_count && result == 0; i++) {
        if (!is_fixed_quantile(&o->caps[i]))
            continue;
        if (isnan(o->from))
            return err_set_code(err, ERR_USAGE,
                                "a cap by quantile needs --from: it is taken from "
                                "the samples before");
        if (!known)
            result = read_known(path, o->from, &known, &count, err);
        if (result == 0)
            c->watts[i] = quantile(known, count, o->caps[i].quantile);
    }
    free(known);
    return result;
}

int backtest_caps_start(struct backtest_caps *c, const struct backtest_options *o,
                        const char *path, double step_s, struct err *err)
{
    *c = (struct backtest_caps){
        .options = o, .began = NAN, .step_s = step_s, .turn = -1
    };
    for (size_t i = 0; i < o->cap_count; i++) {
        c->watts[i] = o->caps[i].watts;
        if (o->caps[i].window_s > c->window_s)
            c->window_s = o->caps[i].window_s;
    }
    return find_fixed(c, path, err);
}

static double rolling(struct backtest_caps *c, const struct backtest_cap *cap, double now)
{
    size_t n = 0, all = c->count, first = c->first;

    while (all && c->times[first % c->room] <= now - cap->window_s) {
        first++;
        all--;
    }
    for (size_t i = 0, stride = all > ENOUGH ? all / ENOUGH : 1; i < all; i += stride)
        c->order[n++] = c->known[(first + i) % c->room];
    /* A third of the window is the least to go by. */
    return (double)all * c->step_s * 3 >= cap->window_s
               ? quantile(c->order, n, cap->quantile)
               : NAN;
}

static void make_room(struct backtest_caps *c)
{
    size_t room = c->room ? 2 * c->room : 1024;
    double *times, *known;

    if (c->count < c->room)
        return;
    times = xcalloc(room, sizeof(*times));
    known = xcalloc(room, sizeof(*known));
    for (size_t i = 0; i < c->count; i++) {
        times[i] = c->times[(c->first + i) % c->room];
        known[i] = c->known[(c->first + i) % c->room];
    }
    free(c->times);
    free(c->known);
    c->times = times;
    c->known = known;
    c->order = xrealloc(c->order, room, sizeof(*c->order));
    c->first = 0;
    c->room = room;
}

void backtest_caps_observe(struct backtest_caps *c, double time, double watts)
{
    long turn;

    if (!(c->window_s > 0))
        return;
    while (c->count && c->times[c->first] <= time - c->window_s) {
        c->first = (c->first + 1) % c->room;
        c->count--;
    }
    make_room(c);
    c->times[(c->first + c->count) % c->room] = time;
    c->known[(c->first + c->count++) % c->room] = watts;
    c->began = isnan(c->began) ? time : c->began;
    turn = (long)floor((time - c->began) / c->step_s / TURN);
    if (turn == c->turn)
        return;
    c->turn = turn;
    for (size_t i = 0; i < c->options->cap_count; i++)
        if (!isnan(c->options->caps[i].window_s))
            c->watts[i] = rolling(c, &c->options->caps[i], time);
}

void backtest_caps_stop(struct backtest_caps *c)
{
    free(c->times);
    free(c->known);
    free(c->order);
}
