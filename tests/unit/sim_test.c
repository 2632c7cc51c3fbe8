/* The simulated site: the same for the same seed and time, and believable. A small host
 * of its own keeps what the source says, so nothing here needs the poller. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gigawatch/source.h"
#include "model/metric.h"
#include "tests/lib/check.h"

extern const struct gw_source sim_source;

enum { ROOM = 1 << 18, TEXT_ROOM = 48 };

/* A row as it was last told. Numbers and texts by the place of their metric in the
 * source's table. */
struct told {
    enum gw_kind kind;
    char name[64];
    uint32_t parent; /* place in `rows`, or GW_NONE */
    bool linked;
    float number[20];
    char text[6][TEXT_ROOM];
};

struct gw_out {
    struct told *rows;
    uint32_t count, answer; /* rows; how many of them this answer named */
    uint32_t *index;        /* hash table by name */
    uint64_t hash;          /* of every call */
    size_t samples, most;   /* of this answer, of the largest */
    size_t answers;
    char failure[200];
};

static struct {
    double now;
    const char *gpus, *seed, *speed, *faults, *tick;
} settings;

static void stir(struct gw_out *out, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out->hash = (out->hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
}

static uint32_t entity(struct gw_out *out, enum gw_kind kind, const char *name,
                       size_t len, uint32_t parent)
{
    uint64_t h = 0xcbf29ce484222325u + kind;
    struct told *row;

    stir(out, name, len);
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 0x100000001b3u;
    h ^= h >> 29;
    for (;; h++) {
        uint32_t at = out->index[h & (2 * ROOM - 1)];

        if (!at)
            break;
        if (out->rows[at - 1].kind == kind && strlen(out->rows[at - 1].name) == len &&
            memcmp(out->rows[at - 1].name, name, len) == 0)
            return at - 1;
    }
    ck_assert_uint_lt(out->count, ROOM);
    ck_assert_uint_lt(len, sizeof(row->name));
    row = &out->rows[out->count++];
    memset(row, 0, sizeof(*row));
    memcpy(row->name, name, len);
    row->kind = kind;
    row->parent = parent;
    for (size_t i = 0; i < sizeof(row->number) / sizeof(row->number[0]); i++)
        row->number[i] = NAN;
    out->index[h & (2 * ROOM - 1)] = out->count;
    return out->count - 1;
}

static void link_rows(struct gw_out *out, uint32_t child, uint32_t parent)
{
    ck_assert_uint_ne(out->rows[child].parent, parent);
    out->rows[child].linked = true;
}

/* Place of a metric among those of its kind and sort (numbers or texts). */
static size_t place(size_t metric)
{
    const struct gw_metric *m = sim_source.metrics;
    size_t n = 0;

    for (size_t i = 0; i < metric; i++)
        n += m[i].kind == m[metric].kind &&
             (m[i].type == GW_TEXT) == (m[metric].type == GW_TEXT);
    return n;
}

static size_t places[128];

/* The claims are about the present; of what the first poll tells of the past there is a
 * hash of its own. */
static bool is_past;
static uint64_t past;
static double past_time, watched_past, past_power;      /* the site's then */

static void set_time(struct gw_out *out, double seconds)
{
    (void)out;
    ck_assert(seconds <= settings.now);
    is_past = seconds > 0 && seconds < settings.now;
    past_time = seconds;
    if (is_past)
        past = (past ^ (uint64_t)(seconds * 1000)) * 0x100000001b3u;
}

static void number(struct gw_out *out, uint32_t row, size_t metric, double value)
{
    const struct gw_metric *m = &sim_source.metrics[metric];

    if (is_past) {
        uint64_t bits;

        if (past_time == watched_past && m->kind == GW_SITE &&
            strcmp(m->name, "power") == 0)
            past_power = value;
        memcpy(&bits, &value, sizeof(bits));
        past = (past ^ bits) * 0x100000001b3u;
        return;
    }
    ck_assert_msg(m->kind == out->rows[row].kind && m->type != GW_TEXT, "%s of %s",
                  m->name, out->rows[row].name);
    stir(out, &value, sizeof(value));
    out->samples++;
    out->rows[row].number[places[metric]] = (float)value;
}

static void text(struct gw_out *out, uint32_t row, size_t metric, const char *value,
                 size_t len)
{
    const struct gw_metric *m = &sim_source.metrics[metric];
    size_t at = places[metric];

    if (is_past)
        return;
    ck_assert_msg(m->kind == out->rows[row].kind && m->type == GW_TEXT, "%s of %s",
                  m->name, out->rows[row].name);
    stir(out, value, len);
    out->samples++;
    /* Only the first texts of a kind are looked at. */
    if (at < 6)
        snprintf(out->rows[row].text[at], TEXT_ROOM, "%.*s", (int)len, value);
}

static int __attribute__((format(printf, 2, 3)))
fail_with(struct gw_out *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(out->failure, sizeof(out->failure), format, args);
    va_end(args);
    return GW_FAILED;
}

static const char *option(const struct gw_target *target, const char *name)
{
    (void)target;
    if (strcmp(name, "gpus") == 0 && settings.gpus)
        return settings.gpus;
    if (strcmp(name, "seed") == 0 && settings.seed)
        return settings.seed;
    if (strcmp(name, "speed") == 0 && settings.speed)
        return settings.speed;
    if (strcmp(name, "faults") == 0 && settings.faults)
        return settings.faults;
    if (strcmp(name, "tick") == 0 && settings.tick)
        return settings.tick;
    for (const struct gw_option *o = sim_source.options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o->fallback;
    return NULL;
}

static double now(const struct gw_target *target)
{
    (void)target;
    return settings.now;
}

static bool stopping(const struct gw_target *target)
{
    (void)target;
    return false;
}

static void send_on(struct gw_out *out)
{
    out->most = out->samples > out->most ? out->samples : out->most;
    out->samples = 0;
    out->answers++;
}

static const struct gw_api api = { .size = sizeof(api),
                                   .entity = entity,
                                   .link = link_rows,
                                   .number = number,
                                   .estimate = number,
                                   .text = text,
                                   .time = set_time,
                                   .past = set_time,
                                   .fail = fail_with,
                                   .option = option,
                                   .now = now,
                                   .stopping = stopping,
                                   .send = send_on };

static struct gw_out *site;
static struct gw_target target;

static void set_up(void)
{
    for (size_t i = 0; sim_source.metrics[i].name; i++)
        places[i] = place(i);
    memset(&settings, 0, sizeof(settings));
    settings.now = 1790000000;
    site = calloc(1, sizeof(*site));
    site->rows = calloc(ROOM, sizeof(*site->rows));
    site->index = calloc(2 * ROOM, sizeof(*site->index));
    site->hash = 1;
    target = (struct gw_target){ .size = sizeof(target), .name = "sim", .interval_s = 2 };
    target.state = calloc(1, sim_source.state_size);
}

static void tear_down(void)
{
    sim_source.close(&api, &target);
    free(target.state);
    free(site->rows);
    free(site->index);
    free(site);
}

static void open_site(void)
{
    ck_assert_msg(sim_source.open(&api, &target, site) == GW_DONE, "%s", site->failure);
}

static void poll_at(double when)
{
    settings.now = when;
    ck_assert_int_eq(sim_source.poll(&api, &target, site), GW_DONE);
    send_on(site);
}

/* The hash of one fresh site's first answer. */
static uint64_t first_answer(const char *seed, double when)
{
    uint64_t hash;

    set_up();
    settings.seed = seed;
    open_site();
    poll_at(when);
    hash = site->hash;
    tear_down();
    return hash;
}

static size_t metric(enum gw_kind kind, const char *name)
{
    for (size_t i = 0; sim_source.metrics[i].name; i++)
        if (sim_source.metrics[i].kind == kind &&
            strcmp(sim_source.metrics[i].name, name) == 0)
            return i;
    ck_abort_msg("no metric %s", name);
    return 0;
}

static double number_of(const struct told *row, const char *name)
{
    return row->number[places[metric(row->kind, name)]];
}

static const char *text_of(const struct told *row, const char *name)
{
    return row->text[places[metric(row->kind, name)]];
}

static size_t count(enum gw_kind kind)
{
    size_t n = 0;

    for (uint32_t i = 0; i < site->count; i++)
        n += site->rows[i].kind == kind;
    return n;
}

static const struct told *find(enum gw_kind kind, const char *name)
{
    for (uint32_t i = 0; i < site->count; i++)
        if (site->rows[i].kind == kind && strcmp(site->rows[i].name, name) == 0)
            return &site->rows[i];
    ck_abort_msg("no %s", name);
    return NULL;
}

static size_t jobs_in_state(const char *state)
{
    size_t n = 0;

    for (uint32_t i = 0; i < site->count; i++)
        n += site->rows[i].kind == GW_JOB &&
             strcmp(text_of(&site->rows[i], "state"), state) == 0;
    return n;
}

static double site_power(void)
{
    return number_of(find(GW_SITE, "demo"), "power");
}

START_TEST(the_same_seed_and_time_give_the_same_numbers)
{
    ck_assert_uint_eq(first_answer("7", 1790001234), first_answer("7", 1790001234));
}
END_TEST

static uint64_t past_told(const char *gpus, double when)
{
    past = 0;
    set_up();
    settings.gpus = gpus;
    open_site();
    poll_at(when);
    tear_down();
    ck_assert_uint_ne(past, 0);
    return past;
}

START_TEST(all_who_begin_in_one_step_are_told_the_same_past)
{
    static const char *const sizes[] = { "576", "20000" };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        ck_assert_uint_eq(past_told(sizes[i], 1790000102),
                          past_told(sizes[i], 1790000108));
        ck_assert_uint_ne(past_told(sizes[i], 1790000102),
                          past_told(sizes[i], 1790000132));
    }
}
END_TEST

/* To the watt but for noise: a second later, a step that was seen is what is told of
 * it. */
START_TEST(the_past_that_is_told_is_what_was)
{
    double power;

    set_up();
    open_site();
    poll_at(1790000107.5);
    power = site_power();
    tear_down();
    set_up();
    open_site();
    watched_past = 1790000107.5;
    poll_at(1790003600);
    ck_assert_double_eq_tol(past_power, power, .002 * power);
    tear_down();
}
END_TEST

START_TEST(another_seed_or_time_gives_others)
{
    uint64_t one = first_answer("7", 1790001234);

    ck_assert_uint_ne(one, first_answer("8", 1790001234));
    ck_assert_uint_ne(one, first_answer("7", 1790001235));
}
END_TEST

START_TEST(what_was_polled_before_changes_nothing)
{
    double power;

    set_up();
    open_site();
    poll_at(1790000000);
    poll_at(1790000700);
    poll_at(1790003600);
    power = site_power();
    tear_down();
    set_up();
    open_site();
    poll_at(1790003600);
    ck_assert_double_eq(site_power(), power);
    tear_down();
}
END_TEST

START_TEST(a_site_of_100000_gpus_has_that_many)
{
    set_up();
    settings.gpus = "100000";
    open_site();
    poll_at(1790000000);
    /* A node that is down says nothing. */
    ck_assert_uint_le(count(GW_GPU), 100000);
    ck_assert_uint_ge(count(GW_GPU), 99000);
    tear_down();

    set_up();
    settings.gpus = "100000";
    settings.faults = "0";
    open_site();
    poll_at(1790000000);
    ck_assert_uint_eq(count(GW_GPU), 100000);
    ck_assert_uint_lt(site->most, 16000);
    tear_down();
}
END_TEST

/* What a rack told before it fell silent is of the past, and told as such. */
START_TEST(who_begins_to_look_misses_no_silent_rack)
{
    size_t nodes = 0, silent = 0;

    for (int hour = 0; hour < 12; hour++) {
        set_up();
        settings.faults = hour ? "2" : "0";
        open_site();
        poll_at(1790000000 + 3600 * hour);
        for (uint32_t i = 0; i < site->count; i++)
            silent += site->rows[i].linked && isnan(number_of(&site->rows[i], "meter"));
        nodes = nodes ? nodes : count(GW_NODE);
        ck_assert_uint_eq(count(GW_NODE), nodes);
        tear_down();
    }
    ck_assert_uint_gt(silent, 0);
}
END_TEST

START_TEST(odd_sizes_are_whole_too)
{
    static const char *const sizes[] = { "8",    "13",   "24",   "64",   "255",
                                         "256",  "1023", "2304", "9999", "20001" };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        set_up();
        settings.gpus = sizes[i];
        settings.faults = "0";
        open_site();
        poll_at(1790000000);
        ck_assert_uint_eq(count(GW_GPU), strtoul(sizes[i], NULL, 10));
        tear_down();
    }
}
END_TEST

START_TEST(a_large_fleet_is_told_of_in_a_few_polls)
{
    size_t all, samples = 0;

    set_up();
    settings.gpus = "50000";
    settings.faults = "0";
    open_site();
    poll_at(1790000000);
    all = count(GW_GPU);
    for (uint32_t i = 0; i < site->count; i++)
        if (site->rows[i].kind == GW_GPU)
            site->rows[i].number[places[metric(GW_GPU, "power")]] = NAN;
    for (int i = 1; i <= 4; i++)
        poll_at(1790000000 + 2 * i);
    for (uint32_t i = 0; i < site->count; i++)
        samples +=
            site->rows[i].kind == GW_GPU && !isnan(number_of(&site->rows[i], "power"));
    ck_assert_uint_eq(samples, all);
    tear_down();
}
END_TEST

START_TEST(meters_read_a_little_more_than_their_parts)
{
    double gpus = 0, racks = 0, halls = 0, feeds = 0, site_w;

    set_up();
    open_site();
    settings.faults = "0";
    poll_at(1790000000);
    for (uint32_t i = 0; i < site->count; i++) {
        const struct told *r = &site->rows[i];
        double watts = r->kind == GW_DOMAIN ? number_of(r, "meter") : 0;

        if (r->kind == GW_GPU)
            gpus += number_of(r, "power") < 5000 ? number_of(r, "power") : 0;
        else if (r->kind == GW_DOMAIN && strcmp(text_of(r, "type"), "rack") == 0)
            racks += watts;
        else if (r->kind == GW_DOMAIN && strcmp(text_of(r, "type"), "hall") == 0)
            halls += watts;
        else if (r->kind == GW_DOMAIN && strcmp(text_of(r, "type"), "feed") == 0)
            feeds += watts;
    }
    site_w = site_power();
    ck_assert_double_gt(racks, gpus * 1.05);
    ck_assert_double_lt(racks, gpus * 1.6);
    ck_assert_double_gt(halls, racks * 1.03);
    ck_assert_double_lt(halls, racks * 1.09);
    ck_assert_double_gt(feeds, halls);
    ck_assert_double_eq_tol(feeds, site_w, site_w * 1e-5);
    tear_down();
}
END_TEST

START_TEST(racks_hang_on_both_busways)
{
    set_up();
    open_site();
    poll_at(1790000000);
    for (uint32_t i = 0; i < site->count; i++) {
        const struct told *r = &site->rows[i];

        if (r->kind == GW_DOMAIN && strcmp(text_of(r, "type"), "rack") == 0) {
            ck_assert(r->linked);
            ck_assert_str_eq(text_of(&site->rows[r->parent], "type"), "busway");
        }
    }
    tear_down();
}
END_TEST

START_TEST(every_gpu_of_a_job_belongs_to_its_tenant)
{
    set_up();
    open_site();
    poll_at(1790000000);
    for (uint32_t i = 0; i < site->count; i++) {
        const struct told *r = &site->rows[i];
        char job[TEXT_ROOM];

        if (r->kind != GW_GPU)
            continue;
        snprintf(job, sizeof(job), "%s", text_of(r, "job"));
        if (job[0] == 0)
            ck_assert_str_eq(text_of(r, "tenant"), "unallocated");
        else
            ck_assert_str_eq(text_of(find(GW_JOB, job), "tenant"), text_of(r, "tenant"));
    }
    tear_down();
}
END_TEST

/* Who it is of, which draws how much. */
static double drawn_by(const char *tenant)
{
    double watts = 0;

    for (uint32_t i = 0; i < site->count; i++)
        if (site->rows[i].kind == GW_GPU &&
            strcmp(text_of(&site->rows[i], "tenant"), tenant) == 0)
            watts += number_of(&site->rows[i], "power");
    return watts;
}

START_TEST(nodes_draw_more_than_their_gpus)
{
    double nodes = 0, gpus = 0, watts = 0;

    set_up();
    settings.faults = "0";
    open_site();
    poll_at(1790000000);
    for (uint32_t i = 0; i < site->count; i++) {
        const struct told *r = &site->rows[i];

        if (r->kind == GW_NODE)
            nodes += number_of(r, "meter");
        watts += r->kind == GW_GPU ? number_of(r, "power") : 0;
        gpus += r->kind == GW_GPU;
    }
    ck_assert_double_eq(gpus, 2304);
    ck_assert_double_gt(nodes, 1.2 * watts);
    ck_assert_double_lt(nodes, 1.6 * watts);
    tear_down();
}
END_TEST

START_TEST(values_are_possible_unless_something_is_broken)
{
    set_up();
    settings.faults = "0";
    open_site();
    for (double t = 1790000000; t < 1790086400; t += 3571)
        poll_at(t);
    for (uint32_t i = 0; i < site->count; i++) {
        const struct told *r = &site->rows[i];

        if (r->kind != GW_GPU)
            continue;
        ck_assert_double_gt(number_of(r, "power"), 50);
        ck_assert_double_le(number_of(r, "power"), number_of(r, "power_limit"));
        ck_assert_double_ge(number_of(r, "util"), 0);
        ck_assert_double_le(number_of(r, "util"), 100);
        ck_assert_double_gt(number_of(r, "temp"), 20);
        ck_assert_double_lt(number_of(r, "temp"), 92);
        ck_assert_double_le(number_of(r, "mem_used"), number_of(r, "mem_total"));
        ck_assert_double_ge(number_of(r, "idle"), 0);
    }
    tear_down();
}
END_TEST

START_TEST(jobs_wait_run_and_end)
{
    set_up();
    open_site();
    poll_at(1790000000);
    ck_assert_uint_gt(jobs_in_state("running"), 30);
    ck_assert_uint_gt(jobs_in_state("pending"), 5);
    ck_assert_uint_gt(jobs_in_state("ended"), 0);
    tear_down();
}
END_TEST

static double drawn_by_job(const char *job)
{
    double watts = 0;

    for (uint32_t i = 0; i < site->count; i++)
        if (site->rows[i].kind == GW_GPU &&
            strcmp(text_of(&site->rows[i], "job"), job) == 0)
            watts += number_of(&site->rows[i], "power");
    return watts;
}

static const char *largest_job_of(const char *tenant)
{
    const struct told *largest = NULL;

    for (uint32_t i = 0; i < site->count; i++) {
        const struct told *r = &site->rows[i];

        if (r->kind == GW_JOB && strcmp(text_of(r, "state"), "running") == 0 &&
            strcmp(text_of(r, "tenant"), tenant) == 0 &&
            (!largest || number_of(r, "gpus") > number_of(largest, "gpus")))
            largest = r;
    }
    ck_assert_ptr_nonnull(largest);
    return largest->name;
}

/* What a job draws, every so many seconds: the most, and of how many of these the share
 * of it is within the bounds. */
static double share_within(const char *job, double from, double every, int samples,
                           double least, double most)
{
    double watts[600], peak = 0;
    int within = 0;

    ck_assert_int_le(samples, 600);
    for (int i = 0; i < samples; i++) {
        poll_at(from + every * i);
        watts[i] = drawn_by_job(job);
        peak = fmax(peak, watts[i]);
    }
    for (int i = 0; i < samples; i++)
        within += watts[i] >= least * peak && watts[i] < most * peak;
    return (double)within / samples;
}

/* Compute and exchange in turn, a checkpoint of half a minute every quarter to half an
 * hour. */
START_TEST(a_training_job_steps_and_saves_its_state)
{
    char job[64];
    double share;

    set_up();
    settings.faults = "0";
    settings.gpus = "576";
    open_site();
    poll_at(1790000000);
    snprintf(job, sizeof(job), "%s", largest_job_of("sovereign-llm"));
    share = share_within(job, 1790000000, 5, 340, .3, .7);
    ck_assert_double_gt(share, 0);
    ck_assert_double_lt(share, .05);
    share = share_within(job, 1790000000, 1, 60, .9, .96);
    ck_assert_double_gt(share, .2);
    ck_assert_double_lt(share, .5);
    tear_down();
}
END_TEST

START_TEST(the_fleet_breathes_by_the_time_of_day)
{
    double night = 0, day = 0, midnight = 1790035200;

    set_up();
    settings.faults = "0";
    open_site();
    for (int i = 0; i < 20; i++) {
        poll_at(midnight + 17.5 * 3600 + 180 * i);
        night += drawn_by("public-api");
        poll_at(midnight + 5.5 * 3600 + 180 * i);
        day += drawn_by("public-api");
    }
    ck_assert_double_gt(day, 1.4 * night);
    tear_down();
}
END_TEST

START_TEST(some_cap_is_nearly_reached_within_twenty_minutes)
{
    for (int start = 0; start < 5; start++) {
        double most = 0;

        set_up();
        open_site();
        for (double t = 0; t <= 1320; t += 60) {
            poll_at(1790000000 + start * 17771 + t);
            for (uint32_t i = 0; i < site->count; i++) {
                const struct told *r = &site->rows[i];
                double load;

                if (r->kind != GW_DOMAIN || strcmp(text_of(r, "type"), "rack") == 0)
                    continue;
                load = number_of(r, "meter") / number_of(r, "cap");
                ck_assert_double_gt(load, .3);
                ck_assert_double_lt(load, 1.06);
                most = fmax(most, load);
            }
        }
        ck_assert_double_gt(most, .9);
        tear_down();
    }
}
END_TEST

START_TEST(broken_things_break_and_mend)
{
    size_t down = 0, lost = 0, impossible = 0;

    set_up();
    settings.faults = "2";
    settings.gpus = "256";
    open_site();
    for (int i = 0; i < 400; i++) {
        poll_at(1790000000 + 30 * i);
        for (uint32_t k = 0; k < site->count; k++) {
            const struct told *r = &site->rows[k];

            down += r->kind == GW_NODE && strcmp(text_of(r, "state"), "down") == 0;
            lost += r->kind == GW_GPU && number_of(r, "xid") == 79;
            impossible += r->kind == GW_GPU && number_of(r, "power") > 5000;
        }
    }
    ck_assert_uint_gt(down, 0);
    ck_assert_uint_gt(lost, 0);
    ck_assert_uint_gt(impossible, 0);
    ck_assert_uint_lt(impossible, 400);
    tear_down();
}
END_TEST

START_TEST(its_metrics_agree_with_those_of_the_core)
{
    for (const struct gw_metric *m = sim_source.metrics; m->name; m++) {
        struct err err = { .text = "" };
        double scale;

        ck_assert_msg(metric_add(m, &scale, &err) < CORE_METRIC_COUNT, "%s: %s", m->name,
                      err.text);
    }
}
END_TEST

START_TEST(a_wrong_option_is_refused_in_words)
{
    set_up();
    settings.gpus = "many";
    ck_assert_int_eq(sim_source.open(&api, &target, site), GW_FAILED);
    ck_assert_str_eq(site->failure,
                     "gpus: expected a number from 8 to 2000000, got \"many\"");
    tear_down();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim");
    TCase *claims = tcase_create("claims");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(claims, 60);
    suite_add_tcase(suite, claims);
    tcase_add_test(claims, the_same_seed_and_time_give_the_same_numbers);
    tcase_add_test(claims, all_who_begin_in_one_step_are_told_the_same_past);
    tcase_add_test(claims, the_past_that_is_told_is_what_was);
    tcase_add_test(claims, another_seed_or_time_gives_others);
    tcase_add_test(claims, what_was_polled_before_changes_nothing);
    tcase_add_test(claims, a_site_of_100000_gpus_has_that_many);
    tcase_add_test(claims, odd_sizes_are_whole_too);
    tcase_add_test(claims, a_large_fleet_is_told_of_in_a_few_polls);
    tcase_add_test(claims, meters_read_a_little_more_than_their_parts);
    tcase_add_test(claims, who_begins_to_look_misses_no_silent_rack);
    tcase_add_test(claims, racks_hang_on_both_busways);
    tcase_add_test(claims, every_gpu_of_a_job_belongs_to_its_tenant);
    tcase_add_test(claims, nodes_draw_more_than_their_gpus);
    tcase_add_test(claims, values_are_possible_unless_something_is_broken);
    tcase_add_test(claims, jobs_wait_run_and_end);
    tcase_add_test(claims, a_training_job_steps_and_saves_its_state);
    tcase_add_test(claims, the_fleet_breathes_by_the_time_of_day);
    tcase_add_test(claims, some_cap_is_nearly_reached_within_twenty_minutes);
    tcase_add_test(claims, broken_things_break_and_mend);
    tcase_add_test(claims, its_metrics_agree_with_those_of_the_core);
    tcase_add_test(claims, a_wrong_option_is_refused_in_words);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
