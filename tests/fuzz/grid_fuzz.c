/* Anything at all in place of a service's answer or a file of times; the first byte says
 * as which of them it is read. */
#include "tests/lib/heard.h"

extern const struct gw_source grid_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

struct given {
    const char *text;
    size_t len;
};

static int answer(void *arg, const struct gw_ask *ask, struct gw_reply *reply)
{
    const struct given *g = arg;

    reply->status = ask->how == GW_GET ? 200 : 0;
    reply->text = g->text;
    reply->len = g->len;
    return GW_DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    static const char *const shapes[] = { "auto", "electricitymaps", "watttime", "kpx",
                                          "csv" };
    struct heard_option options[] = { { "shape", "" }, { 0 } };
    struct given given;
    struct gw_out *out;
    char *copy;

    if (len == 0 || len > 100000)
        return 0;
    /* without a zero behind, so that a sanitizer sees who reads on */
    copy = malloc(len);
    memcpy(copy, text + 1, len - 1);
    given = (struct given){ copy, len - 1 };
    options[0].value = shapes[text[0] % 5];
    out = heard_new(&grid_source, "tariff", options);
    out->answer = answer;
    out->answer_arg = &given;
    out->clock = 1795358944;
    out->target.url = text[0] / 5 % 2 ? "file:///prices.csv" : "https://api.example/v3";
    out->target.path = "/prices.csv";
    if (heard_poll(out) != GW_DONE && !out->failure[0])
        abort();                /* a failure says why */
    heard_free(out);
    free(copy);
    return 0;
}
