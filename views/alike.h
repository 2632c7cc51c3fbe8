/* Racks of one hall that are near their caps are as many alerts as racks, and one thing
 * to know: where they are several they are told in a line. */
#ifndef VIEWS_ALIKE_H
#define VIEWS_ALIKE_H

#include <stdio.h>

#include "views/columns.h"

enum { MOST_ALIKE = 64 };

struct alike {
    uint32_t whole;             /* the hall, or else what feeds them */
    uint32_t alert, rack;       /* of the fullest of them */
    size_t count;
};
struct alikes {
    struct alike items[MOST_ALIKE];
    size_t count;
};

static inline double load_of_domain(const struct model *m, uint32_t domain)
{
    return model_number(m, M_DOMAIN_POWER, domain) /
           model_number(m, M_DOMAIN_CAP, domain);
}

/* The rack that is near its cap, and no worse; GW_NONE: the alert is another one. */
static inline uint32_t rack_near_cap(const struct model *m, uint32_t alert)
{
    const char *name = model_name(m, GW_ALERT, alert),
               *subject = model_text(m, M_ALERT_SUBJECT, alert);
    uint32_t rack = subject && text_ends(name, " power")
                        ? model_find(m, GW_DOMAIN, subject)
                        : GW_NONE;

    if (rack == GW_NONE || !text_is(model_text(m, M_DOMAIN_TYPE, rack), "rack") ||
        level_of_word(model_text(m, M_ALERT_LEVEL, alert)) == LEVEL_CRITICAL)
        return GW_NONE;
    return rack;
}

static inline void alikes_add(struct alikes *a, const struct model *m, uint32_t alert)
{
    uint32_t rack = rack_near_cap(m, alert),
             whole = rack == GW_NONE ? GW_NONE : model_hall(m, rack);
    size_t at = 0;

    if (whole == GW_NONE)
        return;
    while (at < a->count && a->items[at].whole != whole)
        at++;
    if (at == MOST_ALIKE)
        return;
    if (at == a->count)
        a->items[a->count++] = (struct alike){ whole, alert, rack, 0 };
    a->items[at].count++;
    if (load_of_domain(m, rack) > load_of_domain(m, a->items[at].rack)) {
        a->items[at].alert = alert;
        a->items[at].rack = rack;
    }
}

/* The line that tells of it, with others; NULL: it has its own. */
static inline const struct alike *alike_of(const struct alikes *a, const struct model *m,
                                           uint32_t alert)
{
    uint32_t rack = rack_near_cap(m, alert),
             whole = rack == GW_NONE ? GW_NONE : model_hall(m, rack);

    for (size_t i = 0; i < a->count && whole != GW_NONE; i++)
        if (a->items[i].whole == whole)
            return a->items[i].count >= SEVERAL_RACKS ? &a->items[i] : NULL;
    return NULL;
}

static inline void say_alike(const struct model *m, const struct alike *a, char *to,
                             size_t room)
{
    struct cell count = cell_number((double)a->count, UNIT_NONE);
    char number[24];

    cell_format(number, sizeof(number), &count, 0);
    snprintf(to, room, "%s racks near their caps: %s at %.1f%%", number,
             model_name(m, GW_DOMAIN, a->rack), 100 * load_of_domain(m, a->rack));
}

#endif
