/* A ladder: every rung is one way to authenticate, tried until the server says yes. A
 * rung returns NEXT when it is used up, AGAIN when the network or a person must answer
 * first, and is then called again. */
#include "config.h"

#include "poll/ssh_auth.h"
#include "base/text.h"
#include "poll/secret.h"
#include "poll/ssh_agent.h"
#include "poll/ssh_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum step { AGAIN, NEXT, ACCEPTED, BROKEN };

struct ssh_auth {
    struct loop *loop;
    ssh_session session;
    struct ssh_auth_how how;
    size_t rung;
    int methods; /* that the server takes */
    struct ssh_agent_keys *agent;
    bool agent_known;
    size_t key; /* of the configuration's identities */
    bool plain; /* its certificate was refused, or it has none */
    bool offering,
        offered;   /* the server is asked whether it would take this key; it would */
    bool by_agent; /* the agent has it */
    struct ssh_key_wait wait;
    bool waiting;
    struct secret_wait *secret_wait;
    bool secret_asked, secret_known;
    char secret[1024]; /* "": none to be had */
    int rounds; /* of keyboard-interactive */
    char tried[320];
};

static void note(struct ssh_auth *a, const char *what, const char *why)
{
    text_add(a->tried, sizeof(a->tried), "%s%s%s%s%s", a->tried[0] ? ", " : "", what,
             why ? " (" : "", why ? why : "", why ? ")" : "");
}

/* What libssh's answer means for the rung. */
static enum step heard(struct ssh_auth *a, int rc, const char *what, const char *why)
{
    switch (rc) {
    case SSH_AUTH_SUCCESS:
        return ACCEPTED;
    case SSH_AUTH_AGAIN:
        return AGAIN;
    case SSH_AUTH_PARTIAL:
        a->methods = ssh_userauth_list(a->session, NULL);
        note(a, what, "accepted, and more is asked for");
        return NEXT;
    case SSH_AUTH_ERROR:
        /* A key that cannot sign is no reason to give up; a lost connection is. */
        if (!ssh_is_connected(a->session) ||
            (ssh_get_status(a->session) & SSH_CLOSED_ERROR) ||
            ssh_get_error_code(a->session) == SSH_FATAL)
            return BROKEN;
        note(a, what, "cannot sign");
        return NEXT;
    default:
        note(a, what, why);
        return NEXT;
    }
}

static bool wants(const struct ssh_auth *a, int method)
{
    return (a->methods & method) != 0;
}

/* ---- the rungs ---- */

/* Some hosts let everybody in; all others say what they take. */
static enum step nothing(struct ssh_auth *a)
{
    int rc = ssh_userauth_none(a->session, NULL);

    if (rc == SSH_AUTH_AGAIN)
        return AGAIN;
    if (rc == SSH_AUTH_SUCCESS)
        return ACCEPTED;
    if (rc == SSH_AUTH_ERROR)
        return BROKEN;
    a->methods = ssh_userauth_list(a->session, NULL);
    if (!a->how.config->accepts_public_key)
        a->methods &= ~SSH_AUTH_METHOD_PUBLICKEY;
    return NEXT;
}

static void on_agent(void *arg)
{
    struct ssh_auth *a = arg;

    a->agent_known = true;
    a->how.wake(a->how.arg);
}

static enum step agent_keys(struct ssh_auth *a)
{
    const char *socket = a->how.config->identity_agent;

    if (!socket || !wants(a, SSH_AUTH_METHOD_PUBLICKEY))
        return NEXT;
    if (!a->agent)
        a->agent = ssh_agent_ask(a->loop, socket, on_agent, a);
    if (!a->agent_known)
        return AGAIN;
    if (ssh_agent_trouble(a->agent))
        note(a, "agent", ssh_agent_trouble(a->agent));
    return NEXT;
}

static enum step agent(struct ssh_auth *a)
{
    size_t count = a->agent ? ssh_agent_count(a->agent) : 0;
    char keys[32];

    /* IdentitiesOnly: the agent may sign, but only for the keys that are named. */
    if (count == 0 || a->how.config->identities_only ||
        !wants(a, SSH_AUTH_METHOD_PUBLICKEY))
        return NEXT;
    snprintf(keys, sizeof(keys), "%zu key%s", count, count == 1 ? "" : "s");
    return heard(a, ssh_userauth_agent(a->session, NULL), "agent", keys);
}

static void on_key(void *arg)
{
    struct ssh_auth *a = arg;

    a->waiting = false;
    a->how.wake(a->how.arg);
}

static const char *named(const struct ssh_auth *a, const struct ssh_key_file *key,
                         char to[320])
{
    snprintf(to, 320, "%s%s", key->path, a->plain ? "" : " (certificate)");
    return to;
}

/* Asks whether the server would take the key, before a person is asked to open it. */
static enum step offer(struct ssh_auth *a, const struct ssh_key_file *key)
{
    ssh_key offered = a->plain ? key->public_key : key->certificate;
    char name[320];
    int rc;

    /* A question that is out must be heard to its end, even if the key was opened for
     * another target meanwhile. */
    if (!a->offering &&
        (a->offered || !offered || (key->state == SSH_KEY_OPEN && !a->by_agent)))
        return ACCEPTED;
    rc = ssh_userauth_try_publickey(a->session, NULL, offered);
    a->offering = rc == SSH_AUTH_AGAIN;
    if (rc != SSH_AUTH_SUCCESS)
        return heard(a, rc, named(a, key, name), NULL);
    a->offered = true;
    return ACCEPTED;
}

/* Notes why a key cannot be tried. Nobody misses a default file that is not there. */
static bool is_useless(struct ssh_auth *a, const struct ssh_key_file *key)
{
    if (key->state > SSH_KEY_UNUSABLE || a->by_agent)
        return false;
    if (key->state == SSH_KEY_UNUSABLE || !a->how.config->default_identities)
        note(a, key->path, key->state == SSH_KEY_MISSING ? "no such file" : key->why);
    return true;
}

static enum step sign(struct ssh_auth *a, const struct ssh_key_file *key)
{
    char name[320];

    return heard(a,
                 ssh_userauth_publickey(a->session, NULL,
                                        a->plain ? key->private_key : key->certified),
                 named(a, key, name), NULL);
}

static enum step one_key(struct ssh_auth *a, struct ssh_key_file *key)
{
    enum step step;

    if (!a->offering) {
        a->plain |= !key->certificate || (key->state == SSH_KEY_OPEN && !key->certified);
        a->by_agent = a->agent && ssh_agent_has(a->agent, key->public_key);
        if (a->by_agent && !a->how.config->identities_only)
            return NEXT; /* the agent tried it */
        if (is_useless(a, key))
            return NEXT;
    }
    step = offer(a, key);
    if (step != ACCEPTED)
        return step;
    if (is_useless(a, key))
        return NEXT;
    if (key->state == SSH_KEY_OPEN)
        return sign(a, key);
    if (a->by_agent)
        return heard(a, ssh_userauth_agent(a->session, NULL), key->path,
                     "from the agent");
    a->waiting = ssh_key_unlock(key, a->how.prompt, a->how.prompt_arg, &a->wait);
    if (!a->waiting && key->state == SSH_KEY_LOCKED) {
        note(a, key->path, key->why);
        return NEXT;
    }
    return a->waiting ? AGAIN : one_key(a, key);
}

/* First with its certificate, then the key alone. */
static enum step files(struct ssh_auth *a)
{
    const struct ssh_config *c = a->how.config;
    enum step step;

    while (a->key < c->identities.count && wants(a, SSH_AUTH_METHOD_PUBLICKEY)) {
        if (a->waiting)
            return AGAIN;
        step = one_key(a, ssh_key_find(a->loop, c->identities.items[a->key],
                                       &c->certificates));
        if (step != NEXT)
            return step;
        a->offered = false;
        a->key += a->plain;
        a->plain = !a->plain;
    }
    return NEXT;
}

static void on_secret(void *arg, const char *text, const struct err *why)
{
    struct ssh_auth *a = arg;

    a->secret_known = true;
    if (!text)
        note(a, "password", why->text);
    else if (strlen(text) < sizeof(a->secret))
        memcpy(a->secret, text, strlen(text) + 1);
    else
        note(a, "password", "too long");
    a->how.wake(a->how.arg);
}

/* Reads the password, once; a command that prints it may take its time. */
static enum step secret(struct ssh_auth *a)
{
    if (!wants(a, SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE) ||
        !a->how.password || a->how.password->from == SECRET_NONE)
        return NEXT;
    if (!a->secret_asked) {
        a->secret_asked = true;
        a->secret_wait = secret_read(a->loop, a->how.password, on_secret, a);
    }
    return a->secret_known ? NEXT : AGAIN;
}

static enum step password(struct ssh_auth *a)
{
    if (!wants(a, SSH_AUTH_METHOD_PASSWORD) || !a->secret[0])
        return NEXT;
    return heard(a, ssh_userauth_password(a->session, NULL, a->secret), "password", NULL);
}

/* Every hidden question is answered with the password; a shown one is not for us. */
static int answer_questions(struct ssh_auth *a)
{
    int count = ssh_userauth_kbdint_getnprompts(a->session);
    const char *prompt;
    char echo;

    for (int i = 0; i < count; i++) {
        prompt = ssh_userauth_kbdint_getprompt(a->session, (unsigned)i, &echo);
        if (!prompt || echo)
            return -1;
        ssh_userauth_kbdint_setanswer(a->session, (unsigned)i, a->secret);
    }
    return 0;
}

static enum step keyboard_interactive(struct ssh_auth *a)
{
    int rc;

    if (!wants(a, SSH_AUTH_METHOD_INTERACTIVE) || !a->secret[0])
        return NEXT;
    while ((rc = ssh_userauth_kbdint(a->session, NULL, NULL)) == SSH_AUTH_INFO) {
        if (++a->rounds > 8 || answer_questions(a) != 0) {
            note(a, "keyboard-interactive", "asks what a password does not answer");
            return NEXT;
        }
    }
    return heard(a, rc, "keyboard-interactive", NULL);
}

static enum step (*const rungs[])(struct ssh_auth *a) = {
    nothing, agent_keys, agent, files, secret, password, keyboard_interactive,
};

/* ---- the ladder ---- */

struct ssh_auth *ssh_auth_new(struct loop *l, ssh_session session,
                              const struct ssh_auth_how *how)
{
    struct ssh_auth *a = xcalloc(1, sizeof(*a));

    *a = (struct ssh_auth){ .loop = l, .session = session, .how = *how };
    a->wait.done = on_key;
    a->wait.arg = a;
    return a;
}

void ssh_auth_free(struct ssh_auth *a)
{
    if (!a)
        return;
    if (a->waiting)
        ssh_key_forget(a->loop, &a->wait);
    ssh_agent_end(a->agent);
    secret_wait_end(a->secret_wait);
    secret_wipe(a->secret, sizeof(a->secret));
    free(a);
}

static void say_methods(int methods, char to[96])
{
    static const struct {
        int method;
        const char *name;
    } names[] = {
        { SSH_AUTH_METHOD_PUBLICKEY, "publickey" },
        { SSH_AUTH_METHOD_PASSWORD, "password" },
        { SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive" },
        { SSH_AUTH_METHOD_HOSTBASED, "hostbased" },
        { SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi" },
        { 0 },
    };

    to[0] = '\0';
    for (int i = 0; names[i].name; i++)
        if (methods & names[i].method)
            text_add(to, 96, "%s%s", to[0] ? ", " : "", names[i].name);
    if (!to[0])
        snprintf(to, 96, "nothing we know");
}

static void say_refused(const struct ssh_auth *a, struct err *err)
{
    const struct ssh_config *c = a->how.config;
    char methods[96];

    if (*a->tried) {
        err_set_code(err, ERR_AUTH, "tried %s: refused by %s for user %s", a->tried,
                     c->hostname, c->user);
        return;
    }
    say_methods(a->methods, methods);
    err_set_code(err, ERR_AUTH, "no key or password to try: %s takes %s for user %s",
                 c->hostname, methods, c->user);
}

static void say_broken(const struct ssh_auth *a, struct err *err)
{
    const char *why = ssh_get_error(a->session);

    if (strstr(why, "Too many authentication"))
        err_set_code(
            err, ERR_AUTH,
            "%s hung up after too many keys (%s); set IdentitiesOnly and IdentityFile",
            a->how.config->hostname, *a->tried ? a->tried : "agent");
    else
        err_set(err, "connection lost while logging in: %s", why);
}

enum ssh_auth_result ssh_auth_step(struct ssh_auth *a, struct err *err)
{
    while (a->rung < sizeof(rungs) / sizeof(*rungs)) {
        switch (rungs[a->rung](a)) {
        case AGAIN:
            return SSH_AUTH_GOES_ON;
        case NEXT:
            a->rung++;
            break;
        case ACCEPTED:
            return SSH_AUTH_ACCEPTED;
        case BROKEN:
            say_broken(a, err);
            return SSH_AUTH_REFUSED;
        }
    }
    say_refused(a, err);
    return SSH_AUTH_REFUSED;
}

static bool waits_for_secret(const struct ssh_auth *a)
{
    return a->secret_asked && !a->secret_known;
}

/* Or for a command that asks one, which has a deadline of its own. */
bool ssh_auth_waits_for_person(const struct ssh_auth *a)
{
    return a && (a->waiting || waits_for_secret(a));
}

bool ssh_auth_is_aside(const struct ssh_auth *a)
{
    return a->waiting || (a->agent && !a->agent_known) || waits_for_secret(a);
}
