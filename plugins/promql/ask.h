/* One question to the engine, and what it says when it will not answer. */
#ifndef PLUGINS_PROMQL_ASK_H
#define PLUGINS_PROMQL_ASK_H

#include "plugins/promql/values.h"

static int take_piece(void *arg, const char *text, size_t len)
{
    struct talk *t = arg;

    if (answer_take(&t->answer, text, len))
        return GW_DONE;
    return t->api->fail(t->out, "%s",
                        t->answer.trouble[0] ? t->answer.trouble : "the console leaves");
}

static void note_refusal(struct talk *t, int status)
{
    const char *why = t->answer.error;

    if (t->refused++)
        return;
    if (*why)
        snprintf(t->refusal, sizeof(t->refusal), "%s%s%.200s",
                 t->asked ? t->asked->is.set : "", t->asked ? ": " : "", why);
    else
        snprintf(t->refusal, sizeof(t->refusal), "%s%sthe engine answers with status %d",
                 t->asked ? t->asked->is.set : "", t->asked ? ": " : "", status);
}

/* An answer that is none. GW_FAILED where asking for more is of no use. */
static int take_failure(struct talk *t, const struct gw_reply *reply)
{
    switch (reply->status) {
    case 400:
        /* as Go's servers say it */
        if (contains((struct slice){ reply->text, reply->len }, "to an HTTPS server"))
            return t->api->fail(
                t->out,
                "speaks TLS at this port (400 bad request); is it prom+https:// ?");
        break;
    case 401:
        /* Mimir, and whoever else serves several */
        if (contains((struct slice){ reply->text, reply->len }, "no org id"))
            return t->api->refuse(
                t->out,
                "does not say which tenant asks (401 no org id); see headers: with X-Scope-OrgID");
        return t->api->refuse(
            t->out,
            "is not let in (401 unauthorized); see user: and password:, or token:");
    case 403:
        return t->api->refuse(
            t->out, "may not read this (403 forbidden); see token:, cert: and headers:");
    case 404:
        return t->api->fail(
            t->out,
            "no Prometheus API at this path (404 not found); the URL ends before /api/v1");
    case 429:
        return t->api->fail(t->out,
                            "asks too often (429 too many requests); raise interval:");
    default:
        break;
    }
    answer_take(&t->answer, reply->text, reply->len);
    note_refusal(t, reply->status);
    if (t->answered || t->refused < HOPELESS)
        return GW_DONE;
    return t->api->fail(t->out, "%s", t->refusal);
}

/* PATH/api/v1/WHAT, with what the URL has behind its path. */
static const char *api_path(const struct talk *t, const char *what)
{
    const char *path = t->target->path ? t->target->path : "", *more = strchr(path, '?');
    size_t kept = more ? (size_t)(more - path) : strlen(path);

    while (kept && path[kept - 1] == '/')
        kept--;
    return t->api->print(t->target, "%.*s/api/v1/%s%s%s", (int)kept, path, what,
                         !more               ? ""
                         : strchr(what, '?') ? "&"
                                             : "?",
                         more ? more + 1 : "");
}

/* Asks for PATH/api/v1/WHAT; series go to `series`. GW_FAILED ends the poll. */
static int ask_engine(struct talk *t, const char *what,
                      bool (*series)(void *, const struct sample *, const struct point *,
                                     size_t))
{
    struct gw_reply reply = { .size = sizeof(reply) };
    struct answer *a = &t->answer;
    int result;

    answer_free(a);
    *a = (struct answer){ .series = series, .name = series ? NULL : note_family,
                          .arg = series ? (void *)t : (void *)t->kept };
    if (series == take_series && !t->of_past && is_known_again(t))
        know_again(t);
    result = t->api->get_pieces(t->target, api_path(t, what), "application/json",
                                take_piece, t, &reply, t->out);
    tell_numbers(t);
    if (result == GW_FAILED)
        return GW_FAILED;
    t->status = reply.status;
    if (reply.status / 100 != 2)
        return take_failure(t, &reply);
    if (!answer_is_whole(a))
        return t->api->fail(t->out, "%s", a->trouble);
    if (a->is_error) {
        note_refusal(t, reply.status);
        return GW_DONE;
    }
    t->answered++;
    /* Of names alone it is none: stores behind an engine that tell of series may not know
     * how to list these. */
    if (series && (a->warnings || a->partial))
        t->api->partial(t->out, NAN, "a partial answer%s%s", a->warnings ? ": " : "",
                        a->warning);
    return GW_DONE;
}

/* One number; NAN: none. */
static int ask_number(struct talk *t, const char *needs, const char *query,
                      double *number)
{
    char *url = made_query(t, needs, query);
    int result;

    *number = t->number = NAN;
    t->asked = NULL;
    if (!url)
        return GW_DONE;
    result = ask_engine(t, t->api->print(t->target, "query?query=%s", url), take_lone);
    *number = t->number;
    free(url);
    return result;
}

#endif
