/* What may be known of a job, and which places its power passes. */
#include "forecast/jobs.h"

#include <math.h>

bool jobs_known_at(const struct forecast_job *job, double origin,
                   struct forecast_job *known)
{
    *known = *job;
    if (job->submit > origin)
        return false;
    if (!(job->end <= origin))
        known->end = NAN;
    if (!(job->start <= origin)) {
        known->start = NAN;
        known->watts = NAN;
    }
    known->state = !isnan(known->end)     ? JOB_ENDED
                   : !isnan(known->start) ? JOB_RUNNING
                                          : JOB_PENDING;
    if (known->state != JOB_PENDING || isnan(known->planned_start)) {
        known->planned_start = NAN;
        known->plan = PLAN_NONE;
    }
    return true;
}

static void climb(const struct job_view *view, uint32_t place, double share, int depth,
                  jobs_reach *reach, void *context)
{
    enum { DEEPEST = 24 };      /* a graph in a circle would never end */
    const struct job_place *at;
    double feeds = 0;

    if (place >= view->place_count || depth > DEEPEST)
        return;
    at = &view->places[place];
    reach(context, place, share);
    for (int i = 0; i < PLACE_PARENTS; i++)
        feeds += at->parents[i] != NO_PLACE;
    for (int i = 0; i < PLACE_PARENTS; i++)
        if (at->parents[i] != NO_PLACE)
            climb(view, at->parents[i], share / feeds, depth + 1, reach, context);
}

void jobs_climb(const struct job_view *view, uint32_t place, double share,
                jobs_reach *reach, void *context)
{
    climb(view, place, share, 0, reach, context);
}
