/* The values of --cap and --horizon. */
#include "backtest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit.h"

const struct backtest_options backtest_defaults = { .from = NAN,
                                                    .step_s = 900,
                                                    .horizons = { 300, 900, 3600 },
                                                    .horizon_count = 3,
                                                    .idle_w = NAN,
                                                    .nameplate_w = NAN };

/* A time such as 15m that ends in a comma or the end; 0: none. */
static size_t read_time(const char *text, double *seconds)
{
    enum unit unit = UNIT_NONE;
    size_t len = unit_parse(text, seconds, &unit);

    return len && (unit == UNIT_S || unit == UNIT_NONE) && *seconds > 0 &&
                   (!text[len] || text[len] == ',')
               ? len
               : 0;
}

static size_t read_quantile(const char *text, struct backtest_cap *cap)
{
    char *end;
    size_t len;

    cap->quantile = strtod(text + 1, &end);
    if (end == text + 1 || !(cap->quantile > 0 && cap->quantile <= 1))
        return 0;
    if (*end != '@')
        return *end && *end != ',' ? 0 : (size_t)(end - text);
    len = read_time(end + 1, &cap->window_s);
    return len ? (size_t)(end + 1 - text) + len : 0;
}

static size_t read_watts(const char *text, struct backtest_cap *cap)
{
    enum unit unit = UNIT_NONE;
    size_t len = unit_parse(text, &cap->watts, &unit);

    return len && (unit == UNIT_W || unit == UNIT_NONE) && cap->watts > 0 &&
                   (!text[len] || text[len] == ',')
               ? len
               : 0;
}

int backtest_read_cap(struct backtest_options *o, const char *text, struct err *err)
{
    const char *at = text;

    o->cap_count = 0;
    for (;;) {
        struct backtest_cap cap = { NAN, NAN, NAN };
        size_t len = *at == 'q' ? read_quantile(at, &cap) : read_watts(at, &cap);

        if (!len)
            return err_set_code(err, ERR_USAGE,
                                "cap: expected watts (5.2MW) or a quantile (q0.98, q0.98@7d), got \"%.20s\"", at);
        if (o->cap_count == BACKTEST_CAPS)
            return err_set_code(err, ERR_USAGE, "cap: more than %d", BACKTEST_CAPS);
        o->caps[o->cap_count++] = cap;
        if (!at[len])
            return 0;
        at += len + 1;
    }
}

int backtest_read_horizons(struct backtest_options *o, const char *text, struct err *err)
{
    const char *at = text;

    o->horizon_count = 0;
    for (;;) {
        double seconds;
        size_t len = read_time(at, &seconds);

        if (!len)
            return err_set_code(err, ERR_USAGE,
                                "horizon: expected times as in 5m,15m,1h, got \"%.20s\"", at);
        if (o->horizon_count == BACKTEST_HORIZONS)
            return err_set_code(err, ERR_USAGE, "horizon: more than %d",
                                BACKTEST_HORIZONS);
        if (o->horizon_count && seconds <= o->horizons[o->horizon_count - 1])
            return err_set_code(err, ERR_USAGE, "horizon: expected rising times, got \"%.20s\"", text);
        o->horizons[o->horizon_count++] = seconds;
        if (!at[len])
            return 0;
        at += len + 1;
    }
}
