/* The overview: who draws what, when it will not do, why, and what happened. Which boxes
 * there are depends on the size of the screen; at 80x24 the tree and the sentence at risk
 * remain, and where there is no room for two boxes that sentence alone. */
#include "views/overview_lists.h"
#include "views/overview_map.h"
#include "views/overview_power.h"

/* ---- the whole ---- */

enum {
    SENTENCE_BESIDE = 136,
    TWO_COLUMNS = 112,
    THREE_COLUMNS = 280,
    SMALLEST_LIST = 5,
    TWO_BOXES = 12
};

static struct rect slice(struct rect *from, int h)
{
    struct rect top = { from->x, from->y, from->w, h < from->h ? h : from->h };

    from->y += top.h;
    from->h -= top.h;
    return top;
}

/* What a small graph leaves, those at risk have, and of more than they mostly need the
 * chart. */
static void draw_narrow(const struct screen *s, struct grid *g, struct rect area)
{
    enum {
        BESIDE = 4,             /* frame, heading, foot */
        LEAST = 8,
        AT_RISK = 6,
        MOST_AT_RISK = 10,
        CHART = 12,
        EVENTS = 8
    };
    bool chart = area.h >= 34, events = area.h >= 44;
    int lists = area.h - (chart ? CHART : 0) - (events ? EVENTS : 0),
        graph, risk;
    struct graph all = graph_of(s->model);

    graph = all.racks + all.others + BESIDE;
    graph = graph < LEAST ? LEAST : graph;
    graph = graph > lists - AT_RISK ? lists - AT_RISK : graph;
    risk = chart && lists - graph > MOST_AT_RISK ? MOST_AT_RISK : lists - graph;
    draw_power(s, g, slice(&area, graph));
    draw_at_risk(s, g, slice(&area, risk));
    if (chart)
        draw_chart(s, g, slice(&area, CHART + lists - graph - risk));
    if (events)
        draw_events(s, g, area);
}

/* Of the upper boxes: as the power graph needs, with its racks where they are few, else
 * whatever is at risk: the edges keep their places. */
static int upper_of(const struct graph *graph, int h)
{
    enum { BESIDE = 4 /* frame, heading, foot */, SOME_RACKS = 4 };
    int least = h / 4, most = h * 2 / 5, all = BESIDE + graph->racks + graph->others,
        wanted = BESIDE + SOME_RACKS + graph->others;

    if (all > wanted && all <= most)
        return all > least ? all : least;
    return graph->others == 0 || wanted > most ? most : wanted < least ? least : wanted;
}

/* Where it is narrow, the rails have what tenants leave. */
static int left_of(int w)
{
    enum { BESIDE = 5 /* frame, and the gap between */, WITH_RAILS = 72 };
    int half = (w - 1) * 53 / 100, most = w - TENANT_W - TENANT_NUMBERS_W - BESIDE;

    most = most > WITH_RAILS ? WITH_RAILS : most;
    return half > most ? half : most;
}

/* Of the box of those at risk; on a wall of screens the queue does not need all the
 * rest. */
static int at_risk_of(int h, int rest)
{
    return h >= 80 ? h * 3 / 8 : h >= 30 ? h / 4 : rest;
}

/* Steps of eight lines, so that edges seldom move. */
static int lines_of_queue(const struct model *m)
{
    enum { BESIDE = 4 /* frame, heading, foot */, STEP = 8 };
    int pending = BESIDE + (int)next_jobs(m, FIRST_ROOM).count;

    return (pending + STEP - 1) / STEP * STEP;
}

/* Below a queue that does not need all of the room, the racks that are closest to their
 * caps. */
static void draw_queue_and_racks(const struct screen *s, struct grid *g, struct rect area,
                                 const struct graph *graph)
{
    enum { LEAST_RACKS = 8, FRAME = 3 /* with the headings */ };
    int rest = area.h - lines_of_queue(s->model), racks = graph->racks + FRAME;

    racks = racks < rest ? racks : rest;
    if (racks < LEAST_RACKS) {
        draw_queue(s, g, area);
        return;
    }
    draw_queue(s, g, slice(&area, area.h - racks));
    draw_fullest_racks(s, g, area);
}

/* Where those at risk have what the queue does not need: a line a domain, at most. */
static int lines_at_risk(const struct model *m, const struct graph *graph, int least,
                         int left)
{
    enum { FRAME = 3 };         /* and the site */
    int all = graph->racks + graph->others + FRAME, most = left - lines_of_queue(m);

    most = most < all ? most : all;
    return most > least ? most : least;
}

/* `spare`: lines that nobody else needs, which the chart has; -1: the fullest racks have
 * no other place than below the queue. Returns what is left of the right column. */
static struct rect draw_wide(const struct screen *s, struct grid *g, struct rect area,
                             const struct graph *graph, int spare)
{
    int left_w = left_of(area.w);
    struct rect left = { area.x, area.y, left_w, area.h };
    struct rect right = { area.x + left_w + 1, area.y, area.w - left_w - 1, area.h };
    int upper = area.h >= 30 ? upper_of(graph, area.h) : area.h - 7;
    int tenants = (int)count_named(s->model, GW_TENANT) + 3;

    draw_power(s, g, slice(&left, upper));
    if (area.w < SENTENCE_BESIDE) {
        /* The sentence is worth more than its place: it gets the whole width. */
        struct rect band = { area.x, left.y, area.w, area.h >= 30 ? 5 : left.h };

        draw_chart(s, g, slice(&right, upper));
        draw_at_risk(s, g, band);
        slice(&left, band.h);
        slice(&right, band.h);
    } else {
        int risk = at_risk_of(area.h, left.h);

        risk = spare < 0 ? risk : lines_at_risk(s->model, graph, risk, left.h);
        draw_at_risk(s, g, slice(&left, risk));
        draw_chart(
            s, g,
            slice(&right, area.h < 30 ? area.h / 2 : upper + (spare > 0 ? spare : 0)));
    }
    if (left.h >= 6 && spare < 0)
        draw_queue_and_racks(s, g, left, graph);
    else if (left.h >= 6)
        draw_queue(s, g, left);
    if (right.h >= 4) {
        struct rect box = slice(&right,
                                tenants < right.h * 2 / 3 ? tenants : right.h * 2 / 3);

        draw_tenants(s, g, box);
        if (right.h >= 4 + SMALLEST_LIST && has_tokens(s->model))
            draw_tokens(s, g, slice(&right, 4));
        else if (has_tokens(s->model))
            draw_tokens_in_edge(s->model, g, box);
    }
    return right;
}

/* Of the column of the chart, tenants, tokens and the fullest racks. */
static int spare_of_widest(const struct model *m, const struct graph *graph, int h)
{
    enum { FRAME = 3, TOKENS = 4 };
    int spare = h - upper_of(graph, h) - (int)count_named(m, GW_TENANT) - FRAME - TOKENS -
                graph->racks - FRAME;

    return h >= 30 && spare > 0 ? spare : 0;
}

/* A wall of screens: the racks come into sight, in a column of their own with events
 * below them. */
static void draw_widest(const struct screen *s, struct grid *g, struct rect area)
{
    struct graph graph = graph_of(s->model);
    struct rect events = { area.x + area.w - area.w / 4, area.y, area.w / 4, area.h };
    struct rect rest = draw_wide(
        s, g, (struct rect){ area.x, area.y, area.w - events.w - 1, area.h }, &graph,
        spare_of_widest(s->model, &graph, area.h));
    struct rect map = { events.x, events.y, events.w, events.h * 3 / 5 };

    slice(&events, draw_map(s, g, map));
    draw_events(s, g, events);
    if (rest.h >= 4)
        draw_fullest_racks(s, g, rest);
}

static void draw_two_columns(const struct screen *s, struct grid *g, struct rect area)
{
    enum { TALL = 50, EVENTS = 8, LEAST_MAP = 8 };
    struct graph graph = graph_of(s->model);
    struct rect rest = draw_wide(s, g, area, &graph, -1), map = rest;

    map.h -= EVENTS;
    if (area.h >= TALL && map.h >= LEAST_MAP)
        slice(&rest, draw_map(s, g, map));
    if (rest.h >= 4)
        draw_events(s, g, rest);
}

static void draw(const struct screen *s, struct grid *g, struct rect area)
{
    if (area.h < TWO_BOXES)
        draw_at_risk(s, g, area);
    else if (area.w >= THREE_COLUMNS)
        draw_widest(s, g, area);
    else if (area.w >= TWO_COLUMNS)
        draw_two_columns(s, g, area);
    else
        draw_narrow(s, g, area);
}

const struct view overview_view = {
    .name = "overview",
    .title = "overview",
    .help = "How much power is drawn, by whom, against which cap; when a cap will be "
            "breached, and why. "
            "Arrows choose, Enter opens.",
    .key = '1',
    .linear = "domains: domains where kind != rack show name,power,cap,load,p,ttb limit 12\n"
              "at risk: forecasts where horizon = 1h and p >= .1 and apart = yes show domain,p,ttb,why sort -p\n"
              "who draws it: tenants show name,power,share,gpus,idle,tokens_per_mw sort -power limit 8\n"
              "what waits: jobs where state = pending show id,tenant,gpus,power_predicted,start,reason sort start limit 8\n"
              "what is wrong: alerts where state = raised limit 8\n",
    .list = "domains",
    .draw = draw,
    .keep = keep_map,
    .drop = drop_map,
};
