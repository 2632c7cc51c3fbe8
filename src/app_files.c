/* The files that the configuration names: what is not there, or cannot be read, is known before anybody misses it. */
#include "app.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* 1: amiss, and said. */
static int look(const char *what, const char *path, const char *place)
{
    if (!path || access(path, R_OK) == 0)
        return 0;
    printf("  %-20s  %s: %s cannot be read: %s\n", what, place ? place : "", path, strerror(errno));
    return 1;
}

static int look_at_secret(const char *what, const struct secret *secret, const char *place)
{
    return look(what, secret->from == SECRET_FILE ? secret->where : NULL, place);
}

int app_look_at_files(const struct settings *s)
{
    const char *before = NULL;
    int bad = look("ssh.config", s->ssh_config, settings_origin(s, "ssh.config"));

    for (size_t i = 0; i < s->target_count; i++) {
        const struct target_config *t = &s->targets[i];

        /* Targets of one declaration name the same files. */
        if (t->origin == before)
            continue;
        before = t->origin;
        bad |= look("ca", t->ca, t->origin) | look("cert", t->cert, t->origin) | look("key", t->key, t->origin) |
               look("identity", t->identity, t->origin) |
               look("ssh_config", t->ssh_config == s->ssh_config ? NULL : t->ssh_config, t->origin) |
               look_at_secret("password", &t->password, t->origin) | look_at_secret("token", &t->token, t->origin);
    }
    return bad;
}
