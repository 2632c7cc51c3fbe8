/* Any Prometheus text exposition (0.0.4) or OpenMetrics (1.0) page: dcgm-exporter under its old and new
 * names, node_exporter, the IPMI exporter, Triton, all-smi, and whatever the option `map` teaches.
 *
 * The page is scanned line by line where it lies: no tree, no copy, no allocation per line. What a family means
 * stands in one table. A type is never guessed from a name's ending: names lie (`_total` histograms, gauges in
 * bytes per second), so a family that is in neither the table nor the map is skipped. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gigawatch/source.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    UUID, MODEL, INDEX, UTIL, MEM_USED, MEM_TOTAL, TEMP, MEM_TEMP, POWER, POWER_INSTANT,
    POWER_LIMIT, MODULE_POWER, ENERGY, SM_CLOCK, XID, THROTTLE, TENANT, JOB, MIG,
    NODE_METER, NODE_CAP, NODE_CPU_ENERGY, NODE_BOOT, DOMAIN_METER, DOMAIN_CAP, MODEL_TOKENS,
    QUEUE_PENDING, QUEUE_RUNNING,
    METRICS
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    [UUID]            = { "uuid", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "GPU-…" },
    [MODEL]           = { "model", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "product name" },
    [INDEX]           = { "index", .kind = GW_GPU, .unit = "", .max = 1024, .help = "index on its node" },
    [UTIL]            = { "util", .kind = GW_GPU, .unit = "%", .max = 100, .help = "share of time a kernel ran" },
    [MEM_USED]        = { "mem_used", .kind = GW_GPU, .unit = "MiB", .max = 9.5e6, .help = "memory in use" },
    [MEM_TOTAL]       = { "mem_total", .kind = GW_GPU, .unit = "MiB", .max = 9.5e6, .help = "memory fitted" },
    [TEMP]            = { "temp", .kind = GW_GPU, .unit = "C", .min = -50, .max = 200, .help = "temperature of the chip" },
    [MEM_TEMP]        = { "mem_temp", .kind = GW_GPU, .unit = "C", .min = -50, .max = 200, .help = "temperature of its memory" },
    [POWER]           = { "power", .kind = GW_GPU, .unit = "W", .max = 5000, .help = "power, one-second average where the device tells" },
    [POWER_INSTANT]   = { "power_instant", .kind = GW_GPU, .unit = "W", .max = 10000, .help = "power this instant" },
    [POWER_LIMIT]     = { "power_limit", .kind = GW_GPU, .unit = "W", .max = 5000, .help = "enforced limit" },
    [MODULE_POWER]    = { "module_power", .kind = GW_GPU, .unit = "W", .max = 10000, .help = "power of the module (GPU, its memory and its share of the CPU)" },
    [ENERGY]          = { "energy", .kind = GW_GPU, .type = GW_ENERGY, .unit = "J", .help = "energy since the driver was loaded" },
    [SM_CLOCK]        = { "sm_clock", .kind = GW_GPU, .unit = "MHz", .max = 10000, .help = "clock of the multiprocessors" },
    [XID]             = { "xid", .kind = GW_GPU, .unit = "", .max = 10000, .help = "last XID error; unknown: none seen" },
    [THROTTLE]        = { "throttle", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "why the clocks are held down: brake, thermal, power, …; none: nothing does" },
    [TENANT]          = { "tenant", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "who holds it: the Kubernetes namespace" },
    [JOB]             = { "job", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "the job, or the pod, that runs on it" },
    [MIG]             = { "mig", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "MIG profiles it is cut into" },
    [NODE_METER]      = { "meter", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "what the node's own meter reads" },
    [NODE_CAP]        = { "cap", .kind = GW_NODE, .unit = "W", .max = 2e5, .help = "the node's power limit" },
    [NODE_CPU_ENERGY] = { "cpu_energy", .kind = GW_NODE, .type = GW_COUNTER, .unit = "J", .help = "energy of its CPU packages (RAPL); not of the node" },
    [NODE_BOOT]       = { "boot", .kind = GW_NODE, .type = GW_TIME, .unit = "s", .help = "booted at" },
    [DOMAIN_METER]    = { "meter", .kind = GW_DOMAIN, .unit = "W", .max = 1e11, .help = "what the domain's own meter reads" },
    [DOMAIN_CAP]      = { "cap", .kind = GW_DOMAIN, .unit = "W", .max = 1e11, .help = "the cap in watts" },
    [MODEL_TOKENS]    = { "tokens_total", .kind = GW_MODEL, .type = GW_COUNTER, .unit = "", .help = "output tokens since its server started" },
    [QUEUE_PENDING]   = { "pending", .kind = GW_QUEUE, .unit = "", .help = "jobs that wait" },
    [QUEUE_RUNNING]   = { "running", .kind = GW_QUEUE, .unit = "", .help = "jobs that run" },
    { 0 }
};
/* clang-format on */

static const struct gw_option options[] = {
    { "map", NULL,
      "more families, one rule a line: FAMILY[{LABEL=\"VALUE\",…}] -> KIND.METRIC [by LABEL[/LABEL]] "
      "[in UNIT]; for example: pdu_power_kw{feed=\"A\"} -> domain.meter by rack in kW" },
    { "command", NULL, "run this on the target and read what it prints, instead of HTTP" },
    { 0 }
};

/* ---- families ---- */

/* Whose value a line is: a GPU by its index or uuid, or the node itself. */
enum whose { OF_GPU, OF_NODE };

enum {
    DCGM      = 1 << 0,         /* blanks of DCGM are unknown */
    WHOLE     = 1 << 1,         /* a line of a MIG instance speaks of the instance only */
    SPARE     = 1 << 2,         /* kept until the end of the page; see finish_gpu() */
    BITS      = 1 << 3,         /* clocks event reasons */
    ADDED     = 1 << 4,         /* lines of one node are added up */
    ESTIMATED = 1 << 5,
    INSTANCE  = 1 << 6,         /* its label `instance` is a host name, not an address */
};

enum spare { FB_USED, FB_FREE, FB_RESERVED, LIMIT_ASKED, SPARES };

struct family {
    const char *name;
    size_t metric;
    double scale;               /* from what is sent to the metric's unit */
    enum whose whose;
    unsigned flags;
    enum spare spare;
};

/* In the order of strcmp(). Units are keyed by field, for the HELP text of dcgm-exporter is not to be trusted. Field ids in
 * dcgm_fields.h: 150, 155, 156, 157, 160, 164; each with its name before and after DCGM 4.7. node_exporter's hwmon
 * power is left out: on some boards one such sensor is the node, on others a single CPU; the map can say which. */
/* clang-format off */
static const struct family families[] = {
    { "DCGM_FI_DEV_BOARD_POWER_LIMIT_ENFORCED_WATTS",  POWER_LIMIT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_BOARD_POWER_LIMIT_REQUESTED_WATTS", POWER_LIMIT, 1, OF_GPU, DCGM | SPARE, LIMIT_ASKED },
    { "DCGM_FI_DEV_BOARD_POWER_RAW_WATTS",   POWER_INSTANT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_BOARD_POWER_WATTS",       POWER, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_CLOCKS_EVENT_REASONS",    THROTTLE, 1, OF_GPU, DCGM | BITS },
    { "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS",  THROTTLE, 1, OF_GPU, DCGM | BITS },
    { "DCGM_FI_DEV_ENFORCED_POWER_LIMIT",    POWER_LIMIT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_FB_FREE",                 MEM_TOTAL, 1, OF_GPU, DCGM | WHOLE | SPARE, FB_FREE },
    { "DCGM_FI_DEV_FB_RESERVED",             MEM_TOTAL, 1, OF_GPU, DCGM | WHOLE | SPARE, FB_RESERVED },
    { "DCGM_FI_DEV_FB_TOTAL",                MEM_TOTAL, 1, OF_GPU, DCGM | WHOLE },
    { "DCGM_FI_DEV_FB_USED",                 MEM_USED, 1, OF_GPU, DCGM | WHOLE | SPARE, FB_USED },
    { "DCGM_FI_DEV_GPU_TEMP",                TEMP, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_GPU_TEMP_CELSIUS",        TEMP, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_GPU_UTIL",                UTIL, 1, OF_GPU, DCGM | WHOLE },
    { "DCGM_FI_DEV_MEMORY_TEMP",             MEM_TEMP, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_MODULE_POWER_WATTS",      MODULE_POWER, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_POWER_MGMT_LIMIT",        POWER_LIMIT, 1, OF_GPU, DCGM | SPARE, LIMIT_ASKED },
    { "DCGM_FI_DEV_POWER_USAGE",             POWER, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_POWER_USAGE_INSTANT",     POWER_INSTANT, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_SM_CLOCK",                SM_CLOCK, 1, OF_GPU, DCGM },
    { "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", ENERGY, 1e-3, OF_GPU, DCGM },         /* mJ */
    { "DCGM_FI_DEV_XID_ERRORS",              XID, 1, OF_GPU, DCGM },
    { "all_smi_chassis_power_watts",         NODE_METER, 1, OF_NODE, ESTIMATED | INSTANCE },  /* CPU + GPU, summed */
    { "all_smi_gpu_power_consumption_watts", POWER, 1, OF_GPU, INSTANCE },
    { "ipmi_dcmi_power_consumption_watts",   NODE_METER, 1, OF_NODE, 0 },
    { "node_boot_time_seconds",              NODE_BOOT, 1, OF_NODE, 0 },
    { "node_rapl_package_joules_total",      NODE_CPU_ENERGY, 1, OF_NODE, ADDED },
    { "nv_energy_consumption",               ENERGY, 1, OF_GPU, 0 },                /* J */
    { "nv_gpu_memory_total_bytes",           MEM_TOTAL, 1.0 / 1048576, OF_GPU, 0 },
    { "nv_gpu_memory_used_bytes",            MEM_USED, 1.0 / 1048576, OF_GPU, 0 },
    { "nv_gpu_power_limit",                  POWER_LIMIT, 1, OF_GPU, 0 },
    { "nv_gpu_power_usage",                  POWER, 1, OF_GPU, 0 },
    { "nv_gpu_utilization",                  UTIL, 100, OF_GPU, 0 },                /* 0 to 1 */
};
/* clang-format on */

/* ---- text ---- */

struct slice {
    const char *text;           /* NULL: there is none */
    size_t len;
};

static bool same(struct slice s, const char *text)
{
    return strlen(text) == s.len && memcmp(s.text, text, s.len) == 0;
}

static bool equal(struct slice a, struct slice b)
{
    return a.len == b.len && memcmp(a.text, b.text, a.len) == 0;
}

static bool contains(struct slice s, const char *part)
{
    return s.len && memmem(s.text, s.len, part, strlen(part)) != NULL;
}

/* Quotes at most 20 bytes of what came from outside, fit for a terminal. */
static const char *quote(char to[32], const char *text, size_t len)
{
    size_t kept = len < 20 ? len : 20;

    for (size_t i = 0; i < kept; i++)
        to[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    snprintf(to + kept, 32 - kept, "%s", len > kept ? "…" : "");
    return to;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

static bool starts_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

/* Reads a name of a family or label; empty where there is none. */
static struct slice read_name(const char **at, const char *end)
{
    const char *start = *at;

    if (*at < end && starts_name(**at))
        while (*at < end && (starts_name(**at) || (**at >= '0' && **at <= '9')))
            (*at)++;
    return (struct slice){ start, (size_t)(*at - start) };
}

/* ---- the map ---- */

enum { RULES = 32, FILTERS = 4 };

struct rule {
    struct slice family;
    struct slice label[FILTERS], value[FILTERS];
    size_t filters;
    struct slice by[2];         /* labels that name the entity */
    size_t metric;
    double scale;
};

/* What a target keeps between answers. Slices point into the option, which lives as long. */
struct prom {
    struct rule rules[RULES];
    size_t rule_count;
    bool rules_read;
    bool tells_pods, tells_jobs;        /* it does; so a GPU without is free */
};

/* clang-format off */
static const struct {
    const char *name;
    char dimension;
    double scale;
} units[] = {
    { "W", 'W', 1 }, { "kW", 'W', 1e3 }, { "MW", 'W', 1e6 }, { "mW", 'W', 1e-3 },
    { "J", 'J', 1 }, { "mJ", 'J', 1e-3 }, { "uJ", 'J', 1e-6 }, { "kJ", 'J', 1e3 }, { "MJ", 'J', 1e6 },
    { "Wh", 'J', 3600 }, { "kWh", 'J', 3.6e6 },
    { "B", 'B', 1 }, { "KiB", 'B', 1024 }, { "MiB", 'B', 1048576 }, { "GiB", 'B', 1073741824 },
    { "%", '%', 1 }, { "ratio", '%', 100 },
    { "C", 'C', 1 }, { "MHz", 'H', 1 }, { "Hz", 'H', 1e-6 }, { "GHz", 'H', 1e3 },
    { "s", 's', 1 }, { "ms", 's', 1e-3 },
    { 0 }
};

static const struct {
    enum gw_kind kind;
    const char *name;
} kinds[] = {
    { GW_GPU, "gpu" }, { GW_NODE, "node" }, { GW_DOMAIN, "domain" }, { GW_MODEL, "model" },
    { GW_QUEUE, "queue" },
};
/* clang-format on */

/* Writes down what is wrong with a rule; always -1. */
__attribute__((format(printf, 2, 3))) static int wrong(char why[160], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(why, 160, format, args);
    va_end(args);
    return -1;
}

static size_t find_unit(struct slice name)
{
    size_t i = 0;

    while (units[i].name && !same(name, units[i].name))
        i++;
    return i;
}

/* Its scale to the metric's unit. */
static int read_unit(struct slice name, struct rule *r, char why[160])
{
    char quoted[32];
    size_t from = find_unit(name);
    const char *unit = metrics[r->metric].unit;
    size_t to = find_unit((struct slice){ unit, strlen(unit) });

    if (!units[from].name)
        return wrong(why, "unknown unit \"%s\"", quote(quoted, name.text, name.len));
    if (!units[to].name || units[from].dimension != units[to].dimension)
        return wrong(why, "%s cannot be in %s", metrics[r->metric].name,
                        units[from].name);
    r->scale = units[from].scale / units[to].scale;
    return 0;
}

/* KIND.METRIC */
static int read_metric(struct slice name, struct rule *r, char why[160])
{
    char quoted[32];

    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        size_t n = strlen(kinds[k].name);
        struct slice rest = { name.text + n + 1, name.len - n - 1 };

        if (name.len <= n || memcmp(name.text, kinds[k].name, n) != 0 || name.text[n] != '.')
            continue;
        for (size_t m = 0; m < METRICS; m++) {
            if (metrics[m].kind != kinds[k].kind || !same(rest, metrics[m].name))
                continue;
            if (metrics[m].type == GW_TEXT)
                return wrong(why, "%s is text, and only numbers can be mapped",
                                metrics[m].name);
            r->metric = m;
            return 0;
        }
    }
    return wrong(why, "no metric \"%s\"; see --list fields",
                    quote(quoted, name.text, name.len));
}

static struct slice read_word(const char **at, const char *end)
{
    const char *start = *at = skip_blanks(*at, end);

    while (*at < end && **at != ' ' && **at != '\t')
        (*at)++;
    return (struct slice){ start, (size_t)(*at - start) };
}

/* {LABEL="VALUE",…} */
static int read_filters(const char **at, const char *end, struct rule *r, char why[160])
{
    while (*at < end && **at != '}') {
        const char *close;

        (*at)++;                /* the brace or a comma */
        *at = skip_blanks(*at, end);
        if (r->filters == FILTERS)
            return wrong(why, "more than %d labels", FILTERS);
        r->label[r->filters] = read_name(at, end);
        if (r->label[r->filters].len == 0 || end - *at < 2 || (*at)[0] != '=' || (*at)[1] != '"')
            return wrong(why, "expected {LABEL=\"VALUE\"}");
        *at += 2;
        close = memchr(*at, '"', (size_t)(end - *at));
        if (!close)
            return wrong(why, "a quote is not closed");
        r->value[r->filters++] = (struct slice){ *at, (size_t)(close - *at) };
        *at = skip_blanks(close + 1, end);
        if (*at < end && **at != ',' && **at != '}')
            return wrong(why, "expected , or } after a label");
    }
    if (*at == end)
        return wrong(why, "a brace is not closed");
    (*at)++;
    return 0;
}

static int read_by(struct slice labels, struct rule *r, char why[160])
{
    const char *at = labels.text, *end = labels.text + labels.len;

    r->by[0] = read_name(&at, end);
    if (at < end && *at == '/') {
        at++;
        r->by[1] = read_name(&at, end);
    }
    if (at < end || r->by[0].len == 0 || (at[-1] == '/'))
        return wrong(why, "expected by LABEL or by LABEL/LABEL");
    return 0;
}

/* 0, or why[] says what is wrong with the rule. */
static int read_rule(const char *at, const char *end, struct rule *r, char why[160])
{
    char quoted[32];
    struct slice word;

    *r = (struct rule){ .scale = 1 };
    r->family = read_name(&at, end);
    if (r->family.len == 0)
        return wrong(why, "expected the name of a family, got \"%s\"",
                        quote(quoted, at, (size_t)(end - at)));
    if (at < end && *at == '{' && read_filters(&at, end, r, why))
        return -1;
    word = read_word(&at, end);
    if (!same(word, "->"))
        return wrong(why, "expected -> after the family, got \"%s\"",
                        quote(quoted, word.text, word.len));
    if (read_metric(read_word(&at, end), r, why))
        return -1;
    while ((word = read_word(&at, end)).len) {
        if (same(word, "by") ? read_by(read_word(&at, end), r, why)
            : same(word, "in") ? read_unit(read_word(&at, end), r, why)
            : wrong(why, "expected by or in, got \"%s\"",
                       quote(quoted, word.text, word.len)))
            return -1;
    }
    if (metrics[r->metric].kind != GW_GPU && metrics[r->metric].kind != GW_NODE && !r->by[0].len)
        return wrong(why, "say by which label it is named: by LABEL");
    return 0;
}

/* Reads the option once. Rules stand one a line, or between semicolons. */
static int read_map(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct prom *p = target->state;
    const char *at = api->option(target, "map");
    unsigned number = 0;
    char why[160];

    if (p->rules_read || !at)
        return GW_DONE;
    for (p->rule_count = 0; *at; at += strspn(at, "\n;")) {
        const char *start = at + strspn(at, " \t\r"), *end;

        at += strcspn(at, "\n;");
        end = at;
        while (end > start && isspace((unsigned char)end[-1]))
            end--;
        number++;
        if (end <= start || *start == '#')
            continue;
        if (p->rule_count == RULES)
            return api->fail(out, "map: more than %d rules", RULES);
        if (read_rule(start, end, &p->rules[p->rule_count++], why) != 0)
            return api->fail(out, "map, rule %u: %s", number, why);
    }
    p->rules_read = true;
    return GW_DONE;
}

/* ---- one line ---- */

enum { LABELS = 64 };

struct sample {
    struct slice name;
    struct slice label[LABELS], value[LABELS];
    size_t labels;
    double number;
    double stamp;               /* as sent; NAN: none */
    char scratch[4096];         /* values that had escapes */
    size_t scratch_len;
};

static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };

/* NaN, +Inf and the like, whatever their case. */
static bool read_special(struct slice s, double *value)
{
    bool minus = s.len && *s.text == '-';

    if (s.len && (*s.text == '-' || *s.text == '+'))
        s.text++, s.len--;
    if (s.len == 3 && strncasecmp(s.text, "nan", 3) == 0)
        *value = NAN;
    else if ((s.len == 3 && strncasecmp(s.text, "inf", 3) == 0) ||
             (s.len == 8 && strncasecmp(s.text, "infinity", 8) == 0))
        *value = minus ? -INFINITY : INFINITY;
    else
        return false;
    return true;
}

/* Decimal numbers up to 15 digits are exact in a double, and so are powers up to 10^22: one multiplication or division
 * rounds correctly. The rest, a line in a thousand, goes to strtod(). */
static bool read_number(struct slice s, double *value)
{
    const char *at = s.text, *end = s.text + s.len;
    uint64_t digits = 0;
    int count = 0, scale = 0, exponent = 0;
    bool minus, minus_exponent = false;
    char copy[64];

    minus = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (bool point = false; at < end && (isdigit((unsigned char)*at) || (*at == '.' && !point)); at++) {
        if (*at == '.') {
            point = true;
            continue;
        }
        if (count < 19)
            digits = digits * 10 + (uint64_t)(*at - '0');
        count += digits > 0;    /* leading zeros do not count */
        scale -= point;
    }
    if (at == s.text || !isdigit((unsigned char)(at[-1] == '.' && at - 1 > s.text ? at[-2] : at[-1])))
        return read_special(s, value);
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *first;

        at++;
        minus_exponent = at < end && *at == '-';
        at += at < end && (*at == '-' || *at == '+');
        for (first = at; at < end && isdigit((unsigned char)*at); at++)
            exponent = exponent < 1000 ? exponent * 10 + (*at - '0') : exponent;
        if (at == first)
            return false;
    }
    if (at != end)
        return false;
    scale += minus_exponent ? -exponent : exponent;
    if (count <= 15 && scale >= -22 && scale <= 22) {
        *value = scale < 0 ? (double)digits / powers[-scale] : (double)digits * powers[scale];
        *value = minus ? -*value : *value;
        return true;
    }
    if (s.len >= sizeof(copy))
        return false;
    memcpy(copy, s.text, s.len);
    copy[s.len] = '\0';
    *value = strtod(copy, NULL);
    return true;
}

/* A label's value with \\, \" and \n. Most have none, and stay where they are. */
static bool read_value(struct sample *s, const char **at, const char *end, struct slice *value)
{
    const char *start = ++*at;
    size_t from = s->scratch_len;

    while (*at < end && **at != '"' && **at != '\\')
        (*at)++;
    *value = (struct slice){ start, (size_t)(*at - start) };
    if (*at < end && **at == '\\') {
        for (*at = start; *at < end && **at != '"'; (*at)++) {
            char c = **at;

            if (c == '\\' && ++*at < end)
                c = **at == 'n' ? '\n' : **at;
            if (*at < end && s->scratch_len < sizeof(s->scratch))
                s->scratch[s->scratch_len++] = c;
        }
        *value = (struct slice){ s->scratch + from, s->scratch_len - from };
    }
    if (*at >= end)
        return false;
    (*at)++;
    return true;
}

static bool read_labels(struct sample *s, const char **at, const char *end)
{
    for ((*at)++;; (*at)++) {
        struct slice name, value;

        *at = skip_blanks(*at, end);
        if (*at < end && **at == '}')
            break;
        name = read_name(at, end);
        *at = skip_blanks(*at, end);
        if (name.len == 0 || *at == end || **at != '=')
            return false;
        *at = skip_blanks(*at + 1, end);
        if (*at == end || **at != '"' || !read_value(s, at, end, &value))
            return false;
        if (s->labels < LABELS) {
            s->label[s->labels] = name;
            s->value[s->labels++] = value;
        }
        *at = skip_blanks(*at, end);
        if (*at < end && **at == '}')
            break;
        if (*at == end || **at != ',')
            return false;
    }
    (*at)++;
    return true;
}

/* NAME{LABELS} VALUE [TIMESTAMP] [# EXEMPLAR]; false: malformed. */
static bool read_sample(struct sample *s, const char *at, const char *end)
{
    struct slice number, stamp;

    s->labels = s->scratch_len = 0;
    s->stamp = NAN;
    s->name = read_name(&at, end);
    if (s->name.len == 0)
        return false;
    at = skip_blanks(at, end);
    if (at < end && *at == '{' && !read_labels(s, &at, end))
        return false;
    number = read_word(&at, end);
    if (number.len == 0 || !read_number(number, &s->number))
        return false;
    stamp = read_word(&at, end);
    if (stamp.len && *stamp.text == '#')
        return true;
    if (stamp.len && !read_number(stamp, &s->stamp))
        return false;
    at = skip_blanks(at, end);
    return at == end || *at == '#';
}

/* ---- a page ---- */

/* A GPU or node of this page, and what must wait for its end. */
struct thing {
    uint32_t entity;            /* GW_NONE: a free place */
    uint32_t used;
    uint64_t seen;              /* metrics told, a bit each */
    uint64_t instances;         /* MIG instances seen, a bit each */
    double sum;                 /* of ADDED lines; one metric a kind of thing */
    size_t sum_metric;
    double spare[SPARES];       /* NAN: not told */
    bool is_gpu;
    char tenant[128], job[128]; /* "a, b" where several share it */
};

struct cut {
    uint32_t entity;
    char profile[24];
};

struct page {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    struct prom *kept;
    bool seconds;               /* timestamps are in seconds: OpenMetrics */
    double stamp;
    struct slice nodename;      /* of node_uname_info */
    struct thing *things;       /* open addressing by entity; a power of two */
    size_t thing_count, thing_room;
    struct cut *cuts;           /* MIG instances */
    size_t cut_count, cut_room;
    struct slice last_name;     /* lines of a family stand together */
    const struct family *last_family;
    unsigned lines, bad, mapped, first_bad_line;
    char first_bad[32];
    struct sample sample;
};

static int compare_family(const void *key, const void *member)
{
    const struct slice *name = key;
    const struct family *f = member;
    int order = strncmp(name->text, f->name, name->len);

    return order ? order : -(f->name[name->len] != '\0');
}

static const struct family *find_family(struct page *p, struct slice name)
{
    if (!p->last_name.text || !equal(p->last_name, name)) {
        p->last_name = name;
        p->last_family = bsearch(&name, families, sizeof(families) / sizeof(*families),
                                 sizeof(*families), compare_family);
    }
    return p->last_family;
}

static struct thing *place_of(struct thing *things, size_t room, uint32_t entity)
{
    size_t at = (entity * 2654435769u) & (room - 1);

    while (things[at].used && things[at].entity != entity)
        at = (at + 1) & (room - 1);
    return &things[at];
}

static void grow_things(struct page *p)
{
    size_t room = p->thing_room ? 2 * p->thing_room : 64;
    struct thing *things = calloc(room, sizeof(*things));

    if (!things)
        abort();
    for (size_t i = 0; i < p->thing_room; i++)
        if (p->things[i].used)
            *place_of(things, room, p->things[i].entity) = p->things[i];
    free(p->things);
    p->things = things;
    p->thing_room = room;
}

static struct thing *thing_of(struct page *p, uint32_t entity, bool is_gpu)
{
    struct thing *t;

    if (2 * p->thing_count >= p->thing_room)
        grow_things(p);
    t = place_of(p->things, p->thing_room, entity);
    if (!t->used) {
        p->thing_count++;
        t->used = 1;
        t->entity = entity;
        t->is_gpu = is_gpu;
        for (size_t i = 0; i < SPARES; i++)
            t->spare[i] = NAN;
    }
    return t;
}

/* Is this the first time? Several lines of one GPU are one GPU: a line for each HPC job or each MIG instance. */
static bool first(struct thing *t, size_t metric)
{
    uint64_t bit = 1ull << metric;
    bool is_first = !(t->seen & bit);

    t->seen |= bit;
    return is_first;
}

/* ---- what labels mean ---- */

/* Labels of one meaning have had several names; the later in a row outranks the earlier: Prometheus moves the label of a
 * target to `exported_…` where it puts its own in its place. */
enum meaning { A_NODE, AN_INDEX, A_UUID, A_MODEL, A_TENANT, A_POD, A_JOB, A_SLICE, A_PROFILE, OTHER_PART, MEANINGS };

/* clang-format off */
#define NAME(text) text, sizeof(text) - 1
static const struct {
    const char *name;
    size_t len;
    enum meaning meaning;
} meanings[] = {
    { NAME("hostname"), A_NODE }, { NAME("Hostname"), A_NODE }, { NAME("exported_hostname"), A_NODE },
    { NAME("gpu"), AN_INDEX }, { NAME("index"), AN_INDEX }, { NAME("gpu_index"), AN_INDEX },
    { NAME("UUID"), A_UUID }, { NAME("uuid"), A_UUID }, { NAME("gpu_uuid"), A_UUID },
    { NAME("modelName"), A_MODEL }, { NAME("model_name"), A_MODEL },
    { NAME("namespace"), A_TENANT }, { NAME("pod_namespace"), A_TENANT }, { NAME("exported_namespace"), A_TENANT },
    { NAME("pod"), A_POD }, { NAME("pod_name"), A_POD }, { NAME("exported_pod"), A_POD },
    { NAME("hpc_job"), A_JOB },
    { NAME("GPU_I_ID"), A_SLICE }, { NAME("GPU_I_PROFILE"), A_PROFILE },
    { NAME("cpu"), OTHER_PART }, { NAME("nvswitch"), OTHER_PART }, { NAME("cpucore"), OTHER_PART },
};
#undef NAME
/* clang-format on */

struct reading {
    struct slice of[MEANINGS];
    unsigned rank[MEANINGS];
};

static bool is_index(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isdigit((unsigned char)s.text[i]))
            return false;
    return s.len > 0 && s.len <= 4;
}

static void read_meanings(const struct sample *s, struct reading *r)
{
    memset(r, 0, sizeof(*r));
    for (size_t i = 0; i < s->labels; i++) {
        if (s->value[i].len == 0)
            continue;           /* an empty label is none */
        for (unsigned k = 0; k < sizeof(meanings) / sizeof(*meanings); k++) {
            enum meaning m = meanings[k].meaning;

            if (s->label[i].len != meanings[k].len ||
                memcmp(s->label[i].text, meanings[k].name, meanings[k].len) != 0)
                continue;
            /* all-smi calls the product "gpu" */
            if (k + 1 > r->rank[m] && (m != AN_INDEX || is_index(s->value[i]))) {
                r->of[m] = s->value[i];
                r->rank[m] = k + 1;
            }
            break;
        }
    }
}

static struct slice label(const struct sample *s, struct slice name)
{
    for (size_t i = 0; i < s->labels; i++)
        if (equal(s->label[i], name))
            return s->value[i];
    return (struct slice){ NULL, 0 };
}

static struct slice node_name(const struct page *p, const struct reading *r, unsigned flags)
{
    struct slice instance = label(&p->sample, (struct slice){ "instance", 8 });

    if (r->of[A_NODE].len)
        return r->of[A_NODE];
    if ((flags & INSTANCE) && instance.len && !memchr(instance.text, ':', instance.len))
        return instance;
    if (p->nodename.len)
        return p->nodename;
    return (struct slice){ p->target->name, strlen(p->target->name) };
}

static uint32_t node_of(struct page *p, struct slice name)
{
    return p->api->entity(p->out, GW_NODE, name.text, name.len, GW_NONE);
}

/* NODE/INDEX, or NODE/UUID where no index is told. GW_NONE: neither. */
static uint32_t gpu_of(struct page *p, const struct reading *r, unsigned flags)
{
    struct slice node = node_name(p, r, flags);
    struct slice part = r->of[AN_INDEX].len ? r->of[AN_INDEX] : r->of[A_UUID];
    char name[256];
    int len;

    if (!part.len)
        return GW_NONE;
    len = snprintf(name, sizeof(name), "%.*s/%.*s", (int)(node.len < 180 ? node.len : 180),
                   node.text, (int)(part.len < 70 ? part.len : 70), part.text);
    return p->api->entity(p->out, GW_GPU, name, (size_t)len, node_of(p, node));
}

/* Adds a name to "a, b" unless it is there. */
static void join(char *to, size_t room, struct slice name)
{
    size_t len = strlen(to);
    const char *at = to;

    for (;;) {
        size_t n = strcspn(at, ",");

        if (equal((struct slice){ at, n }, name))
            return;
        if (at[n] == '\0')
            break;
        at += n + 1 + (at[n + 1] == ' ');
    }
    if (len + name.len + 3 > room)
        return;
    snprintf(to + len, room - len, "%s%.*s", len ? ", " : "", (int)name.len, name.text);
}

/* The exporter runs in a pod, too, and Prometheus may put that pod's labels on lines of idle GPUs. */
static bool is_exporter(const struct reading *r)
{
    static const char *const homes[] = { "gpu-operator", "nvidia-gpu-operator",
                                         "gpu-operator-resources", NULL };

    if (contains(r->of[A_POD], "dcgm-exporter"))
        return true;
    for (size_t i = 0; r->of[A_TENANT].len && homes[i]; i++)
        if (same(r->of[A_TENANT], homes[i]))
            return true;
    return false;
}

static void read_holder(struct page *p, struct thing *t, const struct reading *r)
{
    bool pod = r->of[A_TENANT].len || r->of[A_POD].len, job = r->of[A_JOB].len;

    p->kept->tells_pods |= pod;
    p->kept->tells_jobs |= job;
    if (job)
        join(t->job, sizeof(t->job), r->of[A_JOB]);
    if (!pod || is_exporter(r))
        return;
    if (r->of[A_TENANT].len)
        join(t->tenant, sizeof(t->tenant), r->of[A_TENANT]);
    if (r->of[A_POD].len && !job)
        join(t->job, sizeof(t->job), r->of[A_POD]);
}

static void read_slice(struct page *p, struct thing *t, const struct reading *r)
{
    struct slice id = r->of[A_SLICE], profile = r->of[A_PROFILE];
    uint64_t bit;
    struct cut *c;

    if (!is_index(id))
        return;
    bit = 1ull << (strtoul(id.text, NULL, 10) & 63);
    if (t->instances & bit)
        return;
    t->instances |= bit;
    if (p->cut_count == p->cut_room) {
        p->cut_room = p->cut_room ? 2 * p->cut_room : 64;
        p->cuts = realloc(p->cuts, p->cut_room * sizeof(*p->cuts));
        if (!p->cuts)
            abort();
    }
    c = &p->cuts[p->cut_count++];
    c->entity = t->entity;
    snprintf(c->profile, sizeof(c->profile), "%.*s", (int)(profile.len < 23 ? profile.len : 23),
             profile.len ? profile.text : "");
}

/* ---- values ---- */

/* DCGM's words for "unknown", as numbers: DCGM_INT64_BLANK, DCGM_INT32_BLANK and DCGM_FP64_BLANK (dcgm_structs.h),
 * and the three above each for not found, not supported and not permitted. */
static bool is_blank(double v, bool counter)
{
    if (v >= 9223372036854775000.0)
        return true;
    if (counter)
        return false;           /* a counter may pass by the smaller ones */
    return (v >= 2147483632.0 && v <= 2147483647.0) || v == 4294967295.0 ||
           (v >= 140737488355328.0 && v <= 140737488355331.0);
}

/* Bits of DCGM_FI_DEV_CLOCKS_EVENT_REASONS, worst first. Idle (0x1), application clocks (0x2) and display
 * (0x100) hold nothing down against the will of who pays. */
static const struct {
    unsigned bit;
    const char *word;
} reasons[] = {
    { 0x80, "brake" }, { 0x40, "thermal" }, { 0x20, "thermal" }, { 0x04, "power" },
    { 0x200, "board limit" }, { 0x08, "slowdown" }, { 0x400, "reliability" }, { 0x10, "sync" },
    { 0 }
};

static void tell_reasons(struct page *p, uint32_t gpu, double value)
{
    const char *word = "none";
    size_t i = 0;

    if (!(value >= 0 && value < 4294967296.0))
        return;
    while (reasons[i].word && !((unsigned)value & reasons[i].bit))
        i++;
    if (reasons[i].word)
        word = reasons[i].word;
    p->api->text(p->out, gpu, THROTTLE, word, strlen(word));
}

static void tell_time(struct page *p)
{
    double stamp = p->seconds ? p->sample.stamp : p->sample.stamp / 1000;

    if (!(stamp > 0) || !isfinite(stamp))
        stamp = 0;              /* a line that tells no time is of its arrival, whatever the one before told */
    if (stamp == p->stamp)
        return;
    p->stamp = stamp;
    p->api->time(p->out, stamp);
}

static void tell(struct page *p, uint32_t entity, size_t metric, double value, bool estimated)
{
    (estimated ? p->api->estimate : p->api->number)(p->out, entity, metric, value);
}

static void tell_once(struct page *p, struct thing *t, const struct family *f, double value)
{
    if (f->flags & SPARE)
        t->spare[f->spare] = isnan(t->spare[f->spare]) ? value : t->spare[f->spare];
    if ((f->flags & SPARE) && f->spare != FB_USED)
        return;
    if (!first(t, f->metric))
        return;
    if (f->flags & BITS)
        tell_reasons(p, t->entity, value);
    else
        tell(p, t->entity, f->metric, value, f->flags & ESTIMATED);
}

static void read_gpu(struct page *p, const struct family *f, double value)
{
    struct reading r;
    struct thing *t;
    uint32_t gpu;

    read_meanings(&p->sample, &r);
    if (r.of[OTHER_PART].len)
        return;                 /* a CPU or an NVSwitch under a GPU's field name */
    gpu = gpu_of(p, &r, f->flags);
    if (gpu == GW_NONE)
        return;
    t = thing_of(p, gpu, true);
    if (r.of[A_UUID].len && first(t, UUID))
        p->api->text(p->out, gpu, UUID, r.of[A_UUID].text, r.of[A_UUID].len);
    if (r.of[A_MODEL].len && first(t, MODEL))
        p->api->text(p->out, gpu, MODEL, r.of[A_MODEL].text, r.of[A_MODEL].len);
    if (r.of[AN_INDEX].len && first(t, INDEX))
        p->api->number(p->out, gpu, INDEX, (double)strtoul(r.of[AN_INDEX].text, NULL, 10));
    read_holder(p, t, &r);
    read_slice(p, t, &r);
    if (r.of[A_SLICE].len && (f->flags & WHOLE))
        return;
    tell_once(p, t, f, value);
    p->mapped++;
}

static void read_node(struct page *p, const struct family *f, double value)
{
    struct reading r;
    struct thing *t;

    read_meanings(&p->sample, &r);
    t = thing_of(p, node_of(p, node_name(p, &r, f->flags)), false);
    p->mapped++;
    if (f->flags & ADDED) {
        t->sum += value;
        t->sum_metric = f->metric;
    } else if (first(t, f->metric)) {
        tell(p, t->entity, f->metric, value, f->flags & ESTIMATED);
    }
}

static bool fits(const struct rule *r, const struct sample *s)
{
    if (!equal(r->family, s->name))
        return false;
    for (size_t i = 0; i < r->filters; i++) {
        struct slice v = label(s, r->label[i]);

        if (v.len != r->value[i].len || (v.len && !equal(v, r->value[i])))
            return false;
    }
    return true;
}

/* The entity that a rule's labels name; GW_NONE: the line lacks one. */
static uint32_t named_by(struct page *p, const struct rule *r)
{
    enum gw_kind kind = metrics[r->metric].kind;
    struct slice a = label(&p->sample, r->by[0]), b;
    struct reading labels;
    char name[256];
    int len;

    if (!r->by[0].len) {
        read_meanings(&p->sample, &labels);
        return kind == GW_GPU ? gpu_of(p, &labels, 0) : node_of(p, node_name(p, &labels, 0));
    }
    if (!a.len)
        return GW_NONE;
    if (!r->by[1].len)
        return p->api->entity(p->out, kind, a.text, a.len, GW_NONE);
    b = label(&p->sample, r->by[1]);
    if (!b.len)
        return GW_NONE;
    len = snprintf(name, sizeof(name), "%.*s/%.*s", (int)(a.len < 120 ? a.len : 120), a.text,
                   (int)(b.len < 120 ? b.len : 120), b.text);
    return p->api->entity(p->out, kind, name, (size_t)len,
                          kind == GW_GPU ? node_of(p, a) : GW_NONE);
}

/* True: a rule took the line. */
static bool read_mapped(struct page *p)
{
    for (size_t i = 0; i < p->kept->rule_count; i++) {
        const struct rule *r = &p->kept->rules[i];
        uint32_t entity;

        if (!fits(r, &p->sample))
            continue;
        entity = named_by(p, r);
        if (entity != GW_NONE && first(thing_of(p, entity, metrics[r->metric].kind == GW_GPU), r->metric)) {
            tell_time(p);
            p->api->number(p->out, entity, r->metric, p->sample.number * r->scale);
            p->mapped++;
        }
        return true;
    }
    return false;
}

static void take_sample(struct page *p)
{
    const struct family *f;
    double value = p->sample.number;

    if (p->kept->rule_count && read_mapped(p))
        return;
    f = find_family(p, p->sample.name);
    if (!f)
        return;
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
        quote(p->first_bad, line, (size_t)(end - line));
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
        char text[512];
        size_t at = 0;

        while (i < p->cut_count && p->cuts[i].entity == entity) {
            size_t k = i;

            while (k < p->cut_count && compare_cuts(&p->cuts[k], &p->cuts[i]) == 0)
                k++;
            if (at + 48 < sizeof(text))
                at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", at ? ", " : "",
                                       p->cuts[i].profile);
            if (k - i > 1 && at + 24 < sizeof(text))
                at += (size_t)snprintf(text + at, sizeof(text) - at, " ×%zu", k - i);
            i = k;
        }
        p->api->text(p->out, entity, MIG, text, at);
    }
}

/* What follows from several lines: memory fitted where only its parts are told (an estimate without the reserved part,
 * that older exporters leave out), and the limit that was asked for where the enforced one is not told. */
static void finish_gpu(struct page *p, struct thing *t)
{
    double total = t->spare[FB_USED] + t->spare[FB_FREE];
    bool reserved = !isnan(t->spare[FB_RESERVED]);

    if (!isnan(total) && first(t, MEM_TOTAL))
        tell(p, t->entity, MEM_TOTAL, total + (reserved ? t->spare[FB_RESERVED] : 0), !reserved);
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
    if (2 * p->bad > p->lines)
        return p->api->fail(p->out, "not a page of metrics: %u of %u lines are not understood, "
                                    "first line %u: \"%s\"", p->bad, p->lines, p->first_bad_line,
                            p->first_bad);
    if (p->bad)
        p->api->warn(p->out, "%u line%s not understood, first line %u: \"%s\"", p->bad,
                     p->bad == 1 ? "" : "s", p->first_bad_line, p->first_bad);
    else if (cut_off)
        p->api->warn(p->out, "the page is cut off in line %u", lines);
    else if (p->mapped == 0)
        p->api->warn(p->out, "none of %u samples means anything here; see the option map",
                     p->lines);
    return GW_DONE;
}

/* OpenMetrics ends in "# EOF"; the older format does not, and counts time in milliseconds. */
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
            /* Both formats end every line: half a number must not pass for a whole one. */
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
    return judge(p, cut_off, number);
}

/* ---- the source ---- */

static int prom_parse(const struct gw_api *api, const struct gw_target *target, const char *text,
                      size_t len, struct gw_out *out)
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
        return api->fail(out, "a web page instead of metrics; is the path right? often it is /metrics");
    if (text[blank] == '{' || text[blank] == '[')
        return api->fail(out, "JSON instead of metrics; is the path right? often it is /metrics");
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

static int prom_ask(const struct gw_api *api, const struct gw_target *target, struct gw_ask *ask,
                    struct gw_out *out)
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
    .summary = "any Prometheus or OpenMetrics page: dcgm-exporter, node_exporter, others by a map",
    .schemes = "http https",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct prom),
    .interval_s = 15,
    .ask = prom_ask,
    .parse = prom_parse,
};
