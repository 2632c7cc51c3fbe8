/* -o table: aligned columns for people; what fits a screen. */
#include "show/aligned.h"
#include "show/format.h"

const struct format table_format = {
    .name = "table",
    .help = "aligned columns, the default on a terminal, and there no wider than it",
    .drawn = true,
    .write = aligned_write,
};
