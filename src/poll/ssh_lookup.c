/* `ssh -G` for many hosts. Five milliseconds each, so a thousand hosts ask eight at a
 * time, and every try at a dead host does not ask anew. */
#include "config.h"

#include "poll/ssh_lookup.h"
#include "base/clock.h"
#include "poll/child.h"
#include "poll/complaint.h"

#include <libssh/libssh.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_A_TIME = 8, MAX_ANSWER = 1 << 20, KEPT_S = 60 };

struct answer {
    struct answer *next;
    char *question, *text;
    size_t len;
    double at;
};

/* Of one loop. */
struct desk {
    struct loop *loop;
    struct ssh_lookup *first; /* all that were started and not ended, oldest first */
    struct answer *answers;
    size_t busy;
    bool no_openssh;
};

struct ssh_lookup {
    struct ssh_lookup *next;
    struct desk *desk;
    struct arena *arena;
    struct ssh_question question;
    char *key; /* the question as text */
    struct child *child;
    struct timer *soon;
    char *text;
    size_t len, room;
    struct complaint complaint;
    bool asked;
    void (*done)(void *arg, struct ssh_config *c, const struct err *why);
    void *arg;
};

static const char desk_key;

static void *desk_new(struct loop *l)
{
    struct desk *d = xcalloc(1, sizeof(*d));

    d->loop = l;
    return d;
}

static void answer_free(struct answer *a)
{
    free(a->question);
    free(a->text);
    free(a);
}

static void desk_free(void *kept)
{
    struct desk *d = kept;

    while (d->answers) {
        struct answer *a = d->answers;

        d->answers = a->next;
        answer_free(a);
    }
    free(d);
}

/* NULL: none that is young enough; old ones are dropped on the way. */
static const struct answer *answer_find(struct desk *d, const char *question)
{
    double oldest = clock_steady() - KEPT_S;

    for (struct answer **at = &d->answers, *a; (a = *at);) {
        if (a->at < oldest) {
            *at = a->next;
            answer_free(a);
            continue;
        }
        if (strcmp(a->question, question) == 0)
            return a;
        at = &a->next;
    }
    return NULL;
}

static void answer_keep(struct ssh_lookup *lookup)
{
    struct answer *a = xcalloc(1, sizeof(*a));

    *a = (struct answer){ .next = lookup->desk->answers,
                          .question = xstrdup(lookup->key),
                          .text = lookup->text,
                          .len = lookup->len,
                          .at = clock_steady() };
    lookup->text = NULL;
    lookup->desk->answers = a;
}

/* ---- without OpenSSH ---- */

static const char *option(ssh_session s, enum ssh_options_e which, struct arena *a)
{
    char *value = NULL;
    const char *kept = NULL;

    if (ssh_options_get(s, which, &value) == SSH_OK && value)
        kept = arena_strdup(a, value);
    ssh_string_free_char(value);
    return kept;
}

/* libssh's reader of the same file, put into the words of `ssh -G`. */
static struct ssh_config *ask_libssh(const struct ssh_question *q, struct err *err)
{
    ssh_session s = ssh_new();
    struct arena *a = arena_new();
    struct ssh_config *c = NULL;
    unsigned port = 0;
    const char *host, *user, *proxy, *text;

    if (q->user)
        ssh_options_set(s, SSH_OPTIONS_USER, q->user);
    if (ssh_options_set(s, SSH_OPTIONS_HOST, q->host) != SSH_OK ||
        ssh_options_parse_config(s, q->file) != SSH_OK) {
        err_set(err, "%s cannot be understood: %s", q->file ? q->file : "~/.ssh/config",
                ssh_get_error(s));
    } else {
        ssh_options_get_port(s, &port);
        host = option(s, SSH_OPTIONS_HOST, a);
        user = option(s, SSH_OPTIONS_USER, a);
        proxy = option(s, SSH_OPTIONS_PROXYCOMMAND, a);
        text = arena_printf(
            a,
            "hostname %s\nport %u\n%s%s%sproxycommand %s\n"
            "identityfile ~/.ssh/id_ed25519\nidentityfile ~/.ssh/id_ecdsa\n"
            "identityfile ~/.ssh/id_rsa\nuserknownhostsfile ~/.ssh/known_hosts\n"
            "globalknownhostsfile /etc/ssh/ssh_known_hosts\n",
            host ? host : q->host, q->port ? q->port : port, user ? "user " : "",
            user ? user : "", user ? "\n" : "", proxy ? proxy : "none");
        c = ssh_config_parse(q, text, strlen(text), err);
    }
    arena_free(a);
    ssh_free(s);
    return c;
}

/* ---- with it ---- */

static void start_waiting(struct desk *d);

static void finish(struct ssh_lookup *lookup, struct ssh_config *c, const struct err *why)
{
    struct desk *d = lookup->desk;

    lookup->done(lookup->arg, c, why); /* ends the lookup, most likely */
    start_waiting(d);
}

static void finish_text(struct ssh_lookup *lookup, const char *text, size_t len)
{
    struct err err;
    struct ssh_config *c = ssh_config_parse(&lookup->question, text, len, &err);

    finish(lookup, c, c ? NULL : &err);
}

static void on_output(void *arg, const char *text, size_t len)
{
    struct ssh_lookup *lookup = arg;

    if (lookup->len + len > MAX_ANSWER)
        return;
    lookup->text = xgrow(lookup->text, &lookup->room, lookup->len + len, 1);
    memcpy(lookup->text + lookup->len, text, len);
    lookup->len += len;
}

static void on_complaint(void *arg, const char *text, size_t len)
{
    complaint_add(&((struct ssh_lookup *)arg)->complaint, text, len);
}

static void on_ended(void *arg, int status)
{
    struct ssh_lookup *lookup = arg;
    struct err err;
    char line[256];

    lookup->desk->busy--;
    child_end(lookup->child);
    lookup->child = NULL;
    if (status != 0) {
        /* The first line says what is wrong, the last one only that something is. */
        lookup->complaint.len = strcspn(lookup->complaint.text, "\n");
        complaint_last(&lookup->complaint, line);
        if (!*line)
            snprintf(line, sizeof(line), "exit status %d; see: ssh -G %s", status,
                     lookup->question.host);
        err_set_code(&err, ERR_FAILED, "the ssh configuration: %s", line);
        finish(lookup, NULL, &err);
        return;
    }
    answer_keep(lookup);
    finish_text(lookup, lookup->desk->answers->text, lookup->desk->answers->len);
}

static const struct child_events child_events = {
    .output = on_output,
    .complaint = on_complaint,
    .ended = on_ended,
};

static void ask_openssh(struct ssh_lookup *lookup);

static void on_soon(void *arg)
{
    struct ssh_lookup *lookup = arg;
    const struct answer *a = answer_find(lookup->desk, lookup->key);
    struct ssh_config *c;
    struct err err;

    if (a) {
        finish_text(lookup, a->text, a->len);
    } else if (!lookup->desk->no_openssh) {
        ask_openssh(lookup); /* the answer grew too old just now */
    } else {
        c = ask_libssh(&lookup->question, &err);
        finish(lookup, c, c ? NULL : &err);
    }
}

static void later(struct ssh_lookup *lookup)
{
    lookup->asked = true;
    timer_end(lookup->soon);
    lookup->soon = loop_timer(lookup->desk->loop, 0, on_soon, lookup);
}

static void ask_openssh(struct ssh_lookup *lookup)
{
    const struct ssh_question *q = &lookup->question;
    const char *argv[12] = { "ssh", "-G", "-T" };
    size_t n = 3;

    if (q->file) {
        argv[n++] = "-F";
        argv[n++] = q->file;
    }
    if (q->port) {
        argv[n++] = "-p";
        argv[n++] = arena_printf(lookup->arena, "%u", q->port);
    }
    if (q->user) {
        argv[n++] = "-l";
        argv[n++] = q->user;
    }
    argv[n++] = "--";
    argv[n++] = q->host;
    lookup->child =
        child_start(lookup->desk->loop, argv, -1, &child_events, lookup, NULL);
    if (lookup->child) {
        lookup->asked = true;
        lookup->desk->busy++;
    } else {
        lookup->desk->no_openssh = true;
        later(lookup);
    }
}

static void start_waiting(struct desk *d)
{
    for (struct ssh_lookup *l = d->first; l && d->busy < AT_A_TIME; l = l->next) {
        if (l->asked)
            continue;
        if (d->no_openssh || answer_find(d, l->key))
            later(l);
        else
            ask_openssh(l);
    }
}

struct ssh_lookup *ssh_lookup_start(struct loop *l, const struct ssh_question *q,
                                    void (*done)(void *arg, struct ssh_config *c,
                                                 const struct err *why),
                                    void *arg)
{
    struct desk *d = loop_keep(l, &desk_key, desk_new, desk_free);
    struct ssh_lookup *lookup = xcalloc(1, sizeof(*lookup)), **end = &d->first;
    struct arena *a = arena_new();

    *lookup = (struct ssh_lookup){ .desk = d, .arena = a, .done = done, .arg = arg };
    lookup->question = (struct ssh_question){
        .file = q->file ? arena_strdup(a, q->file) : NULL,
        .host = arena_strdup(a, q->host),
        .user = q->user ? arena_strdup(a, q->user) : NULL,
        .port = q->port,
    };
    lookup->key = arena_printf(a, "%s\n%s\n%s\n%u", q->file ? q->file : "", q->host,
                               q->user ? q->user : "", q->port);
    while (*end)
        end = &(*end)->next;
    *end = lookup;
    start_waiting(d);
    return lookup;
}

void ssh_lookup_end(struct ssh_lookup *lookup)
{
    struct ssh_lookup **at;
    struct desk *d;

    if (!lookup)
        return;
    d = lookup->desk;
    for (at = &d->first; *at != lookup; at = &(*at)->next)
        ;
    *at = lookup->next;
    if (lookup->child)
        d->busy--;
    child_end(lookup->child);
    timer_end(lookup->soon);
    free(lookup->text);
    arena_free(lookup->arena);
    free(lookup);
}
