/* The numbers, group by group; the header says what they are. */
#include "forecast/features.h"

#include <math.h>
#include <string.h>

static const double lag_minutes[] = { 15, 30, 120, 240 };
static const int64_t lag_steps[] = { 1, 2, 4 };
static const double window_minutes[FEATURE_WINDOWS] = { 15, 60, 360, 1440 };
enum { LAG_STEPS = 3, LAG_MINUTES = 4, DAY = 86400 };

void features_common(const struct past *p, const struct features_state *s,
                     float to[FEATURE_COMMON])
{
    double y = p->watts, scale = 1 / past_scale(p), day, week;
    unsigned n = 0;

    for (unsigned i = 0; i < LAG_STEPS; i++)
        to[n++] = (float)((y - past_value(p, lag_steps[i])) * scale);
    for (unsigned i = 0; i < LAG_MINUTES; i++) {
        int64_t steps = (int64_t)(lag_minutes[i] * 60 / p->step_s + .5);

        to[n++] = steps > lag_steps[LAG_STEPS - 1]
                      ? (float)((y - past_value(p, steps)) * scale)
                      : 0;
    }
    for (unsigned i = 0; i < FEATURE_WINDOWS; i++) {
        struct past_window w;
        bool known = past_look(p, window_minutes[i] * 60, &w);

        to[n++] = known ? (float)((w.mean - y) * scale) : NAN;
        if (i < 3)
            to[n++] = known ? (float)((w.max - y) * scale) : NAN;
        if (i > 0 && i < 3)
            to[n++] = known ? (float)((w.min - y) * scale) : NAN;
        if (i == 1)
            to[n++] = known ? (float)(w.sd * scale) : NAN;
    }
    to[n++] = (float)((y - p->mean) * scale);
    for (unsigned i = 0; i < 3; i++)
        to[n++] = (float)((s->smooth[i] - y) * scale);
    to[n++] = (float)log2(1 + s->since_slots);
    to[n++] = (float)((s->before_watts - y) * scale);
    day = 2 * M_PI * (fmod(p->time, DAY) / DAY);
    week = 2 * M_PI * (fmod(p->time / DAY + 4, 7) / 7);
    to[n++] = (float)sin(day);
    to[n++] = (float)cos(day);
    to[n++] = (float)sin(week);
    to[n++] = (float)cos(week);
}

void features_own(const struct past *p, int64_t ahead, float to[FEATURE_OWN])
{
    double y = p->watts, scale = 1 / past_scale(p);
    int64_t day = (int64_t)(DAY / p->step_s + .5), week = 7 * day;

    to[0] = ahead < day ? (float)((past_value(p, day - ahead) - y) * scale) : NAN;
    to[1] = (float)((past_value(p, day) - y) * scale);
    to[2] = ahead < day ? (float)((past_max(p, day - 1, ahead) - y) * scale) : NAN;
    to[3] = ahead < week ? (float)((past_value(p, week - ahead) - y) * scale) : NAN;
    to[4] = ahead < week ? (float)((past_max(p, week - 1, ahead) - y) * scale) : NAN;
}

uint8_t features_code(float x)
{
    uint32_t bits;
    int32_t code;

    if (isnan(x))
        return 0;
    memcpy(&bits, &x, sizeof(bits));
    code = (int32_t)((bits & 0x7fffffff) >> 20) - (118 << 3);   /* 118: 2^-9 */
    code = code < 0 ? 0 : code > 127 ? 127 : code;
    return (uint8_t)(bits >> 31 ? 128 - code : 128 + code);
}

float features_value(uint8_t code)
{
    uint32_t size = code >= 128 ? code - 128U : 128U - code,
             bits = (size + (118U << 3)) << 20 | 1U << 19;
    float x;

    if (code == 0)
        return NAN;
    memcpy(&x, &bits, sizeof(x));
    return size == 0 ? 0 : code >= 128 ? x : -x;
}
