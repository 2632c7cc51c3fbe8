/* Any bytes as a block of rows: refused, or rows that can be read, written and read
 * again. */
#include "model/metric.h"
#include "store/block.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    static const bool power[CORE_METRIC_COUNT] = { [M_GPU_POWER] = true };
    struct block *b = block_decode(GW_GPU, text, len, NULL), *copy, *again;
    uint8_t *blob = NULL;
    size_t room = 0;

    block_free(block_decode(GW_GPU, text, len, power));
    block_free(block_decode_places(GW_GPU, text, len));
    if (!b)
        return 0;
    copy = block_new(GW_GPU);
    for (uint32_t row = 0; row < b->rows; row++)
        block_copy(copy, b, row);
    block_pack(copy);
    len = block_encode(copy, &blob, &room);
    again = block_decode(GW_GPU, blob, len, NULL);
    if (!again || again->rows != b->rows)
        abort();
    block_free(again);
    block_free(copy);
    block_free(b);
    free(blob);
    return 0;
}
