/* Time. */
#include "base/clock.h"

#include <time.h>

/* These change only before the first thread. */
static double stopped_at;       /* 0: runs */
static double speed = 1, hastened_at, hastened_steady;

static double read_clock(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double clock_wall(void)
{
    if (stopped_at > 0)
        return stopped_at;
    return speed == 1 ? read_clock(CLOCK_REALTIME)
                      : hastened_at + (clock_steady() - hastened_steady) * speed;
}

double clock_steady(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_stop_at(double seconds)
{
    stopped_at = seconds;
}

void clock_hasten(double times)
{
    hastened_at = read_clock(CLOCK_REALTIME);
    hastened_steady = clock_steady();
    speed = times;
}

double clock_speed(void)
{
    return speed;
}
