/* -o wide: aligned columns for people; every field. */
#include "show/aligned.h"
#include "show/format.h"

const struct format wide_format = {
    .name = "wide",
    .help = "aligned columns; every field",
    .wide = true,
    .drawn = true,
    .write = aligned_write,
};
