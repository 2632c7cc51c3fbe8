/* How eagerly more is submitted while so much waits, beside what is usual: people who see
 * a long queue do something else. Counted in classes of how long the whole pool would be
 * busy with what waits, by its limits; a class of which little has been seen stays near
 * 1, and so do all where jobs come in bursts, for then few of them say little. */
#ifndef FORECAST_BACKLOG_H
#define FORECAST_BACKLOG_H

#include <math.h>

enum { BACKLOG_CLASSES = 8 }; /* nothing; up to 1, 2, 4, 8, 16, 32 hours; more */

/* All zero is empty. */
struct backlog {
    /* jobs, the older the less they count */
    double came[BACKLOG_CLASSES], expected[BACKLOG_CLASSES];
    double hour_s, hour_came, hour_expected; /* of the hour that is not over yet */
    /* squares of how many more came in an hour than expected; as many as were */
    double off, of;
};

/* GPU seconds that a job may take. One without a limit counts for a day: how much matters
 * little, as long as it is always the same. */
static inline double backlog_work(double gpus, double limit_s)
{
    return gpus * (isnan(limit_s) ? 86400 : limit_s);
}

/* 0: nothing waits; i: up to 2^(i - 1) hours of all `gpus`. */
static inline int backlog_class(double work, double gpus)
{
    int i = work > 0;

    while (i > 0 && i + 1 < BACKLOG_CLASSES && work > 3600. * gpus * (1 << (i - 1)))
        i++;
    return i;
}

/* While so much waited, so many came, and as many were to be expected if that made no
 * difference. */
void backlog_learn(struct backlog *b, int class, double came, double expected);
void backlog_pass(
    struct backlog *b,
    double seconds); /* since the last time; nothing more is to be learnt of them */

/* How many times as many as usual come, in each class. */
void backlog_eagerness(const struct backlog *b, double to[BACKLOG_CLASSES]);

#endif
