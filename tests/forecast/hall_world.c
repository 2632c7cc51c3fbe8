/* The hall (hall_world.h). */
#include "hall_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/chance.h"
#include "forecast/passage.h"

/* clang-format off */
static const struct kind {
    const char *name;
    int sizes[4], size_count;   /* nodes */
    double node_w, spread;      /* above idle, when up; between jobs, as a share */
    double hours, log_spread;   /* how long: lognormal, its median */
    double warm_s;              /* until it is up */
    double dip_every_s, dip_s;  /* checkpoints; 0: none */
    double share;               /* of the work */
    double day;                 /* how much of it comes with the day */
} kinds[] = {
    { "pretrain",  { 16, 24, 32, 48 }, 4, 7300, .05, 20,  .7, 720, 3000, 180, .46, .3 },
    { "finetune",  {  4,  8, 16,  0 }, 3, 6300, .08,  4,  .8, 360, 2400, 120, .20, .5 },
    { "inference", {  2,  4,  8,  0 }, 3, 4600, .12, 12,  .8, 180,    0,   0, .14, .2 },
    { "rl",        {  4,  8, 12,  0 }, 3, 3900, .12,  6,  .8, 300,    0,   0, .13, .4 },
    { "eval",      {  1,  2,  4,  0 }, 3, 3300, .15,  .7, .9, 120,    0,   0, .05, .7 },
    { "debug",     {  1,  2,  0,  0 }, 2, 2600, .20,  .2, .8,  60,    0,   0, .02, .9 },
};
/* clang-format on */

enum {
    KINDS = sizeof(kinds) / sizeof(kinds[0]),
    USERS = 4,
    MOST_JOBS = 1024,
    LIMIT_S = 900
};
static const double most_slack = 5.7;           /* limits are up to 1 + so many times a
                                                 * length */
static const double idle_w = 2100;              /* a node */
static const double noise = .04, noise_keep = .9;
/* node seconds: beyond, people do something else */
static const double most_waiting = 12 * 3600. * WORLD_NODES;

struct dice {
    uint64_t state;
};

struct world_job {
    uint64_t id;
    int kind, user, nodes;
    double submit, start, end, length, limit; /* start, end NAN: not yet */
    double watts;               /* above idle, when up */
    double dip_phase;
    double noise;               /* in standard deviations */
    struct dice dice;
};

struct world {
    struct dice dice;
    double time, load, watts, mean_watts;
    struct world_job jobs[MOST_JOBS];   /* in order of submission */
    size_t count;
    uint64_t ids;
    int free;
    bool changed;               /* since the scheduler decided last */
    struct forecast_job told[MOST_JOBS];
    struct job_placement placement;
    struct job_place place;
    struct job_pool pool;
    struct job_view view;
};

/* ---- chance ---- */

static uint64_t roll(struct dice *d)
{
    uint64_t z = d->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double roll_share(struct dice *d)
{
    return ((double)(roll(d) >> 11) + .5) * 0x1p-53;
}

/* Box and Muller 1958; the second number is thrown away, so that nothing is carried
 * over. */
static double roll_normal(struct dice *d)
{
    double radius = sqrt(-2 * log(roll_share(d)));

    return radius * cos(2 * M_PI * roll_share(d));
}

/* ---- arrivals ---- */

static double mean_nodes(const struct kind *k)
{
    double sum = 0;

    for (int i = 0; i < k->size_count; i++)
        sum += k->sizes[i];
    return sum / k->size_count;
}

static double jobs_a_second(const struct world *w, const struct kind *k)
{
    double hour = fmod(w->time, 86400) / 3600;
    double mean_length = k->hours * 3600 * exp(k->log_spread * k->log_spread / 2);
    double usual = w->load * k->share * WORLD_NODES / (mean_nodes(k) * mean_length);

    return usual * (1 + k->day * sin(2 * M_PI * (hour - 9) / 24));
}

static double waiting(const struct world *w)
{
    double sum = 0;

    for (size_t i = 0; i < w->count; i++)
        if (isnan(w->jobs[i].start))
            sum += w->jobs[i].nodes * w->jobs[i].limit;
    return sum;
}

static void submit(struct world *w, int kind)
{
    const struct kind *k = &kinds[kind];
    struct world_job *j = &w->jobs[w->count];
    struct dice d = { roll(&w->dice) };

    *j = (struct world_job){
        .id = ++w->ids, .kind = kind, .submit = w->time, .start = NAN, .end = NAN
    };
    j->user = (int)(roll(&d) % USERS);
    j->nodes = k->sizes[roll(&d) % (unsigned)k->size_count];
    j->length = k->hours * 3600 * exp(k->log_spread * roll_normal(&d));
    j->limit = ceil(j->length * (1 + most_slack * roll_share(&d)) / LIMIT_S) * LIMIT_S;
    j->length = ceil(j->length / 60) * 60;
    j->watts = k->node_w * j->nodes * exp(k->spread * roll_normal(&d));
    j->dip_phase = roll_share(&d) * k->dip_every_s;
    j->noise = roll_normal(&d);
    j->dice.state = roll(&d);
    w->count++;
    w->changed = true;
}

static void arrive(struct world *w)
{
    for (int kind = 0; kind < KINDS; kind++) {
        bool comes = roll_share(&w->dice) < jobs_a_second(w, &kinds[kind]) * WORLD_STEP_S;

        if (comes && w->count < MOST_JOBS && waiting(w) < most_waiting)
            submit(w, kind);
    }
}

/* ---- the scheduler ---- */

static void start(struct world *w, struct world_job *j)
{
    j->start = w->time;
    w->free -= j->nodes;
}

/* When the limits of those running leave `nodes` free, and how many are over then. */
static double promise(const struct world *w, int nodes, int *spare)
{
    double by = w->time;
    int room = w->free;

    while (room < nodes) {
        double next = INFINITY;

        for (size_t i = 0; i < w->count; i++)
            if (!isnan(w->jobs[i].start) && w->jobs[i].start + w->jobs[i].limit > by)
                next = fmin(next, w->jobs[i].start + w->jobs[i].limit);
        if (isinf(next))
            break;
        by = next;
        room = w->free;
        for (size_t i = 0; i < w->count; i++)
            if (!isnan(w->jobs[i].start) && w->jobs[i].start + w->jobs[i].limit <= by)
                room += w->jobs[i].nodes;
    }
    *spare = room - nodes;
    return by;
}

/* Time alone lets nobody start. */
static void schedule(struct world *w)
{
    double by = 0;
    bool blocked = false;
    int spare = 0;

    if (!w->changed)
        return;
    w->changed = false;
    for (size_t i = 0; i < w->count; i++) {
        struct world_job *j = &w->jobs[i];

        if (!isnan(j->start))
            continue;
        if (!blocked && j->nodes <= w->free) {
            start(w, j);
        } else if (!blocked) {
            by = promise(w, j->nodes, &spare);
            blocked = true;
        } else if (j->nodes <= w->free &&
                   (w->time + j->limit <= by || j->nodes <= spare)) {
            spare -= w->time + j->limit <= by ? 0 : j->nodes;
            start(w, j);
        }
    }
}

static void end_jobs(struct world *w)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->count; i++) {
        struct world_job *j = &w->jobs[i];

        if (!isnan(j->end)) {   /* it was told of once */
            w->changed = true;
            continue;
        }
        if (!isnan(j->start) && w->time >= j->start + j->length) {
            j->end = w->time;
            w->free += j->nodes;
            w->changed = true;
        }
        w->jobs[kept++] = *j;
    }
    w->count = kept;
}

/* ---- power ---- */

static bool dips(const struct world_job *j, double time)
{
    const struct kind *k = &kinds[j->kind];
    double age = time - j->start;

    return k->dip_every_s > 0 && age > 1800 &&
           fmod(age + j->dip_phase, k->dip_every_s) < k->dip_s;
}

static double mean_of(const struct world_job *j, double time)
{
    const struct kind *k = &kinds[j->kind];
    double age = time - j->start, watts = j->watts;

    if (age < k->warm_s)
        watts *= .35 + .65 * age / k->warm_s;
    return dips(j, time) ? .45 * watts : watts;
}

static bool runs(const struct world_job *j)
{
    return !isnan(j->start) && isnan(j->end);
}

static void tell(struct world *w, const struct world_job *j, double watts)
{
    uint64_t kind = (uint64_t)j->kind + 1;

    w->told[w->view.count++] = (struct forecast_job){
        .id = j->id * 0x9e3779b97f4a7c15u, .gpus = j->nodes, .submit = j->submit, .start = j->start, .end = j->end,
        .limit_s = j->limit, .planned_start = NAN, .order = j->submit, .watts = watts,
        .classes = { kind << 24 | (uint64_t)(j->user + 1) << 16 | (uint64_t)j->nodes, kind << 24, 1 },
        .placement_count = runs(j) ? 1 : 0,
    };
}

static void draw_power(struct world *w)
{
    w->watts = w->mean_watts = idle_w * WORLD_NODES;
    w->view.count = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct world_job *j = &w->jobs[i];
        double watts = NAN;

        if (runs(j)) {
            double mean = mean_of(j, w->time);

            j->noise = noise_keep * j->noise +
                       sqrt(1 - noise_keep * noise_keep) * roll_normal(&j->dice);
            watts = mean * (1 + noise * j->noise);
            w->watts += watts;
            w->mean_watts += mean;
        }
        /* Its nodes' own meters know nothing of idle and busy. */
        tell(w, j, watts + idle_w * j->nodes);
    }
}

void world_step(struct world *w)
{
    w->time += WORLD_STEP_S;
    end_jobs(w);
    arrive(w);
    schedule(w);
    draw_power(w);
}

/* ---- other futures ---- */

/* How long a job lasts, given its limit and that it has lasted `age`. Of a length L,
 * limits up to 1 + most_slack times as long are equally likely, so one of LIMIT_S is as
 * likely as 1/L: with the lognormal of L that is another lognormal, but where the slack
 * ends within LIMIT_S; there some are thrown away. */
static double redraw_length(struct dice *d, const struct kind *k, double limit,
                            double age)
{
    double sd = k->log_spread, middle = log(k->hours * 3600) - sd * sd;
    double least = fmax(age, (limit - LIMIT_S) / (1 + most_slack));
    double above_least = normal_above((log(least) - middle) / sd);
    double above_most = normal_above((log(limit) - middle) / sd);

    for (;;) {
        double above = above_most + (above_least - above_most) * roll_share(d);
        double length = exp(middle - sd * chance_normal(above));
        double slack = fmin(limit, (1 + most_slack) * length) -
                       fmax(limit - LIMIT_S, length);

        if (roll_share(d) * LIMIT_S < slack)
            return ceil(length / 60) * 60;
    }
}

void world_redraw(struct world *w, uint64_t luck)
{
    w->dice.state = luck;
    for (size_t i = 0; i < w->count; i++) {
        struct world_job *j = &w->jobs[i];
        const struct kind *k = &kinds[j->kind];
        struct dice d = { roll(&w->dice) };
        bool waits = isnan(j->start);

        if (!isnan(j->end))
            continue;
        j->length = redraw_length(&d, k, j->limit, waits ? 0 : w->time - j->start);
        j->dice.state = roll(&d);
        if (!waits)
            continue;
        j->watts = k->node_w * j->nodes * exp(k->spread * roll_normal(&d));
        j->dip_phase = roll_share(&d) * k->dip_every_s;
        j->noise = roll_normal(&d);
    }
}

/* ---- looking ---- */

static void point_to_itself(struct world *w)
{
    w->view = (struct job_view){ .jobs = w->told,
                                 .count = w->view.count,
                                 .placements = &w->placement,
                                 .placement_count = 1,
                                 .places = &w->place,
                                 .place_count = 1,
                                 .pools = &w->pool,
                                 .pool_count = 1 };
}

struct world *world_new(unsigned seed, double load)
{
    struct world *w = xcalloc(1, sizeof(*w));

    w->dice.state = seed * 1000003u + 17;
    w->load = load;
    w->free = WORLD_NODES;
    w->time = 1767225600;       /* a day's beginning */
    w->placement = (struct job_placement){ 0, 1 };
    w->place = (struct job_place){ .parents = { NO_PLACE, NO_PLACE } };
    w->pool = (struct job_pool){ .gpus = WORLD_NODES, .placement_count = 1 };
    point_to_itself(w);
    return w;
}

void world_become(struct world *to, const struct world *from)
{
    *to = *from;
    point_to_itself(to);
}

double world_length(const struct world *w, size_t i)
{
    return w->jobs[i].length;
}

void world_free(struct world *w)
{
    free(w);
}

double world_time(const struct world *w)
{
    return w->time;
}

double world_watts(const struct world *w)
{
    return w->watts;
}

const struct job_view *world_view(const struct world *w)
{
    return &w->view;
}

double world_mean_watts(const struct world *w)
{
    return w->mean_watts;
}

double world_noise_variance(const struct world *w)
{
    double sum = 0;

    for (size_t i = 0; i < w->count; i++)
        if (runs(&w->jobs[i])) {
            double sd = noise * mean_of(&w->jobs[i], w->time);

            sum += sd * sd;
        }
    return sum;
}

double world_noise_keep(void)
{
    return noise_keep;
}
