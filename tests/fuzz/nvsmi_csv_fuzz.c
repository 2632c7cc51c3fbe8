/* Anything at all in place of the CSV of nvidia-smi: cut into rounds as a stream would
 * be, then parsed. */
#include "tests/lib/heard.h"

extern const struct gw_source nvsmi_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    struct gw_out *out = heard_new(&nvsmi_source, "n1", NULL);
    struct gw_ask ask;
    size_t at = 0, n;

    while ((n = nvsmi_source.frame(&out->target, (const char *)text + at, len - at)) >
           0) {
        if (n > len - at)
            abort();
        heard_parse_bytes(out, (const char *)text + at, n);
        at += n;
    }
    heard_parse_bytes(out, (const char *)text, len);
    heard_ask(out, &ask);
    heard_free(out);
    return 0;
}
