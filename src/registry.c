/* The lists of everything that registers itself by being a file. */
#include "registry.h"
#include "show/format.h"
#include "show/view.h"

#include <string.h>

#define VIEW(name) extern const struct view name##_view;
#define FORMAT(name)
#define SOURCE(name)
#include "registry.inc"
#undef VIEW
#undef FORMAT
#undef SOURCE

#define VIEW(name)
#define FORMAT(name) extern const struct format name##_format;
#define SOURCE(name) extern const struct gw_source name##_source;
#include "registry.inc"
#undef VIEW
#undef FORMAT
#undef SOURCE

#define VIEW(name) &name##_view,
#define FORMAT(name)
#define SOURCE(name)
static const struct view *const views[] = {
#include "registry.inc"
    NULL
};
#undef VIEW
#undef FORMAT

#define VIEW(name)
#define FORMAT(name) &name##_format,
static const struct format *const formats[] = {
#include "registry.inc"
    NULL
};
#undef FORMAT
#undef SOURCE

#define FORMAT(name)
#define SOURCE(name) &name##_source,
const struct gw_source *const registry_sources[] = {
#include "registry.inc"
    NULL
};

enum { BUILT_IN = sizeof(views) / sizeof(views[0]) - 1, ADDED = 48 };

/* changes only while the command line is read */
static const struct view *all[BUILT_IN + ADDED + 1];
static size_t added;

const struct view *const *views_all(void)
{
    return added ? all : views;
}

bool views_add(const struct view *v)
{
    if (added == ADDED)
        return false;
    memcpy(all, views, BUILT_IN * sizeof(*all));
    all[BUILT_IN + added++] = v;
    return true;
}

const struct format *const *formats_all(void)
{
    return formats;
}
