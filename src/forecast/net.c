/* Forwards, backwards, and a step (net.h). */
#include "forecast/net.h"

#include <math.h>
#include <string.h>

/* lessons */
static const float first_rate = .01F, last_rate = .001F, falls_after = 100;
/* lessons; of all that there were */
static const float squares_memory = 100, mean_memory = 1000, mean_part = .04F;
static const float decay = .001F;       /* of a weight, as a part of a step */

void net_start(const struct net *n, uint64_t seed)
{
    unsigned count = NET_WEIGHTS(n->terms, n->outs);

    *n->lessons = 0;
    for (unsigned i = 0; i < count; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        n->now[i] = i < NET_HIDDEN * n->terms
                        ? ((float)(seed >> 40) / 16777216.F - .5F) * .6F
                        : 0;
        n->mean[i] = n->now[i];
        n->squares[i] = 0;
    }
}

/* x / (1 + |x|) bends almost as tanh() does, and is no call. */
static const float *run_hidden(const struct net *n, const float *weights,
                               struct net_pass *pass)
{
    float sum[NET_HIDDEN] = { 0 }, small[NET_HIDDEN];

    for (unsigned i = 0; i < n->terms; i++, weights += NET_HIDDEN) {
        float x = pass->terms[i];

        for (unsigned h = 0; h < NET_HIDDEN; h++)
            sum[h] += weights[h] * x;
    }
    for (unsigned h = 0; h < NET_HIDDEN; h++) {
        small[h] = 1 / (1 + fabsf(sum[h]));
        sum[h] *= small[h];
        small[h] *= small[h];
    }
    memcpy(pass->hidden, sum, sizeof(sum));
    memcpy(pass->bend, small, sizeof(small));
    return weights;
}

static const float *run_eight(const float *weights, const float *x, unsigned count,
                              float to[NET_OUTS_MOST])
{
    float sum[NET_OUTS_MOST];

    memcpy(sum, to, sizeof(sum));
    for (unsigned i = 0; i < count; i++, weights += NET_OUTS_MOST)
        for (unsigned o = 0; o < NET_OUTS_MOST; o++)
            sum[o] += weights[o] * x[i];
    memcpy(to, sum, sizeof(sum));
    return weights;
}

static const float *run_one(const float *weights, const float *x, unsigned count,
                            float to[NET_OUTS_MOST])
{
    for (unsigned i = 0; i < count; i++)
        to[0] += weights[i] * x[i];
    return weights + count;
}

void net_run(const struct net *n, const float *weights, struct net_pass *pass)
{
    const float *(*run)(const float *, const float *, unsigned,
                        float *) = n->outs == 1 ? run_one : run_eight;
    const float *at = run_hidden(n, weights, pass);

    memset(pass->outs, 0, sizeof(pass->outs));
    at = run(at, pass->hidden, NET_HIDDEN, pass->outs);
    run(at, pass->terms, n->terms, pass->outs);
}

/* ---- backwards ---- */

static void add_eight(float *to, const float *x, unsigned count,
                      const float slopes[NET_OUTS_MOST])
{
    for (unsigned i = 0; i < count; i++, to += NET_OUTS_MOST) {
        float sum[NET_OUTS_MOST];

        memcpy(sum, to, sizeof(sum));
        for (unsigned o = 0; o < NET_OUTS_MOST; o++)
            sum[o] += slopes[o] * x[i];
        memcpy(to, sum, sizeof(sum));
    }
}

static void add_one(float *to, const float *x, unsigned count, float slope)
{
    for (unsigned i = 0; i < count; i++)
        to[i] += slope * x[i];
}

static void add_hidden(const struct net *n, const struct net_pass *pass,
                       const float back[NET_HIDDEN], float *to)
{
    for (unsigned i = 0; i < n->terms; i++, to += NET_HIDDEN) {
        float sum[NET_HIDDEN], x = pass->terms[i];

        memcpy(sum, to, sizeof(sum));
        for (unsigned h = 0; h < NET_HIDDEN; h++)
            sum[h] += back[h] * x;
        memcpy(to, sum, sizeof(sum));
    }
}

void net_add(const struct net *n, const struct net_pass *pass, const float *slopes,
             struct net_lesson *lesson)
{
    const float *out = n->now + NET_HIDDEN * n->terms;
    float *to = lesson->slopes + NET_HIDDEN * n->terms, back[NET_HIDDEN];

    for (unsigned h = 0; h < NET_HIDDEN; h++, out += n->outs) {
        back[h] = 0;
        for (unsigned o = 0; o < n->outs; o++)
            back[h] += slopes[o] * out[o];
        back[h] *= pass->bend[h];
    }
    if (n->outs == 1) {
        add_one(to, pass->hidden, NET_HIDDEN, slopes[0]);
        add_one(to + NET_HIDDEN, pass->terms, n->terms, slopes[0]);
    } else {
        add_eight(to, pass->hidden, NET_HIDDEN, slopes);
        add_eight(to + NET_HIDDEN * NET_OUTS_MOST, pass->terms, n->terms, slopes);
    }
    add_hidden(n, pass, back, lesson->slopes);
}

static inline float from_half(uint16_t upper)
{
    uint32_t bits = (uint32_t)upper << 16;
    float x;

    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* The nearest; squares have no sign. */
static inline uint16_t to_half(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return (uint16_t)((bits + 0x8000) >> 16);
}

static void step(float *now, float *mean, uint16_t *squares, const float *slopes,
                 float rate, float keep, float share)
{
    float w[16], m[16], s[16];

    memcpy(w, now, sizeof(w));
    memcpy(m, mean, sizeof(m));
    for (unsigned i = 0; i < 16; i++)
        s[i] = keep * from_half(squares[i]) + (1 - keep) * slopes[i] * slopes[i];
    for (unsigned i = 0; i < 16; i++)
        w[i] -= rate * (slopes[i] / sqrtf(s[i] + 1e-8F) + decay * w[i]);
    for (unsigned i = 0; i < 16; i++)
        m[i] += share * (w[i] - m[i]);
    for (unsigned i = 0; i < 16; i++)
        squares[i] = to_half(s[i]);
    memcpy(now, w, sizeof(w));
    memcpy(mean, m, sizeof(m));
}

void net_take(const struct net *n, const struct net_lesson *lesson)
{
    float lessons = (float)++*n->lessons, keep = 1 - 1 / fminf(lessons, squares_memory);
    float rate = fmaxf(first_rate / sqrtf(1 + lessons / falls_after), last_rate);
    float share = fmaxf(1 / mean_memory, 1 / (1 + mean_part * lessons));

    for (unsigned i = 0; i < NET_WEIGHTS(n->terms, n->outs); i += 16)
        step(n->now + i, n->mean + i, n->squares + i, lesson->slopes + i, rate, keep,
             share);
}
