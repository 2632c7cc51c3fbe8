/* What a view is, and all that a file in views/ needs: the model to read, cells and a
 * grid to write.
 *
 * A view is one file, views/NAME.c, that ends in `const struct view NAME_view`. Its table
 * of columns is also the list of fields that queries on its kind know: the screen, -q,
 * --list fields, the manual and JSON read the same table, so a new column is one new line.
 */
#ifndef SHOW_VIEW_H
#define SHOW_VIEW_H

#include <math.h>

#include "base/arena.h"
#include "base/text.h"
#include "model/model.h"
#include "show/cell.h"
#include "show/chart.h"
#include "show/grid.h"
#include "show/map.h"
#include "show/risk.h"

struct column {
    const char *name;           /* the field's name in queries: [a-z0-9_] */
    const char *heading;        /* on the screen; NULL: the name */
    int width;                  /* cells on the screen, at least; 0: as wide as its
                                 * contents, up to 24 */
    int priority;               /* 1: always shown; higher ones leave first when the
                                 * screen is narrow; 0: only when asked */
    enum unit unit;             /* of its numbers */
    bool text;                  /* holds text (else numbers) */
    bool sentence;              /* of clauses: where there is no room for all of them,
                                 * the last are left out */
    bool is_name;               /* of the row itself, for tables of many:
                                 * model_name_places() sorts it */
    bool is_whole_name;         /* of what the row is a part of */
    uint16_t metric;            /* the plain case: this metric of the row; with .cell:
                                 * its freshness is this one's */
    bool has_metric;            /* (0 is a metric, too) */
    /* anything else; or, of kinds with many rows, */
    struct cell (*cell)(const struct model *m, uint32_t row);
    /* a text alone; NULL: unknown */
    const char *(*says)(const struct model *m, uint32_t row);
    /* of .cell the number alone, where that is less work; NAN: unknown */
    double (*number)(const struct model *m, uint32_t row);
    const char *const *words;   /* all that .says may say, ending with NULL; NULL:
                                 * anything */
    const uint16_t *reads;      /* the metrics that .cell and .level read besides,
                                 * ending with METRIC_NONE; with .cell NULL: any. For a
                                 * cache that is asked only for what is shown */
    /* The texts that a cell such as "several" stands for, from i = 0 on; NULL: no more. A
     * comparison holds where it holds for one of them; != for all. Of a plain metric,
     * rows of the same text stand for the same. NULL: the cell speaks for itself. */
    const char *(*each)(const struct model *m, uint32_t row, size_t i);
    enum level (*level)(const struct model *m, uint32_t row, const struct cell *cell);
    bool trend;                 /* holds a trend: .cell reads the past */
    bool bar;                   /* drawn as a thin rail: the number is a ratio */
    /* A second ratio that its rail shows, dotted: how far the first may climb, or with
     * .ends what is at the other end of the whole. NAN: not known. */
    double (*second)(const struct model *m, uint32_t row);
    bool ends;
    bool probability;           /* written .34, not 34 % */
    bool foretold;              /* of a time to come, and a guess by its nature: no
                                 * mark says so */
    bool share;                 /* how much is there of what should be: 100 % only
                                 * where all of it is */
    bool money;                 /* in the site's currency, which its heading says */
    bool sums;                  /* adds up: of several rows together, "by FIELD" shows
                                 * the sum */
    /* Of one that sums: is the number of this row still part of a sum? What a job had
     * that has ended, nobody has. NULL: all are. */
    bool (*counts)(const struct model *m, uint32_t row);
    /* That the row has nothing of it, as a job that waits draws nothing: unknown, and yet
     * no gap in a sum; of a text, no unknown one to a query, either. NULL: all have. */
    bool (*has_none)(const struct model *m, uint32_t row);
    bool unique;                /* no two rows share it: nothing to sum by; so is
                                 * .is_name */
    const char *help;           /* NULL: the metric's */
};

#define COLUMN_METRIC(id) .metric = (id), .has_metric = true
#define COLUMN_READS(...) .reads = (const uint16_t[]){ __VA_ARGS__, METRIC_NONE }
#define COLUMN_READS_NOTHING .reads = (const uint16_t[]){ METRIC_NONE }

/* Does it hold a metric as the model has it? */
static inline bool column_is_plain(const struct column *c)
{
    return c->has_metric && !c->cell && !c->says;
}

/* And its numbers are the model's floats? Moments are doubles there. */
static inline bool column_is_exact(const struct column *c)
{
    return column_is_plain(c) && c->unit != UNIT_TIME;
}

struct screen;                  /* what a view is drawn with; below */

/* A key that means something in this view only; it goes before the common ones. */
struct view_key {
    int code;
    const char *name, *label;   /* "Tab"; one word for the last line, NULL: not there */
    void (*press)(const struct screen *s);
    const char *help;
};

struct wish;

struct view {
    const char *name;           /* "gpus": the file's, the palette's */
    const char *title;          /* first letter is the accent */
    const char *help;           /* one or two sentences */
    int key;                    /* the digit or letter that jumps here */
    const char *kind;           /* the query's word for its rows: "gpus"; NULL: no rows
                                 * of its own */
    enum gw_kind rows;          /* which rows of the model */
    /* of these, which; NULL: all */
    bool (*is_row)(const struct model *m, uint32_t row);
    const struct column *columns;       /* ends with { 0 } */
    const char *sort;           /* "-power,name"; NULL: the order of the model */
    const char *opening;        /* the query with which the console opens it, where all
                                 * of it is too much at once; NULL: all of it */
    const char *filters;        /* two or three to begin with, shown below an empty
                                 * "/": "power > 0.9cap · p > .1"; NULL: none */
    const char *none;           /* what it means that it has no rows, where all targets
                                 * answer; NULL: nobody tells of any yet */
    bool tree;                  /* parts under their whole, opened and closed */
    bool off_screen;            /* only for queries */
    bool of_one;                /* a drawn one that is of one row, whose name may stand
                                 * behind its own: "forecast hall-1" */
    /* Enter on a row: view and filter, "%s" is the row's name: "gpus where node =
     * \"%s\""; or a drawn view, whose subject the row is. NULL: nothing. */
    const char *enter;
    /* For the rows on which Enter does something else: fills in `open` or `say`. NULL:
     * there are none. */
    void (*enter_row)(const struct model *m, uint32_t row, struct wish *wish);
    const char *list;           /* of a drawn one: the table that "/" filters, where no
                                 * box with one is selected; NULL: none */
    const char *words;          /* of one that a user made: the query it stands for;
                                 * NULL: built in */
    const char *linear;         /* of a drawn one: "title: query" lines that say the
                                 * same; NULL: nothing does */
    const char *linear_of;      /* the kind that such lines are of where a name stands behind
                                 * the view's: of its "domain" or its own */
    /* More of the row under the cursor, below a table that leaves room for it: its past,
     * say. NULL: there is no more. */
    void (*detail)(const struct screen *s, struct grid *g, struct rect area,
                   uint32_t row);
    /* Draws everything between status line and keys; NULL: the table. */
    void (*draw)(const struct screen *s, struct grid *g, struct rect area);
    /* A drawn view with a cursor of its own keeps it, and what else was chosen, in
     * screen.kept: made by keep(), from the same view's on which Enter was pressed or
     * NULL, freed by drop(). move() and the keys change it. */
    void *(*keep)(const void *before);
    void (*drop)(void *kept);
    void (*move)(const struct screen *s, int dx, int dy);
    /* The mouse's choice, in cells of the screen. True: it was chosen before, so that it
     * is to be opened, as by Enter. */
    bool (*click)(const struct screen *s, int x, int y);
    /* What was chosen in it, as words with a blank before each: behind its name they
     * bring it back, in screen.words. */
    void (*say)(const struct screen *s, char *to, size_t room);
    /* false with *err: they are none */
    bool (*accepts)(const char *words, struct err *err);
    /* under the cursor, for "i"; id GW_NONE: none */
    struct row (*row)(const struct screen *s);
    const struct view_key *keys;        /* ends with { 0 } */
};

/* A place in a drawn view that can be selected: arrows move between them, Enter opens
 * `enter`, a view's name or a query, and selects `name` there, or makes it the subject of
 * a drawn one. Both must outlive the frame: a row's name, a literal. */
struct spot {
    struct rect area;
    const char *name, *enter;
};
struct spots {
    struct spot items[128];
    size_t count;
};

/* One number of the wall, from a query. */
struct panel {
    char title[48], number[48], words[128];
    enum level level;
};

/* What a key of a view asks for. */
struct wish {
    char open[512];             /* a view or a query to go to; "": nothing */
    char name[256];             /* the row that it is about, */
    enum gw_kind kind;          /* and its kind */
    char say[256];
};

/* What a drawn view sees besides the model. */
struct screen {
    const struct model *model;
    const char *subject;        /* the row it was opened on; "" */
    enum gw_kind subject_kind;  /* and of which kind; GW_SITE: not known */
    const char *words;          /* what say() said, to be brought back; "": nothing */
    const char *selected;       /* name of the selected row or box; "" */
    bool ascii;                 /* no character above 126 */
    bool mono;                  /* no colour: what differs must differ in shape */
    bool wall;                  /* --wall: larger, no keys */
    double tick;                /* steady seconds: for the wall's mark that it is alive */
    const struct panel *panels; /* of the wall; NULL: its own */
    size_t panel_count;
    const char *mode;           /* "RO", "DEMO", "REPLAY": never NULL */
    const char *leave;          /* the keys that leave the wall: never NULL */
    struct spots *spots;        /* filled while drawing; NULL: nobody selects */
    void *kept;                 /* what keep() made */
    struct wish *wish;          /* of a key; NULL while drawing */
};

static inline void screen_spot(const struct screen *s, struct rect area, const char *name,
                               const char *enter)
{
    if (s->spots &&
        s->spots->count < sizeof(s->spots->items) / sizeof(s->spots->items[0]))
        s->spots->items[s->spots->count++] = (struct spot){ area, name, enter };
}

/* ends with NULL: the registry's, then those that were added */
const struct view *const *views_all(void);
/* Makes a user's view known; it must stay. Only before the first thread. False: too
 * many. */
bool views_add(const struct view *v);
/* A view whose file cannot be read: only who asks for it, or for all, is told why. */
struct bad_view {
    const char *name, *why;
    struct bad_view *next;
};
void views_add_bad(struct bad_view *bad);       /* it must stay, as above */
const struct bad_view *views_bad(void); /* in the order of their files; NULL: none */
const char *view_amiss(const char *name);       /* NULL: no bad one is called so */
/* What an alert, an event or a forecast is about; another row: itself. id GW_NONE:
 * nothing that is known. */
struct row view_subject(const struct model *m, struct row row);
const struct view *view_find(const char *name);
/* the one whose columns answer queries on it */
const struct view *view_of_kind(const char *kind);

struct cell column_cell(const struct column *c, const struct model *m, uint32_t row);
/* What is in it alone, without how good or how grave that is: to sort and to filter
 * thousands by. */
struct cell column_value(const struct column *c, const struct model *m, uint32_t row);
/* Its number; NAN: unknown, or it is none. */
static inline double column_number(const struct column *c, const struct model *m,
                                   uint32_t row)
{
    struct cell cell;

    if (c->number)
        return c->number(m, row);
    cell = column_value(c, m, row);
    return cell.type == CELL_NUMBER ? cell.number : NAN;
}
/* Its text; NULL: unknown, or it is none. */
static inline const char *column_text(const struct column *c, const struct model *m,
                                      uint32_t row)
{
    struct cell cell;

    if (c->says)
        return c->says(m, row);
    cell = column_value(c, m, row);
    return cell.type == CELL_TEXT ? cell.text : NULL;
}
const struct column *column_find(const struct view *v, const char *name);
/* its own, else its metric's, else "" */
const char *column_help(const struct column *c);
/* "power_w" */
size_t column_json_name(char *to, size_t room, const struct column *c);

#endif
