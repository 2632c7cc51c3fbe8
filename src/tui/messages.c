/* What the last line said: kept, for it is gone with the next key. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/page.h"
#include "tui/state.h"

void messages_keep(struct ui *ui)
{
    struct message *m = &ui->messages[ui->message_count % MESSAGES];

    m->time = ui->now;
    snprintf(m->text, sizeof(m->text), "%.255s", ui->message);
    ui->message_count++;
}

void messages_draw(struct ui *ui, struct rect area)
{
    struct page p = page_open(ui->grid, area, "messages", &ui->overlay_first);
    size_t kept = ui->message_count < MESSAGES ? ui->message_count : MESSAGES;

    if (kept == 0)
        page_prose(&p, 0, STYLE_FAINT, "nothing was said yet");
    for (size_t i = 0; i < kept; i++) {
        const struct message *m = &ui->messages[(ui->message_count - 1 - i) % MESSAGES];
        int y = page_row(&p);
        char time[40];

        text_time(time, sizeof(time), m->time);
        if (y >= 0)
            grid_printf(ui->grid, p.in.x, y, 8, STYLE_SECONDARY, "%.8s",
                        strlen(time) > 11 ? time + 11 : "");
        page_prose(&p, 10, STYLE_TEXT, m->text);
    }
    page_close(&p, &ui->overlay_first);
}
