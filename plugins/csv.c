/* Recorded power, replayed as if it were live.
 *
 *     unix_seconds,watts              unix_seconds,feed-A,feed-B
 *     1700000000,412000               1700000000,206100000,204400000
 *     1700000002.5,415500             1700000001,,204900000
 *
 * A file has one header line, then times that rise, as irregular and with as many gaps as
 * they come. Each further column is a domain, a node or a GPU, named by the header; a
 * single column called watts is named by the option or the target. Where others follow
 * it, watts is the site's own power: these may be feeds and what hangs below them, and
 * the recording does not say which. Lines are read as they fall due, so a recording may
 * be larger than memory. An empty field is a gap. */
#include "gigawatch/source.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DOMAIN_METER, NODE_METER, GPU_POWER, SITE_POWER };

static const struct gw_metric metrics[] = {
    [DOMAIN_METER] = { "meter", .kind = GW_DOMAIN, .unit = "W", .max = 1e11,
                       .help = "what the domain's own meter reads" },
    [NODE_METER]   = { "meter", .kind = GW_NODE, .unit = "W", .max = 2e5,
                       .help = "what the node's own meter reads" },
    [GPU_POWER]    = { "power", .kind = GW_GPU, .unit = "W", .max = 5000,
                       .help = "power, one-second average where the device tells" },
    [SITE_POWER]   = { "power", .kind = GW_SITE, .unit = "W", .max = 1e11,
                       .help = "power drawn at the boundary the caps are set for" },
    { 0 }
};

static const struct gw_option options[] = {
    { "as", "domain", "what the columns are: domain, node or gpu" },
    { "name", NULL, "name of the column, where it is the only one; else the target's" },
    { "speed", "1", "60 replays an hour in a minute; max replays all at once" },
    { "from", NULL, "where to begin: seconds since 1970, or +SECONDS after the first line" },
    { "loop", "no", "yes: begin anew at the end" },
    { "shift", "now", "now: as if recorded now; none: with the times of the file" },
    { 0 }
};

enum {
    LINE_ROOM = 1 << 20,        /* the longest line */
    COLUMNS = 65536,
    SEND_EVERY = 200            /* rows; a batch knows few different times */
};

struct csv {
    FILE *file;
    char *line;
    unsigned number;            /* of the line read last */
    size_t columns;             /* without the time */
    char **names;
    double *values;             /* of the row that comes next */
    uint32_t *entities;         /* of the batch being filled; GW_NONE: not yet known */
    size_t metric;              /* and by it the kind */
    bool tells_site;            /* the first column is the site's */
    double speed;               /* INFINITY: all at once */
    bool loops, shifts;
    double time;                /* of the row that comes next; INFINITY: the file has
                                 * ended */
    double begin, step, end;    /* where the replay begins; between the last two rows;
                                 * where it ends (at speed max) */
    double started;             /* wall clock at `begin`; NAN: not yet */
    unsigned bad, first_bad;    /* lines since the last poll */
    char why[96];
};

/* ---- lines ---- */

__attribute__((format(printf, 2, 3))) static bool is_bad(struct csv *c,
                                                         const char *format, ...)
{
    va_list args;

    if (c->bad++)
        return false;
    c->first_bad = c->number;
    va_start(args, format);
    vsnprintf(c->why, sizeof(c->why), format, args);
    va_end(args);
    return false;
}

/* The next line that says something, trimmed; NULL at the end of the file. */
static char *next_line(struct csv *c)
{
    for (;;) {
        char *line = c->line;
        size_t len;

        if (!fgets(c->line, LINE_ROOM, c->file))
            return NULL;
        c->number++;
        len = strlen(line);
        if (len + 1 == LINE_ROOM && line[len - 1] != '\n') {
            for (int b = getc(c->file); b != EOF && b != '\n';)
                b = getc(c->file);
            is_bad(c, "longer than %d bytes", LINE_ROOM);
            continue;
        }
        if (c->number == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
            line += 3, len -= 3;
        while (len && isspace((unsigned char)line[len - 1]))
            line[--len] = '\0';
        while (isspace((unsigned char)*line))
            line++;
        if (*line && *line != '#')
            return line;
    }
}

/* Cuts off the first field, in place, without blanks and quotes; *at is NULL after the
 * last. */
static char *next_field(char **at)
{
    char *field = *at, *to, *end;

    while (*field == ' ' || *field == '\t')
        field++;
    if (*field == '"') {
        to = ++field;
        for (end = field; *end && (*end != '"' || end[1] == '"'); end++) {
            end += *end == '"';         /* "" is a quote */
            *to++ = *end;
        }
        end += strcspn(end, ",");
    } else {
        end = field + strcspn(field, ",");
        for (to = end; to > field && (to[-1] == ' ' || to[-1] == '\t'); to--)
            continue;
    }
    *at = *end == ',' ? end + 1 : NULL;
    *to = '\0';
    return field;
}

/* A plain decimal; false: something else. */
static bool read_number(const char *text, double *value)
{
    char *end;

    if (!*text || strlen(text) != strspn(text, "+-.0123456789eE"))
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

static bool is_gap(const char *text)
{
    return !*text || strcasecmp(text, "nan") == 0 || strcasecmp(text, "null") == 0 ||
           strcmp(text, "-") == 0 || strcasecmp(text, "n/a") == 0;
}

/* Fills time and values; false: the line is bad. `after`: the time of the row before. */
static bool read_row(struct csv *c, char *line, double after)
{
    char *at = line, *field = next_field(&at);
    char quoted[32];
    double time;

    if (!read_number(field, &time))
        return is_bad(c, "expected seconds since 1970, got \"%s\"", gw_quote(quoted, field, strlen(field)));
    if (time > 1e11)
        return is_bad(c, "%s are milliseconds, not seconds",
                      gw_quote(quoted, field, strlen(field)));
    if (time <= after)
        return is_bad(c, "the time does not rise");
    for (size_t i = 0; i < c->columns; i++) {
        if (!at)
            return is_bad(c, "%zu columns, expected %zu", i + 1, c->columns + 1);
        field = next_field(&at);
        c->values[i] = NAN;
        if (!is_gap(field) && !read_number(field, &c->values[i]))
            return is_bad(c, "expected watts, got \"%s\"", gw_quote(quoted, field, strlen(field)));
    }
    if (at)
        return is_bad(c, "more than %zu columns", c->columns + 1);
    c->time = time;
    return true;
}

/* Reads on to the next good row; c->time is INFINITY at the end. */
static void next_row(struct csv *c)
{
    double after = c->time;
    char *line;

    while ((line = next_line(c)))
        if (read_row(c, line, after))
            return;
    c->time = INFINITY;
}

/* Goes to the first row at or after `begin`. */
static void go_to(struct csv *c, double begin)
{
    rewind(c->file);
    c->number = 0;
    c->time = -INFINITY;
    (void)next_line(c);         /* the header, read when the file was opened */
    do
        next_row(c);
    while (c->time < begin);
}

/* ---- opening ---- */

static int read_options(const struct gw_api *api, const struct gw_target *target,
                        struct csv *c, struct gw_out *out)
{
    const char *as = api->option(target, "as"), *speed = api->option(target, "speed");
    const char *loop = api->option(target, "loop"), *shift = api->option(target, "shift");

    c->metric = strcmp(as, "gpu") == 0    ? GPU_POWER
                : strcmp(as, "node") == 0 ? NODE_METER
                                          : DOMAIN_METER;
    if (c->metric == DOMAIN_METER && strcmp(as, "domain") != 0)
        return api->fail(out, "as: expected domain, node or gpu, got \"%.20s\"", as);
    c->speed = INFINITY;
    if (strcmp(speed, "max") != 0 &&
        (!read_number(speed, &c->speed) || !(c->speed > 0 && c->speed <= 1e6)))
        return api->fail(out, "speed: expected a number up to 1000000, or max, got \"%.20s\"", speed);
    c->loops = strcmp(loop, "yes") == 0;
    if (!c->loops && strcmp(loop, "no") != 0)
        return api->fail(out, "loop: expected yes or no, got \"%.20s\"", loop);
    c->shifts = strcmp(shift, "now") == 0;
    if (!c->shifts && strcmp(shift, "none") != 0)
        return api->fail(out, "shift: expected now or none, got \"%.20s\"", shift);
    if (c->loops && (isinf(c->speed) || !c->shifts))
        return api->fail(out, "loop: goes neither with speed: max nor with shift: none");
    return GW_DONE;
}

static bool is_plain(const char *name)
{
    static const char *const words[] = { "watts", "watt", "w", "power", "power_w", NULL };

    for (size_t i = 0; words[i]; i++)
        if (strcasecmp(name, words[i]) == 0)
            return true;
    return false;
}

/* Any file has a header: this one's first column must be of seconds. */
static bool is_of_time(const char *name)
{
    static const char *const words[] = { "time", "sec", "unix", "epoch", NULL };

    for (const char *c = name; *c; c++)
        for (size_t i = 0; words[i]; i++)
            if (strncasecmp(c, words[i], strlen(words[i])) == 0)
                return true;
    return strcasecmp(name, "t") == 0 || strcasecmp(name, "ts") == 0;
}

static int read_header(const struct gw_api *api, const struct gw_target *target,
                       struct csv *c, struct gw_out *out)
{
    char *line = next_line(c), *at = line, *field;
    const char *name = api->option(target, "name");
    char quoted[32];
    double number;

    gw_quote(quoted, line ? line : "", line ? strlen(line) : 0);
    field = line ? next_field(&at) : NULL;
    if (!field || !at || read_number(field, &number))
        return api->fail(out, "%s:%u: expected a header such as unix_seconds,watts, got \"%s\"",
                         target->path, c->number, quoted);
    if (!is_of_time(field))
        return api->fail(out, "%s:%u: expected a header whose first column is of time, such as unix_seconds, got \"%s\"",
                         target->path, c->number, gw_quote(quoted, field, strlen(field)));
    c->columns = 1;             /* or fewer: commas within quotes */
    for (const char *comma = at; *comma; comma++)
        c->columns += *comma == ',';
    if (c->columns > COLUMNS)
        return api->fail(out, "%s:%u: more than %d columns", target->path, c->number,
                         COLUMNS);
    c->names = calloc(c->columns, sizeof(*c->names));
    c->values = calloc(c->columns, sizeof(*c->values));
    c->entities = calloc(c->columns, sizeof(*c->entities));
    if (!c->names || !c->values || !c->entities)
        return api->fail(out, "no memory for %zu columns", c->columns);
    c->columns = 0;
    while (at) {
        field = next_field(&at);
        if (!*field)
            return api->fail(out, "%s:%u: column %zu has no name", target->path,
                             c->number, c->columns + 2);
        if (!at && c->columns == 0 && (name || is_plain(field)))
            field = (char *)(name ? name : target->name);
        c->names[c->columns++] = strdup(field);
    }
    c->tells_site = c->columns > 1 && strcasecmp(c->names[0], "watts") == 0;
    if (name && c->columns > 1)
        return api->fail(out, "name: the header of %s names its %zu columns itself",
                         target->path, c->columns);
    return GW_DONE;
}

static int find_begin(const struct gw_api *api, const struct gw_target *target,
                      struct csv *c, struct gw_out *out)
{
    const char *from = api->option(target, "from");
    double begin = -INFINITY;

    go_to(c, begin);
    if (isinf(c->time))
        return api->fail(out, "%s: no line with a time and watts%s%s", target->path,
                         c->bad ? "; the first says: " : "", c->bad ? c->why : "");
    if (from) {
        if (!read_number(from, &begin))
            return api->fail(out, "from: expected seconds since 1970 or +SECONDS, got \"%.20s\"", from);
        begin += *from == '+' ? c->time : 0;
        c->bad = 0;
        go_to(c, begin);
        if (isinf(c->time))
            return api->fail(out, "from: %s ends before", target->path);
    }
    c->begin = c->time;
    c->started = NAN;
    for (c->end = c->time; isinf(c->speed) && !isinf(c->time); next_row(c))
        c->end = c->time;
    if (isinf(c->speed)) {
        c->bad = 0;
        go_to(c, c->begin);
    }
    return GW_DONE;
}

static void csv_close(const struct gw_api *api, const struct gw_target *target)
{
    struct csv *c = target->state;

    (void)api;
    for (size_t i = 0; c->names && i < c->columns; i++)
        free(c->names[i]);
    free(c->names);
    free(c->values);
    free(c->entities);
    free(c->line);
    if (c->file)
        fclose(c->file);
    memset(c, 0, sizeof(*c));
}

/* A pipe may have no writer, has no end, and cannot be replayed again. NULL: none, and
 * errno says why; 0: it is no file. */
static FILE *open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat is = { .st_mode = 0 };
    bool is_file = fd >= 0 && fstat(fd, &is) == 0 && S_ISREG(is.st_mode);
    FILE *file = is_file ? fdopen(fd, "r") : NULL;

    if (!file && fd >= 0) {
        close(fd);
        errno = is_file ? ENOMEM : S_ISDIR(is.st_mode) ? EISDIR : 0;
    }
    return file;
}

static int csv_open(const struct gw_api *api, const struct gw_target *target,
                    struct gw_out *out)
{
    struct csv *c = target->state;

    csv_close(api, target);
    if (read_options(api, target, c, out) == GW_FAILED)
        return GW_FAILED;
    c->file = open_file(target->path);
    c->line = malloc(LINE_ROOM);
    if (!c->file || !c->line) {
        api->fail(out, "%s: cannot be read: %s", target->path,
                  errno ? strerror(errno) : "a recording is a file");
        csv_close(api, target);
        return GW_FAILED;
    }
    if (read_header(api, target, c, out) == GW_FAILED ||
        find_begin(api, target, c, out) == GW_FAILED) {
        csv_close(api, target);
        return GW_FAILED;
    }
    return GW_DONE;
}

/* ---- replaying ---- */

/* The time a row is told with. All at once, the last row is of now. */
static double shown_time(const struct csv *c)
{
    if (!c->shifts)
        return c->time;
    if (isinf(c->speed))
        return c->started - (c->end - c->time);
    return c->started + (c->time - c->begin) / c->speed;
}

static bool is_due(const struct csv *c, double now)
{
    return !isinf(c->time) &&
           (isinf(c->speed) || c->time <= c->begin + (now - c->started) * c->speed);
}

static void forget_entities(struct csv *c)
{
    for (size_t i = 0; i < c->columns; i++)
        c->entities[i] = GW_NONE;
}

/* Watts below zero go out as they are: the host knows what is possible, and says why it
 * shows none. */
static void tell_row(const struct gw_api *api, struct csv *c, struct gw_out *out)
{
    api->time(out, shown_time(c));
    for (size_t i = 0; i < c->columns; i++) {
        bool is_site = i == 0 && c->tells_site;
        size_t metric = is_site ? SITE_POWER : c->metric;
        /* the site it is replayed for */
        const char *name = is_site ? "." : c->names[i];

        if (c->entities[i] == GW_NONE)
            c->entities[i] = api->entity(out, metrics[metric].kind, name, strlen(name),
                                         GW_NONE);
        api->number(out, c->entities[i], metric, c->values[i]);
    }
}

/* After the last row, by one more step, comes the first. */
static void begin_anew(struct csv *c, double last)
{
    double step = c->step > 0 ? c->step : 1;

    c->started += (last - c->begin + step) / c->speed;
    go_to(c, c->begin);
}

static int csv_poll(const struct gw_api *api, const struct gw_target *target,
                    struct gw_out *out)
{
    struct csv *c = target->state;
    double now = api->now(target);
    unsigned rows = 0;

    if (isnan(c->started))
        c->started = now;
    else if (now < c->started && !isinf(c->time))
        /* The clock was set back: go on from here. */
        c->started = now - (c->time - c->begin) / c->speed;
    forget_entities(c);
    while (is_due(c, now) && !api->stopping(target)) {
        double last = c->time;

        if (rows++ == SEND_EVERY) {
            api->send(out);
            forget_entities(c);
            rows = 1;
        }
        tell_row(api, c, out);
        next_row(c);
        if (!isinf(c->time))
            c->step = c->time - last;
        else if (c->loops)
            begin_anew(c, last);
    }
    if (c->bad)
        api->warn(out, "%u line%s of %s not understood; line %u: %s", c->bad,
                  c->bad == 1 ? "" : "s", target->path, c->first_bad, c->why);
    else if (isinf(c->time))
        api->warn(out, "the recording has ended");
    c->bad = 0;
    return GW_DONE;
}

const struct gw_source csv_source = {
    GW_SOURCE_HEAD,
    .name = "csv",
    .summary = "recorded power, replayed as live: unix_seconds,watts",
    .schemes = "csv file",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct csv),
    .interval_s = 1,
    .open = csv_open,
    .poll = csv_poll,
    .close = csv_close,
};
