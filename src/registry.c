/* The lists of everything that registers itself by being a file. */
#include "registry.h"
#include "show/format.h"
#include "show/view.h"

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

const struct view *const *views_all(void)
{
    return views;
}

const struct format *const *formats_all(void)
{
    return formats;
}
