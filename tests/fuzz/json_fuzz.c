/* Anything at all in place of JSON: read, walked whole, and every text unescaped. */
#include <assert.h>

#include "gigawatch/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static uint32_t walk(const struct gw_json *j, uint32_t value)
{
    bool object = gw_json_kind(j, value) == '{';
    uint32_t seen = 1;
    char text[32];

    assert(gw_json_kind(j, value));
    assert(gw_json_text(j, value, text, sizeof(text)) == strlen(text));
    gw_json_number(j, value);
    for (uint32_t i = gw_json_first(j, value); i != GW_JSON_NONE;
         i = gw_json_next(j, value, i)) {
        assert(!object || gw_json_kind(j, i) == '"');
        seen += object ? walk(j, i) + walk(j, gw_json_value(j, i)) : walk(j, i);
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct gw_json j = { 0 };
    char *text = malloc(size ? size : 1);

    if (!text)
        return 0;
    if (size)
        memcpy(text, bytes, size);
    if (gw_json_read(&j, text, size))
        assert(walk(&j, 0) == j.count);
    gw_json_free(&j);
    free(text);
    return 0;
}
