/* The CSV of nvidia-smi --query-gpu: which fields which driver knows, rows, and what they
 * tell. */
#ifndef PLUGINS_NVSMI_CSV_H
#define PLUGINS_NVSMI_CSV_H

#include "plugins/nvsmi/complaints.h"
#include "plugins/nvsmi/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a target wants to be asked, as it has taught. */
struct way {
    int rung;                   /* of the CSV query; 0: the newest fields */
    bool xml;                   /* CSV will not do here */
};

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

/* The fields of a rung, as --query-gpu takes them. */
static void name_fields(int rung, char *to, size_t room)
{
    *to = '\0';
    for (const struct field *f = fields; f->name; f++)
        if (asked(f, rung))
            add_words(to, room, "%s%s", *to ? "," : "", f->name);
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

/* Fills the card; false when the line has more or fewer fields than were asked. */
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
static int step_down(struct answer *a, struct way *way, const char *text, size_t len)
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
    way->rung = rung > way->rung ? rung : way->rung + 1;
    if (way->rung < RUNGS)
        return GW_AGAIN;
    if (!HAS_XML)
        return a->api->fail(a->out,
                            "this driver knows too few fields for CSV, and this build "
                            "has no expat to read XML");
    way->xml = true;
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

static int parse_csv(struct answer *a, struct way *way, const char *text, size_t len)
{
    const char *at = text, *end = text + len, *line;
    bool seen[128] = { false };
    unsigned lost = 0, index, count;
    bool wants_xml = HAS_XML && strcmp(a->api->option(a->target, "mode"), "csv") != 0;
    struct card card;
    size_t n;

    if (contains(text, len, "is not a valid field"))
        return step_down(a, way, text, len);
    while (next_line(&at, end, &line, &n)) {
        trim(&line, &n);
        if (!row_head(line, n, &index, &count)) {
            lost += contains(line, n, "GPU is lost");
            if (has_all_fields(way->rung, line, n))
                note_head(a, line, n);
            continue;
        }
        if (index >= 128 || seen[index] || !read_row(a, &card, way->rung, line, n)) {
            note_odd(a, "row", line, n);
            continue;
        }
        if (card.mig_enabled && wants_xml) {
            way->xml = true;
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

#endif
