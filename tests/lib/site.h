/* A small site, filled by hand, for the tests of what the screen shows: two feeds, four
 * halls, eight racks with four nodes of eight GPUs each, tenants, jobs and a forecast
 * that worries. Nothing in it is random. */
#ifndef TESTS_LIB_SITE_H
#define TESTS_LIB_SITE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/model.h"

enum { SITE_RACKS = 8, SITE_NODES_IN_RACK = 4, SITE_GPUS_ON_NODE = 8 };

static const double site_time = 1767362732; /* 2026-01-02T14:05:32Z */

static uint32_t site_entity(struct batch *b, enum gw_kind kind, const char *name,
                            uint32_t parent)
{
    return batch_entity(b, kind, name, strlen(name), parent);
}

static void site_text(struct batch *b, uint32_t entity, uint16_t metric, const char *text)
{
    batch_text(b, entity, metric, text, strlen(text));
}

static uint32_t site_domain(struct batch *b, const char *name, const char *type,
                            uint32_t parent, double watts, double cap)
{
    uint32_t e = site_entity(b, GW_DOMAIN, name, parent);

    site_text(b, e, M_DOMAIN_TYPE, type);
    batch_number(b, e, M_DOMAIN_METER, watts, GW_OK);
    batch_number(b, e, M_DOMAIN_CAP, cap, GW_OK);
    return e;
}

static void site_gpu(struct batch *b, uint32_t node, const char *node_name, int index,
                     bool idle)
{
    char name[64];
    uint32_t e;

    snprintf(name, sizeof(name), "%s/%d", node_name, index);
    e = site_entity(b, GW_GPU, name, node);
    batch_number(b, e, M_GPU_INDEX, index, GW_OK);
    batch_number(b, e, M_GPU_POWER, idle ? 92 : 600 + 10 * index, GW_OK);
    batch_number(b, e, M_GPU_POWER_LIMIT, 1000, GW_OK);
    batch_number(b, e, M_GPU_UTIL, idle ? 0 : .9 + .01 * index, GW_OK);
    batch_number(b, e, M_GPU_TEMP, idle ? 34 : 60 + index, GW_OK);
    batch_number(b, e, M_GPU_MEM_USED, 140e9, GW_OK);
    batch_number(b, e, M_GPU_MEM_TOTAL, 192e9, GW_OK);
    site_text(b, e, M_GPU_MODEL, "NVIDIA GB200");
    site_text(b, e, M_GPU_STATE, idle ? "idle" : "busy");
    site_text(b, e, M_GPU_TENANT, index < 4 ? "research" : "agents-prod");
    site_text(b, e, M_GPU_JOB, index < 4 ? "81093" : "81117");
    if (idle)
        batch_number(b, e, M_GPU_IDLE, 1260, GW_OK);
}

static void site_rack(struct batch *b, int rack, uint32_t hall)
{
    char name[64];
    double extra = rack == 4 ? 13.2e3 : 0; /* one that is nearly full */
    uint32_t domain;

    snprintf(name, sizeof(name), "rack%02d", rack);
    domain = site_domain(b, name, "rack", hall, 117e3 + 100 * rack + extra, 132e3);
    for (int i = 0; i < SITE_NODES_IN_RACK; i++) {
        uint32_t node;

        snprintf(name, sizeof(name), "n%d", (rack - 1) * SITE_NODES_IN_RACK + i + 1);
        node = site_entity(b, GW_NODE, name, domain);
        site_text(b, node, M_NODE_STATE, rack == 3 && i == 1 ? "drain" : "up");
        batch_number(b, node, M_NODE_METER, 28e3 + 500 * i + extra / 4, GW_OK);
        batch_number(b, node, M_NODE_CAP, 33e3, GW_OK);
        for (int gpu = 0; gpu < SITE_GPUS_ON_NODE; gpu++)
            site_gpu(b, node, name, gpu, rack == 2 && gpu == 5);
    }
}

static void site_job(struct batch *b, const char *id, const char *tenant,
                     const char *state, double gpus, double watts, double start)
{
    uint32_t e = site_entity(b, GW_JOB, id, GW_NONE);
    bool pending = strcmp(state, "pending") == 0;

    site_text(b, e, M_JOB_TENANT, tenant);
    site_text(b, e, M_JOB_STATE, state);
    site_text(b, e, M_JOB_REASON, pending ? "Resources" : "");
    batch_number(b, e, M_JOB_GPUS, gpus, GW_OK);
    batch_number(b, e, pending ? M_JOB_PREDICTED : M_JOB_POWER, watts, GW_OK);
    batch_number(b, e, M_JOB_START, start, GW_OK);
}

static void site_tenant(struct batch *b, const char *name, double watts, double gpus,
                        double idle, double tokens)
{
    uint32_t e = site_entity(b, GW_TENANT, name, GW_NONE);

    batch_number(b, e, M_TENANT_POWER, watts, GW_OK);
    batch_number(b, e, M_TENANT_GPUS, gpus, GW_OK);
    batch_number(b, e, M_TENANT_BUSY, gpus - idle, GW_OK);
    batch_number(b, e, M_TENANT_IDLE, idle, GW_OK);
    if (!isnan(tokens))
        batch_number(b, e, M_TENANT_TOKENS, tokens, GW_OK);
}

/* What the source "sim" says at `time`. */
static struct batch *site_batch(double time)
{
    struct batch *b = batch_new(BATCH_POLL, "sim", time);
    uint32_t site = site_entity(b, GW_SITE, "iad-3", GW_NONE);
    uint32_t feeds[2], halls[4];

    batch_number(b, site, M_SITE_POWER, 950.2e3, GW_OK);
    batch_number(b, site, M_SITE_CAP, 1020e3, GW_OK);
    feeds[0] = site_domain(b, "feed-A", "feed", site, 482.1e3, 530e3);
    feeds[1] = site_domain(b, "feed-B", "feed", site, 468.1e3, 530e3);
    halls[0] = site_domain(b, "hall-1", "hall", feeds[0], 234.4e3, 264e3);
    halls[1] = site_domain(b, "hall-2", "hall", feeds[0], 247.7e3, 250e3);
    halls[2] = site_domain(b, "hall-3", "hall", feeds[1], 234e3, 264e3);
    halls[3] = site_domain(b, "hall-4", "hall", feeds[1], 234.1e3, 252e3);
    for (int rack = 1; rack <= SITE_RACKS; rack++)
        site_rack(b, rack, halls[(rack - 1) / 2]);
    site_tenant(b, "sovereign-llm", 412e3, 98, 2, NAN);
    site_tenant(b, "agents-prod", 288e3, 96, 6, 664e3);
    site_tenant(b, "research", 120e3, 62, 19, NAN);
    site_job(b, "81093", "research", "running", 128, 120e3, time - 7200);
    site_job(b, "81117", "agents-prod", "running", 128, 288e3, time - 86400);
    site_job(b, "81201", "sovereign-llm", "pending", 32, 36e3, time + 1260);
    site_job(b, "81215", "research", "pending", 8, 9e3, time + 1300);
    site_job(b, "81231", "research", "pending", 64, 72e3, time + 14000);
    return b;
}

static void site_forecast(struct batch *b, const char *domain, const char *horizon,
                          double seconds, double p, double median, double spread)
{
    char name[64];
    uint32_t e;

    snprintf(name, sizeof(name), "%s@%s", domain, horizon);
    e = site_entity(b, GW_FORECAST, name, GW_NONE);
    site_text(b, e, M_FORECAST_DOMAIN, domain);
    batch_number(b, e, M_FORECAST_HORIZON, seconds, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_P, p, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_Q05, median - 2 * spread, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_Q10, median - 1.5 * spread, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_Q25, median - .7 * spread, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_Q50, median, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_Q75, median + .7 * spread, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_Q90, median + 1.5 * spread, GW_ESTIMATED);
    batch_number(b, e, M_FORECAST_Q95, median + 2 * spread, GW_ESTIMATED);
    if (p > .5) {
        batch_number(b, e, M_FORECAST_TTB_P10, 1340, GW_ESTIMATED);
        batch_number(b, e, M_FORECAST_TTB_P50, 1500, GW_ESTIMATED);
        batch_number(b, e, M_FORECAST_TTB_P90, 2440, GW_ESTIMATED);
    }
    site_text(b, e, M_FORECAST_WHY,
              p > .5 ? "over 250 kW at 14:31 ±5m: 81201 starts, +36 kW" : "flat, ±2 kW");
    site_text(b, e, M_FORECAST_TRUSTED, "yes");
}

static struct batch *site_forecasts(double time)
{
    struct batch *b = batch_new(BATCH_FORECAST, "", time);
    uint32_t e = site_entity(b, GW_DOMAIN, "hall-2", GW_NONE);

    batch_number(b, e, M_DOMAIN_P, .81, GW_ESTIMATED);
    batch_number(b, e, M_DOMAIN_TTB, 1500, GW_ESTIMATED);
    batch_number(b, site_entity(b, GW_DOMAIN, "hall-4", GW_NONE), M_DOMAIN_P, .09,
                 GW_ESTIMATED);
    batch_number(b, site_entity(b, GW_DOMAIN, "feed-A", GW_NONE), M_DOMAIN_P, .02,
                 GW_ESTIMATED);
    site_forecast(b, "hall-2", "1h", 3600, .81, 252e3, 2e3);
    site_forecast(b, "hall-4", "1h", 3600, .09, 236e3, 2e3);
    site_forecast(b, "iad-3", "1m", 60, 0, 951e3, 1e3);
    site_forecast(b, "iad-3", "5m", 300, 0, 954e3, 4e3);
    site_forecast(b, "iad-3", "15m", 900, .05, 968e3, 10e3);
    site_forecast(b, "iad-3", "1h", 3600, .34, 990e3, 22e3);
    return b;
}

static void site_past(struct model *m, enum gw_kind kind, const char *name, double watts)
{
    float past[TREND_LENGTH];

    for (int i = 0; i < TREND_LENGTH; i++)
        past[i] = (float)(watts * (.96 + .04 * i / TREND_LENGTH + .003 * sin(i / 9.)));
    model_trend_fill(m, kind, model_find(m, kind, name), site_time - TREND_STEP_S, past,
                     TREND_LENGTH);
}

/* The whole site, with two hours of history, as it stands at site_time. */
static struct model *site_model(void)
{
    struct model *m = model_new("iad-3");
    struct batch *b;

    model_set_interval(m, "sim", 5);
    b = site_batch(site_time - 2);
    model_apply(m, b);
    batch_free(b);
    b = site_forecasts(site_time - 2);
    model_apply(m, b);
    batch_free(b);
    site_past(m, GW_SITE, "iad-3", 950e3);
    site_past(m, GW_DOMAIN, "feed-A", 482e3);
    site_past(m, GW_DOMAIN, "hall-2", 247e3);
    site_past(m, GW_TENANT, "research", 120e3);
    model_event(m, site_time - 300, "critical", "hall-2 forecast over 250 kW in 25 min");
    model_event(m, site_time - 1500, "information", "81188 ended, −29 kW");
    model_event(m, site_time - 3000, "cleared", "hall-4 back under 252 kW after 4 min");
    model_settle(m, site_time);
    return m;
}

#endif
