/* The ramp of the map's colours, for who shows a map. */
#ifndef VIEWS_MAP_RAMP_H
#define VIEWS_MAP_RAMP_H

#include "views/columns.h"

/* Returns the cells used. */
static inline int draw_ramp(const struct screen *s, struct grid *g, int x, int y)
{
    int from = x;

    for (uint8_t i = 0; i < MAP_STEPS; i++) {
        int w = s->ascii || s->mono ? 1 : 2;

        for (int j = 0; j < w; j++)
            grid_put(g, x + j, y, map_ink(MAP_STEP, i),
                     w == 1 ? map_letter(MAP_STEP, i) : 0x2588);
        x += w;
    }
    return x - from;
}

#endif
