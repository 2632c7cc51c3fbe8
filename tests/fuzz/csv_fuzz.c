/* Anything at all in place of recorded power, replayed at once and by a clock. */
#include <unistd.h>

#include "tests/lib/heard.h"

extern const struct gw_source csv_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

static void replay(const char *path, const struct heard_option *options)
{
    struct gw_out *out = heard_new(&csv_source, "n1", options);

    out->target.path = path;
    out->clock = 1000;
    if (csv_source.open(&heard_api, &out->target, out) == GW_DONE) {
        for (unsigned i = 0; i < 4; i++, out->clock += 5) {
            heard_forget(out);
            csv_source.poll(&heard_api, &out->target, out);
        }
    }
    csv_source.close(&heard_api, &out->target);
    heard_free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    static const struct heard_option max[] = { { "speed", "max" }, { 0 } };
    static const struct heard_option gpus[] = { { "as", "gpu" },
                                                { "from", "+1" },
                                                { 0 } };
    char path[] = "/tmp/gw-csv-fuzz-XXXXXX";
    int file = mkstemp(path);

    if (file < 0)
        return 0;
    if (write(file, text, len) == (ssize_t)len) {
        replay(path, max);
        replay(path, gpus);
    }
    close(file);
    unlink(path);
    return 0;
}
