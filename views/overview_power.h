/* The upper left of the overview: the power graph as deep as fits, and who is at risk and
 * why. */
#ifndef VIEWS_OVERVIEW_POWER_H
#define VIEWS_OVERVIEW_POWER_H

#include "views/overview_nodes.h"

/* ---- power: the tree, as deep as fits ---- */

enum {
    TREE_ROOM = 128,
    P_W = 6,
    TTB_W = 6,
    FREE_W = 7,
    POWER_W = 7,
    CAP_W = 7,
    LONG_RAIL = 32,
    LONGEST_RAIL = 48,
    SPARK_W = 24
};

struct branch {
    uint32_t row;
    unsigned depth;
    bool opened;
    const char *view;           /* that Enter opens; NULL: power */
};
struct branches {
    struct branch items[TREE_ROOM];
    size_t count;
};

enum { DEEPEST = 16 };

static unsigned depth_of(const struct model *m, uint32_t row)
{
    unsigned depth = model_depth(m, GW_DOMAIN, row);

    return depth < DEEPEST ? depth : DEEPEST;
}

static double load_of(const struct model *m, uint32_t row)
{
    return model_number(m, M_DOMAIN_POWER, row) / model_number(m, M_DOMAIN_CAP, row);
}

/* What hovers about a threshold keeps its line as long as its alert stands. */
static bool is_at_risk(const struct model *m, uint32_t row)
{
    const struct thresholds *t = model_thresholds(m);
    double p = model_number(m, M_DOMAIN_P, row), load = load_of(m, row);

    if (load >= t->power_attention ||
        (load >= t->power_attention - usual_clear &&
         is_raised(m, alert_of(m, model_name(m, GW_DOMAIN, row), "power"))))
        return true;
    return (p >= t->p_attention ||
            (p >= .5 * t->p_attention &&
             is_raised(m, alert_of(m, model_name(m, GW_DOMAIN, row), "forecast")))) &&
           !risk_is_told_by_whole(m, row);
}

/* Why a domain has a line in the tree below the levels that all have one: it is likely to
 * pass its cap, or may, or a part of it may, which has no place without it. */
enum reason { IS_CRITICAL, IS_AT_RISK, LEADS_TO_RISK, REASONS };

static enum reason reason_of(const struct model *m, uint32_t row)
{
    const struct thresholds *t = model_thresholds(m);
    struct row whole = { GW_DOMAIN, row };

    if (is_at_risk(m, row))
        return model_number(m, M_DOMAIN_P, row) >= t->p_critical ||
                       load_of(m, row) >= t->power_critical
                   ? IS_CRITICAL
                   : IS_AT_RISK;
    for (struct row part = model_first_part(m, whole);
         part.id != GW_NONE && part.kind == GW_DOMAIN;
         part = model_next_part(m, whole, part))
        if (is_at_risk(m, part.id))
            return LEADS_TO_RISK;
    return REASONS;
}

/* How many whole levels of the tree fit: always the first. *left: what they leave of the
 * lines. */
static unsigned levels_that_fit(const struct model *m, size_t lines, size_t *left)
{
    size_t at_depth[DEEPEST + 1] = { 0 }, rows = model_rows(m, GW_DOMAIN), sum;
    unsigned levels = 1;

    for (uint32_t row = 0; row < rows; row++)
        at_depth[depth_of(m, row)]++;
    for (sum = at_depth[0]; levels < DEEPEST && at_depth[levels] > 0; levels++) {
        if (sum + at_depth[levels] > lines)
            break;
        sum += at_depth[levels];
    }
    *left = sum < lines ? lines - sum : 0;
    return levels;
}

/* The part after `part`, from GW_NONE on, that is a domain and has a name; GW_NONE: no
 * more. */
static uint32_t next_branch(const struct model *m, uint32_t whole, uint32_t part)
{
    struct row up = { GW_DOMAIN, whole };
    struct row next = part == GW_NONE
                          ? model_first_part(m, up)
                          : model_next_part(m, up, (struct row){ GW_DOMAIN, part });

    while (next.id != GW_NONE &&
           (next.kind != GW_DOMAIN || !model_name(m, GW_DOMAIN, next.id)))
        next = model_next_part(m, up, next);
    return next.id;
}

static size_t count_branches(const struct model *m, uint32_t whole)
{
    size_t count = 0;

    for (uint32_t part = next_branch(m, whole, GW_NONE); part != GW_NONE;
         part = next_branch(m, whole, part))
        count++;
    return count;
}

/* Puts the parts of the branch at `at` right below it. */
static void open_branch(const struct model *m, struct branches *b, size_t at,
                        size_t parts)
{
    struct branch *whole = &b->items[at], *to = whole + 1;

    memmove(to + parts, to, (b->count - at - 1) * sizeof(*to));
    b->count += parts;
    whole->opened = true;
    for (uint32_t part = next_branch(m, whole->row, GW_NONE); part != GW_NONE;
         part = next_branch(m, whole->row, part))
        *to++ = (struct branch){ .row = part, .depth = whole->depth + 1 };
}

/* How many of each level below the whole ones get a line for such a reason: a busway
 * comes before the first racks of another. */
struct shares {
    size_t of[DEEPEST + 1][REASONS];
};

static struct shares share_out(const struct model *m, unsigned levels, size_t left)
{
    struct shares s = { 0 };
    size_t rows = model_rows(m, GW_DOMAIN);

    for (uint32_t row = 0; row < rows; row++) {
        unsigned depth = depth_of(m, row);
        enum reason reason = depth >= levels && model_name(m, GW_DOMAIN, row)
                                 ? reason_of(m, row)
                                 : REASONS;

        if (reason < REASONS)
            s.of[depth][reason]++;
    }
    for (unsigned depth = levels; depth <= DEEPEST; depth++)
        for (enum reason reason = 0; reason < REASONS; reason++) {
            s.of[depth][reason] = s.of[depth][reason] < left ? s.of[depth][reason] : left;
            left -= s.of[depth][reason];
        }
    return s;
}

static bool are_left(const struct shares *s, unsigned depth)
{
    for (enum reason reason = 0; reason < REASONS; reason++)
        if (s->of[depth][reason] > 0)
            return true;
    return false;
}

/* Its share, as far as what it is a part of has a line. */
static bool takes_share(const struct model *m, struct shares *s, uint32_t row,
                        const struct branches *above)
{
    unsigned depth = depth_of(m, row);
    enum reason reason;

    if (above->count == 0 || above->items[above->count - 1].depth + 1 < depth ||
        !are_left(s, depth))
        return false;
    reason = reason_of(m, row);
    if (reason == REASONS || s->of[depth][reason] == 0)
        return false;
    s->of[depth][reason]--;
    return true;
}

/* Whole levels first; what room is left goes to the parts of what is at risk, then to
 * branches that fit as a whole, in their order: a line keeps its place while powers
 * change. */
static struct branches choose_branches(const struct model *m, int lines)
{
    const uint32_t *order = model_order(m, GW_DOMAIN);
    size_t rows = model_rows(m, GW_DOMAIN),
           room = lines < 0 ? 0 : lines > TREE_ROOM ? TREE_ROOM : (size_t)lines;
    size_t left;
    unsigned levels = levels_that_fit(m, room, &left);
    struct branches b = { .count = 0 };
    struct shares shares = share_out(m, levels, left);

    for (size_t i = 0; i < rows && b.count < room; i++) {
        unsigned depth = depth_of(m, order[i]);

        if (depth >= levels && !takes_share(m, &shares, order[i], &b))
            continue;
        if (b.count > 0 && depth > b.items[b.count - 1].depth)
            b.items[b.count - 1].opened = true;
        b.items[b.count++] = (struct branch){ .row = order[i], .depth = depth };
    }
    for (size_t i = 0; i < b.count; i++) {
        size_t parts = b.items[i].opened ? 0 : count_branches(m, b.items[i].row);

        if (parts > 0 && b.count + parts <= room)
            open_branch(m, &b, i, parts);
    }
    return b;
}

static bool has_parts(const struct model *m, uint32_t row)
{
    struct row part = model_first_part(m, (struct row){ GW_DOMAIN, row });

    return part.id != GW_NONE && part.kind == GW_DOMAIN;
}

/* Where the columns of the tree start; spark: -1 where there is no room for the past. */
struct tree_columns {
    int power, cap, rail, rail_w, free, p, ttb, spark;
};

enum { FEWEST_NAME = 15, MOST_NAME = 24 };

/* Cells for the names of a tree, so that the longest is not cut, where that leaves room
 * for the rails. */
static int names_of(const struct model *m, const struct branches *b)
{
    int widest = FEWEST_NAME;

    for (size_t i = 0; i < b->count; i++) {
        const char *name = model_name(m, GW_DOMAIN, b->items[i].row);
        int width = 2 * (int)b->items[i].depth + 3 + (name ? text_width(name) : 0);

        widest = width > widest ? width : widest;
    }
    return widest < MOST_NAME ? widest : MOST_NAME;
}

/* Names, numbers and rails side by side, and behind them the past, before rails are
 * longer than they need to be. */
static struct tree_columns tree_columns_of(struct rect in, int names)
{
    struct tree_columns c = { .spark = -1 };
    int left = in.w - names - POWER_W - CAP_W - 3 - FREE_W - P_W - TTB_W;

    c.rail_w = left >= LONG_RAIL + SPARK_W + 2 ? left - SPARK_W - 2 : left;
    if (c.rail_w > LONGEST_RAIL)
        c.rail_w = LONGEST_RAIL;
    if (c.rail_w < 4)
        c.rail_w = 0;
    c.power = in.x + names + (c.rail_w ? 0 : left + 2);
    c.cap = c.power + POWER_W;
    c.rail = c.cap + CAP_W + (c.rail_w ? 2 : 0);
    c.free = c.rail + c.rail_w;
    c.p = c.free + FREE_W;
    c.ttb = c.p + P_W;
    if (left - c.rail_w >= SPARK_W + 2)
        c.spark = c.ttb + TTB_W + 2;
    return c;
}

static enum style ink_of_p(const struct model *m, double p)
{
    const struct thresholds *t = model_thresholds(m);

    return p >= t->p_critical    ? STYLE_CRITICAL
           : p >= t->p_attention ? STYLE_ATTENTION
                                 : STYLE_SECONDARY;
}

static void draw_branch_load(const struct model *m, struct grid *g,
                             const struct tree_columns *c, int y, uint32_t row)
{
    double load = load_of(m, row);
    struct cell cell = { .number = load };
    enum level level = load_level(m, row, &cell);
    enum style ink = level == LEVEL_PLAIN ? STYLE_OK : style_of_level(level);
    char text[32];

    if (isnan(load)) {
        grid_right(g, c->free, y, FREE_W - 1, STYLE_FAINT, "—");
        return;
    }
    chart_rail_reaching(g, c->rail, y, c->rail_w, load,
                        risk_reach(m, (struct row){ GW_DOMAIN, row }), ink);
    snprintf(text, sizeof(text), "%.1f%%", (1 - load) * 100);
    grid_right(g, c->free, y, FREE_W, ink, text);
}

static void draw_branch(const struct screen *s, struct grid *g, struct rect in,
                        const struct tree_columns *c, int y, const struct branch *b,
                        double scale)
{
    const struct model *m = s->model;
    double p = model_number(m, M_DOMAIN_P, b->row);
    enum gw_quality quality = model_quality(m, M_DOMAIN_POWER, b->row);
    bool stale = quality == GW_STALE;
    const char *name = model_name(m, GW_DOMAIN, b->row);
    struct trend past = model_trend(m, GW_DOMAIN, b->row);
    /* of a list, or behind the mark of a branch */
    int x = in.x + 2 * (int)b->depth, name_x = b->view ? in.x + 1 : x + 3;
    char text[64];

    if (has_parts(m, b->row))
        grid_put(g, x + 1, y, STYLE_FAINT, b->opened ? 0x25be : 0x25b8);
    else if (b->depth > 0 && !b->view &&
             model_second_parent(m, GW_DOMAIN, b->row).id != GW_NONE)
        /* ½, as in the tree: the other half is another feed's */
        grid_put(g, x + 1, y, STYLE_FAINT, 0xbd);
    if (b->depth == 0 && !b->view)
        grid_bold(g, name_x, y, c->power - name_x, STYLE_STRONG, name);
    else
        grid_text(g, name_x, y, c->power - name_x, STYLE_TEXT, name);
    say_scaled(text, sizeof(text), model_number(m, M_DOMAIN_POWER, b->row), scale);
    grid_right(g, c->power, y, POWER_W, stale ? STYLE_FAINT : STYLE_TEXT, text);
    if (stale)
        grid_put(g, c->power + POWER_W, y, STYLE_ATTENTION, 0x25d0);
    else if (quality == GW_ESTIMATED)
        grid_put(g, c->power + POWER_W, y, STYLE_SECONDARY, '~');
    say_scaled(text, sizeof(text), model_number(m, M_DOMAIN_CAP, b->row), scale);
    grid_right(g, c->cap, y, CAP_W, STYLE_SECONDARY, text);
    draw_branch_load(m, g, c, y, b->row);
    text_probability(text, sizeof(text), p);
    grid_right(g, c->p, y, P_W, ink_of_p(m, p), text);
    text_duration(text, sizeof(text), model_number(m, M_DOMAIN_TTB, b->row));
    grid_right(g, c->ttb, y, TTB_W, ink_of_p(m, p), text);
    if (c->spark >= 0 && chart_is_a_course(past.values, past.count))
        chart_spark(g, c->spark, y, SPARK_W, past.values, past.count, STYLE_SECONDARY);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name,
                b->view ? b->view : "power");
}

/* Returns the cells used. */
static int draw_survival(const struct model *m, struct grid *g, int x, int y, int cells)
{
    struct survival s = survival_of(m);
    int used;

    if (!s.is_dual || s.worst == GW_NONE)
        return 0;
    used = grid_text(g, x, y, cells, STYLE_SECONDARY, "survives loss of a feed: ");
    if (s.highest > 1)
        used += grid_bold(g, x + used, y, cells - used, STYLE_ATTENTION, "no");
    else if (s.unknown > 0)
        used += grid_printf(g, x + used, y, cells - used, STYLE_ATTENTION,
                            "unknown for %zu of %zu", s.unknown, s.known + s.unknown);
    else
        used += grid_bold(g, x + used, y, cells - used, STYLE_OK, "yes");
    return used + 3;
}

/* Those that are called down and those whose target does not answer: "n3 down", "n3, n7
 * down", "n3, n7 and 4 more down", or in fewer cells "6 nodes down"; "": none is. */
static void say_nodes_down(const struct model *m, const uint32_t first[2], size_t count,
                           char *to, size_t room, int cells)
{
    const char *names[2] = { "", "" };

    for (size_t i = 0; i < 2 && i < count; i++)
        names[i] = model_name(m, GW_NODE, first[i]);
    if (count > 2)
        snprintf(to, room, "%s, %s and %zu more down", names[0], names[1], count - 2);
    else if (count > 0)
        snprintf(to, room, "%s%s%s down", names[0], count > 1 ? ", " : "", names[1]);
    else
        to[0] = '\0';
    if (count > 1 && text_width(to) > cells)
        snprintf(to, room, "%zu nodes down", count);
}

/* What is broken without being at risk: one alert of one place, or nodes. */
struct broken {
    uint32_t alert;
    uint32_t nodes[2]; /* the first */
    size_t count;
};

static struct broken broken_of(const struct model *m)
{
    struct broken b = { .alert = GW_NONE };
    size_t places = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_ALERT); row++)
        if (text_ends(model_name(m, GW_ALERT, row), " nodes") && is_raised(m, row) &&
            !is_falling(m, row)) {
            b.alert = row;
            places++;
        }
    if (places != 1) {
        b.alert = GW_NONE;
        if (places > 1 || model_coverage(m).down > 0)
            b.count = model_nodes_down(m, b.nodes, 2);
    }
    return b;
}

/* In so many cells. */
static void say_broken(const struct model *m, const struct broken *b, char *to,
                       size_t room, int cells)
{
    if (b->alert != GW_NONE)
        snprintf(to, room, "%s", model_text(m, M_ALERT_TEXT, b->alert));
    else
        say_nodes_down(m, b->nodes, b->count, to, room, cells);
}

/* What no single row says: what is broken, how much is known, and whether a loss would be
 * survived. Where one of the latter two has to go, it is the one that is as ever. */
static void draw_power_foot(const struct screen *s, struct grid *g, struct rect in)
{
    enum { SURVIVAL_W = 30 };
    struct coverage c = model_coverage(s->model);
    struct broken b = broken_of(s->model);
    int x = in.x + 1, y = in.y + in.h - 1, end = in.x + in.w;
    char broken[300], known[32];
    double percent = coverage_percent(&c);
    bool have_room;

    say_broken(s->model, &b, broken, sizeof(broken), in.w);
    snprintf(known, sizeof(known), "coverage %.1f%%   ", percent);
    have_room = !broken[0] ||
                x + text_width(known) + SURVIVAL_W + text_width(broken) <= end;
    if (percent < 100 || (have_room && !isnan(percent)))
        x += grid_text(g, x, y, end - x, STYLE_SECONDARY, known);
    if (have_room || !(percent < 100))
        x += draw_survival(s->model, g, x, y, end - x);
    if (!broken[0] || x >= end)
        return;
    say_broken(s->model, &b, broken, sizeof(broken), end - x);
    grid_sentence(g, x, y, end - x, STYLE_ATTENTION, broken);
    screen_spot(s, (struct rect){ x - 1, y, end - x + 1, 1 },
                b.alert == GW_NONE ? "" : model_name(s->model, GW_ALERT, b.alert),
                "alerts");
}

static void draw_power_headings(struct grid *g, struct rect in,
                                const struct tree_columns *c, const char *name,
                                const char *unit)
{
    grid_text(g, in.x + 1, in.y, -1, STYLE_SECONDARY, name);
    grid_right(g, c->power, in.y, POWER_W, STYLE_SECONDARY, unit);
    grid_right(g, c->cap, in.y, CAP_W, STYLE_SECONDARY, "cap");
    grid_right(g, c->free, in.y, FREE_W, STYLE_SECONDARY, "free");
    grid_right(g, c->p, in.y, P_W, STYLE_SECONDARY, "p(1h)");
    grid_right(g, c->ttb, in.y, TTB_W, STYLE_SECONDARY, "ttb");
    if (c->spark >= 0)
        grid_text(g, c->spark, in.y, SPARK_W, STYLE_SECONDARY, "2 h");
}

/* The past of racks is kept where they are few. */
static bool have_courses(const struct model *m, const struct first *racks)
{
    for (size_t i = 0; i < racks->count; i++) {
        struct trend past = model_trend(m, GW_DOMAIN, racks->rows[i]);

        if (chart_is_a_course(past.values, past.count))
            return true;
    }
    return false;
}

/* Where there is room for them: the racks that are closest to their caps. */
static void draw_fullest_racks(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "fullest racks", "3");
    struct tree_columns c = tree_columns_of(in, MOST_NAME);
    const struct model *m = s->model;
    struct first f = first_of(in.h - 1);
    const char *unit;
    double scale;

    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN); row++)
        if (text_is(model_text(m, M_DOMAIN_TYPE, row), "rack"))
            first_add(&f, row, load_of(m, row));
    if (f.count == 0) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT, "no racks with a cap");
        return;
    }
    unit = unit_scale(UNIT_W, model_number(m, M_DOMAIN_POWER, f.rows[0]), &scale);
    if (!have_courses(m, &f))
        c.spark = -1;
    draw_power_headings(g, in, &c, "rack", unit);
    for (size_t i = 0; i < f.count; i++)
        draw_branch(s, g, in, &c, in.y + 1 + (int)i,
                    &(struct branch){ .row = f.rows[i], .view = "racks" }, scale);
}

/* So many domains are in the power graph. */
struct graph {
    int racks, others;
};

static int *kind_in(struct graph *g, const struct model *m, uint32_t domain)
{
    return text_is(model_text(m, M_DOMAIN_TYPE, domain), "rack") ? &g->racks : &g->others;
}

static struct graph graph_of(const struct model *m)
{
    size_t rows = model_rows(m, GW_DOMAIN);
    struct graph graph = { 0, 0 };

    for (uint32_t row = 0; row < rows; row++)
        if (model_name(m, GW_DOMAIN, row))
            *kind_in(&graph, m, row) += 1;
    return graph;
}

/* "+12 more, 36 racks": what the tree leaves out. The site's own racks are told apart:
 * nobody looks for them here. */
static void draw_left_out(const struct model *m, struct grid *g, struct rect area,
                          const struct branches *b)
{
    struct graph left = graph_of(m);
    char text[96] = "", count[2][24];

    for (size_t i = 0; i < b->count; i++)
        *kind_in(&left, m, b->items[i].row) -= 1;
    say_count(count[0], sizeof(count[0]), (double)(left.others ? left.others : left.racks));
    say_count(count[1], sizeof(count[1]), (double)left.racks);
    if (left.others > 0 && left.racks > 0)
        snprintf(text, sizeof(text), " +%s more, %s racks ", count[0], count[1]);
    else if (left.others + left.racks > 0)
        snprintf(text, sizeof(text), " +%s %s ", count[0],
                 left.racks > 0 ? "racks" : "more");
    grid_right(g, area.x + 2, area.y + area.h - 1, area.w - 4, STYLE_FAINT, text);
}

static void draw_power(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "power", "2");
    struct branches b = choose_branches(s->model, in.h - 2);
    struct tree_columns c = tree_columns_of(in, names_of(s->model, &b));
    double scale;
    const char *unit = site_unit(s->model, &scale);

    if (b.count == 0) {
        draw_nodes(s, g, area, in);
        return;
    }
    draw_power_headings(g, in, &c, "domain", unit);
    for (size_t i = 0; i < b.count; i++)
        draw_branch(s, g, in, &c, in.y + 1 + (int)i, &b.items[i], scale);
    draw_power_foot(s, g, in);
    draw_left_out(s->model, g, area, &b);
}

/* ---- at risk ---- */

static void draw_risk_line(const struct screen *s, struct grid *g, struct rect in, int y,
                           uint32_t row, double p)
{
    const char *name = model_name(s->model, GW_DOMAIN, row);
    uint32_t forecast = risk_forecast(s->model, name);
    enum style ink = ink_of_p(s->model, p);
    int names = in.w > 90 ? 18 : 13;
    char text[16], why[LONGEST_WHY];

    model_forecast_why(s->model, forecast, why, sizeof(why));
    text_probability(text, sizeof(text), p);
    grid_put(g, in.x, y, ink,
             ink == STYLE_SECONDARY ? 0xb7 : mark_of_level(LEVEL_CRITICAL));
    if (ink == STYLE_SECONDARY)
        grid_text(g, in.x + 2, y, names - 3, STYLE_SECONDARY, name);
    else
        grid_bold(g, in.x + 2, y, names - 3, STYLE_STRONG, name);
    grid_right(g, in.x + names, y, 4, ink, text);
    grid_sentence(g, in.x + names + 6, y, in.w - names - 6,
              ink == STYLE_SECONDARY ? STYLE_FAINT : STYLE_TEXT, why);
    if (forecast != GW_NONE)
        screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 },
                    model_name(s->model, GW_FORECAST, forecast), "forecast");
}

/* "clearing; p .07: may pass …", of an alert that outlives its cause, without the chance,
 * which has its own column. */
static void say_without_chance(char *to, size_t room, const char *text)
{
    const char *chance = strncmp(text, "p ", 2) == 0 ? text : strstr(text, "; p "),
               *rest = chance ? strstr(chance, ": ") : NULL;
    int before = chance && chance != text ? (int)(chance - text) + 2 : 0;

    snprintf(to, room, "%.*s%s", rest ? before : 0, text, rest ? rest + 2 : text);
}

static void draw_alert_line(const struct screen *s, struct grid *g, struct rect in, int y,
                            uint32_t row)
{
    const char *text = model_text(s->model, M_ALERT_TEXT, row);
    const char *subject = model_text(s->model, M_ALERT_SUBJECT, row);
    enum level level = level_of_alert(s->model, row);
    double p = number_or_nan(s->model, M_DOMAIN_P, domain_of_alert(s->model, row));
    int names = in.w > 90 ? 18 : 13;
    char chance[16] = "", words[LONGEST_WHY + 40];

    /* Of its power: what is down there has nothing to do with it. */
    if (!isnan(p) && !text_ends(model_name(s->model, GW_ALERT, row), " nodes"))
        text_probability(chance, sizeof(chance), p);
    grid_put(g, in.x, y, style_of_level(level), mark_of_level(level));
    grid_bold(g, in.x + 2, y, names - 3 + (chance[0] ? 0 : 6), STYLE_STRONG,
              subject ? subject : "");
    grid_right(g, in.x + names, y, 4, ink_of_p(s->model, p), chance);
    if (chance[0] && text)
        say_without_chance(words, sizeof(words), text);
    grid_sentence(g, in.x + names + 6, y, in.w - names - 6, STYLE_TEXT,
                  !text       ? ""
                  : chance[0] ? words
                              : text);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 },
                model_name(s->model, GW_ALERT, row), "alerts");
}

/* The site's own forecast: the line that is there even where no domain has a cap. */
static void draw_site_risk(const struct model *m, struct grid *g, struct rect in, int y,
                           uint32_t forecast)
{
    double p = model_number(m, M_FORECAST_P, forecast);
    enum style ink = ink_of_p(m, p);
    bool calm = ink == STYLE_SECONDARY;
    int names = in.w > 90 ? 18 : 13;
    char text[16], why[LONGEST_WHY];

    model_forecast_why(m, forecast, why, sizeof(why));
    text_probability(text, sizeof(text), p);
    grid_put(g, in.x, y, ink, calm ? 0xb7 : mark_of_level(LEVEL_CRITICAL));
    grid_text(g, in.x + 2, y, names - 3, calm ? STYLE_SECONDARY : STYLE_STRONG,
              "the site");
    grid_right(g, in.x + names, y, 4, ink, text);
    grid_sentence(g, in.x + names + 6, y, in.w - names - 6,
                  calm ? STYLE_FAINT : STYLE_TEXT, why);
}

static void draw_alike_line(const struct screen *s, struct grid *g, struct rect in, int y,
                            const struct alike *alike)
{
    enum level level = level_of_alert(s->model, alike->alert);
    int names = in.w > 90 ? 18 : 13;
    char text[200];

    say_alike(s->model, alike, text, sizeof(text));
    grid_put(g, in.x, y, style_of_level(level), mark_of_level(level));
    grid_bold(g, in.x + 2, y, names - 3, STYLE_STRONG,
              model_name(s->model, GW_DOMAIN, alike->whole));
    grid_sentence(g, in.x + names + 6, y, in.w - names - 6, STYLE_TEXT, text);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 },
                model_name(s->model, GW_DOMAIN, alike->rack), "racks");
}

/* A forecast that still stands is told with its reason, all else as the alert has it. */
static void draw_trouble(const struct screen *s, struct grid *g, struct rect in, int y,
                         uint32_t alert, const struct alikes *alikes)
{
    uint32_t domain = domain_of_alert(s->model, alert);
    double p = number_or_nan(s->model, M_DOMAIN_P, domain);
    const struct alike *alike = alike_of(alikes, s->model, alert);

    if (alike)
        draw_alike_line(s, g, in, y, alike);
    else if (is_about_forecast(model_name(s->model, GW_ALERT, alert)) &&
             p >= model_thresholds(s->model)->p_attention)
        draw_risk_line(s, g, in, y, domain, p);
    else
        draw_alert_line(s, g, in, y, alert);
}

/* It has a line among those in trouble. */
static bool is_in_trouble(const struct model *m, uint32_t domain)
{
    const char *name = model_name(m, GW_DOMAIN, domain);

    return is_raised(m, alert_of(m, name, "power")) ||
           is_raised(m, alert_of(m, name, "forecast"));
}

/* When nothing is wrong with them: who is closest to a breach, and the site among them by
 * its probability. */
static void draw_the_rest(const struct screen *s, struct grid *g, struct rect in,
                          const struct first *risks)
{
    uint32_t site = risk_forecast(s->model, model_site(s->model));
    double p = number_or_nan(s->model, M_FORECAST_P, site);
    bool site_is_due = !isnan(p);
    int y = in.y;

    for (size_t i = 0; i <= risks->count && y < in.y + in.h; i++) {
        bool more = i < risks->count;

        if (more && is_in_trouble(s->model, risks->rows[i]))
            continue;
        if (site_is_due && (!more || p >= risks->keys[i]) && y < in.y + in.h) {
            draw_site_risk(s->model, g, in, y++, site);
            site_is_due = false;
        }
        if (more && y < in.y + in.h)
            draw_risk_line(s, g, in, y++, risks->rows[i], risks->keys[i]);
    }
}

/* What is wrong or foretold, the worst first, a line a domain; when all is well, who is
 * closest to a breach. */
static void draw_at_risk(const struct screen *s, struct grid *g, struct rect area)
{
    struct rect in = grid_box(g, area, "at risk", "a");
    const struct model *m = s->model;
    size_t count;
    struct alikes alikes;
    struct first troubles = raised_alerts(m, in.h, &count, &alikes),
                 risks = riskiest(m, in.h + (int)troubles.count);
    int y = in.y, end = in.y + in.h;

    for (size_t i = 0; i < troubles.count; i++)
        draw_trouble(s, g, in, y++, troubles.rows[i], &alikes);
    draw_more(g, area, count, troubles.count, STYLE_ATTENTION);
    if (risks.count == 0 && risk_forecast(m, model_site(m)) == GW_NONE && y < end)
        grid_text(g, in.x, y++, in.w, STYLE_FAINT, "· no forecast yet");
    else if (risks.count == 0 && y == in.y &&
             isnan(number_or_nan(m, M_FORECAST_P, risk_forecast(m, model_site(m)))))
        grid_text(g, in.x, y++, in.w, STYLE_FAINT,
                  "· nothing is wrong; without a cap nothing is at risk");
    draw_the_rest(s, g, (struct rect){ in.x, y, in.w, end - y }, &risks);
}

#endif
