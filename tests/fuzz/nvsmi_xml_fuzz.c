/* Anything at all in place of the XML of nvidia-smi. */
#include "tests/lib/heard.h"

extern const struct gw_source nvsmi_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    static const char head[] = "<?xml version=\"1.0\"?>";
    struct gw_out *out = heard_new(&nvsmi_source, "n1", NULL);
    char *log = malloc(sizeof(head) + len);

    memcpy(log, head, sizeof(head) - 1);
    memcpy(log + sizeof(head) - 1, text, len);
    heard_parse_bytes(out, log, sizeof(head) - 1 + len);
    free(log);
    heard_free(out);
    return 0;
}
