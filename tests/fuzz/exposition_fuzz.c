/* Anything at all in place of a page of metrics, with a map that a person could have
 * written. */
#include "tests/lib/heard.h"

extern const struct gw_source prom_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    static const struct heard_option map[] = {
        { "map", "m_kw{feed=\"A\"} -> domain.meter by rack in kW; m_gpu -> gpu.power by host/slot" },
        { 0 }
    };
    struct gw_out *out = heard_new(&prom_source, "n1", map);

    heard_parse_bytes(out, (const char *)text, len);
    heard_free(out);
    return 0;
}
