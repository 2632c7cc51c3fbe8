/* The risk: which breach to name when there is room for one. */
#include "show/risk.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

uint32_t risk_forecast(const struct model *m, const char *name)
{
    char key[300];

    snprintf(key, sizeof(key), "%s@1h", name);
    return model_find(m, GW_FORECAST, key);
}

double risk_reach(const struct model *m, struct row row)
{
    bool is_site = row.kind == GW_SITE;
    uint32_t forecast = is_site || !model_cap_is_n1(m, row.id)
                            ? risk_forecast(m, model_name(m, row.kind, row.id))
                            : GW_NONE;

    if (forecast == GW_NONE || model_quality(m, M_FORECAST_MAX_Q90, forecast) == GW_STALE)
        return NAN;
    return model_number(m, M_FORECAST_MAX_Q90, forecast) /
           model_number(m, is_site ? M_SITE_CAP : M_DOMAIN_CAP, row.id);
}

bool risk_is_told_by_whole(const struct model *m, uint32_t domain)
{
    const struct thresholds *t = model_thresholds(m);
    const char *type = model_text(m, M_DOMAIN_TYPE, domain);
    struct row whole = model_parent(m, GW_DOMAIN, domain);
    double own = model_number(m, M_DOMAIN_P, domain), of_whole;

    if (!type || strcmp(type, "rack") != 0 || whole.id == GW_NONE ||
        whole.kind != GW_DOMAIN)
        return false;
    of_whole = model_number(m, M_DOMAIN_P, whole.id);
    return of_whole >= t->p_attention && of_whole >= own && !(own >= t->p_critical);
}

static double load_of(const struct model *m, struct row row)
{
    bool is_site = row.kind == GW_SITE;

    return model_number(m, is_site ? M_SITE_POWER : model_capped_power(m, row.id),
                        row.id) /
           model_number(m, is_site ? M_SITE_CAP : M_DOMAIN_CAP, row.id);
}

static bool is_sooner(double a, double b)
{
    return isnan(b) ? !isnan(a) : a < b;
}

/* Of two that are over their caps now, the one that is further over. */
static bool is_worse(const struct model *m, const struct risk *a, const struct risk *b)
{
    double likely = model_thresholds(m)->p_critical;

    if (b->row.id == GW_NONE || isnan(a->p))
        return !isnan(a->p);
    if (!(a->p >= likely && b->p >= likely))
        return a->p > b->p;
    if (is_sooner(a->ttb_s, b->ttb_s) || is_sooner(b->ttb_s, a->ttb_s))
        return is_sooner(a->ttb_s, b->ttb_s);
    return a->p > b->p || (a->p == b->p && load_of(m, a->row) > load_of(m, b->row));
}

static struct risk risk_of_site(const struct model *m)
{
    struct risk r = {
        { GW_SITE, GW_NONE }, model_site(m), risk_forecast(m, model_site(m)), NAN, NAN
    };

    if (r.forecast == GW_NONE)
        return r;
    r.p = model_number(m, M_FORECAST_P, r.forecast);
    r.ttb_s = model_number(m, M_FORECAST_TTB_P50, r.forecast);
    r.row.id = isnan(r.p) ? GW_NONE : 0;
    return r;
}

struct risk risk_of(const struct model *m)
{
    struct risk worst = risk_of_site(m);
    const float *p = model_column(m, M_DOMAIN_P);
    size_t rows = p ? model_rows(m, GW_DOMAIN) : 0;
    double likely = model_thresholds(m)->p_critical;

    for (uint32_t row = 0; row < rows; row++) {
        struct risk one = { { GW_DOMAIN, row }, NULL, GW_NONE, (double)p[row], NAN };

        if (isnan(p[row]) || (one.p < worst.p && one.p < likely) ||
            risk_is_told_by_whole(m, row))
            continue;
        one.ttb_s = model_number(m, M_DOMAIN_TTB, row);
        if (is_worse(m, &one, &worst))
            worst = one;
    }
    if (worst.row.kind == GW_DOMAIN) {
        worst.name = model_name(m, GW_DOMAIN, worst.row.id);
        worst.forecast = risk_forecast(m, worst.name);
    }
    return worst;
}
