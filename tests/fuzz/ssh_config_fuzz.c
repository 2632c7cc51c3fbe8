/* What ssh -G prints, and jump hosts: a configuration that is understood has names that
 * may stand on a command line. */
#include "poll/ssh_config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len);

static void check(const char *what, const char *name)
{
    struct err err;

    if (ssh_name_check(what, name, &err) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *text, size_t len)
{
    struct ssh_question q = { .host = "n14" }, hop = { 0 };
    struct arena *a = arena_new();
    struct err err = { 0 };
    struct ssh_config *c = ssh_config_parse(&q, (const char *)text, len, &err);

    if (c) {
        check("host", c->hostname);
        check("user", c->user);
        if (c->port < 1 || c->port > 65535 || c->user_known_hosts > c->known_hosts.count)
            abort();
    } else if (!err.text[0]) {
        abort();
    }
    ssh_config_free(c);
    if (ssh_hop_parse(a, (const char *)text, len, &hop, &err) == 0)
        check("host", hop.host);
    arena_free(a);
    return 0;
}
