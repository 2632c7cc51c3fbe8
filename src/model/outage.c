/* Nodes that a source calls down, told together: a line for a rack, or whatever feeds
 * them; a line for the largest domain that is down as a whole; one for the site where
 * there are more of these than one can look into. A node whose own target does not answer
 * is told by that. Nearly always hardly any node is down, and only what is near one that
 * is is looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "model/inside.h"

enum { MOST_LINES = 16, MOST_NAMED = 3, ROOM = 400, DEEPEST = 16 };

/* Of a domain. `down`: of the nodes that it feeds itself; `below`: all nodes, plus one.
 */
struct place {
    uint32_t down, below, line;
    enum { WHOLE_UNKNOWN, WHOLE_DOWN, WHOLE_NOT } whole;
};

struct outages {
    struct model *m;
    struct place *places; /* by domain */
    uint32_t *lines;      /* domains that have one */
    size_t line_count, line_room;
    size_t down, of_site; /* nodes; of_site: that no domain feeds */
};

/* ---- which nodes ---- */

static uint32_t holder_of(const struct model *m, uint32_t node)
{
    struct row whole = model_parent(m, GW_NODE, node);

    return whole.kind == GW_DOMAIN ? whole.id : GW_NONE;
}

static bool is_told(const struct model *m, uint32_t node)
{
    return model_text(m, M_NODE_STATE, node) && model_is_fresh(m, M_NODE_STATE, node);
}

static bool is_told_down(const struct model *m, uint32_t node)
{
    return is_told(m, node) && says_down(model_text(m, M_NODE_STATE, node)) &&
           !row_is_vacant(entity_of(m, GW_NODE, node));
}

static void note_down(struct outages *o, uint32_t node)
{
    uint32_t holder = holder_of(o->m, node);

    o->down++;
    if (holder == GW_NONE)
        o->of_site++;
    else
        o->places[holder].down++;
}

/* Most nodes have the text of the one before, and no more than that is asked of them. */
static void find_down(struct outages *o)
{
    struct text_column states = model_text_column(o->m, M_NODE_STATE);
    uint32_t last = UINT32_MAX;
    bool is_bad = false;

    for (uint32_t node = 0; states.lower && node < o->m->rows[GW_NODE].count; node++) {
        if (text_in(states, node) != last)
            is_bad = says_down(model_text_of(o->m, text_in(states, node)));
        last = text_in(states, node);
        if (is_bad && is_told_down(o->m, node))
            note_down(o, node);
    }
}

/* ---- what is down as a whole ---- */

/* What has two feeds counts below its first. */
static bool is_own(const struct outages *o, uint32_t domain, struct row part)
{
    struct row whole = model_parent(o->m, part.kind, part.id);

    return (part.kind == GW_NODE || part.kind == GW_DOMAIN) && whole.kind == GW_DOMAIN &&
           whole.id == domain;
}

static uint32_t nodes_below(struct outages *o, uint32_t domain, int depth)
{
    struct row whole = { GW_DOMAIN, domain };
    uint32_t count = 0;

    if (o->places[domain].below || depth > DEEPEST)
        return o->places[domain].below - (o->places[domain].below > 0);
    for (struct row part = model_first_part(o->m, whole); part.id != GW_NONE;
         part = model_next_part(o->m, whole, part))
        if (is_own(o, domain, part))
            count += part.kind == GW_NODE ? 1 : nodes_below(o, part.id, depth + 1);
    o->places[domain].below = count + 1;
    return count;
}

static bool is_whole_down(struct outages *o, uint32_t domain, int depth);

/* Parts without nodes are no reason against it. */
static bool are_parts_down(struct outages *o, uint32_t domain, int depth)
{
    struct row whole = { GW_DOMAIN, domain };
    uint32_t own = 0;

    for (struct row part = model_first_part(o->m, whole); part.id != GW_NONE;
         part = model_next_part(o->m, whole, part)) {
        if (!is_own(o, domain, part))
            continue;
        own += part.kind == GW_NODE;
        if (part.kind == GW_DOMAIN && nodes_below(o, part.id, 0) > 0 &&
            !is_whole_down(o, part.id, depth + 1))
            return false;
    }
    return own == o->places[domain].down;
}

static bool is_whole_down(struct outages *o, uint32_t domain, int depth)
{
    struct place *p = &o->places[domain];

    if (depth > DEEPEST)
        return false;
    if (p->whole == WHOLE_UNKNOWN)
        p->whole = are_parts_down(o, domain, depth) ? WHOLE_DOWN : WHOLE_NOT;
    return p->whole == WHOLE_DOWN;
}

/* Of equals the lowest has the line. */
static uint32_t whole_above(struct outages *o, uint32_t domain)
{
    struct row up = model_parent(o->m, GW_DOMAIN, domain);

    for (int i = 0; i < DEEPEST && up.id != GW_NONE && up.kind == GW_DOMAIN; i++) {
        if (!is_whole_down(o, up.id, 0))
            break;
        if (nodes_below(o, up.id, 0) > nodes_below(o, domain, 0))
            domain = up.id;
        up = model_parent(o->m, GW_DOMAIN, up.id);
    }
    return domain;
}

static void make_lines(struct outages *o)
{
    for (uint32_t d = 0; o->down > o->of_site && d < o->m->rows[GW_DOMAIN].count; d++) {
        uint32_t line = d;

        if (o->places[d].down == 0)
            continue;
        if (is_whole_down(o, d, 0))
            line = whole_above(o, d);
        if (o->places[line].line)
            continue;
        o->lines = xgrow(o->lines, &o->line_room, o->line_count + 1, sizeof(*o->lines));
        o->lines[o->line_count++] = line;
        o->places[line].line = (uint32_t)o->line_count;
    }
}

/* ---- in words ---- */

struct named {
    uint32_t nodes[MOST_NAMED];
    size_t count;
    const char *reason; /* of all of them; NULL: none, or several */
    bool differs;
};

static void name_down(const struct model *m, uint32_t node, struct named *n)
{
    const char *reason = model_text(m, M_NODE_REASON, node);

    reason = reason && reason[0] ? reason : NULL;
    n->differs |=
        n->count > 0 && (!reason || !n->reason || strcmp(reason, n->reason) != 0);
    n->reason = n->differs ? NULL : reason;
    if (n->count < MOST_NAMED)
        n->nodes[n->count] = node;
    n->count++;
}

static struct named named_of_domain(const struct model *m, uint32_t domain)
{
    struct row whole = { GW_DOMAIN, domain };
    struct named n = { .count = 0 };

    for (struct row part = model_first_part(m, whole); part.id != GW_NONE;
         part = model_next_part(m, whole, part))
        if (part.kind == GW_NODE && is_told_down(m, part.id))
            name_down(m, part.id, &n);
    return n;
}

static struct named named_of_site(const struct model *m, size_t *nodes)
{
    struct named n = { .count = 0 };

    *nodes = 0;
    for (uint32_t node = 0; node < m->rows[GW_NODE].count; node++) {
        if (holder_of(m, node) != GW_NONE || row_is_vacant(entity_of(m, GW_NODE, node)))
            continue;
        ++*nodes;
        if (is_told_down(m, node))
            name_down(m, node, &n);
    }
    return n;
}

/* "r1-n07 down: power supply", "3 of 18 nodes down: r1-n07, r1-n08, r1-n09 (leak)", "18
 * of 18 nodes down: leak". `down` may be more than those that have a name here. */
static void say_outage(const struct model *m, const struct named *n, size_t down,
                       size_t nodes, char to[ROOM])
{
    bool is_all = down == nodes && nodes > 1;

    if (down == 1 && n->count == 1) {
        snprintf(to, ROOM, "%.120s down", entity_of(m, GW_NODE, n->nodes[0])->name);
    } else {
        snprintf(to, ROOM, "%zu of %zu nodes down", down, nodes);
        for (size_t i = 0; !is_all && i < n->count && i < MOST_NAMED; i++)
            text_add(to, ROOM, "%s%.60s", i ? ", " : ": ",
                     entity_of(m, GW_NODE, n->nodes[i])->name);
        if (!is_all && n->count > MOST_NAMED)
            text_add(to, ROOM, " and %zu more", n->count - MOST_NAMED);
    }
    if (n->reason)
        text_add(to, ROOM, down > 1 && !is_all ? " (%.120s)" : ": %.120s", n->reason);
}

/* ---- the alerts ---- */

static void raise_line(struct outages *o, uint32_t domain)
{
    struct named n = named_of_domain(o->m, domain);
    bool is_whole = is_whole_down(o, domain, 0);
    uint32_t nodes = nodes_below(o, domain, 0);
    char text[ROOM];

    say_outage(o->m, &n, is_whole ? nodes : o->places[domain].down, nodes, text);
    set_alarm(o->m, WATCH_NODES, domain, ALARM_ATTENTION, "%s", text);
}

/* Does anybody tell the state of any node that it feeds itself? Of one that feeds none,
 * those below have their own lines. */
static bool is_any_told(const struct model *m, uint32_t domain)
{
    struct row whole = { GW_DOMAIN, domain };
    bool feeds = false;

    for (struct row part = model_first_part(m, whole); part.id != GW_NONE;
         part = model_next_part(m, whole, part)) {
        if (part.kind == GW_NODE && is_told(m, part.id))
            return true;
        feeds |= part.kind == GW_NODE;
    }
    return !feeds;
}

static void lower_line(struct outages *o, uint32_t domain)
{
    if (o->places[domain].down > 0)
        set_alarm(o->m, WATCH_NODES, domain, ALARM_NONE,
                  "%u of %u nodes down, told with others",
                  (unsigned)o->places[domain].down, (unsigned)nodes_below(o, domain, 0));
    else if (is_any_told(o->m, domain))
        set_alarm(o->m, WATCH_NODES, domain, ALARM_NONE, "no node down");
    else
        keep_unknown(o->m, WATCH_NODES, domain);
}

static void watch_domains(struct outages *o, bool is_crowded)
{
    for (size_t i = 0; !is_crowded && i < o->line_count; i++)
        raise_line(o, o->lines[i]);
    for (uint32_t d = 0; d < o->m->rows[GW_DOMAIN].count; d++)
        if (alarm_now(o->m, WATCH_NODES, d) && (is_crowded || !o->places[d].line))
            lower_line(o, d);
}

static bool is_any_of_site_told(const struct model *m)
{
    for (uint32_t node = 0; node < m->rows[GW_NODE].count; node++)
        if (holder_of(m, node) == GW_NONE && is_told(m, node))
            return true;
    return false;
}

/* Nodes that no domain feeds, or all where the lines were too many. */
static void watch_site(struct outages *o, bool is_crowded)
{
    struct model *m = o->m;
    struct named n;
    size_t nodes;
    char text[ROOM];

    if (is_crowded) {
        set_alarm(m, WATCH_SITE_NODES, 0, ALARM_ATTENTION,
                  "%zu of %zu nodes down, in %zu places", o->down,
                  m->rows[GW_NODE].count - m->rows[GW_NODE].vacant_count, o->line_count);
    } else if (o->of_site > 0) {
        n = named_of_site(m, &nodes);
        say_outage(m, &n, o->of_site, nodes, text);
        set_alarm(m, WATCH_SITE_NODES, 0, ALARM_ATTENTION, "%s", text);
    } else if (alarm_now(m, WATCH_SITE_NODES, 0)) {
        n = named_of_site(m, &nodes);
        if (nodes > 0 && !is_any_of_site_told(m))
            keep_unknown(m, WATCH_SITE_NODES, 0);
        else
            set_alarm(m, WATCH_SITE_NODES, 0, ALARM_NONE, "no node down");
    }
}

void watch_nodes(struct model *m)
{
    struct outages o = { .m = m };
    bool is_crowded;

    if (!m->rows[GW_SITE].count || !model_text_column(m, M_NODE_STATE).lower)
        return;
    o.places = xcalloc(m->rows[GW_DOMAIN].count + 1, sizeof(*o.places));
    find_down(&o);
    make_lines(&o);
    is_crowded = o.line_count > MOST_LINES;
    watch_domains(&o, is_crowded);
    watch_site(&o, is_crowded);
    free(o.places);
    free(o.lines);
}
