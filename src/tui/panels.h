/* The wall's panels: queries whose answers are numbers to be read from afar. */
#ifndef TUI_PANELS_H
#define TUI_PANELS_H

#include "base/err.h"
#include "show/view.h"

enum { MOST_PANELS = 8 };

struct panels;

/* From "title: query; title: query"; a query that chooses what it shows ("show tokens")
 * is the first row's number, another one counts its rows. NULL with *err. */
struct panels *panels_new(const char *text, struct err *err);
void panels_free(struct panels *p);
/* Answers them anew when the model changed and a second has passed. Memory stays what it
 * is. */
void panels_refresh(struct panels *p, const struct model *m, double steady);
const struct panel *panels_items(const struct panels *p, size_t *count);

#endif
