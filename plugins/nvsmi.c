/* GPUs as nvidia-smi tells them, over SSH or on this machine.
 *
 * Two ways to ask. The CSV query is small and streams well: one line a GPU, one round an
 * interval. The XML (-q -x) is known to every driver since 2012 and tells MIG devices.
 * `mode: auto` begins with the newest CSV query, goes down a rung each time the driver
 * does not know a field, and takes the XML when no rung is left or a GPU has MIG enabled.
 * Everything unknown ("N/A", "[Not Supported]", "ERR!") stays unknown. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gigawatch/source.h"
#include "gpu_metrics.h"
#include "words.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_EXPAT
#include <expat.h>
enum { HAS_XML = 1 };
#else
enum { HAS_XML = 0 };
#endif

enum {
    UUID, MODEL, INDEX, UTIL, MEM_USED, MEM_TOTAL, TEMP, MEM_TEMP, POWER, POWER_INSTANT,
    MODULE_POWER, POWER_LIMIT, SM_CLOCK, THROTTLE, STATE, MIG,
    METRICS
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    [STATE]         = { "state", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "lost, or needs reset" },
    GPU_METRICS     /* the last row is their last: MIG */
    { 0 }
};
/* clang-format on */

static const struct gw_option options[] = {
    { "mode", "auto", "auto, csv or xml: how to ask" },
    { "stream", "yes", "yes: nvidia-smi runs once and goes on printing (no, where that stays silent); no: it is run for every poll" },
    { "command", "nvidia-smi", "the program, with its path or with sudo where needed" },
    { 0 }
};

/* How far the beginning of a stream was looked through for a whole answer, so that no
 * byte is looked at for every byte that follows it. */
struct framing {
    size_t blank;               /* bytes of white space that it begins with */
    size_t seen;                /* bytes that hold no end */
    size_t line;                /* where the line begins that is not whole yet */
    bool is_xml;
    unsigned rows, lost, count, last;   /* of the CSV so far */
};

/* What a target has taught. */
struct nvsmi {
    int rung;                   /* of the CSV query; 0: the newest fields */
    bool xml;                   /* CSV will not do here */
    struct framing at;
};

/* ---- one GPU, whichever way it was told ---- */

enum { MIG_ROOM = 16 };

struct mig_device {
    double instance, engines, mib;      /* of its GPU instance; NAN: not told */
};

struct card {
    double number[METRICS];             /* NAN: asked, and not known */
    char uuid[96], model[128];
    unsigned reasons;                   /* bits of NVML's clocks event reasons */
    bool reasons_told, mig_enabled, lost, needs_reset;
    struct mig_device mig[MIG_ROOM];
    size_t mig_count;
};

/* Where samples go, and what was odd on the way. */
struct answer {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    uint32_t node;
    size_t cards;
    unsigned odd;                       /* values not understood */
    char first_odd[96];
};

static void card_clear(struct card *c)
{
    *c = (struct card){ 0 };
    for (size_t i = 0; i < METRICS; i++)
        c->number[i] = NAN;
}

static void note_odd(struct answer *a, const char *what, const char *text, size_t len)
{
    char quoted[32];

    if (a->odd++ == 0)
        snprintf(a->first_odd, sizeof(a->first_odd), "%s \"%s\"", what,
                 gw_quote(quoted, text, len));
}

/* Why clocks are held down, worst first. The bits are NVML's (nvml.h,
 * nvmlClocksEventReason*). Idle (0x1), clocks set by an administrator (0x2) and display
 * (0x100) hold nothing down against the will of who pays. */
static const struct {
    unsigned bit;
    const char *word, *element;         /* element: the end of its name in the XML */
} reasons[] = {
    { 0x80, "brake", "hw_power_brake_slowdown" },
    { 0x40, "thermal", "hw_thermal_slowdown" },
    { 0x20, "thermal", "sw_thermal_slowdown" },
    { 0x04, "power", "sw_power_cap" },
    { 0x08, "slowdown", "hw_slowdown" },
    { 0x10, "sync", "sync_boost" },
    { 0 }
};

/* "none" is known, not missing. */
static const char *throttle_word(unsigned bits)
{
    for (size_t i = 0; reasons[i].word; i++)
        if (bits & reasons[i].bit)
            return reasons[i].word;
    return "none";
}

/* nvidia-smi tells no profile name, only engines and memory. A profile is named by its
 * compute slices, which the copy engines count, and by its eighths of the memory as sold:
 * 19968 of 81920 MiB are two eighths of 80 GB: 1g.20gb. */
static void profile_name(char to[32], const struct mig_device *d, double total_mib)
{
    double sold = ceil(total_mib / 1024), eighths = round(8 * d->mib / total_mib);

    if (!(d->engines >= 1 && d->engines <= 16) || !(sold >= 1 && sold < 1e5) ||
        !(eighths >= 0))
        snprintf(to, 32, "unknown");
    else
        snprintf(to, 32, "%.0fg.%.0fgb", fmin(d->engines, 7), round(sold * eighths / 8));
}

/* "3g.40gb ×2, 1g.10gb" */
static void mig_text(char *to, size_t room, const struct card *c)
{
    char names[MIG_ROOM][32];

    snprintf(to, room, c->mig_count ? "" : "enabled");
    for (size_t i = 0; i < c->mig_count; i++)
        profile_name(names[i], &c->mig[i], c->number[MEM_TOTAL]);
    for (size_t i = 0; i < c->mig_count; i++) {
        unsigned count = 0;

        for (size_t k = 0; k < c->mig_count; k++) {
            if (strcmp(names[k], names[i]) != 0)
                continue;
            if (k < i)
                break;          /* said already */
            count++;
        }
        if (count > 0)
            add_words(to, room, "%s%s", *to ? ", " : "", names[i]);
        if (count > 1)
            add_words(to, room, " ×%u", count);
    }
}

static void tell_text(struct answer *a, uint32_t gpu, size_t metric, const char *text)
{
    a->api->text(a->out, gpu, metric, text, strlen(text));
}

static void tell_card(struct answer *a, unsigned index, struct card *c)
{
    char name[320], mig[MIG_ROOM * 40];
    uint32_t gpu;

    if (a->cards++ == 0)
        a->node = a->api->entity(a->out, GW_NODE, a->target->name,
                                 strlen(a->target->name), GW_NONE);
    snprintf(name, sizeof(name), "%.255s/%u", a->target->name, index);
    gpu = a->api->entity(a->out, GW_GPU, name, strlen(name), a->node);

    /* GA100 has no average, and its only figure is called instant. */
    if (isnan(c->number[POWER]))
        c->number[POWER] = c->number[POWER_INSTANT];
    c->number[INDEX] = index;
    for (size_t i = 0; i < METRICS; i++)
        if (metrics[i].type != GW_TEXT)
            a->api->number(a->out, gpu, i, c->number[i]);
    if (c->uuid[0])
        tell_text(a, gpu, UUID, c->uuid);
    if (c->model[0])
        tell_text(a, gpu, MODEL, c->model);
    if (c->reasons_told)
        tell_text(a, gpu, THROTTLE, throttle_word(c->reasons));
    if (c->lost || c->needs_reset)
        tell_text(a, gpu, STATE, c->lost ? "lost" : "needs reset");
    if (c->mig_enabled) {
        mig_text(mig, sizeof(mig), c);
        tell_text(a, gpu, MIG, mig);
    }
}

/* ---- values ---- */

static bool contains(const char *text, size_t len, const char *part)
{
    return memmem(text, len, part, strlen(part)) != NULL;
}

static void trim(const char **text, size_t *len)
{
    while (*len && isspace((unsigned char)**text))
        (*text)++, (*len)--;
    while (*len && isspace((unsigned char)(*text)[*len - 1]))
        (*len)--;
}

/* The many words for "not known". Newer drivers put them into brackets. */
static bool is_unknown(const char *text, size_t len)
{
    static const char *const words[] = { "N/A", "ERR!", "Unknown Error", "Not Supported",
                                         "Not Available", "GPU is lost", "GPU requires reset",
                                         "Insufficient Permissions", "deprecated", "None", NULL };

    if (len == 0 || text[0] == '[')
        return true;
    for (size_t i = 0; words[i]; i++)
        if (contains(text, len, words[i]))
            return true;
    return false;
}

/* A plain decimal with, where `unit` is not "", perhaps that unit behind it: "67.03 W".
 * NAN where it is not known or not understood; the latter is noted. A decimal comma is
 * not understood: it must never become a thousandth. */
static double read_number(struct answer *a, const char *what, const char *text,
                          size_t len, const char *unit)
{
    char copy[64];
    char *end;
    double value;

    if (is_unknown(text, len))
        return NAN;
    if (len < sizeof(copy) && strchr("+-.0123456789", text[0])) {
        memcpy(copy, text, len);
        copy[len] = '\0';
        value = strtod(copy, &end);
        if (end != copy && *end == ' ')
            end++;
        if (end != copy && isfinite(value) && copy[1] != 'x' &&
            (*end == '\0' || (unit[0] && strcmp(end, unit) == 0)))
            return value;
    }
    note_odd(a, what, text, len);
    return NAN;
}

static void read_text(char *to, size_t room, const char *text, size_t len)
{
    if (is_unknown(text, len))
        return;
    snprintf(to, room, "%.*s", (int)(len < room ? len : room - 1), text);
}

/* What a bad GPU says in place of its values. */
static void read_ailment(struct card *c, const char *text, size_t len)
{
    c->lost |= contains(text, len, "GPU is lost");
    c->needs_reset |= contains(text, len, "requires reset");
}

/* ---- what nvidia-smi says instead of an answer ---- */

static const struct {
    const char *phrase, *sentence;
} complaints[] = {
    { "No devices were found", "the NVIDIA driver finds no GPU" },
    { "communicate with the NVIDIA driver",
      "nvidia-smi cannot talk to the NVIDIA driver; is its kernel module loaded?" },
    { "Driver/library version mismatch",
      "the NVIDIA driver was updated but its old kernel module still runs; reload it or reboot" },
    { "Failed to initialize NVML", "nvidia-smi cannot start NVML" },
    { "nsufficient permission", "not allowed to ask the NVIDIA driver; see the option command" },
    { "ermission denied", "not allowed to run nvidia-smi; see the option command" },
    { 0 }
};

/* What the program says goes on for a line, and its end names the GPU: more of it is
 * shown than of a number. */
static int fail_with_words(struct answer *a, const char *text, size_t len)
{
    char line[160];
    size_t n = 0;

    for (; n < len && n < sizeof(line) && text[n] != '\n'; n++)
        line[n] = text[n] >= ' ' && text[n] <= '~' ? text[n] : '?';
    return a->api->fail(a->out, "nvidia-smi says \"%.*s\" instead of numbers", (int)n, line);
}

/* How shells and sudo say of a program that it is not there; before it stands which. */
static const char *const absences[] = { ": not found", ": command not found",
                                        ": No such file or directory", NULL };

/* Does the option name a program that is called as the text ends? "sudo /opt/nvidia-smi"
 * does where it ends in "nvidia-smi". */
static bool names_program(const char *command, const char *text, size_t len)
{
    while (*command) {
        size_t word = strcspn(command, " "), base = word;

        while (base > 0 && command[base - 1] != '/')
            base--;
        if (word > base && len >= word - base &&
            memcmp(text + len - (word - base), command + base, word - base) == 0)
            return true;
        command += word + strspn(command + word, " ");
    }
    return false;
}

/* A program that is there may miss a file of its own, and says so alike. */
static bool is_absent(const struct answer *a, const char *text, size_t len)
{
    for (size_t i = 0; absences[i]; i++) {
        const char *end = text + len, *at = text;

        for (; (at = memmem(at, (size_t)(end - at), absences[i], strlen(absences[i])));
             at++)
            if (names_program(a->api->option(a->target, "command"), text,
                              (size_t)(at - text)))
                return true;
    }
    return false;
}

static int fail_with_complaint(struct answer *a, const char *text, size_t len)
{

    trim(&text, &len);
    if (is_absent(a, text, len))
        return a->api->fail(a->out, "there is no nvidia-smi on the PATH there; where it "
                                    "is elsewhere, its source's option command says so");
    for (size_t i = 0; complaints[i].phrase; i++)
        if (contains(text, len, complaints[i].phrase))
            return a->api->fail(a->out, "%s", complaints[i].sentence);
    if (contains(text, len, "GPU is lost"))
        return a->api->fail(a->out,
                            "a GPU is lost and nvidia-smi tells nothing about the "
                            "others; the node must be rebooted");
    if (len == 0)
        return a->api->fail(a->out, "nvidia-smi printed nothing");
    if (len > 8 && memcmp(text, "WARNING:", 8) == 0) {
        /* Of the infoROM, say: it follows a round, and the stream goes on. */
        a->api->warn(a->out, "nvidia-smi: %.*s", (int)(len < 160 ? len : 160), text);
        return GW_DONE;
    }
    return fail_with_words(a, text, len);
}

/* ---- CSV ---- */

/* The rungs: which driver branch first knew the fields of that rung. */
enum { RUNG_550, RUNG_535, RUNG_530, RUNG_450, RUNG_OLDEST, RUNGS };

enum reads_as { A_NUMBER, AN_INDEX, A_COUNT, A_UUID, A_MODEL, A_MIG_MODE, REASON_BITS };

/* Fields of --query-gpu, in the order asked: of each rung the oldest first, for
 * nvidia-smi refuses the first field that it does not know, and that field then says how
 * old it is. A field is asked on rungs from..to. */
/* clang-format off */
static const struct field {
    const char *name;
    int from, to;
    enum reads_as as;
    size_t metric;
} fields[] = {
    { "index",                          RUNG_550, RUNG_OLDEST, AN_INDEX, INDEX },
    { "count",                          RUNG_550, RUNG_OLDEST, A_COUNT, 0 },
    { "uuid",                           RUNG_550, RUNG_OLDEST, A_UUID, UUID },
    { "name",                           RUNG_550, RUNG_OLDEST, A_MODEL, MODEL },
    { "temperature.gpu",                RUNG_550, RUNG_OLDEST, A_NUMBER, TEMP },
    { "utilization.gpu",                RUNG_550, RUNG_OLDEST, A_NUMBER, UTIL },
    { "memory.used",                    RUNG_550, RUNG_OLDEST, A_NUMBER, MEM_USED },
    { "memory.total",                   RUNG_550, RUNG_OLDEST, A_NUMBER, MEM_TOTAL },
    { "clocks.sm",                      RUNG_550, RUNG_OLDEST, A_NUMBER, SM_CLOCK },
    { "enforced.power.limit",           RUNG_550, RUNG_450,    A_NUMBER, POWER_LIMIT },
    { "power.limit",                    RUNG_OLDEST, RUNG_OLDEST, A_NUMBER, POWER_LIMIT },
    { "power.draw",                     RUNG_450, RUNG_OLDEST, A_NUMBER, POWER },
    { "clocks_throttle_reasons.active", RUNG_530, RUNG_450,    REASON_BITS, THROTTLE },
    { "temperature.memory",             RUNG_550, RUNG_450,    A_NUMBER, MEM_TEMP },
    { "mig.mode.current",               RUNG_550, RUNG_450,    A_MIG_MODE, MIG },
    { "power.draw.average",             RUNG_550, RUNG_530,    A_NUMBER, POWER },
    { "power.draw.instant",             RUNG_550, RUNG_530,    A_NUMBER, POWER_INSTANT },
    { "clocks_event_reasons.active",    RUNG_550, RUNG_535,    REASON_BITS, THROTTLE },
    { "module.power.draw.average",      RUNG_550, RUNG_550,    A_NUMBER, MODULE_POWER },
    { 0 }
};
/* clang-format on */

static bool asked(const struct field *f, int rung)
{
    return rung >= f->from && rung <= f->to;
}

static size_t field_count(int rung)
{
    size_t count = 0;

    for (const struct field *f = fields; f->name; f++)
        count += asked(f, rung);
    return count;
}

/* The next line of text, without its end; false at the end. A last line without a newline
 * counts. */
static bool next_line(const char **text, const char *end, const char **line, size_t *len)
{
    const char *newline;

    if (*text >= end)
        return false;
    newline = memchr(*text, '\n', (size_t)(end - *text));
    *line = *text;
    *len = (size_t)((newline ? newline : end) - *text);
    *text = newline ? newline + 1 : end;
    return true;
}

/* Is it a row, "3, 8, GPU-…"? Index and count of GPUs stand first, so that a round can be
 * cut without reading the rest. */
static bool row_head(const char *line, size_t len, unsigned *index, unsigned *count)
{
    char copy[32];
    int used = 0;

    snprintf(copy, sizeof(copy), "%.*s", (int)(len < 31 ? len : 31), line);
    return sscanf(copy, "%4u , %4u ,%n", index, count, &used) == 2 && used > 0;
}

static void read_bits(struct answer *a, struct card *c, const char *text, size_t len)
{
    char copy[32];
    char *end;

    if (is_unknown(text, len))
        return;
    snprintf(copy, sizeof(copy), "%.*s", (int)(len < 31 ? len : 31), text);
    c->reasons = (unsigned)strtoull(copy, &end, 16);
    c->reasons_told = end != copy && *end == '\0';
    if (!c->reasons_told)
        note_odd(a, "clock event reasons", text, len);
}

static void read_field(struct answer *a, struct card *c, const struct field *f,
                       const char *text, size_t len)
{
    read_ailment(c, text, len);
    switch (f->as) {
    case A_NUMBER:
        c->number[f->metric] = read_number(a, f->name, text, len, "");
        break;
    case A_UUID:
        read_text(c->uuid, sizeof(c->uuid), text, len);
        break;
    case A_MODEL:
        read_text(c->model, sizeof(c->model), text, len);
        break;
    case A_MIG_MODE:
        c->mig_enabled = len == 7 && memcmp(text, "Enabled", 7) == 0;
        break;
    case REASON_BITS:
        read_bits(a, c, text, len);
        break;
    case AN_INDEX:
    case A_COUNT:
        break;
    }
}

/* Fills the card; false when the line has more or fewer fields than were asked. */
static bool has_all_fields(int rung, const char *line, size_t len)
{
    size_t commas = 0;

    for (size_t i = 0; i < len; i++)
        commas += line[i] == ',';
    return commas + 1 == field_count(rung);
}

/* What would be a row, if it said which GPU it is of, and of how many. */
static void note_head(struct answer *a, const char *line, size_t len)
{
    static const char *const heads[] = { "index", "count" };

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        const char *comma = memchr(line, ',', len), *text = line;
        size_t n = comma ? (size_t)(comma - line) : len;

        line += n + (comma ? 1 : 0);
        len -= n + (comma ? 1 : 0);
        trim(&text, &n);
        if (n == 0 || strspn(text, "0123456789") < n) {
            note_odd(a, heads[i], text, n);
            return;
        }
    }
}

static bool read_row(struct answer *a, struct card *c, int rung, const char *line,
                     size_t len)
{
    card_clear(c);
    if (!has_all_fields(rung, line, len))
        return false;
    for (const struct field *f = fields; f->name; f++) {
        const char *comma, *text = line;
        size_t text_len;

        if (!asked(f, rung))
            continue;
        comma = memchr(line, ',', len);
        text_len = comma ? (size_t)(comma - line) : len;
        line += text_len + (comma ? 1 : 0);
        len -= text_len + (comma ? 1 : 0);
        trim(&text, &text_len);
        read_field(a, c, f, text, text_len);
    }
    return true;
}

/* 'Field "x" is not a valid field to query.': down to the rung that does without it, or
 * to the XML. */
static int step_down(struct answer *a, struct nvsmi *state, const char *text, size_t len)
{
    const char *name = memmem(text, len, "Field \"", 7);
    const char *end = text + len;
    int rung = RUNGS;

    for (const struct field *f = fields; name && f->name; f++) {
        size_t n = strlen(f->name);

        if ((size_t)(end - name) > 7 + n && memcmp(name + 7, f->name, n) == 0 &&
            name[7 + n] == '"')
            rung = f->to + 1;
    }
    state->rung = rung > state->rung ? rung : state->rung + 1;
    if (state->rung < RUNGS)
        return GW_AGAIN;
    if (!HAS_XML)
        return a->api->fail(a->out,
                            "this driver knows too few fields for CSV, and this build "
                            "has no expat to read XML");
    state->xml = true;
    return GW_AGAIN;
}

/* Lost GPUs have no row of their own: theirs are the indices that no row has. */
static void tell_lost(struct answer *a, unsigned lost, const bool *seen, size_t room)
{
    struct card card;

    for (unsigned i = 0; lost && i < room; i++) {
        if (seen[i])
            continue;
        card_clear(&card);
        card.lost = true;
        tell_card(a, i, &card);
        lost--;
    }
}

static int finish(struct answer *a)
{
    if (a->odd)
        a->api->warn(a->out, "%u value%s of nvidia-smi not understood; first: %s", a->odd,
                     a->odd == 1 ? "" : "s", a->first_odd);
    return GW_DONE;
}

static int parse_csv(struct answer *a, struct nvsmi *state, const char *text, size_t len)
{
    const char *at = text, *end = text + len, *line;
    bool seen[128] = { false };
    unsigned lost = 0, index, count;
    bool wants_xml = HAS_XML && strcmp(a->api->option(a->target, "mode"), "csv") != 0;
    struct card card;
    size_t n;

    if (contains(text, len, "is not a valid field"))
        return step_down(a, state, text, len);
    while (next_line(&at, end, &line, &n)) {
        trim(&line, &n);
        if (!row_head(line, n, &index, &count)) {
            lost += contains(line, n, "GPU is lost");
            if (has_all_fields(state->rung, line, n))
                note_head(a, line, n);
            continue;
        }
        if (index >= 128 || seen[index] || !read_row(a, &card, state->rung, line, n)) {
            note_odd(a, "row", line, n);
            continue;
        }
        if (card.mig_enabled && wants_xml) {
            state->xml = true;
            return GW_AGAIN;
        }
        seen[index] = true;
        tell_card(a, index, &card);
    }
    if (a->cards == 0 && a->odd)
        return a->api->fail(a->out, "the CSV of nvidia-smi is not understood: %s",
                            a->first_odd);
    if (a->cards == 0)
        return fail_with_complaint(a, text, len);
    tell_lost(a, lost, seen, 128);
    return finish(a);
}

/* ---- XML ---- */

#ifdef HAVE_EXPAT
/* Elements below <gpu> that are read. Three generations of the same figure may stand
 * beside each other; a later line of this table does not replace what an earlier one
 * knew. */
/* clang-format off */
static const struct element {
    const char *path;
    size_t metric;
    const char *unit;           /* NULL: text */
} elements[] = {
    { "uuid", UUID, NULL },
    { "product_name", MODEL, NULL },
    { "utilization/gpu_util", UTIL, "%" },
    { "fb_memory_usage/used", MEM_USED, "MiB" },
    { "fb_memory_usage/total", MEM_TOTAL, "MiB" },
    { "temperature/gpu_temp", TEMP, "C" },
    { "temperature/memory_temp", MEM_TEMP, "C" },
    { "clocks/sm_clock", SM_CLOCK, "MHz" },
    { "gpu_power_readings/average_power_draw", POWER, "W" },            /* v13 */
    { "gpu_power_readings/instant_power_draw", POWER_INSTANT, "W" },    /* v13 */
    { "gpu_power_readings/power_draw", POWER, "W" },                    /* v12 */
    { "gpu_power_readings/current_power_limit", POWER_LIMIT, "W" },     /* v12, v13 */
    { "power_readings/power_draw", POWER, "W" },                        /* v11 */
    { "power_readings/enforced_power_limit", POWER_LIMIT, "W" },        /* v11 */
    { "module_power_readings/average_power_draw", MODULE_POWER, "W" },  /* v13 */
    { "module_power_readings/power_draw", MODULE_POWER, "W" },          /* v12 */
    { 0 }
};
/* clang-format on */

struct xml {
    struct answer *answer;
    XML_Parser parser;
    struct card card;
    char path[256];             /* below <gpu>, "a/b"; at depth 2: "" */
    size_t path_len;
    unsigned depth;
    bool in_gpu, is_smi, wrong;
    char root[32];
    char text[256];
    size_t text_len;
    struct mig_device device;
    unsigned index;             /* nvidia-smi lists by index; <minor_number> is
                                 * something else */
};

static void stop(struct xml *x)
{
    x->wrong = true;
    XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL open_element(void *arg, const XML_Char *name,
                                 const XML_Char **attributes)
{
    struct xml *x = arg;
    size_t len = strlen(name);

    (void)attributes;
    x->text_len = 0;
    if (++x->depth == 1) {
        snprintf(x->root, sizeof(x->root), "%.31s", name);
        x->is_smi = strcmp(name, "nvidia_smi_log") == 0;
        if (!x->is_smi)
            stop(x);
        return;
    }
    if (x->depth == 2 && strcmp(name, "gpu") == 0) {
        card_clear(&x->card);
        x->in_gpu = true;
        x->path_len = 0;
        return;
    }
    if (!x->in_gpu)
        return;
    if (x->path_len + len + 2 > sizeof(x->path)) {
        stop(x);
        return;
    }
    if (x->path_len)
        x->path[x->path_len++] = '/';
    memcpy(x->path + x->path_len, name, len + 1);
    x->path_len += len;
    if (strcmp(x->path, "mig_devices/mig_device") == 0)
        x->device = (struct mig_device){ NAN, NAN, NAN };
}

static void XMLCALL add_text(void *arg, const XML_Char *text, int len)
{
    struct xml *x = arg;
    size_t room = sizeof(x->text) - x->text_len,
           n = (size_t)len < room ? (size_t)len : room;

    memcpy(x->text + x->text_len, text, n);
    x->text_len += n;
}

/* clocks_event_reasons/clocks_event_reason_hw_slowdown, before v12 with "throttle" for
 * "event". */
static void read_reason(struct card *c, const char *path, const char *text, size_t len)
{
    const char *name;

    if (strncmp(path, "clocks_event_reasons/clocks_event_reason_", 41) == 0)
        name = path + 41;
    else if (strncmp(path, "clocks_throttle_reasons/clocks_throttle_reason_", 47) == 0)
        name = path + 47;
    else
        return;
    if (is_unknown(text, len))
        return;
    c->reasons_told = true;
    for (size_t i = 0; reasons[i].element; i++)
        if (strcmp(name, reasons[i].element) == 0 && len == 6 &&
            memcmp(text, "Active", 6) == 0)
            c->reasons |= reasons[i].bit;
}

static void read_mig(struct xml *x, const char *path, const char *text, size_t len)
{
    struct card *c = &x->card;

    if (strcmp(path, "mig_mode/current_mig") == 0)
        c->mig_enabled = len == 7 && memcmp(text, "Enabled", 7) == 0;
    if (strncmp(path, "mig_devices/mig_device", 22) != 0)
        return;
    path += 22;
    if (strcmp(path, "/gpu_instance_id") == 0)
        x->device.instance = read_number(x->answer, path + 1, text, len, "");
    else if (strcmp(path, "/device_attributes/shared/copy_engine_count") == 0)
        x->device.engines = read_number(x->answer, "copy_engine_count", text, len, "");
    else if (strcmp(path, "/fb_memory_usage/total") == 0)
        x->device.mib = read_number(x->answer, path + 1, text, len, "MiB");
    else if (*path == '\0' && c->mig_count < MIG_ROOM) {
        /* Compute instances share the memory of their GPU instance: counted once. */
        for (size_t i = 0; i < c->mig_count; i++)
            if (c->mig[i].instance == x->device.instance)
                return;
        c->mig[c->mig_count++] = x->device;
    }
}

static void read_element(struct xml *x)
{
    const char *text = x->text;
    size_t len = x->text_len;
    double value;

    trim(&text, &len);
    read_reason(&x->card, x->path, text, len);
    read_mig(x, x->path, text, len);
    for (const struct element *e = elements; e->path; e++) {
        if (strcmp(e->path, x->path) != 0)
            continue;
        read_ailment(&x->card, text, len);
        if (e->metric == UUID)
            read_text(x->card.uuid, sizeof(x->card.uuid), text, len);
        else if (e->metric == MODEL)
            read_text(x->card.model, sizeof(x->card.model), text, len);
        else if (!isnan(value = read_number(x->answer, e->path, text, len, e->unit)))
            x->card.number[e->metric] = value;
        return;
    }
}

static void XMLCALL close_element(void *arg, const XML_Char *name)
{
    struct xml *x = arg;
    char *slash;

    (void)name;
    if (x->in_gpu && x->depth > 2) {
        read_element(x);
        slash = strrchr(x->path, '/');
        x->path_len = slash ? (size_t)(slash - x->path) : 0;
        x->path[x->path_len] = '\0';
    } else if (x->in_gpu) {
        tell_card(x->answer, x->index++, &x->card);
        x->in_gpu = false;
    }
    x->text_len = 0;
    x->depth--;
}

/* nvidia-smi declares no entities; who does means harm. */
static void XMLCALL refuse_entity(void *arg, const XML_Char *name, int is_parameter,
                                  const XML_Char *value, int len, const XML_Char *base,
                                  const XML_Char *system, const XML_Char *public,
                                  const XML_Char *notation)
{
    (void)name, (void)is_parameter, (void)value, (void)len;
    (void)base, (void)system, (void)public, (void)notation;
    stop(arg);
}

static int explain_xml(struct xml *x, bool complete)
{
    struct answer *a = x->answer;
    unsigned long line = XML_GetCurrentLineNumber(x->parser);
    char quoted[32];

    if (x->root[0] && !x->is_smi)
        return a->api->fail(a->out, "expected the XML of nvidia-smi, got <%s>",
                            gw_quote(quoted, x->root, strlen(x->root)));
    if (x->wrong)
        return a->api->fail(
            a->out, "line %lu of the XML is nothing that nvidia-smi prints", line);
    if (!complete)
        return a->api->fail(a->out,
                            "the XML of nvidia-smi is cut off in line %lu, after %u "
                            "whole GPU%s",
                            line, x->index, x->index == 1 ? "" : "s");
    return a->api->fail(a->out, "the XML of nvidia-smi is broken in line %lu: %s", line,
                        XML_ErrorString(XML_GetErrorCode(x->parser)));
}

static int parse_xml(struct answer *a, const char *text, size_t len)
{
    static const char last[] = "</nvidia_smi_log>";
    const char *end = memmem(text, len, last, sizeof(last) - 1);
    struct xml x = { .answer = a };
    int result = GW_DONE;

    /* A warning about the infoROM may follow the document. */
    if (end)
        len = (size_t)(end - text) + sizeof(last) - 1;
    x.parser = XML_ParserCreate(NULL);
    if (!x.parser)
        return a->api->fail(a->out, "no memory to read XML");
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, open_element, close_element);
    XML_SetCharacterDataHandler(x.parser, add_text);
    XML_SetEntityDeclHandler(x.parser, refuse_entity);
    if (XML_Parse(x.parser, text, (int)len, XML_TRUE) != XML_STATUS_OK)
        result = explain_xml(&x, end != NULL);
    else if (a->cards == 0)
        result = a->api->fail(a->out, "%s", complaints[0].sentence);
    else
        result = finish(a);
    XML_ParserFree(x.parser);
    return result;
}
#else
static int parse_xml(struct answer *a, const char *text, size_t len)
{
    (void)text, (void)len;
    return a->api->fail(
        a->out, "this build has no expat to read the XML of nvidia-smi; use mode: csv");
}
#endif

/* ---- the source ---- */

static int ask_xml(const struct gw_api *api, const struct gw_target *target,
                   struct gw_ask *ask, const char *loop)
{
    ask->command = api->print(target, "LC_ALL=C %s -q -x%s 2>&1",
                              api->option(target, "command"), loop);
    return ask->command ? GW_DONE : GW_FAILED;
}

static int ask_csv(const struct gw_api *api, const struct gw_target *target,
                   struct gw_ask *ask, const char *loop)
{
    const struct nvsmi *state = target->state;
    char list[512] = "";

    for (const struct field *f = fields; f->name; f++)
        if (asked(f, state->rung))
            add_words(list, sizeof(list), "%s%s", *list ? "," : "", f->name);
    ask->command = api->print(
        target, "LC_ALL=C %s --query-gpu=%s --format=csv,noheader,nounits%s 2>&1",
        api->option(target, "command"), list, loop);
    return ask->command ? GW_DONE : GW_FAILED;
}

/* An older host has no such member. */
static bool host_wants_no_stream(const struct gw_target *target)
{
    return target->size > offsetof(struct gw_target, no_stream) && target->no_stream;
}

static int nvsmi_ask(const struct gw_api *api, const struct gw_target *target,
                     struct gw_ask *ask, struct gw_out *out)
{
    struct nvsmi *state = target->state;
    const char *mode = api->option(target, "mode"),
               *stream = api->option(target, "stream");
    char loop[32] = "";

    if (strcmp(mode, "auto") != 0 && strcmp(mode, "csv") != 0 && strcmp(mode, "xml") != 0)
        return api->fail(out, "mode: expected auto, csv or xml, got \"%.20s\"", mode);
    if (strcmp(stream, "yes") != 0 && strcmp(stream, "no") != 0)
        return api->fail(out, "stream: expected yes or no, got \"%.20s\"", stream);
    if (strcmp(mode, "xml") == 0 && !HAS_XML)
        return api->fail(out, "mode: this build has no expat to read XML; use csv");
    ask->how = stream[0] == 'y' && !host_wants_no_stream(target) ? GW_STREAM : GW_RUN;
    state->at = (struct framing){ 0 };
    if (ask->how == GW_STREAM)
        snprintf(loop, sizeof(loop), " -l %.0f",
                 fmin(fmax(round(target->interval_s), 1), 86400));
    if (strcmp(mode, "xml") == 0 || state->xml)
        return ask_xml(api, target, ask, loop);
    return ask_csv(api, target, ask, loop);
}

/* Where `what` begins in the bytes that are new, or across the seam to them; NULL:
 * nowhere. */
static const char *find_new(const struct framing *at, const char *text, size_t len,
                            const char *what)
{
    size_t n = strlen(what), from = at->seen > n ? at->seen - n : 0;

    return memmem(text + from, len - from, what, n);
}

static size_t frame_xml(const struct framing *at, const char *text, size_t len)
{
    static const char last[] = "</nvidia_smi_log>";
    const char *end = find_new(at, text, len, last);

    return end ? (size_t)(end - text) + sizeof(last) - 1 : 0;
}

/* A line that is whole. True: the round ends with it, or, where *before, did so before
 * it. */
static bool ends_round(struct framing *at, const char *line, size_t len, bool *before)
{
    unsigned index;

    trim(&line, &len);
    if (row_head(line, len, &index, &at->count)) {
        *before = at->rows && index <= at->last;
        at->last = index;
        at->rows++;
    } else if (contains(line, len, "GPU is lost")) {
        at->lost++;
    }
    return *before || (at->rows && at->rows + at->lost >= at->count);
}

/* A round is whole when it has as many rows as there are GPUs, or when the index starts
 * again. What is no row and stands alone is a complaint, and an answer of its own. */
static size_t frame_csv(struct framing *at, const char *text, size_t len)
{
    size_t from = at->seen > at->line ? at->seen : at->line;
    const char *newline;

    while ((newline = memchr(text + from, '\n', len - from))) {
        size_t begin = at->line;
        bool before = false;

        from = at->line = (size_t)(newline - text) + 1;
        if (ends_round(at, text + begin, from - 1 - begin, &before))
            return before ? begin : from;
    }
    return at->rows == 0 && at->line == len ? len : 0;
}

static size_t nvsmi_frame(const struct gw_target *target, const char *text, size_t len)
{
    struct framing *at = &((struct nvsmi *)target->state)->at;
    size_t whole;

    if (len < at->seen)
        *at = (struct framing){ 0 };
    while (at->blank < len && isspace((unsigned char)text[at->blank]))
        at->blank++;
    if (at->blank == len)
        return 0;
    if (!at->is_xml)
        at->is_xml = text[at->blank] == '<' || find_new(at, text, len, "<?xml");
    whole = at->is_xml ? frame_xml(at, text, len) : frame_csv(at, text, len);
    at->seen = len;
    if (whole)
        *at = (struct framing){ 0 };
    return whole;
}

static int nvsmi_parse(const struct gw_api *api, const struct gw_target *target,
                       const char *text, size_t len, struct gw_out *out)
{
    struct answer a = { .api = api, .target = target, .out = out };
    const char *xml = memmem(text, len, "<?xml", 5);

    trim(&text, &len);
    api->note(out, "%s", xml || (len && text[0] == '<') ? "XML" : "CSV");
    if (xml && xml >= text)     /* a warning may come first */
        return parse_xml(&a, xml, (size_t)(text + len - xml));
    if (len && text[0] == '<')
        return parse_xml(&a, text, len);
    return parse_csv(&a, target->state, text, len);
}

const struct gw_source nvsmi_source = {
    GW_SOURCE_HEAD,
    .name = "nvsmi",
    .summary =
        HAS_XML
            ? "NVIDIA GPUs of a node, by nvidia-smi"
            : "NVIDIA GPUs of a node, by nvidia-smi (CSV only: no expat for XML and MIG)",
    .schemes = "ssh local",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct nvsmi),
    .interval_s = 5,
    .is_node = true,
    .ask = nvsmi_ask,
    .frame = nvsmi_frame,
    .parse = nvsmi_parse,
};
