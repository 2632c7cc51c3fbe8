/* Checking host keys, and the words for a key that is not right. libssh's own check knows
 * one user's file only, and neither @revoked nor "several files"; what it lends is the
 * key and its fingerprint. */
#include "config.h"

#include "poll/ssh_hostkey.h"
#include "base/log.h"
#include "poll/known_hosts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_KNOWN_HOSTS = 16 << 20, MAX_PRINT = 96 };

/* What all files together say about one key. */
struct verdict {
    const char *type, *key; /* the host's, as a known_hosts line would have them */
    bool matches, revoked;
    char file[256]; /* of the line that says otherwise: another key, a revocation, an
                       authority */
    unsigned line;
    bool other, authority;
    char print[MAX_PRINT]; /* of that other key */
};

/* ---- reading ---- */

/* NULL: there is none, or it cannot be read, which is the same as not knowing the host.
 */
static char *read_file(const char *path, size_t *len)
{
    FILE *in = fopen(path, "re");
    char *text = NULL;
    size_t room = 0, got;

    *len = 0;
    if (!in)
        return NULL;
    do {
        text = xgrow(text, &room, *len + 65536, 1);
        got = fread(text + *len, 1, 65536, in);
        *len += got;
    } while (got > 0 && *len < MAX_KNOWN_HOSTS);
    fclose(in);
    return text;
}

static void each_known(const struct ssh_config *c, const char *host,
                       void (*each)(void *arg, const char *file,
                                    const struct known_line *line),
                       void *arg)
{
    for (size_t i = 0; i < c->known_hosts.count; i++) {
        struct known_line line;
        unsigned number = 0;
        size_t len;
        char *text = read_file(c->known_hosts.items[i], &len);
        const char *at = text;

        while (text && known_hosts_next(&at, text + len, &number, host, &line))
            each(arg, c->known_hosts.items[i], &line);
        free(text);
    }
}

static void host_name(const struct ssh_config *c, char *to, size_t room)
{
    if (c->host_key_alias)
        known_host_name(to, room, c->host_key_alias, 22);
    else
        known_host_name(to, room, c->hostname, c->port);
}

/* ---- algorithms ---- */

struct wanted {
    struct arena *arena;
    const char *base; /* what may be offered */
    char *list;
};

static bool in_list(const char *list, const char *item, size_t len)
{
    for (const char *at = list; (at = strstr(at, item)); at++)
        if ((at == list || at[-1] == ',') && (at[len] == ',' || !at[len]))
            return true;
    return false;
}

static void want(struct wanted *w, const char *name)
{
    size_t len = strlen(name);

    if (in_list(w->base, name, len) && !in_list(w->list, name, len))
        w->list = arena_printf(w->arena, "%s%s%s", w->list, *w->list ? "," : "", name);
}

static void want_known(void *arg, const char *file, const struct known_line *line)
{
    struct wanted *w = arg;
    char type[64];

    (void)file;
    if (line->marker != KNOWN_KEY || line->type_len >= sizeof(type))
        return;
    snprintf(type, sizeof(type), "%.*s", (int)line->type_len, line->type);
    if (strcmp(type, "ssh-rsa") == 0) { /* one type of key, several ways to sign */
        want(w, "rsa-sha2-512");
        want(w, "rsa-sha2-256");
    } else {
        want(w, type);
    }
}

const char *ssh_hostkey_algorithms(const struct ssh_config *c)
{
    static const char usual[] = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"
                                "ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256";
    const char *base = c->host_key_algorithms ? c->host_key_algorithms : usual;
    struct wanted w = { .arena = c->arena,
                        .base = base,
                        .list = arena_strdup(c->arena, "") };
    char host[300], item[64];
    size_t len;

    host_name(c, host, sizeof(host));
    each_known(c, host, want_known, &w);
    for (const char *at = base; *at; at += len + (at[len] == ',')) {
        len = strcspn(at, ",");
        snprintf(item, sizeof(item), "%.*s", (int)len, at);
        if (!strstr(item, "-cert-")) /* certificates of hosts are not for us */
            want(&w, item);
    }
    return w.list;
}

/* ---- the check ---- */

/* "ED25519 SHA256:…" */
static void fingerprint(ssh_key key, char to[MAX_PRINT])
{
    const char *type = ssh_key_type_to_char(ssh_key_type(key));
    unsigned char *hash = NULL;
    size_t len = 0;
    char *text = NULL;

    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) == 0)
        text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
    if (!type)
        type = "unknown";
    if (strncmp(type, "ssh-", 4) == 0)
        type += 4;
    else if (strncmp(type, "ecdsa", 5) == 0)
        type = "ecdsa";
    snprintf(to, MAX_PRINT, "%s %s", type, text ? text : "?");
    for (char *p = to; *p && *p != ' '; p++)
        *p = (char)toupper((unsigned char)*p);
    ssh_clean_pubkey_hash(&hash);
    ssh_string_free_char(text);
}

static void print_line(const struct known_line *line, char to[MAX_PRINT])
{
    char *type = strndup(line->type, line->type_len),
         *text = strndup(line->key, line->key_len);
    ssh_key key = NULL;

    snprintf(to, MAX_PRINT, "a key that cannot be read");
    if (type && text &&
        ssh_pki_import_pubkey_base64(text, ssh_key_type_from_name(type), &key) == SSH_OK)
        fingerprint(key, to);
    ssh_key_free(key);
    free(type);
    free(text);
}

static void weigh(void *arg, const char *file, const struct known_line *line)
{
    struct verdict *v = arg;
    bool same =
        line->key_len == strlen(v->key) && strncmp(line->key, v->key, line->key_len) == 0;

    if (v->revoked || (line->marker == KNOWN_REVOKED && !same))
        return;
    if (line->marker == KNOWN_KEY && same) {
        v->matches = true;
        return;
    }
    v->revoked = line->marker == KNOWN_REVOKED;
    if (!v->revoked && v->other)
        return;
    v->other |= line->marker == KNOWN_KEY;
    v->authority |= line->marker == KNOWN_AUTHORITY;
    snprintf(v->file, sizeof(v->file), "%s", file);
    v->line = line->number;
    print_line(line, v->print);
}

/* ---- what to do about it ---- */

static int say_unknown(const struct ssh_config *c, const char *print, const char *file,
                       struct err *err)
{
    const char *to =
        c->known_hosts.count ? c->known_hosts.items[0] : "~/.ssh/known_hosts";

    if (!c->proxy_jump && !c->proxy_command && !c->host_key_alias)
        return err_set_code(
            err, ERR_AUTH,
            "host key not known: %s; check it, then run: ssh-keyscan -p %u %s >> %s",
            print, c->port, c->hostname, to);
    return err_set_code(err, ERR_AUTH,
                        "host key not known: %s; check it, then run: ssh -o "
                        "StrictHostKeyChecking=ask%s%s -p %u %s",
                        print, file ? " -F " : "", file ? file : "", c->port, c->alias);
}

/* Ends a last line that was left open, as OpenSSH does, so that ours begins at its start.
 */
static int append(const char *path, const char *line)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    struct stat st;
    char last = '\n';
    int result = -1;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
        errno = EINVAL;
    else if ((st.st_size == 0 || pread(fd, &last, 1, st.st_size - 1) == 1) &&
             (last == '\n' || write(fd, "\n", 1) == 1) &&
             write(fd, line, strlen(line)) == (ssize_t)strlen(line))
        result = 0;
    close(fd);
    return result;
}

static int add(const struct ssh_config *c, const char *host, const struct verdict *v,
               const char *print, struct err *err)
{
    const char *path = c->user_known_hosts ? c->known_hosts.items[0] : NULL;
    char name[300], *line;
    uint8_t salt[20];

    if (!path)
        return err_set_code(
            err, ERR_AUTH,
            "host key not known: %s, and UserKnownHostsFile names no file to keep it in",
            print);
    snprintf(name, sizeof(name), "%s", host);
    if (c->hash_known_hosts) {
        ssh_get_random(salt, sizeof(salt), 0);
        known_host_hash(name, host, salt);
    }
    line = arena_printf(c->arena, "%s %s %s\n", name, v->type, v->key);
    /* A key that cannot be kept would be a new one for ever, and so be trusted blindly.
     */
    if (append(path, line) != 0)
        return err_set_code(
            err, ERR_AUTH, "host key not known: %s, and it cannot be kept in %s: %s",
            print, path, errno == EINVAL ? "not a regular file" : strerror(errno));
    if (c->unknown_host == SSH_UNKNOWN_ADD_WARNING)
        log_line("%s: host key was not known and is trusted from now on, for "
                 "StrictHostKeyChecking "
                 "is no: %s",
                 host, print);
    return 0;
}

static int judge(const struct ssh_config *c, const char *host, const struct verdict *v,
                 const char *print, const char *file, struct err *err)
{
    if (v->revoked)
        return err_set_code(err, ERR_AUTH, "host key is @revoked by %s:%u: %s", v->file,
                            v->line, print);
    if (v->matches)
        return 0;
    if (v->other)
        return err_set_code(
            err, ERR_AUTH,
            "host key CHANGED: expected %s from %s:%u, got %s; if that is right: "
            "ssh-keygen -R '%s' -f %s",
            v->print, v->file, v->line, print, host, v->file);
    if (v->authority)
        return err_set_code(
            err, ERR_AUTH,
            "host key is vouched for by @cert-authority (%s:%u) only, which needs "
            "transport: openssh",
            v->file, v->line);
    if (c->unknown_host == SSH_UNKNOWN_REFUSE)
        return say_unknown(c, print, file, err);
    return add(c, host, v, print, err);
}

int ssh_hostkey_check(const struct ssh_config *c, ssh_session session, const char *file,
                      struct err *err)
{
    struct verdict v = { 0 };
    ssh_key key = NULL;
    char *text = NULL, host[300], print[MAX_PRINT];
    int result;

    if (ssh_get_server_publickey(session, &key) != SSH_OK ||
        ssh_pki_export_pubkey_base64(key, &text) != SSH_OK) {
        ssh_key_free(key);
        return err_set_code(err, ERR_AUTH, "the host showed no key");
    }
    v.type = ssh_key_type_to_char(ssh_key_type(key));
    v.key = text;
    fingerprint(key, print);
    host_name(c, host, sizeof(host));
    each_known(c, host, weigh, &v);
    /* As OpenSSH does: off port 22, a key known for the host without its port will do, if
     * it is the same. */
    if (!v.matches && !v.other && !v.revoked && !c->host_key_alias && c->port != 22) {
        struct verdict plain = { .type = v.type, .key = v.key };
        char bare[300];

        known_host_name(bare, sizeof(bare), c->hostname, 22);
        each_known(c, bare, weigh, &plain);
        if (plain.matches || plain.revoked)
            v = plain;
    }
    result = judge(c, host, &v, print, file, err);
    ssh_key_free(key);
    ssh_string_free_char(text);
    return result;
}
