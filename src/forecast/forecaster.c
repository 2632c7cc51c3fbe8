/* A forecaster that keeps the newest past and asks the robust line (forecast.h). */
#include "forecast/forecaster.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { KEPT = 2048 };

struct forecaster {
    struct forecaster_options options;
    double times[KEPT], watts[KEPT];
    size_t count;
};

struct forecaster *forecaster_new(const struct forecaster_options *options)
{
    struct forecaster *f = xcalloc(1, sizeof(*f));

    f->options = *options;
    return f;
}

void forecaster_free(struct forecaster *f)
{
    free(f);
}

void forecaster_observe(struct forecaster *f, double time, double watts)
{
    if (isnan(watts) || (f->count && time <= f->times[f->count - 1]))
        return;
    if (f->count == KEPT) {
        f->count = KEPT / 2;
        memmove(f->times, f->times + f->count, f->count * sizeof(*f->times));
        memmove(f->watts, f->watts + f->count, f->count * sizeof(*f->watts));
    }
    f->times[f->count] = time;
    f->watts[f->count++] = watts;
}

void forecaster_acted(struct forecaster *f, double time)
{
    (void)f;
    (void)time;
}

void forecaster_make(struct forecaster *f, double origin, const double *caps, size_t cap_count,
                     struct forecast *out)
{
    const struct forecaster_options *o = &f->options;
    const struct forecast_past past = { f->times, f->watts, f->count };

    for (size_t c = 0; c < cap_count; c++) {
        struct forecast one[FORECASTER_HORIZONS];
        struct forecast_cap cap = o->cap;

        cap.watts = caps[c];
        forecast_make(&past, origin, &cap, o->idle_w, o->nameplate_w, o->horizons, o->horizon_count, one);
        for (size_t h = 0; h < o->horizon_count; h++)
            out[h * cap_count + c] = one[h];
    }
}

size_t forecaster_save(const struct forecaster *f, void *to, size_t room)
{
    if (sizeof(*f) <= room)
        memcpy(to, f, sizeof(*f));
    return sizeof(*f);
}

bool forecaster_load(struct forecaster *f, const void *from, size_t size)
{
    const struct forecaster *other = from;

    if (size != sizeof(*f) || memcmp(&other->options, &f->options, sizeof(f->options)) != 0)
        return false;
    memcpy(f, from, size);
    return true;
}
