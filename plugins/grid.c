/* Price and carbon of a kWh: from a file of times, or over HTTP as Electricity Maps,
 * WattTime and Korea's power exchange answer. Prices change by the hour and such services
 * count their callers, so it asks rarely, and no sooner than there can be something new
 * or a day's calls last, whatever the interval.
 *
 * Electricity Maps: /v3/carbon-intensity/latest, gCO2eq a kWh, average. WattTime:
 * /v3/forecast, pounds a MWh, marginal: another quantity, told as another metric. KPX:
 * smp, KRW a kWh for each hour of a day, known the day before, so that one call is good
 * for the day; as XML (openapi.kpx.or.kr smp1hToday, data.go.kr 15076302: tradeDay,
 * tradeHour, areaCd) or as JSON with its price forecast (data.go.kr 15131225: date, hour,
 * areaName). */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gigawatch/json.h"
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

/* as KPX writes the island's name */
static const char jeju[] = "\xec\xa0\x9c\xec\xa3\xbc";
/* 453.59237 g a pound, 1000 kWh a MWh */
static const double g_per_kwh_of_lb_per_mwh = .45359237;
enum { DAY_S = 86400, HOUR_S = 3600, KST_S = 9 * HOUR_S, HOURS = 24 };

/* What an exchange said of a day, kept between polls: it is not asked again for what is
 * known. */
struct kept {
    long day;                   /* of 1970, in Korea; 0: none */
    double prices[HOURS];       /* of the hours that begin at 0, 1, …; NAN: not told */
    bool mainland[HOURS];       /* that is where the price holds, not on Jeju */
};

/* An answer. */
struct page {
    const struct gw_api *api;
    struct gw_out *out;
    const struct gw_target *target;
    const char *text, *end;
    const struct gw_json *json; /* the same, read, where it is JSON */
    double now;
    uint32_t site;
    struct kept *kept;
};

/* ---- text ---- */

/* A number that is all there is from `at` to `end`; NAN: it is none. */
static double number_at(const char *at, const char *end)
{
    char copy[40], *stop;
    double value;

    while (at < end && isspace((unsigned char)*at))
        at++;
    while (end > at && isspace((unsigned char)end[-1]))
        end--;
    if (at == end || (size_t)(end - at) >= sizeof(copy) ||
        (!isdigit((unsigned char)*at) && !strchr("+-.", *at)))
        return NAN;
    memcpy(copy, at, (size_t)(end - at));
    copy[end - at] = '\0';
    value = strtod(copy, &stop);
    return *stop || !isfinite(value) ? NAN : value;
}

static double number_of(const struct page *p, uint32_t object, const char *key)
{
    return gw_json_number(p->json, gw_json_member(p->json, object, key));
}

static void tell(const struct page *p, size_t metric, double value, bool estimated)
{
    (estimated ? p->api->estimate : p->api->number)(p->out, p->site, metric, value);
}

/* ---- the shapes ---- */

static int read_electricity_maps(const struct page *p)
{
    double grams = number_of(p, 0, "carbonIntensity");

    if (!(grams >= 0))
        return p->api->fail(
            p->out,
            "no carbonIntensity in the answer of Electricity Maps; ask for /v3/carbon-intensity/latest");
    tell(p, CARBON, grams,
         gw_json_kind(p->json, gw_json_member(p->json, 0, "isEstimated")) == 't');
    return GW_DONE;
}

/* The first point of the forecast is that of now. */
static int read_watttime(const struct page *p)
{
    double pounds = number_of(
        p, gw_json_first(p->json, gw_json_member(p->json, 0, "data")), "value");

    if (isnan(pounds))
        return p->api->fail(p->out,
                            "no value in the answer of WattTime; ask for /v3/forecast");
    if (!gw_json_is(p->json, gw_json_at(p->json, 0, "meta", "units", NULL),
                    "lbs_co2_per_mwh"))
        return p->api->fail(
            p->out,
            "WattTime's units are not lbs_co2_per_mwh; ask for signal_type=co2_moer");
    tell(p, MARGINAL, pounds * g_per_kwh_of_lb_per_mwh, false);
    return GW_DONE;
}

/* ---- KPX ---- */

static long korean_day(double now)
{
    return (long)floor((now + KST_S) / DAY_S);
}

static int korean_hour(double now)
{
    return (int)(fmod(now + KST_S, DAY_S) / HOUR_S);
}

/* YYYYMMDD as a number, of a day of 1970. */
static double date_of(long day)
{
    time_t seconds = (time_t)day * DAY_S;
    struct tm date;

    if (!gmtime_r(&seconds, &date))
        return NAN;
    return (date.tm_year + 1900) * 10000 + (date.tm_mon + 1) * 100 + date.tm_mday;
}

/* Tells what is known of the hour; false: nothing is. */
static bool tell_hour(const struct page *p)
{
    double price = p->kept->prices[korean_hour(p->now)];

    if (p->kept->day != korean_day(p->now) || isnan(price))
        return false;
    tell(p, PRICE, price, false);
    p->api->text(p->out, p->site, CURRENCY, "KRW", 3);
    return true;
}

static void begin_day(const struct page *p)
{
    *p->kept = (struct kept){ .day = korean_day(p->now) };
    for (int i = 0; i < HOURS; i++)
        p->kept->prices[i] = NAN;
}

/* Hour 1 ends at one o'clock, Korean time. Of an answer that holds both areas the
 * mainland counts. `day` NAN: it does not say. */
static void note_hour(const struct page *p, double day, double hour, bool mainland,
                      double price)
{
    struct kept *k = p->kept;
    int i = hour >= 1 && hour <= HOURS ? (int)hour - 1 : -1;

    if (i < 0 || isnan(price) || (!isnan(day) && fabs(day - date_of(k->day)) > .5) ||
        (!isnan(k->prices[i]) && k->mainland[i]))
        return;
    k->prices[i] = price;
    k->mainland[i] = mainland;
}

static int end_day(const struct page *p)
{
    if (tell_hour(p))
        return GW_DONE;
    return p->api->fail(
        p->out, "no price for hour %d of the day in KPX's answer; is it of today?",
        1 + korean_hour(p->now));
}

/* Items {hour, smp}, wherever they stand, for one alone is in no list. */
static int read_kpx(const struct page *p)
{
    begin_day(p);
    for (uint32_t item = 0; item < p->json->count; item++) {
        double hour, day;

        if (gw_json_kind(p->json, item) != '{')
            continue;
        hour = number_of(p, item, "hour");
        hour = isnan(hour) ? number_of(p, item, "tradeHour") : hour;
        day = number_of(p, item, "date");
        note_hour(
            p, isnan(day) ? number_of(p, item, "tradeDay") : day, hour,
            number_of(p, item, "areaCd") != 9 &&
                !gw_json_is(p->json, gw_json_member(p->json, item, "areaName"), jeju),
            number_of(p, item, "smp"));
    }
    return end_day(p);
}

/* What stands in <name>…</name> from `at` to `end`, as a number; NAN: there is none. */
static double number_in(const char *at, const char *end, const char *name)
{
    char tag[24];
    size_t len = (size_t)snprintf(tag, sizeof(tag), "<%s>", name);
    const char *from = memmem(at, (size_t)(end - at), tag, len), *to;

    from = from ? from + len : end;
    to = memchr(from, '<', (size_t)(end - from));
    return to ? number_at(from, to) : NAN;
}

static int read_kpx_xml(const struct page *p)
{
    static const char opens[] = "<item>", closes[] = "</item>";

    begin_day(p);
    for (const char *at = p->text;
         (at = memmem(at, (size_t)(p->end - at), opens, sizeof(opens) - 1));) {
        const char *end = memmem(at, (size_t)(p->end - at), closes, sizeof(closes) - 1);

        if (!end)
            break;              /* cut off: what came counts */
        note_hour(p, number_in(at, end, "tradeDay"), number_in(at, end, "tradeHour"),
                  number_in(at, end, "areaCd") != 9, number_in(at, end, "smp"));
        at = end;
    }
    return end_day(p);
}

/* ---- a file of times ---- */

/* "HH:MM" of any day here, or seconds since 1970; NAN: neither. */
static double time_in(const char *at, const char *end, double now)
{
    time_t seconds = (time_t)now;
    struct tm day;
    int hour, minute;
    char copy[8] = { 0 };

    memcpy(copy, at,
           (size_t)(end - at) < sizeof(copy) - 1 ? (size_t)(end - at) : sizeof(copy) - 1);
    if (sscanf(copy, "%2d:%2d", &hour, &minute) != 2)
        return number_at(at, end);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        !localtime_r(&seconds, &day))
        return NAN;
    return now - day.tm_hour * HOUR_S - day.tm_min * 60 - day.tm_sec + hour * HOUR_S +
           minute * 60;
}

/* Lines "time,price[,carbon]": each holds until the next. Before the first of a day, the
 * last of the day before does. */
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
            price = number_at(comma + 1, second ? second : stop);
            carbon = second ? number_at(second + 1, stop) : NAN;
        }
        at = stop + 1;
    }
    if (isnan(price) && isnan(carbon))
        return p->api->fail(
            p->out,
            "no line of the file holds now: expected time,price[,carbon], with HH:MM or seconds since 1970");
    if (!isnan(price))
        tell(p, PRICE, price, false);
    if (!isnan(carbon))
        tell(p, CARBON, carbon, false);
    return GW_DONE;
}

enum form { JSON, XML, LINES };

/* `floor_s`: asked more often, it has nothing new, or a day's calls would not last. */
static const struct shape {
    const char *name, *sign;    /* sign: what only this shape's answer has */
    int (*read)(const struct page *p);
    enum form form;
    double floor_s;
} shapes[] = {
    { "electricitymaps", "\"carbonIntensity\"", read_electricity_maps, JSON, 300 },
    { "watttime", "\"point_time\"", read_watttime, JSON, 300 },
    { "kpx", "\"smp\"", read_kpx, JSON, 900 },      /* 100 calls a day */
    { "kpx", "<smp>", read_kpx_xml, XML, 900 },
    { "csv", ",", read_csv, LINES, 0 },
    { 0 },
};

static bool is_file(const struct gw_target *target)
{
    return strncmp(target->url, "file:", 5) == 0;
}

static bool holds(const struct page *p, const char *words)
{
    return memmem(p->text, (size_t)(p->end - p->text), words, strlen(words)) != NULL;
}

/* The same, where the words may stand apart by _ or a blank. */
static bool says(const struct page *p, const char *words)
{
    size_t len = strlen(words), i;

    for (const char *at = p->text; at + len <= p->end; at++) {
        for (i = 0; i < len && (at[i] == words[i] || (at[i] == '_' && words[i] == ' '));
             i++)
            continue;
        if (i == len)
            return true;
    }
    return false;
}

/* data.go.kr and KPX refuse with status 200, mostly as XML, whatever was asked for (error
 * codes 22, 30 and 31). */
static int read_refusal(const struct page *p)
{
    if (!is_file(p->target))
        /* what counts its callers may have counted this */
        p->api->pace(p->out, 900);
    if (says(p, "SERVICE KEY") || says(p, "DEADLINE HAS EXPIRED"))
        return p->api->refuse(
            p->out,
            "the key is not taken (data.go.kr); see token: and token_query: serviceKey");
    if (says(p, "LIMITED NUMBER OF SERVICE REQUESTS")) {
        p->api->pace(p->out, HOUR_S);
        return p->api->fail(
            p->out,
            "the calls of today are used up (data.go.kr); raise interval:, or ask for an operating key");
    }
    return p->api->fail(p->out,
                        "neither price nor carbon in the answer; see the option shape");
}

/* Is it of this shape, as far as can be seen? Lines of figures have commas, but so has
 * all that is no file of times. */
static bool fits(const struct page *p, const struct shape *s)
{
    const char *at = p->text;

    while (at < p->end && isspace((unsigned char)*at))
        at++;
    return holds(p, s->sign) &&
           (s->form != LINES || (at < p->end && !strchr("{[<", *at)));
}

static int read_shape(struct page *p, const struct shape *s)
{
    struct gw_json json = { 0 };
    int result;

    p->json = &json;
    p->api->note(p->out, "read as %s%s", s->name,
                 s->form == XML    ? ", XML"
                 : s->form == JSON ? ", JSON"
                                   : "");
    if (!is_file(p->target))
        p->api->pace(p->out, s->floor_s);
    if (s->form == JSON && !gw_json_read(&json, p->text, (size_t)(p->end - p->text)))
        result = p->api->fail(p->out, "the answer is no JSON, or is cut off, at byte %lu",
                              (unsigned long)json.at);
    else
        result = s->read(p);
    gw_json_free(&json);
    return result;
}

static int read_page(struct page *p)
{
    const char *wanted = p->api->option(p->target, "shape");

    for (const struct shape *s = shapes; s->name; s++)
        if ((strcmp(wanted, "auto") == 0 || strcmp(wanted, s->name) == 0) && fits(p, s))
            return read_shape(p, s);
    return read_refusal(p);
}

/* ---- the source ---- */

/* An answer that is none, in words of our own: the page may repeat the key. */
static int take_failure(const struct gw_api *api, struct gw_out *out, int status)
{
    api->pace(out, 900);
    switch (status) {
    case 401:
    case 403:
        return api->refuse(
            out,
            "the key is not taken (status %d); see token:, token_header: and token_query:",
            status);
    case 404:
        return api->fail(
            out,
            "nothing at this path (404 not found); is the URL whole, with zone or region?");
    case 429:
        return api->fail(
            out,
            "asked more often than the service allows (429 too many requests); raise interval:");
    default:
        return api->fail(out, "status %d instead of an answer", status);
    }
}

static int fetch(const struct gw_api *api, const struct gw_target *target,
                 struct gw_reply *reply, struct gw_out *out)
{
    if (!is_file(target))
        return api->get(target, NULL, "application/json", reply, out);
    if (strchr(target->path, '\''))
        return api->fail(out, "the path of the file must not hold a quote");
    if (api->run(target, api->print(target, "cat -- '%s'", target->path), reply, out) !=
        GW_DONE)
        return GW_FAILED;
    if (reply->status != 0)
        return api->fail(out, "%s cannot be read: does it exist, and may you read it?",
                         target->path);
    return GW_DONE;
}

/* Whatever is wrong with options is said before anything is asked. */
static int grid_open(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    const char *wanted = api->option(target, "shape");

    for (const struct shape *s = shapes; s->name; s++)
        if (strcmp(wanted, "auto") == 0 || strcmp(wanted, s->name) == 0)
            return GW_DONE;
    return api->fail(out, "shape: expected auto, electricitymaps, watttime, kpx or csv, got \"%.20s\"", wanted);
}

static int grid_poll(const struct gw_api *api, const struct gw_target *target,
                     struct gw_out *out)
{
    const char *currency = api->option(target, "currency");
    struct gw_reply reply = { .size = sizeof(reply) };
    struct page p = { .api = api,
                      .out = out,
                      .target = target,
                      .kept = target->state,
                      .now = api->now(target) };

    p.site = api->entity(out, GW_SITE, ".", 1, GW_NONE); /* the site it is run for */
    if (currency)
        api->text(out, p.site, CURRENCY, currency, strlen(currency));
    if (!is_file(target) && tell_hour(&p))
        return GW_DONE;
    if (fetch(api, target, &reply, out) != GW_DONE)
        return GW_FAILED;
    if (!is_file(target) && reply.status != 200)
        return take_failure(api, out, reply.status);
    p.text = reply.text;
    p.end = reply.text + reply.len;
    p.now = api->now(target);
    return read_page(&p);
}

const struct gw_source grid_source = {
    GW_SOURCE_HEAD,
    .name = "grid",
    .schemes = "grid+http grid+https",
    .summary = "price and carbon of a kWh: a file of times, Electricity Maps, WattTime, KPX",
    .metrics = metrics,
    .options = options,
    .state_size = sizeof(struct kept),
    .interval_s = 900,
    .open = grid_open,
    .poll = grid_poll,
};
