/* The configuration's parser on anything. */
#include "settings.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    struct settings *s = settings_new();
    struct err err;

    settings_read_text(s, (const char *)text, len, "fuzz.yaml", &err);
    settings_free(s);
    return 0;
}
