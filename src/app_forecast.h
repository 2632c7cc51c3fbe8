/* What the files of the forecasting thread share. The main thread fills rounds;
 * everything else here belongs to the forecasting thread, or to a one-shot that has
 * none. */
#ifndef APP_FORECAST_H
#define APP_FORECAST_H

#include "app.h"
#include "app_bounds.h"
#include "forecast/forecast.h"
#include "forecast/quantity.h"
#include "forecast/record.h"
#include "forecast/why.h"

/* One domain's cap, and where in the round its new samples are. */
struct question {
    const char *name;           /* the model's, which keeps the names of rows for good */
    enum gw_kind kind;
    uint32_t row;
    struct forecast_cap cap;
    bool n1;                    /* the samples are what it would draw with the other
                                 * feed lost */
    bool anew;                  /* the samples are all there is, and the older ones
                                 * differ from what was told */
    size_t first, length;       /* in watts[] */
    double end;                 /* of the last of these steps; steps are TREND_STEP_S
                                 * long */
    double watts;               /* drawn now; NAN: not known */
    bool stale;                 /* that is of some time ago: three times as long as its
                                 * source leaves between two */
    struct bound bound;         /* what it can draw */
    bool acted;                 /* somebody has changed its cap or what its parts may
                                 * draw */
};

/* What is told at one time: samples copied, so that the thread needs no model. */
struct jobs_copy;

struct round {
    double now;
    struct jobs_copy *jobs;     /* NULL: no scheduler tells of any */
    struct question *questions;
    float *watts;               /* NAN: unknown */
    size_t count, room, watt_count, watt_room;
};

void round_free(void *round);

/* ---- app_forecast_desk.c: what the thread knows of each domain ---- */

struct desk;

/* `cache`: the file to learn from what was before; NULL: none. `store` keeps what is
 * learnt; NULL: nobody. Both are borrowed. */
struct desk *desk_new(const char *cache, struct store *store, double alarm_p);
void desk_free(struct desk *d);
/* Takes in the samples of a round: forecasters learn from them, and what was forecast is
 * scored. */
void desk_take(struct desk *d, const struct round *r);
/* Forecasts for some of the round's questions, from `from` on; with the last of them, the
 * sum of all records. */
struct batch *desk_answer(struct desk *d, const struct round *r, size_t from,
                          size_t count);
/* One piece of what can wait: a domain's past from the cache, or what it learnt to the
 * cache. False: nothing waits. */
bool desk_work(struct desk *d);
/* All that was learnt goes to the cache, and its forecasters are gone. */
void desk_keep_all(struct desk *d);

/* ---- app_forecast_series.c: one domain ---- */

enum {
    SERIES_CLAIM_PART = 4,      /* p is said where so great a part of the horizon is
                                 * known of the past: a quarter */
    SERIES_SLACK = 8            /* of a past: when it is full, the newest TREND_LENGTH
                                 * move to the front */
};

struct series {
    const char *name;
    enum gw_kind kind;
    struct forecast_cap cap;
    bool n1;                    /* of its power with the other feed lost */
    double first, end;          /* of all samples, and of the newest step */
    double known, watts;        /* of the newest sample that is not NAN; 0: none */
    uint16_t *past;             /* TREND_LENGTH steps at most, and SERIES_SLACK, oldest
                                 * first, the last ends at `end`; packed: series_past() */
    size_t count, room;
    double else_w;              /* the most that was drawn besides what has a limit */
    double idle_w, nameplate_w; /* what it can draw; NAN: not known */
    bool acted;                 /* somebody did something about it in this round */
    struct quantity *quantity;  /* what the cap is a limit on; NULL: each sample */
    bool breached;              /* that, at the newest sample */
    struct forecaster *forecaster;      /* NULL: not among the nearest to their caps,
                                         * whom the fleet serves */
    bool is_near;               /* without one, and near its cap: a line through its
                                 * past serves it */
    size_t place;               /* in the fleet */
    bool anew;                  /* the fleet has yet to be told its past */
    struct with_jobs *jobs;     /* beside it; NULL: no scheduler told of jobs */
    struct record *record;
    bool remembers;             /* the record that was kept is part of this one */
    bool wants_past;            /* the cache may know more of it than was told */
    struct warming *warming;    /* ... and is being read; NULL: not yet */
    double kept;                /* steady: when what was learnt went to the cache */
};

struct series *series_new(const struct question *q, double alarm_p);
void series_free(struct series *s);
/* The past in watts, in `to`, which has room for all of it: s->count steps. */
const float *series_past(const struct series *s, float to[TREND_LENGTH + SERIES_SLACK]);
void series_take(struct series *s, const struct question *q, const float *watts);
/* How near it is to its cap: the share of it that is drawn; a site is always near. -1:
 * not known. */
double series_nearness(const struct series *s);
/* What was drawn in the step that ended at `time`; NAN: not known. */
float series_at(const struct series *s, double time);
/* The most that its power has risen within `seconds`, in the past that is kept, and how
 * long ago it was up; NAN: not known. */
struct swing {
    double watts, ago_s;
};
struct swing series_swing(const struct series *s, double seconds);
/* Without a forecaster, and not near, the fleet's forecast is its own; where a protective
 * device is what trips, p is the fleet's. */
bool series_wants_fleet(const struct series *s);
/* Forecasts at `now` from its power alone, FORECAST_HORIZONS of them. `out` holds the
 * fleet's if it wants them. */
void series_forecast(struct series *s, double now, struct forecast *out);
/* Is it above its cap now? Before the step is over, which forecasts are made from. */
bool series_is_over(const struct series *s, const struct question *q);
/* How long nothing was heard of it, where that is too long to forecast anything: its
 * power is stale, or unknown for three steps; 0: it is heard, or never was. */
double series_silence(const struct series *s, const struct question *q, double now);
/* Nothing is known of what comes. */
void series_say_nothing(const struct series *s, double now, struct forecast *out);
/* What is too young to be claimed is not, p and quantiles agree; forecasts at a new
 * sample are put on record. */
void series_issue(struct series *s, double now, struct forecast *out);

/* Forecasts of one horizon that wait for their score; of the others so many that those of
 * twenty horizons are more than enough to be trusted. */
enum { RECORD_OPEN_WATCHED = 60, RECORD_OPEN_OTHERS = 4 };
struct record *series_record(size_t open, double alarm_p);
struct forecaster *series_forecaster(const struct series *s);   /* a new one */
/* its cap, and what it can draw */
void series_tell(const struct series *s, struct forecaster *f);

/* ---- app_forecast_learnt.c ---- */

/* Gives it a forecaster, which knows what the cache (NULL: there is none) kept of it, and
 * the past that was told. Returns how many steps of the latter it had to learn from: 20
 * us each. */
size_t series_watch(struct series *s, struct store_reader *cache, double alarm_p);
/* Takes it away; what it learnt goes to the cache. */
void series_unwatch(struct series *s, struct store *store, double alarm_p);
/* Makes its forecaster anew from all the cache knows: many thousand samples, a hundred at
 * a call. */
void series_warm(struct series *s, const char *cache);
void series_keep(struct series *s, struct store *store);
void series_end_warming(struct series *s);

/* ---- app_forecast_memory.c: what is kept of those without a forecaster ---- */

struct desk_memory;
struct fleet;

/* What the cache kept: the fleet takes what all have in common. `cache` NULL: nothing. */
struct desk_memory *desk_memory_new(const char *cache, struct fleet *fleet);
void desk_memory_free(struct desk_memory *m);
/* A series that is seen for the first time goes on with the record that was kept of
 * it. */
void desk_memory_recall(struct desk_memory *m, struct series *s, double alarm_p);
void desk_memory_keep(struct store *store, const struct fleet *fleet,
                      struct series *const *all, size_t count);
/* By which what was learnt of it is kept. */
char *series_kept_name(char to[320], const struct series *s);

/* ---- app_forecast_jobs.c: what a scheduler tells ---- */

struct job_desk;

struct job_desk *job_desk_new(void);
void job_desk_free(struct job_desk *d); /* NULL is fine */
/* The jobs as they are `now`, borrowed until the next; NULL: nobody tells of them.
 * `cache`: where what was learnt before is; NULL: nowhere. */
void job_desk_take(struct job_desk *d, const struct jobs_copy *copy, double now,
                   const char *cache);
/* What is learnt of jobs goes to the cache; false: it is not time yet. */
bool job_desk_keep(struct job_desk *d, struct store *store, bool at_once);
/* What each job that waits will add, in watts with an interval, from what jobs like it
 * drew: of its user and title, its tenant and queue, its queue, all; whoever has seen few
 * leans on the next. Of those that no source prices. */
void job_desk_price(const struct job_desk *d, struct batch *b);
/* The newest step of the asked domain if it has a forecaster, when all was taken. */
void job_desk_tell(const struct job_desk *d, struct series *s, const struct question *q);
/* Turns forecasts from power alone into those that know of jobs; basis[h]: on what each
 * mostly rests. */
void job_desk_mix(struct job_desk *d, struct series *s, uint32_t row,
                  struct forecast *out, enum forecast_basis basis[FORECAST_HORIZONS]);
/* Why those that rest on jobs say what they say; of the others why[h] stays. */
void job_desk_explain(struct job_desk *d, const struct series *s, uint32_t row,
                      const struct forecast *out,
                      const enum forecast_basis basis[FORECAST_HORIZONS],
                      struct forecast_reason *why);

/* ---- app_forecast_batch.c: forecasts as rows ---- */

/* What the row says besides the numbers. */
struct told {
    const char *name;
    enum gw_kind kind;
    const char *method;         /* "full", "line", "fleet": how the power alone was
                                 * forecast */
    bool n1;                    /* with the other feed lost */
    double silent_s;            /* nothing was heard of it for so long, and nothing is
                                 * forecast; 0: it is heard */
    const struct forecast_reason *why;  /* FORECAST_HORIZONS of them */
    const struct jobs_copy *jobs;       /* whose names the reasons mean; NULL: no
                                         * scheduler tells of any */
    double origin;
    double data_s;              /* how much of the past is known */
    const struct record *record;        /* NULL: none */
};

/* FORECAST_HORIZONS rows, and what the power view shows of them. */
void told_add(struct batch *b, const struct told *t, const struct forecast *out);
/* The sum of all records, of the hour, for the site, and how many steps of power were not
 * believed. */
void told_add_sum(struct batch *b, const char *site, const struct record_tally *sum,
                  size_t rejected);
/* Something odd about a domain, once for each key. */
void told_add_event(struct batch *b, const char *domain, const char *key,
                    const char *text);

#endif
