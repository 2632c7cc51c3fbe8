/* On a wall of screens: every rack at its place, coloured by its power against its cap,
 * as the map has it. */
#ifndef VIEWS_OVERVIEW_MAP_H
#define VIEWS_OVERVIEW_MAP_H

#include <stdlib.h>

#include "views/map_ramp.h"
#include "views/parts.h"

static const double survey_s = 5; /* so often, at least, what stands where is looked up */

/* The map between frames. */
struct overview_kept {
    struct map *map;
    uint64_t version;           /* of the model, when it was looked at */
    double surveyed;
    size_t rows;                /* of the model, when it was surveyed */
};

static void *keep_map(const void *before)
{
    struct overview_kept *k = xcalloc(1, sizeof(*k));

    (void)before;
    k->map = map_new();
    k->rows = SIZE_MAX;
    return k;
}

static void drop_map(void *kept)
{
    struct overview_kept *k = kept;

    if (k)
        map_free(k->map);
    free(k);
}

static void refresh_map(const struct screen *s, struct overview_kept *k, struct rect area)
{
    const struct model *m = s->model;
    struct row all = { GW_SITE, GW_NONE };
    bool plain = s->ascii || s->mono, is_new = model_version(m) != k->version;
    size_t rows = model_rows(m, GW_DOMAIN) + model_rows(m, GW_NODE) +
                  model_rows(m, GW_GPU);

    if (k->rows != rows || (is_new && model_now(m) - k->surveyed >= survey_s) ||
        memcmp(&area, &k->map->area, sizeof(area)) != 0 || k->map->plain != plain) {
        map_survey(k->map, m, all);
        map_lay_out(k->map, area, plain);
        k->surveyed = model_now(m);
        k->rows = rows;
        is_new = true;
    }
    if (is_new)
        map_see(k->map, m, LENS_LOAD, all);
    k->version = model_version(m);
}

static int map_bottom(const struct map *map)
{
    int bottom = 0;

    for (size_t i = 0; i < map->group_count; i++) {
        const struct rect *box = &map->groups[i].area;

        bottom = box->y + box->h > bottom ? box->y + box->h : bottom;
    }
    return bottom;
}

/* Returns the lines that it took; 0: there is nothing to show. */
static int draw_map(const struct screen *s, struct grid *g, struct rect area)
{
    struct overview_kept *k = s->kept;
    int x = area.x + 2, y = area.y;
    char low[48], high[48];

    if (!k)
        return 0;
    refresh_map(s, k, (struct rect){ area.x, area.y + 1, area.w, area.h - 1 });
    if (k->map->count == 0)
        return 0;
    map_lens_ends(k->map, s->model, LENS_LOAD, low, high, sizeof(low));
    x += grid_bold(g, x, y, -1, STYLE_STRONG, "map") + 3;
    x += grid_text(g, x, y, -1, STYLE_SECONDARY, map_lens_name(LENS_LOAD)) + 2;
    x += grid_text(g, x, y, -1, STYLE_FAINT, low) + 1;
    x += draw_ramp(s, g, x, y) + 1;
    grid_text(g, x, y, -1, STYLE_FAINT, high);
    grid_text(g, area.x + area.w - 3, y, -1, STYLE_FAINT, "M");
    map_paint(k->map, s->model, g, SIZE_MAX);
    screen_spot(s, (struct rect){ area.x + 1, y, 5, 1 }, "", "map");
    return map_bottom(k->map) - area.y;
}

#endif
