/* The XML of nvidia-smi -q -x, of three generations, as expat reads it. */
#ifndef PLUGINS_NVSMI_XML_H
#define PLUGINS_NVSMI_XML_H

#include "plugins/nvsmi/complaints.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#ifdef HAVE_EXPAT
#include <expat.h>

enum { HAS_XML = 1 };

/* Elements below <gpu> that are read. Three generations of the same figure may stand
 * beside each other; a later line of this table does not replace what an earlier one
 * knew. */
/* clang-format off */
static const struct element {
    const char *path;
    size_t metric;
    const char *unit;           /* NULL: text */
} elements[] = {
    { "uuid", UUID, NULL },
    { "product_name", MODEL, NULL },
    { "utilization/gpu_util", UTIL, "%" },
    { "fb_memory_usage/used", MEM_USED, "MiB" },
    { "fb_memory_usage/total", MEM_TOTAL, "MiB" },
    { "temperature/gpu_temp", TEMP, "C" },
    { "temperature/memory_temp", MEM_TEMP, "C" },
    { "clocks/sm_clock", SM_CLOCK, "MHz" },
    { "gpu_power_readings/average_power_draw", POWER, "W" },            /* v13 */
    { "gpu_power_readings/instant_power_draw", POWER_INSTANT, "W" },    /* v13 */
    { "gpu_power_readings/power_draw", POWER, "W" },                    /* v12 */
    { "gpu_power_readings/current_power_limit", POWER_LIMIT, "W" },     /* v12, v13 */
    { "power_readings/power_draw", POWER, "W" },                        /* v11 */
    { "power_readings/enforced_power_limit", POWER_LIMIT, "W" },        /* v11 */
    { "module_power_readings/average_power_draw", MODULE_POWER, "W" },  /* v13 */
    { "module_power_readings/power_draw", MODULE_POWER, "W" },          /* v12 */
    { 0 }
};
/* clang-format on */

struct xml {
    struct answer *answer;
    XML_Parser parser;
    struct card card;
    char path[256];             /* below <gpu>, "a/b"; at depth 2: "" */
    size_t path_len;
    unsigned depth;
    bool in_gpu, is_smi, wrong;
    char root[32];
    char text[256];
    size_t text_len;
    struct mig_device device;
    unsigned index;             /* nvidia-smi lists by index; <minor_number> is
                                 * something else */
};

static void stop(struct xml *x)
{
    x->wrong = true;
    XML_StopParser(x->parser, XML_FALSE);
}

static void XMLCALL open_element(void *arg, const XML_Char *name,
                                 const XML_Char **attributes)
{
    struct xml *x = arg;
    size_t len = strlen(name);

    (void)attributes;
    x->text_len = 0;
    if (++x->depth == 1) {
        snprintf(x->root, sizeof(x->root), "%.31s", name);
        x->is_smi = strcmp(name, "nvidia_smi_log") == 0;
        if (!x->is_smi)
            stop(x);
        return;
    }
    if (x->depth == 2 && strcmp(name, "gpu") == 0) {
        card_clear(&x->card);
        x->in_gpu = true;
        x->path_len = 0;
        return;
    }
    if (!x->in_gpu)
        return;
    if (x->path_len + len + 2 > sizeof(x->path)) {
        stop(x);
        return;
    }
    if (x->path_len)
        x->path[x->path_len++] = '/';
    memcpy(x->path + x->path_len, name, len + 1);
    x->path_len += len;
    if (strcmp(x->path, "mig_devices/mig_device") == 0)
        x->device = (struct mig_device){ NAN, NAN, NAN };
}

static void XMLCALL add_text(void *arg, const XML_Char *text, int len)
{
    struct xml *x = arg;
    size_t room = sizeof(x->text) - x->text_len,
           n = (size_t)len < room ? (size_t)len : room;

    memcpy(x->text + x->text_len, text, n);
    x->text_len += n;
}

/* clocks_event_reasons/clocks_event_reason_hw_slowdown, before v12 with "throttle" for
 * "event". */
static void read_reason(struct card *c, const char *path, const char *text, size_t len)
{
    const char *name;

    if (strncmp(path, "clocks_event_reasons/clocks_event_reason_", 41) == 0)
        name = path + 41;
    else if (strncmp(path, "clocks_throttle_reasons/clocks_throttle_reason_", 47) == 0)
        name = path + 47;
    else
        return;
    if (is_unknown(text, len))
        return;
    c->reasons_told = true;
    for (size_t i = 0; reasons[i].element; i++)
        if (strcmp(name, reasons[i].element) == 0 && len == 6 &&
            memcmp(text, "Active", 6) == 0)
            c->reasons |= reasons[i].bit;
}

static void read_mig(struct xml *x, const char *path, const char *text, size_t len)
{
    struct card *c = &x->card;

    if (strcmp(path, "mig_mode/current_mig") == 0)
        c->mig_enabled = len == 7 && memcmp(text, "Enabled", 7) == 0;
    if (strncmp(path, "mig_devices/mig_device", 22) != 0)
        return;
    path += 22;
    if (strcmp(path, "/gpu_instance_id") == 0)
        x->device.instance = read_number(x->answer, path + 1, text, len, "");
    else if (strcmp(path, "/device_attributes/shared/copy_engine_count") == 0)
        x->device.engines = read_number(x->answer, "copy_engine_count", text, len, "");
    else if (strcmp(path, "/fb_memory_usage/total") == 0)
        x->device.mib = read_number(x->answer, path + 1, text, len, "MiB");
    else if (*path == '\0' && c->mig_count < MIG_ROOM) {
        /* Compute instances share the memory of their GPU instance: counted once. */
        for (size_t i = 0; i < c->mig_count; i++)
            if (c->mig[i].instance == x->device.instance)
                return;
        c->mig[c->mig_count++] = x->device;
    }
}

static void read_element(struct xml *x)
{
    const char *text = x->text;
    size_t len = x->text_len;
    double value;

    trim(&text, &len);
    read_reason(&x->card, x->path, text, len);
    read_mig(x, x->path, text, len);
    for (const struct element *e = elements; e->path; e++) {
        if (strcmp(e->path, x->path) != 0)
            continue;
        read_ailment(&x->card, text, len);
        if (e->metric == UUID)
            read_text(x->card.uuid, sizeof(x->card.uuid), text, len);
        else if (e->metric == MODEL)
            read_text(x->card.model, sizeof(x->card.model), text, len);
        else if (!isnan(value = read_number(x->answer, e->path, text, len, e->unit)))
            x->card.number[e->metric] = value;
        return;
    }
}

static void XMLCALL close_element(void *arg, const XML_Char *name)
{
    struct xml *x = arg;
    char *slash;

    (void)name;
    if (x->in_gpu && x->depth > 2) {
        read_element(x);
        slash = strrchr(x->path, '/');
        x->path_len = slash ? (size_t)(slash - x->path) : 0;
        x->path[x->path_len] = '\0';
    } else if (x->in_gpu) {
        tell_card(x->answer, x->index++, &x->card);
        x->in_gpu = false;
    }
    x->text_len = 0;
    x->depth--;
}

/* nvidia-smi declares no entities; who does means harm. */
static void XMLCALL refuse_entity(void *arg, const XML_Char *name, int is_parameter,
                                  const XML_Char *value, int len, const XML_Char *base,
                                  const XML_Char *system, const XML_Char *public,
                                  const XML_Char *notation)
{
    (void)name, (void)is_parameter, (void)value, (void)len;
    (void)base, (void)system, (void)public, (void)notation;
    stop(arg);
}

static int explain_xml(struct xml *x, bool complete)
{
    struct answer *a = x->answer;
    unsigned long line = XML_GetCurrentLineNumber(x->parser);
    char quoted[32];

    if (x->root[0] && !x->is_smi)
        return a->api->fail(a->out, "expected the XML of nvidia-smi, got <%s>",
                            gw_quote(quoted, x->root, strlen(x->root)));
    if (x->wrong)
        return a->api->fail(
            a->out, "line %lu of the XML is nothing that nvidia-smi prints", line);
    if (!complete)
        return a->api->fail(a->out,
                            "the XML of nvidia-smi is cut off in line %lu, after %u "
                            "whole GPU%s",
                            line, x->index, x->index == 1 ? "" : "s");
    return a->api->fail(a->out, "the XML of nvidia-smi is broken in line %lu: %s", line,
                        XML_ErrorString(XML_GetErrorCode(x->parser)));
}

static int parse_xml(struct answer *a, const char *text, size_t len)
{
    static const char last[] = "</nvidia_smi_log>";
    const char *end = memmem(text, len, last, sizeof(last) - 1);
    struct xml x = { .answer = a };
    int result = GW_DONE;

    /* A warning about the infoROM may follow the document. */
    if (end)
        len = (size_t)(end - text) + sizeof(last) - 1;
    x.parser = XML_ParserCreate(NULL);
    if (!x.parser)
        return a->api->fail(a->out, "no memory to read XML");
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, open_element, close_element);
    XML_SetCharacterDataHandler(x.parser, add_text);
    XML_SetEntityDeclHandler(x.parser, refuse_entity);
    if (XML_Parse(x.parser, text, (int)len, XML_TRUE) != XML_STATUS_OK)
        result = explain_xml(&x, end != NULL);
    else if (a->cards == 0)
        result = a->api->fail(a->out, "%s", complaints[0].sentence);
    else
        result = finish(a);
    XML_ParserFree(x.parser);
    return result;
}
#else
enum { HAS_XML = 0 };

static int parse_xml(struct answer *a, const char *text, size_t len)
{
    (void)text, (void)len;
    return a->api->fail(
        a->out, "this build has no expat to read the XML of nvidia-smi; use mode: csv");
}
#endif

#endif
