/* Typed cells as people read them. */
#include "show/cell.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "show/chart.h"

enum { TREND_CELLS = 12, NUMBER_ROOM = 64 };

static size_t put_text(char *to, size_t room, const char *text)
{
    size_t len = strlen(text);

    if (!room)
        return 0;
    if (len >= room)
        for (len = room - 1; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--)
            ; /* cut at a character's end */
    memcpy(to, text, len);
    to[len] = '\0';
    return len;
}

/* 98304 -> "98,304": what is counted is said to the last one. */
static void print_count(char to[NUMBER_ROOM], double number)
{
    char digits[NUMBER_ROOM];
    int len = snprintf(digits, sizeof(digits), "%.0f", fabs(number));
    size_t used = 0;

    if (number < 0)
        to[used++] = '-';
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            to[used++] = ',';
        to[used++] = digits[i];
    }
    to[used] = '\0';
}

/* In a column of one scale, thousandths are enough of what is small beside its
 * largest. */
static void print_in_column(char to[NUMBER_ROOM], double value, bool has_fractions)
{
    double size = fabs(value);

    if (has_fractions && value == trunc(value) && size > 0)
        snprintf(to, NUMBER_ROOM, "%.*f", size < 9.995 ? 2 : size < 99.95 ? 1 : 0, value);
    else if (!(size > 0 && size < .9995))
        text_number(to, NUMBER_ROOM, value);
    else if (size < .0005)
        put_text(to, NUMBER_ROOM, value < 0 ? ">-0.001" : "<0.001");
    else
        snprintf(to, NUMBER_ROOM, "%.3f", value);
}

/* "93.8%": all other units stand after a blank. */
static void print_share(char to[NUMBER_ROOM], const struct cell *cell, double scale)
{
    size_t used = text_number(to, NUMBER_ROOM, text_share_percent(cell->number));

    if (!(scale > 0))
        put_text(to + used, NUMBER_ROOM - used, "%");
}

/* What is kept are floats, and 99 % of one is 99.0000010: as a float again it is 99. */
static void print_scaled(char to[NUMBER_ROOM], const struct cell *cell, double scale)
{
    const char *unit;
    size_t used;

    if (scale > 0) {
        print_in_column(to, (double)(float)(cell->number / scale), cell->has_fractions);
        return;
    }
    unit = unit_scale(cell->unit, cell->number, &scale);
    used = text_number(to, NUMBER_ROOM, (double)(float)(cell->number / scale));
    /* A per cent sign stands at its number, as in "93.8%"; every other unit after a
     * blank. */
    if (*unit)
        snprintf(to + used, NUMBER_ROOM - used, "%s%s", *unit == '%' ? "" : " ", unit);
}

static bool is_count(const struct cell *cell)
{
    return cell->unit == UNIT_NONE && cell->number == trunc(cell->number) &&
           fabs(cell->number) < 1e9;
}

/* "1.62 M": what is no count, and stands alone. */
static void print_amount(char to[NUMBER_ROOM], double amount)
{
    static const struct {
        double scale;
        const char *prefix;
    } prefixes[] = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" } };
    size_t i = 0, used;

    while (i < 2 && fabs(amount) < prefixes[i].scale)
        i++;
    used = text_number(to, NUMBER_ROOM, (double)(float)(amount / prefixes[i].scale));
    snprintf(to + used, NUMBER_ROOM - used, " %s", prefixes[i].prefix);
}

static void print_number(char to[NUMBER_ROOM], const struct cell *cell, double scale)
{
    if (cell->probability)
        text_probability(to, NUMBER_ROOM, cell->number);
    else if (cell->share)
        print_share(to, cell, scale);
    else if (cell->unit == UNIT_S)
        text_duration(to, NUMBER_ROOM, cell->number);
    else if (cell->unit == UNIT_TIME)
        text_when(to, NUMBER_ROOM, cell->number,
                  cell->now > 0 ? cell->now : cell->number);
    else if (is_count(cell) && !(scale > 1))
        /* A cost in a column of millions may be whole by chance. */
        print_count(to, cell->number);
    else if (scale > 0 && fabs(cell->number) >= 999.5 * scale &&
             fabs(cell->number) < 1e9 * scale)
        print_count(to, round(cell->number / scale));   /* nobody reads 175625 at once */
    else if (cell->unit == UNIT_NONE && !(scale > 0) && fabs(cell->number) >= 1e4)
        print_amount(to, cell->number);
    else
        print_scaled(to, cell, scale);
}

static const struct {
    const char *word;
    uint32_t mark;
} doubts[] = {
    [GW_STALE] = { "stale", 0x25d0 }, /* ◐ */
    [GW_ESTIMATED] = { "estimated", '~' },
    [GW_OUT_OF_RANGE] = { "out-of-range", '?' },
};

enum gw_quality cell_doubt(const struct cell *cell)
{
    if (cell->quality == GW_OUT_OF_RANGE)
        return GW_OUT_OF_RANGE;
    if (cell->type == CELL_NONE || cell->quality == GW_NEVER)
        return GW_OK;
    return cell->quality;
}

const char *cell_doubt_word(const struct cell *cell)
{
    enum gw_quality doubt = cell_doubt(cell);

    return doubt == GW_OK ? NULL : doubts[doubt].word;
}

uint32_t cell_doubt_mark(const struct cell *cell)
{
    enum gw_quality doubt = cell_doubt(cell);

    if (doubt == GW_OK ||
        (doubt == GW_ESTIMATED && (cell->probability || cell->foretold)))
        return 0;
    return doubts[doubt].mark;
}

size_t cell_format(char *to, size_t room, const struct cell *cell, double scale)
{
    char number[NUMBER_ROOM];

    switch (cell->type) {
    case CELL_TEXT:
        return put_text(to, room, cell->text);
    case CELL_TREND:
        return chart_spark_text(to, room, TREND_CELLS, cell->values, cell->count);
    case CELL_NUMBER:
        print_number(number, cell, scale);
        return put_text(to, room, number);
    case CELL_NONE:
        break;
    }
    return put_text(to, room, cell->text ? cell->text : "—");
}
