/* Time. */
#include "base/clock.h"

#include <time.h>

static double stopped_at;       /* 0: runs; changes only before the first thread */

static double read_clock(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double clock_wall(void)
{
    return stopped_at > 0 ? stopped_at : read_clock(CLOCK_REALTIME);
}

double clock_steady(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_stop_at(double seconds)
{
    stopped_at = seconds;
}
