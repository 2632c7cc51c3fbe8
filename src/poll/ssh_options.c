/* What libssh is told of a configuration. */
#include "config.h"

#include "poll/ssh_options.h"
#include "poll/ssh_hostkey.h"

#include <string.h>

static bool has(const char *list, const char *item)
{
    size_t len = strlen(item);

    for (; *list; list += strcspn(list, ","), list += *list == ',')
        if (strcspn(list, ",") == len && strncmp(list, item, len) == 0)
            return true;
    return false;
}

/* The preferred ones first, of those that are allowed. */
static const char *prefer(struct arena *a, const char *allowed,
                          const char *const preferred[])
{
    const char *list = "";

    for (int i = 0; preferred[i]; i++)
        if (has(allowed, preferred[i]))
            list = arena_printf(a, "%s%s%s", list, *list ? "," : "", preferred[i]);
    for (size_t len; *allowed; allowed += len + (allowed[len] == ',')) {
        const char *item;

        len = strcspn(allowed, ",");
        item = arena_strndup(a, allowed, len);
        if (!has(list, item))
            list = arena_printf(a, "%s%s%s", list, *list ? "," : "", item);
    }
    return list;
}

/* GCM in hardware costs a thousand sessions least. */
static const char *const quick_ciphers[] = { "aes128-gcm@openssh.com",
                                             "aes256-gcm@openssh.com", NULL };
static const char *const quick_kex[] = { "curve25519-sha256",
                                         "curve25519-sha256@libssh.org", NULL };

int ssh_set_options(ssh_session session, const struct ssh_config *c, int fd,
                    struct err *err)
{
    static const char usual[] = "aes128-gcm@openssh.com,aes256-gcm@openssh.com,"
                                "chacha20-poly1305@openssh.com,aes128-ctr,aes256-ctr";
    const char *ciphers =
        prefer(c->arena, c->ciphers ? c->ciphers : usual, quick_ciphers);
    int off = 0, quiet = SSH_LOG_NOLOG;
    const struct {
        enum ssh_options_e option;
        const void *value;
    } options[] = {
        { SSH_OPTIONS_LOG_VERBOSITY, &quiet },
        { SSH_OPTIONS_PROCESS_CONFIG, &off }, /* it was resolved already */
        { SSH_OPTIONS_HOST, c->hostname },
        { SSH_OPTIONS_PORT, &c->port },
        { SSH_OPTIONS_USER, c->user },
        { SSH_OPTIONS_KNOWNHOSTS, "/dev/null" }, /* ssh_hostkey.c reads them */
        { SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null" },
        { SSH_OPTIONS_HOSTKEYS, ssh_hostkey_algorithms(c) },
        { SSH_OPTIONS_CIPHERS_C_S, ciphers },
        { SSH_OPTIONS_CIPHERS_S_C, ciphers },
        { SSH_OPTIONS_KEY_EXCHANGE, c->kex ? prefer(c->arena, c->kex, quick_kex) : NULL },
        { SSH_OPTIONS_HMAC_C_S, c->macs },
        { SSH_OPTIONS_HMAC_S_C, c->macs },
        { SSH_OPTIONS_IDENTITY_AGENT, c->identity_agent },
        { SSH_OPTIONS_FD, &fd },
    };

    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
        if (options[i].value &&
            ssh_options_set(session, options[i].option, options[i].value) != SSH_OK)
            return err_set(err, "libssh refuses the ssh configuration: %s",
                           ssh_get_error(session));
    return 0;
}
