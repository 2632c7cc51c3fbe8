/* --check: the line and the exit code of a monitoring plugin (Monitoring Plugins
 * Development Guidelines): power against its cap, and the breach to come. The plain alarm
 * on measured power holds whatever the forecasts are worth. */
#include "app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "forecast/forecast.h"
#include "show/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum verdict { CHECK_OK, CHECK_WARNING, CHECK_CRITICAL, CHECK_UNKNOWN, VERDICTS };

static const char *const verdict_words[] = { "OK", "WARNING", "CRITICAL", "UNKNOWN" };
/* Which of several is told: a breach before ignorance, ignorance before all well. */
static const int verdict_weights[] = { 0, 2, 3, 1 };
static const enum verdict told_in_order[] = { CHECK_CRITICAL, CHECK_WARNING,
                                              CHECK_UNKNOWN, CHECK_OK };

/* A forecast is of now for as long as the next may take. */
static const double forecast_age_s = 120;

struct limits {
    double warn, crit;          /* probabilities */
    double lead_s, horizon_s;
    char horizon[16];           /* as in the names of forecasts */
};

/* What is said of one domain. */
struct finding {
    enum verdict verdict;
    char name[256];
    char text[600];
    double drawn_w;             /* what it draws, */
    double power_w;             /* and what its cap holds for: the same, or with the
                                 * other feed lost. NAN: not known, like */
    double cap_w, p, ttb_s;     /* these */
    bool is_n1;
    bool lacks_present;         /* power is of a while ago, or of a part of it */
};

/* ---- options ---- */

static int read_p(const char *option, const char *text, double *to, struct err *err)
{
    char *end;
    double p = text ? strtod(text, &end) : *to;

    if (text && strcmp(end, "%") == 0 && end > text)
        p /= 100, end++;
    if (text && (end == text || *end || !(p > 0 && p <= 1)))
        return err_set_code(err, ERR_USAGE, "--%s: expected a probability such as .5 or 50%%, got \"%.20s\"",
                            option, text);
    *to = p;
    return 0;
}

static int read_time(const char *option, const char *text, double *to, struct err *err)
{
    enum unit unit = UNIT_NONE;
    double seconds = *to;

    if (text && (unit_parse(text, &seconds, &unit) != strlen(text) || unit != UNIT_S ||
                 !(seconds >= 0)))
        return err_set_code(err, ERR_USAGE, "--%s: expected a time such as 10m or 1h, got \"%.20s\"",
                            option, text);
    *to = seconds;
    return 0;
}

static int read_limits(const struct app *app, struct limits *l, struct err *err)
{
    const struct cli *cli = app->cli;
    const struct thresholds *t = model_thresholds(app->model);

    *l = (struct limits){ t->p_attention, t->p_critical, 600, 3600, "" };
    if (read_p("warn", cli->check_warn, &l->warn, err) != 0 ||
        read_p("crit", cli->check_crit, &l->crit, err) != 0 ||
        read_time("lead", cli->check_lead, &l->lead_s, err) != 0 ||
        read_time("horizon", cli->backtest_horizon, &l->horizon_s, err) != 0)
        return -1;
    if (l->warn > l->crit)
        return err_set_code(
            err, ERR_USAGE,
            "--warn: expected no more than what is critical (--crit), %g, got %g",
            l->crit, l->warn);
    for (size_t i = 0; i < FORECAST_HORIZONS; i++)
        if (forecast_horizons[i] == l->horizon_s) {
            forecast_horizon_name(l->horizon, l->horizon_s);
            return 0;
        }
    return err_set_code(err, ERR_USAGE,
                        "--horizon: forecasts are made for 1m, 5m, 15m, 1h, 6h and 24h, "
                        "got \"%.20s\"",
                        cli->backtest_horizon);
}

/* ---- one domain ---- */

static void __attribute__((format(printf, 3, 4)))
conclude(struct finding *f, enum verdict verdict, const char *format, ...)
{
    va_list args;

    f->verdict = verdict;
    va_start(args, format);
    vsnprintf(f->text, sizeof(f->text), format, args);
    va_end(args);
}

/* "9.1 kW of 10 kW" */
static void say_load(char to[120], const struct finding *f)
{
    char power[40], most[40];

    text_watts(power, sizeof(power), f->power_w);
    text_watts(most, sizeof(most), f->cap_w);
    snprintf(to, 120, "%s of %s%s", power, most,
             f->is_n1 ? " with the other feed lost" : "");
}

static bool text_is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

/* The alarm knows the cap's window and dwell; where there is neither, the number is
 * enough. */
static bool is_over(const struct model *m, struct row row, const struct finding *f)
{
    const struct cap *cap = row.kind == GW_DOMAIN ? model_cap(m, row.id) : NULL;
    char name[300];
    uint32_t alert;

    if (!cap ||
        (cap->window_s == 0 && cap->dwell_s == 0 && !cap->n1 && !cap->protection.kind))
        return f->power_w > f->cap_w;
    snprintf(name, sizeof(name), "%.250s power", f->name);
    alert = model_find(m, GW_ALERT, name);
    return alert != GW_NONE && text_is(model_text(m, M_ALERT_STATE, alert), "raised") &&
           text_is(model_text(m, M_ALERT_LEVEL, alert), "critical");
}

static uint16_t capped_power(const struct model *m, struct row row)
{
    return row.kind == GW_SITE ? M_SITE_POWER : model_capped_power(m, row.id);
}

/* How much of its roster its power is from; NAN: not known. What a meter of the whole
 * site reads is all of it. */
static double measured_share(const struct model *m, struct row row)
{
    struct coverage c = model_coverage(m);

    if (row.kind == GW_SITE && model_origin(m, M_SITE_POWER, row.id))
        return 1;
    if (row.kind == GW_SITE)
        return model_coverage_share(&c);
    return model_quality(m, M_DOMAIN_COVERAGE, row.id) == GW_OK
               ? model_number(m, M_DOMAIN_COVERAGE, row.id)
               : NAN;
}

/* Why nothing can be said of the present; false: it can. */
static bool lacks_present(const struct model *m, struct row row, struct finding *f)
{
    uint16_t metric = capped_power(m, row);
    double share = measured_share(m, row);
    const char *partial = row.kind == GW_DOMAIN && !isnan(share)
                              ? NULL
                              : model_told_in_part(m, row);
    char age[24];

    text_duration(age, sizeof(age), model_age(m, metric, row.id));
    if (isnan(f->cap_w))
        conclude(f, CHECK_UNKNOWN, "has no cap");
    else if (isnan(f->power_w))
        conclude(f, CHECK_UNKNOWN, "its power is not known");
    else if (model_quality(m, metric, row.id) == GW_STALE)
        conclude(f, CHECK_UNKNOWN, "its power is stale, %s old", age);
    else if (partial)
        conclude(f, CHECK_UNKNOWN,
                 "how much of it is measured is not known: %s answers in part", partial);
    else if (share < model_thresholds(m)->coverage_attention)
        conclude(f, CHECK_UNKNOWN, "only %.3g%% of it is measured",
                 text_share_percent(share));
    else
        return false;
    return true;
}

/* Why nothing can be said of what is to come; false: it can. */
static bool lacks_forecast(const struct model *m, uint32_t row, struct finding *f)
{
    const char *trusted = row == GW_NONE ? NULL : model_text(m, M_FORECAST_TRUSTED, row);
    const char *why = row == GW_NONE ? NULL : model_text(m, M_FORECAST_WHY, row);
    double age = row == GW_NONE ? NAN
                                : model_now(m) - model_number(m, M_FORECAST_ORIGIN, row);
    char old[24];

    text_duration(old, sizeof(old), age);
    if (row == GW_NONE)
        conclude(f, CHECK_UNKNOWN, "no forecast yet: nothing is known of its past");
    else if (trusted && text_begins(trusted, "silent"))     /* which is said again every few minutes only */
        conclude(f, CHECK_UNKNOWN, "%s", why ? why : trusted);
    else if (!(age <= forecast_age_s))
        conclude(f, CHECK_UNKNOWN, "its forecast is %s old", old);
    else if (text_is(trusted, "no"))
        conclude(f, CHECK_UNKNOWN, "its forecasts are not trusted: their record is bad");
    else if (isnan(f->p))
        conclude(f, CHECK_UNKNOWN, "no forecast yet: %s", trusted ? trusted : "learning");
    else
        return false;
    return true;
}

static void judge_forecast(const struct model *m, const struct limits *l, uint32_t row,
                           struct finding *f)
{
    bool imminent = f->p >= l->crit && f->ttb_s <= l->lead_s;
    char p[16], load[120], why[300];

    model_forecast_why(m, row, why, sizeof(why));
    text_probability(p, sizeof(p), f->p);
    say_load(load, f);
    if (imminent || f->p >= l->warn)
        conclude(f, imminent ? CHECK_CRITICAL : CHECK_WARNING,
                 "p %s of a breach within %s: %s; %s", p, l->horizon, why, load);
    else
        conclude(f, CHECK_OK, "%s, p %s of a breach within %s", load, p, l->horizon);
}

static bool is_fed_by(const struct model *m, struct row part, uint32_t domain, int depth)
{
    enum { DEEPEST = 32 };

    if (part.id == GW_NONE || depth > DEEPEST)
        return false;
    if (part.kind == GW_DOMAIN && part.id == domain)
        return true;
    return is_fed_by(m, model_parent(m, part.kind, part.id), domain, depth + 1) ||
           is_fed_by(m, model_second_parent(m, part.kind, part.id), domain, depth + 1);
}

/* Would this target tell of it? Of one that is not one node's nobody knows. */
static bool may_tell_of(const struct model *m, uint32_t source, struct row whole)
{
    const char *name = model_text(m, M_SOURCE_NODE, source);
    uint32_t node = model_find(m, GW_NODE,
                               name ? name : model_name(m, GW_SOURCE, source));

    return whole.kind != GW_DOMAIN || node == GW_NONE ||
           is_fed_by(m, (struct row){ GW_NODE, node }, whole.id, 0);
}

/* What does not answer is why too little is known: "; of 3 targets 2 do not answer, n1:
 * connection refused". */
static void add_cause(const struct model *m, struct row whole, struct finding *f)
{
    size_t silent = 0, targets = 0;
    uint32_t first = GW_NONE;
    const char *reason;

    for (uint32_t row = 0; row < model_rows(m, GW_SOURCE); row++) {
        if (!may_tell_of(m, row, whole))
            continue;
        targets++;
        if (model_source_is_silent(m, row) && silent++ == 0)
            first = row;
    }
    if (first == GW_NONE)
        return;
    reason = model_text(m, M_SOURCE_REASON, first);
    if (targets > 1)
        text_add(f->text, sizeof(f->text), "; of %zu targets %zu do%s not answer",
                 targets, silent, silent > 1 ? "" : "es");
    text_add(f->text, sizeof(f->text), "%s %.100s: %.300s", targets > 1 ? "," : ";",
             model_name(m, GW_SOURCE, first),
             reason ? reason : model_text(m, M_SOURCE_STATE, first));
}

/* And of an engine that answers, whom it misses. */
static void add_silent_node(const struct model *m, struct row whole, struct finding *f)
{
    uint32_t first = GW_NONE;
    size_t silent = 0;

    for (uint32_t row = 0; row < model_rows(m, GW_NODE); row++)
        if (model_node_silent(m, row) &&
            (whole.kind != GW_DOMAIN ||
             is_fed_by(m, (struct row){ GW_NODE, row }, whole.id, 0)) &&
            silent++ == 0)
            first = row;
    if (silent > 1)
        text_add(f->text, sizeof(f->text), "; %zu nodes are silent", silent);
    if (silent)
        text_add(f->text, sizeof(f->text), "%s %s: %s", silent > 1 ? "," : ";",
                 model_name(m, GW_NODE, first), model_node_silent(m, first));
}

/* What is over now has no chance of staying below, whatever the mean of the step, which
 * forecasts are of, comes to. */
static void judge_breach(struct finding *f)
{
    char load[120];

    f->p = 1;
    f->ttb_s = 0;
    say_load(load, f);
    conclude(f, CHECK_CRITICAL, "over its cap now: %s", load);
}

static void check_row(const struct model *m, const struct limits *l, struct row row,
                      struct finding *f)
{
    bool is_site = row.kind == GW_SITE;
    uint16_t power = capped_power(m, row);
    char name[300];
    uint32_t forecast;

    snprintf(f->name, sizeof(f->name), "%s", model_name(m, row.kind, row.id));
    snprintf(name, sizeof(name), "%s@%s", f->name, l->horizon);
    forecast = model_find(m, GW_FORECAST, name);
    f->is_n1 = power == M_DOMAIN_POWER_N1;
    f->drawn_w = model_number(m, is_site ? M_SITE_POWER : M_DOMAIN_POWER, row.id);
    f->power_w = model_number(m, power, row.id);
    f->cap_w = model_number(m, is_site ? M_SITE_CAP : M_DOMAIN_CAP, row.id);
    f->p = forecast == GW_NONE ? NAN : model_number(m, M_FORECAST_P, forecast);
    f->ttb_s = forecast == GW_NONE ? NAN : model_number(m, M_FORECAST_TTB_P50, forecast);
    if (is_over(m, row, f) && model_quality(m, power, row.id) != GW_STALE) {
        judge_breach(f);
    } else if (lacks_present(m, row, f)) {
        f->lacks_present = !isnan(f->cap_w);
        add_cause(m, row, f);
        add_silent_node(m, row, f);
    } else if (!lacks_forecast(m, forecast, f)) {
        judge_forecast(m, l, forecast, f);
    }
}

/* ---- the line ---- */

/* A name may hold what ends a label. */
static void print_label(const char *name, const char *what)
{
    putchar('\'');
    for (const char *c = name; *c; c++)
        putchar(*c == '\'' || *c == '=' || *c == '|' ? '_' : *c);
    printf(" %s'=", what);
}

/* A limit that there is not is left empty (Monitoring Plugins Development Guidelines 2.6,
 * "Performance data"). */
static void print_limit(double value)
{
    if (!isnan(value))
        printf("%.0f", value);
    putchar(';');
}

/* A number that was printed before and is not known now is "U": a graph has a gap
 * there. */
static void __attribute__((format(printf, 2, 3)))
print_value(bool is_known, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (is_known)
        vprintf(format, args);
    else
        putchar('U');
    va_end(args);
}

/* Close to a cap is where a site wants to be: of power, only the cap is a limit. */
static void print_power(const struct finding *f, const char *what, double watts,
                        double cap_w)
{
    if (isnan(watts))
        return;
    print_label(f->name, what);
    print_value(!f->lacks_present, "%.0fW", watts);
    fputs(";;", stdout);
    print_limit(cap_w);
    printf("0; ");
}

static void print_performance(const struct finding *f, const struct limits *l)
{
    bool is_known = f->verdict != CHECK_UNKNOWN;

    print_power(f, "power", f->drawn_w, f->is_n1 ? NAN : f->cap_w);
    if (f->is_n1)
        print_power(f, "power_n1", f->power_w, f->cap_w);
    if (!isnan(f->p)) {
        print_label(f->name, "p");
        /* A graph has no use for 1.4e-45. */
        print_value(is_known, "%.4g", round(f->p * 1e4) / 1e4);
        printf(";%.4g;%.4g;0;1 ", l->warn, l->crit);
    }
    /* Of a breach that is hardly to come the time is no alarm. */
    if (!isnan(f->ttb_s) && f->p >= fmin(l->warn, l->crit)) {
        print_label(f->name, "ttb");
        print_value(is_known, "%.0fs", f->ttb_s);
        printf(";;%.0f:;0; ", l->lead_s);
    }
}

static void print_text(const char *text)
{
    for (; *text; text++)
        putchar(*text == '|' ? '/' : *text);
}

static bool is_worse(const struct finding *a, const struct finding *b)
{
    if (a->verdict != b->verdict)
        return verdict_weights[a->verdict] > verdict_weights[b->verdict];
    return a->p > b->p || (isnan(b->p) && !isnan(a->p));
}

static void print_counts(const size_t of[VERDICTS])
{
    const char *between = " ";

    for (size_t i = 0; i < VERDICTS; i++)
        if (of[told_in_order[i]]) {
            printf("%s%zu %s", between, of[told_in_order[i]],
                   verdict_words[told_in_order[i]]);
            between = ", ";
        }
}

/* Of several, how the others fare: one that is not known is not one more that is
 * critical. */
static void print_others(const struct finding *all, size_t count, enum verdict worst)
{
    size_t of[VERDICTS] = { 0 };

    for (size_t i = 0; i < count; i++)
        of[all[i].verdict]++;
    if (worst == CHECK_OK) {
        printf(", the likeliest of %zu", count);
    } else if (of[CHECK_OK] < count - 1) {
        printf("; of %zu:", count);
        print_counts(of);
    } else if (count == 2) {
        fputs(", the other is well", stdout);
    } else {
        printf(", the %zu others are well", count - 1);
    }
}

static enum verdict print_findings(const struct finding *all, size_t count,
                                   const struct limits *l)
{
    size_t worst = 0;
    bool knows_numbers = false;

    for (size_t i = 0; i < count; i++)
        if (is_worse(&all[i], &all[worst]))
            worst = i;
    printf("%s - ", verdict_words[all[worst].verdict]);
    print_text(all[worst].name);
    fputs(": ", stdout);
    print_text(all[worst].text);
    if (count > 1)
        print_others(all, count, all[worst].verdict);
    for (size_t i = 0; i < count && !knows_numbers; i++)
        knows_numbers = !isnan(all[i].drawn_w) || !isnan(all[i].p);
    if (knows_numbers)
        fputs(" | ", stdout);
    for (size_t i = 0; i < count; i++)
        print_performance(&all[i], l);
    putchar('\n');
    return all[worst].verdict;
}

/* ---- which domains ---- */

static struct row row_named(const struct model *m, const char *name)
{
    uint32_t id = model_find(m, GW_DOMAIN, name);

    if (id != GW_NONE)
        return (struct row){ GW_DOMAIN, id };
    return (struct row){ GW_SITE, model_find(m, GW_SITE, name) };
}

static int check_query(const struct app *app, const struct query *q,
                       const struct limits *l)
{
    enum gw_kind kind = query_view(q)->rows;
    struct table *t = table_new(app->model, q, false);
    struct finding *all = xcalloc(t->row_count + 1, sizeof(*all)),
                   none = { .text = "no domain answers to this query" };
    enum verdict verdict = CHECK_UNKNOWN;

    for (size_t i = 0; i < t->row_count; i++)
        check_row(app->model, l, (struct row){ kind, t->rows[i] }, &all[i]);
    if (t->row_count) {
        verdict = print_findings(all, t->row_count, l);
    } else {
        add_cause(app->model, (struct row){ GW_SITE, 0 }, &none);
        printf("UNKNOWN - %s\n", none.text);
    }
    free(all);
    table_free(t);
    return (int)verdict;
}

/* Of 10,000 racks not all are compared: who checks one has seen its name. */
static void say_unknown(const struct model *m, const char *name, char *to, size_t room)
{
    enum { MOST = 400 };
    char known[8000] = "", meant[100] = "";

    for (uint32_t row = 0; row < model_rows(m, GW_DOMAIN) && row < MOST; row++)
        if (model_name(m, GW_DOMAIN, row))
            text_add(known, sizeof(known), "%s\n", model_name(m, GW_DOMAIN, row));
    if (name[0] == '-')
        snprintf(to, room, "--check: of which domain? got \"%.60s\"", name);
    else if (known[0] && text_meant(meant, sizeof(meant), name, known))
        snprintf(to, room, "no domain \"%.60s\"; %s", name, meant);
    else
        snprintf(to, room, "no domain \"%.60s\"%s", name,
                 known[0] ? "; -q 'domains show name' names them" : "");
}

static int check_name(const struct app *app, const char *name, const struct limits *l)
{
    struct row row = row_named(app->model, name);
    struct finding f = { .p = NAN, .ttb_s = NAN };

    if (row.id == GW_NONE) {
        say_unknown(app->model, name, f.text, sizeof(f.text));
        add_cause(app->model, (struct row){ GW_SITE, 0 }, &f);
        printf("UNKNOWN - %s\n", f.text);
        return CHECK_UNKNOWN;
    }
    check_row(app->model, l, row, &f);
    return (int)print_findings(&f, 1, l);
}

/* A query of domains or sites; NULL: it is the name of one. -1 with *err: a query of
 * something else. */
static int read_query(const char *text, struct query **q, struct err *err)
{
    size_t column;

    *q = query_parse(text, err, &column);
    if (*q && (query_sums_by(*q) ||
               (query_view(*q)->rows != GW_DOMAIN && query_view(*q)->rows != GW_SITE))) {
        query_free(*q);
        return err_set_code(
            err, ERR_USAGE,
            "--check: expected a domain, or a query of domains, racks or sites");
    }
    /* Nobody calls a domain "racks where …": what has blanks was meant as a query. */
    return *q || !strchr(text, ' ') ? 0 : -1;
}

int app_check(struct app *app)
{
    struct limits limits;
    struct query *q = NULL, *domains;
    struct err err;
    size_t column;
    int code;

    if (read_limits(app, &limits, &err) != 0 ||
        read_query(app->cli->check, &q, &err) != 0) {
        printf("UNKNOWN - gigawatch: %s\n", err.text);
        return CHECK_UNKNOWN;
    }
    domains = query_parse("domains", &err, &column);
    app_recall(app, 1u << GW_FORECAST | 1u << GW_ALERT);
    app_learn(app, domains, false);
    query_free(domains);
    code = row_named(app->model, app->cli->check).id != GW_NONE || !q
               ? check_name(app, app->cli->check, &limits)
               : check_query(app, q, &limits);
    query_free(q);
    return fflush(stdout) == 0 ? code : CHECK_UNKNOWN;
}
