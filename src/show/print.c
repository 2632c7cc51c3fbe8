/* Numbers, texts and cells for machines. */
#include "show/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* ---- numbers ---- printf() would do, and costs ten times as much as all else of an
 * answer. What it says is what is said here, too, digit for digit;
 * tests/unit/format_test.c compares them. */

enum { FEWEST = 6, MOST = 9 /* digits: a float has as many */, POWERS = 13 };

static const double power_of_ten[POWERS] = { 1e0, 1e1, 1e2, 1e3,  1e4,  1e5, 1e6,
                                             1e7, 1e8, 1e9, 1e10, 1e11, 1e12 };

static char *put_whole(char *to, uint64_t number)
{
    char digits[20], *at = digits + sizeof(digits);

    do
        *--at = (char)('0' + number % 10);
    while (number /= 10);
    memcpy(to, at, (size_t)(digits + sizeof(digits) - at));
    return to + (digits + sizeof(digits) - at);
}

/* `number` in units of 10^-after, without the zeros at its end. */
static void put_decimal(char *to, uint64_t number, int after)
{
    uint64_t one = (uint64_t)power_of_ten[after];
    uint64_t part = number % one;

    to = put_whole(to, number / one);
    if (part) {
        *to++ = '.';
        for (; part; part = part * 10 % one)
            *to++ = (char)('0' + part * 10 / one);
    }
    *to = '\0';
}

/* `number` (.0001 to 10^9, no whole one) in units of 10^-after, rounded as the exact
 * value asks for, a half to the even. */
static uint64_t scaled(double number, int after)
{
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(number, &exponent), 53);
    int shift = 53 - exponent; /* number = mantissa / 2^shift; 23 to 66 */
    unsigned __int128 exact = (unsigned __int128)mantissa * (uint64_t)power_of_ten[after];
    unsigned __int128 half = (unsigned __int128)1 << (shift - 1),
                      rest = exact & (2 * half - 1);
    uint64_t whole = (uint64_t)(exact >> shift);

    return whole + (rest > half || (rest == half && whole % 2));
}

/* How many digits stand before the point; less than 1: how many zeros follow it,
 * negative. */
static int digits_before(double number)
{
    static const double small[] = { 1e-1, 1e-2, 1e-3, 1e-4 };
    int digits = 0;

    while (number >= power_of_ten[digits])
        digits++;
    while (digits <= 0 && number < small[-digits])
        digits--;
    return digits;
}

/* The fewest digits that give back the same float; nine where it is none. */
static void print_digits(char *to, double number)
{
    int before = digits_before(number),
        digits = (double)(float)number == number ? FEWEST : MOST;
    uint64_t units;

    if (digits < before)
        digits = before;
    for (;; digits++) {
        units = scaled(number, digits - before);
        if (digits >= MOST ||
            (float)((double)units / power_of_ten[digits - before]) == (float)number)
            break;
    }
    put_decimal(to, units, digits - before);
}

/* What is too large or too small for digits alone. */
static void print_power(char to[PRINT_NUMBER_ROOM], double number)
{
    int digits = (double)(float)number == number ? FEWEST : MOST;
    char *comma;

    snprintf(to, PRINT_NUMBER_ROOM, "%.*g", digits, number);
    while (digits < MOST && (float)strtod(to, NULL) != (float)number)
        snprintf(to, PRINT_NUMBER_ROOM, "%.*g", ++digits, number);
    comma = strchr(to, ',');
    if (comma)
        *comma = '.';
}

void print_number(char to[PRINT_NUMBER_ROOM], double number)
{
    double size = fabs(number);
    bool whole = number == trunc(number) && size < 1e15;

    if (!whole && !(size >= 1e-4 && size < 1e8)) {
        print_power(to, number);
        return;
    }
    if (number < 0)
        *to++ = '-';
    if (whole)
        *put_whole(to, (uint64_t)size) = '\0';
    else
        print_digits(to, size);
}

/* Nobody knows a probability to more than a millionth. */
double cell_printed(const struct cell *cell)
{
    return cell->probability ? (double)(float)(rint(1e6 * cell->number) / 1e6)
                             : cell->number;
}

/* ---- JSON ---- */

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* One point that is not plain; returns what follows it. */
static const char *print_point(FILE *out, const char *text)
{
    uint32_t point = text_next(&text);
    char bytes[4];

    if (point == '"' || point == '\\')
        fprintf(out, "\\%c", (char)point);
    else if (point < 0x20 || point == 0x7f)
        fprintf(out, "\\u%04x", (unsigned)point);
    else
        fwrite(bytes, 1, text_put(bytes, point), out);
    return text;
}

void print_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text) {
        size_t plain = 0;

        while (is_plain(text[plain]))
            plain++;
        if (plain)
            fwrite(text, 1, plain, out);
        text += plain;
        if (*text)
            text = print_point(out, text);
    }
    fputc('"', out);
}

static void print_trend(FILE *out, const struct cell *cell)
{
    char number[PRINT_NUMBER_ROOM];

    fputc('[', out);
    for (size_t i = 0; i < cell->count; i++) {
        if (i)
            fputc(',', out);
        if (isnan(cell->values[i])) {
            fputs("null", out);
            continue;
        }
        print_number(number, (double)cell->values[i]);
        fputs(number, out);
    }
    fputc(']', out);
}

void print_json_cell(FILE *out, const struct cell *cell)
{
    char number[PRINT_NUMBER_ROOM], moment[PRINT_NUMBER_ROOM];

    if (cell->type == CELL_TEXT) {
        print_json_string(out, cell->text);
    } else if (cell->type == CELL_TREND) {
        print_trend(out, cell);
    } else if (cell->type != CELL_NUMBER || !isfinite(cell->number)) {
        fputs("null", out);
    } else if (cell->unit == UNIT_TIME) {
        text_time(moment, sizeof(moment), cell->number);
        fprintf(out, "\"%s\"", moment);
    } else {
        print_number(number, cell_printed(cell));
        fputs(number, out);
    }
}

/* What is to be doubted, by name: {"power_w":"estimated"}; most often nothing. */
static void print_doubts(FILE *out, const struct table *t, size_t row)
{
    char name[PRINT_NAME_ROOM];
    bool any = false;

    for (size_t i = 0; i < t->column_count; i++) {
        struct cell cell = table_cell(t, row, i);
        const char *word = cell_doubt_word(&cell);

        if (!word)
            continue;
        column_json_name(name, sizeof(name), t->columns[i]);
        fprintf(out, "%s\"%s\":\"%s\"", any ? "," : "", name, word);
        any = true;
    }
}

void print_json_row(FILE *out, const struct table *t, size_t row)
{
    char name[PRINT_NAME_ROOM];
    bool doubted = false;

    fputc('{', out);
    for (size_t i = 0; i < t->column_count; i++) {
        struct cell cell = table_cell(t, row, i);

        column_json_name(name, sizeof(name), t->columns[i]);
        fputs(i ? ",\"" : "\"", out);
        fputs(name, out);
        fputs("\":", out);
        print_json_cell(out, &cell);
        doubted |= cell_doubt(&cell) != GW_OK;
    }
    fputs(t->column_count ? ",\"quality\":{" : "\"quality\":{", out);
    if (doubted)
        print_doubts(out, t, row);
    fputs("}}", out);
}

static void print_bare_trend(FILE *out, const struct cell *cell, const char *unknown)
{
    char number[PRINT_NUMBER_ROOM];

    if (!*unknown)
        unknown = "-";
    for (size_t i = 0; i < cell->count; i++) {
        if (i)
            fputc(' ', out);
        if (isnan(cell->values[i])) {
            fputs(unknown, out);
        } else {
            print_number(number, (double)cell->values[i]);
            fputs(number, out);
        }
    }
}

static void print_bare_cell(FILE *out, const struct cell *cell, const char *unknown,
                            void (*put_text)(FILE *out, const char *text))
{
    char text[PRINT_NUMBER_ROOM];

    if (cell->type == CELL_TEXT) {
        put_text(out, cell->text);
    } else if (cell->type == CELL_TREND) {
        print_bare_trend(out, cell, unknown);
    } else if (cell->type != CELL_NUMBER || !isfinite(cell->number)) {
        fputs(unknown, out);
    } else {
        if (cell->unit == UNIT_TIME)
            text_time(text, sizeof(text), cell->number);
        else
            print_number(text, cell_printed(cell));
        fputs(text, out);
    }
}

void print_unquoted(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text, out);
}

static bool has_place(const struct table *t, size_t column)
{
    return t->is_chosen || !t->columns[column]->trend;
}

static bool print_time(FILE *out, const struct table *t,
                       void (*put_text)(FILE *out, const char *text))
{
    struct cell at = cell_number(t->at, UNIT_TIME);

    if (t->is_watched)
        print_bare_cell(out, &at, "", put_text);
    return t->is_watched;
}

void print_rows(FILE *out, const struct table *t, const struct print_form *form)
{
    for (size_t row = 0; row < t->row_count; row++) {
        const char *before = form->timed && print_time(out, t, form->put_text)
                                 ? form->between
                                 : "";

        for (size_t i = 0; i < t->column_count; i++) {
            struct cell cell;

            if (!has_place(t, i))
                continue;
            cell = table_cell(t, row, i);
            fputs(before, out);
            print_bare_cell(out, &cell, form->unknown, form->put_text);
            before = form->between;
        }
        fputs(form->end, out);
    }
}

void print_header(FILE *out, const struct table *t, const char *between, const char *end)
{
    char name[PRINT_NAME_ROOM];
    const char *before = "";

    if (t->goes_on)
        return;
    if (t->is_watched) {
        fputs("at", out);
        before = between;
    }
    for (size_t i = 0; i < t->column_count; i++) {
        if (!has_place(t, i))
            continue;
        column_json_name(name, sizeof(name), t->columns[i]);
        fprintf(out, "%s%s", before, name);
        before = between;
    }
    fputs(end, out);
}
