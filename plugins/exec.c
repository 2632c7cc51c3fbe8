/* Any program that prints samples, one row of the model a line:
 *
 *     # kind name key=value ...
 *     gpu n14/3 power=412.5 util=0.93 temp=61 tenant="blue team" model=H100
 *     rack r07 parent=hall-2 meter=61500
 *     time 1700000000.5
 *     node n14 meter=5210
 *
 * Kinds: site, domain, node, gpu, tenant, job, queue; and feed, switchboard, ups, busway,
 * pdu, hall, row, rack, which are domains of that type. Numbers are in base units (W, J,
 * bytes, C, s; ratios from 0 to 1; times in seconds since 1970); null says "asked, and
 * not known". Text with blanks stands in double quotes, with \" and \\ inside. `parent`
 * names a domain, a node for a GPU, or a queue for a queue; a GPU called NODE/INDEX
 * belongs to NODE without it. `time` holds for the lines that follow; without it, they
 * are of now. A program that goes on printing (stream: yes) ends each round by an empty
 * line. */
#include "gigawatch/source.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The core's own metrics, but for those that it works out itself. */
/* clang-format off */
static const struct gw_metric metrics[] = {
    { "power", .kind = GW_SITE, .unit = "W", .max = 1e11, .help = "power drawn at the boundary the caps are set for" },
    { "cap", .kind = GW_SITE, .unit = "W", .max = 1e11, .help = "the site's own cap" },
    { "type", .kind = GW_DOMAIN, .type = GW_TEXT, .unit = "", .help = "feed, switchboard, ups, busway, pdu, hall, row or rack" },
    { "meter", .kind = GW_DOMAIN, .unit = "W", .max = 1e11, .help = "what the domain's own meter reads" },
    { "cap", .kind = GW_DOMAIN, .unit = "W", .max = 1e11, .help = "the cap in watts" },
    { "meter", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "what the node's own meter reads" },
    { "cap", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "the node's power limit" },
    { "temp", .kind = GW_NODE, .unit = "C", .min = -50, .max = 200, .help = "hottest GPU" },
    { "state", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "up, down, drain, … as the source says" },
    { "reason", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "why it is drained or down" },
    { "maintenance", .kind = GW_NODE, .type = GW_TEXT, .unit = "", .help = "why it is kept out of use on purpose; no: it is not" },
    { "uuid", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "GPU-…" },
    { "model", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "product name" },
    { "index", .kind = GW_GPU, .unit = "", .max = 1024, .help = "index on its node" },
    { "util", .kind = GW_GPU, .unit = "ratio", .max = 1, .help = "share of time a kernel ran" },
    { "mem_used", .kind = GW_GPU, .unit = "bytes", .max = 1e13, .help = "memory in use" },
    { "mem_total", .kind = GW_GPU, .unit = "bytes", .max = 1e13, .help = "memory fitted" },
    { "temp", .kind = GW_GPU, .unit = "C", .min = -50, .max = 200, .help = "temperature of the chip" },
    { "mem_temp", .kind = GW_GPU, .unit = "C", .min = -50, .max = 200, .help = "temperature of its memory" },
    { "power", .kind = GW_GPU, .unit = "W", .max = 5000, .help = "power, one-second average where the device tells" },
    { "power_instant", .kind = GW_GPU, .unit = "W", .max = 10000, .help = "power this instant" },
    { "power_limit", .kind = GW_GPU, .unit = "W", .max = 5000, .help = "enforced limit" },
    { "energy", .kind = GW_GPU, .type = GW_ENERGY, .unit = "J", .help = "energy since the driver was loaded" },
    { "throttle", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "why the clocks are held down: power, thermal, brake, …; none: nothing does" },
    { "xid", .kind = GW_GPU, .unit = "", .max = 10000, .help = "last XID error; 0: none" },
    { "state", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "busy, idle, lost, …" },
    { "tenant", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "who holds it" },
    { "job", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "the job that runs on it" },
    { "mig", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "MIG profiles it is cut into" },
    { "tokens", .kind = GW_TENANT, .unit = "/s", .help = "output tokens a second; unknown: not metered" },
    { "jobs", .kind = GW_TENANT, .unit = "", .help = "its jobs that run, where no single ones are told" },
    { "pending", .kind = GW_TENANT, .unit = "", .help = "its jobs that wait, likewise" },
    { "gpus_pending", .kind = GW_TENANT, .unit = "", .help = "GPUs that its jobs wait for, likewise" },
    { "tenant", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "who pays" },
    { "user", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "who submitted it" },
    { "title", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "the name its user gave it" },
    { "queue", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "queue or partition" },
    { "state", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "pending, running, ended" },
    { "reason", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "why it waits" },
    { "gpus", .kind = GW_JOB, .unit = "", .help = "GPUs asked for or held" },
    { "nodes", .kind = GW_JOB, .unit = "", .help = "nodes asked for or held" },
    { "submit", .kind = GW_JOB, .type = GW_TIME, .unit = "s", .help = "submitted at" },
    { "start", .kind = GW_JOB, .type = GW_TIME, .unit = "s", .help = "started, or expected to start, at" },
    { "end", .kind = GW_JOB, .type = GW_TIME, .unit = "s", .help = "ended at" },
    { "limit", .kind = GW_JOB, .unit = "s", .help = "time limit" },
    { "outcome", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "how it ended: completed, failed, cancelled, timeout, …" },
    { "qos", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "quality of service" },
    { "priority", .kind = GW_JOB, .unit = "", .help = "priority, higher starts first" },
    { "array", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "the array it belongs to" },
    { "tasks", .kind = GW_JOB, .unit = "", .help = "tasks of an array that wait as one row; its GPUs and watts are those of one" },
    { "het", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "the heterogeneous job it is a part of" },
    { "nodelist", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "the nodes it runs on, as the scheduler writes them" },
    { "image", .kind = GW_JOB, .type = GW_TEXT, .unit = "", .help = "the container image it runs" },
    { "pending", .kind = GW_QUEUE, .unit = "", .help = "jobs that wait" },
    { "running", .kind = GW_QUEUE, .unit = "", .help = "jobs that run" },
    { "parent", .kind = GW_QUEUE, .type = GW_TEXT, .unit = "", .help = "the queue it is a part of" },
    { 0 }
};

static const struct kind {
    const char *name;
    enum gw_kind kind;
    bool is_type;               /* the word is the domain's type */
} kinds[] = {
    { "gpu", GW_GPU }, { "node", GW_NODE }, { "domain", GW_DOMAIN }, { "site", GW_SITE },
    { "tenant", GW_TENANT }, { "job", GW_JOB }, { "queue", GW_QUEUE },
    { "feed", GW_DOMAIN, true }, { "switchboard", GW_DOMAIN, true }, { "ups", GW_DOMAIN, true },
    { "busway", GW_DOMAIN, true }, { "pdu", GW_DOMAIN, true }, { "hall", GW_DOMAIN, true },
    { "row", GW_DOMAIN, true }, { "rack", GW_DOMAIN, true },
    { 0 }
};
/* clang-format on */

static const struct gw_option options[] = {
    { "command", NULL, "the command line to run; where the URL does not say it: exec:/path/to/program --all" },
    { "stream", "no", "yes: the program runs once, goes on printing, and ends each round by an empty line" },
    { 0 }
};

/* How far the beginning of a stream was looked through, so that no byte is looked at
 * twice. */
struct framing {
    size_t seen, line;          /* line: where the one begins that is not whole yet */
    bool said;                  /* a line that is not empty */
};

/* ---- one line ---- */

struct slice {
    const char *text;
    size_t len;
};

enum { FIELDS = 64, LONGEST = 4096 };

/* A line as understood, told only when all of it is. */
struct row {
    const struct kind *kind;    /* NULL: the line only sets the time */
    struct slice name, parent;
    size_t fields;
    size_t metric[FIELDS];
    double number[FIELDS];
    struct slice text[FIELDS];
    double time;
    char scratch[LONGEST];      /* words without their quotes */
    size_t used;
    char why[160];              /* what is wrong */
};

static bool same(struct slice s, const char *text)
{
    return strlen(text) == s.len && memcmp(s.text, text, s.len) == 0;
}

/* Writes down what is wrong; always false. */
__attribute__((format(printf, 2, 3))) static bool wrong(struct row *r, const char *format,
                                                        ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(r->why, sizeof(r->why), format, args);
    va_end(args);
    return false;
}

/* The next word up to a blank or to `stop`, without its quotes; quotes may stand around
 * any part of it. */
static bool read_word(struct row *r, const char **at, const char *end, char stop,
                      struct slice *word)
{
    size_t from = r->used;
    bool quoted = false;

    while (*at < end && (**at == ' ' || **at == '\t'))
        (*at)++;
    for (; *at < end && (quoted || (**at != ' ' && **at != '\t' && **at != stop));
         (*at)++) {
        if (**at == '"') {
            quoted = !quoted;
            continue;
        }
        if (quoted && **at == '\\' && end - *at > 1)
            (*at)++;
        if (r->used == sizeof(r->scratch))
            return wrong(r, "longer than %d bytes", LONGEST);
        r->scratch[r->used++] = **at;
    }
    *word = (struct slice){ r->scratch + from, r->used - from };
    return quoted ? wrong(r, "a quote is not closed") : true;
}

/* A plain decimal: no hexadecimal, no comma, no infinity. null, nan and - are unknown. */
static bool read_number(struct slice s, double *value)
{
    char copy[64];
    char *end;

    *value = NAN;
    if (same(s, "null") || same(s, "nan") || same(s, "NaN") || same(s, "-"))
        return true;
    if (s.len == 0 || s.len >= sizeof(copy))
        return false;
    memcpy(copy, s.text, s.len);
    copy[s.len] = '\0';
    if (strspn(copy, "+-.0123456789eE") != s.len)
        return false;
    *value = strtod(copy, &end);
    return *end == '\0' && isfinite(*value);
}

static bool read_field(struct row *r, struct slice key, struct slice value)
{
    size_t m = 0;
    char quoted[32];

    while (metrics[m].name &&
           (metrics[m].kind != r->kind->kind || !same(key, metrics[m].name)))
        m++;
    if (!metrics[m].name)
        return wrong(r, "a %s has no \"%s\"; see --list fields", r->kind->name, gw_quote(quoted, key.text, key.len));
    if (r->fields == FIELDS)
        return wrong(r, "more than %d values", FIELDS);
    r->metric[r->fields] = m;
    r->text[r->fields] = value;
    if (metrics[m].type != GW_TEXT && !read_number(value, &r->number[r->fields]))
        return wrong(r, "%s: expected a number in %s, got \"%s\"", metrics[m].name,
                     metrics[m].unit[0] ? metrics[m].unit : "plain digits",
                     gw_quote(quoted, value.text, value.len));
    r->fields++;
    return true;
}

static bool read_time(struct row *r, struct slice word)
{
    char quoted[32];

    /* later than the year 5138: these are milliseconds */
    if (!read_number(word, &r->time) || !(r->time > 0 && r->time < 1e11))
        return wrong(r, "time: expected seconds since 1970, got \"%s\"", gw_quote(quoted, word.text, word.len));
    return true;
}

/* KIND NAME KEY=VALUE …, or: time SECONDS. False: r->why. */
static bool read_row(struct row *r, const char *at, const char *end)
{
    struct slice word, value;
    char quoted[32];

    r->used = r->fields = 0;
    r->time = NAN;
    r->parent.len = 0;
    if (!read_word(r, &at, end, ' ', &word))
        return false;
    if (same(word, "time")) {
        r->kind = NULL;
        return read_word(r, &at, end, ' ', &value) && read_time(r, value);
    }
    for (r->kind = kinds; r->kind->name && !same(word, r->kind->name); r->kind++)
        continue;
    if (!r->kind->name)
        return wrong(r, "unknown kind \"%s\"; known: gpu, node, domain, rack, tenant, job, …",
                     gw_quote(quoted, word.text, word.len));
    if (!read_word(r, &at, end, ' ', &r->name))
        return false;
    if (r->name.len == 0)
        return wrong(r, "a %s without a name", r->kind->name);
    for (;;) {
        if (!read_word(r, &at, end, '=', &word))
            return false;
        if (at >= end && word.len == 0)
            return true;
        if (at >= end || *at != '=' || word.len == 0)
            return wrong(r, "expected KEY=VALUE, got \"%s\"", gw_quote(quoted, word.text, word.len));
        at++;
        value = (struct slice){ "", 0 };
        if (at < end && *at != ' ' && *at != '\t' && !read_word(r, &at, end, ' ', &value))
            return false;
        if (same(word, "parent") && r->kind->kind != GW_QUEUE)
            r->parent = value;
        else if (same(word, "time") ? !read_time(r, value) : !read_field(r, word, value))
            return false;
    }
}

/* ---- telling ---- */

static const char *last_slash(struct slice s)
{
    while (s.len && s.text[s.len - 1] != '/')
        s.len--;
    return s.len > 1 ? s.text + s.len - 1 : NULL;
}

static uint32_t parent_of(const struct gw_api *api, struct gw_out *out,
                          const struct row *r)
{
    enum gw_kind kind = r->kind->kind == GW_GPU ? GW_NODE : GW_DOMAIN;
    struct slice parent = r->parent;
    const char *slash = last_slash(r->name);

    if (parent.len == 0 && kind == GW_NODE && slash)
        parent = (struct slice){ r->name.text, (size_t)(slash - r->name.text) };
    if (parent.len == 0)
        return GW_NONE;
    return api->entity(out, kind, parent.text, parent.len, GW_NONE);
}

static void tell_row(const struct gw_api *api, struct gw_out *out, const struct row *r)
{
    uint32_t entity;

    if (!isnan(r->time))
        api->time(out, r->time);
    if (!r->kind)
        return;
    entity = api->entity(out, r->kind->kind, r->name.text, r->name.len,
                         parent_of(api, out, r));
    for (size_t m = 0; r->kind->is_type && metrics[m].name; m++)
        if (metrics[m].kind == GW_DOMAIN && metrics[m].type == GW_TEXT)
            api->text(out, entity, m, r->kind->name, strlen(r->kind->name));
    for (size_t i = 0; i < r->fields; i++) {
        if (metrics[r->metric[i]].type == GW_TEXT)
            api->text(out, entity, r->metric[i], r->text[i].text, r->text[i].len);
        else
            api->number(out, entity, r->metric[i], r->number[i]);
    }
}

/* ---- the source ---- */

static int exec_parse(const struct gw_api *api, const struct gw_target *target,
                      const char *text, size_t len, struct gw_out *out)
{
    const char *at = text, *end = text + len;
    unsigned number = 0, rows = 0, bad = 0, first = 0;
    char why[160] = "";
    struct row row;

    (void)target;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *line = at, *stop = newline ? newline : end;

        at = newline ? newline + 1 : end;
        number++;
        while (stop > line && isspace((unsigned char)stop[-1]))
            stop--;
        while (line < stop && isspace((unsigned char)*line))
            line++;
        if (line == stop || *line == '#')
            continue;
        rows++;
        if (read_row(&row, line, stop)) {
            tell_row(api, out, &row);
        } else if (bad++ == 0) {
            first = number;
            memcpy(why, row.why, sizeof(why));
        }
    }
    if (rows == 0)
        return api->fail(out, "the program printed no samples");
    if (2 * bad > rows)
        return api->fail(out, "%u of %u lines are not understood; line %u: %s", bad, rows,
                         first, why);
    if (bad)
        api->warn(out, "%u of %u lines not understood; line %u: %s", bad, rows, first,
                  why);
    return GW_DONE;
}

static int exec_ask(const struct gw_api *api, const struct gw_target *target,
                    struct gw_ask *ask, struct gw_out *out)
{
    const char *command = api->option(target, "command"),
               *stream = api->option(target, "stream");

    if (strcmp(stream, "yes") != 0 && strcmp(stream, "no") != 0)
        return api->fail(out, "stream: expected yes or no, got \"%.20s\"", stream);
    if (!command && strncmp(target->url, "exec:", 5) == 0)
        command = target->path;
    if (!command || !*command)
        return api->fail(
            out, "no program to run; give the option command, or exec:/path/to/program");
    *(struct framing *)target->state = (struct framing){ 0 };
    ask->how = *stream == 'y' ? GW_STREAM : GW_RUN;
    ask->command = command;
    return GW_DONE;
}

/* A round ends at an empty line; empty lines before it belong to it. */
static size_t exec_frame(const struct gw_target *target, const char *text, size_t len)
{
    struct framing *at = target->state;
    const char *newline;

    if (len < at->seen)
        *at = (struct framing){ 0 };
    while ((newline = memchr(text + at->seen, '\n', len - at->seen))) {
        size_t line = at->line, end = (size_t)(newline - text);
        bool empty = end == line || (end == line + 1 && text[line] == '\r');

        at->seen = at->line = end + 1;
        if (empty && at->said) {
            *at = (struct framing){ 0 };
            return end + 1;
        }
        at->said |= !empty;
    }
    at->seen = len;
    return 0;
}

const struct gw_source exec_source = {
    GW_SOURCE_HEAD,
    .name = "exec",
    .summary = "any program that prints samples: gpu n14/3 power=412.5 util=0.93",
    .schemes = "exec",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct framing),
    .interval_s = 10,
    .ask = exec_ask,
    .frame = exec_frame,
    .parse = exec_parse,
};
