/* The path of a place's power through one future (place_inside.h). */
#include "forecast/place_inside.h"

#include <math.h>
#include <string.h>

#include "forecast/chance.h"

/* ---- the looks ---- */

/* Every minute for four hours, then wider; at least every step. */
static void choose_looks(struct place_making *m, double until_s)
{
    double step = fmax(m->known->step_s, 60), t = 0;

    m->fine_a_s = 1 / step;
    m->fine = 0;
    for (m->looks = 0; m->looks < PLACE_LOOKS && t < until_s - 1e-6; m->looks++) {
        double width = m->looks < PLACE_LOOKS / 2
                           ? step
                           : fmax(step, (until_s - t) / (double)(PLACE_LOOKS - m->looks));

        t = m->looks < 240 ? step * (double)(m->looks + 1) : t + width;
        m->times[m->looks] = t;
        m->fine += t == step * (double)(m->looks + 1);
    }
}

size_t place_look_at(const struct place_making *m, double t)
{
    size_t low = 0, high = m->looks;
    double guess = t * m->fine_a_s - 1e-9;

    if (guess < 0)
        return 0;
    if (guess < (double)m->fine)
        return (size_t)guess;
    while (low < high) {
        size_t mid = (low + high) / 2;

        if (m->times[mid] < t)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Jobs did not swing more than their meter, before they were looked at one by one. */
static double bound_noise(const struct place *p, double jobs2)
{
    double share = p->samples > 0 ? p->recalled / p->samples : 0;

    return jobs2 + share * fmin(p->recalled2 - jobs2, 0);
}

struct place_noise place_noise(const struct place *p, const struct jobs_known *known,
                               const struct place_now *now,
                               const struct place_options *options)
{
    double scale = p->per_watt * p->per_watt, told2 = now->noise2 * scale,
           jobs2 = bound_noise(p, told2);
    double narrow = p->rest2 > 0
                        ? fmin(fmax(p->up2 - jobs2, .01 * p->rest2) / p->rest2, 1)
                        : 1;
    double part = told2 > 0 ? jobs2 / told2 : 1,
           product = part * now->noise_product * scale +
                     fmax(p->rest_product, 0) * narrow;
    double now2, mean = p->level + place_model(p, now->expected, now->gpus);
    struct place_noise n = { .rest2 = p->rest2 * narrow, .jobs = sqrt(part) };

    now2 = jobs2 + n.rest2;
    n.low_side = p->up2 > 0 ? fmin(fmax(sqrt(p->down2 / p->up2), 1), 4) : 1;
    if (options->symmetric) {
        n.rest2 += fmax(.5 * (p->up2 + p->down2) - now2, 0);
        n.low_side = 1;
    }
    n.rho = now2 > 0 ? fmin(fmax(product / now2, 0), .995) : 0;
    n.x0 = fabs(known->time - p->time) <= 2 * known->step_s ? p->watts - mean : 0;
    n.x0 = fmax(n.x0, -3 * sqrt(now2));
    return n;
}

void place_begin(struct place_making *m, double until_s)
{
    const struct place_now now = place_look(m->known, m->id);

    m->noise = place_noise(m->place, m->known, &now, m->options);
    choose_looks(m, until_s);
    for (size_t k = 0; k < m->looks; k++)
        m->keep[k] = pow(m->noise.rho,
                         (m->times[k] - (k ? m->times[k - 1] : 0)) / m->known->step_s);
}

/* ---- one future's path ---- */

static void empty(struct place_load *load, size_t looks)
{
    size_t bytes = (looks + 1) * sizeof(*load->watts);

    memset(load->watts, 0, bytes);
    memset(load->variance, 0, bytes);
    memset(load->gpus, 0, bytes);
}

/* A job that draws `watts` in all, by its age, between two times: up the steps of its
 * coming up, and down. */
static void add_job(struct place_making *m, struct place_load *to,
                    const struct expectation *e, double start, double end, double watts,
                    double gpus, double noise)
{
    size_t last = place_look_at(m, end), at;
    double had = 0, noise2 = noise * noise;

    at = place_look_at(m, start);
    if (at >= last)
        return;
    if (to == &m->coming && !m->any_come) {
        empty(to, m->looks);
        m->any_come = true;
    }
    to->gpus[at] += gpus;
    to->gpus[last] -= gpus;
    to->watts[at] += m->place->per_gpu * gpus;
    to->watts[last] -= m->place->per_gpu * gpus;
    to->variance[at] += noise2;
    to->variance[last] -= noise2;
    for (int i = start + warm_ages[WARM_STEPS] > 0 ? 0 : WARM_STEPS; i <= WARM_STEPS;
         i++) {
        double draws = i < WARM_STEPS ? watts * e->warm[i] : watts;
        size_t from;

        if (i < WARM_STEPS && start + warm_ages[i + 1] <= 0)
            continue;
        from = place_look_at(m, start + warm_ages[i]);
        if (from >= last)
            break;
        to->watts[from > at ? from : at] += draws - had;
        had = draws;
    }
    to->watts[last] -= had;
}

static void add_dip(struct place_making *m, double from_s, double to_s, double missing)
{
    size_t from = place_look_at(m, from_s), to = place_look_at(m, to_s);

    if (from >= to)
        return;
    m->here.watts[from] -= missing;
    m->here.watts[to] += missing;
}

/* In a dip now, until it is over, and in those to come that are foreseen: when they begin
 * and end chance decides, as far as that is not known. What is seen at a step has come up
 * to a step before. */
static void add_dips(struct place_making *m, const struct known_job *j, double end,
                     double watts, double missing, uint32_t s)
{
    const struct rhythm *r = &j->estimate.rhythm;
    double half = .5 * m->known->step_s, left = j->estimate.dip_left_s, sd, z;

    if (isnan(left) && isnan(r->next_s))
        return;
    z = chance_normal(chance_stratum(j->job.id ^ 0xd1b, s, m->futures->count));
    if (!isnan(left))
        add_dip(m, 0, fmin(fmax(left + z * j->estimate.dip_left_sd - half, half), end),
                missing);
    sd = r->sd_s;
    for (double next = r->next_s - half; next < fmin(end, m->times[m->looks - 1]);
         next += r->every_s, sd += .5 * r->sd_s) {
        double begin = fmax(next + z * sd, 0);

        add_dip(m, begin, fmin(begin + r->lasts_s, end), watts * (1 - r->share));
    }
}

static struct place_load *load_of(struct place_making *m, const struct known_job *j)
{
    return j->job.state == JOB_RUNNING ? &m->here : &m->coming;
}

/* One that runs goes on from where it is, whatever it draws in the mean: what this future
 * has it draw more, the noise is less now. */
static void join(struct place_making *m, const struct known_job *j, double watts,
                 double per_gpu_watt, uint32_t s)
{
    const struct job_estimate *e = &j->estimate;
    double at_mean = e->now - (isnan(e->deviation) ? 0 : e->deviation),
           age = m->known->time - j->job.start;
    double end =
        (double)m->futures->end[s * m->futures->jobs + (size_t)(j - m->known->jobs)];

    if (!isnan(e->deviation))
        m->x0 -= (watts - e->watts * per_gpu_watt) * job_warmth(&j->expect, age);
    add_dips(m, j, end, watts, watts - at_mean * per_gpu_watt, s);
}

/* Those of which it is known where they run, or will. */
static void add_known(struct place_making *m, uint32_t s)
{
    const struct jobs_known *k = m->known;
    const struct futures *f = m->futures;

    for (size_t i = k->first[m->id]; i < k->first[m->id + 1]; i++) {
        uint32_t who = k->reaches[i].who;
        const struct known_job *j = &k->jobs[who];
        size_t at = s * f->jobs + who;
        double gpus = j->job.gpus * k->reaches[i].share,
               watts = (double)f->watts[at] * gpus * m->place->per_watt;
        double start = (double)f->start[at];

        if (isinf(start) || who == m->options->without)
            continue;
        add_job(m, load_of(m, j), &j->expect, start, (double)f->end[at], watts, gpus,
                (j->job.state == JOB_RUNNING ? m->noise.jobs : 1) * j->estimate.noise *
                    gpus * m->place->per_watt);
        if (j->job.state == JOB_RUNNING)
            join(m, j, watts, gpus * m->place->per_watt, s);
    }
}

/* Those that wait for any GPUs of their pool, and those not known yet. */
static void add_pools(struct place_making *m, uint32_t s)
{
    const struct jobs_known *k = m->known;
    const struct futures *f = m->futures;

    for (size_t r = k->pool_first[m->id]; r < k->pool_first[m->id + 1]; r++) {
        uint32_t pool = k->pool_reaches[r].who;
        double share = k->pool_reaches[r].share;

        for (size_t i = k->running; i < f->jobs; i++) {
            const struct known_job *j = &k->jobs[i];
            size_t at = s * f->jobs + i;
            double gpus = j->job.gpus * share;

            if (j->job.pool == pool && !j->job.placement_count && !isinf(f->start[at]) &&
                i != m->options->without)
                add_job(m, &m->coming, &j->expect, (double)f->start[at],
                        (double)f->end[at],
                        (double)f->watts[at] * gpus * m->place->per_watt, gpus,
                        j->estimate.noise * gpus * m->place->per_watt);
        }
        for (size_t i = f->first_imagined[s];
             i < f->first_imagined[s + 1] && !f->busy[pool]; i++) {
            const struct imagined_job *j = &f->imagined[i];
            const struct expectation *e = &f->kinds[j->kind];
            double watts = j->watts * j->gpus * share * m->place->per_watt;

            if (j->pool == pool && j->after == NOBODY && !isinf(j->start))
                add_job(m, &m->coming, e, (double)j->start, (double)j->end, watts,
                        j->gpus * share, e->noise * watts);
        }
    }
}

/* Those that follow a known job on its GPUs, which it may yet have to find. */
static void add_others(struct place_making *m, uint32_t s)
{
    const struct place_room *r = m->room;

    for (size_t i = r->first_follower[s]; i < r->first_follower[s + 1]; i++) {
        const struct imagined_job *j = &m->futures->imagined[r->followers[i].imagined];
        const struct known_job *first = &m->known->jobs[j->after];
        double gpus = j->gpus * r->followers[i].share,
               watts = j->watts * gpus * m->place->per_watt;

        if (!(gpus > 0) || j->after == m->options->without)
            continue;
        add_job(m, load_of(m, first), &first->expect, (double)j->start, (double)j->end,
                watts, gpus, first->expect.noise * watts);
    }
}

/* What part of jobs that come for so many of these GPUs finds free ones: a rack that is
 * full takes no more. */
static double part_that_fits(double gpus, double held, double wanted)
{
    double left = gpus - held;

    if (!(gpus > 0) || !(wanted > 0) || left >= wanted)
        return 1;
    return left > 0 ? left / wanted : 0;
}

static void sum_up(struct place_load *load, size_t looks)
{
    for (size_t k = 1; k < looks; k++) {
        load->watts[k] += load->watts[k - 1];
        load->variance[k] += load->variance[k - 1];
        load->gpus[k] += load->gpus[k - 1];
    }
}

static double least_0(double x)
{
    return x > 0 ? x : 0;       /* fmax() is a call */
}

static void take_coming(struct place_making *m)
{
    double gpus = m->known->gpus[m->id];

    sum_up(&m->coming, m->looks);
    for (size_t k = 0; k < m->looks; k++) {
        double fits = part_that_fits(gpus, m->here.gpus[k], m->coming.gpus[k]);

        m->fits[k] = fits;
        m->path[k] = m->here.watts[k] + fits * m->coming.watts[k];
        m->variance[k] = least_0(m->here.variance[k] +
                                 fits * fits * m->coming.variance[k]);
    }
}

static void take_none(struct place_making *m)
{
    for (size_t k = 0; k < m->looks; k++) {
        m->path[k] = m->here.watts[k];
        m->variance[k] = least_0(m->here.variance[k]);
    }
}

void place_path(struct place_making *m, uint32_t s)
{
    empty(&m->here, m->looks);
    m->any_come = false;
    m->here.watts[0] = m->place->level;
    m->here.variance[0] = m->noise.rest2;
    m->x0 = m->noise.x0;
    if (m->id < m->known->place_count) {
        add_known(m, s);
        add_pools(m, s);
        add_others(m, s);
    }
    sum_up(&m->here, m->looks);
    (m->any_come ? take_coming : take_none)(m);
}
