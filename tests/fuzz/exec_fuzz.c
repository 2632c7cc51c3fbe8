/* Anything at all in place of what a program prints: cut into rounds, then parsed. */
#include "tests/lib/heard.h"

extern const struct gw_source exec_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    struct gw_out *out = heard_new(&exec_source, "n1", NULL);
    size_t at = 0, n;

    while ((n = exec_source.frame(&out->target, (const char *)text + at, len - at)) > 0) {
        heard_parse_bytes(out, (const char *)text + at, n);
        at += n;
    }
    heard_parse_bytes(out, (const char *)text, len);
    heard_free(out);
    return 0;
}
