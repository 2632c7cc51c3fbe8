/* What is beyond: the upper tail of standardised errors, from few extremes, in constant
 * memory.
 *
 * Excesses over a high threshold follow a generalised Pareto law (Pickands 1975; Balkema
 * & de Haan 1974), fitted by moments (Hosking & Wallis 1987). Shape is held within [-0.5,
 * 0.3]: power has an end. */
#ifndef FORECAST_TAIL_H
#define FORECAST_TAIL_H

struct tail {
    double threshold;           /* in standard deviations */
    double share;               /* above it */
    double mean, square;        /* of the excesses, and of their squares */
    double seen, excesses;      /* counts, up to what is remembered */
};

/* The normal's own tail, until something else has been seen. */
void tail_init(struct tail *t, double threshold);
/* A standardised error, one of many. Forgets slowly: 20,000 errors, 400 excesses. */
void tail_add(struct tail *t, double z);

/* The law fitted now. */
struct pareto {
    double threshold, share, shape, scale;
};
struct pareto tail_fit(const struct tail *t);
/* P(error > z); below the threshold, the normal's, scaled to meet it. */
double pareto_above(const struct pareto *p, double z);
/* The error exceeded with probability `above`, at most the share over the threshold. */
double pareto_quantile(const struct pareto *p, double above);
/* The normal distance that is exceeded as often as z is in truth: what a Gaussian formula
 * should be given. */
double tail_score(const struct pareto *p, double z);

#endif
