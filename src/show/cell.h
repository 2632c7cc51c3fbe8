/* A typed cell: what every number and word on its way out is. The screen and JSON are written from the
 * same cells, so they cannot disagree. */
#ifndef SHOW_CELL_H
#define SHOW_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/unit.h"
#include "gigawatch/source.h"

enum cell_type { CELL_NONE, CELL_NUMBER, CELL_TEXT, CELL_TREND };

/* How much an operator should care. Colour, shape and word all come from it. */
enum level { LEVEL_PLAIN, LEVEL_OK, LEVEL_INFORMATION, LEVEL_ATTENTION, LEVEL_CRITICAL, LEVEL_FAINT };

struct cell {
    enum cell_type type;
    enum unit unit;             /* of number: base unit; UNIT_TIME: seconds since 1970 */
    enum level level;
    enum gw_quality quality;
    bool probability;           /* of a ratio: written .34, not 34% */
    double number;              /* never NAN: unknown is CELL_NONE */
    const char *text;           /* borrowed from the model; clean UTF-8 */
    const float *values;        /* CELL_TREND: NAN where unknown */
    size_t count;
};

static inline struct cell cell_number(double number, enum unit unit)
{
    return number == number ? (struct cell){ .type = CELL_NUMBER, .number = number, .unit = unit }
                            : (struct cell){ .type = CELL_NONE, .unit = unit };
}

static inline struct cell cell_string(const char *text)
{
    return (struct cell){ .type = text ? CELL_TEXT : CELL_NONE, .text = text };
}

/* The cell as people read it: three significant digits; `scale` (unit_scale) is the column's, 0 chooses for this
 * cell alone and appends the unit. Unknown: "—". Returns bytes. */
size_t cell_format(char *to, size_t room, const struct cell *cell, double scale);

#endif
