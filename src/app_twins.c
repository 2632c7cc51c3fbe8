/* For --doctor: nodes that two sources call differently, and that are two rows therefore,
 * and nodes of targets that nobody declares. No name is guessed to be another's; what to
 * write into the configuration is said. */
#include "app.h"
#include "poll/poll.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static bool is_address(const char *name)
{
    unsigned char room[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, name, room) == 1 || inet_pton(AF_INET6, name, room) == 1;
}

/* The node that is called as this one is before its first dot; GW_NONE: none. */
static uint32_t shorter(const struct model *m, const char *name)
{
    const char *dot = strchr(name, '.');
    char label[256];

    if (!dot || (size_t)(dot - name) >= sizeof(label))
        return GW_NONE;
    snprintf(label, sizeof(label), "%.*s", (int)(dot - name), name);
    return model_find(m, GW_NODE, label);
}

void app_tell_twins(FILE *out, const struct model *m)
{
    size_t twins = 0, addresses = 0, names = 0;
    const char *twin = NULL, *address = NULL;

    for (uint32_t row = 0; row < model_rows(m, GW_NODE); row++) {
        const char *name = model_name(m, GW_NODE, row);

        if (!name)
            continue;
        if (is_address(name)) {
            address = addresses++ ? address : name;
            continue;
        }
        names++;
        if (shorter(m, name) != GW_NONE)
            twin = twins++ ? twin : name;
    }
    if (twins)
        fprintf(
            out,
            "  %.*s and %s may be one node that two sources call differently (%zu such pair%s): "
            "give one of them node_suffix: %s\n",
            (int)strcspn(twin, "."), twin, twin, twins, twins > 1 ? "s" : "",
            strchr(twin, '.'));
    if (addresses && names)
        fprintf(
            out,
            "  %zu node%s called by address, as %s, and %zu by name: a source may know the same by both; see node_label: and node:\n",
            addresses, addresses > 1 ? "s are" : " is", address, names);
}

/* A line for each declaration: its targets are mostly a range. */
static int tell_undeclared(FILE *out, const struct settings *s,
                           const struct model *declared)
{
    const char *before = NULL;
    int bad = 0;

    for (size_t i = 0; i < s->target_count; i++) {
        const struct target_config *t = &s->targets[i];

        if (!t->node || model_find(declared, GW_NODE, t->node) != GW_NONE ||
            (before && strcmp(before, t->origin) == 0))
            continue;
        fprintf(out, "  %s: node: %s is none of the nodes declared\n", t->origin,
                t->node);
        before = t->origin;
        bad = 1;
    }
    return bad;
}

int app_tell_undeclared(FILE *out, const struct settings *s)
{
    struct model *declared = model_new(s->site);
    int bad = 0;

    if (s->roster)
        model_apply(declared, s->roster);
    if (model_rows(declared, GW_NODE) > 0)
        bad = tell_undeclared(out, s, declared);
    model_free(declared);
    return bad;
}
