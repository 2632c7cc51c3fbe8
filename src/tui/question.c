/* A question to the person, over the last two lines: the passphrase of a key. What is
 * typed is not shown. The screen behind it lives on: one target waits, the others do
 * not. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"

enum { CTRL_C = 3, CTRL_U = 21 };

static void forget(struct question *q)
{
    explicit_bzero(q->answer, sizeof(q->answer));
    q->len = 0;
}

bool ui_can_ask(const struct ui *ui)
{
    /* Never in the midst of what is being typed: it would become the answer. Nor over a
     * picture that stands still: the cells behind the question are not drawn again. */
    return ui->question.state == QUESTION_NONE && !ui->prompt.kind && !ui->setup.wall &&
           !ui->paused;
}

void ui_ask(struct ui *ui, const char *text)
{
    struct question *q = &ui->question;

    text_clean(q->text, sizeof(q->text), text, strlen(text));
    forget(q);
    q->state = QUESTION_OPEN;
    ui->touched = true;
}

enum question_state ui_answer(struct ui *ui, char *answer, size_t room)
{
    struct question *q = &ui->question;
    enum question_state state = q->state;

    if (state != QUESTION_ANSWERED && state != QUESTION_REFUSED)
        return state;
    if (state == QUESTION_ANSWERED)
        snprintf(answer, room, "%s", q->answer);
    forget(q);
    q->state = QUESTION_NONE;
    return state;
}

void ui_take_back_question(struct ui *ui)
{
    forget(&ui->question);
    ui->question.state = QUESTION_NONE;
    ui->touched = true;
}

static void take_back(struct question *q)
{
    while (q->len > 0 && ((unsigned char)q->answer[--q->len] & 0xc0) == 0x80)
        ;
    q->answer[q->len] = '\0';
}

static void type(struct question *q, uint32_t point)
{
    char bytes[4];
    size_t len = text_put(bytes, point);

    if (q->len + len >= sizeof(q->answer))
        return;
    memcpy(q->answer + q->len, bytes, len);
    q->len += len;
    q->answer[q->len] = '\0';
}

bool question_key(struct ui *ui, int key)
{
    struct question *q = &ui->question;

    if (q->state != QUESTION_OPEN)
        return false;
    if (key == KEY_ENTER_KEY || key == '\n')
        q->state = q->len > 0 ? QUESTION_ANSWERED : QUESTION_REFUSED;
    else if (key == KEY_ESCAPE_KEY || key == CTRL_C)
        q->state = QUESTION_REFUSED;
    else if (key == KEY_BACK)
        take_back(q);
    else if (key == CTRL_U)
        forget(q);
    else if (key >= ' ' && key < KEY_UP_ARROW && key != 127)
        type(q, (uint32_t)key);
    return true;
}

void question_draw(struct ui *ui)
{
    struct grid *g = ui->grid;
    const struct question *q = &ui->question;
    int y = g->h - 2, x;

    if (q->state != QUESTION_OPEN)
        return;
    for (int row = y; row < g->h; row++)
        for (int i = 0; i < g->w; i++)
            grid_put(g, i, row, STYLE_TEXT, ' ');
    grid_paper(g, (struct rect){ 0, y, g->w, 2 }, STYLE_NONE);
    grid_paper(g, (struct rect){ 0, y, g->w, 1 }, STYLE_BAND);
    x = 1 + grid_bold(g, 1, y, g->w - 3, STYLE_ATTENTION, q->text);
    grid_put(g, x, y, STYLE_ACCENT, g->ascii ? '_' : 0x2581); /* ▁ */
    grid_text(
        g, 1, g->h - 1, -1, STYLE_FAINT,
        "what you type is not shown    Enter answers, Esc leaves that target without");
}
