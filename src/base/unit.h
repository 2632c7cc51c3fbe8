/* Units: their names, their scale to the base unit, and which fit together. Everything
 * inside is in base units; only what people read or write has another. */
#ifndef BASE_UNIT_H
#define BASE_UNIT_H

#include <stdbool.h>
#include <stddef.h>

/* A dimension has one base unit: the one in its name. */
enum unit {
    UNIT_NONE,
    UNIT_W,
    UNIT_VA,
    UNIT_A,
    UNIT_V,
    UNIT_J,
    UNIT_C,
    UNIT_BYTES,
    UNIT_S,
    UNIT_RATIO,
    UNIT_HZ,
    UNIT_TIME,
    UNIT_BYTES_PER_S,
    UNIT_PER_S,
    UNITS
};

/* Finds "kW", "MiB", "mJ", "%": sets the dimension and the factor to the base unit.
 * False: unknown. */
bool unit_find(const char *name, size_t len, enum unit *unit, double *scale);
const char *unit_name(enum unit unit);          /* "W", "bytes", "ratio", "" */
/* of a JSON or CSV name: "_w", "_bytes", "" */
const char *unit_suffix(enum unit unit);
/* what a person may write: "W kW MW GW" */
const char *unit_known(enum unit unit);
/* Whether a number of it means nothing without its unit, nought seconds excepted: 15 may
 * be minutes, 80 degrees of two kinds. */
bool unit_is_needed(enum unit unit, double number);
/* How to write it: "15s or 15m", or what a person may write. */
void unit_advice(char to[64], enum unit unit, double number);

/* For who wrote "6kw" or "6 kW": "; did you mean 6kW?", or "", where no unit of that kind
 * differs from it by blanks and case alone. Of several, as mW and MW, the one in which
 * such things are told. */
void unit_meant(char to[64], const char *text, enum unit unit);

/* The prefix in which `value` reads well: sets *scale and returns "kW". One unit for a
 * whole column is chosen from its largest value. */
const char *unit_scale(enum unit unit, double value, double *scale);

/* "5.2MW", "90%", "15m", "80C": a number with an optional unit. Returns the bytes
 * understood, 0 for none; *unit is UNIT_NONE where none was written. */
size_t unit_parse(const char *text, double *value, enum unit *unit);
/* The same, and as rating plates write it: "20 kVA". */
size_t unit_parse_plate(const char *text, double *value, enum unit *unit);

#endif
