/* The targets as declared: what to poll, how to get there, and where its secrets are to
 * be had. */
#include "settings_yaml.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_OPTIONS = 32, MAX_HEADERS = 16 };

struct names {
    struct arena *arena;
    const char **all;
    size_t count, room;
};

/* A declaration, before its ranges are unrolled. */
struct entry {
    struct target_config common;
    const char *url, *name, *node;
    const yaml_node_t *url_at, *name_at, *node_at;
    struct target_option options[MAX_OPTIONS + 1];
    const char *option_places[MAX_OPTIONS];
    size_t option_count;
    const char *headers[MAX_HEADERS + 1];
    size_t header_count;
};

static int keep_path(struct reading *r, const yaml_node_t *value, const char **to)
{
    if (reading_text(r, value, "a file's path", to) != 0)
        return -1;
    *to = settings_path(r->settings->arena, *to);
    return 0;
}

/* A key that only keeps a text or a path of the target. */
#define KEEP_TEXT(function, member, what)                                                \
    static int function(struct reading *r, const yaml_node_t *value, void *arg)          \
    {                                                                                    \
        return reading_text(r, value, what, &((struct entry *)arg)->member);             \
    }
#define KEEP_PATH(function, member)                                                      \
    static int function(struct reading *r, const yaml_node_t *value, void *arg)          \
    {                                                                                    \
        return keep_path(r, value, &((struct entry *)arg)->member);                      \
    }

KEEP_TEXT(read_source, common.source, "the name of a source")
KEEP_TEXT(read_user, common.user, "a user's name")
KEEP_PATH(read_ca, common.ca)
KEEP_PATH(read_cert, common.cert)
KEEP_PATH(read_key, common.key)
KEEP_PATH(read_identity, common.identity)
KEEP_PATH(read_ssh_config, common.ssh_config)
KEEP_PATH(read_kubeconfig, common.kubeconfig)

static int read_url(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;

    e->url_at = value;
    return reading_text(r, value, "a URL such as ssh://n[001-064]", &e->url);
}

static int read_name(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;

    e->name_at = value;
    return reading_text(r, value, "a name", &e->name);
}

static int read_node(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;

    e->node_at = value;
    return reading_text(r, value, "a node's name", &e->node);
}

static int read_node_suffix(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;

    if (reading_text(r, value, "how its nodes' names end", &e->common.node_suffix) != 0)
        return -1;
    if (e->common.node_suffix[0] == '.' && e->common.node_suffix[1])
        return 0;
    return reading_fail(r, value, "expected how its nodes' names end, such as .dc1.example, got \"%.40s\"", e->common.node_suffix);
}

static int read_interval(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;

    e->common.interval_origin = reading_place(r, value);
    return reading_number(r, value, UNIT_S, .1, 86400, &e->common.interval_s);
}

static int read_timeout(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_S, .1, 3600,
                          &((struct entry *)arg)->common.timeout_s);
}

static int read_max_bytes(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_BYTES, 1024, 4e9,
                          &((struct entry *)arg)->common.max_bytes);
}

static int read_transport(struct reading *r, const yaml_node_t *value, void *arg)
{
    static const char *const words[] = {
        "auto", "local", "ssh", "openssh", "http", NULL
    };
    struct entry *e = arg;
    const char *text = reading_scalar(r, value, "a transport");

    if (!text)
        return -1;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) != 0)
            continue;
        e->common.transport = (enum transport)i;
        return 0;
    }
    return reading_fail(r, value, "unknown transport \"%.20s\"; known: auto, local, ssh, "
                                  "openssh, http", text);
}

/* ---- secrets ---- */

static int keep_secret(struct reading *r, const yaml_node_t *value, struct secret *secret,
                       enum secret_from from)
{
    if (secret->from != SECRET_NONE)
        return reading_fail(r, value, "a secret comes from one place only");
    secret->from = from;
    return from == SECRET_FILE
               ? keep_path(r, value, &secret->where)
               : reading_text(r, value, "where the secret is", &secret->where);
}

static int read_secret_file(struct reading *r, const yaml_node_t *value, void *arg)
{
    return keep_secret(r, value, arg, SECRET_FILE);
}

static int read_secret_environment(struct reading *r, const yaml_node_t *value, void *arg)
{
    return keep_secret(r, value, arg, SECRET_ENVIRONMENT);
}

static int read_secret_command(struct reading *r, const yaml_node_t *value, void *arg)
{
    return keep_secret(r, value, arg, SECRET_COMMAND);
}

static const struct key secret_keys[] = {
    { "file", read_secret_file },
    { "environment", read_secret_environment },
    { "command", read_secret_command },
    { 0 },
};

static int read_secret(struct reading *r, const yaml_node_t *value, struct secret *secret)
{
    if (value->type == YAML_SCALAR_NODE)
        return reading_fail(r, value, "a secret must not stand in the configuration; say "
                                      "where it is: {file: PATH}, {environment: NAME} or "
                                      "{command: LINE}");
    return reading_keys(r, value, "a secret", secret_keys, secret);
}

static int read_password(struct reading *r, const yaml_node_t *value, void *arg)
{
    return read_secret(r, value, &((struct entry *)arg)->common.password);
}

static int read_token(struct reading *r, const yaml_node_t *value, void *arg)
{
    return read_secret(r, value, &((struct entry *)arg)->common.token);
}

/* A name that stands in a header or in a query: nothing in it ends either. */
static int keep_plain_name(struct reading *r, const yaml_node_t *value, const char **to)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    if (reading_text(r, value, "a name", to) < 0)
        return -1;
    return (*to)[strspn(*to, plain)] || !**to
               ? reading_fail(r, value, "a name has letters, digits, - _ and . only")
               : 0;
}

static int keep_way_of_token(struct reading *r, const yaml_node_t *value, const char **to,
                             const char *other)
{
    if (other)
        return reading_fail(
            r, value, "a token travels one way: token_header or token_query, not both");
    return keep_plain_name(r, value, to);
}

static int read_token_header(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;

    return keep_way_of_token(r, value, &e->common.token_header, e->common.token_query);
}

static int read_token_query(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;

    return keep_way_of_token(r, value, &e->common.token_query, e->common.token_header);
}

/* ---- headers ---- */

/* What these say is a secret, or is libcurl's own to say. */
static bool is_reserved_header(const char *name)
{
    static const char *const reserved[] = {
        "authorization", "proxy-authorization", "cookie", "host", "content-length",
        "transfer-encoding", "connection", "accept", "accept-encoding", NULL
    };

    for (size_t i = 0; reserved[i]; i++)
        if (strcasecmp(name, reserved[i]) == 0)
            return true;
    return false;
}

/* RFC 9110, 5.6.2: a token. */
static bool is_header_name(const char *name)
{
    size_t len = strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    return len > 0 && name[len] == '\0';
}

static bool is_header_value(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            return false;
    return true;
}

static int read_header(struct reading *r, const yaml_node_t *name,
                       const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;
    const char *key = (const char *)name->data.scalar.value;
    const char *text = reading_scalar(r, value, "a header's value");

    if (!text)
        return -1;
    if (!is_header_name(key))
        return reading_fail(r, name, "\"%.40s\" cannot be the name of a header", key);
    if (is_reserved_header(key))
        return reading_fail(
            r, name,
            "%s is not for headers:; a password or token goes into password: "
            "or token:",
            key);
    if (!is_header_value(text))
        return reading_fail(r, value,
                            "a header's value is one line without control characters");
    if (e->header_count == MAX_HEADERS)
        return reading_fail(r, name, "more than %d headers", MAX_HEADERS);
    e->headers[e->header_count++] = arena_printf(r->settings->arena, "%s: %s", key, text);
    return 0;
}

static int read_headers(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_names(r, value, "headers", read_header, arg);
}

/* ---- options of the source ---- */

static int read_option(struct reading *r, const yaml_node_t *name,
                       const yaml_node_t *value, void *arg)
{
    struct entry *e = arg;
    struct target_option *option = &e->options[e->option_count];
    const char *text = reading_scalar(r, value, "a value");

    if (!text)
        return -1;
    if (e->option_count == MAX_OPTIONS)
        return reading_fail(r, name, "more than %d options", MAX_OPTIONS);
    option->name = arena_strdup(r->settings->arena,
                                (const char *)name->data.scalar.value);
    option->value = arena_strdup(r->settings->arena, text);
    e->option_places[e->option_count++] = reading_place(r, value);
    return 0;
}

static int read_options(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_names(r, value, "options", read_option, arg);
}

static const struct key target_keys[] = {
    { "url", read_url },
    { "source", read_source },
    { "name", read_name },
    { "node", read_node },
    { "node_suffix", read_node_suffix },
    { "transport", read_transport },
    { "interval", read_interval },
    { "timeout", read_timeout },
    { "user", read_user },
    { "password", read_password },
    { "token", read_token },
    { "token_header", read_token_header },
    { "token_query", read_token_query },
    { "ca", read_ca },
    { "cert", read_cert },
    { "key", read_key },
    { "identity", read_identity },
    { "ssh_config", read_ssh_config },
    { "kubeconfig", read_kubeconfig },
    { "max_bytes", read_max_bytes },
    { "headers", read_headers },
    { "options", read_options },
    { 0 },
};

/* ---- unrolling ---- */

static void add_name(void *arg, const char *name)
{
    struct names *names = arg;

    names->all = xgrow(names->all, &names->room, names->count + 1, sizeof(*names->all));
    names->all[names->count++] = arena_strdup(names->arena, name);
}

/* An IPv6 address has brackets, too, but no range has a colon. */
static bool has_address_in_brackets(const char *url)
{
    const char *open = strchr(url, '['), *close = open ? strchr(open, ']') : NULL;

    return close && memchr(open, ':', (size_t)(close - open));
}

static int expand(struct names *names, const char *pattern, char why[128])
{
    if (has_address_in_brackets(pattern)) {
        add_name(names, pattern);
        return 0;
    }
    return text_expand(pattern, add_name, names, why) < 0 ? -1 : 0;
}

/* What a target is called that was given no name: its host, or the file. */
static const char *name_of_url(struct arena *arena, const char *url)
{
    const char *start = strstr(url, "://"), *at, *end;
    char host[256];
    size_t len;

    if (strcmp(url, "local:") == 0 && gethostname(host, sizeof(host)) == 0) {
        host[sizeof(host) - 1] = '\0';
        /* this machine is a node like any other */
        return arena_strdup(arena, host);
    }
    if (!start) {
        start = strrchr(url, '/');
        return arena_strdup(arena, start ? start + 1 : url);
    }
    start += 3;
    if (strncmp(url, "kube:", 5) == 0)
        return arena_strdup(arena, *start ? start : "kube");    /* the context */
    end = start + strcspn(start, "/?#");
    at = memchr(start, '@', (size_t)(end - start));
    start = at ? at + 1 : start;
    len = (size_t)(end - start);
    return len ? arena_strndup(arena, start, len) : arena_strdup(arena, url);
}

static bool is_name_taken(const struct settings *s, const char *name)
{
    for (size_t i = 0; i < s->target_count; i++)
        if (strcmp(s->targets[i].name, name) == 0)
            return true;
    return false;
}

void settings_keep_target(struct settings *s, const struct target_config *target)
{
    size_t room = 3 * strlen(target->name) + 1; /* a bad byte becomes three */
    char *name = arena_alloc(s->arena, room);

    text_clean(name, room, target->name, strlen(target->name));
    s->targets = xgrow(s->targets, &s->target_room, s->target_count + 1,
                       sizeof(*s->targets));
    s->targets[s->target_count] = *target;
    s->targets[s->target_count++].name = name; /* as it will be in the model */
}

static const struct target_option *keep_options(struct settings *s, const struct entry *e)
{
    struct target_option *kept =
        arena_alloc(s->arena, (e->option_count + 1) * sizeof(*kept));

    memcpy(kept, e->options, e->option_count * sizeof(*kept));
    return kept;
}

static const char *const *keep_places(struct settings *s, const struct entry *e)
{
    size_t size = e->option_count * sizeof(*e->option_places);

    return size ? memcpy(arena_alloc(s->arena, size), e->option_places, size) : NULL;
}

static const char *const *keep_headers(struct settings *s, const struct entry *e)
{
    size_t size = (e->header_count + 1) * sizeof(*e->headers);

    return e->header_count ? memcpy(arena_alloc(s->arena, size), e->headers, size) : NULL;
}

static int expand_at(struct reading *r, const yaml_node_t *at, const char *pattern,
                     size_t wanted, struct names *names)
{
    char why[128];

    names->arena = r->settings->arena;
    if (!pattern)
        return 0;
    if (expand(names, pattern, why) != 0)
        return reading_fail(r, at, "%s", why);
    if (wanted && names->count != wanted)
        return reading_fail(r, at, "%zu names for %zu targets", names->count, wanted);
    return 0;
}

/* A password before the host. A context of kube: is one name, whatever it is made of. */
static bool has_secret(const char *url)
{
    const char *start = strstr(url, "://"), *end, *at;

    if (!start || strncmp(url, "kube:", 5) == 0)
        return false;
    start += 3;
    end = start + strcspn(start, "/?#");
    at = memchr(start, '@', (size_t)(end - start));
    return at && memchr(start, ':', (size_t)(at - start));
}

static int unroll(struct reading *r, const yaml_node_t *at, const struct entry *e,
                  struct names *urls, struct names *names, struct names *nodes)
{
    struct settings *s = r->settings;
    struct target_config target = e->common;

    if (!e->url)
        return reading_fail(r, at, "a target needs url:, such as ssh://n14, "
                                   "http://n14:9400/metrics or local:");
    if (has_secret(e->url))
        return reading_fail(r, e->url_at,
                            "a password does not belong into a URL; give user: and "
                            "password: {file: PATH}");
    if (expand_at(r, e->url_at, e->url, 0, urls) != 0 ||
        expand_at(r, e->name_at, e->name, urls->count, names) != 0 ||
        expand_at(r, e->node_at, e->node, urls->count, nodes) != 0)
        return -1;
    target.options = keep_options(s, e);
    target.option_places = keep_places(s, e);
    target.headers = keep_headers(s, e);
    target.origin = reading_place(r, at);
    for (size_t i = 0; i < urls->count; i++) {
        target.url = urls->all[i];
        target.node = nodes->count ? nodes->all[i] : NULL;
        target.name = names->count ? names->all[i] : name_of_url(s->arena, urls->all[i]);
        if (s->target_count < 20000 && is_name_taken(s, target.name))
            return reading_fail(r, at, "there is a target \"%.60s\" already; give this one "
                                       "a name:", target.name);
        settings_keep_target(s, &target);
    }
    return 0;
}

static int read_target(struct reading *r, const yaml_node_t *at)
{
    struct entry e = { 0 };
    struct names urls = { 0 }, names = { 0 }, nodes = { 0 };
    int result = -1;

    if (at->type == YAML_SCALAR_NODE)
        return reading_fail(r, at,
                            "expected a target as a mapping of keys, such as \"- url: "
                            "ssh://n[001-064]\", got a value");
    if (reading_keys(r, at, "a target", target_keys, &e) == 0)
        result = unroll(r, at, &e, &urls, &names, &nodes);
    free(urls.all);
    free(names.all);
    free(nodes.all);
    return result;
}

int read_targets(struct reading *r, const yaml_node_t *value, void *arg)
{
    (void)arg;
    if (value->type != YAML_SEQUENCE_NODE)
        return reading_fail(r, value, "expected targets as a list of \"- url: …\"");
    return reading_list(r, value, read_target);
}

/* ---- from the command line ---- */

/* "n14:9400", which is no scheme and what it reads. */
static bool is_host_and_port(const char *url)
{
    size_t host = strcspn(url, ":"),
           digits = url[host] ? strspn(url + host + 1, "0123456789") : 0;

    return host > 0 && digits > 0 && !url[host + 1 + digits];
}

static int refuse_target(const char *url, struct err *err)
{
    bool has_port = is_host_and_port(url),
         is_host = has_port ||
                   !url[strspn(url, "abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@[],")];
    char meant[200] = "";

    if (is_host && *url)
        snprintf(meant, sizeof(meant), "did you mean %s%.60s%s? ",
                 has_port ? "http://" : "ssh://", url, has_port ? "/metrics" : "");
    return err_set_code(err, ERR_USAGE, "\"%.60s\" is no target; %sexpected ssh://host, http://host:9400/metrics, "
                        "prom+http://host:9090, slurm+ssh://host, kube://context, local: or a .csv file", url, meant);
}

int settings_add_target(struct settings *s, const char *url, struct err *err)
{
    static const struct target_option none[] = { { 0 } };
    struct target_config target = { .options = none, .origin = "command line" };
    struct names urls = { .arena = s->arena };
    char why[128];
    size_t len = strlen(url);
    bool is_csv = len > 4 && strcmp(url + len - 4, ".csv") == 0 && !strstr(url, "://");
    bool is_url = strchr(url, ':') && strchr(url, ':') != url;

    if ((!is_csv && !is_url) || is_host_and_port(url))
        return refuse_target(url, err);
    if (is_csv && access(url, R_OK) != 0)
        return err_set_code(err, ERR_USAGE, "%.200s: cannot be read: %s", url,
                            strerror(errno));
    if (has_secret(url))
        return err_set_code(err, ERR_USAGE,
                            "a password must not stand on a command line; give it in the "
                            "configuration as password: {file: PATH}");
    if (is_csv)
        add_name(&urls, url);
    else if (expand(&urls, url, why) != 0)
        return err_set_code(err, ERR_USAGE, "%.60s: %s", url, why);
    for (size_t i = 0; i < urls.count; i++) {
        target.url = urls.all[i];
        target.name = name_of_url(s->arena, urls.all[i]);
        if (is_name_taken(s, target.name))
            target.name = urls.all[i];
        if (!is_name_taken(s, target.name))
            settings_keep_target(s, &target);
    }
    free(urls.all);
    return 0;
}
