/* How good forecasts were; score.h names each. */
#include "forecast/score.h"

#include <math.h>

#include "forecast/odds.h"

const double score_levels[SCORE_LEVELS] = { .05, .10, .25, .50, .75, .90, .95, .99 };

static double mean(double sum, uint64_t count)
{
    return count ? sum / (double)count : NAN;
}

/* ---- one forecast ---- */

double score_pinball(double said, double level, double came)
{
    double off = came - said;

    return off >= 0 ? level * off : (level - 1) * off;
}

double score_log_loss(double p, bool happened)
{
    p = odds_clip(p);
    return -log(happened ? p : 1 - p);
}

double score_crps(const double *levels, const double *said, size_t count, double came)
{
    double sum = 0, level = 0, loss = 0;

    for (size_t i = 0; i < count; i++) {
        double next = score_pinball(said[i], levels[i], came);

        sum += (levels[i] - level) * (loss + next) / 2;
        level = levels[i];
        loss = next;
    }
    return 2 * (sum + (1 - level) * loss / 2);
}

/* ---- probabilities ---- */

static unsigned bin_of(double p)
{
    double edge = odds_of(1);

    return (unsigned)((odds_of(p) + edge) / (2 * edge) * (SCORE_BINS - 1e-9));
}

void score_chance_add(struct score_chance *s, double p, bool happened)
{
    double off = p - (double)happened;
    unsigned bin, coarse;

    if (isnan(p))
        return;
    bin = bin_of(p);
    coarse = p >= 1 ? SCORE_COARSE - 1 : (unsigned)(p * SCORE_COARSE);
    s->count++;
    s->happened += happened;
    s->said += p;
    s->brier += off * off;
    s->log_loss += score_log_loss(p, happened);
    s->in[bin]++;
    s->hits[bin] += happened;
    s->coarse_in[coarse]++;
    s->coarse_hits[coarse] += happened;
    s->coarse_said[coarse] += p;
}

void score_chance_merge(struct score_chance *to, const struct score_chance *from)
{
    to->count += from->count;
    to->happened += from->happened;
    to->said += from->said;
    to->brier += from->brier;
    to->log_loss += from->log_loss;
    for (int i = 0; i < SCORE_BINS; i++) {
        to->in[i] += from->in[i];
        to->hits[i] += from->hits[i];
    }
    for (int i = 0; i < SCORE_COARSE; i++) {
        to->coarse_in[i] += from->coarse_in[i];
        to->coarse_hits[i] += from->coarse_hits[i];
        to->coarse_said[i] += from->coarse_said[i];
    }
}

double score_base_rate(const struct score_chance *s)
{
    return mean((double)s->happened, s->count);
}

double score_brier(const struct score_chance *s)
{
    return mean(s->brier, s->count);
}

double score_brier_skill(const struct score_chance *s)
{
    double base = score_base_rate(s), unsure = base * (1 - base);

    return unsure > 0 ? 1 - score_brier(s) / unsure : NAN;
}

double score_mean_log_loss(const struct score_chance *s)
{
    return mean(s->log_loss, s->count);
}

double score_bias(const struct score_chance *s)
{
    return mean(s->said - (double)s->happened, s->count);
}

double score_calibration_error(const struct score_chance *s)
{
    double sum = 0;

    for (int i = 0; i < SCORE_COARSE; i++)
        sum += fabs(s->coarse_said[i] - (double)s->coarse_hits[i]);
    return mean(sum, s->count);
}

double score_average_precision(const struct score_chance *s)
{
    double area = 0, alarms = 0, hits = 0;

    for (int i = SCORE_BINS - 1; i >= 0; i--) {
        if (!s->in[i])
            continue;
        alarms += s->in[i];
        hits += s->hits[i];
        area += (double)s->hits[i] * hits / alarms;
    }
    return mean(area, s->happened);
}

/* Pool adjacent violators (Ayer et al. 1955): the rising shares nearest to those of the
 * bins. */
static double isotonic_brier(const struct score_chance *s)
{
    double in[SCORE_BINS], hits[SCORE_BINS], sum = 0;
    int n = 0;

    for (int i = 0; i < SCORE_BINS; i++) {
        if (!s->in[i])
            continue;
        in[n] = s->in[i];
        hits[n++] = s->hits[i];
        while (n > 1 && hits[n - 2] * in[n - 1] >= hits[n - 1] * in[n - 2]) {
            in[n - 2] += in[n - 1];
            hits[n - 2] += hits[n - 1];
            n--;
        }
    }
    for (int i = 0; i < n; i++)
        sum += hits[i] * (1 - hits[i] / in[i]);
    return mean(sum, s->count);
}

struct score_corp score_corp(const struct score_chance *s)
{
    double base = score_base_rate(s), best = isotonic_brier(s);

    return (struct score_corp){ .miscalibration = score_brier(s) - best,
                                .discrimination = base * (1 - base) - best,
                                .uncertainty = base * (1 - base) };
}

/* ---- quantiles ---- */

enum { Q10 = 1, Q50 = 3, Q90 = 5, Q99 = 7 };

void score_quantiles_add(struct score_quantiles *s, const double said[SCORE_LEVELS],
                         double came)
{
    double sum = came;

    for (int i = 0; i < SCORE_LEVELS; i++)
        sum += said[i];
    if (isnan(sum))
        return;
    s->count++;
    for (int i = 0; i < SCORE_LEVELS; i++) {
        s->pinball[i] += score_pinball(said[i], score_levels[i], came);
        s->below[i] += score_levels[i] < .5 ? came < said[i] : came <= said[i];
    }
    s->crps += score_crps(score_levels, said, SCORE_LEVELS, came);
}

void score_quantiles_merge(struct score_quantiles *to, const struct score_quantiles *from)
{
    to->count += from->count;
    to->crps += from->crps;
    for (int i = 0; i < SCORE_LEVELS; i++) {
        to->pinball[i] += from->pinball[i];
        to->below[i] += from->below[i];
    }
}

double score_mean_pinball(const struct score_quantiles *s)
{
    return mean((s->pinball[Q10] + s->pinball[Q50] + s->pinball[Q90] + s->pinball[Q99]) /
                    4,
                s->count);
}

double score_mean_crps(const struct score_quantiles *s)
{
    return mean(s->crps, s->count);
}

double score_coverage(const struct score_quantiles *s)
{
    return mean((double)s->below[Q90] - (double)s->below[Q10], s->count);
}

double score_exceedance(const struct score_quantiles *s)
{
    return mean((double)(s->count - s->below[Q99]), s->count);
}

/* ---- warnings ---- */

void score_warnings_init(struct score_warnings *s, double horizon_s, double step_s)
{
    *s = (struct score_warnings){ .horizon_s = horizon_s, .step_s = step_s };
}

/* Alarms no further apart are one run. */
static double run_gap(const struct score_warnings *s)
{
    return fmax(900, s->step_s);
}

/* What can neither go on nor warn of anything any more is false, unless a breach came. */
static void close_runs(struct score_warnings *s, double time)
{
    double open = fmax(s->horizon_s, run_gap(s));
    uint32_t kept = 0;

    for (uint32_t i = 0; i < s->run_count; i++) {
        if (s->runs[i].last + open < time)
            s->false_alarms += !s->runs[i].breached;
        else
            s->runs[kept++] = s->runs[i];
    }
    s->run_count = kept;
}

static void take_breach(struct score_warnings *s, double time)
{
    double earliest = INFINITY;

    for (uint32_t i = 0; i < s->run_count; i++) {
        if (s->runs[i].last + s->horizon_s < time)
            continue;
        s->runs[i].breached = true;
        earliest = fmin(earliest, fmax(s->runs[i].first, time - s->horizon_s));
    }
    if (s->over_last != 0 && time - s->over_last <= fmax(1800, 2 * s->step_s))
        return;                 /* the same episode goes on */
    if (!s->was_known_below)
        return;
    s->episodes++;
    if (earliest < time) {
        s->warned++;
        s->lead_s += time - earliest;
    }
}

static void take_alarm(struct score_warnings *s, double time)
{
    uint32_t n = s->run_count;

    if (n && time - s->runs[n - 1].last <= run_gap(s)) {
        s->runs[n - 1].last = time;
        return;
    }
    /* the oldest gives way, and counts as what it is so far */
    if (n == SCORE_RUNS) {
        s->false_alarms += !s->runs[0].breached;
        for (uint32_t i = 1; i < n; i++)
            s->runs[i - 1] = s->runs[i];
        s->run_count = --n;
    }
    s->runs[n].first = s->runs[n].last = time;
    s->runs[n].breached = false;
    s->run_count++;
}

void score_warnings_add(struct score_warnings *s, double time, bool above, bool alarm)
{
    if (s->began == 0)
        s->began = time;
    close_runs(s, time);
    if (above) {
        take_breach(s, time);
        s->over_last = time;
    } else if (alarm) {
        take_alarm(s, time);
    }
    s->was_known_below = !above;
    s->now = time;
}

double score_recall(const struct score_warnings *s)
{
    return mean((double)s->warned, s->episodes);
}

double score_false_alarms_per_day(const struct score_warnings *s)
{
    return s->now > s->began ? (double)s->false_alarms * 86400 / (s->now - s->began)
                             : NAN;
}

double score_mean_lead_s(const struct score_warnings *s)
{
    return mean(s->lead_s, s->warned);
}
