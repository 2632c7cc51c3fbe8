/* A small neural network that learns a window at a time: one hidden layer, and what goes
 * in goes out as well, straight. Gradient steps of a size that past slopes set (RMSProp,
 * Tieleman & Hinton 2012); what it says comes of the weights' own running mean, in which
 * the noise of single steps is gone (Polyak & Juditsky, Acceleration of stochastic
 * approximation by averaging, 1992).
 *
 * Weights stand by what goes in, then by what comes out, and loops go over sixteen or
 * eight of them in arrays of their own, so that compilers take several at once. */
#ifndef FORECAST_NET_H
#define FORECAST_NET_H

#include <stdint.h>

/* of outs either so many or one */
enum { NET_HIDDEN = 16, NET_TERMS_MOST = 48, NET_OUTS_MOST = 8 };
/* Sixteens of them, the last of which may be of no use. */
#define NET_WEIGHTS(terms, outs) ((NET_HIDDEN * (terms) + (NET_HIDDEN + (terms)) * (outs) + 15) / 16 * 16)
enum { NET_WEIGHTS_MOST = NET_WEIGHTS(NET_TERMS_MOST, NET_OUTS_MOST) };

/* One that is kept elsewhere: a weight each in `now` and `mean`, the mean square of its
 * slope in `squares`. */
struct net {
    unsigned terms, outs;
    float *now, *mean;
    uint16_t *squares;          /* the upper half of a float's bits */
    uint32_t *lessons;
};

/* What goes in, and what each layer makes of it. */
struct net_pass {
    float terms[NET_TERMS_MOST], hidden[NET_HIDDEN], bend[NET_HIDDEN],
        outs[NET_OUTS_MOST];
};

/* Slopes of a loss, summed over what is learnt at once. All zero is none. */
struct net_lesson {
    float slopes[NET_WEIGHTS_MOST];
};

/* Weights that differ, and say 0. The same seed, the same weights. */
void net_start(const struct net *n, uint64_t seed);
/* From pass->terms to pass->outs; `weights`: now or mean. */
void net_run(const struct net *n, const float *weights, struct net_pass *pass);
/* After net_run() with the weights of now: adds what slopes[] of the loss by each out are
 * worth. */
void net_add(const struct net *n, const struct net_pass *pass, const float *slopes,
             struct net_lesson *lesson);
/* A step against the slopes of a lesson, each divided by the root of its own mean square,
 * at a rate that falls as 1 / sqrt(lessons). */
void net_take(const struct net *n, const struct net_lesson *lesson);

#endif
