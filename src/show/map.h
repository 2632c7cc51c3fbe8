/* A map: every rack (or node, or GPU) a cell at a place of its own, in boxes by hall and
 * lines by row.
 *
 * Three steps, a file each: map_site.c finds what stands where, from names and the power
 * graph; map.c gives every place its cells on a screen of a certain size and paints them;
 * map_lens.c finds what is worth a colour. Two cells of the map share one of the screen,
 * one above the other, where there is colour to tell them apart; else a cell is a
 * character. */
#ifndef SHOW_MAP_H
#define SHOW_MAP_H

#include "model/model.h"
#include "show/grid.h"

enum { MAP_LABEL = 24, MAP_TITLE = 64, MAP_STEPS = 10, MAP_HUES = 8 };

enum map_lens {
    LENS_LOAD,
    LENS_RISK,
    LENS_TEMP,
    LENS_IDLE,
    LENS_TENANT,
    LENS_AGE,
    MAP_LENSES
};

/* What is seen of an item through a lens. */
enum map_state { MAP_UNKNOWN, MAP_STEP, MAP_HUE, MAP_FREE };

struct map_item {
    uint32_t id;                /* of the map's kind */
    uint32_t line, column;
    double value;               /* of the lens; NAN */
    uint8_t state, step;        /* enum map_state; a step of the ramp, or a hue */
    bool inked;
};
struct map_line {
    char label[MAP_LABEL];
    uint32_t group, columns;
    uint32_t first, left;       /* half lines above it, and cells left of its first
                                 * one, in its group: map_lay_out() */
};
struct map_group {
    struct row whole;           /* the hall; of GW_SITE: all there is */
    uint32_t first_line, lines, items;
    int labels;                 /* cells for the lines' labels */
    int height;                 /* lines of the screen that its box needs, with its
                                 * frame */
    int across;                 /* items side by side in a line, before it is folded */
    struct rect area, in;       /* with its frame; without */
};

struct map {
    enum gw_kind kind;          /* of the items: GW_DOMAIN (racks), GW_NODE or GW_GPU */
    struct row subject;         /* what is shown; id GW_NONE: everything */
    struct map_item *items;     /* by group, line and column */
    size_t count, room;
    struct map_line *lines;
    size_t line_count, line_room;
    struct map_group *groups;
    size_t group_count, group_room;

    /* laid out */
    struct rect area;
    int cell_w, cell_h;         /* of one item, in cells and half lines */
    size_t share;               /* items to a cell of the map, the worst of them shown;
                                 * 1 if there is room */
    bool flows;                 /* lines follow each other without a break: there is no
                                 * room for one each */
    bool plain;                 /* a character a cell: no colour */

    /* seen */
    enum map_lens lens;
    const char *hues[MAP_HUES]; /* LENS_TENANT: who has which hue, the largest first;
                                 * NULL: none. Borrowed */
    size_t known, inked;
    bool knows_holders;         /* where a tenant, job or class is; false: as when one
                                 * looks back */
};

struct map *map_new(void);
void map_free(struct map *map);

/* Finds what stands where below `subject` (GW_NONE: the site). Racks if there are any,
 * else GPUs, or nodes where these are too many; of a rack or a node, its GPUs. */
void map_survey(struct map *map, const struct model *m, struct row subject);
/* The GPUs below it, whatever it is. */
void map_survey_gpus(struct map *map, const struct model *m, struct row subject);
/* Gives every group, line and item its place, as large as they fit. */
void map_lay_out(struct map *map, struct rect area, bool plain);

/* What is inked: all is, where id is GW_NONE. */
void map_see(struct map *map, const struct model *m, enum map_lens lens,
             struct row inked);
/* "power/cap"; "0 %", "100 % of cap": the ends of the ramp. */
const char *map_lens_name(enum map_lens lens);
void map_lens_ends(const struct map *map, const struct model *m, enum map_lens lens,
                   char *low, char *high, size_t room);

/* An item's value in a few characters: "94" (per cent), ".34", "62", "6m"; "" where there
 * is none. */
void map_value(const struct map *map, const struct map_item *item, char *to, size_t room);
/* Paints boxes, labels and cells; `selected` is an index into items, SIZE_MAX: none. */
void map_paint(const struct map *map, const struct model *m, struct grid *g,
               size_t selected);
/* What is painted for a state and a step: an ink and, where there is no colour, a
 * character. */
enum style map_ink(uint8_t state, uint8_t step);
uint32_t map_letter(uint8_t state, uint8_t step);

size_t map_find(const struct map *map, uint32_t id);    /* SIZE_MAX: not on it */
/* The item in a cell of the screen: of several, the one that is seen there; of the two
 * halves, the upper one. SIZE_MAX: none. */
size_t map_at(const struct map *map, int x, int y);
/* The nearest item that way; the same one if there is none. */
size_t map_step(const struct map *map, size_t from, int dx, int dy);
/* Where an item's cell is, in cells and half lines of the screen. */
struct rect map_cell(const struct map *map, size_t item);

#endif
