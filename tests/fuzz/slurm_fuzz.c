/* Anything at all in place of what Slurm answers. The first byte says in which form; each
 * answer is what stands up to the next line "====", and after the last one there is
 * none. */
#include "tests/lib/heard.h"

extern const struct gw_source slurm_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

struct answers {
    const char *at;
    size_t left;
    char *copy;
};

/* The next answer, in a copy without a byte to spare but for the zero that every answer
 * ends with. */
static int answer(void *arg, const struct gw_ask *ask, struct gw_reply *reply)
{
    static const char end[] = "====\n";
    struct answers *a = arg;
    const char *next = NULL;
    size_t len;

    if (!a->left)
        return GW_FAILED;
    for (size_t i = 0; i + 5 <= a->left && !next; i++)
        if (memcmp(a->at + i, end, 5) == 0)
            next = a->at + i;
    len = next ? (size_t)(next - a->at) : a->left;
    free(a->copy);
    a->copy = malloc(len + 1);
    memcpy(a->copy, a->at, len);
    a->copy[len] = '\0';
    a->at += next ? len + 5 : len;
    a->left -= next ? len + 5 : len;
    reply->status = ask->how == GW_GET ? 200 : 0;
    if (len && a->copy[0] == '!') {     /* a complaint, or another status */
        reply->status = ask->how == GW_GET ? 500 : 1;
        reply->complaint = a->copy + 1;
    }
    reply->text = a->copy;
    reply->len = len;
    return GW_DONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    static const struct heard_option options[] = { { "energy", "yes" }, { 0 } };
    struct answers a = { .at = (const char *)text + 1, .left = len ? len - 1 : 0 };
    struct gw_out *out = heard_new(&slurm_source, "slurm", options);

    if (!len)
        a.at = NULL;
    out->target.url = len && text[0] % 2 ? "slurm+unix:///x" : "slurm+local:";
    out->answer = answer;
    out->answer_arg = &a;
    out->clock = 1800001000;
    for (int polls = 0; polls < 3 && a.left; polls++) {
        heard_poll(out);
        out->clock += 400;
    }
    heard_free(out);
    free(a.copy);
    return 0;
}
