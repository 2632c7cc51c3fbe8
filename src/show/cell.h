/* A typed cell: what every number and word on its way out is. The screen and JSON are
 * written from the same cells, so they cannot disagree. */
#ifndef SHOW_CELL_H
#define SHOW_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/unit.h"
#include "gigawatch/source.h"

enum cell_type { CELL_NONE, CELL_NUMBER, CELL_TEXT, CELL_TREND };

/* How much an operator should care. Colour, shape and word all come from it. */
enum level {
    LEVEL_PLAIN,
    LEVEL_OK,
    LEVEL_INFORMATION,
    LEVEL_ATTENTION,
    LEVEL_CRITICAL,
    LEVEL_FAINT
};

struct cell {
    enum cell_type type;
    enum unit unit;             /* of number: base unit; UNIT_TIME: seconds since 1970 */
    enum level level;
    enum gw_quality quality;
    bool probability;           /* of a ratio: written .34, not 34% */
    bool foretold;              /* a guess by its nature */
    bool has_fractions;         /* its column has: 32 stands there as 32.0 */
    bool share;                 /* of a ratio: how much is there of what should be;
                                 * rounded down, see text_share_percent() */
    double number;              /* never NAN: unknown is CELL_NONE */
    double now;                 /* of a UNIT_TIME: the moment it is looked at, for that
                                 * day needs no date; 0: any */
    const char *text;           /* borrowed from the model; clean UTF-8. Of CELL_NONE:
                                 * the word for it, where "—" says too little */
    const float *values;        /* CELL_TREND: NAN where unknown */
    size_t count;
};

static inline struct cell cell_number(double number, enum unit unit)
{
    return number == number
               ? (struct cell){ .type = CELL_NUMBER, .number = number, .unit = unit }
               : (struct cell){ .type = CELL_NONE, .unit = unit };
}

static inline struct cell cell_string(const char *text)
{
    return (struct cell){ .type = text ? CELL_TEXT : CELL_NONE, .text = text };
}

/* What there is to doubt about a cell: GW_STALE, GW_ESTIMATED or GW_OUT_OF_RANGE; GW_OK:
 * nothing, or that nothing is known, which needs no word. "is stale" in a query, the
 * marks of tables and "quality" in JSON all come from here. */
enum gw_quality cell_doubt(const struct cell *cell);
/* The doubt as JSON says it: "stale"; NULL: none. */
const char *cell_doubt_word(const struct cell *cell);
/* The doubt as a shape beside the number, one cell wide: ◐ stale, ~ estimated, ? out of
 * range. 0: none, or none that its heading does not tell: of a probability, and of what
 * is foretold, nobody asks whether it was measured. */
uint32_t cell_doubt_mark(const struct cell *cell);

/* The cell as people read it: three significant digits; `scale` (unit_scale) is the
 * column's, 0 chooses for this cell alone and appends the unit. Unknown: "—". Returns
 * bytes. */
size_t cell_format(char *to, size_t room, const struct cell *cell, double scale);

#endif
