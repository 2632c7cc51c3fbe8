/* Following one running job (job_track.h). */
#include "forecast/job_track.h"

#include <math.h>

static const double dipped = .75;       /* below so much of its mean, a job rests: a
                                         * checkpoint, a wait */
enum { FEW = 5 };

static const double nearly = .97; /* of its height: it has come up */

/* By how much a job that draws `watts` of its class's height, but for `share` of it, is
 * off: squares of standard deviations. */
static double off_by(const struct expectation *e, double watts, double share)
{
    double mean = share * e->watts, spread = share * e->spread, noise = e->noise * mean;

    return (watts - mean) * (watts - mean) / (spread * spread + noise * noise + 1e-9);
}

/* As high as its class, and too high for one that comes up. */
static bool is_high(const struct expectation *e, double age, double watts)
{
    const double sure = 6;

    return watts > nearly * e->watts && off_by(e, watts, job_warmth(e, age)) >
                                            off_by(e, fmin(watts, e->watts), 1) + sure;
}

static bool is_up(const struct job_track *t, const struct expectation *e, double age,
                  double watts)
{
    return job_was_up(t) || age >= warm_ages[WARM_STEPS] || job_warmth(e, age) > nearly ||
           is_high(e, age, watts);
}

bool job_was_up(const struct job_track *t)
{
    return t->record.steady > 0;
}

double job_warmth(const struct expectation *e, double age)
{
    int i = 0;

    if (age >= warm_ages[WARM_STEPS])
        return 1;
    while (age >= warm_ages[i + 1])
        i++;
    return e->warm[i];
}

static void begin_again(struct job_record *r, double watts)
{
    r->steady = 1;
    r->watts = r->first = r->last = watts;
    r->squares = r->products = r->pairs = r->singles = 0;
}

static void begin_dip(struct job_track *t, double time)
{
    struct job_record *r = &t->record;

    if (!isnan(t->last_dip)) {
        r->dip_gaps++;
        r->dip_gap_seconds += time - t->last_dip;
        r->dip_gap_squares += (time - t->last_dip) * (time - t->last_dip);
    }
    t->last_dip = t->dip_began = time;
    t->before_dip = t->last_deviation;
}

static void end_dip(struct job_track *t, double time)
{
    struct job_record *r = &t->record;

    if (isnan(t->dip_began))
        return;
    r->dips++;
    r->dip_seconds += time - t->dip_began;
    r->dip_squares += (time - t->dip_began) * (time - t->dip_began);
    t->dip_began = NAN;
}

static void sample_steady(struct job_track *t, double watts, bool follows)
{
    struct job_record *r = &t->record;
    double deviation = watts - r->watts;

    r->steady++;
    r->last = watts;
    r->watts += deviation / r->steady;
    if (r->steady <= FEW)
        return;
    r->squares += deviation * deviation;
    r->singles++;
    if (follows && !isnan(t->last_deviation)) {
        r->products += deviation * t->last_deviation;
        r->pairs++;
    }
    t->last_deviation = deviation;
}

void job_track_sample(struct job_track *t, double time, double step_s,
                      const struct expectation *e)
{
    struct job_record *r = &t->record;
    double age = time - t->job.start, watts = t->job.watts / t->job.gpus,
           gap = time - t->last_time;
    bool follows = gap > .5 * step_s && gap < 1.5 * step_s;

    if (isnan(watts) || !(t->job.gpus > 0) || !(gap > 0))
        return;
    t->last_time = time;
    for (int i = 0; i < WARM_STEPS; i++)
        if (age >= warm_ages[i] && age < warm_ages[i + 1]) {
            r->warm[i] += watts;
            r->warm_count[i]++;
        }
    if (!is_up(t, e, age, watts))
        return;
    if (r->steady >= FEW && watts < dipped * r->watts) {
        if (isnan(t->dip_began))
            begin_dip(t, time);
        r->dip_watts += watts;
        r->dip_samples++;
        t->last_deviation = NAN;
        return;
    }
    end_dip(t, time);
    if (r->steady < 1 || watts > r->watts / dipped) {
        begin_again(r, watts);
        t->last_deviation = NAN;
    } else {
        sample_steady(t, watts, follows);
    }
}

/* The mean of its own samples against what its class leads one to expect: each weighs by
 * how sure it is. Samples hang together as an AR(1), so that the first and the last say
 * more than those between (generalized least squares: Aitken 1935). */
static void blend(const struct job_record *r, const struct expectation *e,
                  struct job_estimate *to)
{
    /* samples: its class's noise counts as much as so many of its own */
    const double doubt = 10;
    double usual = e->noise * e->watts,
           own_noise = sqrt((doubt * usual * usual + r->squares) / (doubt + r->singles));
    double n = fmax(r->steady, 1), rho = e->rho,
           worth = 1 + (n - 1) * (1 - rho) / (1 + rho);
    double mean =
        (r->first + (n * r->watts * (1 - rho) - r->first + rho * r->last) / (1 + rho)) /
        worth;
    double between = fmax(e->spread * e->spread, 1e-9),
           own = own_noise * own_noise / worth;
    double weight = r->steady < 1 ? 0 : between / (between + own + 1e-12);

    to->watts = weight * mean + (1 - weight) * e->watts;
    to->spread = sqrt((1 - weight) * between);
    to->noise = own_noise;
    to->rho = e->rho;
}

/* So many things of a job's own say how far apart they are; before, its class does. */
enum { ENOUGH = 2 };

static double mean_or(double sum, double count, double otherwise)
{
    return count > 0 ? sum / count : otherwise;
}

static double deviation_or(double squares, double mean, double count, double otherwise)
{
    return count >= ENOUGH ? sqrt(fmax(squares / count - mean * mean, 0)) : otherwise;
}

/* Dips that come again at regular times. One that was left out takes the rhythm away. */
static void find_rhythm(const struct job_track *t, double time, double step_s,
                        const struct expectation *e, struct rhythm *to)
{
    const double regular = .15;
    const struct job_record *r = &t->record;
    double every = mean_or(r->dip_gap_seconds, r->dip_gaps, e->dip_gap_seconds),
           ago = time - t->last_dip;
    double sd = deviation_or(r->dip_gap_squares, every, r->dip_gaps, e->dip_gap_sd);

    to->next_s = NAN;
    if (!(sd < regular * every) || !(ago < every + 2 * sd + .5 * step_s) || r->dips < 1)
        return;
    *to = (struct rhythm){ .next_s = fmax(every - ago, 0),
                           .every_s = every,
                           .sd_s = sd,
                           .lasts_s = r->dip_seconds / r->dips,
                           .share = fmin(r->dip_watts / r->dip_samples / r->watts, 1) };
}

/* In a dip now, and what it drew before is expected again when that is over. */
static void estimate_dip(const struct job_track *t, double time, double step_s,
                         const struct expectation *e, struct job_estimate *to)
{
    const double vague = 1 / sqrt(3);
    const struct job_record *r = &t->record;
    double usual = mean_or(r->dip_seconds, r->dips,
                           isnan(e->dip_seconds) ? 2 * step_s : e->dip_seconds);
    double for_s = time - t->dip_began,
           sd = deviation_or(r->dip_squares, usual, r->dips, e->dip_sd);

    to->dip_left_s = fmax(usual - for_s, .25 * usual);
    to->dip_left_sd = isnan(sd) ? vague * to->dip_left_s : sd;
    to->deviation =
        isnan(t->before_dip) ? NAN : t->before_dip * pow(to->rho, for_s / step_s + 1);
}

void job_track_estimate(const struct job_track *t, double time, double step_s,
                        const struct expectation *e, struct job_estimate *to)
{
    double age = time - t->job.start, watts = t->job.watts / t->job.gpus;
    double expected;

    blend(&t->record, e, to);
    expected = to->watts * job_warmth(e, age);
    to->dip_left_s = NAN;
    to->now = isnan(watts) ? expected : watts;
    to->deviation = watts - expected;
    find_rhythm(t, time, step_s, e, &to->rhythm);
    if (!isnan(t->dip_began) && !isnan(watts))
        estimate_dip(t, time, step_s, e, to);
    else if (to->deviation < -3 * to->noise)
        to->deviation = -3 * to->noise;
}
