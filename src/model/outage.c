/* Nodes that a source calls down, told together: a line for a rack, or whatever feeds
 * them; a line for the whole where all of it is down; one for the site where there are
 * more of these than one can look into. A node whose own target does not answer is told
 * by that. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "model/inside.h"

enum { MOST_LINES = 16, MOST_NAMED = 3, ROOM = 400, DEEPEST = 16 };

/* What is below a domain: `own`, what it feeds without another domain between. */
struct below {
    uint32_t nodes, down, own_down, own_told;
    uint32_t largest_part; /* nodes of the part that has the most */
};

struct outages {
    struct model *m;
    struct below *domains, site; /* site: of nodes that no domain feeds */
    uint32_t lines;
};

/* ---- counting ---- */

static uint32_t holder_of(const struct model *m, uint32_t node)
{
    struct row whole = model_parent(m, GW_NODE, node);

    return whole.kind == GW_DOMAIN ? whole.id : GW_NONE;
}

static struct below *below_of(struct outages *o, uint32_t domain)
{
    return domain == GW_NONE ? &o->site : &o->domains[domain];
}

static void count_nodes(struct outages *o)
{
    const struct model *m = o->m;

    for (uint32_t node = 0; node < m->rows[GW_NODE].count; node++) {
        struct below *b;

        if (row_is_vacant(entity_of(m, GW_NODE, node)))
            continue;
        b = below_of(o, holder_of(m, node));
        b->nodes++;
        if (!model_text(m, M_NODE_STATE, node) || !model_is_fresh(m, M_NODE_STATE, node))
            continue;
        b->own_told++;
        b->own_down += model_node_is_down(m, node);
    }
}

/* `nodes` is of the own ones until here; `down` and the largest part are of all below
 * from here on. */
static void add_up(struct outages *o)
{
    const struct model *m = o->m;
    size_t count = m->rows[GW_DOMAIN].count;
    uint32_t *own = xcalloc(count + 1, sizeof(*own));

    for (uint32_t d = 0; d < count; d++) {
        own[d] = o->domains[d].nodes;
        o->domains[d].down = o->domains[d].own_down;
    }
    for (uint32_t d = 0; d < count; d++) {
        struct row up = model_parent(m, GW_DOMAIN, d);

        for (int i = 0; own[d] && i < DEEPEST && up.id != GW_NONE && up.kind == GW_DOMAIN;
             i++) {
            o->domains[up.id].nodes += own[d];
            o->domains[up.id].down += o->domains[d].own_down;
            up = model_parent(m, GW_DOMAIN, up.id);
        }
    }
    for (uint32_t d = 0; d < count; d++) {
        struct row up = model_parent(m, GW_DOMAIN, d);

        if (up.id != GW_NONE && up.kind == GW_DOMAIN &&
            o->domains[d].nodes > o->domains[up.id].largest_part)
            o->domains[up.id].largest_part = o->domains[d].nodes;
    }
    free(own);
}

/* ---- whose line it is ---- */

static bool is_all_down(const struct below *b)
{
    return b->nodes > 1 && b->down == b->nodes;
}

/* The largest domain that is down as a whole has the line, and of equals the lowest;
 * where some nodes are up, who feeds those that are down. */
static bool has_line(const struct outages *o, uint32_t domain)
{
    const struct below *b = &o->domains[domain];
    struct row up = model_parent(o->m, GW_DOMAIN, domain);

    if (!is_all_down(b))
        return b->own_down > 0;
    if (b->largest_part == b->nodes)
        return false;
    for (int i = 0; i < DEEPEST && up.id != GW_NONE && up.kind == GW_DOMAIN; i++) {
        if (is_all_down(&o->domains[up.id]) && o->domains[up.id].nodes > b->nodes)
            return false;
        up = model_parent(o->m, GW_DOMAIN, up.id);
    }
    return true;
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

    if (!model_node_is_down(m, node) || !model_is_fresh(m, M_NODE_STATE, node))
        return;
    reason = reason && reason[0] ? reason : NULL;
    n->differs |=
        n->count > 0 && (!reason || !n->reason || strcmp(reason, n->reason) != 0);
    n->reason = n->differs ? NULL : reason;
    if (n->count < MOST_NAMED)
        n->nodes[n->count] = node;
    n->count++;
}

static struct named named_below(const struct model *m, uint32_t domain)
{
    struct row whole = { GW_DOMAIN, domain };
    struct named n = { .count = 0 };

    if (domain == GW_NONE)
        for (uint32_t node = 0; node < m->rows[GW_NODE].count; node++)
            if (holder_of(m, node) == GW_NONE &&
                !row_is_vacant(entity_of(m, GW_NODE, node)))
                name_down(m, node, &n);
    for (struct row part = model_first_part(m, whole);
         domain != GW_NONE && part.id != GW_NONE; part = model_next_part(m, whole, part))
        if (part.kind == GW_NODE)
            name_down(m, part.id, &n);
    return n;
}

/* "r1-n07 down: power supply", "3 of 18 nodes down: r1-n07, r1-n08, r1-n09", "18 of 18
 * nodes down". */
static void say_outage(const struct outages *o, uint32_t domain, char to[ROOM])
{
    const struct model *m = o->m;
    const struct below *b = domain == GW_NONE ? &o->site : &o->domains[domain];
    struct named n = named_below(m, domain);
    size_t used;

    if (n.count == 1 && b->nodes > 0) {
        used = (size_t)snprintf(to, ROOM, "%.120s down",
                                entity_of(m, GW_NODE, n.nodes[0])->name);
    } else {
        used = (size_t)snprintf(to, ROOM, "%u of %u nodes down",
                                (unsigned)(domain == GW_NONE ? b->own_down : b->down),
                                (unsigned)b->nodes);
        for (size_t i = 0; !is_all_down(b) && i < n.count && i < MOST_NAMED; i++)
            used += (size_t)snprintf(to + used, ROOM - used, "%s%.60s", i ? ", " : ": ",
                                     entity_of(m, GW_NODE, n.nodes[i])->name);
        if (!is_all_down(b) && n.count > MOST_NAMED)
            used += (size_t)snprintf(to + used, ROOM - used, " and %zu more",
                                     n.count - MOST_NAMED);
    }
    if (n.reason)
        snprintf(to + used, ROOM - used,
                 n.count > 1 && !is_all_down(b) ? " (%.120s)" : ": %.120s", n.reason);
}

/* ---- the alerts ---- */

static void watch_domain(struct outages *o, uint32_t domain, bool is_crowded)
{
    struct model *m = o->m;
    bool is_line = has_line(o, domain);
    char text[ROOM];

    if (!alarm_now(m, WATCH_NODES, domain) && (!is_line || is_crowded))
        return;
    if (is_line && !is_crowded) {
        say_outage(o, domain, text);
        set_alarm(m, WATCH_NODES, domain, ALARM_ATTENTION, "%s", text);
    } else if (is_line || o->domains[domain].down > 0) {
        set_alarm(m, WATCH_NODES, domain, ALARM_NONE,
                  "%u of %u nodes down, told with others",
                  (unsigned)o->domains[domain].down, (unsigned)o->domains[domain].nodes);
    } else if (o->domains[domain].own_told > 0 || o->domains[domain].largest_part > 0) {
        set_alarm(m, WATCH_NODES, domain, ALARM_NONE, "no node down");
    } else {
        keep_unknown(m, WATCH_NODES, domain);
    }
}

/* Nodes that no domain feeds, or all where the lines were too many. */
static void watch_site(struct outages *o, bool is_crowded)
{
    struct model *m = o->m;
    uint32_t down = o->site.own_down, nodes = o->site.nodes, told = o->site.own_told;
    char text[ROOM] = "no node down";

    for (uint32_t d = 0; is_crowded && d < m->rows[GW_DOMAIN].count; d++)
        down += o->domains[d].own_down;
    if (is_crowded)
        snprintf(text, sizeof(text), "%u of %zu nodes down, in %u places", (unsigned)down,
                 m->rows[GW_NODE].count, (unsigned)o->lines);
    else if (down > 0)
        say_outage(o, GW_NONE, text);
    if (is_crowded || (nodes > 0 && told > 0))
        set_alarm(m, WATCH_SITE_NODES, 0, down ? ALARM_ATTENTION : ALARM_NONE, "%s",
                  text);
    else if (nodes > 0)
        keep_unknown(m, WATCH_SITE_NODES, 0);
    else
        set_alarm(m, WATCH_SITE_NODES, 0, ALARM_NONE, "%s", text);
}

/* Most nodes have the text of the one before, and no more than that is asked of them. */
static bool is_any_down(const struct model *m)
{
    const uint32_t *states = model_text_column(m, M_NODE_STATE);
    uint32_t last = UINT32_MAX;

    for (uint32_t node = 0; states && node < m->rows[GW_NODE].count; node++) {
        if (states[node] != last && model_node_is_down(m, node))
            return true;
        last = states[node];
    }
    return false;
}

static bool is_any_raised(struct model *m)
{
    for (uint32_t d = 0; d < m->rows[GW_DOMAIN].count; d++)
        if (alarm_now(m, WATCH_NODES, d))
            return true;
    return alarm_now(m, WATCH_SITE_NODES, 0);
}

void watch_nodes(struct model *m)
{
    size_t domains = m->rows[GW_DOMAIN].count;
    struct outages o = { .m = m };
    bool is_crowded;

    if (!m->rows[GW_SITE].count || !model_text_column(m, M_NODE_STATE) ||
        (!is_any_down(m) && !is_any_raised(m)))
        return;
    o.domains = xcalloc(domains + 1, sizeof(*o.domains));
    count_nodes(&o);
    add_up(&o);
    for (uint32_t d = 0; d < domains; d++)
        o.lines += has_line(&o, d);
    is_crowded = o.lines > MOST_LINES;
    for (uint32_t d = 0; d < domains; d++)
        watch_domain(&o, d, is_crowded);
    watch_site(&o, is_crowded);
    free(o.domains);
}
