/* Jobs to come (arrivals.h). */
#include "forecast/arrivals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/chance.h"

enum { LIKE = 32, HOURS = 24, DAYS = 7, SLOT_S = 900 };
static const double memory_s = 4 * 86400.;      /* of a rate */
/* Of a stream: jobs it counts, and how long nothing of it was seen. */
static const double least_left = .05, forgotten_s = 14 * 86400.;
static const double season_memory_s = 28 * 86400.;
enum { MOST_STREAMS = 256 };
static const double lean = 40;          /* jobs: what an hour like any other counts for */

struct stream {
    uint64_t class;
    double count, time;         /* jobs, the older the less they count; as of when */
    double seen;                /* when one of it was submitted or ended last */
    struct forecast_job like[LIKE];
    size_t likes, next;
};

struct arrivals {
    double began, time, looked; /* looked: for streams to be forgotten */
    /* jobs, the older the less they count */
    double hours[HOURS], days[DAYS], season_time;
    struct backlog backlog;
    struct stream *streams;
    size_t count, room;
};

struct arrivals *arrivals_new(void)
{
    struct arrivals *a = xcalloc(1, sizeof(*a));

    a->began = a->time = a->season_time = a->looked = NAN;
    return a;
}

void arrivals_free(struct arrivals *a)
{
    if (!a)
        return;
    free(a->streams);
    free(a);
}

/* Jobs that a stream still counts. */
static double left_of(const struct arrivals *a, const struct stream *s)
{
    return s->count * exp(-(a->time - s->time) / memory_s);
}

/* The class above the most specific: there are more of each, and they come by
 * themselves. */
static uint64_t class_of(const struct forecast_job *job)
{
    return job->classes[1] ? job->classes[1] : job->classes[0];
}

/* The one of which the least is left, where there are as many as there may be: tenants
 * come and go for years. */
static struct stream *stream_of(struct arrivals *a, uint64_t class)
{
    size_t least = 0;

    for (size_t i = 0; i < a->count; i++) {
        if (a->streams[i].class == class)
            return &a->streams[i];
        if (left_of(a, &a->streams[i]) < left_of(a, &a->streams[least]))
            least = i;
    }
    if (a->count == MOST_STREAMS) {
        a->streams[least] = (struct stream){ .class = class,
                                             .time = a->began,
                                             .seen = a->time };
        return &a->streams[least];
    }
    a->streams = xgrow(a->streams, &a->room, a->count + 1, sizeof(*a->streams));
    a->streams[a->count] = (struct stream){ .class = class,
                                            .time = a->began,
                                            .seen = a->time };
    return &a->streams[a->count++];
}

/* ---- the week ---- */

static unsigned hour_of(double time)
{
    return (unsigned)(fmod(floor(time / 3600), HOURS));
}

static unsigned day_of(double time)
{
    return (unsigned)(fmod(floor(time / 86400), DAYS));
}

static void count_season(struct arrivals *a, double time)
{
    double keep = isnan(a->season_time) ? 1
                                        : exp(-(time - a->season_time) / season_memory_s);

    for (int i = 0; i < HOURS; i++)
        a->hours[i] *= keep;
    for (int i = 0; i < DAYS; i++)
        a->days[i] *= keep;
    a->hours[hour_of(time)]++;
    a->days[day_of(time)]++;
    a->season_time = time;
}

/* How much busier than usual: the day needs a week to say anything, the hour a day. */
static double busyness(const struct arrivals *a, double time)
{
    double total = 0, hour, day = 1;

    for (int i = 0; i < HOURS; i++)
        total += a->hours[i];
    if (a->time - a->began < 86400)
        return 1;
    hour = (a->hours[hour_of(time)] + lean / HOURS) / ((total + lean) / HOURS);
    if (a->time - a->began >= DAYS * 86400)
        day = (a->days[day_of(time)] + lean / DAYS) / ((total + lean) / DAYS);
    return hour * day;
}

/* ---- pools ---- */

/* Numbers of pools are of one look at the jobs; what is known of a queue outlives it. */
static bool is_of(const struct forecast_job *like, uint32_t pool, uint64_t key)
{
    return key ? like->pool_key == key : like->pool == pool;
}

/* Of jobs like it so many, as a share, are of the pool. */
static double share_of_pool(const struct stream *s, uint32_t pool, uint64_t key)
{
    size_t n = 0;

    for (size_t i = 0; i < s->likes; i++)
        n += is_of(&s->like[i], pool, key);
    return s->likes ? (double)n / (double)s->likes : 0;
}

/* ---- learning ---- */

void arrivals_set_back(struct arrivals *a, double by_s)
{
    a->began -= by_s;
    a->time -= by_s;
    a->looked -= by_s;
    a->season_time -= by_s;
    for (size_t i = 0; i < a->count; i++) {
        a->streams[i].time -= by_s;
        a->streams[i].seen -= by_s;
    }
}

/* Of whom nothing has been seen for so long that next to nothing of it counts. */
static void forget_streams(struct arrivals *a)
{
    size_t kept = 0;

    for (size_t i = 0; i < a->count; i++)
        if (left_of(a, &a->streams[i]) >= least_left ||
            a->time - a->streams[i].seen < forgotten_s) {
            if (kept < i)
                a->streams[kept] = a->streams[i];
            kept++;
        }
    a->count = kept;
}

void arrivals_pass(struct arrivals *a, double time)
{
    if (isnan(a->began))
        a->began = time;
    if (time > a->time)
        backlog_pass(&a->backlog, time - a->time);
    a->time = isnan(a->time) || time > a->time ? time : a->time;
    if (!(a->time < a->looked + 3600)) {
        forget_streams(a);
        a->looked = a->time;
    }
}

bool arrivals_submitted(struct arrivals *a, const struct forecast_job *job)
{
    struct stream *s;

    if (!(job->submit >= a->began) || !class_of(job))
        return false;
    s = stream_of(a, class_of(job));
    s->seen = a->time;
    if (job->submit > s->time) {
        s->count *= exp(-(job->submit - s->time) / memory_s);
        s->time = job->submit;
    }
    s->count++;
    count_season(a,
                 fmax(job->submit, isnan(a->season_time) ? job->submit : a->season_time));
    return share_of_pool(s, job->pool, job->pool_key) > 0;
}

void arrivals_ended(struct arrivals *a, const struct forecast_job *job)
{
    struct stream *s;

    if (!class_of(job) || job->service || !(job->end > job->start))
        return;
    s = stream_of(a, class_of(job));
    s->seen = a->time;
    s->like[s->next] = *job;
    s->like[s->next].placement_count = 0;
    s->next = (s->next + 1) % LIKE;
    s->likes += s->likes < LIKE;
}

/* Jobs a second, now: what a stream that fades with memory_s has counted, over how long
 * that is. */
static double rate_of(const struct arrivals *a, const struct stream *s)
{
    double seen = a->time - a->began, faded = memory_s * -expm1(-seen / memory_s);

    return seen > 3600 ? left_of(a, s) / faded : 0;
}

/* ---- imagining ---- */

static uint32_t poisson(double mean, double u)
{
    double p = exp(-mean), sum = p;
    uint32_t n = 0;

    while (u > sum && n < 200)
        sum += p *= mean / ++n;
    return n;
}

static double usual(const struct arrivals *a, double from, double to, uint32_t pool,
                    uint64_t key)
{
    double sum = 0;

    for (size_t i = 0; i < a->count; i++)
        sum += rate_of(a, &a->streams[i]) * share_of_pool(&a->streams[i], pool, key) *
               (to - from);
    return sum * busyness(a, from);
}

void arrivals_waited(struct arrivals *a, uint32_t pool, uint64_t key, int class,
                     double came, double seconds)
{
    backlog_learn(&a->backlog, class, came,
                  usual(a, a->time - seconds, a->time, pool, key));
}

void arrivals_eagerness(const struct arrivals *a, double to[BACKLOG_CLASSES])
{
    backlog_eagerness(&a->backlog, to);
}

static double most_eager(const struct arrivals *a)
{
    double all[BACKLOG_CLASSES], most = 0;

    arrivals_eagerness(a, all);
    for (int i = 0; i < BACKLOG_CLASSES; i++)
        most = fmax(most, all[i]);
    return most;
}

double arrivals_expected(const struct arrivals *a, double from, double to, uint32_t pool,
                         uint64_t key)
{
    return usual(a, from, to, pool, key) * most_eager(a);
}

void arrivals_imagine(const struct arrivals *a, double from, double to, uint32_t pool,
                      uint64_t key, uint32_t scenario, arrivals_take *take, void *context)
{
    double most = most_eager(a);

    for (size_t i = 0; i < a->count; i++) {
        const struct stream *s = &a->streams[i];
        double rate = most * rate_of(a, s);

        if (rate <= 0 || !(share_of_pool(s, pool, key) > 0))
            continue;
        for (double slot = floor(from / SLOT_S); slot * SLOT_S < to; slot++) {
            uint64_t dice = chance_mix(chance_mix(s->class, (uint64_t)slot), scenario);
            uint32_t n = poisson(rate * busyness(a, slot * SLOT_S) * SLOT_S,
                                 chance_share(dice));

            for (uint32_t k = 0; k < n; k++) {
                uint64_t own = chance_mix(dice, k + 1);
                double time = (slot + chance_share(own)) * SLOT_S;

                const struct forecast_job *like = &s->like[(own >> 3) % s->likes];

                if (time > from && time <= to && is_of(like, pool, key))
                    take(context, like, time, most * chance_share(chance_mix(own, 0)),
                         own);
            }
        }
    }
}

/* ---- keeping ---- */

size_t arrivals_save(const struct arrivals *a, void *to, size_t room)
{
    size_t size = sizeof(*a) + a->count * sizeof(*a->streams);

    if (size > room)
        return size;
    memcpy(to, a, sizeof(*a));
    if (a->count)
        memcpy((char *)to + sizeof(*a), a->streams, a->count * sizeof(*a->streams));
    return size;
}

size_t arrivals_load(struct arrivals *a, const void *from, size_t size)
{
    struct arrivals head;

    if (size < sizeof(head))
        return 0;
    memcpy(&head, from, sizeof(head));
    if ((size - sizeof(head)) / sizeof(*a->streams) < head.count)
        return 0;
    a->streams = xgrow(a->streams, &a->room, head.count + 1, sizeof(*a->streams));
    head.streams = a->streams;
    head.room = a->room;
    *a = head;
    if (a->count)
        memcpy(a->streams, (const char *)from + sizeof(head),
               a->count * sizeof(*a->streams));
    return sizeof(head) + a->count * sizeof(*a->streams);
}
