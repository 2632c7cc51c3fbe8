/* A site read through an engine that already knows it: Prometheus, VictoriaMetrics,
 * Thanos, Mimir, whatever answers the Prometheus HTTP API
 * (prometheus.io/docs/prometheus/latest/querying/api).
 *
 * It is asked once which families there are; from these follow the queries, one table for
 * all exporters. Sums are the engine's: single GPUs are asked for where they are few,
 * else nodes or racks. Values are those of the moment of the evaluation; that a series
 * ended is the engine's to notice. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "plugins/promql/gone.h"
#include "plugins/promql/today.h"

static const struct gw_option options[] = {
    { "detail", "auto", "how far down it is asked: gpus, nodes, racks, or auto: as far as the limits allow" },
    { "gpu_limit", "4096", "auto: single GPUs are asked for up to so many" },
    { "node_limit", "20000", "auto: single nodes are asked for up to so many" },
    { "sets", NULL, "only these ready-made sets, by name: dcgm node kubernetes vllm sglang trtllm dynamo triton nim kai "
                    "kueue nvsentinel slurm dps serving; none" },
    { "queries", NULL, "queries of your own, one a line: QUERY -> KIND.METRIC [by LABEL[/LABEL]] [in UNIT]; "
                       "for example: sum by (feed) (pdu_kw) -> domain.meter by feed in kW" },
    { "match", NULL, "labels that every ready-made query asks for, as PromQL writes them: cluster=\"iad-3\"" },
    { "node_label", NULL, "the label that names a node, where it is none of the usual" },
    { "rack_label", "rack", "the label that names a rack" },
    { "row_label", NULL, "the label that names what a rack is a part of" },
    { "hall_label", NULL, "the label that names what a row is a part of, or without one a rack" },
    { "feed_label", NULL, "the label that names what feeds a hall, or the next of these there is" },
    { "dps_label", "parameter", "the label by which DPS's families name a device of a node, as gpu0, or all of it, as total" },
    { "window", "2m", "over which rates are taken; at least four times the scrape interval" },
    { "history", "2h", "how far back power is asked for at the start, but for what the cache has; 2h at most, which is what a chart holds; 0: not" },
    { 0 }
};

/* ---- the source ---- */

static int ask_from(struct talk *t, size_t first)
{
    struct promql *p = t->kept;
    size_t refused;

    for (size_t i = first; i < p->asked_count; i++) {
        t->asked = &p->asked[i];
        if (t->api->stopping(t->target))
            return GW_DONE;
        if (t->asked->is.about == ABOUT_NOBODY && !p->tells_holders)
            continue;           /* what is free where nobody says what is not? */
        refused = t->refused;
        if (ask_engine(t, t->api->print(t->target, "query?query=%s", t->asked->query),
                       take_series) == GW_FAILED)
            return GW_FAILED;
        tell_shared(t);
        if (asks_who_draws(t) && t->refused == refused)
            tell_gone(t);
        hand_over_in_time(t);
    }
    return GW_DONE;
}

/* GPUs of the node, or nodes of the rack, that somebody looks into, where they are not
 * asked for anyhow. */
static int ask_closely(struct talk *t)
{
    struct promql *p = t->kept;
    unsigned detail = p->detail,
             wanted = t->target->opened_kind == GW_NODE ? BY_GPU : BY_NODE;
    size_t first = p->asked_count;
    int result;

    if (!t->target->opened || detail <= wanted ||
        (wanted == BY_NODE && !t->rack_label.len))
        return GW_DONE;
    t->closely = true;
    p->detail = wanted;
    add_ready_made(t);
    p->detail = detail;
    result = ask_from(t, first);
    t->closely = false;
    while (p->asked_count > first)
        free(p->asked[--p->asked_count].query);
    return result;
}

static int talk_to(struct talk *t)
{
    struct promql *p = t->kept;
    double now = t->api->now(t->target);

    if (!(p->probed_at > 0 && now - p->probed_at < PROBES_EVERY_S &&
          now >= p->probed_at) &&
        probe(t) == GW_FAILED)
        return GW_FAILED;
    note_findings(t);
    if (p->asked_count == 0) {
        t->api->warn(
            t->out,
            "the engine has no family that means anything here; see the option queries");
        return GW_DONE;
    }
    t->answered = t->refused = 0;
    if (ask_from(t, 0) == GW_FAILED || ask_closely(t) == GW_FAILED ||
        tell_missing(t) == GW_FAILED)
        return GW_FAILED;
    if (!t->answered && t->refused)
        return t->api->fail(t->out, "%s", t->refusal);
    if (t->refused)
        t->api->warn(t->out, "%zu of %zu queries failed; %s", t->refused,
                     t->refused + t->answered, t->refusal);
    t->past_until = t->api->now(t->target) +
                    fmax(t->target->interval_s / 2, PAST_LEAST_S);
    tell_past(t);
    tell_today(t);
    p->polled_at = now;
    return GW_DONE;
}

static struct talk *talk_new(const struct gw_api *api, const struct gw_target *target,
                             struct gw_out *out)
{
    struct talk *t = calloc(1, sizeof(*t));

    if (!t)
        abort();
    *t = (struct talk){ .api = api, .target = target, .out = out, .kept = target->state };
    t->node_label = whole(option(t, "node_label"));
    t->rack_label = whole(option(t, "rack_label"));
    for (size_t i = 0; i < WHOLES; i++)
        t->has_wholes |= *option(t, wholes[i].option) != '\0';
    snprintf(t->window, sizeof(t->window), "%.0fs",
             fmax(1, round(gw_seconds(option(t, "window")))));
    return t;
}

/* Of a few it is not worth while. */
static bool are_named(const struct promql *p, double now)
{
    return p->known.told_before > MANY && p->named_at > 0 && now >= p->named_at &&
           now - p->named_at < NAMED_EVERY_S;
}

static int promql_poll(const struct gw_api *api, const struct gw_target *target,
                       struct gw_out *out)
{
    struct talk *t = talk_new(api, target, out);
    int result;

    t->handed_over_at = api->now(target);
    known_begin(&t->kept->known);
    t->kept->are_named = are_named(t->kept, t->handed_over_at);
    result = talk_to(t);
    if (result == GW_FAILED)    /* another engine may come back */
        t->kept->probed_at = t->kept->named_at = 0;
    else if (!t->kept->are_named)
        t->kept->named_at = t->handed_over_at;
    answer_free(&t->answer);
    free(t->shared);
    free(t);
    return result;
}

/* ---- options ---- */

static int try_number(struct talk *t, const char *name)
{
    const char *text = option(t, name);
    char *end;
    double number = strtod(text, &end);

    if (end > text && !*end && number >= 0)
        return GW_DONE;
    return t->api->fail(t->out, "%s: expected a number, got \"%.20s\"", name, text);
}

static int try_sets(struct talk *t)
{
    const char *list = t->api->option(t->target, "sets");

    while (list) {
        struct slice name = next_word(&list);
        size_t i = 0;

        if (!name.len)
            break;
        while (i < sizeof(sets) / sizeof(*sets) && !same(name, sets[i]))
            i++;
        if (i == sizeof(sets) / sizeof(*sets) && !same(name, "none"))
            return t->api->fail(t->out, "sets: there is none called \"%.*s\"; gigawatch --list sources names them",
                                (int)(name.len < 20 ? name.len : 20), name.text);
    }
    return GW_DONE;
}

static int try_words(struct talk *t)
{
    static const char *const details[] = { "auto", "gpus", "nodes", "racks" };
    size_t i = 0;

    while (i < sizeof(details) / sizeof(*details) &&
           strcmp(option(t, "detail"), details[i]) != 0)
        i++;
    if (i == sizeof(details) / sizeof(*details))
        return t->api->fail(t->out, "detail: expected auto, gpus, nodes or racks, got \"%.20s\"", option(t, "detail"));
    if (!(gw_seconds(option(t, "window")) > 0))
        return t->api->fail(t->out, "window: expected a time such as 2m, got \"%.20s\"", option(t, "window"));
    if (!(gw_seconds(option(t, "history")) <= LONGEST_HISTORY_S))
        return t->api->fail(t->out, "history: expected a time up to 2h, which is what a chart holds, or 0, got \"%.20s\"", option(t, "history"));
    return try_sets(t);
}

/* Whatever is wrong with options is said before anything is asked. */
static int promql_open(const struct gw_api *api, const struct gw_target *target,
                       struct gw_out *out)
{
    struct talk *t = talk_new(api, target, out);
    int result = try_words(t);

    if (result != GW_FAILED && (try_number(t, "gpu_limit") == GW_FAILED ||
                                try_number(t, "node_limit") == GW_FAILED))
        result = GW_FAILED;
    if (result != GW_FAILED)
        result = add_rules(t);
    forget_asked(t->kept);
    free(t);
    return result;
}

static void promql_close(const struct gw_api *api, const struct gw_target *target)
{
    struct promql *p = target->state;

    (void)api;
    forget_asked(p);
    free(p->drawers);
    known_clear(&p->known);
    forget_today(&p->today);
    free(p->gone);
    p->gone = NULL;
    p->gone_count = 0;
    p->polled_at = 0;
    p->drawers = NULL;
    p->drawer_count = 0;
}

const struct gw_source promql_source = {
    GW_SOURCE_HEAD,
    .name = "promql",
    .summary = "a site through Prometheus, VictoriaMetrics, Thanos or Mimir, summed there",
    .schemes = "prom+http prom+https promql+http promql+https",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct promql),
    .interval_s = 15,
    .open = promql_open,
    .poll = promql_poll,
    .close = promql_close,
    .asks_closely = true,
};
