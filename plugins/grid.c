/* Price and carbon of a kWh: from a file of times, or over HTTP as Electricity Maps, WattTime and Korea's power exchange
 * answer. Prices change by the hour and such services count their callers, so it asks rarely, and refuses an interval
 * that would use up a day's calls.
 *
 * Electricity Maps: /v3/carbon-intensity/latest, gCO2eq a kWh, average. WattTime: /v3/forecast, pounds a MWh, marginal:
 * another quantity, told as another metric. KPX (data.go.kr 15076302): smp, KRW a kWh for each hour of a day. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gigawatch/source.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PRICE, CARBON, MARGINAL, CURRENCY };

static const struct gw_metric metrics[] = {
    [PRICE] = { "price", .kind = GW_SITE, .unit = "", .help = "price of a kWh now" },
    [CARBON] = { "carbon", .kind = GW_SITE, .unit = "", .help = "carbon intensity of the grid now, in gCO2 a kWh" },
    [MARGINAL] = { "carbon_marginal", .kind = GW_SITE, .unit = "", .help = "gCO2 of one kWh more" },
    [CURRENCY] = { "currency", .kind = GW_SITE, .type = GW_TEXT, .unit = "", .help = "what prices are in" },
    { 0 }
};

static const struct gw_option options[] = {
    { "shape", "auto", "electricitymaps, watttime, kpx, csv, or auto: as the answer looks" },
    { "currency", NULL, "what the prices are in; of KPX it is KRW" },
    { 0 }
};

static const double g_per_kwh_of_lb_per_mwh = .45359237; /* 453.59237 g a pound, 1000 kWh a MWh */
enum { KPX_CALLS_A_DAY = 100, DAY_S = 86400, HOUR_S = 3600, KST_S = 9 * HOUR_S };

/* An answer. */
struct page {
    const struct gw_api *api;
    struct gw_out *out;
    const struct gw_target *target;
    const char *text, *end;
    double now;
    uint32_t site;
};

/* ---- text ---- */

/* The value after "key": in JSON, from `at` on; NULL: there is none. */
static const char *value_of(const char *at, const char *end, const char *key)
{
    char quoted[64];
    size_t len = (size_t)snprintf(quoted, sizeof(quoted), "\"%s\"", key);

    for (; at < end && (at = memmem(at, (size_t)(end - at), quoted, len)); at++) {
        const char *value = at + len;

        while (value < end && isspace((unsigned char)*value))
            value++;
        if (value == end || *value != ':')
            continue;
        for (value++; value < end && isspace((unsigned char)*value);)
            value++;
        return value < end ? value : NULL;
    }
    return NULL;
}

/* A number, also one written as a text; NAN: it is none. */
static double number_at(const char *at, const char *end)
{
    char copy[40], *stop;
    size_t len = 0;
    double value;

    if (at && at < end && *at == '"')
        at++;
    while (at && at + len < end && len < sizeof(copy) - 1 && strchr("+-.eE0123456789", at[len]) && at[len])
        len++;
    if (!len)
        return NAN;
    memcpy(copy, at, len);
    copy[len] = 0;
    value = strtod(copy, &stop);
    return stop == copy || *stop || !isfinite(value) ? NAN : value;
}

static double number_of(const struct page *p, const char *key)
{
    return number_at(value_of(p->text, p->end, key), p->end);
}

static void tell(const struct page *p, size_t metric, double value, bool estimated)
{
    (estimated ? p->api->estimate : p->api->number)(p->out, p->site, metric, value);
}

/* ---- the shapes ---- */

static int read_electricity_maps(const struct page *p)
{
    const char *estimated = value_of(p->text, p->end, "isEstimated");
    double grams = number_of(p, "carbonIntensity");

    if (!(grams >= 0))
        return p->api->fail(p->out, "no carbonIntensity in the answer of Electricity Maps");
    tell(p, CARBON, grams, estimated && *estimated == 't');
    return GW_DONE;
}

/* The first point of the forecast is that of now. */
static int read_watttime(const struct page *p)
{
    const char *units = value_of(p->text, p->end, "units");
    double pounds = number_of(p, "value");
    static const char known[] = "\"lbs_co2_per_mwh\"";

    if (isnan(pounds))
        return p->api->fail(p->out, "no value in the answer of WattTime");
    if (!units || (size_t)(p->end - units) < sizeof(known) - 1 || memcmp(units, known, sizeof(known) - 1) != 0)
        return p->api->fail(p->out, "WattTime's units are not lbs_co2_per_mwh; ask for signal_type=co2_moer");
    tell(p, MARGINAL, pounds * g_per_kwh_of_lb_per_mwh, false);
    return GW_DONE;
}

/* Items {hour, smp}: hour 1 ends at one o'clock, Korean time. */
static int read_kpx(const struct page *p)
{
    int now = 1 + (int)(fmod(p->now + KST_S, DAY_S) / HOUR_S);
    const char *at = p->text;

    while (at < p->end && (at = memchr(at, '{', (size_t)(p->end - at)))) {
        const char *close = memchr(at, '}', (size_t)(p->end - at)), *open;
        double hour, price;

        close = close ? close : p->end;
        open = memchr(at + 1, '{', (size_t)(close - at - 1));
        if (open) { /* not an item yet */
            at = open;
            continue;
        }
        hour = number_at(value_of(at, close, "hour"), close);
        price = number_at(value_of(at, close, "smp"), close);
        if (!isnan(price) && hour == now) {
            tell(p, PRICE, price, false);
            p->api->text(p->out, p->site, CURRENCY, "KRW", 3);
            return GW_DONE;
        }
        at = close;
    }
    return p->api->fail(p->out, "no price for hour %d of the day in KPX's answer; is it today's, of one area?", now);
}

/* "HH:MM" of any day here, or seconds since 1970; NAN: neither. */
static double time_in(const char *at, const char *end, double now)
{
    time_t seconds = (time_t)now;
    struct tm day;
    int hour, minute;
    char copy[8] = { 0 };

    memcpy(copy, at, (size_t)(end - at) < sizeof(copy) - 1 ? (size_t)(end - at) : sizeof(copy) - 1);
    if (sscanf(copy, "%2d:%2d", &hour, &minute) != 2)
        return number_at(at, end);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || !localtime_r(&seconds, &day))
        return NAN;
    return now - day.tm_hour * HOUR_S - day.tm_min * 60 - day.tm_sec + hour * HOUR_S + minute * 60;
}

/* Lines "time,price[,carbon]": each holds until the next. Before the first of a day, the last of the day before does. */
static int read_csv(const struct page *p)
{
    double best = -INFINITY, price = NAN, carbon = NAN;

    for (const char *at = p->text; at < p->end;) {
        const char *stop = memchr(at, '\n', (size_t)(p->end - at)), *comma, *second;
        double time;

        stop = stop ? stop : p->end;
        comma = memchr(at, ',', (size_t)(stop - at));
        time = comma ? time_in(at, comma, p->now) : NAN;
        if (time > p->now && comma && memchr(at, ':', (size_t)(comma - at)))
            time -= DAY_S;
        if (time <= p->now && time > best) {
            second = memchr(comma + 1, ',', (size_t)(stop - comma - 1));
            best = time;
            price = number_at(comma + 1, stop);
            carbon = second ? number_at(second + 1, stop) : NAN;
        }
        at = stop + 1;
    }
    if (isnan(price) && isnan(carbon))
        return p->api->fail(p->out, "no line of the file holds now: expected time,price[,carbon], with HH:MM or seconds since 1970");
    if (!isnan(price))
        tell(p, PRICE, price, false);
    if (!isnan(carbon))
        tell(p, CARBON, carbon, false);
    return GW_DONE;
}

static const struct shape {
    const char *name, *sign;    /* sign: what only this shape's answer has */
    int (*read)(const struct page *p);
} shapes[] = {
    { "electricitymaps", "\"carbonIntensity\"", read_electricity_maps },
    { "watttime", "\"point_time\"", read_watttime },
    { "kpx", "\"smp\"", read_kpx },
    { "csv", ",", read_csv },
    { 0 },
};

static int read_page(const struct page *p)
{
    const char *wanted = p->api->option(p->target, "shape");

    for (const struct shape *s = shapes; s->name; s++) {
        bool fits = memmem(p->text, (size_t)(p->end - p->text), s->sign, strlen(s->sign)) != NULL;

        if (strcmp(wanted, "auto") == 0 ? fits : strcmp(wanted, s->name) == 0)
            return s->read(p);
    }
    return p->api->fail(p->out, "neither price nor carbon in the answer; see the option shape");
}

/* ---- the source ---- */

/* A key that is wrong is refused with a page, too, and the page is not for the screen: it may repeat the key. */
static int fetch(const struct gw_api *api, const struct gw_target *target, struct gw_reply *reply, struct gw_out *out)
{
    if (strncmp(target->url, "file:", 5) != 0)
        return api->get(target, NULL, "application/json", reply, out);
    if (strchr(target->path, '\''))
        return api->fail(out, "the path of the file must not hold a quote");
    return api->run(target, api->print(target, "cat -- '%s'", target->path), reply, out);
}

static int grid_poll(const struct gw_api *api, const struct gw_target *target, struct gw_out *out)
{
    const char *shape = api->option(target, "shape"), *currency = api->option(target, "currency");
    struct gw_reply reply = { .size = sizeof(reply) };
    struct page p = { .api = api, .out = out, .target = target };

    if (strcmp(shape, "kpx") == 0 && target->interval_s < (double)DAY_S / KPX_CALLS_A_DAY)
        return api->fail(out, "KPX answers %d calls a day: expected an interval of 15m or more", KPX_CALLS_A_DAY);
    if (fetch(api, target, &reply, out) != GW_DONE)
        return GW_FAILED;
    if (reply.status != 0 && reply.status != 200)
        return api->fail(out, "status %d instead of an answer; is the key right, and are there calls left today?", reply.status);
    p.text = reply.text;
    p.end = reply.text + reply.len;
    p.now = api->now(target);
    p.site = api->entity(out, GW_SITE, ".", 1, GW_NONE); /* the site it is run for */
    if (currency)
        api->text(out, p.site, CURRENCY, currency, strlen(currency));
    return read_page(&p);
}

const struct gw_source grid_source = {
    GW_SOURCE_HEAD,
    .name = "grid",
    .summary = "price and carbon of a kWh: a file of times, Electricity Maps, WattTime, KPX",
    .metrics = metrics,
    .options = options,
    .interval_s = 900,
    .poll = grid_poll,
};
