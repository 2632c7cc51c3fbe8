/* What is kept of ResourceClaims and ResourceSlices (DRA). */
#ifndef PLUGINS_KUBE_CLAIMS_H
#define PLUGINS_KUBE_CLAIMS_H

#include "plugins/kube/items.h"

/* GPUs of a DRA request: device classes are named after the driver. MIG devices without a
 * size are the smallest. */
static double gpus_of_request(struct kube *k, uint32_t request, bool *estimated)
{
    const struct gw_json *j = &k->json;
    uint32_t exactly = gw_json_member(j, request, "exactly");
    uint32_t first = gw_json_first(j, gw_json_member(j, request, "firstAvailable"));
    uint32_t at = exactly != GW_JSON_NONE ? exactly
                  : first != GW_JSON_NONE ? first
                                          : request;
    double count = gw_json_number(j, gw_json_member(j, at, "count"));
    char class[128];

    gw_json_text(j, gw_json_member(j, at, "deviceClassName"), class, sizeof(class));
    if (gw_json_is(j, gw_json_member(j, at, "allocationMode"), "All"))
        count = NAN;
    else if (isnan(count))
        count = 1;
    if (ends_in(class, "gpu.nvidia.com"))
        return count;
    *estimated |= ends_in(class, "mig.nvidia.com");
    return ends_in(class, "mig.nvidia.com") ? count / 7 : 0;
}

/* One device that was given. "gpu-0" is whole; "gpu-0-mig-2g.35gb-0" is two sevenths. */
static double gpus_of_device(const char *device, bool *estimated)
{
    const char *mig = strstr(device, "mig");
    double slices;
    char *end;

    if (!mig)
        return 1;
    *estimated = true;
    slices = strtod(mig + 3 + (mig[3] == '-'), &end);
    return *end == 'g' && slices >= 1 && slices <= 7 ? slices / 7 : 1.0 / 7;
}

static void take_claim(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t requests = gw_json_at(j, item, "spec", "devices", "requests", NULL);
    uint32_t results = gw_json_at(j, item, "status", "allocation", "devices", "results",
                                  NULL);
    uint32_t user = gw_json_first(j, gw_json_at(j, item, "status", "reservedFor", NULL));
    char devices[2048] = "", pool[256], device[256], pod[256], full[520] = "";
    struct gpus gpus = { 0 };

    for (uint32_t i = gw_json_first(j, results); i != GW_JSON_NONE;
         i = gw_json_next(j, results, i)) {
        size_t used = strlen(devices);

        if (!gw_json_is(j, gw_json_member(j, i, "driver"), "gpu.nvidia.com"))
            continue;
        gw_json_text(j, gw_json_member(j, i, "pool"), pool, sizeof(pool));
        gw_json_text(j, gw_json_member(j, i, "device"), device, sizeof(device));
        gpus.whole += gpus_of_device(device, &gpus.estimated);
        snprintf(devices + used, sizeof(devices) - used, "%s/%s\n", pool, device);
    }
    for (uint32_t i = results == GW_JSON_NONE ? gw_json_first(j, requests) : GW_JSON_NONE;
         i != GW_JSON_NONE; i = gw_json_next(j, requests, i))
        gpus.whole += gpus_of_request(k, i, &gpus.estimated);
    if (gw_json_text(j, gw_json_member(j, user, "name"), pod, sizeof(pod)))
        snprintf(full, sizeof(full), "%.*s/%s", (int)o->space_len, o->name, pod);
    put_gpus(k, &o->gpus, gpus);
    put_text(k, &o->claims, devices);
    put_text(k, &o->parent, full);
}

static uint32_t attribute(const struct gw_json *j, uint32_t device, const char *name,
                          const char *type)
{
    uint32_t basic = gw_json_member(j, device, "basic");        /* until v1beta1 */

    return gw_json_at(j, basic == GW_JSON_NONE ? device : basic, "attributes", name, type,
                      NULL);
}

static void forget_devices(struct kube *k, const char *slice)
{
    for (struct object *o = k->kinds[DEVICES], *next; o; o = next) {
        next = o->after;
        if (same(o->parent, slice))
            forget(k, o);
    }
}

static void take_slice(struct kube *k, struct object *o, uint32_t item)
{
    const struct gw_json *j = &k->json;
    uint32_t spec = gw_json_member(j, item, "spec"),
             list = gw_json_member(j, spec, "devices");
    char pool[256], name[520], device[256];

    forget_devices(k, o->name);
    if (!gw_json_is(j, gw_json_member(j, spec, "driver"), "gpu.nvidia.com"))
        return;
    gw_json_text(j, gw_json_at(j, spec, "pool", "name", NULL), pool, sizeof(pool));
    for (uint32_t i = gw_json_first(j, list); i != GW_JSON_NONE;
         i = gw_json_next(j, list, i)) {
        struct object *d;
        double index = gw_json_number(j, attribute(j, i, "index", "int"));

        gw_json_text(j, gw_json_member(j, i, "name"), device, sizeof(device));
        if (gw_json_is(j, attribute(j, i, "type", "string"), "mig"))
            continue;
        if (isnan(index) && sscanf(device, "gpu-%lf", &index) != 1)
            continue;
        snprintf(name, sizeof(name), "%s/%s", pool, device);
        d = find_or_add(k, DEVICES, name);
        if (!d)
            continue;
        put_text(k, &d->parent, o->name);
        put_number(k, &d->index, index);
        put_json(k, &d->node, gw_json_member(j, spec, "nodeName"));
        put_json(k, &d->uuid, attribute(j, i, "uuid", "string"));
        put_json(k, &d->model, attribute(j, i, "productName", "string"));
    }
}

#endif
