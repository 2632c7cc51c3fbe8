/* Who submits although much waits (backlog.h). */
#include "forecast/backlog.h"

static const double memory_s = 28 * 86400.;
static const double lean =
    10; /* jobs, one by one: what a class like any other counts for */
static const double most = 2;

/* How large the bursts are that jobs come in: the variance of their number in an hour
 * over its mean, 1 if each comes by itself (McCullagh, Nelder: Generalized Linear Models,
 * 1989, on overdispersion). */
static double burst_of(const struct backlog *b)
{
    return fmax((b->off + lean) / (b->of + lean), 1);
}

static double eagerness_of(const struct backlog *b, int class)
{
    double before = lean * burst_of(b);

    return fmin((b->came[class] + before) / (b->expected[class] + before), most);
}

void backlog_eagerness(const struct backlog *b, double to[BACKLOG_CLASSES])
{
    for (int i = 0; i < BACKLOG_CLASSES; i++)
        to[i] = eagerness_of(b, i);
}

void backlog_learn(struct backlog *b, int class, double came, double expected)
{
    b->hour_came += came;
    b->hour_expected += eagerness_of(b, class) * expected;
    b->came[class] += came;
    b->expected[class] += expected;
}

void backlog_pass(struct backlog *b, double seconds)
{
    double keep = exp(-seconds / memory_s), off;

    for (int i = 0; i < BACKLOG_CLASSES; i++) {
        b->came[i] *= keep;
        b->expected[i] *= keep;
    }
    b->hour_s += seconds;
    if (b->hour_s < 3600)
        return;
    off = b->hour_came - b->hour_expected;
    keep = exp(-b->hour_s / memory_s);
    b->off = keep * b->off + off * off;
    b->of = keep * b->of + b->hour_expected;
    b->hour_s = b->hour_came = b->hour_expected = 0;
}
