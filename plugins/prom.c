/* Any Prometheus text exposition (0.0.4) or OpenMetrics (1.0) page: dcgm-exporter under
 * its old and new names, node_exporter, the IPMI exporter, Triton, all-smi, Slurm's
 * controller, and whatever the option `map` teaches.
 *
 * The page is scanned line by line where it lies: no tree, no copy, no allocation per
 * line. What a family means stands in one table. A type is never guessed from a name's
 * ending: names lie (`_total` histograms, gauges in bytes per second), so a family that
 * is in neither the table nor the map is skipped.
 *
 * The parts are headers in prom/, from what they need least to most: map, page, served.
 * Here is when what is read. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "plugins/prom/served.h"

static const struct gw_option options[] = {
    { "map", NULL,
      "more families, one rule a line: FAMILY[{LABEL=\"VALUE\",…}] -> KIND.METRIC [by LABEL[/LABEL]] "
      "[in UNIT]; for example: pdu_power_kw{feed=\"A\"} -> domain.meter by rack in kW" },
    { "tenant", NULL, "who serves the models of this page, where its lines do not say a namespace" },
    { "job", NULL, "the job or pod that serves them, by which their GPUs and watts are found" },
    { "command", NULL, "run this on the target and read what it prints, instead of HTTP" },
    { 0 }
};

/* ---- what a line is ---- */

static void take_sample(struct page *p)
{
    const struct family *f;
    double value = p->sample.number;

    if (read_by_rules(p, p->kept->rules, p->kept->rule_count))
        return;
    f = find_family(p, p->sample.name);
    if (!f && p->sample.name.len > 6 && memcmp(p->sample.name.text, "slurm_", 6) == 0) {
        read_by_rules(p, slurm_rules, sizeof(slurm_rules) / sizeof(*slurm_rules));
        return;
    }
    if (!f) {
        read_served(p);
        return;
    }
    tell_time(p);
    if ((f->flags & DCGM) && is_blank(value, metrics[f->metric].type == GW_ENERGY))
        value = NAN;
    (f->whose == OF_GPU ? read_gpu : read_node)(p, f, value * f->scale);
}

static void take_line(struct page *p, const char *line, const char *end, unsigned number)
{
    if (end > line && end[-1] == '\r')
        end--;
    line = skip_blanks(line, end);
    if (line == end || *line == '#')
        return;
    p->lines++;
    if (read_sample(&p->sample, line, end)) {
        take_sample(p);
        return;
    }
    if (p->bad++ == 0) {
        p->first_bad_line = number;
        gw_quote(p->first_bad, line, (size_t)(end - line));
    }
}

/* ---- the end of a page ---- */

static int compare_cuts(const void *left, const void *right)
{
    const struct cut *a = left, *b = right;

    if (a->entity != b->entity)
        return a->entity < b->entity ? -1 : 1;
    return -strcmp(a->profile, b->profile);
}

/* "3g.40gb ×2, 1g.10gb" for every GPU that has instances. */
static void tell_cuts(struct page *p)
{
    size_t i = 0;

    if (p->cut_count)
        qsort(p->cuts, p->cut_count, sizeof(*p->cuts), compare_cuts);
    while (i < p->cut_count) {
        uint32_t entity = p->cuts[i].entity;
        char text[512] = "";

        while (i < p->cut_count && p->cuts[i].entity == entity) {
            size_t k = i;

            while (k < p->cut_count && compare_cuts(&p->cuts[k], &p->cuts[i]) == 0)
                k++;
            add_words(text, sizeof(text), "%s%s", *text ? ", " : "", p->cuts[i].profile);
            if (k - i > 1)
                add_words(text, sizeof(text), " ×%zu", k - i);
            i = k;
        }
        p->api->text(p->out, entity, MIG, text, strlen(text));
    }
}

/* What follows from several lines: memory fitted where only its parts are told (an
 * estimate without the reserved part, that older exporters leave out), and the limit that
 * was asked for where the enforced one is not told. */
static void finish_gpu(struct page *p, struct thing *t)
{
    double total = t->spare[FB_USED] + t->spare[FB_FREE];
    bool reserved = !isnan(t->spare[FB_RESERVED]);

    if (!isnan(total) && first(t, MEM_TOTAL))
        tell(p, t->entity, MEM_TOTAL, total + (reserved ? t->spare[FB_RESERVED] : 0),
             !reserved);
    if (!isnan(t->spare[LIMIT_ASKED]) && first(t, POWER_LIMIT))
        p->api->number(p->out, t->entity, POWER_LIMIT, t->spare[LIMIT_ASKED]);
    if (t->tenant[0] || p->kept->tells_pods)
        p->api->text(p->out, t->entity, TENANT, t->tenant, strlen(t->tenant));
    if (t->job[0] || p->kept->tells_pods || p->kept->tells_jobs)
        p->api->text(p->out, t->entity, JOB, t->job, strlen(t->job));
}

static void finish_things(struct page *p)
{
    for (size_t i = 0; i < p->thing_room; i++) {
        struct thing *t = &p->things[i];

        if (!t->used)
            continue;
        if (t->is_gpu)
            finish_gpu(p, t);
        if (t->sum_metric)
            p->api->number(p->out, t->entity, t->sum_metric, t->sum);
    }
    tell_cuts(p);
}

static int judge(struct page *p, bool cut_off, unsigned lines)
{
    p->api->note(p->out, "%u of %u samples mean something here%s%s", p->mapped, p->lines,
                 p->power ? "; power of GPUs is " : "", p->power ? p->power : "");
    if (2 * p->bad > p->lines)
        return p->api->fail(p->out,
                            "not a page of metrics: %u of %u lines are not understood, "
                            "first line %u: \"%s\"",
                            p->bad, p->lines, p->first_bad_line, p->first_bad);
    if (p->bad)
        p->api->warn(p->out, "%u line%s not understood, first line %u: \"%s\"", p->bad,
                     p->bad == 1 ? "" : "s", p->first_bad_line, p->first_bad);
    else if (cut_off)
        p->api->partial(p->out, NAN, "the page is cut off in line %u", lines);
    else if (p->mapped == 0)
        p->api->partial(p->out, NAN,
                        "none of %u samples means anything here; see the option map",
                        p->lines);
    return GW_DONE;
}

/* OpenMetrics ends in "# EOF"; the older format does not, and counts time in
 * milliseconds. */
static bool is_openmetrics(const char *text, size_t len)
{
    while (len && isspace((unsigned char)text[len - 1]))
        len--;
    return len >= 5 && memcmp(text + len - 5, "# EOF", 5) == 0;
}

/* node_exporter says its host's name near the end, but every line before needs it. */
static void find_nodename(struct page *p, const char *text, size_t len)
{
    static const char name[] = "\nnode_uname_info{";
    const char *at = memmem(text, len, name, sizeof(name) - 1), *end;

    if (!at)
        return;
    at++;
    end = memchr(at, '\n', (size_t)(text + len - at));
    if (end && read_sample(&p->sample, at, end))
        p->nodename = label(&p->sample, (struct slice){ "nodename", 8 });
    /* a name in need of unescaping is no host's */
    if (p->nodename.text >= p->sample.scratch &&
        p->nodename.text < p->sample.scratch + sizeof(p->sample.scratch))
        p->nodename.len = 0;
}

static int parse_page(struct page *p, const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    unsigned number = 0;
    bool cut_off = false;

    p->seconds = is_openmetrics(text, len);
    find_nodename(p, text, len);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        number++;
        if (!newline) {
            /* Both formats end every line: half a number must not pass for a whole
             * one. */
            at = skip_blanks(at, end);
            cut_off = at < end && *at != '#';
            break;
        }
        take_line(p, at, newline, number);
        at = newline + 1;
    }
    if (p->lines == 0 && !cut_off)
        return p->api->fail(p->out, "the page has no samples");
    finish_things(p);
    for (size_t i = 0; i < p->served_count; i++)
        tell_served(p, &p->served[i]);
    return judge(p, cut_off, number);
}

/* ---- the source ---- */

static int prom_parse(const struct gw_api *api, const struct gw_target *target,
                      const char *text, size_t len, struct gw_out *out)
{
    struct page *p;
    size_t blank = 0;
    int result;

    if (read_map(api, target, out) == GW_FAILED)
        return GW_FAILED;
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3, len -= 3;
    while (blank < len && isspace((unsigned char)text[blank]))
        blank++;
    if (blank == len)
        return api->fail(out, "an empty answer instead of metrics");
    if (text[blank] == '<')
        return api->fail(
            out,
            "a web page instead of metrics; is the path right? often it is /metrics");
    if (text[blank] == '{' || text[blank] == '[')
        return api->fail(
            out, "JSON instead of metrics; is the path right? often it is /metrics");
    p = calloc(1, sizeof(*p));
    if (!p)
        abort();
    p->api = api;
    p->target = target;
    p->out = out;
    p->kept = target->state;
    result = parse_page(p, text, len);
    free(p->things);
    free(p->cuts);
    free(p->served);
    free(p);
    return result;
}

/* 'it'\''s' */
static const char *shell_quoted(char *to, size_t room, const char *text)
{
    size_t at = 0;

    to[at++] = '\'';
    for (; *text && at + 6 < room; text++)
        at += (size_t)snprintf(to + at, room - at, *text == '\'' ? "'\\''" : "%c", *text);
    snprintf(to + at, room - at, "'");
    return *text ? NULL : to;
}

static int prom_ask(const struct gw_api *api, const struct gw_target *target,
                    struct gw_ask *ask, struct gw_out *out)
{
    const char *command = api->option(target, "command");
    char quoted[4096];

    if (read_map(api, target, out) == GW_FAILED)
        return GW_FAILED;
    if (command) {
        ask->how = GW_RUN;
        ask->command = command;
        return GW_DONE;
    }
    if (strncmp(target->url, "file:", 5) == 0) {
        if (!shell_quoted(quoted, sizeof(quoted), target->path))
            return api->fail(out, "the path of the file is too long");
        ask->how = GW_RUN;
        ask->command = api->print(target, "cat -- %s", quoted);
        return GW_DONE;
    }
    ask->how = GW_GET;
    if (!target->path || !*target->path || strcmp(target->path, "/") == 0)
        ask->path = "/metrics";
    /* The older format first: OpenMetrics libraries rename counters that lack _total. */
    ask->accept = "text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1";
    return GW_DONE;
}

const struct gw_source prom_source = {
    GW_SOURCE_HEAD,
    .name = "prom",
    .summary = "any Prometheus or OpenMetrics page: dcgm-exporter, node_exporter, inference servers, others by a map",
    .schemes = "http https",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct prom),
    .interval_s = 15,
    .ask = prom_ask,
    .parse = prom_parse,
};
