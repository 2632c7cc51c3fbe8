/* The upper left of the overview where no domains are declared: nodes with their GPUs, as
 * many as fit, and why a target does not answer. */
#ifndef VIEWS_OVERVIEW_NODES_H
#define VIEWS_OVERVIEW_NODES_H

#include "views/parts.h"

enum { MOST_REASON_LINES = 6, NUMBER_W = 10, LEAST_RAIL = 8, MOST_RAIL = 32 };

/* Where the columns start. */
struct node_columns {
    int power, limit, rail, rail_w, util, temp;
};

static struct node_columns node_columns_of(struct rect in)
{
    struct node_columns c = { .temp = in.x + in.w - 8 };

    c.util = c.temp - 6;
    c.rail_w = c.util - in.x - 18 - 2 * NUMBER_W - 4;
    c.rail_w = c.rail_w > MOST_RAIL ? MOST_RAIL : c.rail_w < LEAST_RAIL ? 0 : c.rail_w;
    c.rail = c.util - 1 - c.rail_w;
    c.limit = c.rail - NUMBER_W - (c.rail_w ? 2 : 0);
    c.power = c.limit - NUMBER_W;
    return c;
}

/* A number with its unit, and what there is to doubt about it behind. */
static void draw_cell(struct grid *g, int x, int y, int cells, enum style ink,
                      struct cell cell)
{
    uint32_t mark = cell_doubt_mark(&cell);
    char text[32];

    cell_format(text, sizeof(text), &cell, 0);
    grid_right(g, x, y, cells - 1, cell.quality == GW_STALE ? STYLE_FAINT : ink, text);
    if (mark)
        grid_put(g, x + cells - 1, y, STYLE_SECONDARY, mark);
}

static struct cell value_cell(const struct model *m, uint16_t metric, uint32_t row,
                              enum unit unit)
{
    struct cell cell = cell_number(model_number(m, metric, row), unit);

    cell.quality = cell.type == CELL_NONE ? GW_OK : model_quality(m, metric, row);
    return cell;
}

/* The mean of its GPUs that tell it. */
static double util_of(const struct model *m, struct row node)
{
    double sum = 0, known = 0;

    for (struct row gpu = model_first_part(m, node); gpu.id != GW_NONE;
         gpu = model_next_part(m, node, gpu)) {
        double util = gpu.kind == GW_GPU ? model_number(m, M_GPU_UTIL, gpu.id) : NAN;

        sum += isnan(util) ? 0 : util;
        known += !isnan(util);
    }
    return known > 0 ? sum / known : NAN;
}

static void draw_node_line(const struct screen *s, struct grid *g, struct rect in, int y,
                           struct row row)
{
    const struct model *m = s->model;
    bool is_gpu = row.kind == GW_GPU;
    struct node_columns c = node_columns_of(in);
    struct cell power = value_cell(m, is_gpu ? M_GPU_POWER : M_NODE_POWER, row.id,
                                   UNIT_W);
    struct cell limit = value_cell(m, is_gpu ? M_GPU_POWER_LIMIT : M_NODE_CAP, row.id,
                                   UNIT_W);
    struct cell temp = value_cell(m, is_gpu ? M_GPU_TEMP : M_NODE_TEMP, row.id, UNIT_C);
    struct cell util = cell_number(
        is_gpu ? model_number(m, M_GPU_UTIL, row.id) : util_of(m, row), UNIT_RATIO);
    const char *name = model_name(m, row.kind, row.id);
    int x = in.x + (is_gpu ? 3 : 1);

    if (is_gpu)
        grid_text(g, x, y, c.power - x, STYLE_SECONDARY, name);
    else
        grid_bold(g, x, y, c.power - x, STYLE_STRONG, name);
    draw_cell(g, c.power, y, NUMBER_W, STYLE_TEXT, power);
    draw_cell(g, c.limit, y, NUMBER_W, STYLE_SECONDARY, limit);
    if (c.rail_w && power.type == CELL_NUMBER && limit.type == CELL_NUMBER)
        chart_rail(g, c.rail, y, c.rail_w, power.number / limit.number, STYLE_OK);
    draw_cell(g, c.util, y, 6, STYLE_TEXT, util);
    draw_cell(g, c.temp, y, 8, STYLE_SECONDARY, temp);
    screen_spot(s, (struct rect){ in.x - 1, y, in.w + 2, 1 }, name,
                is_gpu ? "gpus" : "nodes");
}

/* In their order; with their GPUs where all of them fit. */
static void draw_node_lines(const struct screen *s, struct grid *g, struct rect area,
                            struct rect in)
{
    const struct model *m = s->model;
    const uint32_t *order = model_order(m, GW_NODE);
    size_t nodes = count_named(m, GW_NODE), shown = 0;
    bool with_gpus = nodes + count_named(m, GW_GPU) + 1 <= (size_t)in.h;
    struct node_columns c = node_columns_of(in);
    int y = in.y, end = in.y + in.h;

    grid_text(g, in.x + 1, y, -1, STYLE_SECONDARY, "node");
    grid_right(g, c.power, y, NUMBER_W - 1, STYLE_SECONDARY, "power");
    grid_right(g, c.limit, y, NUMBER_W - 1, STYLE_SECONDARY, "limit");
    grid_right(g, c.util, y, 5, STYLE_SECONDARY, "util");
    grid_right(g, c.temp, y++, 7, STYLE_SECONDARY, "temp");
    for (size_t i = 0; i < model_rows(m, GW_NODE) && y < end; i++) {
        struct row node = { GW_NODE, order[i] };

        if (!model_name(m, GW_NODE, node.id))
            continue;
        draw_node_line(s, g, in, y++, node);
        shown++;
        for (struct row gpu = model_first_part(m, node);
             with_gpus && gpu.id != GW_NONE && y < end;
             gpu = model_next_part(m, node, gpu))
            if (gpu.kind == GW_GPU)
                draw_node_line(s, g, in, y++, gpu);
    }
    draw_more(g, area, nodes, shown, STYLE_SECONDARY);
}

/* Of the targets that do not answer now: one that was refused, which does not mend
 * itself, else the one that failed most. */
static uint32_t worst_source(const struct model *m)
{
    struct first f = first_of(1);

    for (uint32_t row = 0; row < model_rows(m, GW_SOURCE); row++)
        if (model_source_is_silent(m, row) && model_is_fresh(m, M_SOURCE_STATE, row))
            first_add(
                &f, row,
                model_number(m, M_SOURCE_FAILURES, row) +
                    (text_is(model_text(m, M_SOURCE_STATE, row), "refused") ? 1e12 : 0));
    return f.count ? f.rows[0] : GW_NONE;
}

/* "n1 refused: host key not known …", in full. Empty: all answer. */
static void say_worst(const struct model *m, char *to, size_t room)
{
    uint32_t row = worst_source(m);
    const char *reason = row == GW_NONE ? NULL : model_text(m, M_SOURCE_REASON, row);

    if (row == GW_NONE)
        snprintf(to, room, "%s", "");
    else
        snprintf(to, room, "%s %s%s%s", model_name(m, GW_SOURCE, row),
                 model_text(m, M_SOURCE_STATE, row), reason ? ": " : "",
                 reason ? reason : "");
}

static void draw_nodes(const struct screen *s, struct grid *g, struct rect area,
                       struct rect in)
{
    char worst[800];
    struct rect foot = { in.x, in.y, in.w, 0 };
    bool has_nodes = count_named(s->model, GW_NODE) > 0;
    int most = has_nodes ? in.h - 2 : in.h; /* the head and one node at least */

    say_worst(s->model, worst, sizeof(worst));
    foot.h = grid_prose(g, foot, STYLE_ATTENTION, worst);
    foot.h = foot.h < MOST_REASON_LINES ? foot.h : MOST_REASON_LINES;
    foot.h = foot.h < most ? foot.h : most > 0 ? most : 0;
    if (has_nodes) {
        draw_node_lines(s, g, area, (struct rect){ in.x, in.y, in.w, in.h - foot.h });
        foot.y = in.y + in.h - foot.h;
    } else if (!worst[0]) {
        grid_text(g, in.x, in.y, in.w, STYLE_FAINT,
                  "nothing has answered yet; 0 shows what is asked");
    }
    grid_prose(g, foot, STYLE_ATTENTION, worst);
    if (foot.h > 0)
        screen_spot(s, (struct rect){ in.x - 1, foot.y, in.w + 2, foot.h }, "",
                    "sources");
}

#endif
