/* Sums of limits up the power graph (app_bounds.h). */
#include "app_bounds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { MOST_ABOVE = 64, MOST_STEPS = 256 };     /* domains above a node; ways up */

/* A node, or a GPU that hangs in a domain by itself. */
struct part {
    double limit_w, power_w;
    size_t gpus;
    bool is_open;               /* something of it has no limit that is known */
};

struct bounds {
    struct bound *of;           /* by row of the domain; the last is the site */
    double *drawn_w;            /* by the parts, as their feeds share it */
    double *gpus;               /* as the feeds share them */
    bool *is_open, *has_parts;
    size_t count;
    double least_w;             /* a GPU draws, of all that are measured */
};

/* Everything above a part, each domain once, with the share of its power that comes this
 * way. */
struct above {
    uint32_t rows[MOST_ABOVE];
    double shares[MOST_ABOVE];
    size_t count, steps;        /* steps: gone up so far, by all ways */
};

void bounds_free(struct bounds *b)
{
    if (!b)
        return;
    free(b->of);
    free(b->drawn_w);
    free(b->gpus);
    free(b->is_open);
    free(b->has_parts);
    free(b);
}

static void climb(const struct bounds *b, const struct model *m, struct row whole,
                  double share, struct above *to)
{
    bool is_domain = whole.id != GW_NONE && whole.kind == GW_DOMAIN;
    uint32_t row = is_domain ? whole.id : (uint32_t)b->count - 1;
    struct row second = { GW_DOMAIN, GW_NONE };
    size_t i = 0;

    while (i < to->count && to->rows[i] != row)
        i++;
    if (i == MOST_ABOVE || to->steps++ > MOST_STEPS)
        return;
    if (i == to->count) {
        to->rows[to->count] = row;
        to->shares[to->count++] = 0;
    }
    to->shares[i] += share;
    if (!is_domain)
        return;
    second = model_second_parent(m, GW_DOMAIN, row);
    share *= second.id == GW_NONE ? 1 : .5;
    climb(b, m, model_parent(m, GW_DOMAIN, row), share, to);
    if (second.id != GW_NONE)
        climb(b, m, second, share, to);
}

static void find_above(const struct bounds *b, const struct model *m, enum gw_kind kind,
                       uint32_t row, struct above *to)
{
    struct row second = model_second_parent(m, kind, row);

    to->count = to->steps = 0;
    climb(b, m, model_parent(m, kind, row), second.id == GW_NONE ? 1 : .5, to);
    if (second.id != GW_NONE)
        climb(b, m, second, .5, to);
}

static void add_part(struct bounds *b, const struct above *above, const struct part *p)
{
    for (size_t i = 0; i < above->count; i++) {
        uint32_t row = above->rows[i];

        b->has_parts[row] = true;
        b->is_open[row] |= p->is_open;
        b->of[row].limits_w += p->limit_w;
        b->of[row].limited += p->limit_w > 0;
        b->drawn_w[row] += p->power_w * above->shares[i];
        b->gpus[row] += (double)p->gpus * above->shares[i];
    }
}

/* ---- GPUs and nodes ---- */

static void add_gpu(struct part *p, double limit, double power, bool is_fresh)
{
    p->gpus++;
    p->is_open |= isnan(limit);
    p->limit_w += isnan(limit) ? 0 : limit;
    p->power_w += isnan(power) || !is_fresh ? 0 : power;
}

/* By node; those that hang in a domain are added at once. */
static void take_gpus(struct bounds *b, const struct model *m, struct part *nodes)
{
    const float *limits = model_column(m, M_GPU_POWER_LIMIT),
                *powers = model_column(m, M_GPU_POWER);
    struct above above;

    for (uint32_t row = 0; row < model_rows(m, GW_GPU); row++) {
        struct row at = model_parent(m, GW_GPU, row);
        double limit = limits ? (double)limits[row] : NAN,
               power = powers ? (double)powers[row] : NAN;
        struct part alone = { .limit_w = 0 };

        model_pause(m, row);
        if (!model_key(m, GW_GPU, row) || (at.id != GW_NONE && at.kind == GW_GPU))
            continue; /* of a MIG instance, its GPU counts */
        if (power > 0)
            b->least_w = fmin(b->least_w, power);
        if (at.id != GW_NONE && at.kind == GW_NODE) {
            add_gpu(&nodes[at.id], limit, power, true);
            continue;
        }
        add_gpu(&alone, limit, power, true);
        find_above(b, m, GW_GPU, row, &above);
        add_part(b, &above, &alone);
    }
}

/* Its own limit holds all of it, where it has one; of one without GPUs that is measured,
 * what it draws is all that is known. */
static void limit_node(const struct model *m, uint32_t row, struct part *p)
{
    double cap = model_number(m, M_NODE_CAP, row),
           power = model_number(m, M_NODE_POWER, row);
    bool is_fresh = model_row_quality(m, GW_NODE, row) == GW_OK;

    if (!is_fresh)
        p->power_w = 0;
    if (cap > 0) {
        p->limit_w = cap;
        p->power_w = isnan(power) || !is_fresh ? 0 : power;
        p->is_open = false;
    } else if (p->gpus == 0) {
        p->is_open = isnan(power);
    }
}

static void take_nodes(struct bounds *b, const struct model *m, struct part *nodes)
{
    struct above above = { .count = 0 };
    struct row parent = { GW_DOMAIN, GW_NONE }, second = parent;
    bool any = false;

    for (uint32_t row = 0; row < model_rows(m, GW_NODE); row++) {
        struct row at = model_parent(m, GW_NODE, row),
                   other = model_second_parent(m, GW_NODE, row);

        model_pause(m, row);
        if (!model_key(m, GW_NODE, row))
            continue;
        /* Neighbours mostly hang in the same rack. */
        if (!any || at.id != parent.id || at.kind != parent.kind || other.id != second.id)
            find_above(b, m, GW_NODE, row, &above);
        any = true;
        parent = at;
        second = other;
        limit_node(m, row, &nodes[row]);
        add_part(b, &above, &nodes[row]);
    }
}

/* A domain that feeds nothing we know of may draw what it likes. */
static void open_leaves(struct bounds *b, const struct model *m)
{
    struct above above;

    for (uint32_t row = 0; row + 1 < b->count; row++) {
        if (b->has_parts[row] || !model_key(m, GW_DOMAIN, row) ||
            model_first_part(m, (struct row){ GW_DOMAIN, row }).id != GW_NONE)
            continue;
        b->is_open[row] = true;
        find_above(b, m, GW_DOMAIN, row, &above);
        for (size_t i = 0; i < above.count; i++)
            b->is_open[above.rows[i]] = true;
    }
}

/* ---- all together ---- */

/* Feeds need not share evenly: of one that carries less than its part, the least is as
 * much less. */
static double least_of(const struct bounds *b, size_t row, double power)
{
    double carried = b->drawn_w[row] > 0 ? fmin(power / b->drawn_w[row], 1) : 1;

    return isfinite(b->least_w) && b->gpus[row] > 0 && !isnan(power)
               ? b->least_w * b->gpus[row] * carried
               : NAN;
}

static void finish(struct bounds *b, const struct model *m)
{
    for (size_t row = 0; row < b->count; row++) {
        struct bound *to = &b->of[row];
        double power = row + 1 < b->count ? model_number(m, M_DOMAIN_POWER, (uint32_t)row)
                                                : model_site_number(m, M_SITE_POWER);

        to->else_w = fmax(power - b->drawn_w[row], 0);
        if (isnan(power))
            to->else_w = NAN;
        to->least_w = least_of(b, row, power);
        if (b->is_open[row] || to->limited == 0)
            to->limits_w = NAN;
    }
}

struct bounds *bounds_new(const struct model *m)
{
    struct bounds *b = xcalloc(1, sizeof(*b));
    struct part *nodes = xcalloc(model_rows(m, GW_NODE) + 1, sizeof(*nodes));

    b->count = model_rows(m, GW_DOMAIN) + 1;
    b->of = xcalloc(b->count, sizeof(*b->of));
    b->drawn_w = xcalloc(b->count, sizeof(*b->drawn_w));
    b->gpus = xcalloc(b->count, sizeof(*b->gpus));
    b->is_open = xcalloc(b->count, sizeof(*b->is_open));
    b->has_parts = xcalloc(b->count, sizeof(*b->has_parts));
    b->least_w = INFINITY;
    take_gpus(b, m, nodes);
    take_nodes(b, m, nodes);
    open_leaves(b, m);
    finish(b, m);
    free(nodes);
    return b;
}

struct bound bounds_of(const struct bounds *b, enum gw_kind kind, uint32_t row)
{
    return b->of[kind == GW_DOMAIN && row + 1 < b->count ? row : b->count - 1];
}
