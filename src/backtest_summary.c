/* The scores of score.h, and the last value to compare with. */
#include "backtest_summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/spread.h"

enum { NAIVE_LEAST = 20, COMPARED = 4 /* quantiles in the pinball loss: the public scorer's */ };

static const double compared_levels[COMPARED] = { .1, .5, .9, .99 };

static void teach_naive(struct naive *n, double error)
{
    n->errors[n->next] = error;
    n->next = (n->next + 1) % NAIVE_ROOM;
    n->count += n->count < NAIVE_ROOM;
}

static void compare_with_naive(struct backtest_summary *s, const struct open_row *row)
{
    const struct naive *n = &s->naive[row->horizon];
    const double said[COMPARED] = { row->f.q10, row->f.q50, row->f.q90, row->f.q99 };
    double sorted[NAIVE_ROOM];

    if (n->count < NAIVE_LEAST)
        return;
    memcpy(sorted, n->errors, n->count * sizeof(*sorted));
    spread_sort(sorted, n->count);
    for (unsigned i = 0; i < COMPARED; i++) {
        double p = compared_levels[i],
               naive = row->now_w + spread_sorted_quantile(sorted, n->count, p);

        s->loss[row->horizon] += score_pinball(said[i], p, row->actual_w) / COMPARED;
        s->naive_loss[row->horizon] += score_pinball(naive, p, row->actual_w) / COMPARED;
    }
    s->compared[row->horizon]++;
}

static void add_power(struct backtest_summary *s, const struct open_row *row)
{
    const struct forecast *f = &row->f;
    const double said[SCORE_LEVELS] = { f->q05, f->q10, f->q25, f->q50,
                                        f->q75, f->q90, f->q95, f->q99 };

    if (isnan(row->actual_w))
        return;
    if (!isnan(f->q50)) {
        score_quantiles_add(&s->power[row->horizon], said, row->actual_w);
        compare_with_naive(s, row);
    }
    teach_naive(&s->naive[row->horizon], row->actual_w - row->now_w);
}

void backtest_summary_add(struct backtest_summary *s, const struct open_row *row)
{
    const struct forecast *f = &row->f;

    if (row->cap == 0)
        add_power(s, row);
    if (!isnan(f->p_breach) && !isnan(row->most_w) && row->now_w <= f->cap_w)
        score_chance_add(&s->breach[row->horizon][row->cap], f->p_breach,
                         row->most_w > f->cap_w);
}

/* Four digits, or a dash. */
static void write_number(FILE *to, double v)
{
    if (isnan(v))
        fprintf(to, " %9s", "-");
    else
        fprintf(to, " %9.4g", v);
}

static void write_line(const struct backtest_summary *s, double horizon_s, size_t h,
                       size_t c, FILE *to)
{
    const struct score_quantiles *q = &s->power[h];
    const struct score_chance *b = &s->breach[h][c];

    fprintf(to, "%8.0fs %9zu", horizon_s, (size_t)q->count);
    write_number(to, 100 * score_coverage(q));
    write_number(to, s->compared[h] ? s->loss[h] / (double)s->compared[h] : NAN);
    write_number(to, s->compared[h] ? s->loss[h] / s->naive_loss[h] : NAN);
    if (b->count)
        fprintf(to, " %9zu", (size_t)b->happened);
    else
        fprintf(to, " %9s", "-");
    write_number(to, score_brier(b));
    write_number(to, score_brier_skill(b));
    fputc('\n', to);
}

void backtest_summary_write(const struct backtest_summary *s,
                            const struct backtest_options *o, const char *name,
                            const double *caps, FILE *to)
{
    if (s->impossible)
        fprintf(
            to,
            "%s: %zu sample%s left out: less than 0 W, or more than any meter can mean\n",
            name, s->impossible, s->impossible == 1 ? "" : "s");
    for (size_t c = 0; c < (o->cap_count ? o->cap_count : 1); c++) {
        fprintf(to, "%s", name);
        if (o->cap_count && !isnan(caps[c]))
            fprintf(to, caps[c] < 100 ? ", cap %.3g W" : ", cap %.0f W", caps[c]);
        if (o->cap_count && caps[c] < s->least_w)
            fprintf(
                to,
                ", below all samples (the least is %.0f W): a cap without a unit is in watts",
                s->least_w);
        fprintf(to, "\n%9s %9s %9s %9s %9s %9s %9s %9s\n", "horizon", "forecasts",
                "in 80 %", "pinball W", "vs last", "breaches", "Brier", "skill");
        for (size_t h = 0; h < o->horizon_count; h++)
            write_line(s, o->horizons[h], h, c, to);
    }
}
