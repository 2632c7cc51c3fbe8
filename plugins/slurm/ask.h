/* Asking: slurmrestd for a path, a machine that has them for a command; what stands in an
 * answer's place; and one answer into records. */
#ifndef PLUGINS_SLURM_ASK_H
#define PLUGINS_SLURM_ASK_H

#include "plugins/slurm/record.h"
#include "plugins/slurm/state.h"

/* ---- asking slurmrestd ---- */

static bool is_carried_by(const struct gw_target *target, const char *carrier)
{
    const char *scheme = strstr(target->url, "://"), *plus = strchr(target->url, '+');

    return strncmp(plus && scheme && plus < scheme ? plus + 1 : target->url, carrier,
                   strlen(carrier)) == 0;
}

static bool is_rest(const struct gw_target *target)
{
    return is_carried_by(target, "http") || is_carried_by(target, "unix");
}

/* The first line of what was said, for a sentence. */
static struct text said(struct text t)
{
    t = until(trimmed(t), "\r\n");
    if (t.len > 200)
        t.len = 200;
    return t;
}

static struct text error_in(const struct gw_reply *reply)
{
    static const struct fields none = { NULL, 0, NULL, NULL };
    struct text t = { reply->text, reply->len };
    struct reading done;
    static const struct text nothing = { "", 0 };

    t = trimmed(t);
    if (!t.len || t.at[0] != '{')
        return t.len && t.at[0] == '<' ? nothing : said(t);
    done = read_json(t, &none, NULL, NULL);
    return is_none(done.error) ? nothing : inner(done.error);
}

/* Up to 22.05 one sentence serves for a token that is not taken, which is said at once,
 * and for a controller that does not answer, which is waited for until MessageTimeout, 10
 * s. At the socket there is no token. */
static int judge_unspecified(struct slurm *s, const char *what, double took)
{
    if (took > 3 || is_carried_by(s->target, "unix"))
        return s->api->fail(
            s->out,
            "slurmrestd answers %s with an unspecified error after %.0f s: the controller (slurmctld) "
            "does not answer",
            what, took);
    return s->api->refuse(
        s->out,
        "slurmrestd answers %s with an unspecified error, as it does up to 22.05 where the token is not "
        "taken or has run out",
        what);
}

/* What slurmrestd answers with instead of what was asked for, after `took` seconds. */
static int judge(struct slurm *s, const struct gw_reply *reply, const char *what,
                 double took)
{
    struct text why;
    int len;

    if (reply->status >= 200 && reply->status < 300)
        return GW_DONE;
    why = error_in(reply);
    len = (int)(why.len > 200 ? 200 : why.len);
    if (reply->status == 401 || reply->status == 403 ||
        (len && strstr(reply->text, "uthentication failure")))
        return s->api->refuse(
            s->out,
            "slurmrestd refuses us (%d%s%.*s); it wants token:, a JWT from scontrol token, and up to "
            "22.05 user: with it; at its socket, to be run as its own user",
            reply->status, len ? ": " : "", len, why.at);
    if (reply->status == 404 && !s->version[0])
        return s->api->fail(s->out, "what answers is no slurmrestd: it has no "
                                    "/openapi/v3 (404 not found); check the URL");
    if (reply->status == 404)
        s->version[0] = '\0';       /* another version may have taken its place */
    if (reply->status == 500 && is_text(why, "Unspecified error"))
        return judge_unspecified(s, what, took);
    return s->api->fail(s->out, "slurmrestd answers %s with status %d%s%.*s", what,
                        reply->status, len ? ": " : "", len, why.at);
}

/* The newest "/slurm/v0.0.NN/" that its own description has. JSON may write "\/". */
static unsigned newest_version(struct text spec)
{
    unsigned best = 0;
    const char *end = spec.at + spec.len, *at = spec.at;

    while ((at = memchr(at, 'v', (size_t)(end - at)))) {
        unsigned n = 0;

        if (at - spec.at >= 7 && at + 5 < end && memcmp(at, "v0.0.", 5) == 0 &&
            (memcmp(at - 7, "/slurm/", 7) == 0 || memcmp(at - 7, "slurm\\/", 7) == 0))
            for (const char *d = at + 5;
                 d < end && isdigit((unsigned char)*d) && n < 10000; d++)
                n = n * 10 + (unsigned)(*d - '0');
        if (n > best && n < 10000)
            best = n;
        at++;
    }
    return best;
}

static void set_version(struct slurm *s, unsigned n)
{
    snprintf(s->version, sizeof(s->version), "v0.0.%u", n);
    snprintf(s->slash, sizeof(s->slash), "%s", n >= 40 ? "/" : "");
    s->has_no_shares = n < 40;
}

/* What slurmrestd has at a path. `what` says what that is. */
static int fetch(struct slurm *s, const char *path, const char *what,
                 struct gw_reply *reply)
{
    double begun = s->api->now(s->target);

    *reply = (struct gw_reply){ .size = sizeof(*reply) };
    if (s->api->get(s->target, path, "application/json", reply, s->out) == GW_FAILED)
        return GW_FAILED;
    return judge(s, reply, what, s->api->now(s->target) - begun);
}

static int discover(struct slurm *s)
{
    const char *fixed = s->api->option(s->target, "version");
    struct gw_reply reply;
    unsigned n = 0;

    if (s->version[0])
        return GW_DONE;
    if (fixed && sscanf(fixed, "v0.0.%4u", &n) == 1) {
        set_version(s, n);
        return GW_DONE;
    }
    if (fetch(s, "/openapi/v3", "a question for its versions", &reply) == GW_FAILED)
        return GW_FAILED;
    n = newest_version((struct text){ reply.text, reply.len });
    if (!n)
        return s->api->fail(
            s->out,
            "what answers is no slurmrestd: its /openapi/v3 names no /slurm/v0.0.NN");
    set_version(s, n);
    return GW_DONE;
}

/* ---- asking commands ---- */

/* beside GW_DONE and GW_FAILED; the latter: nothing came, or too much */
enum { NO_JSON = 2, NO_ANSWER };

static bool contains(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

/* Of several lines the last says what went wrong. */
static struct text last_line(const char *text)
{
    struct text t = trimmed((struct text){ text, strlen(text) }), line;
    struct text last = t;

    while (next_line(&t, &line))
        if (trimmed(line).len)
            last = trimmed(line);
    return said(last);
}

static int judge_command(struct slurm *s, const struct gw_reply *reply,
                         const char *command)
{
    const char *why = reply->complaint ? reply->complaint : "";
    struct text line = last_line(why),
                answer = trimmed((struct text){ reply->text, reply->len });
    int len = (int)line.len, name = (int)strcspn(command, " ");

    if (reply->status == 0)     /* an older one may write what it always wrote */
        return contains(command, "--json") && answer.len && answer.at[0] != '{' ? NO_JSON
                                                                                : GW_DONE;
    if (reply->status == 127 || contains(why, "not found"))
        return s->api->fail(
            s->out,
            "%.*s is not in the PATH of this account; say where Slurm's commands are, "
            "in options: {bin: DIR}",
            name, command);
    if (contains(command, "--json") &&
        (contains(why, "option") || contains(why, "serializer") ||
         contains(why, "data_parser")))
        return NO_JSON;
    if (contains(why, "munge") || contains(why, "Munge") || contains(why, "MUNGE"))
        return s->api->fail(
            s->out, "munge does not vouch for us there, so Slurm does not answer: %.*s",
            len, line.at);
    if (contains(why, "Unable to contact slurm controller") || contains(why, "timed out"))
        return s->api->fail(s->out, "the controller (slurmctld) does not answer: %.*s",
                            len, line.at);
    return s->api->fail(s->out, "%.*s failed (status %d)%s%.*s", name, command,
                        reply->status, len ? ": " : "", len, line.at);
}

/* Times as seconds since 1970, whatever zone and format are set there; tasks of an array
 * as a whole, not 64 bytes of them (squeue(1), scontrol(1)). */
static int run(struct slurm *s, const char *command, struct gw_reply *reply)
{
    const char *bin = s->api->option(s->target, "bin");
    const char *line = s->api->print(s->target, "PATH=\"%s%s$PATH\" SLURM_TIME_FORMAT=%%s SLURM_BITSTR_LEN=0; "
                                     "export PATH SLURM_TIME_FORMAT SLURM_BITSTR_LEN; %s",
                                     bin ? bin : "", bin ? ":" : "", command);

    *reply = (struct gw_reply){ .size = sizeof(*reply) };
    if (s->api->run(s->target, line, reply, s->out) == GW_FAILED)
        return NO_ANSWER;
    return judge_command(s, reply, command);
}

/* ---- one question ---- */

typedef struct reading read_form(struct text answer, const struct fields *f,
                                 take_record *take, void *arg);

/* A whole answer into records. */
static int digest(struct slurm *s, const struct gw_reply *reply, const struct fields *f,
                  read_form *form, take_record *take, const char *what)
{
    struct reading done = form((struct text){ reply->text, reply->len }, f, take, s);

    if (done.broken)
        return s->api->fail(s->out,
                            "the answer to %s is no JSON, or breaks off (%zu bytes came)",
                            what, reply->len);
    if (!done.records && is_text(inner(done.error), "Unspecified error"))
        return s->api->fail(
            s->out,
            "Slurm answers %s with an unspecified error, as it does up to 22.05 where the "
            "controller (slurmctld) does not answer",
            what);
    if (!done.records && !is_none(done.error))
        return s->api->fail(s->out, "Slurm answers %s with an error: %.*s", what,
                            (int)(done.error.len > 200 ? 200 : done.error.len),
                            done.error.at);
    if (!done.found)
        return s->api->fail(s->out, "the answer to %s has no %s", what, f->list);
    return GW_DONE;
}

static int get(struct slurm *s, const char *path, const struct fields *f,
               take_record *take)
{
    struct gw_reply reply;

    if (fetch(s, path, path, &reply) == GW_FAILED)
        return GW_FAILED;
    return digest(s, &reply, f, read_json, take, path);
}

static int ask(struct slurm *s, const char *command, const struct fields *f,
               read_form *form, take_record *take)
{
    struct gw_reply reply;
    int result = run(s, command, &reply);

    return result == GW_DONE ? digest(s, &reply, f, form, take, command) : result;
}

/* With --json as long as it answers so, else in text. What does not come at all may be
 * too much: then text, this once. */
static int ask_either(struct slurm *s, enum way *way, const char *json, const char *text,
                      const struct fields *f, read_form *form, take_record *take)
{
    int result = *way == WAY_JSON ? ask(s, json, f, read_json, take) : NO_JSON;

    if (result == NO_JSON)
        *way = WAY_TEXT;
    return result == NO_JSON || result == NO_ANSWER ? ask(s, text, f, form, take)
                                                    : result;
}

static const char *rest_path(struct slurm *s, const char *base, const char *what,
                             const char *query)
{
    return s->api->print(s->target, "/%s/%s/%s%s%s", base, s->version, what, s->slash,
                         query);
}

#endif
