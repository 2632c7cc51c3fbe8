/* Two rings, one fine and short, one coarse and a week long; what both hold is read from
 * the fine one. */
#include "forecast/past.h"

#include <math.h>

enum { FADING = 20000 };        /* samples after which the mean and the scale forget */

void past_start(struct past *p, double step_s)
{
    p->step_s = step_s;
    p->coarse_s = fmax(step_s, 600);
    p->slot = p->coarse_slot = -1;
    p->first_time = NAN;
}

static void move_on(struct past *p, int64_t slot)
{
    int64_t from = p->slot < 0 || slot - p->slot > PAST_FINE ? slot - PAST_FINE : p->slot;

    for (int64_t i = from + 1; i <= slot; i++)
        p->fine[i & (PAST_FINE - 1)] = NAN;
    p->slot = slot;
    p->in_fine = 0;
}

static void move_coarse_on(struct past *p, int64_t slot)
{
    int64_t from = p->coarse_slot < 0 || slot - p->coarse_slot > PAST_COARSE
                       ? slot - PAST_COARSE
                       : p->coarse_slot;

    for (int64_t i = from + 1; i <= slot; i++)
        p->coarse[i & (PAST_COARSE - 1)] = p->coarse_max[i & (PAST_COARSE - 1)] = NAN;
    p->coarse_slot = slot;
    p->in_coarse = 0;
}

static void learn_scale(struct past *p, double watts)
{
    double gain, off;

    p->count += p->count < FADING;
    gain = 1 / p->count;
    off = watts - p->mean;
    p->mean += gain * off;
    p->variance += gain * ((1 - gain) * off * off - p->variance);
    if (p->count > 1)
        p->step_size += 1 / (p->count - 1) * (fabs(watts - p->watts) - p->step_size);
}

bool past_add(struct past *p, double time, double watts)
{
    int64_t slot = (int64_t)floor(time / p->step_s + 1e-6),
            coarse = (int64_t)floor(time / p->coarse_s + 1e-6);
    bool opened = slot != p->slot;
    float *fine, *mean, *max;

    if (opened)
        move_on(p, slot);
    if (coarse != p->coarse_slot)
        move_coarse_on(p, coarse);
    fine = &p->fine[slot & (PAST_FINE - 1)];
    *fine = p->in_fine ? *fine + ((float)watts - *fine) / (float)(p->in_fine + 1)
                       : (float)watts;
    p->in_fine++;
    mean = &p->coarse[coarse & (PAST_COARSE - 1)];
    max = &p->coarse_max[coarse & (PAST_COARSE - 1)];
    *mean = p->in_coarse ? *mean + ((float)watts - *mean) / (float)(p->in_coarse + 1)
                         : (float)watts;
    *max = p->in_coarse ? fmaxf(*max, (float)watts) : (float)watts;
    p->in_coarse++;
    learn_scale(p, watts);
    if (isnan(p->first_time))
        p->first_time = time;
    p->time = time;
    p->watts = watts;
    return opened;
}

double past_value(const struct past *p, int64_t back)
{
    int64_t at, coarse;

    if (back < 0 || p->slot < 0)
        return NAN;
    at = p->slot - back;
    if (back < PAST_FINE)
        return (double)p->fine[at & (PAST_FINE - 1)];
    coarse = (int64_t)floor(((double)at + .5) * p->step_s / p->coarse_s);
    return coarse > p->coarse_slot - PAST_COARSE && coarse <= p->coarse_slot
               ? (double)p->coarse[coarse & (PAST_COARSE - 1)]
               : NAN;
}

double past_max(const struct past *p, int64_t back, int64_t count)
{
    int64_t low = (int64_t)floor(((double)(p->slot - back) + .5) * p->step_s /
                                 p->coarse_s),
            high = (int64_t)floor(((double)(p->slot - back + count - 1) + .5) *
                                  p->step_s / p->coarse_s),
            there = 0;
    double max = NAN;

    if (low <= p->coarse_slot - PAST_COARSE || high > p->coarse_slot)
        return NAN;
    for (int64_t i = low; i <= high; i++) {
        double v = (double)p->coarse_max[i & (PAST_COARSE - 1)];

        there += !isnan(v);
        max = fmax(max, v);
    }
    return 5 * there >= 4 * (high - low + 1) ? max : NAN;
}

double past_scale(const struct past *p)
{
    return fmax(sqrt(p->variance), fmax(1e-6 * fabs(p->mean), 1e-9));
}

bool past_look(const struct past *p, double seconds, struct past_window *w)
{
    int64_t fine = (int64_t)(seconds / p->step_s + .5),
            coarse = (int64_t)(seconds / p->coarse_s + .5), there = 0;
    bool is_fine = fine <= 288 || p->coarse_s <= p->step_s;
    int64_t count = is_fine ? fine : coarse;
    double sum = 0, squares = 0, origin = p->watts;

    w->max = w->min = NAN;
    if (count > (is_fine ? PAST_FINE : PAST_COARSE))
        return false;
    for (int64_t i = 0; i < count; i++) {
        double v = (double)(is_fine
                                ? p->fine[(p->slot - i) & (PAST_FINE - 1)]
                                : p->coarse[(p->coarse_slot - i) & (PAST_COARSE - 1)]),
               most = is_fine
                          ? v
                          : (double)
                                p->coarse_max[(p->coarse_slot - i) & (PAST_COARSE - 1)];

        if (isnan(v))
            continue;
        there++;
        sum += v - origin;
        squares += (v - origin) * (v - origin);
        w->max = fmax(w->max, most);
        w->min = fmin(w->min, v);
    }
    if (count < 3 || 2 * there < count)
        return false;
    w->mean = origin + sum / (double)there;
    w->sd = sqrt(
        fmax(0, squares / (double)there - sum / (double)there * (sum / (double)there)));
    return true;
}
