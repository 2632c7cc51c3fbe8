/* The domains that are racks, the fullest first. */
enum { KIND_PRIORITY = 0 };

#include "views/domain_columns.h"
#include "views/parts.h"

static bool is_rack(const struct model *m, uint32_t row)
{
    return text_is(model_text(m, M_DOMAIN_TYPE, row), "rack");
}

static void detail(const struct screen *s, struct grid *g, struct rect area, uint32_t row)
{
    draw_detail_of(s, g, area, (struct row){ GW_DOMAIN, row });
}

const struct view racks_view = {
    .name = "racks",
    .title = "racks",
    .help = "Racks, the one closest to its cap first. Enter shows a rack's nodes.",
    .key = '3',
    .kind = "racks",
    .filters = "power > 0.9cap · p > .1 · coverage < 1",
    .rows = GW_DOMAIN,
    .is_row = is_rack,
    .columns = domain_columns,
    .sort = "-load,name",
    .detail = detail,
    .enter = "nodes where rack = \"%s\"",
};
