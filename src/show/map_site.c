/* What stands where on a map: halls are boxes, rows are lines, and the number in a rack's
 * name is its place in the row, so that a rack keeps its place when its neighbour comes
 * or goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "show/map.h"

enum { MANY_GPUS = 4096, DEEPEST = 16 };

static bool text_is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

/* ---- above an item ---- */

/* What is between an item and the subject of the map. */
struct climb {
    struct row hall, row, top;  /* the nearest hall and row above it, and what is
                                 * directly below the subject: none where two feeds of
                                 * it are, as both have half */
    bool is_shared;             /* so */
};

static const struct climb nothing = {
    { GW_DOMAIN, GW_NONE }, { GW_DOMAIN, GW_NONE }, { GW_DOMAIN, GW_NONE }, false
};

/* False: the item is not below the subject. Both feeds of what has two are ways up. */
static bool climb(const struct model *m, struct row from, struct row subject,
                  struct climb *c, int depth)
{
    struct row ups[2] = { model_parent(m, from.kind, from.id),
                          model_second_parent(m, from.kind, from.id) };

    if (depth > DEEPEST)
        return false;
    if (subject.id == GW_NONE && (ups[0].id == GW_NONE || ups[0].kind == GW_SITE))
        return true;
    for (size_t i = 0; i < 2; i++) {
        struct climb other = nothing;
        const char *type;

        if (ups[i].id == GW_NONE || ups[i].kind == GW_SITE)
            continue;
        if (row_is(ups[i], subject))
            return true;
        if (!climb(m, ups[i], subject, c, depth + 1))
            continue;
        type = ups[i].kind == GW_DOMAIN ? model_text(m, M_DOMAIN_TYPE, ups[i].id) : NULL;
        if (text_is(type, "hall"))
            c->hall = ups[i];
        if (text_is(type, "row"))
            c->row = ups[i];
        if (c->top.id == GW_NONE && !c->is_shared)
            c->top = ups[i];
        if (i == 0 && (subject.id != GW_NONE || c->hall.id == GW_NONE) &&
            ups[1].id != GW_NONE && ups[1].kind != GW_SITE &&
            climb(m, ups[1], subject, &other, depth + 1)) {
            c->top.id = GW_NONE;
            c->is_shared = true;
        }
        return true;
    }
    return false;
}

/* ---- lines and groups ---- */

/* "h1-r04-k11": the row is "h1-r04", the place 11. Returns the length of the row's
 * part. */
static size_t split_name(const char *name, long *number)
{
    size_t len = strlen(name), end = len;

    while (end > 0 && name[end - 1] >= '0' && name[end - 1] <= '9')
        end--;
    *number = end < len && len - end < 7 ? strtol(name + end, NULL, 10) : -1;
    while (end > 0 && !strchr("-_./:", name[end - 1]))
        end--;
    return end > 0 ? end - 1 : 0;
}

static uint32_t group_of(struct map *map, struct row whole)
{
    for (size_t i = map->group_count; i-- > 0;)
        if (row_is(map->groups[i].whole, whole))
            return (uint32_t)i;
    map->groups = xgrow(map->groups, &map->group_room, map->group_count + 1,
                        sizeof(*map->groups));
    map->groups[map->group_count] = (struct map_group){ .whole = whole };
    return (uint32_t)map->group_count++;
}

/* The line of that label, made if it is new. What comes next mostly stands in the line of
 * what came last. */
static uint32_t line_of(struct map *map, uint32_t group, const char *label, size_t len)
{
    struct map_line *l;

    for (size_t i = map->line_count; i-- > 0;) {
        l = &map->lines[i];
        if (l->group == group && strncmp(l->label, label, len) == 0 &&
            (len >= MAP_LABEL - 1 || !l->label[len]))
            return (uint32_t)i;
    }
    map->lines = xgrow(map->lines, &map->line_room, map->line_count + 1,
                       sizeof(*map->lines));
    l = &map->lines[map->line_count];
    *l = (struct map_line){ .group = group };
    snprintf(l->label, sizeof(l->label), "%.*s", (int)len, label);
    return (uint32_t)map->line_count++;
}

static void add(struct map *map, uint32_t id, struct row whole, const char *label,
                size_t len, long number)
{
    struct map_item *it;

    if (len > MAP_LABEL - 1)
        len = MAP_LABEL - 1;
    map->items = xgrow(map->items, &map->room, map->count + 1, sizeof(*map->items));
    it = &map->items[map->count++];
    *it = (struct map_item){ .id = id,
                             .column = number < 0 ? UINT32_MAX : (uint32_t)number,
                             .inked = true };
    it->line = line_of(map, group_of(map, whole), label, len);
}

/* ---- what is shown ---- */

static struct row box_of(const struct climb *c, struct row subject)
{
    if (c->hall.id != GW_NONE)
        return c->hall;
    if (c->top.id != GW_NONE)
        return c->top;
    return subject.id == GW_NONE ? (struct row){ GW_SITE, 0 } : subject;
}

static void add_racks(struct map *map, const struct model *m)
{
    const uint32_t *order = model_order(m, GW_DOMAIN);

    map->kind = GW_DOMAIN;
    for (size_t i = 0; i < model_rows(m, GW_DOMAIN); i++) {
        struct row rack = { GW_DOMAIN, order[i] };
        struct climb c = nothing;
        const char *name = model_name(m, GW_DOMAIN, rack.id);
        long number;
        size_t len;

        if (!name || !text_is(model_text(m, M_DOMAIN_TYPE, rack.id), "rack") ||
            !climb(m, rack, map->subject, &c, 0))
            continue;
        len = split_name(name, &number);
        if (c.row.id != GW_NONE) {
            name = model_name(m, GW_DOMAIN, c.row.id);
            len = strlen(name);
        }
        add(map, rack.id, box_of(&c, map->subject), name, len, number);
    }
}

static void add_nodes(struct map *map, const struct model *m)
{
    const uint32_t *order = model_order(m, GW_NODE);

    map->kind = GW_NODE;
    for (size_t i = 0; i < model_rows(m, GW_NODE); i++) {
        struct row node = { GW_NODE, order[i] };
        struct climb c = nothing;
        const char *name = model_name(m, GW_NODE, node.id);
        long number;
        size_t len;

        if (!name || !climb(m, node, map->subject, &c, 0))
            continue;
        len = split_name(name, &number);
        add(map, node.id, box_of(&c, map->subject), name, len, number);
    }
}

/* A line is a node, a box what the nodes are in. */
static void add_gpus(struct map *map, const struct model *m)
{
    const uint32_t *order = model_order(m, GW_GPU);
    bool is_node = map->subject.id != GW_NONE && map->subject.kind == GW_NODE;

    map->kind = GW_GPU;
    for (size_t i = 0; i < model_rows(m, GW_GPU); i++) {
        struct row gpu = { GW_GPU, order[i] }, node = model_parent(m, GW_GPU, gpu.id), up;
        struct climb c = nothing;
        const char *name = model_name(m, GW_GPU, gpu.id), *line;
        long number;

        if (node.id != GW_NONE && node.kind == GW_GPU)
            continue; /* a MIG instance has no place of its own */
        if (node.id != GW_NONE && node.kind != GW_NODE)
            node.id = GW_NONE;
        if (!name || (is_node && node.id != map->subject.id) ||
            (!is_node && !climb(m, gpu, map->subject, &c, 0)))
            continue;
        split_name(name, &number);
        line = node.id == GW_NONE ? "" : model_name(m, GW_NODE, node.id);
        up = node.id == GW_NONE ? node : model_parent(m, GW_NODE, node.id);
        if (is_node)
            up = map->subject;
        else if (up.id == GW_NONE)
            up = (struct row){ GW_SITE, 0 };
        add(map, gpu.id, up, line ? line : "", line ? strlen(line) : 0, number);
    }
}

static void add_items(struct map *map, const struct model *m)
{
    bool is_rack = map->subject.id != GW_NONE && map->subject.kind == GW_DOMAIN &&
                   text_is(model_text(m, M_DOMAIN_TYPE, map->subject.id), "rack");

    if (!is_rack && (map->subject.id == GW_NONE || map->subject.kind == GW_DOMAIN))
        add_racks(map, m);
    if (map->count > 0)
        return;
    if (is_rack || map->subject.kind == GW_NODE || model_rows(m, GW_GPU) <= MANY_GPUS)
        add_gpus(map, m);
    if (map->count == 0)
        add_nodes(map, m);
}

/* ---- putting in order ---- */

/* A line to be sorted. */
struct order {
    uint32_t group, line;
    const char *label;
};

static int compare_lines(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return text_natural(x->label, y->label);
}

static int compare_items(const void *a, const void *b)
{
    const struct map_item *x = a, *y = b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Lines by group and label, and items with them. */
static void sort_lines(struct map *map)
{
    struct order *order = xcalloc(map->line_count + 1, sizeof(*order));
    uint32_t *now = xcalloc(map->line_count + 1, sizeof(*now));
    struct map_line *lines = xcalloc(map->line_count + 1, sizeof(*lines));

    for (uint32_t i = 0; i < map->line_count; i++)
        order[i] = (struct order){ map->lines[i].group, i, map->lines[i].label };
    qsort(order, map->line_count, sizeof(*order), compare_lines);
    for (uint32_t i = 0; i < map->line_count; i++) {
        lines[i] = map->lines[order[i].line];
        now[order[i].line] = i;
    }
    for (size_t i = 0; i < map->count; i++)
        map->items[i].line = now[map->items[i].line];
    free(map->lines);
    map->lines = lines;
    map->line_room = map->line_count + 1;
    free(order);
    free(now);
    if (map->count > 0)
        qsort(map->items, map->count, sizeof(*map->items), compare_items);
}

/* The numbers of a line's names are places where they nearly fill it; else items stand
 * side by side. */
static void place_line(struct map_item *items, size_t count, struct map_line *line)
{
    uint32_t first = items[0].column, last = items[count - 1].column;
    bool numbered = last != UINT32_MAX && (size_t)(last - first) < 2 * count + 2;

    if (first > 1 && first < count)
        first = 1;              /* that the first of them is missing moves nobody */
    for (size_t i = 1; i < count && numbered; i++)
        numbered = items[i].column != items[i - 1].column;
    for (size_t i = 0; i < count; i++)
        items[i].column = numbered ? items[i].column - first : (uint32_t)i;
    line->columns = items[count - 1].column + 1;
}

/* Common to all labels of a group up to a separator: the title says that already. */
static size_t common_prefix(const struct map *map, const struct map_group *g)
{
    const char *first = map->lines[g->first_line].label;
    size_t common = strlen(first), end;

    for (uint32_t i = g->first_line; i < g->first_line + g->lines; i++) {
        size_t same = 0;

        while (same < common && map->lines[i].label[same] == first[same])
            same++;
        common = same;
    }
    end = common;
    while (end > 0 && !strchr("-_./:", first[end - 1]))
        end--;
    return end;
}

static void shorten_labels(struct map *map, struct map_group *g)
{
    size_t cut = g->lines > 1 ? common_prefix(map, g) : 0;

    for (uint32_t i = g->first_line; i < g->first_line + g->lines; i++) {
        char *label = map->lines[i].label;
        int width;

        memmove(label, label + cut, strlen(label + cut) + 1);
        width = text_width(label);
        if (width >= g->labels)
            g->labels = width + 1 < 12 ? width + 1 : 12;
    }
    if (g->lines == 1)
        g->labels = 0;
}

static void clear(struct map *map, struct row subject)
{
    map->count = map->line_count = map->group_count = 0;
    map->subject = subject;
}

/* Everything that was added finds its place. */
static void arrange(struct map *map)
{
    sort_lines(map);
    for (size_t from = 0, end; from < map->count; from = end) {
        struct map_line *line = &map->lines[map->items[from].line];

        for (end = from;
             end < map->count && map->items[end].line == map->items[from].line; end++)
            ;
        place_line(&map->items[from], end - from, line);
        map->groups[line->group].items += (uint32_t)(end - from);
    }
    for (uint32_t i = map->line_count; i-- > 0;) {
        map->groups[map->lines[i].group].first_line = i;
        map->groups[map->lines[i].group].lines++;
    }
    for (size_t i = 0; i < map->group_count; i++)
        shorten_labels(map, &map->groups[i]);
}

void map_survey(struct map *map, const struct model *m, struct row subject)
{
    clear(map, subject);
    add_items(map, m);
    arrange(map);
}

void map_survey_gpus(struct map *map, const struct model *m, struct row subject)
{
    clear(map, subject);
    add_gpus(map, m);
    arrange(map);
}
