/* What the site does at a moment: its jobs, what a GPU then reads, what is broken, what
 * all of it draws, and the caps. */
#ifndef PLUGINS_SIM_WORK_H
#define PLUGINS_SIM_WORK_H

#include "plugins/sim/site.h"

/* ---- jobs ---- */

/* When the turn-th job of a slot takes over its GPUs, before its rest. */
static double takes_over(const struct sim *s, size_t slot, int64_t turn)
{
    const struct work *w = &works[s->slots[slot].work];
    uint64_t own = mix(s->seed, slot * 4 + 1);
    double phase = share_of(own), jitter = .35;

    /* Campaigns come in turns, one hall after the other, so that one is never far. */
    if (s->slots[slot].work == CAMPAIGN) {
        phase = .5 * (s->slots[slot].hall / 2 % 2);
        jitter = .06;
    }
    return w->cycle_s *
           ((double)turn + phase + jitter * (share_of(mix(own, (uint64_t)turn)) - .5));
}

static struct job job_of(const struct sim *s, size_t slot, int64_t turn)
{
    const struct slot *at = &s->slots[slot];
    const struct work *w = &works[at->work];
    uint32_t node = s->halls[at->hall].machine->node_gpus,
             nodes = (at->gpus + node - 1) / node;
    struct job j = { .turn = turn,
                     .dice = mix(mix(s->seed, slot * 4 + 2), (uint64_t)turn) };
    double rest = w->rest_s * (.6 + .8 * small_share(j.dice, 0));

    if (at->work == CAMPAIGN)
        rest = w->rest_s;
    j.start = floor(takes_over(s, slot, turn) + rest);
    j.end = floor(takes_over(s, slot, turn + 1));
    j.submit = floor(j.start - w->wait_s * (.3 + 1.4 * small_share(j.dice, 1)));
    /* Most jobs take the whole slot; some ask for less. */
    if (small_share(j.dice, 2) > .6f && at->work != AGENTS && at->work != SERVING)
        nodes -= (uint32_t)((float)nodes * .3f * small_share(j.dice, 3));
    j.gpus = nodes * node < at->gpus ? nodes * node : at->gpus;
    return j;
}

static int64_t turn_at(const struct sim *s, size_t slot, double t)
{
    int64_t turn = (int64_t)floor(t / works[s->slots[slot].work].cycle_s) + 1;

    while (takes_over(s, slot, turn) > t)
        turn--;
    return turn;
}

/* A number like a scheduler's: rises with time and starts again after a week. A slot
 * takes a new job at most every ten minutes, so (ten minutes, slot) is unique. */
static unsigned long job_number(const struct sim *s, size_t slot, int64_t turn)
{
    uint64_t span = (uint64_t)(takes_over(s, slot, turn) / 600) % 1008;

    return (unsigned long)(10000 + span * s->slot_count + slot);
}

/* The site stands in Korea: busiest at three in the afternoon there, six o'clock UTC, and
 * least twelve hours later; with a second, smaller hump in the evening. */
static double time_of_day(double t)
{
    double x = 2 * M_PI * (fmod(t, DAY_S) / DAY_S);

    return within(.5 + .45 * sin(x) + .08 * sin(2 * x + 2.2), 0, 1);
}

/* A value that wanders between -1 and 1, smooth over `step` seconds. */
static double wander(uint64_t dice, double t, double step)
{
    double x = t / step, at = floor(x), f = x - at;
    double a = share_of(mix(dice, (uint64_t)at)),
           b = share_of(mix(dice, (uint64_t)at + 1));

    return 2 * (a + (b - a) * f * f * (3 - 2 * f)) - 1;
}

/* What the steps of a training job do to all its GPUs at once: compute and exchange in
 * turn, and a checkpoint now and then, during which they wait for the storage. */
static double step_factor(const struct work *w, const struct job *j, double t)
{
    double period = 2.3 + 7 * small_share(j->dice, 0),
           between = 700 + 900 * small_share(j->dice, 2);
    double since = fmod(t - j->start, between);

    if (t - j->start > 300 && since < 12 + 22 * small_share(j->dice, 3))
        return .48;
    return 1 + w->wiggle * (fmod(t, period) < .7 * period ? .6 : -1.4);
}

static float load_of(enum work_kind kind, const struct job *j, double t)
{
    const struct work *w = &works[kind];
    double load = w->load * (1 + .07 * (2 * small_share(j->dice, 1) - 1));

    if (w->day > 0)
        load *= 1 - w->day * (1 - time_of_day(t)) + .05 * wander(j->dice, t, 90) +
                .03 * wander(~j->dice, t, 11);
    if (w->wiggle > 0)
        load *= step_factor(w, j, t);
    return (float)within(load, 0, 1.1);
}

/* Replicas are parked in quiet hours; a notebook holds GPUs and leaves them alone. */
static float parked_share(enum work_kind kind, const struct job *j, double t)
{
    if (kind == AGENTS || kind == SERVING)
        return (float)(.02 + .15 * (1 - time_of_day(t)));
    if (kind == RESEARCH && small_share(j->dice, 2) < .3f)
        return .9f;
    return 0;
}

/* Since when the same GPUs are parked: replicas are dealt anew every quarter of an hour;
 * what a notebook leaves alone, it leaves for as long as it runs. */
static double parked_since(enum work_kind kind, const struct job *j, double t)
{
    double quarter = 900 * floor(t / 900);

    return kind == RESEARCH || j->start > quarter ? j->start : quarter;
}

static struct shift shift_at(const struct sim *s, size_t slot, double t)
{
    const struct slot *at = &s->slots[slot];
    struct shift now = { .job.gpus = 0 };

    if (at->tenant == UNALLOCATED)
        return now;
    now.job = job_of(s, slot, turn_at(s, slot, t));
    now.runs = t >= now.job.start && t < now.job.end;
    if (now.runs) {
        now.load = load_of(at->work, &now.job, t);
        now.parked = parked_share(at->work, &now.job, t);
    }
    return now;
}

/* ---- one GPU ---- */

struct reading {
    float power, util, warm; /* warm: how far its job has got it going, 0 to 1 */
    bool held, busy, at_limit;
};

static struct reading read_gpu(const struct sim *s, size_t slot, const struct shift *now,
                               uint32_t gpu)
{
    const struct machine *m = s->halls[s->slots[slot].hall].machine;
    const struct work *w = &works[s->slots[slot].work];
    uint64_t own = mix(s->seed, gpu), noise = mix(own, s->beat);
    float idle_w =
        m->idle_w * (.95f + .1f * small_share(own, 0) + .01f * small_share(noise, 0));
    struct reading r = { .power = idle_w,
                         .held =
                             now->runs && gpu - s->slots[slot].first < now->job.gpus };
    double joined = now->job.start + w->ramp_s * small_share(own, 1);

    if (!r.held || s->now <= joined)
        return r;
    if (now->parked > 0 && share_of(mix(own, (uint64_t)(parked_since(s->slots[slot].work,
                                                                     &now->job, s->now) /
                                                        900))) < now->parked)
        return r;
    r.busy = true;
    r.warm = (float)within((s->now - joined) / 45, .1, 1);
    r.util = within(now->load * (1.08f + .08f * small_share(noise, 1)), 0, 1) * 100;
    r.power += (m->limit_w - m->idle_w) * now->load * r.warm *
               (.96f + .08f * small_share(own, 2) + .03f * (small_share(noise, 2) - .5f));
    if (r.power >= m->limit_w * .985f) {
        r.at_limit = true;
        r.power = m->limit_w * (.985f + .015f * small_share(noise, 3));
    }
    return r;
}

/* Chips follow their power within half a minute or so; what came before the job stands
 * for what came before at all. */
static double chip_temperature(const struct sim *s, size_t slot, const struct shift *now,
                               uint32_t gpu, const struct reading *r)
{
    const struct machine *m = s->halls[s->slots[slot].hall].machine;
    uint64_t own = mix(s->seed ^ 0x7e, gpu);
    double since = r->held ? s->now - now->job.start : s->now - now->job.end;
    double hot = (r->power - m->idle_w) / (m->limit_w - m->idle_w);
    double lag = now->job.gpus && since > 0 ? exp(-since / 40) : 0;

    if (r->held)
        hot *= 1 - lag;
    else if (gpu - s->slots[slot].first < now->job.gpus && since > 0)
        hot += lag * works[s->slots[slot].work].load;
    return m->coolant_c + 5 * small_share(own, 0) +
           hot * m->rise_c * (.93 + .14 * small_share(own, 1)) +
           .4 * wander(own, s->now, 20);
}

static double node_power(const struct machine *m, double gpus_w, uint32_t gpus)
{
    return m->base_w * gpus / m->node_gpus + gpus_w * (1 + m->share);
}

/* ---- faults ---- */

/* Each kind rolls its dice once a span; what it breaks, and for how long, hangs on the
 * throw. */
/* clang-format off */
static const struct {
    double span_s, chance;      /* a throw every so often, for every 2,000 GPUs */
    double least_s, most_s;
} breaks[FAULT_KINDS] = {
    [NODE_DOWN]        = {  1800, .90, 600, 1800 }, /* as on any site, one is mostly away */
    [GPU_LOST]         = {  7200, .50, 900, 3000 },
    [RACK_SILENT]      = {  3600, .50, 120,  400 },
    [SENSOR_STUCK]     = {  7200, .50, 1200, 3600 },
    [VALUE_IMPOSSIBLE] = {  1800, .50,  10,   40 },
};
/* clang-format on */

static bool draw_fault(const struct sim *s, enum fault_kind kind, int64_t span,
                       unsigned n, struct fault *f)
{
    uint64_t dice = mix(mix(s->seed ^ 0xfa01, (uint64_t)kind * 64 + n), (uint64_t)span);
    double length = breaks[kind].least_s +
                    (breaks[kind].most_s - breaks[kind].least_s) * small_share(dice, 0);

    if (small_share(dice, 1) >= breaks[kind].chance * s->faults_rate)
        return false;
    f->kind = kind;
    f->since = floor((double)span * breaks[kind].span_s +
                     small_share(dice, 2) * (breaks[kind].span_s - length));
    f->until = floor(f->since + length);
    f->where = (uint32_t)(mix(dice, 3) % (kind == RACK_SILENT ? s->rack_count : s->gpus));
    return s->now >= f->since && s->now < f->until;
}

/* A fault is a part of the picture, never all of it: a site of one rack does not lose its
 * rack. */
static bool can_break(const struct sim *s, enum fault_kind kind)
{
    return kind == RACK_SILENT ? s->rack_count >= 8 : kind != NODE_DOWN || s->gpus >= 128;
}

static void find_faults(struct sim *s)
{
    unsigned throws = 1 + s->gpus / 20000;

    s->fault_count = 0;
    if (throws > MAX_FAULTS / FAULT_KINDS)
        throws = MAX_FAULTS / FAULT_KINDS;
    for (unsigned kind = 0; kind < FAULT_KINDS; kind++)
        for (unsigned n = 0; n < throws; n++) {
            int64_t span = (int64_t)floor(s->now / breaks[kind].span_s);

            if (can_break(s, kind) &&
                draw_fault(s, kind, span, n, &s->faults[s->fault_count]))
                s->fault_count++;
        }
}

static const struct fault *fault_in(const struct sim *s, enum fault_kind kind,
                                    uint32_t first, uint32_t count)
{
    for (size_t i = 0; i < s->fault_count; i++)
        if (s->faults[i].kind == kind && s->faults[i].where - first < count)
            return &s->faults[i];
    return NULL;
}

/* ---- measuring ---- */

static void plan(struct sim *s)
{
    for (size_t i = 0; i < s->slot_count; i++)
        s->shifts[i] = shift_at(s, i, s->now);
}

/* Reads every GPU of a rack and adds it to its job, its tenant and its rack. */
static void measure_rack(struct sim *s, struct rack *r, size_t *slot)
{
    const struct hall *h = &s->halls[r->hall];
    double sum = 0;
    uint32_t dark = 0;

    for (uint32_t g = r->first; g < r->first + r->gpus; g++) {
        struct shift *now;
        struct reading one;
        double drawn;

        while (g >= s->slots[*slot].first + s->slots[*slot].gpus)
            ++*slot;
        now = &s->shifts[*slot];
        one = read_gpu(s, *slot, now, g);
        if (s->fault_count &&
            fault_in(s, NODE_DOWN, g - (g - r->first) % h->machine->node_gpus,
                     h->machine->node_gpus)) {
            dark++;
            one = (struct reading){ .held = one.held };
        }
        sum += one.power;
        drawn = one.power > 0 ? node_power(h->machine, (double)one.power, 1) : 0;
        s->tallies[one.held ? s->slots[*slot].tenant : UNALLOCATED].power += drawn;
        if (one.held) {
            now->power += one.power;
            now->drawn += drawn;
            now->busy += one.busy;
        }
    }
    r->power = (float)(rack_loss * node_power(h->machine, sum, r->gpus - dark));
}

static double hum(const struct sim *s, uint64_t meter)
{
    return 1 + .002 * (share_of(mix(mix(s->seed, meter), s->beat)) - .5);
}

/* From what the racks of each hall draw, up to the feeds. */
static void add_up(struct sim *s)
{
    memset(s->feed_power, 0, sizeof(s->feed_power));
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];
        double sum = h->racks_power;

        h->bus_power[0] = sum * h->bus_share * bus_loss * hum(s, 3 * i);
        h->bus_power[1] = sum * (1 - h->bus_share) * bus_loss * hum(s, 3 * i + 1);
        h->power = (h->bus_power[0] + h->bus_power[1]) * hall_loss * hum(s, 3 * i + 2);
        s->feed_power[h->feed] += h->power * feed_loss;
    }
}

static void measure_halls(struct sim *s)
{
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];

        h->racks_power = 0;
        for (uint32_t k = 0; k < h->racks; k++)
            h->racks_power += s->racks[h->first_rack + k].power;
    }
    add_up(s);
}

static void measure(struct sim *s)
{
    size_t slot = 0;

    memset(s->tallies, 0, sizeof(s->tallies));
    for (size_t i = 0; i < s->slot_count; i++)
        s->shifts[i].power = s->shifts[i].drawn = 0;
    for (size_t i = 0; i < s->rack_count; i++)
        measure_rack(s, &s->racks[i], &slot);
    measure_halls(s);
    for (size_t i = 0; i < s->slot_count; i++) {
        const struct slot *at = &s->slots[i];
        double idle_w = s->halls[at->hall].machine->idle_w * s->shifts[i].job.gpus;
        double above = s->shifts[i].power - idle_w;

        s->tallies[at->tenant].tokens +=
            above > 0 ? above * tenants[at->tenant].tokens_per_joule : 0;
    }
}

/* ---- caps ---- */

/* What a slot draws at a time, on average and without looking at its GPUs. */
static double slot_power(const struct sim *s, size_t slot, double t)
{
    const struct slot *at = &s->slots[slot];
    const struct machine *m = s->halls[at->hall].machine;
    struct shift now = shift_at(s, slot, t);
    double going;

    if (!now.runs)
        return (double)m->idle_w * at->gpus;
    going = within((t - now.job.start) / (works[at->work].ramp_s + 45), 0, 1);
    return (double)m->idle_w * at->gpus + (double)(m->limit_w - m->idle_w) * now.load *
                                              (1 - now.parked) * going * now.job.gpus;
}

/* Two leading digits and a half: 4150000, not 4137291.8. */
static double round_cap(double watts)
{
    double step = pow(10, floor(log10(watts)) - 2) * 5;

    return step * ceil(watts / step);
}

/* Caps that a site of this make would have: a hall with campaigns is sold to the brim and
 * touches its cap about when the campaign runs; the others and the feeds have some room.
 */
static int set_caps(struct sim *s)
{
    double *most = calloc(s->hall_count, sizeof(*most)),
           *sum = calloc(s->hall_count, sizeof(*sum));
    double feed_most[26] = { 0 }, site_most = 0;

    if (!most || !sum) {
        free(most);
        free(sum);
        return -1;
    }
    for (double t = CAP_DAY; t < CAP_DAY + DAY_S; t += 300) {
        double feeds[26] = { 0 }, site = 0;

        memset(sum, 0, s->hall_count * sizeof(*sum));
        for (size_t i = 0; i < s->slot_count; i++)
            sum[s->slots[i].hall] += slot_power(s, i, t);
        for (size_t i = 0; i < s->hall_count; i++) {
            const struct hall *h = &s->halls[i];
            double watts = node_power(h->machine, sum[i], h->gpus) * rack_loss * bus_loss;

            most[i] = fmax(most[i], watts);
            feeds[h->feed] += watts * hall_loss * feed_loss;
        }
        for (size_t f = 0; f < s->feed_count; f++) {
            feed_most[f] = fmax(feed_most[f], feeds[f]);
            site += feeds[f];
        }
        site_most = fmax(site_most, site);
    }
    for (size_t i = 0; i < s->hall_count; i++) {
        struct hall *h = &s->halls[i];
        double room = i % 2 ? .99 : 1.04 + .05 * share_of(mix(s->seed, 900 + i));

        h->cap = (float)round_cap(most[i] * hall_loss * (room + .01));
        h->bus_cap[0] = (float)round_cap(most[i] * h->bus_share * (room + .015));
        h->bus_cap[1] = (float)round_cap(most[i] * (1 - h->bus_share) * room);
    }
    for (size_t f = 0; f < s->feed_count; f++)
        s->feed_cap[f] = round_cap(feed_most[f] * 1.035);
    s->cap = round_cap(site_most * 1.02);
    free(most);
    free(sum);
    return 0;
}

static double rack_cap(const struct machine *m, uint32_t gpus)
{
    return 1000 * ceil(rack_loss * node_power(m, (double)m->limit_w * gpus, gpus) / 1000);
}

#endif
