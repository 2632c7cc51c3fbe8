/* The public record of one domain's forecasts. */
#include "forecast/record.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/score.h"

enum { LEVELS = 4, LEADS = 9 };

static const double levels[LEVELS] = { .1, .5, .9, .99 };

/* A generation of sums lasts a week: what is said is the newest and the one before. */
static const double generation_s = 7 * 86400.;
/* Breaches nearer than this are one episode, and announcements nearer than that, or than
 * their horizon: score.h's. */
static const double breach_gap_s = 1800, alarm_gap_s = 900;

/* A forecast whose horizon has not passed yet. */
struct waiting {
    double origin;
    float p;                    /* NAN: no cap, or learning */
    float q[LEVELS];
    float last, line;           /* the baselines' points */
    uint32_t seen : 31;         /* samples before it */
    uint32_t is_judged : 1;     /* by its probability: not one made above the cap, nor
                                 * one that somebody acted on */
};

/* A point forecast becomes a fair rival with the quantiles of its own errors, tracked as
 * they come: q += rate * scale * (level - (error < q)); the step follows the size of the
 * errors. */
struct rival {
    float spread[LEVELS], size;
    float count;
};

/* Of one generation, as in struct record_tally: there are thousands of records. */
struct sums {
    double from;
    float seconds;
    float scored, inside, above99;
    float compared, loss, loss_last, loss_line;
    float judged, breaches, brier;
    float hits, misses, false_alarms;
};

struct lane {
    double next;                /* when the next forecast is kept */
    double alarm_first, alarm_last;     /* 0: no announcement stands */
    double spoken;              /* the last time a probability was given; 0: never */
    struct sums now;
    struct rival last, line;
    uint16_t head, count;       /* of its ring in waiting[] */
    bool alarm_hit;
};

/* What a lane knows besides once a generation has passed or a breach was announced: of
 * most of thousands there is none for days. */
struct older {
    struct sums before;
    float leads[LEADS];
    uint32_t lead_count;
};

/* All three pieces of memory are its state. */
struct record {
    struct record_options options;
    size_t bytes;
    double time, watts;         /* of the last known sample; 0: none */
    double tick;                /* of the last sample, known or not */
    uint32_t seen;              /* known samples so far */
    double breach_last;         /* when it was last seen breached; -INFINITY */
    bool breached;
    struct lane lanes[RECORD_HORIZONS];
    struct waiting *waiting;    /* options.open of each horizon; NULL: no forecast has
                                 * waited yet */
    struct older *older;        /* one a lane; NULL: all of it is 0 */
};

/* As lanes are kept. */
struct kept_lane {
    double next, alarm_first, alarm_last, spoken;
    struct sums now, before;
    struct rival last, line;
    float leads[LEADS];
    uint32_t lead_count;
    uint16_t head, count;
    bool alarm_hit;
};

/* What stands before the lanes is kept as it is, and behind them eight bytes that were a
 * pointer once. */
enum {
    KEPT_LANES = offsetof(struct record, lanes),
    KEPT_WAITING = KEPT_LANES + RECORD_HORIZONS * sizeof(struct kept_lane) + 8
};

static size_t kept_size(const struct record_options *options)
{
    return KEPT_WAITING +
           options->horizon_count * options->open * sizeof(struct waiting);
}

struct record *record_new(const struct record_options *options)
{
    struct record *r = xcalloc(1, sizeof(*r));

    r->options = *options;
    r->bytes = kept_size(options);
    r->breach_last = -INFINITY;
    return r;
}

void record_free(struct record *r)
{
    if (r) {
        free(r->waiting);
        free(r->older);
    }
    free(r);
}

/* Of thousands of domains that are silent nothing ever waits. */
static void make_room_to_wait(struct record *r)
{
    if (!r->waiting)
        r->waiting = xcalloc(r->options.horizon_count * r->options.open,
                             sizeof(*r->waiting));
}

static struct older *older_of(struct record *r, size_t h)
{
    if (!r->older)
        r->older = xcalloc(RECORD_HORIZONS, sizeof(*r->older));
    return &r->older[h];
}

/* The i-th that waits in a lane, the oldest first. */
static struct waiting *waiting_at(struct record *r, size_t h, size_t i)
{
    return &r->waiting[h * r->options.open + (r->lanes[h].head + i) % r->options.open];
}

/* ---- scores of one forecast ---- */

static double loss_of(const float *q, double actual)
{
    double sum = 0;

    for (int i = 0; i < LEVELS; i++)
        sum += score_pinball((double)q[i], levels[i], actual);
    return sum / LEVELS;
}

/* The loss of a rival's quantiles as they were, and then the lesson. */
static double loss_of_rival(struct rival *r, double point, double actual)
{
    double error = actual - point, rate = fmax(.05, 1 / ((double)r->count + 2)), sum = 0;

    for (int i = 0; i < LEVELS; i++)
        sum += score_pinball(point + (double)r->spread[i], levels[i], actual);
    r->size += (float)((fabs(error) - (double)r->size) / fmin((double)r->count + 1, 100));
    for (int i = 0; i < LEVELS; i++)
        r->spread[i] += (float)(rate * 2 * (double)r->size *
                                (levels[i] - (error < (double)r->spread[i] ? 1 : 0)));
    r->count += r->count < 1e6f;
    return sum / LEVELS;
}

/* A rival knows its own errors after this many; before, nothing is compared. */
enum { RIVAL_KNOWS = 20 };

static void score_quantiles(struct lane *l, const struct waiting *w, double actual)
{
    struct sums *t = &l->now;
    double last, line;

    last = loss_of_rival(&l->last, (double)w->last, actual);
    line = loss_of_rival(&l->line, (double)w->line, actual);
    if (isnan(w->q[0]) || isnan(w->q[LEVELS - 1]))
        return;
    t->scored++;
    t->inside += actual >= (double)w->q[0] && actual <= (double)w->q[2];
    t->above99 += actual > (double)w->q[3];
    if (l->last.count <= RIVAL_KNOWS)
        return;
    t->compared++;
    t->loss += (float)loss_of(w->q, actual);
    t->loss_last += (float)last;
    t->loss_line += (float)line;
}

static void score_probability(struct lane *l, const struct waiting *w, bool breached)
{
    float y = breached ? 1 : 0;

    if (isnan(w->p) || !w->is_judged)
        return;
    l->now.judged++;
    l->now.breaches += y;
    l->now.brier += (w->p - y) * (w->p - y);
}

/* ---- time passes ---- */

static void turn_generation(struct record *r, size_t h, double time)
{
    struct lane *l = &r->lanes[h];

    if (l->now.from > 0 && time - l->now.from > generation_s) {
        older_of(r, h)->before = l->now;
        l->now = (struct sums){ .from = time };
    }
}

/* Scores what has come of age before the sample at `time`. The power at the horizon is
 * the last sample up to it; where samples were missing, nothing is known of the
 * forecast. */
static void mature(struct record *r, size_t h, double time)
{
    struct lane *l = &r->lanes[h];
    double horizon = r->options.horizons[h], step = r->options.step_s;

    while (l->count > 0) {
        const struct waiting *w = waiting_at(r, h, 0);
        double due = w->origin + horizon;

        if (!(time > due))
            break;
        if (r->time > due - 1.5 * step) {
            bool breached = r->breach_last > w->origin;

            score_quantiles(l, w, r->watts);
            if (breached || (r->seen - w->seen) * step >= .8 * horizon)
                score_probability(l, w, breached);
        }
        l->head = (uint16_t)((l->head + 1u) % r->options.open);
        l->count--;
    }
}

static void note_lead(struct older *o, double seconds)
{
    o->leads[o->lead_count++ % LEADS] = (float)seconds;
}

static void begin_breach(struct record *r, size_t h, double time)
{
    struct lane *l = &r->lanes[h];
    double horizon = r->options.horizons[h];

    if (l->alarm_last > 0 && time <= l->alarm_last + horizon) {
        if (!l->alarm_hit) {
            l->now.hits++;
            note_lead(older_of(r, h), time - l->alarm_first);
        }
        l->alarm_hit = true;
    } else if (l->spoken > 0 && time <= l->spoken + horizon) {
        l->now.misses++;        /* something was said, and it was not this */
    }
}

static void end_alarm(struct lane *l, double time, double horizon)
{
    if (l->alarm_last == 0 || time <= l->alarm_last + fmax(horizon, alarm_gap_s))
        return;
    l->now.false_alarms += !l->alarm_hit;
    l->alarm_first = l->alarm_last = 0;
    l->alarm_hit = false;
}

void record_observe(struct record *r, double time, double watts, bool breached)
{
    bool begins = breached && !r->breached && !(time - r->breach_last <= breach_gap_s);

    for (size_t h = 0; h < r->options.horizon_count; h++) {
        struct lane *l = &r->lanes[h];

        mature(r, h, time);
        end_alarm(l, time, r->options.horizons[h]);
        turn_generation(r, h, time);
        if (begins)
            begin_breach(r, h, time);
        if (l->now.from > 0 && !isnan(watts))
            l->now.seconds += (float)r->options.step_s;
    }
    r->tick = time;
    if (isnan(watts))
        return;
    r->time = time;
    r->watts = watts;
    r->seen++;
    r->breached = breached;
    if (breached)
        r->breach_last = time;
}

void record_acted(struct record *r)
{
    for (size_t h = 0; h < r->options.horizon_count; h++) {
        struct lane *l = &r->lanes[h];

        for (size_t i = 0; i < l->count; i++)
            waiting_at(r, h, i)->is_judged = false;
        l->alarm_first = l->alarm_last = 0;
        l->alarm_hit = false;
    }
}

/* ---- forecasts ---- */

/* Prometheus' predict_linear: least squares through the past hour, carried on from the
 * last sample. `at` is in steps from the last sample. */
struct line {
    double level, slope;        /* at the last sample, per step; NAN: no two samples */
};

static struct line line_through(const float *past, size_t count)
{
    double n = 0, x = 0, y = 0, xx = 0, xy = 0, origin = (double)past[count - 1], spread;

    for (size_t i = count > RECORD_PAST ? count - RECORD_PAST : 0; i < count; i++) {
        double at = (double)i - (double)(count - 1), value = (double)past[i] - origin;

        if (isnan(value))
            continue;
        n++;
        x += at;
        y += value;
        xx += at * at;
        xy += at * value;
    }
    spread = n * xx - x * x;
    if (!(spread > 0))
        return (struct line){ origin, 0 };
    return (struct line){ origin + (y * xx - x * xy) / spread,
                          (n * xy - x * y) / spread };
}

static void announce(struct lane *l, const struct record *r, double p)
{
    if (isnan(p))
        return;
    l->spoken = r->tick;
    if (p < r->options.alarm_p || r->breached)
        return;
    if (l->alarm_first == 0)
        l->alarm_first = r->tick;
    l->alarm_last = r->tick;
}

static void keep(struct record *r, size_t h, const struct forecast *f, double last,
                 const struct line *line)
{
    struct lane *l = &r->lanes[h];
    double horizon = r->options.horizons[h];
    struct waiting *w;

    if (r->tick < l->next || l->count == r->options.open)
        return;
    l->next = r->tick + fmax(horizon / (double)r->options.open, r->options.step_s) -
              .5 * r->options.step_s;
    w = waiting_at(r, h, l->count++);
    *w = (struct waiting){
        .origin = r->tick, .p = (float)f->p_breach,
        .q = { (float)f->q10, (float)f->q50, (float)f->q90, (float)f->q99 },
        .last = (float)last, .seen = r->seen, .is_judged = !r->breached,
        .line = (float)(line->level + line->slope * horizon / r->options.step_s),
    };
    if (l->now.from == 0)
        l->now.from = r->tick;
}

void record_issue(struct record *r, const struct forecast *out, const float *past,
                  size_t count)
{
    struct line line;

    if (count == 0 || isnan(past[count - 1]) || r->tick == 0)
        return;
    line = line_through(past, count);
    make_room_to_wait(r);
    for (size_t h = 0; h < r->options.horizon_count; h++) {
        announce(&r->lanes[h], r, out[h].p_breach);
        keep(r, h, &out[h], (double)past[count - 1], &line);
    }
}

/* ---- what is said of it ---- */

static void add(struct record_tally *to, const struct sums *t)
{
    double unit = t->compared > 0 ? (double)(t->loss_last / t->compared) : NAN;

    if (t->from > 0 && (to->from == 0 || t->from < to->from))
        to->from = t->from;
    to->seconds += (double)t->seconds;
    to->scored += (double)t->scored;
    to->inside += (double)t->inside;
    to->above99 += (double)t->above99;
    if (unit > 0) {
        to->compared += (double)t->compared;
        to->loss += (double)t->loss / unit;
        to->loss_last += (double)t->loss_last / unit;
        to->loss_line += (double)t->loss_line / unit;
    }
    to->judged += (double)t->judged;
    to->breaches += (double)t->breaches;
    to->brier += (double)t->brier;
    to->hits += (double)t->hits;
    to->misses += (double)t->misses;
    to->false_alarms += (double)t->false_alarms;
}

void record_add(const struct record *r, size_t horizon, struct record_tally *to)
{
    if (r->older)
        add(to, &r->older[horizon].before);
    add(to, &r->lanes[horizon].now);
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

double record_lead(const struct record *r, size_t horizon)
{
    const struct older *o = r->older ? &r->older[horizon] : NULL;
    size_t count = !o ? 0 : o->lead_count < LEADS ? o->lead_count : LEADS;
    float sorted[LEADS];

    if (count == 0)
        return NAN;
    memcpy(sorted, o->leads, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), by_size);
    return (double)(sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

struct record_score record_score_of(const struct record_tally *t)
{
    double base = t->breaches / t->judged;

    return (struct record_score){
        .coverage80 = t->inside / t->scored,
        .above99 = t->above99 / t->scored,
        .pinball_last = t->loss / t->loss_last,
        .pinball_line = t->loss / t->loss_line,
        .skill = base > 0 && base < 1 ? 1 - t->brier / t->judged / (base * (1 - base)) : NAN,
        .false_alarms_a_day = t->seconds > 0 ? t->false_alarms * 86400 / t->seconds : NAN,
    };
}

enum forecast_trust record_trust(const struct record_tally *t, double horizon_s)
{
    struct record_score s = record_score_of(t);

    if (t->scored < 30 || t->seconds < 20 * horizon_s)
        return FORECAST_LEARNING;
    if (s.coverage80 < .6 || s.above99 > .05 || s.pinball_last > 1.15 ||
        (t->hits + t->misses >= 3 && s.skill < -.1))
        return FORECAST_NOT_TRUSTED;
    return FORECAST_TRUSTED;
}

static void drop_waiting(struct record *r)
{
    for (size_t h = 0; h < r->options.horizon_count; h++) {
        r->lanes[h].head = r->lanes[h].count = 0;
        r->lanes[h].next = 0;
    }
}

static void take_older(struct record *r, const struct older *from)
{
    if (from)
        memcpy(older_of(r, 0), from, RECORD_HORIZONS * sizeof(*from));
    else if (r->older)
        memset(r->older, 0, RECORD_HORIZONS * sizeof(*r->older));
}

void record_take_over(struct record *r, const struct record *from)
{
    const struct record own = *r;

    *r = *from;
    r->options = own.options;
    r->bytes = own.bytes;
    r->waiting = own.waiting;
    r->older = own.older;
    take_older(r, from->older);
    drop_waiting(r);
}

struct record *record_without_waiting(const struct record *r)
{
    struct record_options options = r->options;
    struct record *copy;

    options.open = 0;
    copy = record_new(&options);
    record_take_over(copy, r);
    return copy;
}

void record_begin_again(struct record *r, double time)
{
    drop_waiting(r);
    r->time = r->watts = r->tick = 0;
    r->breached = false;
    r->breach_last = -INFINITY;
    for (size_t h = 0; h < r->options.horizon_count; h++) {
        struct lane *l = &r->lanes[h];

        l->now.from = fmin(l->now.from, time);
        if (r->older)
            r->older[h].before.from = fmin(r->older[h].before.from, time);
        l->alarm_first = l->alarm_last = l->spoken = 0;
        l->alarm_hit = false;
    }
}

/* ---- kept ---- */

static void keep_lane(const struct record *r, size_t h, char *to)
{
    static const struct older nothing;
    const struct older *o = r->older ? &r->older[h] : &nothing;
    const struct lane *l = &r->lanes[h];
    struct kept_lane k;

    memset(&k, 0, sizeof(k));
    k.next = l->next;
    k.alarm_first = l->alarm_first;
    k.alarm_last = l->alarm_last;
    k.spoken = l->spoken;
    k.now = l->now;
    k.before = o->before;
    k.last = l->last;
    k.line = l->line;
    memcpy(k.leads, o->leads, sizeof(k.leads));
    k.lead_count = o->lead_count;
    k.head = l->head;
    k.count = l->count;
    k.alarm_hit = l->alarm_hit;
    memcpy(to, &k, sizeof(k));
}

size_t record_save(const struct record *r, void *to, size_t room)
{
    char *bytes = to;

    if (r->bytes > room)
        return r->bytes;
    memset(bytes, 0, r->bytes);
    memcpy(bytes, r, KEPT_LANES);
    for (size_t h = 0; h < RECORD_HORIZONS; h++)
        keep_lane(r, h, bytes + KEPT_LANES + h * sizeof(struct kept_lane));
    if (r->waiting)
        memcpy(bytes + KEPT_WAITING, r->waiting, r->bytes - KEPT_WAITING);
    return r->bytes;
}

static bool same_options(const struct record_options *a, const struct record_options *b)
{
    if (a->step_s != b->step_s || a->horizon_count != b->horizon_count ||
        a->open != b->open || a->alarm_p != b->alarm_p)
        return false;
    for (size_t h = 0; h < a->horizon_count; h++)
        if (a->horizons[h] != b->horizons[h])
            return false;
    return true;
}

static void load_lane(struct record *r, size_t h, const struct kept_lane *k)
{
    r->lanes[h] = (struct lane){ .next = k->next, .alarm_first = k->alarm_first,
                                 .alarm_last = k->alarm_last, .spoken = k->spoken,
                                 .now = k->now, .last = k->last, .line = k->line,
                                 .head = k->head, .count = k->count,
                                 .alarm_hit = k->alarm_hit };
    if (k->before.from > 0 || k->lead_count) {
        struct older *o = older_of(r, h);

        o->before = k->before;
        memcpy(o->leads, k->leads, sizeof(o->leads));
        o->lead_count = k->lead_count;
    }
}

bool record_load(struct record *r, const void *from, size_t size)
{
    struct kept_lane lanes[RECORD_HORIZONS];
    const char *bytes = from;
    struct record head;

    if (size != r->bytes)
        return false;
    memcpy(&head, bytes, KEPT_LANES);
    memcpy(lanes, bytes + KEPT_LANES, sizeof(lanes));
    if (head.bytes != r->bytes || !same_options(&head.options, &r->options))
        return false;
    for (size_t h = 0; h < r->options.horizon_count; h++)
        if ((lanes[h].head > 0 && lanes[h].head >= r->options.open) ||
            lanes[h].count > r->options.open)
            return false;
    make_room_to_wait(r);
    memcpy(r, &head, KEPT_LANES);
    take_older(r, NULL);
    for (size_t h = 0; h < RECORD_HORIZONS; h++)
        load_lane(r, h, &lanes[h]);
    memcpy(r->waiting, bytes + KEPT_WAITING, size - KEPT_WAITING);
    return true;
}
