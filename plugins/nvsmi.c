/* GPUs as nvidia-smi tells them, over SSH or on this machine.
 *
 * Two ways to ask. The CSV query is small and streams well: one line a GPU, one round an
 * interval. The XML (-q -x) is known to every driver since 2012 and tells MIG devices.
 * `mode: auto` begins with the newest CSV query, goes down a rung each time the driver
 * does not know a field, and takes the XML when no rung is left or a GPU has MIG enabled.
 * Everything unknown ("N/A", "[Not Supported]", "ERR!") stays unknown. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "plugins/nvsmi/stream.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct gw_option options[] = {
    { "mode", "auto", "auto, csv or xml: how to ask" },
    { "stream", "yes", "yes: nvidia-smi runs once and goes on printing (no, where that stays silent); no: it is run for every poll" },
    { "command", "nvidia-smi", "the program, with its path or with sudo where needed" },
    { 0 }
};

/* Of a target. */
struct nvsmi {
    struct way way;
    struct framing at;
};

static int ask_xml(const struct gw_api *api, const struct gw_target *target,
                   struct gw_ask *ask, const char *loop)
{
    ask->command = api->print(target, "LC_ALL=C %s -q -x%s 2>&1",
                              api->option(target, "command"), loop);
    return ask->command ? GW_DONE : GW_FAILED;
}

static int ask_csv(const struct gw_api *api, const struct gw_target *target,
                   struct gw_ask *ask, const char *loop)
{
    const struct nvsmi *state = target->state;
    char list[512];

    name_fields(state->way.rung, list, sizeof(list));
    ask->command = api->print(
        target, "LC_ALL=C %s --query-gpu=%s --format=csv,noheader,nounits%s 2>&1",
        api->option(target, "command"), list, loop);
    return ask->command ? GW_DONE : GW_FAILED;
}

/* An older host has no such member. */
static bool host_wants_no_stream(const struct gw_target *target)
{
    return target->size > offsetof(struct gw_target, no_stream) && target->no_stream;
}

static int nvsmi_ask(const struct gw_api *api, const struct gw_target *target,
                     struct gw_ask *ask, struct gw_out *out)
{
    struct nvsmi *state = target->state;
    const char *mode = api->option(target, "mode"),
               *stream = api->option(target, "stream");
    char loop[32] = "";

    if (strcmp(mode, "auto") != 0 && strcmp(mode, "csv") != 0 && strcmp(mode, "xml") != 0)
        return api->fail(out, "mode: expected auto, csv or xml, got \"%.20s\"", mode);
    if (strcmp(stream, "yes") != 0 && strcmp(stream, "no") != 0)
        return api->fail(out, "stream: expected yes or no, got \"%.20s\"", stream);
    if (strcmp(mode, "xml") == 0 && !HAS_XML)
        return api->fail(out, "mode: this build has no expat to read XML; use csv");
    ask->how = stream[0] == 'y' && !host_wants_no_stream(target) ? GW_STREAM : GW_RUN;
    state->at = (struct framing){ 0 };
    if (ask->how == GW_STREAM)
        snprintf(loop, sizeof(loop), " -l %.0f",
                 fmin(fmax(round(target->interval_s), 1), 86400));
    if (strcmp(mode, "xml") == 0 || state->way.xml)
        return ask_xml(api, target, ask, loop);
    return ask_csv(api, target, ask, loop);
}

static size_t nvsmi_frame(const struct gw_target *target, const char *text, size_t len)
{
    return frame(&((struct nvsmi *)target->state)->at, text, len);
}

static int nvsmi_parse(const struct gw_api *api, const struct gw_target *target,
                       const char *text, size_t len, struct gw_out *out)
{
    struct answer a = { .api = api, .target = target, .out = out };
    const char *xml = memmem(text, len, "<?xml", 5);

    trim(&text, &len);
    api->note(out, "%s", xml || (len && text[0] == '<') ? "XML" : "CSV");
    if (xml && xml >= text)     /* a warning may come first */
        return parse_xml(&a, xml, (size_t)(text + len - xml));
    if (len && text[0] == '<')
        return parse_xml(&a, text, len);
    return parse_csv(&a, &((struct nvsmi *)target->state)->way, text, len);
}

const struct gw_source nvsmi_source = {
    GW_SOURCE_HEAD,
    .name = "nvsmi",
    .summary =
        HAS_XML
            ? "NVIDIA GPUs of a node, by nvidia-smi"
            : "NVIDIA GPUs of a node, by nvidia-smi (CSV only: no expat for XML and MIG)",
    .schemes = "ssh local",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct nvsmi),
    .interval_s = 5,
    .is_node = true,
    .ask = nvsmi_ask,
    .frame = nvsmi_frame,
    .parse = nvsmi_parse,
};
