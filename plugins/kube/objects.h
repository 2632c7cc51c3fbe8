/* Objects by kind and name: found, made, let go; and the small things that all parts
 * need. */
#ifndef PLUGINS_KUBE_OBJECTS_H
#define PLUGINS_KUBE_OBJECTS_H

#include <ctype.h>
#include <time.h>

#include "plugins/kube/kept.h"

/* ---- small things ---- */

static size_t bucket_of(unsigned kind, const char *name, size_t len)
{
    uint64_t hash = 14695981039346656037u + kind;       /* FNV-1a */

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)name[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32) % BUCKETS;
}

static char *copy_of(const char *text, size_t len)
{
    char *copy = malloc(len + 1);

    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* NULL or "" is nothing. */
static void put_text(struct kube *k, char **to, const char *text)
{
    if (text && !*text)
        text = NULL;
    if (same(*to, text))
        return;
    free(*to);
    *to = text ? copy_of(text, strlen(text)) : NULL;
    k->changed = true;
}

static void put_json(struct kube *k, char **to, uint32_t value)
{
    char text[1024];

    gw_json_text(&k->json, value, text, sizeof(text));
    put_text(k, to, text);
}

static void put_number(struct kube *k, double *to, double value)
{
    if (*to == value || (isnan(*to) && isnan(value)))
        return;
    *to = value;
    k->changed = true;
}

static void put_gpus(struct kube *k, struct gpus *to, struct gpus value)
{
    put_number(k, &to->whole, value.whole);
    put_number(k, &to->shared, value.shared);
    to->estimated = value.estimated;
}

/* RFC 3339 in UTC, as the API server writes it; NAN: none. */
static double time_of(const struct gw_json *j, uint32_t value)
{
    struct tm tm = { 0 };
    char text[40];

    gw_json_text(j, value, text, sizeof(text));
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
               &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
        return NAN;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return (double)timegm(&tm);
}

/* A quantity
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/) of
 * something countable. */
static double quantity_of(const struct gw_json *j, uint32_t value)
{
    char text[40], *end;
    double number;

    if (gw_json_kind(j, value) == '0')
        return gw_json_number(j, value);
    if (!gw_json_text(j, value, text, sizeof(text)) || !strchr("-0123456789", text[0]))
        return NAN;
    number = strtod(text, &end);
    if (strcmp(end, "m") == 0)
        return number / 1000;
    if (strcmp(end, "k") == 0)
        return number * 1000;
    return *end ? NAN : number;
}

static bool has_word(const char *list, const char *word, size_t len)
{
    while (list && *list) {
        size_t n = strcspn(list, " ");

        if (n == len && memcmp(list, word, len) == 0)
            return true;
        list += n;
        list += strspn(list, " ");
    }
    return false;
}

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);

    return len >= n && strcmp(text + len - n, end) == 0;
}

static const char *option(struct kube *k, const char *name)
{
    return k->api->option(k->target, name);
}

/* ---- objects ---- */

static struct object *find(struct kube *k, enum what what, const char *name)
{
    struct object *o = name ? k->objects[bucket_of(what, name, strlen(name))] : NULL;

    while (o && (o->what != what || strcmp(o->name, name) != 0))
        o = o->next;
    return o;
}

static void object_free(struct object *o)
{
    char *texts[] = {
        o->name,   o->node,  o->job,   o->queue, o->reason, o->state,
        o->user,   o->class, o->qos,   o->image, o->claims, o->tenant,
        o->parent, o->uuid,  o->model, o->group, o->tag,    o->maintenance
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < PLACES; i++)
        free(o->places[i]);
    free(o);
}

static struct object *find_or_add(struct kube *k, enum what what, const char *name)
{
    struct object *o = find(k, what, name), **bucket;
    const char *slash = strchr(name, '/');

    if (o || k->object_count == MOST_OBJECTS)
        return o;
    o = calloc(1, sizeof(*o));
    if (!o)
        return NULL;
    o->what = what;
    o->name = copy_of(name, strlen(name));
    if (!o->name) {
        free(o);
        return NULL;
    }
    o->space_len = slash ? (size_t)(slash - name) : 0;
    o->allocatable = o->replicas = o->count = o->quota = o->pending = o->running = NAN;
    o->submit = o->start = o->end = o->limit = o->priority = o->index = NAN;
    bucket = &k->objects[bucket_of(what, name, strlen(name))];
    o->next = *bucket;
    *bucket = o;
    o->after = k->kinds[what];
    if (o->after)
        o->after->before = o;
    k->kinds[what] = o;
    k->object_count++;
    k->changed = true;
    return o;
}

static void forget(struct kube *k, struct object *o)
{
    struct object **at = &k->objects[bucket_of(o->what, o->name, strlen(o->name))];

    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    *(o->before ? &o->before->after : &k->kinds[o->what]) = o->after;
    if (o->after)
        o->after->before = o->before;
    object_free(o);
    k->object_count--;
    k->changed = true;
}

static void unsee(struct kube *k, enum what what)
{
    for (struct object *o = k->kinds[what]; o; o = o->after)
        o->seen = false;
}

#endif
