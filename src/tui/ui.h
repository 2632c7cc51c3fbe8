/* The console without a terminal: keys in, a grid out. The terminal's file shows the
 * grid; --screen and the tests print it. */
#ifndef TUI_UI_H
#define TUI_UI_H

#include <stdbool.h>

#include "show/table.h"

/* Keys above the characters (a character is its code point). */
enum {
    KEY_UP_ARROW = 0x110000,
    KEY_DOWN_ARROW,
    KEY_LEFT_ARROW,
    KEY_RIGHT_ARROW,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_TOP,
    KEY_BOTTOM,
    KEY_BACK,
    KEY_DELETE_CHAR,
    KEY_SCREEN_RESIZED,
    KEY_SHIFT_TAB,
    KEY_CLICKED, /* of a terminal: it says where */
    KEY_ENTER_KEY = '\r',
    KEY_ESCAPE_KEY = 27,
    KEY_TAB_KEY = '\t'
};

struct ui_setup {
    struct model *model;        /* read only */
    int w, h;
    double now;                 /* when it starts: what is said before the first frame
                                 * is dated so */
    bool ascii, wall, demo, replay;
    bool remakes_past;          /* nothing is kept of what was: the simulated site is
                                 * asked as of then */
    bool mono;                  /* no colour: what differs must differ in shape */
    const char *view;           /* to open with, or a query; NULL: overview */
    const char *command;        /* the command line this was started with, for Y; NULL:
                                 * "gigawatch" */
    bool alive_mark;            /* the wall's moving mark */
    const char *panels;         /* the wall's, sound: panels.h; NULL: its own */
    const char *quit;           /* names of the keys that leave the wall, pressed in a
                                 * row; NULL: none does */
};

struct ui;

struct ui *ui_new(const struct ui_setup *setup);
void ui_free(struct ui *ui);

/* one of the table in keys.c; the wall knows none */
void ui_key(struct ui *ui, int key);
/* with a mouse: selects, opens or sorts */
void ui_click(struct ui *ui, int x, int y);
void ui_resize(struct ui *ui, int w, int h);
/* Draws what the model and the keys made of it; returns whether a cell changed since the
 * last call. */
bool ui_draw(struct ui *ui, double now, double steady);
const struct grid *ui_grid(const struct ui *ui);
bool ui_left(const struct ui *ui);              /* the operator wants out */
/* all of the screen is to be drawn anew; says so once */
bool ui_takes_redraw(struct ui *ui);
/* A line for the last row, until the next key ("n14: no route to host; next try in 40
 * s"). */
void ui_say(struct ui *ui, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A question whose answer is typed unseen, on the last lines: not while something else is
 * typed, nor on a picture that stands still, nor on a wall. */
enum question_state { QUESTION_NONE, QUESTION_OPEN, QUESTION_ANSWERED, QUESTION_REFUSED };
bool ui_can_ask(const struct ui *ui);
void ui_ask(struct ui *ui, const char *text);
void ui_take_back_question(struct ui *ui);      /* whoever asked is gone */
/* How the question stands; of ANSWERED, the answer, which is forgotten here: wipe it
 * after use. ANSWERED and REFUSED are told once. */
enum question_state ui_answer(struct ui *ui, char *answer, size_t room);
/* What the operator wants asked at once, since the last call: a target's name, "" for
 * all; NULL: nothing. */
const char *ui_asked(struct ui *ui);
/* What the operator wants in the clipboard, since the last call; NULL: nothing. */
const char *ui_copied(struct ui *ui);
/* What was is asked for, since the last call: *at, NAN for now. Whoever can shows a model
 * of that time, which must live until another is shown; NAN: the live one again. */
bool ui_looks_back(struct ui *ui, double *at);
void ui_show_past(struct ui *ui, struct model *m, double at);
bool ui_is_past(const struct ui *ui);
/* What the operator wants in a file, since the last call; NULL: nothing. */
struct ui_export {
    char file[512];
    char query[4096];           /* "": the screen as text */
};
const struct ui_export *ui_exported(struct ui *ui);
/* What is to be remembered until the next start, as text (caller frees), and back. */
char *ui_memory(struct ui *ui);
void ui_remember(struct ui *ui, const char *text);
/* The row whose parts are shown, as Enter opened it; NULL: none. */
const char *ui_opened(const struct ui *ui, enum gw_kind *kind);
/* Somebody else polls, and its cache is shown: said where the sources are. */
void ui_follow(struct ui *ui, bool follows);
/* Whether there is colour: drawn views that tell by it tell by shape, else. */
void ui_mono(struct ui *ui, bool mono);
/* The theme asked for by ":theme NAME", for terminal_theme(); NULL: as it was opened. */
const char *ui_theme(const struct ui *ui);
/* Steps through keys written for a script: words are names of keys ("Enter", "Esc",
 * "Down", "Space", "C-f") or else typed letter by letter ("/power>300 Enter j j"); blanks
 * between words are not typed. 0 at the end, -1 unknown. */
int ui_next_key(const char **keys);
/* Complains of a word of such keys that begins like a key's name ("Entr") and is none;
 * "/Entr" types it. */
int ui_check_keys(const char *keys, struct err *err);
int ui_check_view(const char *text, struct err *err);   /* of ui_setup.view */
/* Has the key a meaning in every view? */
bool ui_key_is_taken(int code);
/* The table of keys for --list keys and the manual: "key\tname\thelp\n" lines. Caller
 * frees. */
char *ui_list_keys(void);

#endif
