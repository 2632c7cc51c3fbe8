/* The files that the configuration names: what is not there, or cannot be read, is known
 * before anybody misses it. */
#include "app.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* 1: amiss, and said. */
static int look(FILE *out, const char *what, const char *path, const char *place)
{
    struct err err;

    if (!path || access(path, R_OK) == 0)
        return 0;
    err_set(&err, "%s: %s cannot be read: %s", place ? place : "", path, strerror(errno));
    fprintf(out, "  %-20s  %s\n", what, err.text);
    return 1;
}

static int look_at_secret(FILE *out, const char *what, const struct secret *secret,
                          const char *place)
{
    return look(out, what, secret->from == SECRET_FILE ? secret->where : NULL, place);
}

int app_look_at_files(FILE *out, const struct settings *s)
{
    const char *before = NULL;
    int bad = look(out, "ssh.config", s->ssh_config, settings_origin(s, "ssh.config"));

    for (size_t i = 0; i < s->target_count; i++) {
        const struct target_config *t = &s->targets[i];

        /* Targets of one declaration name the same files. */
        if (t->origin == before)
            continue;
        before = t->origin;
        bad |= look(out, "ca", t->ca, t->origin) | look(out, "cert", t->cert, t->origin) |
               look(out, "key", t->key, t->origin) |
               look(out, "identity", t->identity, t->origin) |
               look(out, "ssh_config",
                    t->ssh_config == s->ssh_config ? NULL : t->ssh_config, t->origin) |
               look_at_secret(out, "password", &t->password, t->origin) |
               look_at_secret(out, "token", &t->token, t->origin);
    }
    return bad;
}
