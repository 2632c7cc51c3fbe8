/* One GPU, whichever way nvidia-smi told: what is known of it, and how the host is told. */
#ifndef PLUGINS_NVSMI_CARD_H
#define PLUGINS_NVSMI_CARD_H

#include "gigawatch/source.h"
#include "../gpu_metrics.h"
#include "../words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    UUID, MODEL, INDEX, UTIL, MEM_USED, MEM_TOTAL, TEMP, MEM_TEMP, POWER, POWER_INSTANT,
    MODULE_POWER, POWER_LIMIT, SM_CLOCK, THROTTLE, STATE, MIG,
    METRICS
};

/* clang-format off */
static const struct gw_metric metrics[] = {
    [STATE]         = { "state", .kind = GW_GPU, .type = GW_TEXT, .unit = "", .help = "lost, or needs reset" },
    GPU_METRICS     /* the last row is their last: MIG */
    { 0 }
};
/* clang-format on */

enum { MIG_ROOM = 16 };

struct mig_device {
    double instance, engines, mib;      /* of its GPU instance; NAN: not told */
};

struct card {
    double number[METRICS];             /* NAN: asked, and not known */
    char uuid[96], model[128];
    unsigned reasons;                   /* bits of NVML's clocks event reasons */
    bool reasons_told, mig_enabled, lost, needs_reset;
    struct mig_device mig[MIG_ROOM];
    size_t mig_count;
};

/* Where samples go, and what was odd on the way. */
struct answer {
    const struct gw_api *api;
    const struct gw_target *target;
    struct gw_out *out;
    uint32_t node;
    size_t cards;
    unsigned odd;                       /* values not understood */
    char first_odd[96];
};

static void card_clear(struct card *c)
{
    *c = (struct card){ 0 };
    for (size_t i = 0; i < METRICS; i++)
        c->number[i] = NAN;
}

static void note_odd(struct answer *a, const char *what, const char *text, size_t len)
{
    char quoted[32];

    if (a->odd++ == 0)
        snprintf(a->first_odd, sizeof(a->first_odd), "%s \"%s\"", what,
                 gw_quote(quoted, text, len));
}

/* Why clocks are held down, worst first. The bits are NVML's (nvml.h,
 * nvmlClocksEventReason*). Idle (0x1), clocks set by an administrator (0x2) and display
 * (0x100) hold nothing down against the will of who pays. */
static const struct {
    unsigned bit;
    const char *word, *element;         /* element: the end of its name in the XML */
} reasons[] = {
    { 0x80, "brake", "hw_power_brake_slowdown" },
    { 0x40, "thermal", "hw_thermal_slowdown" },
    { 0x20, "thermal", "sw_thermal_slowdown" },
    { 0x04, "power", "sw_power_cap" },
    { 0x08, "slowdown", "hw_slowdown" },
    { 0x10, "sync", "sync_boost" },
    { 0 }
};

/* "none" is known, not missing. */
static const char *throttle_word(unsigned bits)
{
    for (size_t i = 0; reasons[i].word; i++)
        if (bits & reasons[i].bit)
            return reasons[i].word;
    return "none";
}

/* nvidia-smi tells no profile name, only engines and memory. A profile is named by its
 * compute slices, which the copy engines count, and by its eighths of the memory as sold:
 * 19968 of 81920 MiB are two eighths of 80 GB: 1g.20gb. */
static void profile_name(char to[32], const struct mig_device *d, double total_mib)
{
    double sold = ceil(total_mib / 1024), eighths = round(8 * d->mib / total_mib);

    if (!(d->engines >= 1 && d->engines <= 16) || !(sold >= 1 && sold < 1e5) ||
        !(eighths >= 0))
        snprintf(to, 32, "unknown");
    else
        snprintf(to, 32, "%.0fg.%.0fgb", fmin(d->engines, 7), round(sold * eighths / 8));
}

/* "3g.40gb ×2, 1g.10gb" */
static void mig_text(char *to, size_t room, const struct card *c)
{
    char names[MIG_ROOM][32];

    snprintf(to, room, c->mig_count ? "" : "enabled");
    for (size_t i = 0; i < c->mig_count; i++)
        profile_name(names[i], &c->mig[i], c->number[MEM_TOTAL]);
    for (size_t i = 0; i < c->mig_count; i++) {
        unsigned count = 0;

        for (size_t k = 0; k < c->mig_count; k++) {
            if (strcmp(names[k], names[i]) != 0)
                continue;
            if (k < i)
                break;          /* said already */
            count++;
        }
        if (count > 0)
            add_words(to, room, "%s%s", *to ? ", " : "", names[i]);
        if (count > 1)
            add_words(to, room, " ×%u", count);
    }
}

static void tell_text(struct answer *a, uint32_t gpu, size_t metric, const char *text)
{
    a->api->text(a->out, gpu, metric, text, strlen(text));
}

static void tell_card(struct answer *a, unsigned index, struct card *c)
{
    char name[320], mig[MIG_ROOM * 40];
    uint32_t gpu;

    if (a->cards++ == 0)
        a->node = a->api->entity(a->out, GW_NODE, a->target->name,
                                 strlen(a->target->name), GW_NONE);
    snprintf(name, sizeof(name), "%.255s/%u", a->target->name, index);
    gpu = a->api->entity(a->out, GW_GPU, name, strlen(name), a->node);

    /* GA100 has no average, and its only figure is called instant. */
    if (isnan(c->number[POWER]))
        c->number[POWER] = c->number[POWER_INSTANT];
    c->number[INDEX] = index;
    for (size_t i = 0; i < METRICS; i++)
        if (metrics[i].type != GW_TEXT)
            a->api->number(a->out, gpu, i, c->number[i]);
    if (c->uuid[0])
        tell_text(a, gpu, UUID, c->uuid);
    if (c->model[0])
        tell_text(a, gpu, MODEL, c->model);
    if (c->reasons_told)
        tell_text(a, gpu, THROTTLE, throttle_word(c->reasons));
    if (c->lost || c->needs_reset)
        tell_text(a, gpu, STATE, c->lost ? "lost" : "needs reset");
    if (c->mig_enabled) {
        mig_text(mig, sizeof(mig), c);
        tell_text(a, gpu, MIG, mig);
    }
}

static int finish(struct answer *a)
{
    if (a->odd)
        a->api->warn(a->out, "%u value%s of nvidia-smi not understood; first: %s", a->odd,
                     a->odd == 1 ? "" : "s", a->first_odd);
    return GW_DONE;
}

#endif
