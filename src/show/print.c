/* Numbers, texts and cells for machines. */
#include "show/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void print_digits(char to[PRINT_NUMBER_ROOM], double number)
{
    int digits = 6;

    snprintf(to, PRINT_NUMBER_ROOM, "%.*g", digits, number);
    while (digits < 9 && (float)strtod(to, NULL) != (float)number)
        snprintf(to, PRINT_NUMBER_ROOM, "%.*g", ++digits, number);
}

void print_number(char to[PRINT_NUMBER_ROOM], double number)
{
    char *comma;

    if (number == trunc(number) && fabs(number) < 1e15)
        snprintf(to, PRINT_NUMBER_ROOM, "%lld", (long long)number);
    else if ((double)(float)number == number)
        print_digits(to, number);
    else
        snprintf(to, PRINT_NUMBER_ROOM, "%.9g", number);
    comma = strchr(to, ',');
    if (comma)
        *comma = '.';
}

void print_json_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text) {
        uint32_t point = text_next(&text);
        char bytes[4];

        if (point == '"' || point == '\\')
            fprintf(out, "\\%c", (char)point);
        else if (point < 0x20 || point == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)point);
        else
            fwrite(bytes, 1, text_put(bytes, point), out);
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
        print_number(number, cell->number);
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

    for (size_t i = 0; i < cell->count; i++) {
        print_number(number, isnan(cell->values[i]) ? 0 : (double)cell->values[i]);
        fprintf(out, "%s%s", i ? " " : "",
                isnan(cell->values[i]) ? *unknown ? unknown : "-" : number);
    }
}

void print_bare_cell(FILE *out, const struct cell *cell, const char *unknown,
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
            print_number(text, cell->number);
        fputs(text, out);
    }
}

void print_header(FILE *out, const struct table *t, const char *between, const char *end)
{
    char name[PRINT_NAME_ROOM];

    for (size_t i = 0; i < t->column_count; i++) {
        column_json_name(name, sizeof(name), t->columns[i]);
        fprintf(out, "%s%s", i ? between : "", name);
    }
    fputs(end, out);
}
