/* How long jobs of a class last: what they took, and what part of their limit that was,
 * as two histograms on a scale of logarithms. Which of them tells more, or both together,
 * the past decides. */
#ifndef FORECAST_LIFETIME_H
#define FORECAST_LIFETIME_H

#include <stddef.h>

/* each 15 % longer than the one before: 30 s to 230 days */
enum { LIFETIME_BINS = 96 };

/* Three ways to say how probable an end is: by durations, by parts of the limit, by the
 * product of the two (right where people ask for some multiple of what they will
 * need). */
enum lifetime_way { LIFETIME_DURATION, LIFETIME_LIMIT, LIFETIME_BOTH, LIFETIME_WAYS };

/* Counts, of which the latest weigh most. */
struct lifetime {
    float durations[LIFETIME_BINS];     /* of those that ended by themselves */
    float slacks[LIFETIME_BINS];        /* limit / duration */
    float count, with_limit, at_limit;  /* all; those with a limit; those of these that
                                         * it ended */
    float losses[LIFETIME_WAYS];        /* how each way has done: mean of -ln(p), the
                                         * latest weigh most */
};

/* The probabilities for one job. */
struct lifetime_shape {
    double durations[LIFETIME_BINS], slacks[LIFETIME_BINS]; /* each sums to 1 */
    double at_limit;
    enum lifetime_way way;
};

/* Of a class and those above it, the most specific first: each leans on the next as if
 * that were twelve jobs of its own. `count` may be 0: then any length is as likely as its
 * logarithm is wide. */
void lifetime_shape(struct lifetime_shape *to, const struct lifetime *const *classes,
                    size_t count);

/* A job that ended after `seconds`; limit_s NAN: it had none. `shape` is what was said of
 * it before. */
void lifetime_learn(struct lifetime *l, double seconds, double limit_s,
                    const struct lifetime_shape *shape);

/* When a job that is `age` seconds old ends, after its start, at each of the `count`
 * probabilities in u, in (0, 1): at its limit at the latest. Kaplan and Meier 1958,
 * conditional on the age. */
void lifetime_draw(const struct lifetime_shape *shape, double age, double limit_s,
                   const double *u, size_t count, double *to);
/* The probability that it lasts longer than `seconds`, given that it has lasted `age`. */
double lifetime_survival(const struct lifetime_shape *shape, double age, double limit_s,
                         double seconds);

#endif
