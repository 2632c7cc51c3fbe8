/* Values as machines read them: the one place that says how a number, a time and a text
 * stand in JSON and its kin. */
#ifndef SHOW_PRINT_H
#define SHOW_PRINT_H

#include <stdio.h>

#include "show/table.h"

enum { PRINT_NUMBER_ROOM = 40, PRINT_NAME_ROOM = 96 };

/* The fewest digits that give back the same float ("412.6", not "412.600006"), nine where
 * it is no float; never an exponent for a whole number, never a decimal comma. */
void print_number(char to[PRINT_NUMBER_ROOM], double number);
/* The number of a cell as it is told: of a probability six decimals. */
double cell_printed(const struct cell *cell);
/* In quotes, escaped (RFC 8259). */
void print_json_string(FILE *out, const char *text);
/* A number, a string, a time as RFC 3339 in quotes, an array, or null. */
void print_json_cell(FILE *out, const struct cell *cell);
/* {"name":"n14","power_w":412.6,…,"quality":{"power_w":"estimated"}}: fields in the order
 * of the columns, and which of them are not simply measured and fresh. */
void print_json_row(FILE *out, const struct table *t, size_t row);
/* Text on one line, where there is no way to quote: a blank for each tab and line end. */
void print_unquoted(FILE *out, const char *text);
/* Rows of bare values, as csv, tsv and value write them. A trend is many values: it has a
 * place where it was asked for. */
struct print_form {
    const char *between, *end;
    const char *unknown;        /* stands for what is not known */
    bool timed;                 /* when a row was so comes first, where several answers
                                 * follow each other */
    void (*put_text)(FILE *out, const char *text);
};
void print_rows(FILE *out, const struct table *t, const struct print_form *form);
/* A header line of JSON names, of what has a place; nothing where it was printed for an
 * answer before. */
void print_header(FILE *out, const struct table *t, const char *between, const char *end);

#endif
