/* A place's forecast from the futures of its jobs (place.h). */
#include "forecast/place.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/chance.h"
#include "forecast/crossing.h"
#include "forecast/forecaster.h"
#include "forecast/place_inside.h"

enum { PATHS = 2 };             /* drawn in each future, one the mirror of the other */

void place_room_free(struct place_room *room)
{
    free(room->crossed);
    free(room->normals);
    free(room->maxima);
    free(room->ends);
    free(room->out);
    free(room->followers);
    free(room->first_follower);
    free(room->shares);
    *room = (struct place_room){ 0 };
}

static void make_room(struct place_room *room, uint32_t futures, size_t horizons,
                      size_t caps)
{
    size_t cells = (size_t)futures * PATHS * horizons;

    room->crossed = xgrow(room->crossed, &room->crossed_room, caps * PLACE_LOOKS + 1,
                          sizeof(*room->crossed));
    room->maxima = xgrow(room->maxima, &room->maximum_room, cells, sizeof(*room->maxima));
    room->ends = xgrow(room->ends, &room->end_room, cells, sizeof(*room->ends));
    room->out = xgrow(room->out, &room->out_room, horizons * caps + 1,
                      sizeof(*room->out));
    memset(room->crossed, 0, (caps * PLACE_LOOKS) * sizeof(*room->crossed));
    memset(room->coming, 0, sizeof(room->coming));
    memset(room->fit, 0, sizeof(room->fit));
    if (room->normal_count >= futures)
        return;
    room->normals = xgrow(room->normals, &room->normal_room,
                          (size_t)futures * PLACE_LOOKS, sizeof(*room->normals));
    for (size_t i = 0; i < (size_t)futures * PLACE_LOOKS; i++)
        room->normals[i] = (float)chance_normal(chance_share(chance_mix(i, 0x0d0c)));
    room->normal_count = futures;
}

/* Two paths with noise through a future: what it is at each horizon, and the most up to
 * there. */
static void draw_paths(const struct place_making *m, uint32_t s, const size_t *ends,
                       size_t horizons, struct place_room *room)
{
    const float *normals = room->normals + (size_t)s * PLACE_LOOKS;
    size_t cells = (size_t)m->futures->count * PATHS, h = 0;
    double x[PATHS] = { m->x0, m->x0 }, y[PATHS], most[PATHS] = { -INFINITY, -INFINITY };
    /* the noise that comes from look to look, mostly the same */
    double comes2 = NAN, comes = NAN;

    for (size_t k = 0; k < m->looks && h < horizons; k++) {
        double keep = m->keep[k], now2 = (1 - keep * keep) * m->variance[k], push;

        if (now2 != comes2) {
            comes2 = now2;
            comes = sqrt(now2);
        }
        push = (double)normals[k] * comes;
        x[0] = keep * x[0] + push;
        x[1] = keep * x[1] - push;
        for (size_t i = 0; i < PATHS; i++) {
            y[i] = m->path[k] + (x[i] < 0 ? x[i] * m->noise.low_side : x[i]);
            most[i] = y[i] > most[i] ? y[i] : most[i]; /* fmax() is a call */
        }
        for (; h < horizons && k + 1 == ends[h]; h++)
            for (size_t i = 0; i < PATHS; i++) {
                room->maxima[h * cells + s * PATHS + i] = (float)most[i];
                room->ends[h * cells + s * PATHS + i] = (float)y[i];
            }
    }
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

static double quantile(const float *sorted, size_t n, double p)
{
    double at = fmin(fmax(p * (double)n - .5, 0), (double)(n - 1));
    size_t i = (size_t)at;
    double low = (double)sorted[i], high = (double)sorted[i + 1 < n ? i + 1 : i];

    return low + (at - (double)i) * (high - low);
}

static void read_quantiles(struct place_room *room, size_t h, size_t cells,
                           struct forecast *f)
{
    float *ends = room->ends + h * cells, *maxima = room->maxima + h * cells;
    struct {
        double p, *to;
    } at_end
        [] = { { .05, &f->q05 }, { .1, &f->q10 }, { .25, &f->q25 }, { .5, &f->q50 },
               { .75, &f->q75 }, { .9, &f->q90 }, { .95, &f->q95 }, { .99, &f->q99 } },
  of_max[] = {
      { .1, &f->max_q10 }, { .5, &f->max_q50 }, { .9, &f->max_q90 }, { .99, &f->max_q99 }
  };

    qsort(ends, cells, sizeof(*ends), compare);
    qsort(maxima, cells, sizeof(*maxima), compare);
    for (size_t i = 0; i < sizeof(at_end) / sizeof(at_end[0]); i++)
        *at_end[i].to = quantile(ends, cells, at_end[i].p);
    for (size_t i = 0; i < sizeof(of_max) / sizeof(of_max[0]); i++)
        *of_max[i].to = quantile(maxima, cells, of_max[i].p);
}

struct course place_course(const struct place_room *room, size_t c)
{
    return (struct course){ room->times, room->crossed + c * PLACE_LOOKS, room->looks };
}

/* The ablation: above the cap at that moment, not anywhere before. */
static void add_marginal(const struct place_quantity *q, size_t looks, double cap,
                         double weight, double *crossed)
{
    double mean = q->x0, spread = 0;

    for (size_t k = 0; k < looks; k++) {
        double keep = q->keep[k];

        mean *= keep;
        spread = keep * keep * spread + (1 - keep * keep) * q->variance[k];
        crossed[k] += weight * .5 *
                      erfc((cap - q->path[k] - mean) / sqrt(2 * spread + 1e-9));
    }
}

/* In one future more, for the causes of what is to come. */
static void note_fits(const struct place_making *m, struct place_room *room)
{
    for (size_t k = 0; k < m->looks; k++) {
        room->coming[k] += m->coming.watts[k];
        room->fit[k] += m->coming.watts[k] * m->fits[k];
    }
}

/* Every future: its path, what the cap's quantity makes of it, and where that crosses. */
static void look_into(struct place_making *m, const struct quantity *quantity,
                      const size_t *ends, size_t horizons, const double *caps,
                      size_t cap_count, struct place_room *room)
{
    double weight = 1. / (double)m->futures->count;
    struct place_quantity q;

    for (uint32_t s = 0; s < m->futures->count; s++) {
        place_path(m, s);
        if (m->options->without == NO_JOB && m->any_come)
            note_fits(m, room);
        if (!m->options->chances_only)
            draw_paths(m, s, ends, horizons, room);
        place_quantity(m, quantity, &q);
        for (size_t c = 0; c < cap_count; c++) {
            double *crossed = room->crossed + c * PLACE_LOOKS;

            if (m->options->marginal)
                add_marginal(&q, m->looks, caps[c], weight, crossed);
            else
                crossing_add(q.path, q.variance, q.keep, m->looks, q.x0, caps[c], weight,
                             crossed);
        }
    }
}

static void fill_times(struct place_room *room, size_t c, size_t horizon_count,
                       size_t cap_count)
{
    const struct course course = place_course(room, c);
    const struct course *between[FORECASTER_HORIZONS];

    for (size_t h = 0; h < horizon_count; h++)
        between[h] = &course;
    course_fill_times(room->out + c, horizon_count, cap_count, between);
}

void place_forecast(const struct place *p, uint32_t id, const struct jobs_known *known,
                    const struct futures *futures, const struct place_options *options,
                    const struct quantity *quantity, const double *horizons,
                    size_t horizon_count, const double *caps, size_t cap_count,
                    struct place_room *room)
{
    struct place_making m = { .place = p,
                              .id = id,
                              .known = known,
                              .futures = futures,
                              .options = options,
                              .room = room };
    size_t ends[FORECASTER_HORIZONS];

    place_begin(&m, horizons[horizon_count - 1]);
    for (size_t h = 0; h < horizon_count; h++)
        ends[h] = place_look_at(&m, horizons[h]) + 1 > m.looks
                      ? m.looks
                      : place_look_at(&m, horizons[h]) + 1;
    make_room(room, futures->count, horizon_count, cap_count);
    place_find_followers(known, id, futures, room);
    look_into(&m, quantity, ends, horizon_count, caps, cap_count, room);
    for (size_t h = 0; h < horizon_count; h++) {
        struct forecast one = { .horizon_s = horizons[h], .samples = (size_t)p->samples };

        if (!options->chances_only)
            read_quantiles(room, h, (size_t)futures->count * PATHS, &one);
        for (size_t c = 0; c < cap_count; c++) {
            one.cap_w = caps[c];
            one.p_breach = isnan(caps[c])
                               ? NAN
                               : fmin(room->crossed[c * PLACE_LOOKS + ends[h] - 1], 1);
            room->out[h * cap_count + c] = one;
        }
    }
    memcpy(room->times, m.times, m.looks * sizeof(*m.times));
    room->looks = m.looks;
    for (size_t c = 0; c < cap_count; c++)
        fill_times(room, c, horizon_count, cap_count);
}
