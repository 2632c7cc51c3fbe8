/* The model's jobs as the forecasting core takes them: copied on the main thread, so that
 * the forecasting thread needs no model. */
#ifndef APP_JOBS_H
#define APP_JOBS_H

#include "forecast/jobs.h"
#include "model/model.h"

struct jobs_copy;

/* NULL: no scheduler tells of jobs now. Owned by the caller. */
struct jobs_copy *jobs_copy_new(const struct model *m);
void jobs_copy_free(struct jobs_copy *c);               /* NULL is fine */

/* lives as long as the copy */
struct job_view jobs_copy_view(const struct jobs_copy *c);
/* Of a domain: its row; of the site: the place above all domains. */
uint32_t jobs_copy_place(const struct jobs_copy *c, enum gw_kind kind, uint32_t row);
/* What a GPU of those that run and are measured draws in the mean, as one that is let
 * draw SIGNATURE_LIMIT_W; NAN: none is. */
double jobs_copy_usual_watts(const struct jobs_copy *c);
/* The name of jobs[i] of the view; NULL: a source says what it will draw. */
const char *jobs_copy_unpriced(const struct jobs_copy *c, size_t i);
/* A job's name, by its id; NULL: not in this copy. For why_say(): its context is the
 * copy. */
const char *jobs_copy_name(void *copy, uint64_t id);

#endif
