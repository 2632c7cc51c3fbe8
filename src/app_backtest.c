/* --backtest: from flags to the scorer's options. */
#include "app.h"
#include "backtest.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>

static int read_step(struct backtest_options *o, const char *text, struct err *err)
{
    enum unit unit;
    size_t used = unit_parse(text, &o->step_s, &unit);

    if (used == 0 || text[used] || (unit != UNIT_S && unit != UNIT_NONE) ||
        !(o->step_s > 0))
        return err_set_code(err, ERR_USAGE, "--step: expected a time such as 15m, got \"%.20s\"",
                            text);
    return 0;
}

static int read_from(struct backtest_options *o, const char *text, struct err *err)
{
    double seconds;
    enum unit unit;
    size_t used = unit_parse(text, &seconds, &unit);

    /* The recordings count seconds since 1970, so that is understood, too. */
    o->from = used && !text[used] && unit == UNIT_NONE
                  ? seconds
                  : text_parse_time(text, clock_wall());
    if (o->from != o->from)
        return err_set_code(err, ERR_USAGE,
                            "--from: expected RFC 3339 or seconds since 1970, got \"%.30s\"",
                            text);
    return 0;
}

int app_backtest(const struct cli *cli, struct err *err)
{
    struct backtest_options o = backtest_defaults;

    if ((cli->backtest_cap && backtest_read_cap(&o, cli->backtest_cap, err) != 0) ||
        (cli->backtest_from && read_from(&o, cli->backtest_from, err) != 0) ||
        (cli->backtest_step && read_step(&o, cli->backtest_step, err) != 0) ||
        (cli->backtest_horizon &&
         backtest_read_horizons(&o, cli->backtest_horizon, err) != 0))
        return -1;
    o.warm = cli->backtest_warm;
    o.save = cli->backtest_save;
    o.jobs = cli->backtest_jobs;
    return backtest_run(cli->arguments, cli->argument_count, &o, stdout, stderr, err);
}
