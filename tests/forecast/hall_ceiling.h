/* What can be known of the hall's future. Whoever knows its laws and all that is the case
 * now - who runs since when, what it draws and when it rests, its limit, who waits, the
 * noise - does not know the luck to come. From each moment the hall goes on many times,
 * each time with other luck; the share of these futures that breach is the probability
 * itself, but for their finite number.
 *
 * Of K futures the share q has a variance of p(1 - p) / K about p, so that its Brier
 * score is higher than that of p by as much, in the mean; q(1 - q) / (K - 1) is that, in
 * the mean, too, and is taken off. A forecast f has lost (f - p)^2 in the mean beside p:
 * (f - q)^2 less the same. */
#ifndef HALL_CEILING_H
#define HALL_CEILING_H

#include "forecast/score.h"
#include "hall_world.h"

enum { CEILING_HORIZONS = 4, CEILING_FUTURES = 128 };

/* The shares of all futures, and of every other one. */
struct ceiling_odds {
    double all, halves[2];
};

/* horizons: seconds, rising. `room` is written over; the same luck gives the same
 * answer. */
void ceiling_ask(const struct world *now, struct world *room, double cap_w,
                 const double horizons[CEILING_HORIZONS], uint64_t luck,
                 struct ceiling_odds to[CEILING_HORIZONS]);

/* Sums, at one horizon; 0 is a fresh one. */
struct ceiling_score {
    struct score_chance chance;         /* of the share of all futures */
    double noise;                       /* q(1 - q) / (K - 1) */
    /* Binned by one half of the futures, what the other half says less what came: to bin
     * by the very share that is held against what came would show the noise as an
     * error. */
    double off[SCORE_COARSE];
};

void ceiling_add(struct ceiling_score *s, const struct ceiling_odds *odds, bool happened);
void ceiling_merge(struct ceiling_score *to, const struct ceiling_score *from);
double ceiling_skill(const struct ceiling_score *s);
/* The same, had what came been drawn again many times. */
double ceiling_expected_skill(const struct ceiling_score *s);
double ceiling_error(const struct ceiling_score *s);

/* A forecaster at the same moments. */
struct ceiling_below {
    struct score_chance chance;
    double lost;                        /* (f - q)^2 - q(1 - q) / (K - 1) */
};

void ceiling_compare(struct ceiling_below *b, const struct ceiling_odds *odds, double p,
                     bool happened);
void ceiling_below_merge(struct ceiling_below *to, const struct ceiling_below *from);
/* The Brier skill that it has lost beside the ceiling; what came has no part in it but by
 * the base rate, so that it is known far better than the difference of two skills. */
double ceiling_lost(const struct ceiling_below *b);

#endif
