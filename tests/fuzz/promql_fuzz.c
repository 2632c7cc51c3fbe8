/* Anything at all in place of what an engine answers, whatever it is asked; in parts,
 * whose size the first byte says, and byte by byte: that must make no difference. */
#include <assert.h>

#include "tests/lib/heard.h"

extern const struct gw_source promql_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

static const uint8_t *given;
static size_t given_len;

/* That there are families it is always told, so that everything else is asked for. */
static bool answer(struct gw_out *out, const char *path, struct gw_reply *reply)
{
    static const char names[] = "{\"status\":\"success\",\"data\":[\"DCGM_FI_DEV_POWER_USAGE\",\"DCGM_FI_DEV_FB_USED\","
                                "\"vllm:num_requests_running\",\"kueue_pending_workloads\","
                                "\"DCGM_FI_DEV_CLOCKS_EVENT_REASONS\"]}";
    bool told = strstr(path, "__name__") != NULL;

    (void)out;
    reply->status = 200;
    reply->text = told ? names : (const char *)given;
    reply->len = told ? sizeof(names) - 1 : given_len;
    return true;
}

static struct gw_out *hear(size_t piece)
{
    static const struct heard_option options[] = {
        { "queries", "up -> node.power by instance" }, { "detail", "gpus" }, { 0 }
    };
    struct gw_out *out = heard_new(&promql_source, "engine", options);

    out->web = answer;
    out->clock = 1795358944;
    out->piece = piece;
    heard_poll(out);
    out->target.no_stream = true;
    heard_poll(out);
    return out;
}

static bool is_same(const struct heard_value *a, const struct heard_value *b)
{
    return a->metric == b->metric && a->entity == b->entity &&
           (a->number == b->number || (isnan(a->number) && isnan(b->number)));
}

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    struct gw_out *some, *single;

    if (len == 0 || len > 10000)
        return 0;
    given = text + 1;
    given_len = len - 1;
    some = hear(text[0]);
    single = hear(1);
    assert(some->value_count == single->value_count &&
           some->entity_count == single->entity_count);
    for (size_t i = 0; i < some->value_count; i++)
        assert(is_same(&some->values[i], &single->values[i]));
    heard_free(some);
    heard_free(single);
    return 0;
}
