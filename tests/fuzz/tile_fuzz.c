/* Any bytes as a tile: refused or read, never a crash; and one series alone reads as it
 * does among all. */
#include "store/tile.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    static float all[TILE_SERIES * TILE_TICKS], one[TILE_TICKS];
    static const size_t looked_at[] = { 0, 1, TILE_SERIES - 1 };
    int whole = tile_decode(text, len, all);

    for (size_t i = 0; i < sizeof(looked_at) / sizeof(looked_at[0]); i++) {
        size_t series = looked_at[i];
        int alone = tile_decode_series(text, len, series, one);

        if (whole == 0 &&
            (alone != 0 || memcmp(one, all + series * TILE_TICKS, sizeof(one)) != 0))
            abort();
    }
    return 0;
}
