/* Running the command of a kubeconfig's exec: and reading the ExecCredential it prints
 * (https://kubernetes.io/docs/reference/config-api/client-authentication.v1/). */
#include "poll/kube_credential.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/text.h"
#include "gigawatch/json.h"
#include "poll/child.h"
#include "poll/complaint.h"
#include "poll/secret.h"

#include <stdio.h>

enum { COMMAND_WAIT_S = 30, MOST_OUTPUT = 256 << 10 };

static const double EARLY_S = 10;       /* renewed so long before it expires */

struct kube_question {
    struct printer *printer;
    kube_credential_done *done;
    void *arg;
    struct kube_question *next;
};

/* One command, what it printed last, and who waits for it. */
struct printer {
    struct printers *all;
    struct printer *next;
    char *key;                  /* as key_of() makes it */
    struct arena *arena;        /* the credential's; NULL: none is kept */
    struct kube_credential kept;
    struct kube_exec exec;      /* command and version, its own: who asked may be gone */
    struct child *child;
    struct timer *late;
    struct complaint complaint;
    struct kube_question *waiting;
    size_t len;
    char *text;
};

struct printers {
    struct loop *loop;
    struct printer *first;
};

/* ---- reading ---- */

static char *text_of(const struct gw_json *j, uint32_t value, struct arena *arena)
{
    size_t room = gw_json_kind(j, value) == '"' ? j->marks[value].len + 1 : 1;
    char *text = arena_alloc(arena, room);

    return gw_json_text(j, value, text, room) ? text : NULL;
}

static int read_status(struct kube_credential *c, const struct gw_json *j,
                       uint32_t status, struct arena *arena, const char *command,
                       struct err *err)
{
    const char *until = text_of(j, gw_json_member(j, status, "expirationTimestamp"),
                                arena);
    const char *cert = text_of(j, gw_json_member(j, status, "clientCertificateData"),
                               arena);
    const char *key = text_of(j, gw_json_member(j, status, "clientKeyData"), arena);

    c->token = text_of(j, gw_json_member(j, status, "token"), arena);
    c->until = until ? text_parse_time(until, 0) : INFINITY;
    command = arena_strdup(arena, command);
    if (cert)
        c->cert_pem = (struct pem){ cert, strlen(cert), command };
    if (key)
        c->key_pem = (struct pem){ key, strlen(key), command };
    if (isnan(c->until))
        return err_set_code(err, ERR_AUTH, "%s: its expirationTimestamp is no time",
                            command);
    if (!c->token && !cert)
        return err_set_code(err, ERR_AUTH,
                            "%s: printed neither a token nor a certificate", command);
    if (!cert != !key)
        return err_set_code(err, ERR_AUTH,
                            "%s: printed a certificate without its key, or a key alone",
                            command);
    return 0;
}

int kube_credential_read(struct kube_credential *c, struct arena *arena, const char *text,
                         size_t len, const struct kube_exec *exec, struct err *err)
{
    struct gw_json j = { 0 };
    int result;

    *c = (struct kube_credential){ .until = INFINITY };
    if (!gw_json_read(&j, text, len) ||
        !gw_json_is(&j, gw_json_member(&j, 0, "kind"), "ExecCredential"))
        result = err_set_code(err, ERR_AUTH, "%s: printed no ExecCredential",
                              exec->command);
    else if (!gw_json_is(&j, gw_json_member(&j, 0, "apiVersion"), exec->api_version))
        result = err_set_code(err, ERR_AUTH,
                              "%s: printed an ExecCredential of another version than %s",
                              exec->command, exec->api_version);
    else
        result = read_status(c, &j, gw_json_member(&j, 0, "status"), arena, exec->command,
                             err);
    gw_json_free(&j);
    return result;
}

/* ---- the list ---- */

static void wipe_kept(struct printer *p)
{
    const char *const secrets[] = { p->kept.token, p->kept.key_pem.text };

    for (int i = 0; i < 2; i++)
        if (secrets[i])
            secret_wipe((char *)(uintptr_t)secrets[i], strlen(secrets[i]));
    arena_free(p->arena);
    p->arena = NULL;
    p->kept = (struct kube_credential){ 0 };
}

static void end_run(struct printer *p)
{
    child_end(p->child);
    p->child = NULL;
    timer_end(p->late);
    p->late = NULL;
    if (p->text)
        secret_wipe(p->text, MOST_OUTPUT);
    free(p->text);
    p->text = NULL;
}

static void *printers_new(struct loop *l)
{
    struct printers *all = xcalloc(1, sizeof(*all));

    all->loop = l;
    return all;
}

static void printers_free(void *kept)
{
    struct printers *all = kept;

    while (all->first) {
        struct printer *p = all->first;

        all->first = p->next;
        end_run(p);
        wipe_kept(p);
        free((char *)(uintptr_t)p->exec.command);
        free((char *)(uintptr_t)p->exec.api_version);
        free(p->key);
        free(p);
    }
    free(all);
}

static char *with(struct arena *arena, const char *key, const char *text)
{
    return arena_printf(arena, "%s%zu:%s", key, strlen(text), text);
}

/* What is run, and for which server: another user, or another cluster, may get something
 * else. */
static const char *key_of(struct arena *arena, const struct kube_access *a)
{
    char *key = with(arena, "", a->exec.command);

    for (const char **text = a->exec.args; *text; text++)
        key = with(arena, key, *text);
    key = with(arena, key, "");         /* variables, from here on */
    for (const char **text = a->exec.variables; *text; text++)
        key = with(arena, key, *text);
    key = with(arena, key, "");
    key = with(arena, key, a->exec.api_version);
    key = with(arena, key, a->server);
    return with(arena, key, a->path);
}

static struct printer *find_printer(struct loop *l, const struct kube_access *a)
{
    static const char kept;
    struct printers *all = loop_keep(l, &kept, printers_new, printers_free);
    struct printer *p = all->first;
    struct arena *arena = arena_new();
    const char *key = key_of(arena, a);

    while (p && strcmp(p->key, key) != 0)
        p = p->next;
    if (!p) {
        p = xcalloc(1, sizeof(*p));
        p->key = xstrdup(key);
        p->all = all;
        p->next = all->first;
        all->first = p;
    }
    arena_free(arena);
    return p;
}

/* ---- running ---- */

static void tell(struct printer *p, const struct kube_credential *c,
                 const struct err *why)
{
    struct kube_question *all = p->waiting;

    p->waiting = NULL;
    while (all) {
        struct kube_question *q = all;

        all = q->next;
        q->printer = NULL;      /* whoever asked may end it now */
        q->done(q->arg, c, why);
        free(q);
    }
}

static void fail(struct printer *p, struct err *why)
{
    end_run(p);
    tell(p, NULL, why);
}

static void take_output(void *arg, const char *text, size_t len)
{
    struct printer *p = arg;
    size_t left = MOST_OUTPUT - p->len;

    memcpy(p->text + p->len, text, len < left ? len : left);
    p->len += len < left ? len : left;
}

static void take_complaint(void *arg, const char *text, size_t len)
{
    complaint_add(&((struct printer *)arg)->complaint, text, len);
}

static void take_end(void *arg, int status)
{
    struct printer *p = arg;
    char last[256];
    struct err err;

    if (status != 0) {
        complaint_last(&p->complaint, last);
        err_set_code(&err, ERR_AUTH, "%s failed (status %d)%s%s", p->exec.command, status,
                     last[0] ? ": " : "", last);
        fail(p, &err);
        return;
    }
    wipe_kept(p);
    p->arena = arena_new();
    if (kube_credential_read(&p->kept, p->arena, p->text, p->len, &p->exec, &err) < 0) {
        wipe_kept(p);
        fail(p, &err);
        return;
    }
    end_run(p);
    tell(p, &p->kept, NULL);
}

static void give_up(void *arg)
{
    struct printer *p = arg;
    struct err err;

    err_set_code(&err, ERR_AUTH, "%s printed no credential within %d s", p->exec.command,
                 COMMAND_WAIT_S);
    fail(p, &err);
}

/* Text within a JSON string. */
static const char *escaped(struct arena *arena, const char *text, size_t len)
{
    char *to = arena_alloc(arena, len * 6 + 1), *at = to;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\' || c < ' ')
            at += snprintf(at, 7, "\\u%04x", c);
        else
            *at++ = text[i];
    }
    return to;
}

/* What the command is told: KUBERNETES_EXEC_INFO. */
static const char *exec_info(struct arena *arena, const struct kube_access *a)
{
    const char *cluster = "", *ca = "", *name = "";
    struct err ignored;
    struct pem pem = a->ca_pem;

    if (a->exec.tells_cluster) {
        if (!pem.text && a->ca)
            pem.text = kubeconfig_file(arena, a->ca, &pem.len, &ignored);
        if (pem.text)
            ca = arena_printf(arena, ",\"certificate-authority-data\":\"%s\"",
                              base64_write(arena_alloc(arena, BASE64_TEXT(pem.len)),
                                           pem.text, pem.len));
        if (a->server_name)
            name = arena_printf(arena, ",\"tls-server-name\":\"%s\"",
                                escaped(arena, a->server_name, strlen(a->server_name)));
        cluster = arena_printf(arena, ",\"cluster\":{\"server\":\"%s%s\"%s%s%s}",
                               escaped(arena, a->server, strlen(a->server)),
                               escaped(arena, a->path, strlen(a->path)), name, ca,
                               a->unverified ? ",\"insecure-skip-tls-verify\":true" : "");
    }
    return arena_printf(arena, "KUBERNETES_EXEC_INFO={\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\","
                        "\"spec\":{\"interactive\":false%s}}", a->exec.api_version, cluster);
}

static int run(struct printer *p, const struct kube_access *a, struct err *err)
{
    static const struct child_events events = {
        .output = take_output, .complaint = take_complaint, .ended = take_end
    };
    struct arena *arena = arena_new();
    size_t args = 0, variables = 0;
    const char **argv, **all;

    while (a->exec.args[args])
        args++;
    while (a->exec.variables[variables])
        variables++;
    argv = arena_alloc(arena, (args + 2) * sizeof(*argv));
    all = arena_alloc(arena, (variables + 2) * sizeof(*all));
    argv[0] = a->exec.command;
    memcpy(argv + 1, a->exec.args, args * sizeof(*argv));
    memcpy(all, a->exec.variables, variables * sizeof(*all));
    all[variables] = exec_info(arena, a);
    p->complaint = (struct complaint){ 0 };
    p->text = xcalloc(1, MOST_OUTPUT);
    p->len = 0;
    p->child = child_start_with(p->all->loop, argv, all, -1, &events, p, err);
    arena_free(arena);
    if (!p->child) {
        end_run(p);
        err->code = ERR_AUTH;
        return a->exec.hint ? err_set_code(err, ERR_AUTH, "%s cannot be run; %s",
                                           a->exec.command, a->exec.hint)
                            : -1;
    }
    p->late = loop_timer(p->all->loop, clock_steady() + COMMAND_WAIT_S, give_up, p);
    return 0;
}

struct kube_question *kube_credential_ask(struct loop *l, const struct kube_access *a,
                                          kube_credential_done *done, void *arg)
{
    struct printer *p = find_printer(l, a);
    struct kube_question *q;
    struct err err;

    if (p->arena && clock_wall() < p->kept.until - EARLY_S) {
        done(arg, &p->kept, NULL);
        return NULL;
    }
    if (!p->child) {
        if (run(p, a, &err) < 0) {
            done(arg, NULL, &err);
            return NULL;
        }
        free((char *)(uintptr_t)p->exec.command);
        free((char *)(uintptr_t)p->exec.api_version);
        p->exec = (struct kube_exec){ .command = xstrdup(a->exec.command),
                                      .api_version = xstrdup(a->exec.api_version) };
    }
    q = xcalloc(1, sizeof(*q));
    *q = (struct kube_question){
        .printer = p, .done = done, .arg = arg, .next = p->waiting
    };
    p->waiting = q;
    return q;
}

void kube_question_end(struct kube_question *q)
{
    struct kube_question **at;

    if (!q || !q->printer)
        return;
    for (at = &q->printer->waiting; *at != q; at = &(*at)->next)
        continue;
    *at = q->next;
    free(q);
}

void kube_credential_forget(struct loop *l, const struct kube_access *a)
{
    if (a->exec.command)
        wipe_kept(find_printer(l, a));
}
