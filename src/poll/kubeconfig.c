/* Reading kubeconfigs. Several files are kept as documents side by side; what is looked
 * for is taken from the first that has it. */
#include "poll/kubeconfig.h"
#include "base/base64.h"
#include "base/text.h"
#include "base/yaml_text.h"
#include "poll/url.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 16, MOST_BYTES = 1 << 20, MOST_WORDS = 256 };

#define ACCOUNT "/var/run/secrets/kubernetes.io/serviceaccount"

struct file {
    yaml_document_t document;
    const char *path;
    mode_t mode;                /* 0: unknown */
};

struct files {
    struct file all[MOST_FILES];
    size_t count;
    struct kube_access *access;
    struct err *err;
};

/* A named entry: the mapping, and the file that paths in it are relative to. */
struct entry {
    struct file *file;
    yaml_node_t *node;
};

/* ---- text and files ---- */

static char *read_file(struct arena *arena, const char *path, size_t *len, mode_t *mode,
                       struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    char *text;
    ssize_t n = 0;

    if (fd < 0 || fstat(fd, &st) < 0) {
        err_set_code(err, ERR_AUTH, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > MOST_BYTES) {
        err_set_code(err, ERR_AUTH,
                     S_ISREG(st.st_mode) ? "%s: larger than 1 MiB" : "%s: is not a file",
                     path);
        close(fd);
        return NULL;
    }
    text = arena_alloc(arena, MOST_BYTES + 1);
    for (*len = 0;
         *len < MOST_BYTES && (n = read(fd, text + *len, MOST_BYTES - *len)) > 0;)
        *len += (size_t)n;
    close(fd);
    if (n < 0) {
        err_set_code(err, ERR_AUTH, "%s: %s", path, strerror(errno));
        return NULL;
    }
    *mode = st.st_mode;
    return text;
}

char *kubeconfig_file(struct arena *arena, const char *path, size_t *len, struct err *err)
{
    mode_t mode;
    char *text = read_file(arena, path, len, &mode, err);

    if (!text)
        return NULL;
    while (*len && isspace((unsigned char)text[*len - 1]))
        (*len)--;
    text[*len] = '\0';
    if (!*len || memchr(text, '\0', *len)) {
        err_set_code(err, ERR_AUTH, *len ? "%s: has zero bytes" : "%s: is empty", path);
        return NULL;
    }
    return text;
}

/* ---- documents ---- */

static yaml_node_t *node_at(struct file *f, int index)
{
    return yaml_document_get_node(&f->document, index);
}

static bool is_text(const yaml_node_t *n, const char *text)
{
    return n && n->type == YAML_SCALAR_NODE && strlen(text) == n->data.scalar.length &&
           memcmp(n->data.scalar.value, text, n->data.scalar.length) == 0;
}

static yaml_node_t *member(struct file *f, const yaml_node_t *mapping, const char *key)
{
    if (!mapping || mapping->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start;
         p < mapping->data.mapping.pairs.top; p++)
        if (is_text(node_at(f, p->key), key))
            return node_at(f, p->value);
    return NULL;
}

static int complain(struct files *fs, const struct file *f, const yaml_node_t *at,
                    const char *what)
{
    return err_set_code(fs->err, ERR_AUTH, "%s:%zu: %s", f->path,
                        at ? at->start_mark.line + 1 : 1, what);
}

/* A null, written "null", "~" or not at all, says nothing. */
static bool is_null(const yaml_node_t *n)
{
    return !n || (n->type == YAML_SCALAR_NODE &&
                  n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                  (is_text(n, "") || is_text(n, "null") || is_text(n, "~")));
}

/* The text of a key, in the arena; NULL where there is none or it is empty. */
static int take_text(struct files *fs, struct entry e, const char *key, const char **to)
{
    const yaml_node_t *n = member(e.file, e.node, key);
    const char *value;
    char what[80];

    *to = NULL;
    if (is_null(n))
        return 0;
    snprintf(what, sizeof(what), "expected a text for %s", key);
    if (n->type != YAML_SCALAR_NODE)
        return complain(fs, e.file, n, what);
    value = (const char *)n->data.scalar.value;
    if (strlen(value) != n->data.scalar.length)
        return complain(fs, e.file, n, what);
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' && !isspace((unsigned char)*c))
            return complain(fs, e.file, n, what);
    *to = *value ? arena_strdup(fs->access->arena, value) : NULL;
    return 0;
}

static int take_bool(struct files *fs, struct entry e, const char *key, bool *to)
{
    const yaml_node_t *n = member(e.file, e.node, key);
    char what[80];

    *to = is_text(n, "true");
    if (*to || is_null(n) || is_text(n, "false"))
        return 0;
    snprintf(what, sizeof(what), "expected true or false for %s", key);
    return complain(fs, e.file, n, what);
}

/* Relative to the folder of the file it stands in. */
static const char *whole_path(struct files *fs, const struct file *f, const char *path)
{
    const char *slash = strrchr(f->path, '/');

    if (!path || *path == '/' || !slash)
        return path;
    return arena_printf(fs->access->arena, "%.*s/%s", (int)(slash - f->path), f->path,
                        path);
}

static int take_path(struct files *fs, struct entry e, const char *key, const char **to)
{
    if (take_text(fs, e, key, to) < 0)
        return -1;
    *to = whole_path(fs, e.file, *to);
    return 0;
}

static int take_pem(struct files *fs, struct entry e, const char *key, struct pem *to)
{
    const char *text;
    char what[80], *pem;

    if (take_text(fs, e, key, &text) < 0)
        return -1;
    if (!text)
        return 0;
    pem = arena_alloc(fs->access->arena, BASE64_BYTES(strlen(text)));
    to->text = base64_read(pem, &to->len, text, strlen(text)) ? pem : NULL;
    /* a key is a key in base64, too */
    secret_wipe((char *)(uintptr_t)text, strlen(text));
    to->where = arena_printf(fs->access->arena, "%s in %s", key, e.file->path);
    snprintf(what, sizeof(what), "expected base64 of a PEM text for %s", key);
    if (!to->text || !to->len || !strstr(to->text, "-----BEGIN "))
        return complain(fs, e.file, member(e.file, e.node, key), what);
    return 0;
}

/* ---- finding ---- */

static yaml_node_t *list_of(struct file *f, const char *section)
{
    yaml_node_t *list = member(f, yaml_document_get_root_node(&f->document), section);

    return list && list->type == YAML_SEQUENCE_NODE ? list : NULL;
}

/* The inner mapping ("context", "cluster", "user") of a named entry; the first file that
 * has it counts. */
static struct entry find(struct files *fs, const char *section, const char *inner,
                         const char *name)
{
    for (size_t i = 0; i < fs->count; i++) {
        struct file *f = &fs->all[i];
        yaml_node_t *list = list_of(f, section);

        for (yaml_node_item_t *item = list ? list->data.sequence.items.start : NULL;
             list && item < list->data.sequence.items.top; item++) {
            yaml_node_t *each = node_at(f, *item);

            if (is_text(member(f, each, "name"), name))
                return (struct entry){ f, member(f, each, inner) };
        }
    }
    return (struct entry){ 0 };
}

/* "a, b, c" of the names in a section. */
static void known_names(struct files *fs, const char *section, char *to, size_t room)
{
    to[0] = '\0';
    for (size_t i = 0; i < fs->count; i++) {
        yaml_node_t *list = list_of(&fs->all[i], section);

        for (yaml_node_item_t *item = list ? list->data.sequence.items.start : NULL;
             list && item < list->data.sequence.items.top; item++) {
            yaml_node_t *name = member(&fs->all[i], node_at(&fs->all[i], *item), "name");
            char clean[100];

            if (!name || name->type != YAML_SCALAR_NODE)
                continue;
            text_clean(clean, sizeof(clean), (const char *)name->data.scalar.value,
                       name->data.scalar.length);
            text_add(to, room, "%s%s", to[0] ? ", " : "", clean);
        }
    }
    if (!to[0])
        snprintf(to, room, "none");
}

static const char *first_path(const struct files *fs)
{
    return fs->count ? fs->all[0].path : "~/.kube/config";
}

static int unknown(struct files *fs, const char *section, const char *what,
                   const char *name)
{
    char known[300];

    known_names(fs, section, known, sizeof(known));
    return err_set_code(fs->err, ERR_AUTH, "%s has no %s \"%.80s\"; known: %s", first_path(fs), what, name, known);
}

/* ---- the parts ---- */

static int read_server(struct files *fs, const struct file *f, const yaml_node_t *at,
                       const char *text)
{
    struct kube_access *a = fs->access;
    struct url url;
    struct err why;
    size_t len;

    if (url_read(&url, text, &why) < 0)
        return complain(fs, f, at, why.text);
    if ((strcmp(url.scheme, "https") != 0 && strcmp(url.scheme, "http") != 0) ||
        !url.host[0])
        return complain(fs, f, at, "expected https://HOST for server");
    len = strcspn(url.path, "?#");
    while (len && url.path[len - 1] == '/')
        len--;
    a->path = arena_strndup(a->arena, url.path, len);
    text += strlen(url.scheme); /* "HTTP:" is "http:" to every check that follows, too */
    a->server = arena_printf(a->arena, "%s%.*s", url.scheme, (int)(url.path - text),
                             text);
    return 0;
}

static int read_cluster(struct files *fs, const char *name)
{
    struct kube_access *a = fs->access;
    struct entry e = find(fs, "clusters", "cluster", name);
    const char *server, *proxy;

    a->cluster = name;
    if (!e.node)
        return unknown(fs, "clusters", "cluster", name);
    if (take_text(fs, e, "server", &server) < 0 ||
        take_text(fs, e, "proxy-url", &proxy) < 0 ||
        take_text(fs, e, "tls-server-name", &a->server_name) < 0 ||
        take_path(fs, e, "certificate-authority", &a->ca) < 0 ||
        take_pem(fs, e, "certificate-authority-data", &a->ca_pem) < 0 ||
        take_bool(fs, e, "insecure-skip-tls-verify", &a->unverified) < 0)
        return -1;
    if (!server)
        return complain(fs, e.file, e.node, "the cluster names no server");
    if (a->server_name && strlen(a->server_name) >= sizeof(((struct url *)0)->host))
        return complain(fs, e.file, member(e.file, e.node, "tls-server-name"),
                        "tls-server-name is too long for a host's name");
    if (proxy)
        return complain(fs, e.file, e.node,
                        "proxy-url is not supported; set https_proxy in the environment");
    if (a->unverified && (a->ca || a->ca_pem.text))
        return complain(
            fs, e.file, e.node,
            "insecure-skip-tls-verify and a certificate-authority: give one of them");
    return read_server(fs, e.file, member(e.file, e.node, "server"), server);
}

/* What would change who we are, and cannot be done here. */
static int refuse_unsupported(struct files *fs, struct entry e)
{
    static const struct {
        const char *key, *why;
    } refused[] = {
        { "username", "a user with a password is not supported, by Kubernetes since 1.19; use a token or a certificate" },
        { "password", "a user with a password is not supported, by Kubernetes since 1.19; use a token or a certificate" },
        { "auth-provider", "auth-provider is not supported, by kubectl since 1.26; use exec: with the provider's own command" },
        { "as", "as: (impersonation) is not supported; give gigawatch a user of its own" },
        { "as-uid", "as-uid: (impersonation) is not supported; give gigawatch a user of its own" },
        { "as-groups", "as-groups: (impersonation) is not supported; give gigawatch a user of its own" },
        { 0 }
    };

    for (size_t i = 0; refused[i].key; i++) {
        yaml_node_t *n = member(e.file, e.node, refused[i].key);

        if (!is_null(n))
            return complain(fs, e.file, n, refused[i].why);
    }
    return 0;
}

static int take_words(struct files *fs, struct entry e, const char *key, const char ***to)
{
    yaml_node_t *list = member(e.file, e.node, key);
    size_t count = 0;

    *to = arena_alloc(fs->access->arena, (MOST_WORDS + 1) * sizeof(**to));
    if (is_null(list))
        return 0;
    if (list->type != YAML_SEQUENCE_NODE)
        return complain(fs, e.file, list, "expected a list of words");
    for (yaml_node_item_t *i = list->data.sequence.items.start;
         i < list->data.sequence.items.top; i++) {
        yaml_node_t *word = node_at(e.file, *i);

        if (word->type != YAML_SCALAR_NODE || count == MOST_WORDS)
            return complain(fs, e.file, word, "expected a list of words");
        (*to)[count++] = arena_strdup(fs->access->arena,
                                      (const char *)word->data.scalar.value);
    }
    return 0;
}

static int take_variables(struct files *fs, struct entry e, const char ***to)
{
    yaml_node_t *list = member(e.file, e.node, "env");
    size_t count = 0;

    *to = arena_alloc(fs->access->arena, (MOST_WORDS + 1) * sizeof(**to));
    if (is_null(list))
        return 0;
    if (list->type != YAML_SEQUENCE_NODE)
        return complain(fs, e.file, list, "expected env as a list of name and value");
    for (yaml_node_item_t *i = list->data.sequence.items.start;
         i < list->data.sequence.items.top; i++) {
        struct entry each = { e.file, node_at(e.file, *i) };
        const char *name, *value;

        if (take_text(fs, each, "name", &name) < 0 ||
            take_text(fs, each, "value", &value) < 0)
            return -1;
        if (!name || strchr(name, '=') || count == MOST_WORDS)
            return complain(fs, e.file, each.node,
                            "expected env as a list of name and value");
        (*to)[count++] = arena_printf(fs->access->arena, "%s=%s", name,
                                      value ? value : "");
    }
    return 0;
}

static int read_exec(struct files *fs, struct file *f, yaml_node_t *node)
{
    struct kube_exec *x = &fs->access->exec;
    struct entry e = { f, node };
    const char *mode;

    if (take_text(fs, e, "command", &x->command) < 0 ||
        take_text(fs, e, "apiVersion", &x->api_version) < 0 ||
        take_text(fs, e, "installHint", &x->hint) < 0 ||
        take_text(fs, e, "interactiveMode", &mode) < 0 ||
        take_bool(fs, e, "provideClusterInfo", &x->tells_cluster) < 0 ||
        take_words(fs, e, "args", &x->args) < 0 ||
        take_variables(fs, e, &x->variables) < 0)
        return -1;
    if (!x->command)
        return complain(fs, f, node, "exec names no command");
    if (strchr(x->command, '/'))
        x->command = whole_path(fs, f, x->command);
    if (!x->api_version ||
        (strcmp(x->api_version, "client.authentication.k8s.io/v1") != 0 &&
         strcmp(x->api_version, "client.authentication.k8s.io/v1beta1") != 0))
        return complain(
            fs, f, node,
            "exec: expected apiVersion client.authentication.k8s.io/v1 or v1beta1");
    if (mode && strcmp(mode, "Always") == 0)
        return complain(
            fs, f, node,
            "exec: the command wants to ask at a terminal (interactiveMode: Always), and has none here");
    return 0;
}

static int check_mode(struct files *fs, const struct entry *e)
{
    const struct kube_access *a = fs->access;

    if (!(e->file->mode & 077) || !(a->token || a->key_pem.text))
        return 0;
    return err_set_code(
        fs->err, ERR_AUTH,
        "%s: holds a secret, and others may read it (mode %03o); run: chmod 600 %s",
        e->file->path, (unsigned)e->file->mode & 0777, e->file->path);
}

static int read_user(struct files *fs, const char *name)
{
    struct kube_access *a = fs->access;
    struct entry e = find(fs, "users", "user", name);
    yaml_node_t *exec;

    a->user = name;
    if (!e.file)
        return unknown(fs, "users", "user", name);
    if (refuse_unsupported(fs, e) < 0 ||
        take_path(fs, e, "client-certificate", &a->cert) < 0 ||
        take_path(fs, e, "client-key", &a->key) < 0 ||
        take_pem(fs, e, "client-certificate-data", &a->cert_pem) < 0 ||
        take_pem(fs, e, "client-key-data", &a->key_pem) < 0 ||
        take_text(fs, e, "token", &a->token) < 0 ||
        take_path(fs, e, "tokenFile", &a->token_file) < 0)
        return -1;
    exec = member(e.file, e.node, "exec");
    if (!is_null(exec) && read_exec(fs, e.file, exec) < 0)
        return -1;
    if ((a->cert || a->cert_pem.text) && !a->key && !a->key_pem.text)
        return complain(fs, e.file, e.node, "a client certificate without its key");
    return check_mode(fs, &e);
}

/* ---- the whole ---- */

static const char *current_context(struct files *fs)
{
    for (size_t i = 0; i < fs->count; i++) {
        struct entry root = { &fs->all[i],
                              yaml_document_get_root_node(&fs->all[i].document) };
        const char *name;

        if (take_text(fs, root, "current-context", &name) < 0)
            return NULL;
        if (name)
            return name;
    }
    err_set_code(fs->err, ERR_AUTH,
                 "%s has no current-context; say which: kube://CONTEXT", first_path(fs));
    return NULL;
}

static int check_whole(struct files *fs)
{
    struct kube_access *a = fs->access;

    if (strncmp(a->server, "http:", 5) == 0 &&
        (a->token || a->token_file || a->exec.command))
        return err_set_code(fs->err, ERR_AUTH,
                            "%s: a token is not sent to %s, which has no TLS", a->where,
                            a->server);
    return 0;
}

static int read_context(struct files *fs, const char *name)
{
    struct kube_access *a = fs->access;
    struct entry e;
    const char *cluster, *user;

    if (!*name && !(name = current_context(fs)))
        return -1;
    e = find(fs, "contexts", "context", name);
    if (!e.node)
        return unknown(fs, "contexts", "context", name);
    a->context = arena_strdup(a->arena, name);
    a->where = arena_printf(a->arena, "context %s of %s", name, e.file->path);
    if (take_text(fs, e, "cluster", &cluster) < 0 || take_text(fs, e, "user", &user) < 0)
        return -1;
    if (!cluster)
        return complain(fs, e.file, e.node, "the context names no cluster");
    if (read_cluster(fs, cluster) < 0 || (user && read_user(fs, user) < 0))
        return -1;
    return check_whole(fs);
}

static int add_file(struct files *fs, const char *text, size_t len, const char *path,
                    mode_t mode)
{
    struct file *f = &fs->all[fs->count];

    f->path = arena_strdup(fs->access->arena, path);
    f->mode = mode;
    if (yaml_text_read(&f->document, text, len, f->path, fs->err) < 0) {
        fs->err->code = ERR_AUTH;
        return -1;
    }
    fs->count++;
    return 0;
}

static int finish(struct files *fs, int result)
{
    for (size_t i = 0; i < fs->count; i++)
        yaml_text_end(&fs->all[i].document);
    if (result < 0)
        kubeconfig_end(fs->access);
    return result;
}

int kubeconfig_read_text(struct kube_access *a, const char *text, size_t len,
                         const char *file, const char *context, struct err *err)
{
    struct files fs = { .access = a, .err = err };

    *a = (struct kube_access){ .arena = arena_new() };
    return finish(
        &fs, add_file(&fs, text, len, file, 0) < 0 ? -1 : read_context(&fs, context));
}

/* What a pod is given:
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
static int read_account(struct kube_access *a, struct err *err)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST"),
               *port = getenv("KUBERNETES_SERVICE_PORT");

    if (!host || !*host || access(ACCOUNT "/token", R_OK) != 0)
        return err_set_code(
            err, ERR_AUTH,
            "in-cluster is for a pod with a service account, and here is none "
            "(no KUBERNETES_SERVICE_HOST, or no " ACCOUNT "/token)");
    a->context = "in-cluster";
    a->where = "the pod's account";
    a->server = arena_printf(a->arena,
                             strchr(host, ':') ? "https://[%s]:%s" : "https://%s:%s",
                             host, port && *port ? port : "443");
    a->path = "";
    a->ca = ACCOUNT "/ca.crt";
    a->token_file = ACCOUNT "/token";
    return 0;
}

/* Files that are not there are passed over, as kubectl does. */
static int add_files(struct files *fs, const char *list)
{
    for (const char *at = list; *at;) {
        size_t n = strcspn(at, ":"), len;
        char *path = arena_strndup(fs->access->arena, at, n), *text;
        mode_t mode;
        int result;

        at += n + (at[n] == ':');
        if (!*path || (access(path, F_OK) != 0 && errno == ENOENT))
            continue;
        if (fs->count == MOST_FILES)
            return err_set_code(fs->err, ERR_AUTH, "more than %d kubeconfigs",
                                MOST_FILES);
        text = read_file(fs->access->arena, path, &len, &mode, fs->err);
        if (!text)
            return -1;
        result = add_file(fs, text, len, path, mode);
        secret_wipe(text, len);
        if (result < 0)
            return -1;
    }
    return 0;
}

static const char *usual_files(struct arena *arena)
{
    const char *files = getenv("KUBECONFIG"), *home = getenv("HOME");

    if (files && *files)
        return files;
    return arena_printf(arena, "%s/.kube/config", home ? home : "");
}

int kubeconfig_read(struct kube_access *a, const char *files, const char *context,
                    struct err *err)
{
    struct files fs = { .access = a, .err = err };
    int result;

    *a = (struct kube_access){ .arena = arena_new() };
    if (!files)
        files = usual_files(a->arena);
    result = add_files(&fs, files);
    if (result == 0) {
        bool names_account = strcmp(context, "in-cluster") == 0 &&
                             !find(&fs, "contexts", "context", context).node;
        bool is_pod = !fs.count && !*context && getenv("KUBERNETES_SERVICE_HOST");

        if (names_account || is_pod)
            result = read_account(a, err);
        else if (!fs.count)
            result = err_set_code(
                err, ERR_AUTH,
                "there is no kubeconfig %s; give kubeconfig: FILE, or set KUBECONFIG",
                files);
        else
            result = read_context(&fs, context);
    }
    return finish(&fs, result);
}

void kubeconfig_end(struct kube_access *a)
{
    if (a->token)
        secret_wipe((char *)(uintptr_t)a->token, strlen(a->token));
    if (a->key_pem.text)
        secret_wipe((char *)(uintptr_t)a->key_pem.text, a->key_pem.len);
    arena_free(a->arena);
    memset(a, 0, sizeof(*a));
}
