/* Why a forecast says what it says: how the power gets from now to then, in terms that
 * add up exactly; what the breach hangs on; and a sentence made of them. Nothing is
 * called foreseen that nobody announced. */
#ifndef FORECAST_WHY_H
#define FORECAST_WHY_H

#include "forecast/with_jobs.h"

enum why_term { WHY_STARTS, WHY_ENDS, WHY_COMES_UP, WHY_ARRIVALS, WHY_SEASON, WHY_TREND };

enum { WHY_TERMS = 3 };

/* How the median at the horizon comes from the power now: those that are known sum to the
 * one less the other. NAN: no part of the forecast. */
struct forecast_terms {
    double starts_w, ends_w;    /* jobs: those that wait, come up or are not submitted
                                 * yet; those that end */
    double season_w, trend_w;   /* the time of day and week; what was going on of late */
    double unexplained_w;       /* all else: a return to what is usual, noise that
                                 * fades */
};

struct forecast_reason {
    enum forecast_basis basis;
    bool has_jobs;              /* a scheduler tells of jobs */
    size_t jobs_left_out;       /* of these, for there are too many */
    double jobs_silent_s;       /* for so long one of those who tell of them has said
                                 * nothing; 0: none */
    double origin, horizon_s, cap_w, now_w;
    struct forecast_terms terms;
    double p, p_without;        /* p_without: had the largest cause, parts[0], not
                                 * been; NAN: there is none */
    double at_s;                /* the moment explained, after the origin: when the
                                 * breach is likeliest, or the end */
    double early_s, late_s;     /* the breach comes between, 8 times of 10; NAN: none
                                 * in sight */
    double then_w;              /* expected at that moment */
    struct why_part {
        enum why_term term;
        uint64_t job;           /* 0: no single one */
        double watts;           /* expected by then; with `rest_w` they sum to then_w -
                                 * now_w */
        double whole_w;         /* what the job draws, when it does */
        double chance;          /* that it has started, or ended, by then */
    } parts[WHY_TERMS];         /* the largest first */
    size_t part_count;
    double rest_w;              /* all other terms together */
    double starts_w;            /* what all jobs that start by then add, each as the
                                 * sentence says it: why_said_w() */
    double climb_w_per_s;       /* as in the forecast */
    double swing_w;             /* the most that power was seen to rise within the
                                 * horizon; NAN: not known */
    double swing_ago_s;         /* since it was up; NAN: not known */
    size_t samples;             /* similar windows of the past, where there are no
                                 * jobs; 0: it does not look for such */
};

/* What is said of a part: of a start that is likelier than not, all that the job
 * draws. */
double why_said_w(const struct why_part *part);

/* What the power alone gives as a reason. */
void why_without_jobs(const struct forecast *f, double origin, double now_w,
                      struct forecast_reason *to);

/* What the jobs give as reasons of f[i], which are forecast_with_jobs()'s of `count`
 * rising horizons and one cap, its latest in this room. Asks the futures again without
 * the largest causes. */
void why_with_jobs(const struct with_jobs *w, uint32_t place,
                   const struct jobs_known *known, const struct futures *futures,
                   const struct forecast *f, size_t count, struct place_room *room,
                   struct forecast_reason *to);

/* The sentence, at most 200 characters and a 0. `name` gives a job's name as people know
 * it, cleaned; `clock_s` is added to times before they are written as hours and minutes.
 * Returns its length. */
typedef const char *why_name(void *context, uint64_t job);
size_t why_say(char *to, size_t room, const struct forecast_reason *r, why_name *name,
               void *context, double clock_s);
/* Where such a sentence says what is free below the cap, or how far above it the power
 * is, which changes with the power: the bytes of that, "9.1 kW". False: nowhere. */
bool why_says_free(const struct forecast_reason *r, const char *sentence, size_t *at,
                   size_t *length);
/* The largest cause alone, "44625 starts"; empty where there is none. */
void why_say_cause(char *to, size_t room, const struct forecast_reason *r, why_name *name,
                   void *context);

#endif
