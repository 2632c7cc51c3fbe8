/* Jobs that nobody has submitted yet: for each class a Poisson stream whose rate follows
 * the last days and the hour and day of the week, and how much waits (backlog.h), and the
 * latest of them that ended as what they are like. */
#ifndef FORECAST_ARRIVALS_H
#define FORECAST_ARRIVALS_H

#include <stddef.h>

#include "forecast/backlog.h"
#include "forecast/jobs.h"

struct arrivals;

struct arrivals *arrivals_new(void);    /* owned by the caller */
void arrivals_free(struct arrivals *a);

/* Whether any was to be expected: others like it have been seen in its pool. */
bool arrivals_submitted(struct arrivals *a, const struct forecast_job *job);
/* What the class is like; job->watts: what it drew when up, NAN where not measured. */
void arrivals_ended(struct arrivals *a, const struct forecast_job *job);
/* nothing more has come up to now */
void arrivals_pass(struct arrivals *a, double time);
/* For so many seconds up to now what waited in a pool was of the class (backlog.h), and
 * so many came of those that were to be expected. */
void arrivals_waited(struct arrivals *a, uint32_t pool, uint64_t key, int class,
                     double came, double seconds);

void arrivals_set_back(struct arrivals *a, double by_s);        /* as the clock was */

/* How many are to be expected of a pool at most, about: there may be more than anybody
 * can look at. */
double arrivals_expected(const struct arrivals *a, double from, double to, uint32_t pool,
                         uint64_t key);
/* In one scenario those of a pool, by its number and its key (jobs.h), between `from` and
 * `to` (seconds since 1970): calls back for each, with what it is like and a number of
 * its own. Not in order of time. It comes only if the eagerness then, as what waits has
 * it, is above `reluctance`. */
typedef void arrivals_take(void *context, const struct forecast_job *like, double time,
                           double reluctance, uint64_t dice);
void arrivals_imagine(const struct arrivals *a, double from, double to, uint32_t pool,
                      uint64_t key, uint32_t scenario, arrivals_take *take,
                      void *context);

/* How many times as many as usual come while so much waits (backlog.h). */
void arrivals_eagerness(const struct arrivals *a, double to[BACKLOG_CLASSES]);

size_t arrivals_save(const struct arrivals *a, void *to, size_t room);
/* bytes used; 0: not of these */
size_t arrivals_load(struct arrivals *a, const void *from, size_t size);

#endif
