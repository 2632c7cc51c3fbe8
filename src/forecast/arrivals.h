/* Jobs that nobody has submitted yet: for each class a Poisson stream whose rate follows the last days and the hour and
 * day of the week, and the latest of them that ended as what they are like. */
#ifndef FORECAST_ARRIVALS_H
#define FORECAST_ARRIVALS_H

#include <stddef.h>

#include "forecast/jobs.h"

struct arrivals;

struct arrivals *arrivals_new(void);    /* owned by the caller */
void arrivals_free(struct arrivals *a);

void arrivals_submitted(struct arrivals *a, const struct forecast_job *job);
/* What the class is like; job->watts: what it drew when up, NAN where not measured. */
void arrivals_ended(struct arrivals *a, const struct forecast_job *job);
void arrivals_pass(struct arrivals *a, double time);    /* nothing more has come up to now */

void arrivals_set_back(struct arrivals *a, double by_s);        /* as the clock was */

/* How many are to be expected of a pool, about: there may be more than anybody can look at. */
double arrivals_expected(const struct arrivals *a, double from, double to, uint32_t pool, uint64_t key);
/* In one scenario those of a pool, by its number and its key (jobs.h), between `from` and `to` (seconds since 1970): calls back for each, with what it is like and a
 * number of its own. Not in order of time. */
typedef void arrivals_take(void *context, const struct forecast_job *like, double time, uint64_t dice);
void arrivals_imagine(const struct arrivals *a, double from, double to, uint32_t pool, uint64_t key, uint32_t scenario,
                      arrivals_take *take, void *context);

size_t arrivals_save(const struct arrivals *a, void *to, size_t room);
size_t arrivals_load(struct arrivals *a, const void *from, size_t size);        /* bytes used; 0: not of these */

#endif
