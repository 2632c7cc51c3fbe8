/* Racks of one hall that come near their caps together, as they do when a large job
 * starts, are as many alerts as racks, and one event: a thousand events are kept, and
 * what else happened would be gone. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/inside.h"

struct crowd_member {
    uint32_t rack, hall;
    enum alarm level;
    char *text;
};

static bool is_of_type(const struct model *m, uint32_t domain, const char *type)
{
    const char *told = model_text(m, M_DOMAIN_TYPE, domain);

    return told && strcmp(told, type) == 0;
}

uint32_t model_hall(const struct model *m, uint32_t domain)
{
    struct row first = model_parent(m, GW_DOMAIN, domain), up = first;

    while (up.id != GW_NONE && up.kind == GW_DOMAIN && !is_of_type(m, up.id, "hall"))
        up = model_parent(m, up.kind, up.id);
    up = up.id != GW_NONE && up.kind == GW_DOMAIN ? up : first;
    return up.kind == GW_DOMAIN ? up.id : GW_NONE;
}

bool crowd_takes(struct model *m, uint32_t domain, enum alarm level, const char *text)
{
    uint32_t hall;

    if (!m->crowd.is_open || level == ALARM_CRITICAL || !is_of_type(m, domain, "rack"))
        return false;
    hall = model_hall(m, domain);
    if (hall == GW_NONE)
        return false;
    m->crowd.members = xgrow(m->crowd.members, &m->crowd.room, m->crowd.count + 1,
                             sizeof(*m->crowd.members));
    m->crowd.members[m->crowd.count++] = (struct crowd_member){
        .rack = domain, .hall = hall, .level = level, .text = xstrdup(text)
    };
    return true;
}

static double load_of(const struct model *m, uint32_t domain)
{
    double load = model_number(m, model_capped_power(m, domain), domain) /
                  model_number(m, M_DOMAIN_CAP, domain);

    return isnan(load) ? 0 : load;
}

/* By hall and level, and those of one as they came. */
static int by_hall(const void *a, const void *b)
{
    const struct crowd_member *one = a, *other = b;

    if (one->hall != other->hall)
        return one->hall < other->hall ? -1 : 1;
    if (one->level != other->level)
        return one->level < other->level ? -1 : 1;
    return one->rack < other->rack ? -1 : one->rack > other->rack;
}

static void tell_each(struct model *m, const struct crowd_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = entity_of(m, GW_DOMAIN, members[i].rack)->name;
        char alert[300];

        snprintf(alert, sizeof(alert), "%.250s power", name);
        tell_alarm(m, name, members[i].level, members[i].text, alert);
    }
}

static void tell_together(struct model *m, const struct crowd_member *members,
                          size_t count)
{
    uint32_t fullest = members[0].rack;
    char text[400];

    for (size_t i = 1; i < count; i++)
        if (load_of(m, members[i].rack) > load_of(m, fullest))
            fullest = members[i].rack;
    if (members[0].level == ALARM_NONE)
        snprintf(text, sizeof(text), "%zu racks are no longer near their caps", count);
    else
        snprintf(text, sizeof(text), "%zu racks near their caps: %s at %.1f%%", count,
                 entity_of(m, GW_DOMAIN, fullest)->name, 100 * load_of(m, fullest));
    tell_alarm(m, entity_of(m, GW_DOMAIN, members[0].hall)->name, members[0].level, text,
               NULL);
}

void crowd_open(struct model *m)
{
    m->crowd.is_open = true;
}

void crowd_tell(struct model *m)
{
    struct crowd_member *members = m->crowd.members;
    size_t count = m->crowd.count;

    m->crowd.is_open = false;
    if (count > 1)
        qsort(members, count, sizeof(*members), by_hall);
    for (size_t i = 0, same; i < count; i += same) {
        for (same = 1; i + same < count && members[i + same].hall == members[i].hall &&
                       members[i + same].level == members[i].level;)
            same++;
        if (same < SEVERAL_RACKS)
            tell_each(m, members + i, same);
        else
            tell_together(m, members + i, same);
    }
    for (size_t i = 0; i < count; i++)
        free(members[i].text);
    m->crowd.count = 0;
}

void crowd_free(struct model *m)
{
    free(m->crowd.members);
}
