/* The power graph as a tree: what each domain draws, against which cap, and when that
 * will not do. */
enum { KIND_PRIORITY = 8 };

#include "views/domain_columns.h"
#include "views/parts.h"

static void detail(const struct screen *s, struct grid *g, struct rect area, uint32_t row)
{
    draw_detail_of(s, g, area, (struct row){ GW_DOMAIN, row });
}

const struct view power_view = {
    .name = "power",
    .title = "power",
    .help = "Every domain of the power graph under the one that feeds it; what has two feeds is under both, with a ½. "
            "Enter opens a "
            "domain; on one "
            "without parts of its own, its nodes.",
    .key = '2',
    .kind = "domains",
    .filters = "power > 0.9cap · p > .1 · kind = feed",
    .rows = GW_DOMAIN,
    .columns = domain_columns,
    .tree = true,
    .detail = detail,
    .enter = "nodes where rack = \"%s\"",
};
