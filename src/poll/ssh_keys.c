/* Key files and their passphrases. */
#include "config.h"

#include "poll/ssh_keys.h"
#include "base/arena.h"
#include "poll/aside.h"
#include "poll/child.h"
#include "poll/secret.h"
#include "poll/ssh_certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { TRIES = 3, MAX_PASSPHRASE = 1024 };

static const double TYPIST_S = .5; /* to notice that the console leaves */

struct entry {
    struct ssh_key_file file; /* first: an entry is found by its file */
    struct entry *next;
    struct ring *ring;
    struct ssh_key_wait *waiting;
    bool asked;           /* a person, by one of: */
    poll_prompt *prompt;  /* NULL: SSH_ASKPASS */
    void *prompt_arg;
    struct child *askpass;
    char answer[MAX_PASSPHRASE];
    size_t len;
    int tries;
};

struct ring {
    struct loop *loop;
    struct entry *first;
    struct aside *typist; /* waits for who types; a person is asked one thing at a time */
    bool ends;
};

static const char ring_key;

static void *ring_new(struct loop *l)
{
    struct ring *r = xcalloc(1, sizeof(*r));

    r->loop = l;
    return r;
}

static void ring_free(void *kept)
{
    struct ring *r = kept;

    r->ends = true;
    aside_end(r->typist, TYPIST_S);
    while (r->first) {
        struct entry *e = r->first;

        r->first = e->next;
        child_end(e->askpass);
        ssh_key_free(e->file.private_key);
        ssh_key_free(e->file.public_key);
        ssh_key_free(e->file.certificate);
        ssh_key_free(e->file.certified);
        secret_wipe(e->answer, sizeof(e->answer));
        free((char *)(uintptr_t)e->file.path);
        free(e);
    }
    free(r);
}

static struct ring *ring_of(struct loop *l)
{
    return loop_keep(l, &ring_key, ring_new, ring_free);
}

/* ---- reading ---- */

/* libssh asks only when the key is encrypted. */
static int note_encrypted(const char *prompt, char *buf, size_t len, int echo, int verify,
                          void *asked)
{
    (void)prompt, (void)buf, (void)len, (void)echo, (void)verify;
    *(bool *)asked = true;
    return -1;
}

static ssh_key read_certificate(const char *path, ssh_key of)
{
    ssh_key certificate = NULL;

    if (ssh_pki_import_cert_file(path, &certificate) != SSH_OK)
        return NULL;
    if (ssh_certificate_is_for(certificate, of))
        return certificate;
    ssh_key_free(certificate);
    return NULL;
}

static void find_certificate(struct ssh_key_file *key, const struct ssh_list *files)
{
    char path[4096];

    if (key->certificate || !key->public_key)
        return;
    if (snprintf(path, sizeof(path), "%s-cert.pub", key->path) < (int)sizeof(path))
        key->certificate = read_certificate(path, key->public_key);
    for (size_t i = 0; !key->certificate && i < files->count; i++)
        key->certificate = read_certificate(files->items[i], key->public_key);
}

static void certify(struct ssh_key_file *key)
{
    if (!key->certificate || !key->private_key || key->certified)
        return;
    key->certified = ssh_key_dup(key->private_key);
    if (ssh_pki_copy_cert_to_privkey(key->certificate, key->certified) == SSH_OK)
        return;
    ssh_key_free(key->certified);
    key->certified = NULL;
}

static void opened(struct ssh_key_file *key)
{
    key->state = SSH_KEY_OPEN;
    if (!key->public_key)
        ssh_pki_export_privkey_to_pubkey(key->private_key, &key->public_key);
    certify(key);
}

/* The public half lies beside the private one, or in it (OpenSSH's own format). */
static void read_public(struct ssh_key_file *key)
{
    char path[4096];

    if (key->public_key)
        return;
    if (snprintf(path, sizeof(path), "%s.pub", key->path) >= (int)sizeof(path) ||
        ssh_pki_import_pubkey_file(path, &key->public_key) != SSH_OK)
        if (ssh_pki_import_pubkey_file(key->path, &key->public_key) != SSH_OK)
            key->public_key = NULL;
}

static void read_key(struct ssh_key_file *key)
{
    struct stat st;
    bool encrypted = false;

    key->state = SSH_KEY_MISSING;
    if (stat(key->path, &st) != 0) {
        read_public(key); /* its private half may be in the agent */
        return;
    }
    key->state = SSH_KEY_UNUSABLE;
    if (st.st_mode & 077) {
        snprintf(key->why, sizeof(key->why),
                 "mode %04o lets others read it; run: chmod 600",
                 (unsigned)st.st_mode & 07777);
        return;
    }
    if (ssh_pki_import_privkey_file(key->path, NULL, note_encrypted, &encrypted,
                                    &key->private_key) == SSH_OK) {
        opened(key);
        return;
    }
    read_public(key);
    if (encrypted)
        key->state = SSH_KEY_LOCKED;
    else
        snprintf(key->why, sizeof(key->why), "cannot be read as a private key");
}

struct ssh_key_file *ssh_key_find(struct loop *l, const char *path,
                                  const struct ssh_list *certificates)
{
    struct ring *r = ring_of(l);
    struct entry *e = r->first;

    while (e && strcmp(e->file.path, path) != 0)
        e = e->next;
    if (!e) {
        e = xcalloc(1, sizeof(*e));
        *e = (struct entry){ .ring = r, .next = r->first, .file.path = xstrdup(path) };
        r->first = e;
    }
    /* Whoever said no to a passphrase is not asked again, unless by
     * ssh_keys_ask_again(). */
    if (e->file.state <= SSH_KEY_UNUSABLE && e->tries == 0)
        read_key(&e->file);
    find_certificate(&e->file, certificates);
    certify(&e->file);
    return &e->file;
}

void ssh_keys_ask_again(struct loop *l)
{
    for (struct entry *e = ring_of(l)->first; e; e = e->next)
        if (e->file.state == SSH_KEY_UNUSABLE)
            e->tries = 0;
}

/* ---- passphrases ---- */

static void refuse(struct entry *e, const char *why)
{
    e->file.state = SSH_KEY_UNUSABLE;
    e->tries = TRIES;
    snprintf(e->file.why, sizeof(e->file.why), "%s", why);
}

static bool try_passphrase(struct entry *e)
{
    int rc = ssh_pki_import_privkey_file(e->file.path, e->answer, NULL, NULL,
                                         &e->file.private_key);

    secret_wipe(e->answer, sizeof(e->answer));
    e->len = 0;
    e->tries++;
    if (rc != SSH_OK)
        return false;
    opened(&e->file);
    return true;
}

static void question(const struct entry *e, char *to, size_t room)
{
    snprintf(to, room, "%sEnter passphrase for key '%s': ", e->tries ? "Wrong. " : "",
             e->file.path);
}

static void wake_all(struct entry *e)
{
    struct ssh_key_wait *wait;

    while ((wait = e->waiting)) {
        e->waiting = wait->next;
        wait->done(wait->arg);
    }
}

static void ask(struct entry *e);

/* What was given is in e->answer. */
static void answered(struct entry *e, bool given)
{
    if (!given)
        refuse(e, e->prompt ? "no passphrase given" : "SSH_ASKPASS gave no passphrase");
    else if (!try_passphrase(e) && e->tries >= TRIES)
        refuse(e, "wrong passphrase");
    if (e->file.state == SSH_KEY_LOCKED) {
        ask(e);
        return;
    }
    e->asked = false;
    wake_all(e);
}

/* ---- by a prompt: the thread that asks must not be the loop's ---- */

struct typing {
    struct aside_job job; /* first */
    struct entry *entry;  /* the loop's */
    poll_prompt *prompt;
    void *prompt_arg;
    char question[512], answer[MAX_PASSPHRASE];
    bool given;
};

static void type(struct aside_job *job)
{
    struct typing *t = (struct typing *)job;

    t->given = t->prompt(t->prompt_arg, t->question, t->answer, sizeof(t->answer));
}

static void on_typed(struct aside_job *job)
{
    struct typing *t = (struct typing *)job;
    struct entry *e = t->entry;
    bool given = t->given, ends = e->ring->ends;

    memcpy(e->answer, t->answer, sizeof(e->answer));
    secret_wipe(t->answer, sizeof(t->answer));
    free(t);
    if (!ends)
        answered(e, given);
}

static void ask_by_prompt(struct entry *e)
{
    struct typing *t = xcalloc(1, sizeof(*t));

    t->job = (struct aside_job){ .work = type, .done = on_typed };
    t->entry = e;
    t->prompt = e->prompt;
    t->prompt_arg = e->prompt_arg;
    question(e, t->question, sizeof(t->question));
    if (!e->ring->typist)
        e->ring->typist = aside_new(e->ring->loop, 1);
    aside_do(e->ring->typist, &t->job);
}

/* ---- by SSH_ASKPASS ---- */

static void on_answer(void *arg, const char *text, size_t len)
{
    struct entry *e = arg;

    if (e->len + len >= sizeof(e->answer))
        return;
    memcpy(e->answer + e->len, text, len);
    e->len += len;
}

static void on_askpass_ended(void *arg, int status)
{
    struct entry *e = arg;

    child_end(e->askpass);
    e->askpass = NULL;
    e->answer[e->len] = '\0';
    e->answer[strcspn(e->answer, "\r\n")] = '\0';
    answered(e, status == 0);
}

static const struct child_events askpass_events = {
    .output = on_answer,
    .ended = on_askpass_ended,
};

static const char *askpass_program(void)
{
    const char *program = getenv("SSH_ASKPASS"), *require = getenv("SSH_ASKPASS_REQUIRE");

    if (!program || !*program || (require && strcmp(require, "never") == 0))
        return NULL;
    return program;
}

static void ask_by_program(struct entry *e)
{
    char text[512];
    const char *argv[] = { askpass_program(), text, NULL };

    question(e, text, sizeof(text));
    e->askpass = child_start(e->ring->loop, argv, -1, &askpass_events, e, NULL);
    if (e->askpass)
        return;
    e->asked = false;
    refuse(e, "SSH_ASKPASS cannot be run");
    wake_all(e);
}

static void ask(struct entry *e)
{
    e->asked = true;
    if (e->prompt)
        ask_by_prompt(e);
    else
        ask_by_program(e);
}

bool ssh_key_unlock(struct ssh_key_file *key, poll_prompt *prompt, void *prompt_arg,
                    struct ssh_key_wait *wait)
{
    struct entry *e = (struct entry *)key;

    if (key->state != SSH_KEY_LOCKED)
        return false;
    if (!e->asked && !prompt && !askpass_program()) {
        snprintf(key->why, sizeof(key->why),
                 "encrypted; add it to ssh-agent, or set SSH_ASKPASS");
        return false;
    }
    if (!e->asked) {
        e->prompt = prompt;
        e->prompt_arg = prompt_arg;
        ask(e);
    }
    if (!e->asked)
        return false; /* the program could not even be run */
    wait->next = e->waiting;
    e->waiting = wait;
    return true;
}

void ssh_key_forget(struct loop *l, struct ssh_key_wait *wait)
{
    for (struct entry *e = ring_of(l)->first; e; e = e->next)
        for (struct ssh_key_wait **at = &e->waiting; *at; at = &(*at)->next)
            if (*at == wait) {
                *at = wait->next;
                return;
            }
}
