/* What a protective device tolerates: breakers, relays and UPS carry more than their
 * rating, for a while. Plain facts of a device, from the site's configuration;
 * forecast/quantity.h does the arithmetic. */
#ifndef BASE_PROTECTION_H
#define BASE_PROTECTION_H

#include <stddef.h>

enum protection_kind {
    PROTECTION_NONE,            /* the cap is a limit on power, or on its mean */
    PROTECTION_THERMAL,         /* heats and cools with a time constant: thermal trips,
                                 * cables, transformers */
    PROTECTION_I2T,             /* an electronic trip's long-time delay: current
                                 * squared times time */
    PROTECTION_TABLE,           /* a UPS: so much for so long */
    PROTECTION_CURVE,           /* a relay: IEC 60255-151 or IEEE C37.112 inverse time */
};

enum { PROTECTION_ROWS = 8 };

/* The cap's watts are the rating (pickup) that all shares and multiples here are of. */
struct protection {
    enum protection_kind kind;
    unsigned rows;              /* of a table */
    double forget_s;            /* until nearly nothing (e^-4) of an overload is
                                 * remembered; thermal: unused */
    union {                     /* by kind: there is one in each of many thousand caps */
        struct {
            double seconds;     /* thermal: the time constant; i2t: until it trips at
                                 * `at`; curve: its multiplier */
            double at;          /* i2t: times the rating */
            double a, b, p;     /* curve: trips after a / (r^p - 1) + b seconds at r times
                                 * the rating */
        };
        struct {
            float share, seconds;       /* up to this share is carried for so long */
        } table[PROTECTION_ROWS]; /* shares rise, seconds fall */
    };
};

#endif
