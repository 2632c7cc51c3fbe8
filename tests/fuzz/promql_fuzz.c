/* Anything at all in place of what an engine answers, whatever it is asked; in parts,
 * whose size the first byte says, and byte by byte; by names alone, where that byte says
 * so, and not: that must make no difference but to the order in which things are told. */
#include <assert.h>

#include "tests/lib/heard.h"

extern const struct gw_source promql_source;
int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

/* In the first byte. */
enum { PIECE = 127, ARE_MANY = 128 };

/* So many series of a GPU that each is told by its name alone in the next poll. */
enum { MANY = 4097 };

static const uint8_t *given;
static size_t given_len, piece;
static bool are_many;
static const struct gw_out *sorted;

/* The same GPU over and over. */
static const char *many_series(size_t *len)
{
    static const char head[] = "{\"status\":\"success\",\"data\":{\"result\":[", tail[] = "]}}",
                      one[] = "{\"metric\":{\"Hostname\":\"n0\",\"gpu\":\"0\"},\"value\":[1,\"0\"]},";
    static char text[sizeof(head) + MANY * sizeof(one) + sizeof(tail)];
    char *at = stpcpy(text, head);

    for (size_t i = 0; i < MANY; i++)
        at = stpcpy(at, one);
    at = stpcpy(at - 1, tail);
    *len = (size_t)(at - text);
    return text;
}

/* That there are families it is always told, so that everything else is asked for. */
static bool answer(struct gw_out *out, const char *path, struct gw_reply *reply)
{
    static const char names[] = "{\"status\":\"success\",\"data\":[\"DCGM_FI_DEV_POWER_USAGE\",\"DCGM_FI_DEV_FB_USED\","
                                "\"vllm:num_requests_running\",\"kueue_pending_workloads\","
                                "\"DCGM_FI_DEV_CLOCKS_EVENT_REASONS\",\"DCGM_FI_DEV_XID_ERRORS\"]}";

    reply->status = 200;
    out->piece = piece;
    if (strstr(path, "__name__")) {
        reply->text = names;
        reply->len = sizeof(names) - 1;
    } else if (are_many && strstr(path, "XID_ERRORS")) {
        reply->text = many_series(&reply->len);
        out->piece = 0;
    } else {
        reply->text = (const char *)given;
        reply->len = given_len;
    }
    return true;
}

static struct gw_out *hear(size_t part, bool many)
{
    static const struct heard_option options[] = {
        { "queries", "up -> node.power by instance" }, { "detail", "gpus" }, { 0 }
    };
    struct gw_out *out = heard_new(&promql_source, "engine", options);

    out->web = answer;
    out->clock = 1795358944;
    piece = part;
    are_many = many;
    heard_poll(out);
    are_many = false;
    out->target.no_stream = true;
    heard_poll(out);
    return out;
}

static int compare_texts(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare_numbers(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(b) - isnan(a) : (a > b) - (a < b);
}

static int compare(const struct heard_value *a, const struct heard_entity *of_a,
                   const struct heard_value *b, const struct heard_entity *of_b)
{
    int order = (a->metric > b->metric) - (a->metric < b->metric);

    order = order ? order : strcmp(of_a->name, of_b->name);
    order = order ? order : compare_texts(a->text, b->text);
    order = order ? order : compare_numbers(a->number, b->number);
    return order ? order : compare_numbers(a->time, b->time);
}

static int compare_sorted(const void *x, const void *y)
{
    const struct heard_value *a = x, *b = y;

    return compare(a, &sorted->entities[a->entity], b, &sorted->entities[b->entity]);
}

static void sort(struct gw_out *out)
{
    sorted = out;
    if (out->value_count)
        qsort(out->values, out->value_count, sizeof(*out->values), compare_sorted);
}

static void expect_same(struct gw_out *x, struct gw_out *y)
{
    sort(x);
    sort(y);
    assert(x->value_count == y->value_count);
    for (size_t i = 0; i < x->value_count; i++)
        assert(compare(&x->values[i], &x->entities[x->values[i].entity], &y->values[i],
                       &y->entities[y->values[i].entity]) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    struct gw_out *some, *single;

    if (len == 0 || len > 10000)
        return 0;
    given = text + 1;
    given_len = len - 1;
    some = hear(text[0] & PIECE, text[0] & ARE_MANY);
    single = hear(1, false);
    expect_same(some, single);
    heard_free(some);
    heard_free(single);
    return 0;
}
