/* Lessons for two networks (nets.h). */
#include "forecast/nets.h"

#include <math.h>
#include <string.h>

#include "forecast/odds.h"

enum {
    MEDIAN = 3,                 /* of the levels */
    POWER_AGAIN = 4,            /* windows of the past that are learnt again, with each */
    /* of the past: asked of the newest window, and of windows of the past */
    RISES = 3, RISES_AGAIN = 2,
    ROWS_LEAST = 17, LESSONS_LEAST = 20,
    USUAL_MEMORY = 5000
};

/* The one is const as its owner is; nobody writes through it but who has it to write. */
static struct net power_of(const struct nets *n)
{
    struct nets *m = (struct nets *)n;

    return (struct net){ NETS_POWER_TERMS, NETS_LEVELS,      m->power_now,
                         m->power_mean,    m->power_squares, &m->power_lessons };
}

static struct net chance_of(const struct nets *n)
{
    struct nets *m = (struct nets *)n;

    return (struct net){ NETS_CHANCE_TERMS, 1,
                         m->chance_now,     m->chance_mean,
                         m->chance_squares, &m->chance_lessons };
}

void nets_start(struct nets *n)
{
    struct net power = power_of(n), chance = chance_of(n);

    net_start(&power, 1);
    net_start(&chance, 2);
    n->usual = 0;
    n->draws = 3;
}

/* ---- what goes in ---- */

static float bent(float x)
{
    x = isnan(x) ? 0 : fminf(fmaxf(x, -100), 100);
    return x / (1 + fabsf(x) / 4);
}

/* Angles add: sin and cos of k times the time of day from those of k - 1 times. */
static void fill_harmonics(const float features[FEATURES], float *to)
{
    float s = features[FEATURE_CLOCK], c = features[FEATURE_CLOCK + 1], at_s = s,
          at_c = c;

    for (unsigned k = 0; k < NETS_HARMONICS; k++) {
        float next = at_s * c + at_c * s;

        at_c = at_c * c - at_s * s;
        at_s = next;
        *to++ = bent(at_s);
        *to++ = bent(at_c);
    }
}

static void fill_power(struct net_pass *p, const float features[FEATURES])
{
    for (unsigned i = 0; i < FEATURES; i++)
        p->terms[i] = bent(features[i]);
    fill_harmonics(features, p->terms + FEATURES);
    p->terms[NETS_POWER_TERMS - 1] = 1;
}

static void fill_chance(struct net_pass *p, const float features[FEATURES], double head,
                        double scale)
{
    double far = fmax(head, 0) / scale;

    fill_power(p, features);
    p->terms[NETS_POWER_TERMS] = bent((float)far);
    p->terms[NETS_POWER_TERMS + 1] = bent((float)sqrt(far));
    p->terms[NETS_POWER_TERMS + 2] = bent((float)log(far + .01));
}

/* ---- what comes out ---- */

void nets_quantiles(const struct nets *n, const float features[FEATURES],
                    float to[NETS_LEVELS])
{
    struct net power = power_of(n);
    struct net_pass p;

    fill_power(&p, features);
    net_run(&power, n->power_mean, &p);
    for (unsigned l = 0; l < NETS_LEVELS; l++)
        to[l] = fmaxf(p.outs[l] * n->usual, l > 0 ? to[l - 1] : -INFINITY);
}

double nets_season(const struct nets *n, const float features[FEATURES])
{
    struct net power = power_of(n);
    float timeless[FEATURES] = { 0 };
    struct net_pass with, without;

    memcpy(timeless, features, FEATURE_CLOCK * sizeof(*timeless));
    fill_power(&with, features);
    fill_power(&without, timeless);
    net_run(&power, n->power_mean, &with);
    net_run(&power, n->power_mean, &without);
    return (double)((with.outs[MEDIAN] - without.outs[MEDIAN]) * n->usual);
}

static double chance(const struct net *net, const float *weights, struct net_pass *p)
{
    net_run(net, weights, p);
    return odds_chance(fmin(fmax((double)p->outs[0], -9), 9));
}

double nets_chance(const struct nets *n, const float features[FEATURES], double head,
                   double scale)
{
    struct net net = chance_of(n);
    struct net_pass p;

    if (n->chance_lessons < LESSONS_LEAST)
        return NAN;
    fill_chance(&p, features, head, scale);
    return chance(&net, n->chance_mean, &p);
}

/* ---- lessons ---- */

static unsigned draw(struct nets *n, unsigned below)
{
    n->draws = n->draws * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(((n->draws >> 32) * below) >> 32);
}

static unsigned draw_row(struct nets *n, const struct analogs *r,
                         float features[FEATURES])
{
    unsigned row = draw(n, r->count);

    for (unsigned i = 0; i < FEATURES; i++)
        features[i] = features_value(r->codes[row][i]);
    return row;
}

static void teach_power(const struct nets *n, const double levels[NETS_LEVELS],
                        const float features[FEATURES], double came, struct net_lesson *l)
{
    struct net power = power_of(n);
    float slopes[NETS_LEVELS];
    struct net_pass p;

    fill_power(&p, features);
    net_run(&power, n->power_now, &p);
    for (unsigned i = 0; i < NETS_LEVELS; i++)
        slopes[i] = ((float)came < p.outs[i] * n->usual) - (float)levels[i];
    net_add(&power, &p, slopes, l);
}

void nets_learn_power(struct nets *n, const struct analogs *r,
                      const double levels[NETS_LEVELS], const float features[FEATURES],
                      double came)
{
    struct net power = power_of(n);
    struct net_lesson l = { 0 };
    float size = fabsf((float)came), again[FEATURES];

    n->usual = n->usual > 0
                   ? n->usual + (size - n->usual) /
                                    fminf((float)n->power_lessons + 1, USUAL_MEMORY)
                   : size + 1e-6F;
    teach_power(n, levels, features, came, &l);
    for (unsigned i = 0; i < POWER_AGAIN && r->count >= ROWS_LEAST; i++) {
        unsigned row = draw_row(n, r, again);

        teach_power(n, levels, again, (double)half_value(r->error[CENTRE_LAST][row]), &l);
    }
    net_take(&power, &l);
}

static void teach_chance(const struct nets *n, const float features[FEATURES],
                         double head, double most, double scale, struct net_lesson *l)
{
    struct net net = chance_of(n);
    struct net_pass p;
    float slope;

    if (!(head >= 0) || isnan(most))
        return;
    fill_chance(&p, features, head, scale);
    slope = (float)(chance(&net, n->chance_now, &p) - (most > head));
    net_add(&net, &p, &slope, l);
}

/* A rise of the past as the question: those that were common are asked for often. */
static double draw_head(struct nets *n, const struct analogs *r)
{
    return (double)half_value(r->most[CENTRE_LAST][draw(n, r->count)]);
}

void nets_learn_chance(struct nets *n, const struct analogs *r,
                       const float features[FEATURES], const double *heads,
                       unsigned count, double most, double scale)
{
    struct net net = chance_of(n);
    struct net_lesson l = { 0 };
    float again[FEATURES];

    for (unsigned i = 0; i < count; i++)
        teach_chance(n, features, heads[i], most, scale, &l);
    for (unsigned i = 0; i < RISES && r->count >= ROWS_LEAST; i++)
        teach_chance(n, features, draw_head(n, r), most, scale, &l);
    for (unsigned i = 0; i < RISES_AGAIN && r->count >= ROWS_LEAST; i++) {
        unsigned row = draw_row(n, r, again);

        teach_chance(n, again, draw_head(n, r),
                     (double)half_value(r->most[CENTRE_LAST][row]), scale, &l);
    }
    net_take(&net, &l);
}
