/* What the files of tui/ share: where the operator is, and what lies over it. Nobody else
 * includes this.
 *
 * A place is a view and the words that narrow it down; it can be written as a query at
 * any time, so what is on the screen can be copied as a command. Places lie on a stack:
 * Enter puts one on top, Esc takes it off. */
#ifndef TUI_STATE_H
#define TUI_STATE_H

#include "base/err.h"
#include "show/table.h"
#include "tui/offers.h"
#include "tui/panels.h"
#include "tui/ui.h"

enum {
    WORDS = 512,  /* bytes of each clause of a place */
    COLUMNS = 64, /* of a view, at most */
    VIEWS = 80, /* built in and added */
    HISTORY = 32,
    VISITS = 32,
    MESSAGES = 64
};

/* One column as it is laid out now. */
struct lane {
    const struct column *column;
    int width, x;
    bool is_out; /* scrolled out at the left */
    double scale;     /* what its numbers are divided by */
    bool has_fractions; /* not all of its numbers are whole */
    int fraction;     /* so many cells from the end is its point, where they line up */
    char unit[24];    /* written once, in the heading; "" */
};

struct place {
    struct place *below;
    const struct view *view;
    char label[256]; /* the row that Enter was pressed on; "" */
    enum gw_kind label_kind; /* and its kind; GW_SITE: not known */
    bool is_typed;   /* after ":": Esc leads back, and it is no part of what lies below */

    /* the clauses of its query; "" where there is none. Of a drawn view, `names` are its
     * words */
    char names[WORDS], where[WORDS], filter[WORDS], show[WORDS], sort[WORDS],
        limit[WORDS];
    bool flat; /* a tree shown as a list */

    /* what that gives now */
    struct query *query;
    struct table *table; /* NULL: not built, or a drawn view */
    uint32_t *rows;      /* ids: the table's rows, less what closed branches hide */
    uint8_t *depths;     /* of a tree's rows */
    bool *has_parts;
    bool is_branched;    /* any of them has */
    size_t row_count;
    struct lane lanes[COLUMNS];
    size_t lane_count;
    const struct column *judges[COLUMNS];       /* say how bad a row is, whether there
                                                 * is room for them or not */
    size_t judge_count;
    int laid_out_w;
    bool is_tree;
    uint64_t version;     /* of the model, when built */
    double built;         /* steady seconds */
    bool outdated;        /* the words changed */
    struct err complaint; /* why there is no table; text "" if there is one */

    /* the cursor sticks to a row's id, as long as the same thing is in it */
    bool holds;            /* from the first key that means a row; before, it is on the
                            * first line */
    uint32_t selected;     /* GW_NONE: no row */
    uint64_t selected_key; /* model_key() */
    size_t cursor, first;
    int shift;            /* columns scrolled out at the left */
    int page;             /* rows that fitted on the last drawing */
    struct rect rows_at;  /* and where: the lanes from its left edge on, the headings a
                           * line above */
    uint64_t *marks;      /* model_key() of each: a mark never goes over to another row */
    size_t mark_room, mark_count;
    unsigned levels;      /* of a tree, that are open by themselves */
    unsigned char *toggled; /* by id: branches that are not as they are by themselves */
    size_t toggled_room;

    /* the cursor of a drawn view */
    char spot[256];
    const char *spot_enter; /* NULL: nothing selected */
    void *kept;             /* what the view keeps */
};

/* The one-line editor at the bottom. */
struct prompt {
    int kind; /* ':' or '/'; 0: closed */
    char text[WORDS];
    size_t cursor; /* byte */
    struct err complaint;
    size_t complaint_at;
    char *history[2][HISTORY]; /* of ':' and of '/'; the oldest first */
    size_t history_count[2], history_at;
    struct offers offers; /* after ':' always, after '/' when Tab asks */
    size_t offered;       /* which one Tab put in last */
    bool cycling;         /* through what fitted the text before Tab */
    char before[WORDS]; /* the filter that Esc brings back */
};

/* What a person is asked; the answer is typed unseen. */
struct question {
    enum question_state state;
    char text[300], answer[512];
    size_t len;
};

enum overlay {
    OVERLAY_NONE,
    OVERLAY_HELP,
    OVERLAY_EXPLAIN,
    OVERLAY_COLUMNS,
    OVERLAY_MESSAGES,
    OVERLAY_SUMS
};

/* The answer to a query that sums. */
struct sums {
    char query[WORDS];
    char *text;  /* NULL: none yet */
    size_t from; /* the first of its columns behind the name's, from 1 */
    size_t more; /* that have no room to the right */
    int cells;   /* that it was made for */
    double made; /* steady seconds */
    double took_s; /* of the processor */
};

/* Places one was at, without their rows. */
struct visits {
    struct place *items[VISITS];
    size_t count, at, last;
    bool is_moving; /* along them: that is no new one */
};

struct message {
    double time;
    char text[256];
};

struct ui {
    struct ui_setup setup;
    struct grid *grid, *shown; /* being drawn; what the caller saw last */
    struct place *place;       /* where the operator is */
    struct prompt prompt;
    struct question question;
    enum overlay overlay;
    size_t overlay_first, overlay_cursor;
    struct sums sums;
    char message[1024];
    struct message messages[MESSAGES];
    size_t message_count; /* since the start */
    struct visits visits;
    size_t tour;          /* the step one is at, from 1; 0: none */
    char copied[4096];    /* for the clipboard, */
    bool copies;          /* when it is new */
    struct ui_export export;
    bool exports;
    bool paused, left, touched, follows;
    double past;          /* wall time of what is shown; 0: it is live */
    double wanted;        /* and of what is to be shown, NAN: now, */
    bool looks;           /* where that is new */
    double now, steady;
    double oldest_s; /* age of the oldest number drawn; NAN: none */
    struct spots spots;
    uint64_t chosen[VIEWS]; /* by view: columns shown, a bit each; 0: by themselves */
    struct panels *panels; /* of the wall; NULL: its own */
    const char *chord;     /* what is still to be pressed to leave the wall */
    char theme[32];
    char asked[256]; /* a target; "": all */
    bool redraws;    /* all of the screen, for something else wrote on it */
    bool asks;
};

/* ---- place.c: going and coming ---- */

/* A place for a query's text or a view's name; NULL with *err and *at. */
struct place *place_of_text(const char *text, struct err *err, size_t *at);
struct place *place_of_view(const struct view *v);
/* With all that was chosen in it, and no rows yet. */
struct place *place_copy(const struct place *p);
void place_free(struct place *p);
void ui_enter(struct ui *ui, struct place *p, const char *label); /* takes p */
void ui_back(struct ui *ui);
void ui_go(struct ui *ui, struct place *p); /* takes p; forgets the way here */
/* The query that the place is, as one would type it. */
void place_text(const struct place *p, char *to, size_t room);
/* What opens the place as it is now: "map lens tenant", "power flat", "forecast
 * hall-1@1h", a query. */
void place_words(struct ui *ui, const struct place *p, char *to, size_t room);
bool place_is_table(const struct place *p);

/* ---- visits.c: where one was ---- */

void visits_leave(struct ui *ui);  /* before the place changes */
void visits_arrive(struct ui *ui); /* after */
void visits_free(struct visits *v);
void visits_back(struct ui *ui);
void visits_forward(struct ui *ui);
void visits_last(struct ui *ui);

/* ---- copy.c ---- */

void copy_query(struct ui *ui);
void copy_view(struct ui *ui);
void export_ask(struct ui *ui);
void export_to(struct ui *ui, const char *file);

/* ---- tour.c and messages.c ---- */

void tour_start(struct ui *ui);
bool tour_key(struct ui *ui, int key); /* false: it means nothing to the tour */
void tour_draw(struct ui *ui);
void messages_keep(struct ui *ui);
void messages_draw(struct ui *ui, struct rect area);

/* ---- sums.c ---- */

bool sums_open(struct ui *ui, const char *text); /* false: it is no query that sums */
void sums_draw(struct ui *ui, struct rect area);
void sums_scroll(struct ui *ui, int dx);

/* ---- rows.c: what a place shows, and the cursor in it ---- */

/* Builds the rows anew if the words changed, or the model did and half a second has
 * passed. */
void rows_refresh(struct ui *ui, struct place *p);
void rows_move(struct place *p, long by);
void rows_select(struct place *p, size_t index);
void rows_hold(struct place *p); /* the row it is on is meant: it sticks to it */
void rows_select_name(struct ui *ui, struct place *p, const char *name);
bool row_is_marked(const struct ui *ui, const struct place *p, uint32_t id);
void row_mark(struct ui *ui, struct place *p, uint32_t id); /* or takes the mark away */
bool bit_is_set(const unsigned char *bits, size_t room, uint32_t id);
void bit_flip(unsigned char **bits, size_t *room, uint32_t id);

/* ---- tree.c ---- */

/* From the table's rows in the model's order to those whose branches are open. */
/* of its own kind, under it in the tree */
bool tree_has_parts(const struct model *m, struct row whole);
void tree_rows(struct ui *ui, struct place *p);
bool tree_is_open(const struct place *p, size_t index);
void tree_set_open(struct place *p, size_t index, bool open);
void tree_to_parent(struct place *p);
void tree_reveal(struct ui *ui, struct place *p,
                 uint32_t id); /* opens what it is under */

/* ---- drawing ---- */

void lanes_lay_out(struct ui *ui, struct place *p, int cells);
/* A cell in its lane; returns how many cells its point stands before those of others. */
int lane_format(const struct lane *lane, struct cell *cell, char *to, size_t room);
uint64_t *ui_chosen(struct ui *ui, const struct view *v);
void table_box_draw(struct ui *ui, struct place *p, struct rect area);
void status_draw(struct ui *ui);
void status_draw_paused(struct ui *ui, const char *mode); /* over the line that said so */
void last_line_draw(struct ui *ui);
/* that it takes: what is wrong with a target is told in full */
int last_lines(const struct ui *ui);
void help_draw(struct ui *ui, struct rect area);
void explain_draw(struct ui *ui, struct rect area);
/* of a table or a drawn view; id GW_NONE: none is chosen */
struct row row_at_cursor(struct ui *ui);
void chooser_draw(struct ui *ui, struct rect area);
void chooser_key(struct ui *ui, int key);
void ui_saw_age(struct ui *ui, double age_s); /* of a number that was drawn */
void ui_saw_site_age(struct ui *ui);          /* of the site's own */

/* ---- question.c ---- */

bool question_key(struct ui *ui, int key); /* false: nothing is asked */
void question_draw(struct ui *ui);

/* ---- spots.c: the cursor of a drawn view ---- */

void spots_move(struct ui *ui, int dx, int dy);
void spots_next_box(struct ui *ui, int by);
void spots_enter(struct ui *ui);
void spots_click(struct ui *ui, int x, int y);
void spots_paint(struct ui *ui);
/* what the one selected is about; id GW_NONE: no row */
struct row spots_row(const struct ui *ui);

/* ---- ui.c, for the keys of a drawn view ---- */

struct screen ui_screen(struct ui *ui);
/* Does what a key of the view asked for. */
void ui_grant(struct ui *ui, const struct wish *wish);

/* ---- keys.c and prompt.c ---- */

struct key {
    int code;
    const char *name;  /* "Enter"; of --keys and the help */
    const char *label; /* one word, for the last line */
    const char *command; /* its name, for ":"; NULL: as the one before */
    void (*press)(struct ui *ui);
    const char *help; /* NULL: as the one before */
};
/* By this column, the largest first or from A; where it is so already, the other way
 * round. */
void sort_by(struct ui *ui, const struct column *c);
extern const struct key keys_table[];
const struct key *key_find(int code);
const struct view *view_of_key(int code);

void past_earlier(struct ui *ui);
void past_later(struct ui *ui);
void past_leave(struct ui *ui);
/* False with *err: it is no time, or one to come. */
bool past_at(struct ui *ui, const char *text, struct err *err);

void prompt_open(struct ui *ui, int kind, const char *text);
void prompt_key(struct ui *ui, int key);
void prompt_draw(struct ui *ui);
void prompt_free(struct prompt *p);
/* as if it had been typed */
void prompt_remember(struct prompt *p, int kind, const char *text);
/* Does what was typed after ":"; false with *err and *at. */
bool command_run(struct ui *ui, const char *text, struct err *err, size_t *at);
/* Adds what may be the first word: views, in the order of their keys, kinds, commands. */
void command_offer(struct offers *o);
/* Adds what may stand behind a command that takes words; false: the line is a query. */
bool command_offer_rest(struct offers *o, struct ui *ui, const char *line);

#endif
