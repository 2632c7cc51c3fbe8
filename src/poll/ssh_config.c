/* What `ssh -G` prints: one "keyword value" a line, keywords in lower case, every Match
 * and Include resolved, but with the tokens of IdentityFile, CertificateFile and
 * ProxyCommand still in place (OpenSSH 7 to 10). */
#include "config.h"

#include "poll/ssh_config.h"

#include <ctype.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Nobody has more key or known_hosts files, or longer values: what does is not a
 * configuration. */
enum { MAX_FILES = 64, MAX_VALUE = 8192 };

static void list_add(struct arena *a, struct ssh_list *list, const char *item)
{
    const char **items;

    if (list->count >= MAX_FILES)
        return;
    items = arena_alloc(a, (list->count + 1) * sizeof(*items));
    if (list->count)
        memcpy(items, list->items, list->count * sizeof(*items));
    items[list->count++] = item;
    list->items = items;
}

/* ---- names ---- */

int ssh_name_check(const char *what, const char *name, struct err *err)
{
    char shown[32];
    size_t i;

    for (i = 0; name[i] && i < sizeof(shown) - 1; i++)
        shown[i] = isprint((unsigned char)name[i]) ? name[i] : '?';
    shown[i] = '\0';
    if (!*name)
        return err_set(err, "the %s name is empty", what);
    if (*name == '-')
        return err_set(err, "%s \"%s\": a name cannot begin with \"-\"", what, shown);
    for (i = 0; name[i]; i++)
        if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f ||
            strchr("'`\"$\\;&<>|(){},!*?", name[i]))
            return err_set(err, "%s \"%s\": \"%c\" cannot be part of a name", what, shown,
                           isprint((unsigned char)name[i]) ? name[i] : '?');
    if (i > 255)
        return err_set(err, "%s \"%s…\": longer than 255 bytes", what, shown);
    return 0;
}

static int parse_port(const char *text, size_t len, unsigned *port)
{
    unsigned value = 0;

    if (len == 0 || len > 5)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -1;
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    if (value < 1 || value > 65535)
        return -1;
    *port = value;
    return 0;
}

static const char *last_of(const char *text, size_t len, char wanted)
{
    while (len > 0)
        if (text[--len] == wanted)
            return text + len;
    return NULL;
}

int ssh_hop_parse(struct arena *a, const char *text, size_t len, struct ssh_question *q,
                  struct err *err)
{
    const char *whole = text, *end = text + len, *at, *colon = NULL;
    const char *close_bracket = NULL;

    if (len > 6 && strncmp(text, "ssh://", 6) == 0)
        text += 6;
    while (end > text && end[-1] == '/')
        end--;
    at = last_of(text, (size_t)(end - text), '@');
    q->user = at ? arena_strndup(a, text, (size_t)(at - text)) : NULL;
    text = at ? at + 1 : text;
    q->port = 0;
    if (text < end && *text == '[')
        close_bracket = memchr(text, ']', (size_t)(end - text));
    if (close_bracket) {
        q->host = arena_strndup(a, text + 1, (size_t)(close_bracket - text - 1));
        if (close_bracket + 1 < end)
            colon = close_bracket + 1;
    } else {
        colon = last_of(text, (size_t)(end - text), ':');
        q->host = arena_strndup(a, text, (size_t)((colon ? colon : end) - text));
    }
    if (colon && (*colon != ':' ||
                  parse_port(colon + 1, (size_t)(end - colon - 1), &q->port) != 0))
        return err_set(err, "jump host \"%.*s\": expected a port of 1 to 65535",
                       (int)(len > 40 ? 40 : len), whole);
    if (ssh_name_check("jump host", q->host, err) != 0)
        return -1;
    return q->user ? ssh_name_check("user", q->user, err) : 0;
}

/* ---- tokens ---- */

static const char *home_of(void)
{
    const char *home = getenv("HOME");
    const struct passwd *me;

    if (home && *home == '/')
        return home;
    me = getpwuid(getuid());
    return me ? me->pw_dir : "/";
}

static const char *own_name(void)
{
    const struct passwd *me = getpwuid(getuid());

    return me ? me->pw_name : "";
}

/* NULL: ssh_config(5) may know the token, we do not. */
static const char *token(const struct ssh_config *c, char name, char room[256])
{
    const struct {
        char name;
        const char *put;
    } tokens[] = {
        { '%', "%" },       { 'h', c->hostname },
        { 'n', c->alias },  { 'k', c->host_key_alias ? c->host_key_alias : c->alias },
        { 'r', c->user },   { 'u', own_name() },
        { 'd', home_of() },
    };

    for (size_t i = 0; i < sizeof(tokens) / sizeof(*tokens); i++)
        if (tokens[i].name == name)
            return tokens[i].put;
    if (name == 'p' || name == 'i') {
        snprintf(room, 256, "%u", name == 'p' ? c->port : (unsigned)getuid());
        return room;
    }
    if ((name != 'l' && name != 'L') || gethostname(room, 256) != 0)
        return NULL;
    room[255] = '\0';
    if (name == 'L')
        room[strcspn(room, ".")] = '\0';
    return room;
}

/* Puts tokens, and for a file ~/ and ${NAME}, into place. NULL: something in it is not
 * known. */
static const char *expand(const struct ssh_config *c, const char *text, bool file)
{
    char room[256], name[64];
    const char *put;
    char *done = arena_strdup(c->arena, "");
    size_t len;

    if (file && text[0] == '~' && (text[1] == '/' || !text[1])) {
        done = arena_strdup(c->arena, home_of());
        text++;
    }
    while (*text) {
        len = strcspn(text, file ? "%$" : "%");
        done = arena_printf(c->arena, "%s%.*s", done, (int)len, text);
        text += len;
        if (!*text)
            break;
        put = "$";
        len = 1;
        if (*text == '%') {
            put = token(c, text[1], room);
            len = 2;
        } else if (text[1] == '{' && (len = strcspn(text, "}")) < sizeof(name) &&
                   text[len]) {
            snprintf(name, sizeof(name), "%.*s", (int)len - 2, text + 2);
            put = getenv(name);
            len++;
        } else {
            len = 1;
        }
        if (!put)
            return NULL;
        done = arena_printf(c->arena, "%s%s", done, put);
        text += len;
    }
    return done;
}

/* ---- ssh -G ---- */

/* Several files stand in one line, without quotes: a new one begins where a space is
 * followed by / or ~. */
static void add_files(struct ssh_config *c, const char *text)
{
    const char *end, *path;

    while (*text) {
        for (end = text; *end && !(*end == ' ' && (end[1] == '/' || end[1] == '~'));
             end++)
            ;
        path = expand(c, arena_strndup(c->arena, text, (size_t)(end - text)), true);
        if (path)
            list_add(c->arena, &c->known_hosts, path);
        text = *end ? end + 1 : end;
    }
}

static bool is_yes(const char *value)
{
    return strcmp(value, "yes") == 0 || strcmp(value, "true") == 0;
}

static enum ssh_unknown_host parse_strict(const char *value)
{
    if (strcmp(value, "accept-new") == 0)
        return SSH_UNKNOWN_ADD;
    if (strcmp(value, "no") == 0 || strcmp(value, "false") == 0 ||
        strcmp(value, "off") == 0)
        return SSH_UNKNOWN_ADD_WARNING;
    return SSH_UNKNOWN_REFUSE;
}

/* What needs the host's name and port, which may come later in the text, is kept raw
 * first. */
struct raw {
    struct ssh_list identities, certificates;
    const char *user_hosts, *global_hosts, *proxy_command, *agent;
};

static void take_line(struct ssh_config *c, struct raw *raw, const char *key,
                      const char *value)
{
    /* clang-format off */
    const struct { const char *key; const char **to; } texts[] = {
        { "hostname", &c->hostname }, { "user", &c->user },
        { "hostkeyalias", &c->host_key_alias }, { "proxyjump", &c->proxy_jump },
        { "proxycommand", &raw->proxy_command }, { "identityagent", &raw->agent },
        { "userknownhostsfile", &raw->user_hosts }, { "globalknownhostsfile", &raw->global_hosts },
        { "ciphers", &c->ciphers }, { "kexalgorithms", &c->kex }, { "macs", &c->macs },
        { "hostkeyalgorithms", &c->host_key_algorithms },
    };
    /* clang-format on */

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        if (strcmp(key, texts[i].key) == 0)
            *texts[i].to = value;
    if (strcmp(key, "port") == 0)
        parse_port(value, strlen(value), &c->port);
    else if (strcmp(key, "identityfile") == 0)
        list_add(c->arena, &raw->identities, value);
    else if (strcmp(key, "certificatefile") == 0)
        list_add(c->arena, &raw->certificates, value);
    else if (strcmp(key, "identitiesonly") == 0)
        c->identities_only = is_yes(value);
    else if (strcmp(key, "hashknownhosts") == 0)
        c->hash_known_hosts = is_yes(value);
    else if (strcmp(key, "pubkeyauthentication") == 0)
        c->accepts_public_key = strcmp(value, "no") != 0 && strcmp(value, "false") != 0;
    else if (strcmp(key, "stricthostkeychecking") == 0)
        c->unknown_host = parse_strict(value);
    else if (strcmp(key, "connecttimeout") == 0)
        c->connect_timeout_s = strtod(value, NULL);
    else if (strcmp(key, "serveraliveinterval") == 0)
        c->alive_interval_s = strtod(value, NULL);
    else if (strcmp(key, "revokedhostkeys") == 0 && strcmp(value, "none") != 0)
        c->unsupported = "RevokedHostKeys";
}

static const char *unless_none(const char *value)
{
    return value && *value && strcasecmp(value, "none") != 0 ? value : NULL;
}

/* The socket of the agent: IdentityAgent, which may name a variable, or SSH_AUTH_SOCK. */
static void settle_agent(struct ssh_config *c, const char *raw)
{
    if (raw && strcasecmp(raw, "none") == 0) {
        c->agent_refused = true;
        return;
    }
    if (!raw || strcmp(raw, "SSH_AUTH_SOCK") == 0)
        raw = getenv("SSH_AUTH_SOCK");
    else if (*raw == '$' && raw[1] != '{')
        raw = getenv(raw + 1);
    else
        raw = expand(c, raw, true);
    c->identity_agent = raw && *raw ? arena_strdup(c->arena, raw) : NULL;
}

/* `ssh -G` lists the default files where none is configured, and they cannot be told from
 * configured ones otherwise. */
static bool is_default_identity(const char *path)
{
    return strncmp(path, "~/.ssh/id_", 10) == 0;
}

static void settle_files(struct ssh_config *c, const struct raw *raw)
{
    const char *path;

    c->default_identities = true;
    for (size_t i = 0; i < raw->identities.count; i++) {
        path = unless_none(raw->identities.items[i]);
        if (!path)
            continue;
        c->default_identities &= is_default_identity(path);
        if ((path = expand(c, path, true)))
            list_add(c->arena, &c->identities, path);
    }
    for (size_t i = 0; i < raw->certificates.count; i++) {
        path = unless_none(raw->certificates.items[i]);
        if (path && (path = expand(c, path, true)))
            list_add(c->arena, &c->certificates, path);
    }
    if (unless_none(raw->user_hosts))
        add_files(c, raw->user_hosts);
    c->user_known_hosts = c->known_hosts.count;
    if (unless_none(raw->global_hosts))
        add_files(c, raw->global_hosts);
}

static int settle(struct ssh_config *c, const struct raw *raw, struct err *err)
{
    if (!c->hostname)
        return err_set(err, "%s: ssh -G said no host name", c->alias);
    if (!c->user)
        c->user = arena_strdup(c->arena, own_name());
    if (ssh_name_check("host", c->hostname, err) != 0 ||
        ssh_name_check("user", c->user, err) != 0)
        return -1;
    c->host_key_alias = unless_none(c->host_key_alias);
    if (c->host_key_alias &&
        ssh_name_check("host key alias", c->host_key_alias, err) != 0)
        return -1;
    c->proxy_jump = unless_none(c->proxy_jump);
    if (unless_none(raw->proxy_command) &&
        !(c->proxy_command = expand(c, raw->proxy_command, false)))
        return err_set(
            err,
            "%s: a token of its ProxyCommand is not known here; use transport: openssh",
            c->alias);
    settle_agent(c, raw->agent);
    settle_files(c, raw);
    return 0;
}

static struct ssh_config *config_new(const struct ssh_question *q)
{
    struct arena *a = arena_new();
    struct ssh_config *c = arena_alloc(a, sizeof(*c));

    c->arena = a;
    c->alias = arena_strdup(a, q->host);
    c->port = q->port ? q->port : 22;
    c->user = q->user ? arena_strdup(a, q->user) : NULL;
    c->accepts_public_key = true;
    return c;
}

struct ssh_config *ssh_config_parse(const struct ssh_question *q, const char *text,
                                    size_t len, struct err *err)
{
    struct ssh_config *c = config_new(q);
    const char *end = text + len, *eol, *space;
    struct raw raw = { 0 };

    for (; text < end; text = eol + 1) {
        eol = memchr(text, '\n', (size_t)(end - text));
        if (!eol)
            break; /* cut off: half a value is no value */
        space = memchr(text, ' ', (size_t)(eol - text));
        if (!space || eol - space > MAX_VALUE || memchr(text, '\0', (size_t)(eol - text)))
            continue;
        take_line(c, &raw, arena_strndup(c->arena, text, (size_t)(space - text)),
                  arena_strndup(c->arena, space + 1, (size_t)(eol - space - 1)));
    }
    if (settle(c, &raw, err) == 0)
        return c;
    ssh_config_free(c);
    return NULL;
}

void ssh_config_free(struct ssh_config *c)
{
    if (c)
        arena_free(c->arena);
}

void ssh_config_add_identity(struct ssh_config *c, const char *path)
{
    struct ssh_list all = { 0 };

    list_add(c->arena, &all, arena_strdup(c->arena, path));
    for (size_t i = 0; i < c->identities.count; i++)
        list_add(c->arena, &all, c->identities.items[i]);
    c->identities = all;
}
