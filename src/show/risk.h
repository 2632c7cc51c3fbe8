/* The risk: which breach to name when there is room for one. Every view names the
 * same. */
#ifndef SHOW_RISK_H
#define SHOW_RISK_H

#include <stddef.h>

#include "model/model.h"

/* Of the site and its domains: of those that will breach within the hour more likely than
 * not (the second threshold), the soonest; else the most likely. */
struct risk {
    struct row row;             /* id GW_NONE: nobody's probability is known */
    const char *name;
    uint32_t forecast;          /* the hour's; GW_NONE */
    double p, ttb_s;            /* NAN: not known */
};
struct risk risk_of(const struct model *m);

/* A rack whose whole is at risk, and at least as likely to breach, is that whole's line,
 * unless a breach of its own is more likely than not: else the many racks of one busway
 * would push everything else off the screen. */
bool risk_is_told_by_whole(const struct model *m, uint32_t domain);

/* The forecast of a domain or the site for the next hour; GW_NONE. */
uint32_t risk_forecast(const struct model *m, const char *name);
/* The power that the site or a domain passes once in ten times within the hour, as a
 * share of its cap. NAN: not known, old, or of other power than its meter's, as with a
 * cap for a feed lost. */
double risk_reach(const struct model *m, struct row row);

#endif
