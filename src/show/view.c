/* Views and columns by name, and what a column says of a row. */
#include "show/view.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

const struct view *view_find(const char *name)
{
    for (const struct view *const *v = views_all(); *v; v++)
        if (strcmp((*v)->name, name) == 0)
            return *v;
    return NULL;
}

static struct bad_view *bad_views;

void views_add_bad(struct bad_view *bad)
{
    struct bad_view **last = &bad_views;

    while (*last)
        last = &(*last)->next;
    *last = bad;
}

const struct bad_view *views_bad(void)
{
    return bad_views;
}

const char *view_amiss(const char *name)
{
    const struct bad_view *bad = bad_views;

    while (bad && strcmp(bad->name, name) != 0)
        bad = bad->next;
    return bad ? bad->why : NULL;
}

struct row view_subject(const struct model *m, struct row row)
{
    static const struct {
        uint16_t metric;
        bool has;
    } subjects[GW_KINDS] = { [GW_ALERT] = { M_ALERT_SUBJECT, true },
                             [GW_EVENT] = { M_EVENT_SUBJECT, true },
                             [GW_FORECAST] = { M_FORECAST_DOMAIN, true } };
    static const enum gw_kind kinds[] = { GW_DOMAIN, GW_NODE,   GW_GPU, GW_JOB,
                                          GW_TENANT, GW_SOURCE, GW_SITE };
    struct row about = { row.kind, GW_NONE };
    const char *name,
        *alert = row.kind == GW_ALERT ? model_name(m, GW_ALERT, row.id) : NULL;

    if (row.id == GW_NONE || !subjects[row.kind].has)
        return row;
    name = model_text(m, subjects[row.kind].metric, row.id);
    /* A target is often called as its node is. */
    if (name && alert && text_ends(alert, " source"))
        about = (struct row){ GW_SOURCE, model_find(m, GW_SOURCE, name) };
    for (size_t i = 0;
         name && i < sizeof(kinds) / sizeof(kinds[0]) && about.id == GW_NONE; i++)
        about = (struct row){ kinds[i], model_find(m, kinds[i], name) };
    return about;
}

const struct view *view_of_kind(const char *kind)
{
    for (const struct view *const *v = views_all(); *v; v++)
        if ((*v)->kind && (*v)->columns && strcmp((*v)->kind, kind) == 0)
            return *v;
    return NULL;
}

const struct column *column_find(const struct view *v, const char *name)
{
    for (const struct column *c = v->columns; c && c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

const char *column_help(const struct column *c)
{
    if (c->help)
        return c->help;
    return c->has_metric ? metric_at(c->metric)->help : "";
}

static struct cell metric_cell(const struct column *c, const struct model *m,
                               uint32_t row)
{
    return c->text ? cell_string(model_text(m, c->metric, row))
                   : cell_number(model_number(m, c->metric, row), c->unit);
}

struct cell column_value(const struct column *c, const struct model *m, uint32_t row)
{
    if (c->cell)
        return c->cell(m, row);
    if (c->says)
        return cell_string(c->says(m, row));
    return c->has_metric ? metric_cell(c, m, row) : (struct cell){ .type = CELL_NONE };
}

struct cell column_cell(const struct column *c, const struct model *m, uint32_t row)
{
    struct cell cell = column_value(c, m, row);

    cell.unit = c->unit;
    if (c->unit == UNIT_TIME)
        cell.now = model_now(m);
    cell.probability = c->probability;
    cell.foretold = c->foretold;
    cell.share = c->share;
    if (c->has_metric)
        cell.quality = model_quality(m, c->metric, row);
    if (cell.type == CELL_NONE && !cell.text && c->has_none && c->has_none(m, row))
        cell.text = "—";
    /* A level is a judgement of what is there: of the unknown there is none. */
    if (c->level && cell.type != CELL_NONE)
        cell.level = c->level(m, row, &cell);
    return cell;
}

size_t column_json_name(char *to, size_t room, const struct column *c)
{
    const char *suffix = c->text || text_ends(c->name, unit_suffix(c->unit))
                             ? ""
                             : unit_suffix(c->unit);
    size_t name = strlen(c->name), end = strlen(suffix);

    if (room == 0)
        return 0;
    name = name < room ? name : room - 1;
    end = name + end < room ? end : room - 1 - name;
    memcpy(to, c->name, name);
    memcpy(to + name, suffix, end);
    to[name + end] = '\0';
    return name + end;
}
