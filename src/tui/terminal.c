/* The only file that knows ncurses: shows a grid, reads keys. It keeps the grid it showed
 * last, touches only cells that changed, and updates the terminal once a frame; it never
 * clears. */
#include "tui/terminal.h"

#include <curses.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/base64.h"
#include "tui/theme.h"
#include "tui/ui.h"

/* After ours: it has macros with names such as columns. */
#include <term.h>

enum { ESCAPE_DELAY_MS = 25, PAIRS = 4096, RICH = 256, FIRST_BRIGHT = 8 };

struct terminal {
    SCREEN *screen;
    const struct theme *theme;
    int colors;         /* of the terminal; 0: none, or none wanted */
    struct grid *shown; /* what it shows; a point of UINT32_MAX: unknown */
    struct {
        short ink, paper;
    } pairs[PAIRS]; /* pair i + 1 */
    int pair_count, pair_room;
    bool synchronises;  /* it said that it draws a frame at once */
    int click_x, click_y; /* of the last KEY_CLICKED */
};

bool terminal_is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

char *terminal_list_themes(void)
{
    size_t room = 1, used = 0;
    char *text;

    for (const struct theme **t = themes; *t; t++)
        room += strlen((*t)->name) + strlen((*t)->help) + 2;
    text = xcalloc(room, 1);
    for (const struct theme **t = themes; *t; t++)
        used += (size_t)snprintf(text + used, room - used, "%s\t%s\n", (*t)->name,
                                 (*t)->help);
    return text;
}

/* ---- opening ---- */

static void start_colors(struct terminal *t, bool wanted)
{
    if (!wanted || !has_colors() || start_color() == ERR)
        return;
    use_default_colors();
    t->colors = COLORS;
    t->pair_room = COLOR_PAIRS - 1 < PAIRS ? COLOR_PAIRS - 1 : PAIRS;
}

/* ---- synchronised output ---- */

/* Its answers to "CSI ? 2026 $ p" are read as keys, so nobody waits for them: 1 and 2 say
 * that it can. */
enum { ANSWER_CAN = KEY_MAX + 1, ANSWER_CANNOT };

/* Only those that are known to swallow a question they do not understand are asked. */
static bool may_ask(const char *name)
{
    static const char *const names[] = { "xterm",        "tmux",        "foot",
                                         "kitty",        "xterm-kitty", "alacritty",
                                         "wezterm",      "contour",     "ghostty",
                                         "xterm-ghostty" };

    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static void write_all(const char *text)
{
    /* A terminal that does not take it is gone, and the loop will see that. */
    if (write(STDOUT_FILENO, text, strlen(text)) < 0)
        return;
}

static void ask_for_synchronised_output(void)
{
    if (!may_ask(getenv("TERM")))
        return;
    define_key("\033[?2026;1$y", ANSWER_CAN);
    define_key("\033[?2026;2$y", ANSWER_CAN);
    define_key("\033[?2026;0$y", ANSWER_CANNOT);
    define_key("\033[?2026;3$y", ANSWER_CANNOT);
    define_key("\033[?2026;4$y", ANSWER_CANNOT);
    write_all("\033[?2026$p");
}

bool terminal_synchronises(const struct terminal *t)
{
    return t->synchronises;
}

int terminal_colors(const struct terminal *t)
{
    return t->colors;
}

static void start_keys(bool mouse, bool is_raw)
{
    if (is_raw)
        raw();
    else
        cbreak();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_DELAY_MS);
    curs_set(0);
    leaveok(stdscr, TRUE);
    if (mouse)
        mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
    mouseinterval(0);           /* a press is a click: nobody waits for its release */
}

/* A terminal that only prints lines, as "dumb" does, would be filled with junk. */
static bool can_address(SCREEN *screen)
{
    const char *move = tigetstr("cup");

    if (move && move != (const char *)-1)
        return true;
    endwin();
    delscreen(screen);
    return false;
}

struct terminal *terminal_open(const struct terminal_setup *setup, struct err *err)
{
    struct terminal *t;
    SCREEN *screen;
    const char *name = getenv("TERM");

    screen = newterm(NULL, stdout, stdin);
    if (!screen) {
        err_set(err,
                "terminal \"%.40s\" is not known here; try TERM=xterm-256color, or -q "
                "QUERY",
                name ? name : "");
        return NULL;
    }
    set_term(screen);
    if (!can_address(screen)) {
        err_set(err,
                "terminal \"%.40s\" cannot place its cursor; if it is in truth a better "
                "one, set TERM, such as TERM=xterm-256color; else there is -q QUERY",
                name ? name : "");
        return NULL;
    }
    t = xcalloc(1, sizeof(*t));
    t->screen = screen;
    t->theme = setup->theme ? theme_find(setup->theme) : NULL;
    if (!t->theme)
        t->theme = themes[0];
    start_colors(t, setup->color);
    start_keys(setup->mouse, setup->raw);
    t->shown = grid_new(0, 0);
    if (isatty(STDIN_FILENO))
        ask_for_synchronised_output();
    return t;
}

void terminal_close(struct terminal *t)
{
    if (!t)
        return;
    endwin();
    delscreen(t->screen);
    grid_free(t->shown);
    free(t);
}

int terminal_columns(void)
{
    enum { LIKELY = 80 };
    struct winsize size;

    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                       : LIKELY;
}

void terminal_size(const struct terminal *t, int *w, int *h)
{
    (void)t;
    getmaxyx(stdscr, *h, *w);
}

bool terminal_fit(struct terminal *t)
{
    struct winsize size;

    (void)t;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col ||
        !is_term_resized(size.ws_row, size.ws_col))
        return false;
    resizeterm(size.ws_row, size.ws_col);
    return true;
}

int terminal_fd(const struct terminal *t)
{
    (void)t;
    return STDIN_FILENO;
}

/* ---- looks ---- */

/* Of a terminal with 8 colours, bright black becomes the default, dimmed where it can be,
 * and other bright ones their darker sister. */
static bool is_dimmed(const struct terminal *t, short ink)
{
    return ink == FIRST_BRIGHT && t->colors <= FIRST_BRIGHT;
}

static short possible(const struct terminal *t, short color)
{
    if (color < t->colors)
        return color;
    return color == FIRST_BRIGHT ? COLOR_DEFAULT : (short)(color - FIRST_BRIGHT);
}

/* The number of a pair of colours, made when first used; 0, the terminal's own colours,
 * when there is no room. */
static short pair_of(struct terminal *t, short ink, short paper)
{
    if (ink == COLOR_DEFAULT && paper == COLOR_DEFAULT)
        return 0;
    for (int i = 0; i < t->pair_count; i++)
        if (t->pairs[i].ink == ink && t->pairs[i].paper == paper)
            return (short)(i + 1);
    if (t->pair_count >= t->pair_room ||
        init_pair((short)(t->pair_count + 1), ink, paper) == ERR)
        return 0;
    t->pairs[t->pair_count].ink = ink;
    t->pairs[t->pair_count].paper = paper;
    return (short)++t->pair_count;
}

static attr_t attributes_of(unsigned attributes)
{
    return (attributes & ATTRIBUTE_BOLD ? A_BOLD : 0) |
           (attributes & ATTRIBUTE_DIM ? A_DIM : 0) |
           (attributes & ATTRIBUTE_REVERSE ? A_REVERSE : 0) |
           (attributes & ATTRIBUTE_UNDERLINE ? A_UNDERLINE : 0);
}

static void look_of(struct terminal *t, const struct glyph *glyph, attr_t *attributes,
                    short *pair)
{
    bool rich = t->colors >= RICH;
    const struct look *looks = rich ? t->theme->rich : t->theme->plain;
    const struct look *paper = &looks[glyph->paper],
                      on = { color_on(paper->paper, rich), COLOR_DEFAULT,
                             rich ? ATTRIBUTE_BOLD : 0 };
    const struct look *ink = glyph->ink == STYLE_ON ? &on : &looks[glyph->ink];
    bool is_bold = glyph->bold;

    *pair = 0;
    if (t->theme->is_mono || t->colors == 0) {
        *attributes = attributes_of(mono_attributes[glyph->ink] |
                                    (mono_attributes[glyph->paper] & ATTRIBUTE_REVERSE));
    } else {
        *attributes = attributes_of(ink->attributes);
        if (is_dimmed(t, ink->ink))
            *attributes |= A_DIM;
        if (glyph->paper == STYLE_SELECTED)
            *attributes |= attributes_of(paper->attributes);
        *pair = rich ? pair_of(t, ink->ink, paper->paper)
                     : pair_of(t, possible(t, ink->ink), possible(t, paper->paper));
    }
    if (is_bold)
        *attributes |= A_BOLD;
}

bool terminal_is_mono(const struct terminal *t)
{
    return t->theme->is_mono || t->colors == 0;
}

void terminal_theme(struct terminal *t, const char *name)
{
    const struct theme *theme = theme_find(name);

    if (!theme || theme == t->theme)
        return;
    t->theme = theme;
    grid_resize(t->shown, 0, 0);
}

/* ---- showing ---- */

static bool same(const struct glyph *a, const struct glyph *b)
{
    return a->point == b->point && a->ink == b->ink && a->paper == b->paper &&
           a->bold == b->bold;
}

static void show_cell(struct terminal *t, int x, int y, struct glyph glyph, bool ascii)
{
    cchar_t cell;
    wchar_t text[2] = { 0 };
    attr_t attributes;
    short pair;

    if (glyph.point == 0)
        return; /* its left half brought it along */
    if (t->theme->is_mono || t->colors == 0)
        glyph = glyph_without_color(glyph, ascii);
    look_of(t, &glyph, &attributes, &pair);
    text[0] = (wchar_t)glyph.point;
    setcchar(&cell, text, attributes, pair, NULL);
    mvadd_wch(y, x, &cell);
}

/* After a change of size nothing is known of the screen, so every cell is
 * written, once. */
static void fit(struct terminal *t, const struct grid *g)
{
    if (t->shown->w == g->w && t->shown->h == g->h)
        return;
    grid_resize(t->shown, g->w, g->h);
    for (size_t i = 0; i < (size_t)g->w * (size_t)g->h; i++)
        t->shown->cells[i].point = UINT32_MAX;
}

void terminal_show(struct terminal *t, const struct grid *g)
{
    fit(t, g);
    for (int y = 0; y < g->h; y++)
        for (int x = 0; x < g->w; x++) {
            size_t at = (size_t)y * (size_t)g->w + (size_t)x;

            if (same(&t->shown->cells[at], &g->cells[at]))
                continue;
            show_cell(t, x, y, g->cells[at], g->ascii);
            t->shown->cells[at] = g->cells[at];
        }
    if (t->synchronises)
        write_all("\033[?2026h");
    refresh();
    if (t->synchronises)
        write_all("\033[?2026l");
}

void terminal_forget(struct terminal *t)
{
    grid_resize(t->shown, 0, 0);
    clearok(curscr, TRUE);
}

/* ---- the clipboard ---- */

void terminal_copy(const struct terminal *t, const char *text)
{
    size_t len = strlen(text);
    char *coded;

    (void)t;
    if (!may_ask(getenv("TERM")))
        return;
    coded = base64_write(xcalloc(BASE64_TEXT(len), 1), text, len);
    write_all("\033]52;c;");
    write_all(coded);
    write_all("\a");
    free(coded);
}

/* ---- keys ---- */

static const struct {
    int curses, ours;
} named_keys[] = {
    { KEY_UP, KEY_UP_ARROW },
    { KEY_DOWN, KEY_DOWN_ARROW },
    { KEY_LEFT, KEY_LEFT_ARROW },
    { KEY_RIGHT, KEY_RIGHT_ARROW },
    { KEY_PPAGE, KEY_PAGE_UP },
    { KEY_NPAGE, KEY_PAGE_DOWN },
    { KEY_HOME, KEY_TOP },
    { KEY_END, KEY_BOTTOM },
    { KEY_BACKSPACE, KEY_BACK },
    { KEY_DC, KEY_DELETE_CHAR },
    { KEY_BTAB, KEY_SHIFT_TAB },
    { KEY_ENTER, KEY_ENTER_KEY },
    { KEY_RESIZE, KEY_SCREEN_RESIZED },
    { KEY_F(1), '?' },
};

static int mouse(struct terminal *t)
{
    MEVENT event;

    if (getmouse(&event) == ERR)
        return 0;
    t->click_x = event.x;
    t->click_y = event.y;
    if (event.bstate & BUTTON1_PRESSED)
        return KEY_CLICKED;
    return event.bstate & BUTTON4_PRESSED ? KEY_UP_ARROW : KEY_DOWN_ARROW;
}

void terminal_clicked(const struct terminal *t, int *x, int *y)
{
    *x = t->click_x;
    *y = t->click_y;
}

static int key_of(struct terminal *t, wint_t key)
{
    if (key == KEY_MOUSE)
        return mouse(t);
    for (size_t i = 0; i < sizeof(named_keys) / sizeof(named_keys[0]); i++)
        if ((wint_t)named_keys[i].curses == key)
            return named_keys[i].ours;
    return 0;
}

int terminal_key(struct terminal *t)
{
    wint_t key;
    int found;

    while ((found = get_wch(&key)) != ERR) {
        if (found != KEY_CODE_YES)
            return key == 127 || key == 8 ? KEY_BACK
                   : key == '\n'          ? KEY_ENTER_KEY
                                          : (int)key;
        if (key == ANSWER_CAN)
            t->synchronises = true;
        found = key_of(t, key);
        if (found)
            return found;
    }
    return 0;
}
