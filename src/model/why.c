/* Why, of a forecast: its sentence says what was free when it was made, and whoever tells
 * it tells what is free now, so that an alert, a box and the wall have one number. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/inside.h"

/* Of a sum that lacks too much nobody knows what is free. */
static bool is_dark(const struct model *m, uint32_t domain)
{
    return isnan(fresh_number(m, M_DOMAIN_METER, domain, m->tick)) &&
           fresh_number(m, M_DOMAIN_COVERAGE, domain, m->tick) <
               m->thresholds.coverage_attention;
}

/* What the domain or the site draws now of what its cap is for. NAN: not known, or old.
 */
static double power_now(const struct model *m, uint32_t forecast)
{
    const char *name = model_text(m, M_FORECAST_DOMAIN, forecast);
    uint32_t domain = name ? model_find(m, GW_DOMAIN, name) : GW_NONE;
    uint16_t metric = domain == GW_NONE ? M_SITE_POWER : model_capped_power(m, domain);

    if (!name || (domain == GW_NONE && strcmp(name, model_site(m)) != 0))
        return NAN;
    if (domain != GW_NONE && is_dark(m, domain))
        return NAN;
    domain = domain == GW_NONE ? 0 : domain;
    return model_quality(m, metric, domain) == GW_STALE ? NAN
                                                        : model_number(m, metric, domain);
}

/* What was over its cap when the forecast was made may be below it now. */
static void say_over_now(char *to, size_t room, double free_w, double cap_w,
                         const char *after)
{
    char by[32], cap[32];

    text_watts(by, sizeof(by), fabs(free_w));
    text_watts(cap, sizeof(cap), cap_w);
    snprintf(to, room, free_w < 0 ? "over %s now, by %s%s" : "back under %s: %s free%s",
             cap, by, after ? after : "");
}

void model_forecast_why(const struct model *m, uint32_t forecast, char *to, size_t room)
{
    bool known = forecast != GW_NONE;
    const char *why = known ? model_text(m, M_FORECAST_WHY, forecast) : NULL,
               *before = known ? model_text(m, M_FORECAST_WHY_BEFORE, forecast) : NULL,
               *after = known ? model_text(m, M_FORECAST_WHY_AFTER, forecast) : NULL;
    double free_w = known ? model_number(m, M_FORECAST_CAP, forecast) -
                                power_now(m, forecast)
                          : NAN;
    char now[32] = "nothing";

    if (before && before[0] && !isnan(free_w) && text_ends(before, ", by ")) {
        say_over_now(to, room, free_w, model_number(m, M_FORECAST_CAP, forecast), after);
    } else if (before && before[0] && !isnan(free_w)) {
        if (free_w > 0)
            text_watts(now, sizeof(now), free_w);
        snprintf(to, room, "%s%s%s", before, now, after ? after : "");
    } else {
        snprintf(to, room, "%s", why ? why : "");
    }
}
