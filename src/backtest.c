/* Backtest: reads a series once, forecasts at every origin from what was known, and fills
 * in what came as it comes. */
#include "backtest.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/unit.h"
#include "forecast/forecast.h"

enum {
    PAST_ROOM = 8192, /* samples kept; the forecaster looks at some 2,000 */
    NAIVE_ROOM = 400,
    NAIVE_LEAST = 20,
    SCORED = 4 /* quantiles in the pinball loss: the public scorer's */
};

static const double scored_quantiles[SCORED] = { .1, .5, .9, .99 };

const struct backtest_options backtest_defaults = { .cap_w = NAN,
                                                    .cap_quantile = NAN,
                                                    .from = NAN,
                                                    .step_s = 900,
                                                    .horizons = { 300, 900, 3600 },
                                                    .horizon_count = 3,
                                                    .idle_w = NAN,
                                                    .nameplate_w = NAN };

/* ---- options ---- */

int backtest_read_cap(struct backtest_options *o, const char *text, struct err *err)
{
    enum unit unit = UNIT_NONE;
    double value;
    char *end;

    o->cap_w = o->cap_quantile = NAN;
    if (*text == 'q') {
        value = strtod(text + 1, &end);
        if (end == text + 1 || *end || !(value > 0 && value <= 1))
            return err_set_code(err, ERR_USAGE,
                                "cap: expected q0.98 or the like, got \"%.20s\"", text);
        o->cap_quantile = value;
        return 0;
    }
    if (unit_parse(text, &value, &unit) != strlen(text) || !*text ||
        (unit != UNIT_W && unit != UNIT_NONE) || !(value > 0))
        return err_set_code(err, ERR_USAGE,
                            "cap: expected watts (5.2MW) or a quantile (q0.98), "
                            "got \"%.20s\"",
                            text);
    o->cap_w = value;
    return 0;
}

int backtest_read_horizons(struct backtest_options *o, const char *text, struct err *err)
{
    const char *at = text;

    o->horizon_count = 0;
    for (;;) {
        enum unit unit = UNIT_NONE;
        double value = 0;
        size_t len = unit_parse(at, &value, &unit);

        if (!len || (unit != UNIT_S && unit != UNIT_NONE) || !(value > 0) ||
            (at[len] && at[len] != ','))
            return err_set_code(err, ERR_USAGE,
                                "horizon: expected times as in 5m,15m,1h, got \"%.20s\"",
                                at);
        if (o->horizon_count == BACKTEST_HORIZONS)
            return err_set_code(err, ERR_USAGE, "horizon: more than %d",
                                BACKTEST_HORIZONS);
        o->horizons[o->horizon_count++] = value;
        if (!at[len])
            return 0;
        at += len + 1;
    }
}

/* ---- reading ---- */

struct series {
    FILE *in;
    const char *path;
    char name[128]; /* the file's, without folder and .csv */
    unsigned long line;
    double time; /* of the last sample */
};

static int open_series(struct series *s, const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char header[64];
    size_t len = strlen(base);

    *s = (struct series){ .path = path, .line = 1, .time = -INFINITY };
    if (len > 4 && strcmp(base + len - 4, ".csv") == 0)
        len -= 4;
    snprintf(s->name, sizeof(s->name), "%.*s", (int)len, base);
    /* A comma or quote in a file's name must not make more cells. */
    for (char *c = s->name; *c; c++)
        if (*c == ',' || *c == '"' || (unsigned char)*c < ' ')
            *c = '_';
    s->in = fopen(path, "re");
    if (!s->in)
        return err_set(err, "%s: %s", path, strerror(errno));
    if (!fgets(header, sizeof(header), s->in) ||
        (header[strcspn(header, "\r\n")] = 0,
         strcmp(header, "unix_seconds,watts") != 0)) {
        fclose(s->in);
        s->in = NULL;
        return err_set(err, "%s:1: expected the header line unix_seconds,watts", path);
    }
    return 0;
}

static int bad_line(const struct series *s, const char *text, const char *expected,
                    struct err *err)
{
    char shown[21];
    size_t n = 0;

    for (; n < sizeof(shown) - 1 && text[n] && text[n] != '\n' && text[n] != '\r'; n++)
        shown[n] = (unsigned char)text[n] < ' ' || text[n] == 127 ? '?' : text[n];
    shown[n] = 0;
    return err_set(err, "%s:%lu: expected %s, got \"%s\"", s->path, s->line, expected,
                   shown);
}

/* 1: a sample; 0: the end; -1. An empty value is a gap: *watts is NAN. */
static int read_sample(struct series *s, double *time, double *watts, struct err *err)
{
    char text[128], *end;

    if (!fgets(text, sizeof(text), s->in))
        return ferror(s->in) ? err_set(err, "%s: %s", s->path, strerror(errno)) : 0;
    s->line++;
    *time = strtod(text, &end);
    if (end == text || *end != ',' || !isfinite(*time))
        return bad_line(s, text, "seconds,watts", err);
    if (*time <= s->time)
        return bad_line(s, text, "a later time than in the line before", err);
    s->time = *time;
    text[strcspn(text, "\r\n")] = 0;
    if (!end[1]) {
        *watts = NAN;
        return 1;
    }
    *watts = strtod(end + 1, &end);
    return *end || isinf(*watts) ? bad_line(s, text, "seconds,watts", err) : 1;
}

/* ---- scoring ---- */

/* What the last value alone would have said: itself, with the quantiles of its own latest
 * errors. */
struct naive {
    double errors[NAIVE_ROOM];
    size_t count, next;
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double quantile(const double *sorted, size_t n, double p)
{
    double at = p * (double)(n - 1);
    size_t i = (size_t)at;

    return i + 1 < n ? sorted[i] + (at - (double)i) * (sorted[i + 1] - sorted[i])
                     : sorted[n - 1];
}

static void ask_naive(const struct naive *n, double now, double to[SCORED])
{
    double sorted[NAIVE_ROOM];

    memcpy(sorted, n->errors, n->count * sizeof(*sorted));
    qsort(sorted, n->count, sizeof(*sorted), compare);
    for (unsigned i = 0; i < SCORED; i++)
        to[i] = n->count < NAIVE_LEAST
                    ? NAN
                    : now + quantile(sorted, n->count, scored_quantiles[i]);
}

static void teach_naive(struct naive *n, double error)
{
    n->errors[n->next] = error;
    n->next = (n->next + 1) % NAIVE_ROOM;
    n->count += n->count < NAIVE_ROOM;
}

static double pinball(double came, double said, double p)
{
    return came >= said ? p * (came - said) : (1 - p) * (said - came);
}

struct score {
    size_t rows, inside;     /* with a value to compare; in the 80 % band */
    size_t compared;         /* of these, those that the last value answered, too */
    double loss, naive_loss; /* sums of the pinball loss over these */
    size_t judged, breaches; /* not already over the cap */
    double brier;            /* sum */
};

/* ---- one run over a series ---- */

/* A forecast whose horizon is not over yet. */
struct open_row {
    struct forecast f;
    double origin, now_w, step_s;
    unsigned horizon; /* place in the options */
    double naive[SCORED];
    double actual_w, most_w, last; /* what came so far, and when */
    size_t came;
    bool done;
};

struct run {
    const struct backtest_options *options;
    const char *name;
    FILE *out;
    double times[PAST_ROOM], watts[PAST_ROOM];
    size_t count;
    double cap_w, due;
    struct open_row *rows; /* oldest first; those before `head` are written */
    size_t head, row_count, row_room;
    struct naive naive[BACKTEST_HORIZONS];
    struct score scores[BACKTEST_HORIZONS];
};

static void remember(struct run *r, double time, double watts)
{
    if (r->count == PAST_ROOM) {
        r->count = PAST_ROOM / 2;
        memmove(r->times, r->times + r->count, r->count * sizeof(*r->times));
        memmove(r->watts, r->watts + r->count, r->count * sizeof(*r->watts));
    }
    r->times[r->count] = time;
    r->watts[r->count++] = watts;
}

static double usual_step(const struct run *r)
{
    double steps[31];
    size_t n = 0;

    for (size_t i = r->count; i > 1 && n < 31; i--)
        steps[n++] = r->times[i - 1] - r->times[i - 2];
    qsort(steps, n, sizeof(*steps), compare);
    return n ? steps[n / 2] : NAN;
}

static struct open_row *add_row(struct run *r)
{
    if (r->head > 1024 && r->head > r->row_count / 2) {
        memmove(r->rows, r->rows + r->head, (r->row_count - r->head) * sizeof(*r->rows));
        r->row_count -= r->head;
        r->head = 0;
    }
    r->rows = xgrow(r->rows, &r->row_room, r->row_count + 1, sizeof(*r->rows));
    return &r->rows[r->row_count++];
}

static void make_forecasts(struct run *r, double origin, double now_w)
{
    const struct backtest_options *o = r->options;
    const struct forecast_past past = { r->times, r->watts, r->count };
    const struct forecast_cap cap = { .watts = r->cap_w };
    struct forecast f[BACKTEST_HORIZONS];

    forecast_make(&past, origin, &cap, o->idle_w, o->nameplate_w, o->horizons,
                  o->horizon_count, f);
    for (unsigned h = 0; h < o->horizon_count; h++) {
        struct open_row *row = add_row(r);

        *row = (struct open_row){ .f = f[h],
                                  .origin = origin,
                                  .now_w = now_w,
                                  .horizon = h,
                                  .step_s = usual_step(r),
                                  .actual_w = NAN,
                                  .most_w = NAN };
        ask_naive(&r->naive[h], now_w, row->naive);
    }
}

/* The horizon is over: what is known of it now is all there will be. */
static void close_row(struct open_row *row)
{
    double end = row->origin + row->f.horizon_s;
    bool over = row->most_w > row->f.cap_w;

    row->done = true;
    if (end - row->last > 1.5 * row->step_s)
        row->actual_w = NAN;
    /* With a fifth of it missing the maximum is not known, unless it was above the cap
     * anyway. */
    if ((double)row->came < .8 * floor(row->f.horizon_s / row->step_s) && !over)
        row->most_w = NAN;
}

static void score_row(struct run *r, const struct open_row *row)
{
    const struct forecast *f = &row->f;
    struct score *s = &r->scores[row->horizon];
    const double said[SCORED] = { f->q10, f->q50, f->q90, f->q99 };

    if (!isnan(row->actual_w) && !isnan(f->q50)) {
        s->rows++;
        s->inside += row->actual_w >= f->q10 && row->actual_w <= f->q90;
        for (unsigned i = 0; i < SCORED && !isnan(row->naive[0]); i++) {
            s->loss += pinball(row->actual_w, said[i], scored_quantiles[i]) / SCORED;
            s->naive_loss +=
                pinball(row->actual_w, row->naive[i], scored_quantiles[i]) / SCORED;
        }
        s->compared += !isnan(row->naive[0]);
    }
    if (!isnan(row->actual_w))
        teach_naive(&r->naive[row->horizon], row->actual_w - row->now_w);
    if (!isnan(f->p_breach) && !isnan(row->most_w) && row->now_w <= f->cap_w) {
        bool breached = row->most_w > f->cap_w;

        s->judged++;
        s->breaches += breached;
        s->brier += (f->p_breach - breached) * (f->p_breach - breached);
    }
}

/* Two decimals are enough for watts and for seconds. */
static void write_cell(FILE *out, double value)
{
    if (isnan(value))
        fputc(',', out);
    else
        fprintf(out, ",%.2f", value);
}

static void write_row(FILE *out, const char *name, const struct open_row *row)
{
    const struct forecast *f = &row->f;
    const double cells[] = { f->q05,       f->q10,       f->q25,       f->q50,
                             f->q75,       f->q90,       f->q95,       f->q99,
                             f->max_q10,   f->max_q50,   f->max_q90,   f->max_q99,
                             f->ttb_p10_s, f->ttb_p50_s, f->ttb_p90_s, row->actual_w,
                             row->most_w };

    fprintf(out, "%s,%.15g,%.15g", name, row->origin, f->horizon_s);
    write_cell(out, f->cap_w);
    if (isnan(f->p_breach))
        fputc(',', out);
    else
        fprintf(out, ",%.6f", f->p_breach);
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
        write_cell(out, cells[i]);
    if (isnan(row->most_w) || isnan(f->cap_w))
        fputs(",\n", out);
    else
        fprintf(out, ",%d\n", row->most_w > f->cap_w);
}

/* Rows leave in the order of their origins, so a short horizon waits for a long one
 * before it. */
static void write_rows(struct run *r)
{
    for (; r->head < r->row_count && r->rows[r->head].done; r->head++)
        write_row(r->out, r->name, &r->rows[r->head]);
}

/* What a sample says about the forecasts made before it. */
static void tell_rows(struct run *r, double time, double watts)
{
    for (size_t i = r->head; i < r->row_count; i++) {
        struct open_row *row = &r->rows[i];

        if (row->done)
            continue;
        if (time > row->origin + row->f.horizon_s) {
            close_row(row);
            score_row(r, row);
        } else if (!isnan(watts)) {
            row->actual_w = watts;
            row->last = time;
            row->most_w = fmax(row->most_w, watts);
            row->came++;
        }
    }
    write_rows(r);
}

/* At the end of the file a horizon may be over to the second, or not: then nothing is
 * known of it. */
static void finish_rows(struct run *r, double end)
{
    for (size_t i = r->head; i < r->row_count; i++) {
        struct open_row *row = &r->rows[i];

        if (row->done)
            continue;
        if (end < row->origin + row->f.horizon_s) {
            row->done = true;
            row->actual_w = row->most_w = NAN;
        } else {
            close_row(row);
            score_row(r, row);
        }
    }
    write_rows(r);
}

static int run_series(struct run *r, struct series *s, struct err *err)
{
    const struct backtest_options *o = r->options;
    double time, watts;
    int got;

    r->due = isnan(o->from) ? -INFINITY : o->from;
    while ((got = read_sample(s, &time, &watts, err)) > 0) {
        tell_rows(r, time, watts);
        if (isnan(watts))
            continue;
        remember(r, time, watts);
        if (time < r->due)
            continue;
        make_forecasts(r, time, watts);
        r->due = isinf(r->due) ? time : r->due;
        r->due += o->step_s * (floor((time - r->due) / o->step_s) + 1);
    }
    if (got == 0)
        finish_rows(r, s->time);
    return got;
}

/* ---- the cap ---- */

static int find_cap(const char *path, const struct backtest_options *o, double *cap_w,
                    struct err *err)
{
    struct series s;
    double *known = NULL, time, watts;
    size_t count = 0, room = 0;
    int got;

    *cap_w = o->cap_w;
    if (isnan(o->cap_quantile))
        return 0;
    if (isnan(o->from))
        return err_set_code(err, ERR_USAGE,
                            "a cap by quantile needs --from: it is taken from "
                            "the samples before");
    if (open_series(&s, path, err) < 0)
        return -1;
    while ((got = read_sample(&s, &time, &watts, err)) > 0 && time < o->from)
        if (!isnan(watts)) {
            known = xgrow(known, &room, count + 1, sizeof(*known));
            known[count++] = watts;
        }
    fclose(s.in);
    if (count) {
        qsort(known, count, sizeof(*known), compare);
        *cap_w = quantile(known, count, o->cap_quantile);
    }
    free(known);
    if (got < 0)
        return -1;
    return count ? 0
                 : err_set_code(err, ERR_NO_DATA, "%s: no samples before --from", path);
}

/* ---- the summary ---- */

static void summarise(FILE *to, const struct run *r)
{
    fprintf(to, "%s", r->name);
    if (!isnan(r->cap_w))
        fprintf(to, ", cap %.0f W", r->cap_w);
    fprintf(to, "\n%9s %9s %9s %11s %9s %9s %9s %9s\n", "horizon", "forecasts", "in 80 %",
            "pinball W", "vs last", "breaches", "Brier", "skill");
    for (unsigned h = 0; h < r->options->horizon_count; h++) {
        const struct score *s = &r->scores[h];
        double n = (double)s->judged, base = (double)s->breaches / n,
               brier = s->brier / n;

        fprintf(to, "%8.0fs %9zu", r->options->horizons[h], s->rows);
        if (s->rows)
            fprintf(to, " %8.1f%%", 100.0 * (double)s->inside / (double)s->rows);
        else
            fprintf(to, " %9s", "-");
        if (s->compared)
            fprintf(to, " %11.4g %9.3f", s->loss / (double)s->compared,
                    s->loss / s->naive_loss);
        else
            fprintf(to, " %11s %9s", "-", "-");
        if (s->judged)
            fprintf(to, " %9zu %9.4f", s->breaches, brier);
        else
            fprintf(to, " %9s %9s", "-", "-");
        if (s->breaches && s->breaches < s->judged)
            fprintf(to, " %9.3f\n", 1 - brier / (base * (1 - base)));
        else
            fprintf(to, " %9s\n", "-");
    }
}

/* ---- all together ---- */

static int backtest_file(const char *path, const struct backtest_options *o, FILE *out,
                         FILE *summary, struct err *err)
{
    struct run *r = xcalloc(1, sizeof(*r));
    struct series s = { .in = NULL };
    int result = -1;

    r->options = o;
    r->out = out;
    r->name = s.name;
    if (find_cap(path, o, &r->cap_w, err) == 0 && open_series(&s, path, err) == 0)
        result = run_series(r, &s, err);
    if (result == 0)
        summarise(summary, r);
    if (s.in)
        fclose(s.in);
    free(r->rows);
    free(r);
    return result;
}

int backtest_run(const char *const *files, size_t count, const struct backtest_options *o,
                 FILE *out, FILE *summary, struct err *err)
{
    if (!(o->step_s > 0) || !o->horizon_count)
        return err_set_code(err, ERR_USAGE,
                            "a backtest needs a step and at least one horizon");
    fputs("series,origin,horizon_s,cap_w,p_breach,q05,q10,q25,q50,q75,q90,q95,q99,"
          "max_q10,max_q50,max_q90,max_q99,ttb_p10_s,ttb_p50_s,ttb_p90_s,actual_w,actual_"
          "max_w,breached\n",
          out);
    for (size_t i = 0; i < count; i++)
        if (backtest_file(files[i], o, out, summary, err) < 0)
            return -1;
    return fflush(out) == 0 ? 0
                            : err_set(err, "writing the backtest: %s", strerror(errno));
}
