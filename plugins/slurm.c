/* Slurm: jobs, nodes, partitions, accounts and reservations, from slurmrestd (HTTP or its unix socket) or, where there
 * is none, from squeue, scontrol, sinfo, sacct and sshare on a machine that has them (SSH, or this one).
 *
 * A conversation: what is asked depends on the version. Each poll asks for nodes and jobs, every few minutes for what
 * changes seldom, and no oftener than 5 % of the time is spent with the controller's answers.
 *
 * Answers come in three forms, and each record of any becomes the same slots (struct record), so that what it means is
 * written once: JSON, which is scanned in one pass and never built into a tree, for squeue --json of 24.11 writes 20 KB
 * a job; KEY=VALUE lines (scontrol -o), where a command knows no --json; tables (sacct -P, sshare -P). Numbers are plain
 * up to 22.05 (data_parser v0.0.38), and {"set","infinite","number"} later; states are a word or a list of words.
 * Formats: slurm.schedmd.com/rest_api.html, squeue(1), scontrol(1), sacct(1), sshare(1). */
#include "gigawatch/json.h"
#include "gigawatch/source.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MOST_NODES = 100000, MOST_NAMES = 2000000, MOST_NODE_GPUS = 64, MOST_PARTITIONS = 2000, MOST_ACCOUNTS = 20000, MOST_RESERVATIONS = 500,
    NAME_ROOM = 256, LONGEST_TEXT = 400,
    EVENTS_A_POLL = 20,
    FORGOTTEN_AFTER_S = 240,    /* a controller that is usual keeps what ended for 300 s (MinJobAge) */
    /* 5 % of the controller's time is ours, at most: 4 % for jobs and nodes, 1 % for what changes seldom. */
    PACE = 25, SELDOM_PACE = 100
};
static const double LONGEST_PACE_S = 600;

enum metric {
    NODE_STATE, NODE_REASON, NODE_TENANT, NODE_JOB, NODE_GPUS, NODE_HELD, NODE_METER,
    GPU_INDEX, GPU_JOB, GPU_TENANT,
    JOB_TENANT, JOB_USER, JOB_TITLE, JOB_QUEUE, JOB_STATE, JOB_OUTCOME, JOB_REASON, JOB_GPUS, JOB_NODES, JOB_SUBMIT,
    JOB_START, JOB_END, JOB_LIMIT, JOB_QOS, JOB_PRIORITY, JOB_ARRAY, JOB_TASKS, JOB_HET, JOB_NODELIST, JOB_IMAGE,
    TENANT_QUOTA, TENANT_SHARES, TENANT_FAIRSHARE,
    QUEUE_PENDING, QUEUE_RUNNING, QUEUE_GPUS_PENDING, QUEUE_GPUS_RUNNING, QUEUE_WAIT, QUEUE_STATE, QUEUE_QUOTA,
    EVENT_LEVEL, EVENT_TIME, EVENT_TEXT
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    [NODE_STATE] = { "state", GW_NODE, GW_TEXT, "", .help = "up, down, drain, … as the source says" },
    [NODE_REASON] = { "reason", GW_NODE, GW_TEXT, "", .help = "why it is drained or down" },
    [NODE_TENANT] = { "tenant", GW_NODE, GW_TEXT, "", .help = "where one holds all of it" },
    [NODE_JOB] = { "job", GW_NODE, GW_TEXT, "", .help = "where one holds all of it" },
    [NODE_GPUS] = { "gpus_total", GW_NODE, GW_GAUGE, "", .help = "GPUs that its scheduler knows of" },
    [NODE_HELD] = { "gpus_held", GW_NODE, GW_GAUGE, "", .help = "of these, given to jobs" },
    [NODE_METER] = { "meter", GW_NODE, GW_GAUGE, "W", 0, 2e5, "what the node's own meter reads" },
    [GPU_INDEX] = { "index", GW_GPU, GW_GAUGE, "", 0, 1024, "index on its node" },
    [GPU_JOB] = { "job", GW_GPU, GW_TEXT, "", .help = "the job that runs on it" },
    [GPU_TENANT] = { "tenant", GW_GPU, GW_TEXT, "", .help = "who holds it" },
    [JOB_TENANT] = { "tenant", GW_JOB, GW_TEXT, "", .help = "who pays" },
    [JOB_USER] = { "user", GW_JOB, GW_TEXT, "", .help = "who submitted it" },
    [JOB_TITLE] = { "title", GW_JOB, GW_TEXT, "", .help = "the name its user gave it" },
    [JOB_QUEUE] = { "queue", GW_JOB, GW_TEXT, "", .help = "queue or partition" },
    [JOB_STATE] = { "state", GW_JOB, GW_TEXT, "", .help = "pending, running, ended" },
    [JOB_OUTCOME] = { "outcome", GW_JOB, GW_TEXT, "", .help = "how it ended: completed, failed, cancelled, timeout, …" },
    [JOB_REASON] = { "reason", GW_JOB, GW_TEXT, "", .help = "why it waits" },
    [JOB_GPUS] = { "gpus", GW_JOB, GW_GAUGE, "", .help = "GPUs asked for or held" },
    [JOB_NODES] = { "nodes", GW_JOB, GW_GAUGE, "", .help = "nodes asked for or held" },
    [JOB_SUBMIT] = { "submit", GW_JOB, GW_TIME, "s", .help = "submitted at" },
    [JOB_START] = { "start", GW_JOB, GW_TIME, "s", .help = "started, or expected to start, at" },
    [JOB_END] = { "end", GW_JOB, GW_TIME, "s", .help = "ended at" },
    [JOB_LIMIT] = { "limit", GW_JOB, GW_GAUGE, "s", .help = "time limit" },
    [JOB_QOS] = { "qos", GW_JOB, GW_TEXT, "", .help = "quality of service it was submitted with" },
    [JOB_PRIORITY] = { "priority", GW_JOB, GW_GAUGE, "", .help = "the scheduler's: the highest is next" },
    [JOB_ARRAY] = { "array", GW_JOB, GW_TEXT, "", .help = "the array it belongs to" },
    [JOB_TASKS] = { "tasks", GW_JOB, GW_GAUGE, "", .help = "tasks of an array that wait as one row; its GPUs are those of one" },
    [JOB_HET] = { "het", GW_JOB, GW_TEXT, "", .help = "the heterogeneous job it is a part of" },
    [JOB_NODELIST] = { "nodelist", GW_JOB, GW_TEXT, "", .help = "nodes it runs on, or is planned for, as the scheduler writes them" },
    [JOB_IMAGE] = { "image", GW_JOB, GW_TEXT, "", .help = "container image" },
    [TENANT_QUOTA] = { "quota", GW_TENANT, GW_GAUGE, "", .help = "GPUs it may hold at a time" },
    [TENANT_SHARES] = { "shares", GW_TENANT, GW_GAUGE, "", .help = "its share, against those of its siblings" },
    [TENANT_FAIRSHARE] = { "fairshare", GW_TENANT, GW_GAUGE, "ratio", .help = "the scheduler's fair-share factor: 1 used nothing of its share" },
    [QUEUE_PENDING] = { "pending", GW_QUEUE, GW_GAUGE, "", .help = "jobs that wait" },
    [QUEUE_RUNNING] = { "running", GW_QUEUE, GW_GAUGE, "", .help = "jobs that run" },
    [QUEUE_GPUS_PENDING] = { "gpus_pending", GW_QUEUE, GW_GAUGE, "", .help = "GPUs that its waiting jobs ask for" },
    [QUEUE_GPUS_RUNNING] = { "gpus_running", GW_QUEUE, GW_GAUGE, "", .help = "GPUs that its running jobs hold" },
    [QUEUE_WAIT] = { "wait", GW_QUEUE, GW_GAUGE, "s", .help = "longest wait of a job whose turn it could be" },
    [QUEUE_STATE] = { "state", GW_QUEUE, GW_TEXT, "", .help = "up, down, drain or inactive" },
    [QUEUE_QUOTA] = { "quota", GW_QUEUE, GW_GAUGE, "", .help = "GPUs it has, or may use" },
    [EVENT_LEVEL] = { "level", GW_EVENT, GW_TEXT, "", .help = "information, cleared, attention or critical" },
    [EVENT_TIME] = { "time", GW_EVENT, GW_TIME, "s", .help = "when" },
    [EVENT_TEXT] = { "text", GW_EVENT, GW_TEXT, "", .help = "what happened" },
    { 0 }
};

static const struct gw_option options[] = {
    { "bin", NULL, "where Slurm's commands are, if not in the PATH of the account, such as /opt/slurm/bin" },
    { "version", NULL, "of slurmrestd's interface, such as v0.0.40; without it, the newest it has" },
    { "cluster", NULL, "put before job ids, as NAME:34, where a site has several clusters" },
    { "seldom", "300", "seconds between questions about partitions, reservations, shares and quotas" },
    { "history", "3600", "seconds of ended jobs asked of the accounting at the start; 0: never asks it" },
    { "gpus", "yes", "no: GPUs are no rows of their own; where another source calls nodes differently" },
    { "energy", "no", "yes: node meters from Slurm's energy gathering, where that reads a BMC (ipmi, xcc), not RAPL" },
    { 0 }
};
/* clang-format on */

/* ---- texts ---- */

/* A piece of an answer: a whole JSON value, or plain text. at NULL: not there. */
struct text {
    const char *at;
    size_t len;
};

static bool is_text(struct text t, const char *word)
{
    size_t len = strlen(word);

    return t.len == len && memcmp(t.at, word, len) == 0;
}

static bool begins(struct text t, const char *with)
{
    return t.len >= strlen(with) && memcmp(t.at, with, strlen(with)) == 0;
}

static bool is_none(struct text t)
{
    static const char *const nothing[] = { "", "null", "\"\"", "(null)", "N/A", "n/a", "None", "Unknown", "[]", "{}" };

    for (size_t i = 0; t.at && i < sizeof(nothing) / sizeof(nothing[0]); i++)
        if (is_text(t, nothing[i]))
            return true;
    return !t.at;
}

static struct text trimmed(struct text t)
{
    while (t.len && isspace((unsigned char)t.at[0]))
        t.at++, t.len--;
    while (t.len && isspace((unsigned char)t.at[t.len - 1]))
        t.len--;
    return t;
}

/* Up to the first of `ends`. */
static struct text until(struct text t, const char *ends)
{
    for (size_t i = 0; i < t.len; i++)
        if (strchr(ends, t.at[i]) && t.at[i]) {
            t.len = i;
            break;
        }
    return t;
}

/* Takes the next piece up to `by` off `rest`, where not within brackets. False: there is none. */
static bool next_piece(struct text *rest, char by, struct text *piece)
{
    size_t i, depth = 0;

    if (!rest->len)
        return false;
    for (i = 0; i < rest->len && (rest->at[i] != by || depth); i++) {
        if (rest->at[i] == '[' || rest->at[i] == '(')
            depth++;
        else if ((rest->at[i] == ']' || rest->at[i] == ')') && depth)
            depth--;
    }
    *piece = (struct text){ rest->at, i };
    i += i < rest->len;
    rest->at += i;
    rest->len -= i;
    return true;
}

static bool next_line(struct text *rest, struct text *line)
{
    const char *end = rest->len ? memchr(rest->at, '\n', rest->len) : NULL;

    if (!rest->len)
        return false;
    *line = (struct text){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
    rest->at += line->len + (end != NULL);
    rest->len -= line->len + (end != NULL);
    return true;
}

/* Looks for the next run of letters; words of a list, of "IDLE+DRAIN", of one string. */
static bool next_word(struct text *rest, struct text *word)
{
    size_t i = 0, k;

    while (i < rest->len && !isalpha((unsigned char)rest->at[i]))
        i++;
    for (k = i; k < rest->len && (isalpha((unsigned char)rest->at[k]) || rest->at[k] == '_'); k++)
        ;
    *word = (struct text){ rest->at + i, k - i };
    rest->at += k;
    rest->len -= k;
    return word->len > 0;
}

static bool has_word(struct text t, const char *wanted)
{
    struct text word;

    while (t.at && next_word(&t, &word))
        if (word.len == strlen(wanted) && strncasecmp(word.at, wanted, word.len) == 0)
            return true;
    return false;
}

/* A text as it is meant: without JSON's quotes and escapes, "" where it says nothing. Cut to fit. */
static size_t plain(struct text t, char *to, size_t room)
{
    struct gw_json_mark string = { .at = 1, .len = (uint32_t)t.len - 2, .next = 1, .kind = '"' };
    struct gw_json json = { .text = t.at, .len = t.len, .marks = &string, .count = 1 };
    size_t used;

    if (is_none(t))
        t.len = 0;
    if (t.len >= 2 && t.len < UINT32_MAX && t.at[0] == '"')
        return gw_json_text(&json, 0, to, room);
    used = t.len < room ? t.len : room - 1;
    memcpy(to, t.at ? t.at : "", used);
    to[used] = '\0';
    return used;
}

/* What stands within quotes, as it was written. */
static struct text inner(struct text t)
{
    return t.len >= 2 && t.at[0] == '"' ? (struct text){ t.at + 1, t.len - 2 } : t;
}

/* ---- JSON ---- */

struct json {
    const char *at, *end;
    bool broken;
};

static char peek(struct json *j)
{
    while (j->at < j->end && isspace((unsigned char)*j->at))
        j->at++;
    return j->at < j->end ? *j->at : '\0';
}

static bool enter(struct json *j, char open)
{
    if (peek(j) != open)
        return false;
    j->at++;
    return true;
}

/* Is there one more in what was entered? Its end is passed. */
static bool more(struct json *j, char close)
{
    if (j->broken)
        return false;
    if (peek(j) == ',')
        j->at++;
    if (peek(j) == close) {
        j->at++;
        return false;
    }
    j->broken = j->at >= j->end;
    return !j->broken;
}

static void skip_string(struct json *j)
{
    for (j->at++; j->at < j->end && *j->at != '"'; j->at++)
        if (*j->at == '\\')
            j->at++;
    if (j->at >= j->end) {
        j->at = j->end;
        j->broken = true;
    } else {
        j->at++;
    }
}

/* The next value, whole. */
static struct text value(struct json *j)
{
    struct text t = { .len = 0 };
    size_t depth = 0;

    peek(j);
    t.at = j->at;
    do {
        switch (peek(j)) {
        case '\0':
            j->broken = true;
            break;
        case '"':
            skip_string(j);
            break;
        case '{': case '[':
            depth++;
            j->at++;
            break;
        case '}': case ']':
            j->broken |= !depth;
            depth -= depth > 0;
            j->at++;
            break;
        case ',': case ':':
            j->broken |= !depth;
            j->at++;
            break;
        default:
            while (j->at < j->end && !strchr(",:]}{[\" \t\r\n", *j->at))
                j->at++;
        }
    } while (depth && !j->broken);
    t.len = (size_t)(j->at - t.at);
    return t;
}

/* The next member's name, without quotes, up to its value. */
static struct text key(struct json *j)
{
    struct text t = { j->at, 0 };

    if (peek(j) != '"') {
        j->broken = true;
        return t;
    }
    t.at = j->at + 1;
    skip_string(j);
    t.len = j->broken ? 0 : (size_t)(j->at - t.at) - 1;
    if (peek(j) == ':')
        j->at++;
    else
        j->broken = true;
    return t;
}

/* ---- numbers ---- */

/* Slurm's "no value" and "infinite" of 16, 32 and 64 bits, where an old version writes them as they are. */
static double sane(double n)
{
    return n == 65534 || n == 65535 || n == 4294967294.0 || n == 4294967295.0 || n >= 1.8446744073709550e19 ? NAN : n;
}

static double plain_number(struct text t)
{
    char copy[40], *end;
    double n;

    if (t.len >= 2 && t.at[0] == '"')
        t = (struct text){ t.at + 1, t.len - 2 };
    if (is_none(t) || t.len >= sizeof(copy))
        return NAN;
    memcpy(copy, t.at, t.len);
    copy[t.len] = '\0';
    if (!isdigit((unsigned char)copy[0]) && copy[0] != '-')
        return NAN;
    n = strtod(copy, &end);
    return end == copy || *end ? NAN : sane(n);
}

/* Either generation's; NAN: not set, or infinite. */
static double number(struct text t)
{
    struct json j = { t.at, t.at ? t.at + t.len : NULL, false };
    double n = NAN;
    bool known = true;

    if (!t.at || !enter(&j, '{'))
        return plain_number(t);
    while (more(&j, '}')) {
        struct text name = key(&j), v = value(&j);

        if (is_text(name, "number"))
            n = plain_number(v);
        else if (is_text(name, "set"))
            known &= is_text(v, "true");
        else if (is_text(name, "infinite"))
            known &= !is_text(v, "true");
    }
    return known && !j.broken ? n : NAN;
}

/* "infinite": true, or "inf". */
static bool is_infinite(struct text t)
{
    struct json j = { t.at, t.at ? t.at + t.len : NULL, false };

    if (!t.at || !enter(&j, '{'))
        return t.at && is_text(t, "inf");
    while (more(&j, '}')) {
        struct text name = key(&j), v = value(&j);

        if (is_text(name, "infinite") && is_text(v, "true"))
            return true;
    }
    return false;
}

/* Seconds since 1970; 0 is "never". */
static double when(struct text t)
{
    double n = number(t);

    return n > 0 && n < 1e11 ? n : NAN;
}

/* JSON tells minutes, a text [days-]hours:minutes:seconds. */
static double limit_s(struct text t)
{
    char copy[40];
    unsigned days, h, m, s;

    if (t.at && t.len && (t.at[0] == '{' || !memchr(t.at, ':', t.len)) && !memchr(t.at, '-', t.len))
        return number(t) * 60;
    plain(t, copy, sizeof(copy));
    if (sscanf(copy, "%5u-%2u:%2u:%2u", &days, &h, &m, &s) == 4)
        return days * 86400. + h * 3600. + m * 60. + s;
    if (sscanf(copy, "%5u:%2u:%2u", &h, &m, &s) == 3)
        return h * 3600. + m * 60. + s;
    return NAN;
}

/* ---- records ---- */

enum { MOST_FIELDS = 32 };

/* What one slot is called: in JSON (dots lead into objects), and in KEY=VALUE lines and tables. */
struct field {
    const char *json, *word;
};

struct record {
    struct text slots[MOST_FIELDS];
    struct text line;           /* the whole of it, where it is a line */
};

/* Where in a line a user chose the words, in the middle and at the end; all of these are keys. */
struct choice {
    const char *begins, *over;  /* the user's first, and Slurm's next: the last of its name, for a user may write it, too */
    const char *needs, *ends;   /* behind this one, once that one was there, it is the user's again */
    const char *late;           /* what begins so counts there, too, for Slurm writes it last */
};

struct fields {
    const struct field *all;
    size_t count;
    const char *list;           /* the JSON member that holds the records; NULL: none is looked for */
    const struct choice *choice;
};

static size_t find_json(const struct fields *f, const char *path, size_t len)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->all[i].json && strlen(f->all[i].json) == len && memcmp(f->all[i].json, path, len) == 0)
            return i;
    return f->count;
}

static bool leads_on(const struct fields *f, const char *path, size_t len)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->all[i].json && strlen(f->all[i].json) > len && memcmp(f->all[i].json, path, len) == 0 &&
            f->all[i].json[len] == '.')
            return true;
    return false;
}

/* The members of one object (entered) into slots. `path` of `used` bytes leads to it. */
static void take_members(struct json *j, const struct fields *f, struct record *r, char path[96], size_t used)
{
    while (more(j, '}')) {
        struct text name = key(j);
        size_t len = used + name.len, i;

        if (len + 2 > 96) {
            value(j);
            continue;
        }
        memcpy(path + used, name.at, name.len);
        if (peek(j) == '{' && leads_on(f, path, len)) {
            path[len] = '.';
            enter(j, '{');
            take_members(j, f, r, path, len + 1);
            continue;
        }
        i = find_json(f, path, len);
        if (i < f->count)
            r->slots[i] = value(j);
        else
            value(j);
    }
}

typedef void take_record(void *arg, const struct record *r);

static size_t take_list(struct json *j, const struct fields *f, take_record *take, void *arg)
{
    char path[96];
    size_t count = 0;

    while (more(j, ']')) {
        struct record r = { .line.at = NULL };

        if (!enter(j, '{')) {
            value(j);
            continue;
        }
        take_members(j, f, &r, path, 0);
        if (j->broken)
            break;
        take(arg, &r);
        count++;
    }
    return count;
}

/* What became of reading an answer. */
struct reading {
    size_t records;
    bool found, broken;
    struct text error;          /* the first error that Slurm put into it */
};

static struct text first_error(struct text errors)
{
    static const struct field field[] = { { "description", NULL }, { "error", NULL } };
    static const struct fields fields = { field, 2, NULL, NULL };
    struct json j = { errors.at, errors.at + errors.len, false };
    struct record r = { .line.at = NULL };
    char path[96];

    if (enter(&j, '[') && enter(&j, '{'))
        take_members(&j, &fields, &r, path, 0);
    return is_none(r.slots[0]) ? r.slots[1] : r.slots[0];
}

/* Looks for the list at the top, or within an object of its own name (sshare writes "shares": {"shares": [...]}). */
static void read_top(struct json *j, const struct fields *f, take_record *take, void *arg, unsigned depth,
                     struct reading *done)
{
    while (more(j, '}')) {
        struct text name = key(j);

        if (is_text(name, "errors")) {
            done->error = first_error(value(j));
        } else if (f->list && is_text(name, f->list) && peek(j) == '[') {
            enter(j, '[');
            done->found = true;
            done->records += take_list(j, f, take, arg);
        } else if (f->list && is_text(name, f->list) && depth < 2 && enter(j, '{')) {
            read_top(j, f, take, arg, depth + 1, done);
        } else {
            value(j);
        }
    }
}

static struct reading read_json(struct text answer, const struct fields *f, take_record *take, void *arg)
{
    struct json j = { answer.at, answer.at + answer.len, false };
    struct reading done = { .records = 0 };

    if (enter(&j, '{'))
        read_top(&j, f, take, arg, 0, &done);
    else
        j.broken = true;
    done.broken = j.broken;
    return done;
}

/* The length of a KEY in front of '=' as scontrol writes them; 0: none is here. */
static size_t key_length(const char *at, const char *end)
{
    size_t n = 0;

    if (at >= end || !isupper((unsigned char)*at))
        return 0;
    while (at + n < end && (isalnum((unsigned char)at[n]) || (at[n] && strchr("_/:", at[n]))))
        n++;
    return at + n < end && at[n] == '=' ? n : 0;
}

static void fill(const struct fields *f, struct record *r, struct text word, const char *from, const char *to)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->all[i].word && is_text(word, f->all[i].word))
            r->slots[i] = trimmed((struct text){ from, (size_t)(to - from) });
}

/* The parts of a line into which a user wrote. */
enum part { PART_FIRST, PART_CHOSEN, PART_SURE, PART_LATE };

/* The part that a key is in, behind `part`. */
static enum part part_at(const struct choice *c, enum part part, struct text word, bool complete)
{
    if (c && part == PART_FIRST && is_text(word, c->begins))
        return PART_CHOSEN;
    if (c && (part == PART_CHOSEN || part == PART_SURE) && is_text(word, c->over))
        return PART_SURE;
    return part == PART_SURE && complete && is_text(word, c->ends) ? PART_LATE : part;
}

/* A value ends before the next " KEY="; of two with one name the later counts. What a user chose is one value, whatever
 * it looks like. */
static void take_line(struct text line, const struct fields *f, struct record *r)
{
    const char *at = line.at, *end = line.at + line.len, *next, *chosen = NULL;
    enum part part = PART_FIRST, before;
    struct record first = { .line.at = NULL };
    bool complete = false;

    r->line = line;
    for (; at < end; at = next) {
        struct text word = { at, key_length(at, end) };

        next = at + 1;
        if (!word.len || (at > line.at && at[-1] != ' '))
            continue;
        for (next = at + word.len + 1; next < end && !(next[-1] == ' ' && key_length(next, end)); next++)
            ;
        before = part;
        part = part_at(f->choice, part, word, complete);
        if (part == PART_CHOSEN && before == PART_FIRST) {
            first = *r;
            chosen = at + word.len + 1;
        } else if (part == PART_SURE && is_text(word, f->choice->over)) {
            *r = first;
            r->line = (struct text){ at, (size_t)(end - at) };
            fill(f, r, (struct text){ f->choice->begins, strlen(f->choice->begins) }, chosen, at);
            complete = false;
        } else if (part == PART_LATE && before == PART_SURE) {
            r->line.len = (size_t)(at - r->line.at);
        }
        complete |= part == PART_SURE && is_text(word, f->choice->needs);
        if (before == PART_FIRST || part == PART_SURE || (part == PART_LATE && begins(word, f->choice->late)))
            fill(f, r, word, at + word.len + 1, next);
    }
}

static struct reading read_lines(struct text answer, const struct fields *f, take_record *take, void *arg)
{
    struct reading done = { .found = true };
    struct text line;

    while (next_line(&answer, &line)) {
        struct record r = { .line.at = NULL };

        take_line(line, f, &r);
        if (!r.slots[0].at)
            continue;
        take(arg, &r);
        done.records++;
    }
    return done;
}

enum { MOST_COLUMNS = 64 };

/* Which slot each column of a table's first line fills; how many columns there are. */
static size_t read_heading(struct text line, const struct fields *f, size_t columns[MOST_COLUMNS], bool *any)
{
    struct text name;
    size_t count = 0;

    for (; count < MOST_COLUMNS && next_piece(&line, '|', &name); count++) {
        columns[count] = f->count;
        for (size_t i = 0; i < f->count; i++)
            if (f->all[i].word && is_text(name, f->all[i].word))
                columns[count] = i;
        *any |= columns[count] < f->count;
    }
    return count;
}

static void take_row(struct text line, const struct fields *f, const size_t *columns, size_t count, struct record *r)
{
    for (size_t i = 0; i < count; i++) {
        const char *bar = line.len ? memchr(line.at, '|', line.len) : NULL;
        size_t len = bar ? (size_t)(bar - line.at) : line.len;

        if (columns[i] < f->count)
            r->slots[columns[i]] = trimmed((struct text){ line.at, len });
        if (!bar)
            return;
        line.at += len + 1;
        line.len -= len + 1;
    }
}

/* A table with "|" between columns, named by its first line. */
static struct reading read_table(struct text answer, const struct fields *f, take_record *take, void *arg)
{
    struct reading done = { .records = 0 };
    size_t columns[MOST_COLUMNS], count;
    struct text line;

    if (!next_line(&answer, &line))
        return done;
    count = read_heading(line, f, columns, &done.found);
    while (done.found && next_line(&answer, &line)) {
        struct record r = { .line.at = NULL };

        take_row(line, f, columns, count, &r);
        if (is_none(r.slots[0]))
            continue;
        take(arg, &r);
        done.records++;
    }
    return done;
}

/* ---- what is kept from poll to poll, and within one ---- */

/* Texts of one poll; 0 is none. */
struct words {
    char *all;
    size_t len, room;
};

struct holder {
    uint32_t job, tenant;       /* words */
};

struct node {
    uint32_t name;              /* word */
    uint32_t first_gpu, gpus;   /* in gpus[] */
    uint32_t jobs;              /* that run on it */
    struct holder only;         /* the job, and the tenant of all; 0 where they differ */
    double total, held;         /* GPUs; NAN: not told */
    uint32_t known_held;        /* of these, we know which */
    bool several_tenants;
};

enum condition { COND_NONE, COND_UP, COND_DRAIN, COND_DOWN, COND_MAINT };

/* What a node was at the last poll that went well, and is at this one. */
struct seen_node {
    uint64_t hash;
    enum condition condition, now;
    bool listed;                /* at this poll */
};

/* A job that runs. */
struct live {
    uint32_t id;
    bool spoken;                /* of, at this poll */
};

struct queue {
    char name[128], state[24];
    double quota, pending, running, gpus_pending, gpus_running, wait;
    bool told, listed;          /* by the list of partitions; by the newest */
    bool cut;                   /* more wait: a list of tasks was cut */
};

struct tenant {
    char name[128];
    double quota, shares, fairshare;
    bool listed;                /* when asked last */
};

struct reservation {
    char name[128], nodes[160];
    double start, end;
    bool maintenance, listed;
    enum { STAGE_NEW, STAGE_TOLD, STAGE_BEGUN } stage;
};

/* How something is asked; the next one is tried where a command does not know the one before. */
enum way { WAY_JSON, WAY_OLD_JSON, WAY_TEXT };

struct slurm {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    double now;

    char version[16], slash[2];         /* of slurmrestd; the paths of newer ones end with '/' */
    enum way node_way, job_way;
    unsigned job_silences;              /* in a row */
    bool has_no_shares, greeted;
    double spent;                       /* of the controller's time, at this poll */
    double seldom_at, last_poll, history_from;  /* when asked next; when it last went well; ended jobs since when: NAN: none */

    struct words words;
    struct node *nodes;
    struct holder *gpus;
    uint32_t *node_index;               /* hash table of nodes[] + 1 */
    size_t node_count, node_room, gpu_count, gpu_room, index_room;
    struct seen_node *seen;
    size_t seen_count, seen_room;
    unsigned events;                    /* of this poll */
    size_t names_left;

    struct live *live, *before;         /* jobs that run, now and at the last poll; the latter are sorted */
    size_t live_count, live_room, before_count, before_room;

    struct queue *queues;
    struct tenant *tenants;
    struct reservation *reservations;
    size_t queue_count, queue_room, tenant_count, tenant_room, reservation_count, reservation_room;
};

/* Room for one more of `size` bytes; memory does not run out (the host's own rule). */
static void *grow(void *array, size_t *room, size_t count, size_t size)
{
    void *grown = array;

    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 64;
    grown = realloc(array, *room * size);
    if (!grown)
        abort();
    return grown;
}

static uint32_t keep_word(struct words *w, const char *text, size_t len)
{
    uint32_t at;

    if (!len)
        return 0;
    if (!w->len)
        w->len = 1;
    while (w->room < w->len + len + 1) {
        w->all = grow(w->all, &w->room, w->room, 1);
        w->all[0] = '\0';
    }
    at = (uint32_t)w->len;
    memcpy(w->all + at, text, len);
    w->all[at + len] = '\0';
    w->len += len + 1;
    return at;
}

static const char *word_of(const struct slurm *s, uint32_t word)
{
    return word ? s->words.all + word : "";
}

static bool same_word(const struct slurm *s, uint32_t a, uint32_t b)
{
    return a == b || strcmp(word_of(s, a), word_of(s, b)) == 0;
}

static uint64_t hash_of(const char *name, size_t len)
{
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)name[i]) * 1099511628211u;
    return h ^ h >> 29;
}

static void index_node(struct slurm *s, uint32_t n)
{
    const char *name = word_of(s, s->nodes[n].name);
    size_t at = hash_of(name, strlen(name));

    while (s->node_index[at % s->index_room])
        at++;
    s->node_index[at % s->index_room] = n + 1;
}

static struct node *find_node(const struct slurm *s, const char *name, size_t len)
{
    size_t at = hash_of(name, len);

    for (; s->index_room && s->node_index[at % s->index_room]; at++) {
        struct node *n = &s->nodes[s->node_index[at % s->index_room] - 1];
        const char *its = word_of(s, n->name);

        if (strlen(its) == len && memcmp(its, name, len) == 0)
            return n;
    }
    return NULL;
}

static void index_nodes(struct slurm *s)
{
    free(s->node_index);
    s->index_room = s->node_count * 2 + 1;
    s->node_index = calloc(s->index_room, sizeof(*s->node_index));
    if (!s->node_index)
        abort();
    for (size_t n = 0; n < s->node_count; n++)
        index_node(s, (uint32_t)n);
}

/* ---- samples ---- */

static void say_number(struct slurm *s, uint32_t row, enum metric metric, double n)
{
    s->api->number(s->out, row, metric, n);
}

/* Where there may be more, it is an estimate. */
static void say_at_least(struct slurm *s, uint32_t row, enum metric metric, double n, bool more)
{
    if (more)
        s->api->estimate(s->out, row, metric, n);
    else
        say_number(s, row, metric, n);
}

static void say_string(struct slurm *s, uint32_t row, enum metric metric, const char *text)
{
    s->api->text(s->out, row, metric, text, strlen(text));
}

static void say_text(struct slurm *s, uint32_t row, enum metric metric, struct text t)
{
    char copy[LONGEST_TEXT];

    s->api->text(s->out, row, metric, copy, plain(t, copy, sizeof(copy)));
}

static uint32_t row(struct slurm *s, enum gw_kind kind, const char *name, uint32_t parent)
{
    return s->api->entity(s->out, kind, name, strlen(name), parent);
}

static void say_event(struct slurm *s, const char *about, double time, const char *level, const char *text)
{
    char name[NAME_ROOM];
    uint32_t event;

    if (s->events++ >= EVENTS_A_POLL)
        return;
    snprintf(name, sizeof(name), "slurm %.200s %.0f", about, time);
    event = row(s, GW_EVENT, name, GW_NONE);
    say_string(s, event, EVENT_LEVEL, level);
    say_number(s, event, EVENT_TIME, time);
    say_string(s, event, EVENT_TEXT, text);
}

/* ---- GRES and TRES ---- */

/* How many GPUs "gpu:h100:4(IDX:4-7)", "gres:gpu:8" or "gres/gpu=8" are; several with commas. NAN: no GPUs are spoken of. */
static double gres_gpus(struct text list)
{
    struct text piece, part, last;
    double count = NAN;

    while (next_piece(&list, ',', &piece)) {
        bool is_gpu;

        piece = until(trimmed(piece), "(");
        if (piece.len > 5 && (memcmp(piece.at, "gres:", 5) == 0 || memcmp(piece.at, "gres/", 5) == 0))
            piece = (struct text){ piece.at + 5, piece.len - 5 };
        part = until(piece, ":=");
        is_gpu = is_text(part, "gpu");
        last = (struct text){ "1", 1 };
        for (struct text rest = piece; next_piece(&rest, ':', &part);)
            if (isdigit((unsigned char)part.at[0]) && part.len < 7 && !memchr(part.at, 'g', part.len))
                last = part;
        if (is_gpu)
            count = (isnan(count) ? 0 : count) + plain_number(last);
    }
    return count;
}

/* Of "cpu=4,mem=1562.50G,node=2,gres/gpu=16,gres/gpu:h100=16": the total, or the sum of types where only they are counted.
 * NAN: it does not count GPUs. */
static double tres_gpus(struct text t)
{
    char copy[1000];
    struct text rest, piece;
    double total = NAN, typed = NAN;

    rest = (struct text){ copy, plain(t, copy, sizeof(copy)) };
    while (next_piece(&rest, ',', &piece)) {
        struct text name = until(piece, "=");
        double n;

        if (!begins(name, "gres/gpu") || name.len >= piece.len)
            continue;
        n = plain_number((struct text){ piece.at + name.len + 1, piece.len - name.len - 1 });
        if (is_text(name, "gres/gpu"))
            total = n;
        else if (name.at[strlen("gres/gpu")] == ':')
            typed = (isnan(typed) ? 0 : typed) + n;
    }
    return isnan(total) ? typed : total;
}

static void add_tres(void *arg, const struct record *r)
{
    if (is_text(r->slots[0], "\"gpu\""))
        *(double *)arg = number(r->slots[1]);
}

/* The same of the accounting's JSON: [{"type":"gres","name":"gpu","count":16}, ...]. */
static double tres_list_gpus(struct text t)
{
    static const struct field field[] = { { "name", NULL }, { "count", NULL } };
    static const struct fields fields = { field, 2, NULL, NULL };
    struct json j = { t.at, t.at ? t.at + t.len : NULL, false };
    double gpus = NAN;

    if (t.at && enter(&j, '['))
        take_list(&j, &fields, add_tres, &gpus);
    return gpus;
}

/* A slice of a GPU is not the GPU with that index. */
static bool is_cut(struct text gres)
{
    for (size_t i = 0; i + 3 < gres.len; i++)
        if (isdigit((unsigned char)gres.at[i]) && memcmp(gres.at + i + 1, "g.", 2) == 0)
            return true;
    return false;
}

/* ---- lists of nodes ---- */

typedef void take_name(void *arg, const char *name, size_t len, size_t place);

struct names {
    take_name *take;
    void *arg;
    size_t place, *left;        /* names so far; steps that all lists of a poll may still take: one may be endless */
};

static void expand(struct names *to, char *name, size_t used, struct text rest);

/* One of "001-004,007" in brackets. */
static void expand_range(struct names *to, char *name, size_t used, struct text range, struct text rest)
{
    const char *dash = range.len ? memchr(range.at, '-', range.len) : NULL;
    int width = (int)(dash ? dash - range.at : (ptrdiff_t)range.len);
    unsigned long first, last;
    char copy[40];

    if (width < 1 || width > 9 || range.len >= sizeof(copy))
        return;
    memcpy(copy, range.at, range.len);
    copy[range.len] = '\0';
    first = strtoul(copy, NULL, 10);
    last = dash ? strtoul(copy + width + 1, NULL, 10) : first;
    for (unsigned long i = first; i <= last && *to->left; i++) {
        int n = snprintf(name + used, NAME_ROOM - used, "%0*lu", width, i);

        --*to->left;
        if (n > 0 && used + (size_t)n < NAME_ROOM)
            expand(to, name, used + (size_t)n, rest);
    }
}

static void expand(struct names *to, char *name, size_t used, struct text rest)
{
    struct text literal = until(rest, "["), inside, range;

    if (used + literal.len >= NAME_ROOM)
        return;
    memcpy(name + used, literal.at, literal.len);
    used += literal.len;
    if (literal.len == rest.len) {
        if (used && to->place < MOST_NODES)
            to->take(to->arg, name, used, to->place++);
        return;
    }
    rest = (struct text){ rest.at + literal.len + 1, rest.len - literal.len - 1 };
    inside = until(rest, "]");
    rest.at += inside.len + (inside.len < rest.len);
    rest.len -= inside.len + (inside.len < rest.len);
    while (next_piece(&inside, ',', &range))
        expand_range(to, name, used, range, rest);
}

/* "gpu-[001-003,007],login-1": each name with its place in the list. */
static void each_name(struct slurm *s, struct text list, take_name *take, void *arg)
{
    struct names to = { take, arg, 0, &s->names_left };
    char name[NAME_ROOM];
    struct text piece;

    while (next_piece(&list, ',', &piece))
        expand(&to, name, 0, trimmed(piece));
}

/* ---- nodes ---- */

enum node_field {
    N_NAME, N_STATE, N_FLAGS, N_REASON, N_REASON_AT, N_GRES, N_GRES_USED, N_TRES, N_TRES_USED, N_WATTS, N_WATTS_AT,
    NODE_FIELDS
};
static const struct field node_field[] = {
    [N_NAME] = { "name", "NodeName" },
    [N_STATE] = { "state", "State" },
    [N_FLAGS] = { "state_flags", NULL },
    [N_REASON] = { "reason", "Reason" },
    [N_REASON_AT] = { "reason_changed_at", NULL },
    [N_GRES] = { "gres", "Gres" },
    [N_GRES_USED] = { "gres_used", "GresUsed" },
    [N_TRES] = { "tres", "CfgTRES" },
    [N_TRES_USED] = { "tres_used", "AllocTRES" },
    [N_WATTS] = { "energy.current_watts", NULL },
    [N_WATTS_AT] = { "energy.last_collected", NULL },
};
static const struct fields node_fields = { node_field, NODE_FIELDS, "nodes", NULL };

static bool node_has(const struct record *r, const char *flag)
{
    return has_word(r->slots[N_STATE], flag) || has_word(r->slots[N_FLAGS], flag);
}

/* The words of sinfo(1), without the mark behind them. Of several that hold, the one an operator acts on. */
static const char *node_state(const struct record *r, char state[32])
{
    static const struct {
        const char *flag, *word;
    } words[] = {
        { "MAINTENANCE", "maint" }, { "MAINT", "maint" }, { "FAIL", "fail" }, { "DOWN", "down" }, { "ERROR", "error" },
        { "POWERED_DOWN", "powered down" }, { "POWERING_DOWN", "powering down" }, { "POWERING_UP", "powering up" },
        { "REBOOT_ISSUED", "reboot" }, { "MIXED", "mixed" }, { "ALLOCATED", "allocated" }, { "RESERVED", "reserved" },
        { "PLANNED", "planned" }, { "IDLE", "idle" }, { "FUTURE", "future" }, { NULL, NULL }
    };
    bool works = node_has(r, "ALLOCATED") || node_has(r, "MIXED") || node_has(r, "COMPLETING");
    struct text rest = r->slots[N_STATE], word;
    size_t i;

    if (node_has(r, "DRAIN") && !node_has(r, "DOWN"))
        return works ? "draining" : "drained";
    for (i = 0; words[i].flag; i++)
        if (node_has(r, words[i].flag))
            return words[i].word;
    if (!rest.at || !next_word(&rest, &word))
        return "";
    for (i = 0; i < word.len && i < 31; i++)
        state[i] = (char)tolower((unsigned char)word.at[i]);
    state[i] = '\0';
    return state;
}

static enum condition condition_of(const char *state)
{
    if (strcmp(state, "down") == 0 || strcmp(state, "fail") == 0 || strcmp(state, "error") == 0)
        return COND_DOWN;
    if (strncmp(state, "drain", 5) == 0)
        return COND_DRAIN;
    return strcmp(state, "maint") == 0 ? COND_MAINT : COND_UP;
}

/* What the node was at the last poll: mostly in the same place as then. */
static struct seen_node *seen_at(struct slurm *s, uint64_t hash, size_t place)
{
    for (size_t i = 0; i < s->seen_count; i++) {
        struct seen_node *seen = &s->seen[(place + i) % s->seen_count];

        if (seen->hash == hash)
            return seen;
    }
    s->seen = grow(s->seen, &s->seen_room, s->seen_count, sizeof(*s->seen));
    s->seen[s->seen_count] = (struct seen_node){ hash, COND_NONE, COND_NONE, false };
    return &s->seen[s->seen_count++];
}

static void note_condition(struct slurm *s, const char *name, const char *state, const struct record *r)
{
    struct seen_node *seen = seen_at(s, hash_of(name, strlen(name)), s->node_count);
    enum condition now = condition_of(state), then = seen->condition;
    double changed = when(r->slots[N_REASON_AT]);
    char reason[200], text[500];

    seen->now = now;
    seen->listed = true;
    if (then == COND_NONE || then == now)
        return;
    plain(r->slots[N_REASON], reason, sizeof(reason));
    snprintf(text, sizeof(text), "node %.200s is %s%s%s", name, now == COND_UP ? "back: " : state,
             now == COND_UP ? state : reason[0] ? ": " : "", now == COND_UP ? "" : reason);
    say_event(s, name, now != COND_UP && changed > s->now - 3600 && changed <= s->now ? changed : s->now,
              now == COND_UP ? "cleared" : now == COND_MAINT ? "information" : "attention", text);
}

/* Once what was said is sure to be heard. Nodes that are gone are forgotten. */
static void keep_conditions(struct slurm *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->seen_count; i++) {
        struct seen_node seen = s->seen[i];

        if (seen.listed)
            s->seen[kept++] = (struct seen_node){ seen.hash, seen.now, seen.now, false };
    }
    s->seen_count = kept;
}

static void say_reason(struct slurm *s, uint32_t node, const char *state, const struct record *r)
{
    char reason[LONGEST_TEXT];
    size_t len = plain(r->slots[N_REASON], reason, sizeof(reason));
    char *who = len && reason[len - 1] == ']' ? strrchr(reason, '[') : NULL;

    if (who && r->line.at && who > reason)      /* "... [root@1795951804]" */
        *(who[-1] == ' ' ? who - 1 : who) = '\0';
    if (!reason[0] && (node_has(r, "NOT_RESPONDING") || (r->slots[N_STATE].at && memchr(r->slots[N_STATE].at, '*', r->slots[N_STATE].len))))
        snprintf(reason, sizeof(reason), "not responding");
    if (!reason[0] && strcmp(state, "unknown") == 0)
        snprintf(reason, sizeof(reason), "never seen by the controller");
    say_string(s, node, NODE_REASON, reason);
}

static void say_watts(struct slurm *s, uint32_t node, const struct record *r)
{
    double watts = number(r->slots[N_WATTS]), at = when(r->slots[N_WATTS_AT]);

    if (!(watts > 0) || isnan(at))
        return;
    s->api->time(s->out, at);
    say_number(s, node, NODE_METER, watts);
    s->api->time(s->out, s->now);
}

static void count_gpus(struct node *n, const struct record *r)
{
    char gres[1000], used[1000];
    struct text has = { gres, plain(r->slots[N_GRES], gres, sizeof(gres)) };
    struct text held = { used, plain(r->slots[N_GRES_USED], used, sizeof(used)) };
    double total = gres_gpus(has);

    n->total = isnan(total) ? tres_gpus(r->slots[N_TRES]) : total;
    n->held = gres_gpus(held);
    if (isnan(n->held))
        n->held = tres_gpus(r->slots[N_TRES_USED]);
    /* Asked, and no word of GPUs: none are there, or none are held. */
    if (isnan(n->total))
        n->total = 0;
    if (isnan(n->held))
        n->held = 0;
    if (n->total >= 1 && n->total <= MOST_NODE_GPUS && !is_cut(has))
        n->gpus = (uint32_t)n->total;
}

static void take_node(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    struct node n = { .first_gpu = (uint32_t)s->gpu_count };
    char name[NAME_ROOM], word[32];
    const char *state;
    uint32_t entity;
    size_t len = plain(r->slots[N_NAME], name, sizeof(name));

    if (!len || s->node_count >= MOST_NODES)
        return;
    state = node_state(r, word);
    note_condition(s, name, state, r);
    count_gpus(&n, r);
    n.name = keep_word(&s->words, name, len);
    for (uint32_t i = 0; i < n.gpus; i++) {
        s->gpus = grow(s->gpus, &s->gpu_room, s->gpu_count, sizeof(*s->gpus));
        s->gpus[s->gpu_count++] = (struct holder){ 0, 0 };
    }
    s->nodes = grow(s->nodes, &s->node_room, s->node_count, sizeof(*s->nodes));
    s->nodes[s->node_count++] = n;
    entity = row(s, GW_NODE, name, GW_NONE);
    say_string(s, entity, NODE_STATE, state);
    say_reason(s, entity, state, r);
    say_number(s, entity, NODE_GPUS, n.total);
    say_number(s, entity, NODE_HELD, n.held);
    if (strcmp(s->api->option(s->target, "energy"), "yes") == 0)
        say_watts(s, entity, r);
}

/* When all jobs are known: who is where. A node's free GPUs are free for sure only where all that are held are known. */
static void say_gpus(struct slurm *s, const struct node *n, uint32_t node)
{
    const char *name = word_of(s, n->name);
    bool all_known = n->known_held >= n->held;
    char gpu[NAME_ROOM + 8];

    for (uint32_t i = 0; i < n->gpus; i++) {
        const struct holder *h = &s->gpus[n->first_gpu + i];
        uint32_t entity;

        if (!h->job && !all_known)
            continue;
        snprintf(gpu, sizeof(gpu), "%.240s/%u", name, (unsigned)i);
        entity = row(s, GW_GPU, gpu, node);
        say_number(s, entity, GPU_INDEX, i);
        say_string(s, entity, GPU_JOB, word_of(s, h->job));
        say_string(s, entity, GPU_TENANT, word_of(s, h->tenant));
    }
}

static void say_holders(struct slurm *s)
{
    bool rows = strcmp(s->api->option(s->target, "gpus"), "no") != 0;

    for (size_t i = 0; i < s->node_count; i++) {
        const struct node *n = &s->nodes[i];
        uint32_t node = row(s, GW_NODE, word_of(s, n->name), GW_NONE);
        bool whole = n->held >= n->total;

        say_string(s, node, NODE_JOB, n->jobs == 1 && whole ? word_of(s, n->only.job) : "");
        say_string(s, node, NODE_TENANT, n->jobs && whole && !n->several_tenants ? word_of(s, n->only.tenant) : "");
        if (rows)
            say_gpus(s, n, node);
    }
}

/* ---- where a job runs ---- */

struct placing {
    struct slurm *s;
    struct holder who;
    struct text detail;         /* JSON: what is left of the list of one text a node; a line: one text for all */
    bool per_node;
};

static void hold_gpu(struct slurm *s, struct node *n, unsigned long index, const struct holder *who)
{
    struct holder *h;

    if (index >= n->gpus)
        return;
    h = &s->gpus[n->first_gpu + index];
    n->known_held += h->job == 0;
    if (!h->job)
        *h = *who;
}

/* "gpu:h100:4(IDX:0,4-6)": the indices of GPUs; other GRES are passed over. */
static void hold_indices(struct slurm *s, struct node *n, struct text detail, const struct holder *who)
{
    struct text piece, range;

    while (next_piece(&detail, ',', &piece)) {
        struct text name = until(piece, ":(");
        const char *open = NULL;

        for (size_t i = 0; i + 5 < piece.len && !open; i++)
            if (memcmp(piece.at + i, "(IDX:", 5) == 0)
                open = piece.at + i + 5;
        if (!open || !is_text(name, "gpu") || is_cut(piece))
            continue;
        piece = until((struct text){ open, piece.len - (size_t)(open - piece.at) }, ")");
        while (next_piece(&piece, ',', &range)) {
            unsigned long first = strtoul(range.at, NULL, 10), last = first;
            const char *dash = range.len ? memchr(range.at, '-', range.len) : NULL;

            if (!isdigit((unsigned char)range.at[0]))
                continue;
            if (dash && dash + 1 < range.at + range.len)
                last = strtoul(dash + 1, NULL, 10);
            for (unsigned long i = first; i <= last && i < MOST_NODE_GPUS; i++)
                hold_gpu(s, n, i, who);
        }
    }
}

static void note_job(struct slurm *s, struct node *n, const struct holder *who)
{
    if (n->jobs++ == 0)
        n->only = *who;
    else if (!same_word(s, n->only.tenant, who->tenant))
        n->several_tenants = true;
}

/* The next text of a JSON list. */
static struct text next_detail(struct placing *p)
{
    struct json j = { p->detail.at, p->detail.at + p->detail.len, false };
    struct text t;

    if (peek(&j) == '[' || peek(&j) == ',')
        j.at++;
    if (peek(&j) != '"')
        return (struct text){ j.at, 0 };
    t = value(&j);
    p->detail = (struct text){ j.at, (size_t)(j.end - j.at) };
    return t;
}

static void place_on(void *arg, const char *name, size_t len, size_t place)
{
    struct placing *p = arg;
    struct node *n = find_node(p->s, name, len);
    struct text text = p->per_node ? next_detail(p) : p->detail;
    char detail[1000];

    (void)place;
    if (!n)
        return;
    if (p->per_node)
        text = (struct text){ detail, plain(text, detail, sizeof(detail)) };
    hold_indices(p->s, n, text, &p->who);
}

static void note_on(void *arg, const char *name, size_t len, size_t place)
{
    struct placing *p = arg;
    struct node *n = find_node(p->s, name, len);

    (void)place;
    if (n)
        note_job(p->s, n, &p->who);
}

/* In a line: "Nodes=gpu-[002-003] CPU_IDs=0-1 Mem=800000 GRES=gpu:h100:8(IDX:0-7)", once or more. */
static void place_by_line(struct placing *p, struct text line)
{
    struct text nodes = { NULL, 0 }, word;

    for (; line.len; line.at += word.len + (word.len < line.len), line.len -= word.len + (word.len < line.len)) {
        word = until(line, " ");
        if (begins(word, "Nodes="))
            nodes = (struct text){ word.at + 6, word.len - 6 };
        if (!begins(word, "GRES=") || !nodes.at)
            continue;
        p->detail = (struct text){ word.at + 5, word.len - 5 };
        each_name(p->s, nodes, place_on, p);
    }
}

static void place_job(struct slurm *s, const struct record *r, const char *name, struct text tenant, struct text nodes,
                      struct text detail)
{
    struct placing p = { .s = s, .detail = detail };
    char text[NAME_ROOM];

    p.who.job = keep_word(&s->words, name, strlen(name));
    p.who.tenant = keep_word(&s->words, text, plain(tenant, text, sizeof(text)));
    each_name(s, nodes, note_on, &p);
    if (r->line.at) {
        place_by_line(&p, r->line);
    } else if (detail.at) {
        p.per_node = true;
        each_name(s, nodes, place_on, &p);
    }
}

/* ---- jobs ---- */

enum job_field {
    J_ID, J_ARRAY, J_TASKS, J_HET, J_TITLE, J_USER, J_ACCOUNT, J_QUEUE, J_QOS, J_STATE, J_REASON, J_PRIORITY, J_SUBMIT,
    J_ELIGIBLE, J_START, J_END, J_LIMIT, J_NODES, J_NODELIST, J_PLANNED, J_ALLOCATED, J_REQUESTED, J_OLD_TRES, J_PER_NODE,
    J_PER_JOB, J_PER_TASK, J_PER_SOCKET, J_GRES, J_DETAIL, J_IMAGE,
    JOB_FIELDS
};
/* Of the controller: squeue --json, /slurm/…/jobs, scontrol -o -d show jobs. */
static const struct field job_field[] = {
    [J_ID] = { "job_id", "JobId" },
    [J_ARRAY] = { "array_job_id", "ArrayJobId" },
    [J_TASKS] = { "array_task_string", "ArrayTaskId" },
    [J_HET] = { "het_job_id", "HetJobId" },
    [J_TITLE] = { "name", "JobName" },
    [J_USER] = { "user_name", "UserId" },
    [J_ACCOUNT] = { "account", "Account" },
    [J_QUEUE] = { "partition", "Partition" },
    [J_QOS] = { "qos", "QOS" },
    [J_STATE] = { "job_state", "JobState" },
    [J_REASON] = { "state_reason", "Reason" },
    [J_PRIORITY] = { "priority", "Priority" },
    [J_SUBMIT] = { "submit_time", "SubmitTime" },
    [J_ELIGIBLE] = { "eligible_time", "EligibleTime" },
    [J_START] = { "start_time", "StartTime" },
    [J_END] = { "end_time", "EndTime" },
    [J_LIMIT] = { "time_limit", "TimeLimit" },
    [J_NODES] = { "node_count", "NumNodes" },
    [J_NODELIST] = { "nodes", "NodeList" },
    [J_PLANNED] = { "scheduled_nodes", "SchedNodeList" },
    [J_ALLOCATED] = { "tres_alloc_str", "AllocTRES" },
    [J_REQUESTED] = { "tres_req_str", "ReqTRES" },
    [J_OLD_TRES] = { NULL, "TRES" },
    [J_PER_NODE] = { "tres_per_node", "TresPerNode" },
    [J_PER_JOB] = { "tres_per_job", "TresPerJob" },
    [J_PER_TASK] = { "tres_per_task", "TresPerTask" },
    [J_PER_SOCKET] = { "tres_per_socket", "TresPerSocket" },
    [J_GRES] = { NULL, "JOB_GRES" },
    [J_DETAIL] = { "gres_detail", NULL },
    [J_IMAGE] = { "container", NULL },
};
static const struct choice job_choice = { "JobName", "UserId", "JobState", "Features", "TresPer" };
static const struct fields job_fields = { job_field, JOB_FIELDS, "jobs", &job_choice };

/* Of the accounting: /slurmdb/…/jobs, sacct -P. Its JSON carries every step, so sacct is asked for a table. */
static const struct field ended_field[] = {
    [J_ID] = { "job_id", "JobIDRaw" },
    [J_ARRAY] = { "array.job_id", NULL },
    [J_HET] = { "het.job_id", NULL },
    [J_TITLE] = { "name", "JobName" },
    [J_USER] = { "user", "User" },
    [J_ACCOUNT] = { "account", "Account" },
    [J_QUEUE] = { "partition", "Partition" },
    [J_QOS] = { "qos", "QOS" },
    [J_STATE] = { "state.current", "State" },
    [J_REASON] = { "state.reason", "Reason" },
    [J_SUBMIT] = { "time.submission", "Submit" },
    [J_START] = { "time.start", "Start" },
    [J_END] = { "time.end", "End" },
    [J_LIMIT] = { "time.limit", "TimelimitRaw" },
    [J_NODES] = { "allocation_nodes", "AllocNodes" },
    [J_NODELIST] = { "nodes", "NodeList" },
    [J_ALLOCATED] = { "tres.allocated", "AllocTRES" },
    [J_REQUESTED] = { "tres.requested", "ReqTRES" },
    [J_IMAGE] = { "container", NULL },
};
static const struct fields ended_fields = { ended_field, sizeof(ended_field) / sizeof(ended_field[0]), "jobs", NULL };

enum job_state { PENDING, RUNNING, ENDED, OTHER };

/* What a state means; flags may stand beside it, or, before 23.02, in its place. The first that is there counts. */
static const struct state_word {
    const char *word;
    enum job_state state;
    const char *outcome;        /* of what ended */
    const char *reason;         /* of what has none of its own */
} state_words[] = {
    { "REQUEUED", PENDING, "", "Requeued" }, { "REQUEUE_HOLD", PENDING, "", "RequeueHold" },
    { "SPECIAL_EXIT", PENDING, "", "SpecialExit" }, { "REVOKED", OTHER, "", "" },
    { "PENDING", PENDING, "", "" },
    { "CONFIGURING", RUNNING, "", "Configuring" }, { "SUSPENDED", RUNNING, "", "Suspended" },
    { "STOPPED", RUNNING, "", "Stopped" }, { "COMPLETED", ENDED, "completed", "" }, { "CANCELLED", ENDED, "cancelled", "" },
    { "FAILED", ENDED, "failed", "" }, { "TIMEOUT", ENDED, "timeout", "" }, { "NODE_FAIL", ENDED, "node fail", "" },
    { "PREEMPTED", ENDED, "preempted", "" }, { "BOOT_FAIL", ENDED, "boot fail", "" }, { "DEADLINE", ENDED, "deadline", "" },
    { "OUT_OF_MEMORY", ENDED, "out of memory", "" }, { "LAUNCH_FAILED", ENDED, "launch failed", "" },
    { "COMPLETING", ENDED, "", "Completing" }, { "RUNNING", RUNNING, "", "" }, { "RESIZING", RUNNING, "", "Resizing" },
    { "SIGNALING", RUNNING, "", "" }, { "STAGE_OUT", ENDED, "", "StageOut" },
    { NULL, OTHER, "", "" }
};

static const struct state_word *state_of(const struct record *r)
{
    const struct state_word *w = state_words;

    while (w->word && !has_word(r->slots[J_STATE], w->word))
        w++;
    return w;
}

/* Tasks that one row stands for. */
struct tasks {
    double count;               /* NAN: it is no array, or one task of it */
    bool cut;                   /* there are more */
};

/* "12-19%4" are 8, "0-20:5" five. A list that Slurm cut ("1,3,...") has more. */
static struct tasks count_tasks(struct text t)
{
    struct text rest = until(inner(t), "%"), piece;
    bool cut = false;
    double tasks = 0;

    if (is_none(t))
        rest.len = 0;
    while (next_piece(&rest, ',', &piece)) {
        unsigned long first, last, step = 1;
        char range[64];
        int n;

        snprintf(range, sizeof(range), "%.*s", (int)(piece.len < 60 ? piece.len : 60), piece.at);
        cut |= strstr(range, "...") != NULL;
        n = sscanf(range, "%9lu-%9lu:%9lu", &first, &last, &step);
        if (n >= 2 && last >= first && step > 0)
            tasks += (double)((last - first) / step + 1);
        else
            tasks += n == 1;
    }
    return (struct tasks){ tasks > 1 || cut ? tasks : NAN, cut };
}

/* "4-4" in a line: from, to. */
static double node_count(const struct record *r)
{
    char text[24];
    size_t len;

    if (!r->line.at)
        return number(r->slots[J_NODES]);
    plain(r->slots[J_NODES], text, sizeof(text));
    len = strcspn(text, "-");
    return plain_number((struct text){ text, len });
}

static double slot_gpus(const struct record *r, enum job_field field)
{
    char text[LONGEST_TEXT];

    return gres_gpus((struct text){ text, plain(r->slots[field], text, sizeof(text)) });
}

/* What a site tells that does not account for GPUs: what was given, or asked for a job or a node. NAN: it cannot be told. */
static double gres_of_job(const struct record *r)
{
    double gpus = slot_gpus(r, J_GRES), per_node = slot_gpus(r, J_PER_NODE);
    const struct text *slot = r->slots;

    if (isnan(gpus))
        gpus = slot_gpus(r, J_PER_JOB);
    if (!isnan(gpus))
        return gpus;
    if (!isnan(per_node))
        return per_node * node_count(r);
    if (!isnan(slot_gpus(r, J_PER_TASK)) || !isnan(slot_gpus(r, J_PER_SOCKET)))
        return NAN;
    /* Its resources are known, and GPUs are none of them. */
    return is_none(slot[J_ALLOCATED]) && is_none(slot[J_REQUESTED]) && is_none(slot[J_OLD_TRES]) ? NAN : 0;
}

/* GPUs of a job (of one task): as allocated, as asked for, or from what was asked for a node. */
static double job_gpus(const struct record *r, bool waits)
{
    const struct text *slot = r->slots;
    double gpus = NAN;

    if (!waits)
        gpus = tres_gpus(slot[J_ALLOCATED]);
    if (isnan(gpus) && !waits)
        gpus = tres_list_gpus(slot[J_ALLOCATED]);
    if (isnan(gpus))
        gpus = tres_gpus(is_none(slot[J_REQUESTED]) ? slot[J_OLD_TRES] : slot[J_REQUESTED]);
    if (isnan(gpus))
        gpus = tres_list_gpus(slot[J_REQUESTED]);
    return isnan(gpus) ? gres_of_job(r) : gpus;
}

/* What stands before "(5001)" in "alice(5001)". */
static struct text user_of(const struct record *r)
{
    struct text t = r->slots[J_USER];

    return r->line.at ? until(t, "(") : t;
}

/* Reasons of jobs whose turn it cannot be, so that their wait says nothing of the queue (squeue(1)). */
static bool waits_for_turn(struct text reason)
{
    static const char *const own[] = { "JobHeld", "Dependency", "BeginTime", "JobArrayTaskLimit", "Requeue", "Special" };
    struct text t = inner(reason);

    for (size_t i = 0; t.at && i < sizeof(own) / sizeof(own[0]); i++)
        if (begins(t, own[i]))
            return false;
    return true;
}

static struct queue *find_queue(struct slurm *s, struct text name)
{
    char copy[128];

    plain(name, copy, sizeof(copy));
    copy[strcspn(copy, ",")] = '\0';       /* of several partitions, the first: no job counts twice */
    for (size_t i = 0; i < s->queue_count; i++)
        if (strcmp(s->queues[i].name, copy) == 0)
            return &s->queues[i];
    if (!copy[0] || s->queue_count >= MOST_PARTITIONS)
        return NULL;
    s->queues = grow(s->queues, &s->queue_room, s->queue_count, sizeof(*s->queues));
    s->queues[s->queue_count] = (struct queue){ .quota = NAN };
    snprintf(s->queues[s->queue_count].name, sizeof(copy), "%s", copy);
    return &s->queues[s->queue_count++];
}

static void count_in_queue(struct slurm *s, const struct record *r, enum job_state state, double gpus, struct tasks tasks)
{
    struct queue *q = state == ENDED ? NULL : find_queue(s, r->slots[J_QUEUE]);
    double since = when(r->slots[J_ELIGIBLE]);

    if (!q)
        return;
    if (state == RUNNING) {
        q->running++;
        q->gpus_running += gpus;
        return;
    }
    q->pending += isnan(tasks.count) ? 1 : tasks.count;
    q->gpus_pending += gpus * (isnan(tasks.count) ? 1 : tasks.count);
    q->cut |= tasks.cut;
    if (isnan(since))
        since = when(r->slots[J_SUBMIT]);
    if (waits_for_turn(r->slots[J_REASON]) && s->now - since > q->wait)
        q->wait = s->now - since;
}

static void say_times(struct slurm *s, uint32_t job, const struct record *r, enum job_state state)
{
    say_number(s, job, JOB_SUBMIT, when(r->slots[J_SUBMIT]));
    say_number(s, job, JOB_START, when(r->slots[J_START]));
    say_number(s, job, JOB_LIMIT, limit_s(r->slots[J_LIMIT]));
    if (state == ENDED)
        say_number(s, job, JOB_END, when(r->slots[J_END]));
}

static void say_who(struct slurm *s, uint32_t job, const struct record *r)
{
    say_text(s, job, JOB_TITLE, r->slots[J_TITLE]);
    say_text(s, job, JOB_TENANT, r->slots[J_ACCOUNT]);
    say_text(s, job, JOB_USER, user_of(r));
    say_text(s, job, JOB_QUEUE, r->slots[J_QUEUE]);
    say_text(s, job, JOB_QOS, r->slots[J_QOS]);
    if (!is_none(r->slots[J_IMAGE]))
        say_text(s, job, JOB_IMAGE, r->slots[J_IMAGE]);
}

static void say_id(struct slurm *s, uint32_t job, enum metric metric, struct text t)
{
    double id = number(t);
    char text[24];

    if (!(id > 0))
        return;
    snprintf(text, sizeof(text), "%.0f", id);
    say_string(s, job, metric, text);
}

static void say_state(struct slurm *s, uint32_t job, const struct record *r, const struct state_word *w)
{
    static const char *const words[] = { "pending", "running", "ended" };
    struct text reason = r->slots[J_REASON];

    say_string(s, job, JOB_STATE, words[w->state]);
    if (w->state == ENDED && w->outcome[0])
        say_string(s, job, JOB_OUTCOME, w->outcome);
    if (is_none(reason) || is_text(inner(reason), "None") || w->state == RUNNING || strcmp(w->outcome, "completed") == 0)
        say_string(s, job, JOB_REASON, w->reason);
    else
        say_text(s, job, JOB_REASON, reason);
}

static void job_name(const struct slurm *s, double id, char name[NAME_ROOM])
{
    const char *cluster = s->api->option(s->target, "cluster");

    snprintf(name, NAME_ROOM, "%.100s%s%.0f", cluster ? cluster : "", cluster ? ":" : "", id);
}

static int by_id(const void *a, const void *b)
{
    const struct live *x = a, *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static void note_spoken(struct slurm *s, double id, bool runs)
{
    struct live it = { .id = (uint32_t)id };
    struct live *then = s->before_count ? bsearch(&it, s->before, s->before_count, sizeof(it), by_id) : NULL;

    if (then)
        then->spoken = true;
    if (!runs)
        return;
    s->live = grow(s->live, &s->live_room, s->live_count, sizeof(*s->live));
    s->live[s->live_count++] = it;
}

static uint32_t say_job(struct slurm *s, const struct record *r, const char *name, const struct state_word *w, double gpus)
{
    uint32_t job = row(s, GW_JOB, name, GW_NONE);
    struct text where = is_none(r->slots[J_NODELIST]) ? r->slots[J_PLANNED] : r->slots[J_NODELIST];

    say_who(s, job, r);
    say_state(s, job, r, w);
    say_times(s, job, r, w->state);
    say_number(s, job, JOB_GPUS, gpus);
    say_number(s, job, JOB_NODES, node_count(r));
    say_text(s, job, JOB_NODELIST, where);
    say_id(s, job, JOB_ARRAY, r->slots[J_ARRAY]);
    say_id(s, job, JOB_HET, r->slots[J_HET]);
    return job;
}

/* One of the controller's jobs. */
static void take_job(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    const struct state_word *w = state_of(r);
    struct tasks tasks = { NAN, false };
    double id = number(r->slots[J_ID]), gpus;
    char name[NAME_ROOM];
    uint32_t job;

    if (!(id > 0 && id < 4294967294.0) || w->state == OTHER)
        return;
    job_name(s, id, name);
    gpus = job_gpus(r, w->state == PENDING);
    job = say_job(s, r, name, w, gpus);
    say_number(s, job, JOB_PRIORITY, number(r->slots[J_PRIORITY]));
    if (w->state == PENDING)
        tasks = count_tasks(r->slots[J_TASKS]);
    say_at_least(s, job, JOB_TASKS, tasks.count, tasks.cut);
    count_in_queue(s, r, w->state, gpus, tasks);
    note_spoken(s, id, w->state == RUNNING);
    if (w->state != RUNNING)
        return;
    place_job(s, r, name, r->slots[J_ACCOUNT], inner(r->slots[J_NODELIST]), r->slots[J_DETAIL]);
}

/* One that ended, out of the accounting; what has not, the controller tells better. */
static void take_ended(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    const struct state_word *w = state_of(r);
    double id = number(r->slots[J_ID]);
    char name[NAME_ROOM];

    if (!(id > 0 && id < 4294967294.0) || w->state != ENDED || isnan(when(r->slots[J_END])))
        return;
    job_name(s, id, name);
    say_job(s, r, name, w, job_gpus(r, false));
}

/* The controller forgets what ended (MinJobAge), so a job that ran may just be gone. It has ended, about now; how, the
 * accounting is asked. */
static void say_vanished(struct slurm *s)
{
    struct live *then = s->before;
    size_t room = s->before_room;
    char name[NAME_ROOM];

    for (size_t i = 0; i < s->before_count; i++) {
        uint32_t job;

        if (then[i].spoken)
            continue;
        job_name(s, then[i].id, name);
        job = row(s, GW_JOB, name, GW_NONE);
        say_string(s, job, JOB_STATE, "ended");
        s->api->estimate(s->out, job, JOB_END, s->now);
        if (isnan(s->history_from))
            s->history_from = s->last_poll;
    }
    if (s->live_count)
        qsort(s->live, s->live_count, sizeof(*s->live), by_id);
    s->before = s->live;
    s->before_room = s->live_room;
    s->before_count = s->live_count;
    s->live = then;
    s->live_room = room;
    s->live_count = 0;
}

/* ---- what changes seldom ---- */

enum { P_NAME, P_STATE, P_NEW_STATE, P_TRES, P_NEW_TRES, PARTITION_FIELDS };
static const struct field partition_field[] = {
    [P_NAME] = { "name", "PartitionName" },
    [P_STATE] = { "state", "State" },
    [P_NEW_STATE] = { "partition.state", NULL },
    [P_TRES] = { "tres", "TRES" },
    [P_NEW_TRES] = { "tres.configured", NULL },
};
static const struct fields partition_fields = { partition_field, PARTITION_FIELDS, "partitions", NULL };

static void take_partition(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    struct queue *q = find_queue(s, r->slots[P_NAME]);
    struct text state = is_none(r->slots[P_STATE]) ? r->slots[P_NEW_STATE] : r->slots[P_STATE], word;

    if (!q)
        return;
    q->told = q->listed = true;
    q->quota = tres_gpus(is_none(r->slots[P_NEW_TRES]) ? r->slots[P_TRES] : r->slots[P_NEW_TRES]);
    q->state[0] = '\0';
    if (state.at && next_word(&state, &word))
        for (size_t i = 0; i < word.len && i + 1 < sizeof(q->state); i++)
            q->state[i] = (char)tolower((unsigned char)word.at[i]), q->state[i + 1] = '\0';
}

enum { R_NAME, R_START, R_END, R_NODES, R_FLAGS, RESERVATION_FIELDS };
static const struct field reservation_field[] = {
    [R_NAME] = { "name", "ReservationName" },
    [R_START] = { "start_time", "StartTime" },
    [R_END] = { "end_time", "EndTime" },
    [R_NODES] = { "node_list", "Nodes" },
    [R_FLAGS] = { "flags", "Flags" },
};
static const struct fields reservation_fields = { reservation_field, RESERVATION_FIELDS, "reservations", NULL };

static void take_reservation(void *arg, const struct record *r)
{
    struct slurm *s = arg;
    struct reservation new = { .start = when(r->slots[R_START]), .end = when(r->slots[R_END]), .listed = true,
                               .maintenance = has_word(r->slots[R_FLAGS], "MAINT") };

    plain(r->slots[R_NAME], new.name, sizeof(new.name));
    plain(r->slots[R_NODES], new.nodes, sizeof(new.nodes));
    if (!new.name[0])
        return;
    for (size_t i = 0; i < s->reservation_count; i++)
        if (strcmp(s->reservations[i].name, new.name) == 0 && s->reservations[i].start == new.start) {
            new.stage = s->reservations[i].stage;
            s->reservations[i] = new;
            return;
        }
    if (s->reservation_count >= MOST_RESERVATIONS)
        return;
    s->reservations = grow(s->reservations, &s->reservation_room, s->reservation_count, sizeof(new));
    s->reservations[s->reservation_count++] = new;
}

static struct tenant *find_tenant(struct slurm *s, struct text name)
{
    char copy[128];

    plain(name, copy, sizeof(copy));
    if (!copy[0] || strcmp(copy, "root") == 0)      /* all accounts hang on it; none of its jobs are a tenant's */
        return NULL;
    for (size_t i = 0; i < s->tenant_count; i++)
        if (strcmp(s->tenants[i].name, copy) == 0)
            return &s->tenants[i];
    if (s->tenant_count >= MOST_ACCOUNTS)
        return NULL;
    s->tenants = grow(s->tenants, &s->tenant_room, s->tenant_count, sizeof(*s->tenants));
    s->tenants[s->tenant_count] = (struct tenant){ .quota = NAN, .shares = NAN, .fairshare = NAN };
    snprintf(s->tenants[s->tenant_count].name, sizeof(copy), "%s", copy);
    return &s->tenants[s->tenant_count++];
}

enum { S_NAME, S_TYPE, S_USER, S_SHARES, S_LEVEL, SHARE_FIELDS };
/* Of JSON the type tells an account ("ASSOCIATION") from a user; of a table, that there is no user. */
static const struct field share_field[] = {
    [S_NAME] = { "name", "Account" },
    [S_TYPE] = { "type", NULL },
    [S_USER] = { NULL, "User" },
    [S_SHARES] = { "shares", "RawShares" },
    [S_LEVEL] = { "fairshare.level", "LevelFS" },
};
static const struct fields share_fields = { share_field, SHARE_FIELDS, "shares", NULL };

static void take_share(void *arg, const struct record *r)
{
    struct tenant *t = NULL;
    double level;

    if (!has_word(r->slots[S_TYPE], "USER") && is_none(r->slots[S_USER]))
        t = find_tenant(arg, r->slots[S_NAME]);
    if (!t)
        return;
    t->listed = true;
    t->shares = number(r->slots[S_SHARES]);
    /* Accounts have a level of fair share only, S/U; the factor of old is 2^(-U/S) (slurm.schedmd.com/priority_multifactor.html). */
    level = number(r->slots[S_LEVEL]);
    t->fairshare = is_infinite(r->slots[S_LEVEL]) ? 1 : level > 0 ? exp2(-1 / level) : NAN;
}

enum { Q_ACCOUNT, Q_USER, Q_PARTITION, Q_TRES, QUOTA_FIELDS };
static const struct field quota_field[] = {
    [Q_ACCOUNT] = { "account", "Account" },
    [Q_USER] = { "user", "User" },
    [Q_PARTITION] = { "partition", "Partition" },
    [Q_TRES] = { "max.tres.total", "GrpTRES" },
};
static const struct fields quota_fields = { quota_field, QUOTA_FIELDS, "associations", NULL };

static void take_quota(void *arg, const struct record *r)
{
    struct tenant *t = NULL;
    double gpus;

    if (is_none(r->slots[Q_USER]) && is_none(r->slots[Q_PARTITION]))
        t = find_tenant(arg, r->slots[Q_ACCOUNT]);
    if (!t)
        return;
    t->listed = true;
    gpus = tres_list_gpus(r->slots[Q_TRES]);
    t->quota = isnan(gpus) ? tres_gpus(r->slots[Q_TRES]) : gpus;
}

static void clock_text(double t, char text[24])
{
    long days = (long)floor(t / 86400), seconds = (long)(t - (double)days * 86400);

    snprintf(text, 24, "%02ld:%02ldZ", seconds / 3600, seconds / 60 % 60);
}

static void say_span(char *text, size_t room, double s)
{
    if (s < 5400)
        snprintf(text, room, "%.0f min", s / 60);
    else
        snprintf(text, room, s < 172800 ? "%.0f h" : "%.0f d", s < 172800 ? s / 3600 : s / 86400);
}

static void say_reservation(struct slurm *s, struct reservation *r)
{
    const char *kind = r->maintenance ? "maintenance" : "reservation";
    char text[500], at[24], in[24], span[32] = "";

    if (isnan(r->start))
        return;
    if (!isnan(r->end)) {
        snprintf(span, sizeof(span), ", for ");
        say_span(span + strlen(span), sizeof(span) - strlen(span), r->end - r->start);
    }
    if (r->stage < STAGE_BEGUN && s->now >= r->start && !(s->now >= r->end)) {
        r->stage = STAGE_BEGUN;
        snprintf(text, sizeof(text), "%s %s of %s has begun%s", kind, r->name, r->nodes[0] ? r->nodes : "no nodes", span);
        say_event(s, r->name, fmax(r->start, s->now - 86400), "information", text);
    } else if (r->stage == STAGE_NEW && s->now < r->start) {
        r->stage = STAGE_TOLD;
        clock_text(r->start, at);
        say_span(in, sizeof(in), r->start - s->now);
        snprintf(text, sizeof(text), "%s %s of %s begins in %s, at %s%s", kind, r->name,
                 r->nodes[0] ? r->nodes : "no nodes", in, at, span);
        say_event(s, r->name, s->now, "information", text);
    }
}

/* Those that are over, or were taken away. */
static void drop_reservations(struct slurm *s)
{
    size_t kept = 0;
    char text[300];

    for (size_t i = 0; i < s->reservation_count; i++) {
        struct reservation *r = &s->reservations[i];

        if (r->listed && !(s->now >= r->end)) {
            s->reservations[kept++] = *r;
            continue;
        }
        if (r->stage == STAGE_NEW)
            continue;
        snprintf(text, sizeof(text), "%s %s %s", r->maintenance ? "maintenance" : "reservation", r->name,
                 s->now >= r->end ? "is over" : "was taken away");
        say_event(s, r->name, s->now, "cleared", text);
    }
    s->reservation_count = kept;
}

static void say_queues(struct slurm *s)
{
    for (size_t i = 0; i < s->queue_count; i++) {
        const struct queue *q = &s->queues[i];
        uint32_t queue = row(s, GW_QUEUE, q->name, GW_NONE);

        say_at_least(s, queue, QUEUE_PENDING, q->pending, q->cut);
        say_number(s, queue, QUEUE_RUNNING, q->running);
        say_at_least(s, queue, QUEUE_GPUS_PENDING, q->gpus_pending, q->cut);
        say_number(s, queue, QUEUE_GPUS_RUNNING, q->gpus_running);
        say_number(s, queue, QUEUE_WAIT, q->wait);
        if (!q->told)
            continue;
        say_string(s, queue, QUEUE_STATE, q->state);
        say_number(s, queue, QUEUE_QUOTA, q->quota);
    }
}

/* From memory, so that what is asked for seldom does not grow stale. */
static void say_seldom(struct slurm *s)
{
    say_queues(s);
    for (size_t i = 0; i < s->tenant_count; i++) {
        const struct tenant *t = &s->tenants[i];
        uint32_t tenant = row(s, GW_TENANT, t->name, GW_NONE);

        say_number(s, tenant, TENANT_QUOTA, t->quota);
        say_number(s, tenant, TENANT_SHARES, t->shares);
        say_number(s, tenant, TENANT_FAIRSHARE, t->fairshare);
    }
    for (size_t i = 0; i < s->reservation_count; i++)
        say_reservation(s, &s->reservations[i]);
    drop_reservations(s);
}

/* ---- asking slurmrestd ---- */

static bool is_carried_by(const struct gw_target *target, const char *carrier)
{
    const char *scheme = strstr(target->url, "://"), *plus = strchr(target->url, '+');

    return strncmp(plus && scheme && plus < scheme ? plus + 1 : target->url, carrier, strlen(carrier)) == 0;
}

static bool is_rest(const struct gw_target *target)
{
    return is_carried_by(target, "http") || is_carried_by(target, "unix");
}

/* The first line of what was said, for a sentence. */
static struct text said(struct text t)
{
    t = until(trimmed(t), "\r\n");
    if (t.len > 200)
        t.len = 200;
    return t;
}

static struct text error_in(const struct gw_reply *reply)
{
    static const struct fields none = { NULL, 0, NULL, NULL };
    struct text t = { reply->text, reply->len };
    struct reading done;
    static const struct text nothing = { "", 0 };

    t = trimmed(t);
    if (!t.len || t.at[0] != '{')
        return t.len && t.at[0] == '<' ? nothing : said(t);
    done = read_json(t, &none, NULL, NULL);
    return is_none(done.error) ? nothing : inner(done.error);
}

/* Up to 22.05 one sentence serves for a token that is not taken, which is said at once, and for a controller that does
 * not answer, which is waited for until MessageTimeout, 10 s. At the socket there is no token. */
static int judge_unspecified(struct slurm *s, const char *what, double took)
{
    if (took > 3 || is_carried_by(s->target, "unix"))
        return s->api->fail(s->out, "slurmrestd answers %s with an unspecified error after %.0f s: the controller (slurmctld) "
                            "does not answer", what, took);
    return s->api->refuse(s->out, "slurmrestd answers %s with an unspecified error, as it does up to 22.05 where the token is not "
                          "taken or has run out", what);
}

/* What slurmrestd answers with instead of what was asked for, after `took` seconds. */
static int judge(struct slurm *s, const struct gw_reply *reply, const char *what, double took)
{
    struct text why;
    int len;

    if (reply->status >= 200 && reply->status < 300)
        return GW_DONE;
    why = error_in(reply);
    len = (int)(why.len > 200 ? 200 : why.len);
    if (reply->status == 401 || reply->status == 403 || (len && strstr(reply->text, "uthentication failure")))
        return s->api->refuse(s->out, "slurmrestd refuses us (%d%s%.*s); it wants token:, a JWT from scontrol token, and up to "
                              "22.05 user: with it; at its socket, to be run as its own user", reply->status,
                              len ? ": " : "", len, why.at);
    if (reply->status == 404)
        s->version[0] = '\0';       /* another version may have taken its place */
    if (reply->status == 500 && is_text(why, "Unspecified error"))
        return judge_unspecified(s, what, took);
    return s->api->fail(s->out, "slurmrestd answers %s with status %d%s%.*s", what, reply->status, len ? ": " : "", len, why.at);
}

/* The newest "/slurm/v0.0.NN/" that its own description has. JSON may write "\/". */
static unsigned newest_version(struct text spec)
{
    unsigned best = 0;
    const char *end = spec.at + spec.len, *at = spec.at;

    while ((at = memchr(at, 'v', (size_t)(end - at)))) {
        unsigned n = 0;

        if (at - spec.at >= 7 && at + 5 < end && memcmp(at, "v0.0.", 5) == 0 &&
            (memcmp(at - 7, "/slurm/", 7) == 0 || memcmp(at - 7, "slurm\\/", 7) == 0))
            for (const char *d = at + 5; d < end && isdigit((unsigned char)*d) && n < 10000; d++)
                n = n * 10 + (unsigned)(*d - '0');
        if (n > best && n < 10000)
            best = n;
        at++;
    }
    return best;
}

static void set_version(struct slurm *s, unsigned n)
{
    snprintf(s->version, sizeof(s->version), "v0.0.%u", n);
    snprintf(s->slash, sizeof(s->slash), "%s", n >= 40 ? "/" : "");
    s->has_no_shares = n < 40;
}

/* What slurmrestd has at a path. `what` says what that is. */
static int fetch(struct slurm *s, const char *path, const char *what, struct gw_reply *reply)
{
    double begun = s->api->now(s->target);

    *reply = (struct gw_reply){ .size = sizeof(*reply) };
    if (s->api->get(s->target, path, "application/json", reply, s->out) == GW_FAILED)
        return GW_FAILED;
    return judge(s, reply, what, s->api->now(s->target) - begun);
}

static int discover(struct slurm *s)
{
    const char *fixed = s->api->option(s->target, "version");
    struct gw_reply reply;
    unsigned n = 0;

    if (s->version[0])
        return GW_DONE;
    if (fixed) {
        if (sscanf(fixed, "v0.0.%4u", &n) != 1)
            return s->api->fail(s->out, "expected a version such as v0.0.40 in the options, got \"%.20s\"", fixed);
        set_version(s, n);
        return GW_DONE;
    }
    if (fetch(s, "/openapi/v3", "a question for its versions", &reply) == GW_FAILED)
        return GW_FAILED;
    n = newest_version((struct text){ reply.text, reply.len });
    if (!n)
        return s->api->fail(s->out, "what answers is no slurmrestd: its /openapi/v3 names no /slurm/v0.0.NN");
    set_version(s, n);
    return GW_DONE;
}

/* ---- asking commands ---- */

enum { NO_JSON = 2, NO_ANSWER };        /* beside GW_DONE and GW_FAILED; the latter: nothing came, or too much */

static bool contains(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

/* Of several lines the last says what went wrong. */
static struct text last_line(const char *text)
{
    struct text t = trimmed((struct text){ text, strlen(text) }), line;
    struct text last = t;

    while (next_line(&t, &line))
        if (trimmed(line).len)
            last = trimmed(line);
    return said(last);
}

static int judge_command(struct slurm *s, const struct gw_reply *reply, const char *command)
{
    const char *why = reply->complaint ? reply->complaint : "";
    struct text line = last_line(why);
    int len = (int)line.len, name = (int)strcspn(command, " ");

    if (reply->status == 0)
        return GW_DONE;
    if (reply->status == 127 || contains(why, "not found"))
        return s->api->fail(s->out, "%.*s is not in the PATH of this account; say where Slurm's commands are, "
                            "in options: {bin: DIR}", name, command);
    if (contains(command, "--json") && (contains(why, "option") || contains(why, "serializer") || contains(why, "data_parser")))
        return NO_JSON;
    if (contains(why, "munge") || contains(why, "Munge") || contains(why, "MUNGE"))
        return s->api->fail(s->out, "munge does not vouch for us there, so Slurm does not answer: %.*s", len, line.at);
    if (contains(why, "Unable to contact slurm controller") || contains(why, "timed out"))
        return s->api->fail(s->out, "the controller (slurmctld) does not answer: %.*s", len, line.at);
    return s->api->fail(s->out, "%.*s failed (status %d)%s%.*s", name, command, reply->status, len ? ": " : "", len, line.at);
}

/* Times as seconds since 1970, whatever zone and format are set there; tasks of an array as a whole, not 64 bytes of them
 * (squeue(1), scontrol(1)). */
static int run(struct slurm *s, const char *command, struct gw_reply *reply)
{
    const char *bin = s->api->option(s->target, "bin");
    const char *line = s->api->print(s->target, "PATH=\"%s%s$PATH\" SLURM_TIME_FORMAT=%%s SLURM_BITSTR_LEN=0; "
                                     "export PATH SLURM_TIME_FORMAT SLURM_BITSTR_LEN; %s",
                                     bin ? bin : "", bin ? ":" : "", command);

    *reply = (struct gw_reply){ .size = sizeof(*reply) };
    if (s->api->run(s->target, line, reply, s->out) == GW_FAILED)
        return NO_ANSWER;
    return judge_command(s, reply, command);
}

/* ---- one question ---- */

typedef struct reading read_form(struct text answer, const struct fields *f, take_record *take, void *arg);

/* A whole answer into records. */
static int digest(struct slurm *s, const struct gw_reply *reply, const struct fields *f, read_form *form, take_record *take,
                  const char *what)
{
    struct reading done = form((struct text){ reply->text, reply->len }, f, take, s);

    if (done.broken)
        return s->api->fail(s->out, "the answer to %s is no JSON, or breaks off (%zu bytes came)", what, reply->len);
    if (!done.records && !is_none(done.error))
        return s->api->fail(s->out, "Slurm answers %s with an error: %.*s", what,
                            (int)(done.error.len > 200 ? 200 : done.error.len), done.error.at);
    if (!done.found)
        return s->api->fail(s->out, "the answer to %s has no %s", what, f->list);
    return GW_DONE;
}

static int get(struct slurm *s, const char *path, const struct fields *f, take_record *take)
{
    struct gw_reply reply;

    if (fetch(s, path, path, &reply) == GW_FAILED)
        return GW_FAILED;
    return digest(s, &reply, f, read_json, take, path);
}

static int ask(struct slurm *s, const char *command, const struct fields *f, read_form *form, take_record *take)
{
    struct gw_reply reply;
    int result = run(s, command, &reply);

    return result == GW_DONE ? digest(s, &reply, f, form, take, command) : result;
}

static const char *rest_path(struct slurm *s, const char *base, const char *what, const char *query)
{
    return s->api->print(s->target, "/%s/%s/%s%s%s", base, s->version, what, s->slash, query);
}

static int ask_nodes(struct slurm *s)
{
    int result;

    if (is_rest(s->target))
        return get(s, rest_path(s, "slurm", "nodes", ""), &node_fields, take_node);
    if (s->node_way == WAY_JSON) {
        result = ask(s, "scontrol show nodes --json", &node_fields, read_json, take_node);
        if (result != NO_JSON)
            return result;
        s->node_way = WAY_OLD_JSON;
    }
    if (s->node_way == WAY_OLD_JSON) {
        result = ask(s, "sinfo --json -a", &node_fields, read_json, take_node);
        if (result != NO_JSON)
            return result;
        s->node_way = WAY_TEXT;
    }
    return ask(s, "scontrol -o -a show nodes", &node_fields, read_lines, take_node);
}

static int ask_jobs(struct slurm *s)
{
    int result;

    if (is_rest(s->target))
        return get(s, rest_path(s, "slurm", "jobs", ""), &job_fields, take_job);
    if (s->job_way == WAY_JSON) {
        result = ask(s, "squeue --json -a", &job_fields, read_json, take_job);
        /* Twice nothing, while nodes came well: it is more than comes through. A line is a twentieth. */
        s->job_silences = result == NO_ANSWER ? s->job_silences + 1 : 0;
        if (result == NO_JSON || s->job_silences >= 2)
            s->job_way = WAY_TEXT;
        if (result != NO_JSON)
            return result;
    }
    return ask(s, "scontrol -o -d -a show jobs", &job_fields, read_lines, take_job);
}

/* Nothing that follows is needed for jobs and nodes to be right, so its failure is only told. */
static void ask_partitions(struct slurm *s)
{
    size_t kept = 0;
    int result;

    for (size_t i = 0; i < s->queue_count; i++)
        s->queues[i].listed = false;
    result = is_rest(s->target)
                 ? get(s, rest_path(s, "slurm", "partitions", ""), &partition_fields, take_partition)
                 : ask(s, "scontrol -o -a show partitions", &partition_fields, read_lines, take_partition);
    if (result != GW_DONE) {
        s->api->warn(s->out, "partitions cannot be read");
        return;
    }
    for (size_t i = 0; i < s->queue_count; i++) {
        struct queue q = s->queues[i];

        q.told = q.listed;
        if (q.listed || q.pending > 0 || q.running > 0)
            s->queues[kept++] = q;
    }
    s->queue_count = kept;
}

static void ask_reservations(struct slurm *s)
{
    int result;

    for (size_t i = 0; i < s->reservation_count; i++)
        s->reservations[i].listed = false;
    result = is_rest(s->target)
                 ? get(s, rest_path(s, "slurm", "reservations", ""), &reservation_fields, take_reservation)
                 : ask(s, "scontrol -o -a show reservations", &reservation_fields, read_lines, take_reservation);
    if (result == GW_DONE)
        return;
    for (size_t i = 0; i < s->reservation_count; i++)
        s->reservations[i].listed = true;
    s->api->warn(s->out, "reservations cannot be read");
}

static void drop_tenants(struct slurm *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->tenant_count; i++)
        if (s->tenants[i].listed)
            s->tenants[kept++] = s->tenants[i];
    s->tenant_count = kept;
}

static void ask_shares(struct slurm *s)
{
    bool rest = is_rest(s->target), whole;
    int result = GW_DONE;

    for (size_t i = 0; i < s->tenant_count; i++)
        s->tenants[i].listed = false;
    if (!rest)
        result = ask(s, "sshare -a -l -P", &share_fields, read_table, take_share);
    else if (!s->has_no_shares)
        result = get(s, s->api->print(s->target, "/slurm/%s/shares", s->version), &share_fields, take_share);
    if (result != GW_DONE)
        s->api->warn(s->out, "shares cannot be read; is there an accounting (slurmdbd)?");
    whole = result == GW_DONE;
    result = rest ? get(s, rest_path(s, "slurmdb", "associations", ""), &quota_fields, take_quota)
                  : ask(s, "sacctmgr -P show associations format=Account,User,Partition,GrpTRES", &quota_fields,
                        read_table, take_quota);
    if (result != GW_DONE)
        s->api->warn(s->out, "quotas cannot be read; is there an accounting (slurmdbd)?");
    else if (whole)
        drop_tenants(s);
}

static void ask_history(struct slurm *s)
{
    const char *history = s->api->option(s->target, "history");
    double most = strtod(history, NULL), since = fmax(s->history_from, s->now - 86400);
    const char *when, *line;
    int result;

    if (isnan(s->history_from) || !(most > 0))
        return;
    s->history_from = NAN;
    when = s->api->print(s->target, "uts%.0f", floor(since) - 1);
    if (is_rest(s->target)) {
        line = s->api->print(s->target, "?start_time=%s&skip_steps=1", when);
        result = get(s, rest_path(s, "slurmdb", "jobs", line), &ended_fields, take_ended);
    } else {
        line = s->api->print(s->target, "sacct -a -X -P -S %s -E now -s CA,CD,F,NF,TO,PR,OOM,BF,DL -o JobIDRaw,JobName,User,"
                             "Account,Partition,QOS,State,Reason,Submit,Start,End,TimelimitRaw,AllocNodes,NodeList,AllocTRES,"
                             "ReqTRES", when);
        result = ask(s, line, &ended_fields, read_table, take_ended);
    }
    if (result != GW_DONE)
        s->api->warn(s->out, "ended jobs cannot be read; is there an accounting (slurmdbd)?");
}

/* ---- a poll ---- */

static void begin(struct slurm *s)
{
    s->words.len = 0;
    s->node_count = s->gpu_count = s->live_count = 0;
    s->events = 0;
    s->names_left = MOST_NAMES;
    for (size_t i = 0; i < s->before_count; i++)
        s->before[i].spoken = false;
    for (size_t i = 0; i < s->seen_count; i++)
        s->seen[i].listed = false;
    for (size_t i = 0; i < s->queue_count; i++) {
        struct queue *q = &s->queues[i];

        q->pending = q->running = q->gpus_pending = q->gpus_running = q->wait = 0;
        q->cut = false;
    }
}

/* Partitions, reservations, shares, quotas, and the past. */
static void ask_seldom(struct slurm *s)
{
    double begun = s->api->now(s->target), spent;

    ask_partitions(s);
    ask_reservations(s);
    ask_shares(s);
    ask_history(s);
    say_seldom(s);
    spent = s->api->now(s->target) - begun;
    s->seldom_at = s->now + fmax(fmax(10, strtod(s->api->option(s->target, "seldom"), NULL)), spent * SELDOM_PACE);
}

static int converse(struct slurm *s)
{
    double begun = s->api->now(s->target);
    int result;

    begin(s);
    result = ask_nodes(s);
    index_nodes(s);
    if (result == GW_DONE)
        result = ask_jobs(s);
    s->spent = s->api->now(s->target) - begun;
    if (result != GW_DONE)
        return GW_FAILED;
    keep_conditions(s);
    say_holders(s);
    say_vanished(s);
    s->last_poll = s->now;
    if (s->now < s->seldom_at && s->seldom_at - s->now < 86400) {
        say_seldom(s);
        return GW_DONE;
    }
    /* What is known already need not wait for the rest. */
    s->api->send(s->out);
    ask_seldom(s);
    return GW_DONE;
}

/* Opens the way there, and learns who answers, so that only the controller's own time is measured afterwards. */
static int greet(struct slurm *s)
{
    struct gw_reply reply;

    if (is_rest(s->target))
        return discover(s);
    return s->greeted || run(s, "scontrol -V", &reply) == GW_DONE ? GW_DONE : GW_FAILED;
}

static int poll(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    struct slurm *s = target->state;
    int result;

    s->api = api;
    s->target = target;
    s->out = out;
    s->now = api->now(target);
    s->spent = 0;
    if (s->last_poll == 0 || s->now - s->last_poll > FORGOTTEN_AFTER_S)
        s->history_from = s->last_poll ? s->last_poll : s->now - strtod(api->option(target, "history"), NULL);
    result = greet(s);
    if (result == GW_DONE)
        result = converse(s);
    s->greeted = result == GW_DONE;
    if (s->spent > 0)
        api->pace(out, fmin(s->spent * PACE, LONGEST_PACE_S));
    return result;
}

static void end(const struct gw_api *api, const struct gw_target *target)
{
    struct slurm *s = target->state;

    (void)api;
    free(s->words.all);
    free(s->nodes);
    free(s->gpus);
    free(s->node_index);
    free(s->seen);
    free(s->live);
    free(s->before);
    free(s->queues);
    free(s->tenants);
    free(s->reservations);
    memset(s, 0, sizeof(*s));
}

const struct gw_source slurm_source = {
    GW_SOURCE_HEAD, .name = "slurm",
    .summary = "Slurm's jobs, nodes, partitions, accounts and reservations: slurmrestd, or its commands over SSH",
    .metrics = metrics, .options = options, .state_size = sizeof(struct slurm), .interval_s = 15,
    .poll = poll, .close = end,
    .token_header = "X-SLURM-USER-TOKEN", .user_header = "X-SLURM-USER-NAME",
};
