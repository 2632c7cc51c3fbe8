/* Classes of jobs (signature.h): a hash table of what each is like. */
#include "forecast/signature.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

const double warm_ages[WARM_STEPS + 1] = { 0,   60,  120, 180, 240,  300, 360,
                                           480, 600, 720, 960, 1280, 1920 };

static const double lean = 5;           /* jobs: what the class above counts for, */
static const double alike_lean = 1;     /* and for how they come up and how far apart they
                                           are: what is the same ten times is no luck */
static const double keep = .98;         /* of a class, when another of its jobs ends */
enum {
    FEW_STEADY = 5,
    SOME_STEADY = 20,
    FEW_NOISE = 60,
    MOST_NOISE = 1000,
    MOST_CLASSES = 4096
};

struct signatures {
    double nominal_w;
    struct signature *table;    /* open addressing; key 0 is an empty place */
    size_t room, count;
};

/* ---- the table ---- */

static size_t slot_of(const struct signatures *all, uint64_t key)
{
    size_t at = (size_t)(key * 0x9e3779b97f4a7c15u) & (all->room - 1);

    while (all->table[at].key && all->table[at].key != key)
        at = (at + 1) & (all->room - 1);
    return at;
}

static const struct signature *find(const struct signatures *all, uint64_t key)
{
    const struct signature *s = &all->table[slot_of(all, key)];

    return s->key ? s : NULL;
}

/* Into a table of its own size, without those that have seen fewer jobs than `least`. */
static void rebuild(struct signatures *all, size_t room, float least)
{
    struct signature *old = all->table;
    size_t old_room = all->room;

    all->room = room;
    all->count = 0;
    all->table = xcalloc(all->room, sizeof(*all->table));
    for (size_t i = 0; i < old_room; i++)
        if (old[i].key && old[i].life.count >= least) {
            all->table[slot_of(all, old[i].key)] = old[i];
            all->count++;
        }
    free(old);
}

/* Titles are anything, so there may be ever more classes: those of few jobs go first. */
static void make_room(struct signatures *all)
{
    if ((all->count + 1) * 2 > all->room)
        rebuild(all, all->room * 2, 0);
    for (float least = 2; all->count >= MOST_CLASSES; least *= 2)
        rebuild(all, all->room, least);
}

static struct signature *find_or_add(struct signatures *all, uint64_t key)
{
    struct signature *s;

    make_room(all);
    s = &all->table[slot_of(all, key)];
    if (!s->key) {
        s->key = key;
        all->count++;
    }
    return s;
}

struct signatures *signatures_new(double nominal_w)
{
    struct signatures *all = xcalloc(1, sizeof(*all));

    all->nominal_w = nominal_w;
    all->room = 64;
    all->table = xcalloc(all->room, sizeof(*all->table));
    return all;
}

void signatures_free(struct signatures *all)
{
    if (!all)
        return;
    free(all->table);
    free(all);
}

double signature_per_limit(const struct forecast_job *job)
{
    return job->limit_w > 0 ? job->limit_w / SIGNATURE_LIMIT_W : 1;
}

/* ---- expecting ---- */

static double lean_by(double weight, double above, double own, double count)
{
    return (count * own + weight * above) / (count + weight);
}

static double lean_on(double above, double own, double count)
{
    return lean_by(lean, above, own, count);
}

static double spread_of(double mean, double squares)
{
    return sqrt(fmax(squares - mean * mean, 0));
}

/* As how many jobs of its own the class above counts for: the variance between its jobs
 * over that between classes, which is what the class above is wider by, beyond chance
 * (Efron and Morris 1975); `lean` where it is no wider. */
static double weight_of_above(double above2, double own2, double n)
{
    double within, between;

    if (n <= 1)
        return lean;
    within = (above2 + n * own2) / n;
    between = fmax(above2 - within * (1 + sqrt(2 / n)), 0);
    return within / (between + within / lean + 1e-9);
}

/* Shrinks each number of the class above towards this class's own. */
static void add_class(struct expectation *to, const struct signature *s)
{
    double n = (double)s->count, between = (double)s->watts - to->watts;
    double weight = weight_of_above(to->spread * to->spread, (double)s->spread2, n);

    /* The variance of a mixture: few jobs of its own leave the class above's doubt in. */
    to->spread =
        sqrt(lean_by(alike_lean, to->spread * to->spread, (double)s->spread2, n) +
             between * between * n * weight / ((n + weight) * (n + weight)) / (1 + n));
    to->watts = lean_by(weight, to->watts, (double)s->watts, n);
    to->noise = sqrt(
        lean_on(to->noise * to->noise, (double)s->noise2, (double)s->noise_count));
    to->rho = lean_on(to->rho, (double)s->rho, (double)s->noise_count);
    for (int i = 0; i < WARM_STEPS; i++)
        to->warm[i] =
            lean_by(alike_lean, to->warm[i], (double)s->warm[i], (double)s->warm_count);
    if (s->dips >= 1) {
        to->dip_seconds = (double)s->dip_seconds;
        to->dip_sd = spread_of((double)s->dip_seconds, (double)s->dip_squares);
        to->dip_share = (double)s->dip_share;
        to->dip_gap_seconds = s->dips > .5f * s->count ? (double)s->dip_gap_seconds : NAN;
        to->dip_gap_sd = spread_of(to->dip_gap_seconds, (double)s->dip_gap_squares);
    }
}

/* Those of a job's classes of which anything is known. */
static size_t find_chain(const struct signatures *all, const struct forecast_job *job,
                         const struct signature *to[JOB_CLASSES])
{
    size_t known = 0;

    for (int i = 0; i < JOB_CLASSES && job->classes[i]; i++)
        if ((to[known] = find(all, job->classes[i])))
            known++;
    return known;
}

void signatures_expect(const struct signatures *all, const struct forecast_job *job,
                       struct expectation *to)
{
    const struct signature *chain[JOB_CLASSES];
    size_t known = find_chain(all, job, chain);

    *to = (struct expectation){ .watts = all->nominal_w,
                                .spread = .5 * all->nominal_w,
                                .noise = .02,
                                .rho = .8,
                                .dip_seconds = NAN,
                                .dip_gap_seconds = NAN,
                                .dip_sd = NAN,
                                .dip_gap_sd = NAN,
                                .dip_share = NAN };
    for (int i = 0; i < WARM_STEPS; i++)
        to->warm[i] = 1;
    for (size_t i = known; i-- > 0;)
        add_class(to, chain[i]);
    to->spread *= sqrt(1 + 1 / ((known ? (double)chain[0]->count : 0) + lean)) *
                  signature_per_limit(job);
    to->watts *= signature_per_limit(job);
}

void signatures_lifetime(const struct signatures *all, const struct forecast_job *job,
                         struct lifetime_shape *to)
{
    const struct lifetime *lives[JOB_CLASSES];
    const struct signature *chain[JOB_CLASSES];
    size_t known = find_chain(all, job, chain);

    for (size_t i = 0; i < known; i++)
        lives[i] = &chain[i]->life;
    lifetime_shape(to, lives, known);
}

/* ---- learning ---- */

/* An average in which the first ones count alike and later the latest most. */
static void average(float *mean, double value, double count, double weight)
{
    *mean += (float)(weight / (count + weight) * (value - (double)*mean));
}

static void learn_watts(struct signature *s, double watts)
{
    double n = (double)s->count * keep, old = (double)s->watts,
           mean = old + (watts - old) / (n + 1);

    s->spread2 = (float)((n * (double)s->spread2 + (watts - old) * (watts - mean)) /
                         (n + 1));
    s->watts = (float)mean;
    s->count = (float)(n + 1);
}

static bool shows_noise(const struct job_record *r)
{
    return r->singles >= FEW_NOISE && r->pairs >= FEW_NOISE && r->squares > 0;
}

static void learn_noise(struct signature *s, const struct job_record *r)
{
    double weight = fmin(r->singles, MOST_NOISE) / MOST_NOISE * lean;
    double variance = r->squares / r->singles, n = (double)s->noise_count * keep;

    if (!shows_noise(r))
        return;
    average(&s->noise2, variance / (r->watts * r->watts), n, weight);
    average(&s->rho, fmin(fmax(r->products / r->pairs / variance, 0), .99), n, weight);
    s->noise_count = (float)(n + weight);
}

/* Whoever is looked at once a minute may first be seen a minute old: of a step nobody saw
 * the next one tells. */
static void learn_warm(struct signature *s, const struct job_record *r)
{
    double n = (double)s->warm_count * keep, share = 1;

    /* Who is first seen later tells nothing of how it came up. */
    if (!(r->warm_count[0] > 0) && !(r->warm_count[1] > 0))
        return;
    for (int i = WARM_STEPS; i-- > 0;) {
        if (r->warm_count[i] > 0)
            share = fmin(fmax(r->warm[i] / r->warm_count[i] / r->watts, 0), 2);
        average(&s->warm[i], share, n, 1);
    }
    s->warm_count = (float)(n + 1);
}

static void learn_dips(struct signature *s, const struct job_record *r)
{
    double n = (double)s->dips * keep;

    s->dips = (float)n;
    if (r->dips < 1 || r->dip_samples < 1)
        return;
    average(&s->dip_seconds, r->dip_seconds / r->dips, n, 1);
    average(&s->dip_squares, r->dip_squares / r->dips, n, 1);
    average(&s->dip_share, r->dip_watts / r->dip_samples / r->watts, n, 1);
    if (r->dip_gaps > 0) {
        average(&s->dip_gap_seconds, r->dip_gap_seconds / r->dip_gaps, n, 1);
        average(&s->dip_gap_squares, r->dip_gap_squares / r->dip_gaps, n, 1);
    }
    s->dips = (float)(n + 1);
}

void signatures_learn(struct signatures *all, const struct forecast_job *job,
                      const struct job_record *record)
{
    double seconds = job->end - job->start;
    struct lifetime_shape before;

    if (!(seconds >= 0))
        return;
    signatures_lifetime(all, job, &before);
    for (int i = 0; i < JOB_CLASSES && job->classes[i]; i++) {
        struct signature *s = find_or_add(all, job->classes[i]);

        lifetime_learn(&s->life, seconds, job->limit_s, &before);
        if (!record || record->steady < FEW_STEADY)
            continue;
        learn_watts(s, record->watts / signature_per_limit(job));
        learn_noise(s, record);
        learn_warm(s, record);
        learn_dips(s, record);
    }
}

void signatures_learn_running(struct signatures *all, const struct forecast_job *job,
                              struct job_record *record)
{
    bool watts = !record->watts_told && record->steady >= SOME_STEADY,
         noise = !record->noise_told && shows_noise(record);

    for (int i = 0; i < JOB_CLASSES && job->classes[i] && (watts || noise); i++) {
        struct signature *s = find_or_add(all, job->classes[i]);

        if (watts && (double)s->count < lean)
            learn_watts(s, record->watts / signature_per_limit(job));
        if (noise && (double)s->noise_count < lean)
            learn_noise(s, record);
    }
    record->watts_told |= watts;
    record->noise_told |= noise;
}

void signatures_learn_watts(struct signatures *all, const struct forecast_job *job,
                            double watts)
{
    /* what differs is the rest of the meter more than the job */
    const double usual_spread = .15;

    for (int i = 0; i < JOB_CLASSES && job->classes[i]; i++) {
        struct signature *s = find_or_add(all, job->classes[i]);

        average(&s->watts, watts / signature_per_limit(job), (double)s->count * keep, 1);
        s->count = (float)((double)s->count * keep + 1);
        s->spread2 = (float)(usual_spread * usual_spread) * s->watts * s->watts;
    }
}

/* ---- keeping ---- */

size_t signatures_save(const struct signatures *all, void *to, size_t room)
{
    size_t size = sizeof(all->count) + all->count * sizeof(*all->table);
    char *at = to;

    if (size > room)
        return size;
    memcpy(at, &all->count, sizeof(all->count));
    at += sizeof(all->count);
    for (size_t i = 0; i < all->room; i++)
        if (all->table[i].key) {
            memcpy(at, &all->table[i], sizeof(*all->table));
            at += sizeof(*all->table);
        }
    return size;
}

size_t signatures_load(struct signatures *all, const void *from, size_t size)
{
    const char *at = from;
    size_t count;

    if (size < sizeof(count))
        return 0;
    memcpy(&count, at, sizeof(count));
    if (count > MOST_CLASSES || (size - sizeof(count)) / sizeof(*all->table) < count)
        return 0;
    at += sizeof(count);
    memset(all->table, 0, all->room * sizeof(*all->table));
    all->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct signature one;

        memcpy(&one, at + i * sizeof(one), sizeof(one));
        if (one.key)
            *find_or_add(all, one.key) = one;
    }
    return sizeof(count) + count * sizeof(*all->table);
}
