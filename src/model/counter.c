/* Power out of counters of energy. One that is read more often than it changes gives the
 * mean from one of its changes to the next: between two readings it would be nothing, and
 * then twice as much. */
#include "base/arena.h"
#include "model/inside.h"

#include <math.h>
#include <string.h>

/* Of one that was seen standing still, in ticks. */
struct standing {
    uint32_t since;             /* its last change was seen; 0: none was, for it stood
                                 * from the first */
    uint32_t lasts;             /* from that before; 0: not known yet */
    bool stands, is_used;
};

/* A mean over longer than this is none of now. */
enum { LONGEST_S = 120 };

static struct standing *standing_of(struct model *m, uint32_t gpu)
{
    size_t old = m->standing_room;

    m->standing = xgrow(m->standing, &m->standing_room, gpu + 1, sizeof(*m->standing));
    memset(m->standing + old, 0, (m->standing_room - old) * sizeof(*m->standing));
    return &m->standing[gpu];
}

void forget_counter(struct model *m, uint32_t gpu)
{
    if (gpu < m->standing_room)
        m->standing[gpu] = (struct standing){ 0 };
}

static void put_power(struct model *m, uint32_t gpu, double watts, struct stamp stamp)
{
    const struct stamp *power;

    stamp.quality = GW_ESTIMATED;
    stamp.derived = 1;
    put_number(m, M_GPU_POWER_MEAN, gpu, watts, stamp);
    power = stamp_at(m, column_at(m, M_GPU_POWER), gpu);
    if (power->derived || !is_fresh(m, power, stamp.time) ||
        isnan(m->columns[M_GPU_POWER].numbers[gpu]))
        put_number(m, M_GPU_POWER, gpu, watts, stamp);
}

/* No GPU draws nothing: its mean is of now until it should have changed again, and half
 * as long. */
static void stand(struct model *m, uint32_t gpu, uint32_t last, struct stamp stamp)
{
    struct standing *s = standing_of(m, gpu);
    const struct column *mean = column_with(m, M_GPU_POWER_MEAN, gpu);

    s->since = s->is_used && !s->stands ? last : s->since;
    s->stands = s->is_used = true;
    if (s->lasts && mean && stamp_at(m, mean, gpu)->derived &&
        !isnan(mean->numbers[gpu]) &&
        stamp.time - s->since <= s->lasts + s->lasts / 2)
        put_power(m, gpu, mean->numbers[gpu], stamp);
}

/* When it changed before; 0: that was not seen. */
static uint32_t changed_before(struct model *m, uint32_t gpu, uint32_t last, uint32_t now)
{
    struct standing *s = gpu < m->standing_room ? &m->standing[gpu] : NULL;
    uint32_t before;

    if (!s || !s->is_used)
        return last;
    before = s->stands ? s->since : last;
    s->lasts = before ? now - before : 0;
    s->since = now;
    s->stands = false;
    return before;
}

/* An energy counter gives the mean power since its last change, and power itself where no
 * source says it. A counter that fell was started again: that interval is not known. */
void take_energy(struct model *m, uint32_t gpu, const struct column *c, double joules,
                 struct stamp stamp)
{
    const struct stamp *last = stamp_at(m, c, gpu);
    double watts, seconds;
    uint32_t before;

    /* Two who count the same did not begin at the same moment. */
    if (last->time == 0 || (last->origin != stamp.origin && last->origin != FROM_CACHE) ||
        stamp.time - last->time < TICKS_PER_S / 2 ||
        stamp.time - last->time > m->stale_after[stamp.origin] || isnan(c->wide[gpu])) {
        forget_counter(m, gpu);
        return;
    }
    if (joules == c->wide[gpu]) {
        stand(m, gpu, last->time, stamp);
        return;
    }
    before = changed_before(m, gpu, last->time, stamp.time);
    seconds = ((double)stamp.time - before) / TICKS_PER_S;
    watts = (joules - c->wide[gpu]) / seconds;
    if (before && watts > 0 && watts <= metric_at(M_GPU_POWER_MEAN)->max &&
        (seconds <= LONGEST_S || before == last->time))
        put_power(m, gpu, watts, stamp);
}
