/* A simulated site: feeds, halls, busways, racks, nodes and GPUs, with tenants whose jobs
 * wait, start, step, checkpoint and end, inference that breathes with the day, and rare
 * faults. It is what --demo shows.
 *
 * Nothing is remembered between polls: whatever the site does at a moment is computed
 * from the seed and that moment alone. So a picture made with --now is the same on every
 * machine, a poll may be skipped, and a million GPUs take no memory. The trick is the
 * slot: a fixed run of GPUs on which one job follows another; when the k-th one starts is
 * a hash of (seed, slot, k), and a job waits from some time before that.
 *
 * The parts are headers in sim/, from what they need least to most: metrics, site, work
 * (what it does at a moment); tell, jobs, past, events, nodes (what of it is told). Here
 * is when. */
#include "plugins/sim/nodes.h"

static void close_site(const struct gw_api *api, const struct gw_target *target)
{
    struct sim *s = target->state;

    (void)api;
    free(s->halls);
    free(s->racks);
    free(s->slots);
    free(s->shifts);
    memset(s, 0, sizeof(*s));
}

static int open_site(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    struct sim *s = target->state;

    memset(s, 0, sizeof(*s));
    if (read_options(api, target, out, s) < 0)
        return GW_FAILED;
    s->hall_count = halls_for(s->gpus);
    s->halls = calloc(s->hall_count, sizeof(*s->halls));
    if (!s->halls)
        return api->fail(out, "no memory for %zu halls", s->hall_count);
    lay_out_halls(s);
    s->racks = calloc(s->rack_count, sizeof(*s->racks));
    if (!s->racks || deal_out(s) < 0 ||
        !(s->shifts = calloc(s->slot_count, sizeof(*s->shifts))) || set_caps(s) < 0) {
        close_site(api, target);
        return api->fail(out, "no memory for a site of that many GPUs");
    }
    lay_out_racks(s);
    return GW_DONE;
}

/* When this poll is at the site. */
static double move_on(struct sim *s, double wall)
{
    if (!s->started) {
        s->wall = wall;
        s->now = wall -
                 900; /* the first poll tells what happened within a quarter of an hour */
    }
    s->before = s->now;
    return s->tick * floor((s->wall + (wall - s->wall) * s->speed) / s->tick);
}

static int poll_site(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    struct sim *s = target->state;
    struct say y = { .api = api, .out = out, .target = target, .sim = s };
    bool first_time = !s->started;
    double now = move_on(s, api->now(target));

    s->started = true;
    if (first_time)
        tell_past(&y, s, now);
    go_to(s, now);
    tell_site(&y);
    tell_racks(&y, first_time);
    tell_tenants(&y, first_time);
    tell_classes(&y, first_time);
    if (first_time)
        tell_losses_today(&y);
    tell_models(&y);
    tell_fault_events(&y);
    tell_job_events(&y);
    tell_price_events(&y, first_time);
    api->send(out);
    tell_jobs(&y);
    api->send(out);
    tell_nodes(&y, s, first_time);
    return GW_DONE;
}

const struct gw_source sim_source = {
    GW_SOURCE_HEAD,
    .name = "sim",
    .summary =
        "a simulated site of any size: power, jobs, tenants and faults from a seed",
    .schemes = "sim",
    .metrics = sim_metrics,
    .options = sim_options,
    .state_size = sizeof(struct sim),
    .interval_s = 2,
    .open = open_site,
    .poll = poll_site,
    .close = close_site
};
