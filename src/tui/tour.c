/* A walk of five minutes: what to look at, where, and which key goes there. Nothing is
 * done for the operator: every step may be tried out, and Esc ends it. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tui/page.h"
#include "tui/state.h"

static const struct step {
    const char *view, *title, *text;
} steps[] = {
    { "overview", "who draws how much",
      "The first line is always there: the site, its power against its cap, when a cap may be breached and how likely, how much "
      "of the roster answers, how old the numbers are. Below: the power graph, and who is at risk and why; on a larger "
      "screen the next hour, who draws it, what waits." },
    { "power", "the power graph",
      "Every domain under the one that feeds it. Right opens a branch, Left closes it, Enter goes on to racks, nodes and GPUs, "
      "Esc comes back to the same row. i explains each number: where it comes from, how old it is, what it means." },
    { "racks", "filter and sort",
      "/ filters while you type: try load > 90% and look at the count. s sorts by the next column, S turns it round, c "
      "chooses columns. The same words answer on the command line: y copies it." },
    { "map", "the map",
      "Every rack at a place of its own. Tab changes the lens: power, forecast, temperature, idle, tenant, age. T inks what "
      "the tenant under the cursor holds. Enter zooms into the hall, the rack, its GPUs." },
    { "forecasts", "what is to come",
      "For every capped domain: the probability of a breach, when, and why, as a sentence. Enter draws one, with its record: "
      "how often such forecasts were right. Who has no record is not trusted, and says so." },
    { "tenants", "who pays, who idles",
      "Power, GPUs, how many of them idle, tokens per megawatt. Enter shows a tenant's jobs, M its racks on the map." },
    { "alerts", "what is wrong",
      "What is above a threshold or likely to be, since when. Events (9) are what happened; sources (0) are what is asked, "
      "and what does not answer." },
    { "overview", "on your own",
      "1 to 9 open views, : takes any query, ? is the help of the view you are in, [ and ] go where you were. gigawatch --wall "
      "is for the wall, --linear for ears, -q for scripts. Write a gigawatch.yaml, and this is your site." },
};

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void show(struct ui *ui, size_t step)
{
    const struct view *v = view_find(steps[step].view);

    ui->tour = step + 1;
    if (v)
        ui_go(ui, place_of_view(v));
}

void tour_start(struct ui *ui)
{
    show(ui, 0);
}

bool tour_key(struct ui *ui, int key)
{
    if (!ui->tour)
        return false;
    if (key == KEY_ESCAPE_KEY && !ui->place->below && !ui->place->filter[0])
        ui->tour = 0;
    else if (key == 'n' && ui->tour < STEPS)
        show(ui, ui->tour);
    else if (key == 'n')
        ui->tour = 0;
    else if (key == 'N' && ui->tour > 1)
        show(ui, ui->tour - 2);
    else
        return false;
    return true;
}

void tour_draw(struct ui *ui)
{
    struct grid *g = ui->grid;
    int w = g->w < 84 ? g->w - 4 : 80, h = g->w < 60 ? 9 : 7;
    struct rect area = { (g->w - w) / 2, g->h - h - 1, w, h };
    char title[80];
    struct page p;
    size_t first = 0;

    if (!ui->tour || h > g->h - 6)
        return;
    snprintf(title, sizeof(title), "tour %zu of %d: %s", ui->tour, STEPS,
             steps[ui->tour - 1].title);
    p = page_open(g, area, title, &first);
    page_prose(&p, 0, STYLE_TEXT, steps[ui->tour - 1].text);
    grid_text(g, area.x + 2, area.y + h - 1, -1, STYLE_ACCENT,
              ui->tour < STEPS ? " n next · N before · Esc ends " : " n ends ");
}
