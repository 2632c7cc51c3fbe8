/* What is shown, taken along: as a command line, or as a file. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/state.h"

/* Names as a query takes them: quoted, with quotes in them escaped. */
static void add_marked(const struct ui *ui, const struct place *p, char *to, size_t room)
{
    size_t used = (size_t)snprintf(to, room, "%s", p->view->kind);

    for (size_t i = 0; i < p->row_count; i++) {
        const char *name = model_name(ui->setup.model, p->view->rows, p->rows[i]);

        if (!row_is_marked(ui, p, p->rows[i]) || !name ||
            used + 2 * strlen(name) + 8 > room)
            continue;
        used += (size_t)snprintf(to + used, room - used, " \"");
        used += text_escaped(to + used, room - used, name);
        used += (size_t)snprintf(to + used, room - used, "\"");
    }
}

/* What a drawn view's cursor is on; the power graph, where it is on nothing. */
static void add_chosen(struct ui *ui, char *to, size_t room)
{
    struct row row = row_at_cursor(ui);
    const char *name = row.id == GW_NONE ? NULL
                                         : model_name(ui->setup.model, row.kind, row.id);
    size_t used = (size_t)snprintf(to, room, "%s",
                                   name ? kind_plural(row.kind) : "domains");

    if (!name)
        return;
    used += (size_t)snprintf(to + used, room - used, " \"");
    used += text_escaped(to + used, room - used, name);
    snprintf(to + used, room - used, "\"");
}

/* The columns that were chosen; "": those of the view, or of the query. */
static void columns_of(struct ui *ui, const struct place *p, char to[WORDS])
{
    to[0] = '\0';
    if (p->show[0] || !*ui_chosen(ui, p->view))
        return;
    for (size_t i = 0; i < p->lane_count; i++)
        text_add(to, WORDS, "%s%s", i > 0 ? "," : "", p->lanes[i].column->name);
}

static void query_of(struct ui *ui, char *to, size_t room)
{
    struct place p = *ui->place;

    if (!p.view->kind) {
        add_chosen(ui, to, room);
        return;
    }
    if (!p.show[0])
        columns_of(ui, ui->place, p.show);
    if (p.mark_count == 0) {
        place_text(&p, to, room);
        return;
    }
    add_marked(ui, ui->place, to, room);
    if (p.show[0])
        text_add(to, room, " show %s", p.show);
}

static const char *program(const struct ui *ui)
{
    return ui->setup.command ? ui->setup.command
           : ui->setup.demo  ? "gigawatch --demo"
                             : "gigawatch";
}

/* Said, and given to the terminal's clipboard, where it takes it. */
static void give(struct ui *ui, const char *text)
{
    snprintf(ui->copied, sizeof(ui->copied), "%s", text);
    ui->copies = true;
    ui_say(ui, "%s", text);
}

/* As it was then: of a query " at TIME", of a view " --at TIME", of a simulated site
 * " --now TIME". */
static void add_time(const struct ui *ui, char *to, size_t room, const char *before)
{
    char time[40];

    if (!ui_is_past(ui))
        return;
    text_time(time, sizeof(time), ui->past);
    text_add(to, room, "%s%s", before, time);
}

void copy_query(struct ui *ui)
{
    char text[6 * WORDS], quoted[7 * WORDS], line[8 * WORDS], then[64] = "";

    query_of(ui, text, sizeof(text));
    if (ui->setup.remakes_past)
        add_time(ui, then, sizeof(then), " --now ");
    else
        add_time(ui, text, sizeof(text), " at ");
    text_shell_word(quoted, sizeof(quoted), text);
    snprintf(line, sizeof(line), "%s%s -q %s -o json", program(ui), then, quoted);
    give(ui, line);
}

void copy_view(struct ui *ui)
{
    struct place p = *ui->place;
    char text[6 * WORDS], quoted[7 * WORDS], line[8 * WORDS];

    if (place_is_table(&p) && !p.show[0])
        columns_of(ui, ui->place, p.show);
    if (place_is_table(&p) && p.mark_count > 0)
        query_of(ui, text, sizeof(text));
    else
        place_words(ui, &p, text, sizeof(text));
    text_shell_word(quoted, sizeof(quoted), text);
    snprintf(line, sizeof(line), "%s --view %s", program(ui), quoted);
    add_time(ui, line, sizeof(line), ui->setup.remakes_past ? " --now " : " --at ");
    give(ui, line);
}

/* ---- to a file ---- */

/* The prompt, with a name that is not taken by yesterday's; its ending says in which
 * format. */
void export_ask(struct ui *ui)
{
    char time[40], text[128];

    text_time(time, sizeof(time), ui->now);
    for (char *c = time; *c; c++)
        if (*c == ':')
            *c = '-';
    snprintf(text, sizeof(text), "export %s-%.19s.%s", ui->place->view->name, time,
             place_is_table(ui->place) ? "csv" : "txt");
    prompt_open(ui, ':', text);
}

void export_to(struct ui *ui, const char *file)
{
    const char *dot = strrchr(file, '.');
    bool picture = !place_is_table(ui->place) || (dot && strcmp(dot, ".txt") == 0);

    snprintf(ui->export.file, sizeof(ui->export.file), "%s", file);
    if (picture)
        ui->export.query[0] = '\0';
    else
        query_of(ui, ui->export.query, sizeof(ui->export.query));
    ui->exports = true;
}
