/* The history of power: taking steps in and appending them. history_pack.c packs. */
#include "store/history.h"
#include "base/arena.h"
#include "model/metric.h"
#include "store/db.h"
#include "base/finder.h"
#include "store/history_key.h"
#include "store/history_pack.h"
#include "store/history_step.h"
#include "store/tile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct series {
    const char *name;
    unsigned kind; /* enum gw_kind, with one of HISTORY_OTHERS or none */
    int64_t since; /* the step from which on the number is its own */
    int64_t seen;  /* the last step; 0: none since the start */
};

struct history {
    struct arena *names;
    struct finder finder;
    struct series *series;
    size_t series_room;
    size_t named;         /* how many of the series the file knows, */
    size_t naming;        /* and will, once the transaction is committed */
    struct steps waiting; /* oldest first */
    struct steps told; /* the same of the past, as a source says it was: only what is
                        * not known of it counts */
    uint32_t *renamed;    /* numbers that were given anew and the file does not know so */
    size_t renamed_count, renamed_room;
    uint32_t *unseen; /* numbers that may be given anew, the longest unseen last; */
    size_t unseen_count, unseen_room;
    int64_t searched; /* for such, in this step */
    enum history_room room;
    int64_t now, first; /* the newest step taken in, and the first; 0: none yet */
    bool packing; /* there may be more to pack or to forget */
};

struct history *history_new(void)
{
    struct history *h = xcalloc(1, sizeof(*h));

    h->names = arena_new();
    h->packing = true;
    return h;
}

static void free_steps(struct steps *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->all[i].watts);
    free(s->all);
}

void history_free(struct history *h)
{
    if (!h)
        return;
    free_steps(&h->waiting);
    free_steps(&h->told);
    free(h->series);
    free(h->renamed);
    free(h->unseen);
    finder_clear(&h->finder);
    arena_free(h->names);
    free(h);
}

/* ---- series ---- */

static uint32_t add_series(struct history *h, struct series series, uint64_t hash)
{
    h->series =
        xgrow(h->series, &h->series_room, h->finder.count + 1, sizeof(*h->series));
    series.name = arena_strdup(h->names, series.name);
    h->series[h->finder.count] = series;
    return finder_add(&h->finder, hash);
}

static bool is_series(const void *arg, uint32_t number)
{
    const struct history *h = ((const void *const *)arg)[0];
    const struct series *wanted = ((const void *const *)arg)[1];

    return h->series[number].kind == wanted->kind &&
           strcmp(h->series[number].name, wanted->name) == 0;
}

/* ---- when there are too many ---- */

/* What was seen before the start counts as seen at the start. */
static bool is_unseen(const struct history *h, uint32_t number, int64_t step)
{
    int64_t seen = h->series[number].seen;

    return step - (seen > h->first ? seen : h->first) > HISTORY_UNSEEN_STEPS;
}

/* qsort() has no argument for it. */
struct unseen {
    int64_t seen;
    uint32_t number;
};

static int by_last_seen(const void *a, const void *b)
{
    const struct unseen *x = a, *y = b;

    if (x->seen != y->seen)
        return x->seen < y->seen ? 1 : -1;
    return x->number < y->number ? 1 : -1;
}

static void search_unseen(struct history *h, int64_t step)
{
    struct unseen *found = xcalloc(h->finder.count, sizeof(*found));
    size_t count = 0;

    for (uint32_t i = 0; i < h->finder.count; i++)
        if (is_unseen(h, i, step))
            found[count++] = (struct unseen){ h->series[i].seen, i };
    qsort(found, count, sizeof(*found), by_last_seen);
    h->unseen = xgrow(h->unseen, &h->unseen_room, count, sizeof(*h->unseen));
    for (size_t i = 0; i < count; i++)
        h->unseen[i] = found[i].number;
    h->unseen_count = count;
    h->searched = step;
    free(found);
}

/* Gives the number of the longest unseen series to a new one. UINT32_MAX: all are in
 * use. */
static uint32_t replace_series(struct history *h, struct series series, uint64_t hash,
                               int64_t step)
{
    uint32_t number = UINT32_MAX;

    if (h->unseen_count == 0 && h->searched != step)
        search_unseen(h, step);
    while (number == UINT32_MAX && h->unseen_count > 0) {
        number = h->unseen[--h->unseen_count];
        if (!is_unseen(h, number, step)) /* it came back */
            number = UINT32_MAX;
    }
    h->room = number == UINT32_MAX ? HISTORY_IS_FULL : HISTORY_MAKES_ROOM;
    if (number == UINT32_MAX)
        return number;
    series.name = arena_strdup(h->names, series.name);
    series.since = step;
    h->series[number] = series;
    finder_replace(&h->finder, number, hash);
    h->renamed =
        xgrow(h->renamed, &h->renamed_room, h->renamed_count + 1, sizeof(*h->renamed));
    h->renamed[h->renamed_count++] = number;
    return number;
}

/* UINT32_MAX: there are too many already. */
static uint32_t series_of(struct history *h, const char *name, unsigned kind,
                          uint64_t hash, int64_t step)
{
    struct series wanted = { .name = name, .kind = kind };
    const void *both[] = { h, &wanted };
    uint32_t number = finder_find(&h->finder, hash, is_series, both);

    if (number == UINT32_MAX && h->finder.count < HISTORY_MOST_SERIES)
        number = add_series(h, wanted, hash);
    else if (number == UINT32_MAX)
        number = replace_series(h, wanted, hash, step);
    if (number != UINT32_MAX && step > h->series[number].seen)
        h->series[number].seen = step;
    return number;
}

enum history_room history_room(const struct history *h)
{
    return h->room;
}

/* ---- names in the file ---- */

/* Each series of a name has its own: `hash` is the entity's. */
static uint64_t hash_for(unsigned kind, uint64_t hash)
{
    return hash ^ (kind & HISTORY_ESTIMATED ? UINT64_MAX : 0) ^
           (kind & HISTORY_N1 ? UINT64_C(0x9E3779B97F4A7C15) : 0);
}

static uint64_t hash_of(unsigned kind, const char *name)
{
    return hash_for(kind, batch_hash((enum gw_kind)(kind & ~(unsigned)HISTORY_OTHERS),
                                     name, strlen(name)));
}

static bool is_kind(int64_t kind)
{
    return kind >= 0 && (kind & ~(int64_t)HISTORY_OTHERS) < GW_KINDS;
}

int history_load(struct history *h, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *stmt =
        db_prepare(db, "SELECT id, kind, name, since FROM series ORDER BY id", err);
    int step;

    if (!stmt)
        return -1;
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 2);
        int64_t kind = sqlite3_column_int64(stmt, 1);

        if (!name || sqlite3_column_int64(stmt, 0) != (int64_t)h->finder.count ||
            !is_kind(kind))
            break;
        add_series(h,
                   (struct series){ .name = name,
                                    .kind = (unsigned)kind,
                                    .since = sqlite3_column_int64(stmt, 3) },
                   hash_of((unsigned)kind, name));
    }
    h->named = h->finder.count;
    if (step == SQLITE_ROW)
        err_set(err,
                "%s: damaged (names of the history); move it away and gigawatch makes a "
                "new one",
                sqlite3_db_filename(db, "main"));
    else if (step != SQLITE_DONE)
        db_fail(db, err);
    sqlite3_finalize(stmt);
    return step == SQLITE_DONE ? 0 : -1;
}

static int save_name(struct history *h, sqlite3_stmt *stmt, uint32_t number)
{
    const struct series *series = &h->series[number];

    sqlite3_bind_int64(stmt, 1, number);
    sqlite3_bind_int64(stmt, 2, series->kind);
    sqlite3_bind_text(stmt, 3, series->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 4, series->since);
    sqlite3_step(stmt);
    return sqlite3_reset(stmt) == SQLITE_OK ? 0 : -1;
}

static int save_names(struct history *h, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *stmt;
    int failed = 0;

    h->naming = h->finder.count;
    if (h->naming == h->named && h->renamed_count == 0)
        return 0;
    /* A name that moved to another number leaves its old one, which is written, too. */
    stmt = db_prepare(db, "INSERT OR REPLACE INTO series(id, kind, name, since)"
                          " VALUES(?1, ?2, ?3, ?4)", err);
    if (!stmt)
        return -1;
    for (size_t i = 0; i < h->renamed_count && !failed; i++)
        failed = save_name(h, stmt, h->renamed[i]);
    for (size_t i = h->named; i < h->naming && !failed; i++)
        failed = save_name(h, stmt, (uint32_t)i);
    if (failed)
        db_fail(db, err);
    sqlite3_finalize(stmt);
    return failed;
}

/* ---- steps ---- */

static struct step *step_at(struct steps *s, int64_t number)
{
    /* What is told of the past is told series by series: mostly it is the next. */
    if (s->next < s->count && s->all[s->next].number == number)
        return &s->all[s->next++];
    for (size_t i = s->count; i-- > 0;)
        if (s->all[i].number == number) {
            s->next = i + 1;
            return &s->all[i];
        }
    s->all = xgrow(s->all, &s->room, s->count + 1, sizeof(*s->all));
    s->all[s->count] = (struct step){ .number = number };
    return &s->all[s->count++];
}

/* For all series at once, as a step mostly has them; new ones that come one by one move
 * what is there now and then. */
static void make_room(const struct history *h, struct steps *of, struct step *s)
{
    size_t old = s->room, more = old + old / 4;

    if (h->finder.count <= old)
        return;
    s->room = h->finder.count > more ? h->finder.count : more;
    s->watts = xrealloc(s->watts, s->room, sizeof(*s->watts));
    of->bytes += (s->room - old) * sizeof(*s->watts);
}

static void set_watts(const struct history *h, struct steps *of, struct step *s,
                      uint32_t series, double watts)
{
    if (series >= s->count) {
        make_room(h, of, s);
        for (; s->count < h->finder.count; s->count++)
            s->watts[s->count] = NAN;
    }
    s->watts[series] = (float)watts;
}

static void drop_oldest(struct steps *s)
{
    s->bytes -= s->all[0].room * sizeof(float);
    free(s->all[0].watts);
    memmove(s->all, s->all + 1, --s->count * sizeof(*s->all));
}

static bool is_history(const struct batch_sample *v)
{
    return (v->metric == M_SITE_POWER || v->metric == M_DOMAIN_POWER ||
            v->metric == M_DOMAIN_POWER_N1 || v->metric == M_TENANT_POWER ||
            v->metric == M_NODE_POWER || v->metric == M_CLASS_POWER) &&
           isfinite(v->number) && (v->quality == GW_OK || v->quality == GW_ESTIMATED);
}

/* A value into its step; that it was estimated into another series of the same name,
 * which is there only where any ever were. `now`: the step in which it was told. */
static void take_value(struct history *h, struct steps *of, struct step *step,
                       int64_t now, const struct batch_entity *e,
                       const struct batch_sample *v)
{
    unsigned kind = e->kind | (v->metric == M_DOMAIN_POWER_N1 ? HISTORY_N1 : 0);
    uint32_t series = series_of(h, e->name, kind, hash_for(kind, e->hash), now);

    if (series == UINT32_MAX || step->number < h->series[series].since)
        return;
    set_watts(h, of, step, series, v->number);
    if (v->quality != GW_ESTIMATED || kind & HISTORY_N1)
        return;
    kind |= HISTORY_ESTIMATED;
    series = series_of(h, e->name, kind, hash_for(kind, e->hash), now);
    if (series != UINT32_MAX && step->number >= h->series[series].since)
        set_watts(h, of, step, series, 1);
}

/* A source that does not know what the site is called says ".", which is no name of a
 * series. */
static bool is_named(const struct batch_entity *e)
{
    return e->kind != GW_SITE || strcmp(e->name, ".") != 0;
}

static void take_past(struct history *h, const struct batch *b)
{
    int64_t now = (int64_t)(b->time / HISTORY_STEP_S);

    for (size_t i = 0; i < b->sample_count && h->told.bytes < HISTORY_MOST_TOLD; i++) {
        const struct batch_sample *v = &b->samples[i];
        const struct batch_entity *e = &b->entities[v->entity];
        int64_t number = b->past[v->age] ? (int64_t)(b->times[v->age] / HISTORY_STEP_S)
                                         : now;

        if (number < now && now - number < (int64_t)HISTORY_WINDOWS * TILE_TICKS &&
            is_named(e) &&
            (is_history(v) || (v->metric == M_DOMAIN_METER && isfinite(v->number))))
            take_value(h, &h->told, step_at(&h->told, number), now, e, v);
    }
}

bool history_presses(const struct history *h)
{
    return h->told.bytes > HISTORY_MOST_TOLD / 2;
}

int history_take(struct history *h, const struct batch *b)
{
    struct step *step = NULL;
    int dropped = 0;

    if (!(b->time >= HISTORY_STEP_S && b->time < 1e11))
        return 0;
    if (b->origin == BATCH_POLL && b->tells_past)
        take_past(h, b);
    if (b->origin != BATCH_HOST)
        return 0;
    for (size_t i = 0; i < b->sample_count; i++) {
        if (!is_history(&b->samples[i]))
            continue;
        if (!step)
            step = step_at(&h->waiting, (int64_t)(b->time / HISTORY_STEP_S));
        if (h->first == 0)
            h->first = step->number;
        take_value(h, &h->waiting, step, step->number, &b->entities[b->samples[i].entity],
                   &b->samples[i]);
    }
    if (step)
        h->now = step->number;
    for (; h->waiting.bytes > HISTORY_MOST_WAITING && h->waiting.count > 1; dropped++)
        drop_oldest(&h->waiting);
    return dropped;
}

/* ---- appending ---- */

/* Lays what the file already has of this step under the new values. */
static void lay_under(float *watts, const void *old, size_t bytes)
{
    for (size_t i = 0; i < TILE_SERIES && (i + 1) * sizeof(float) <= bytes; i++)
        if (isnan(watts[i]))
            memcpy(&watts[i], (const char *)old + i * sizeof(float), sizeof(float));
}

/* One row of the journal. Rows are as long as they need be. */
static int append_row(sqlite3_stmt *get, sqlite3_stmt *put, int64_t key,
                      const float *from, size_t count)
{
    float watts[TILE_SERIES];
    size_t used = 0;

    for (size_t i = 0; i < TILE_SERIES; i++)
        watts[i] = i < count ? from[i] : NAN;
    sqlite3_bind_int64(get, 1, key);
    if (sqlite3_step(get) == SQLITE_ROW)
        lay_under(watts, sqlite3_column_blob(get, 0),
                  (size_t)sqlite3_column_bytes(get, 0));
    sqlite3_reset(get);
    for (size_t i = 0; i < TILE_SERIES; i++)
        if (!isnan(watts[i]))
            used = i + 1;
    if (used == 0)
        return 0;
    sqlite3_bind_int64(put, 1, key);
    sqlite3_bind_blob(put, 2, watts, (int)(used * sizeof(float)), SQLITE_TRANSIENT);
    sqlite3_step(put);
    return sqlite3_reset(put) == SQLITE_OK ? 0 : -1;
}

static int append_steps(struct steps *steps, sqlite3 *db, struct err *err)
{
    sqlite3_stmt *get, *put;
    int failed = 0;

    if (steps->count == 0)
        return 0;
    get = db_prepare(db, "SELECT watts FROM journal WHERE id = ?1", err);
    put =
        get ? db_prepare(db, "INSERT OR REPLACE INTO journal VALUES(?1, ?2)", err) : NULL;
    if (!put)
        failed = -1;
    for (size_t i = 0; i < steps->count && !failed; i++) {
        struct step *s = &steps->all[i];

        for (size_t at = 0; at < s->count && !failed; at += TILE_SERIES)
            failed =
                append_row(get, put, journal_key(s->number, (uint32_t)(at / TILE_SERIES)),
                           s->watts + at, s->count - at);
        if (failed)
            db_fail(db, err);
        s->written = true;
    }
    sqlite3_finalize(get);
    sqlite3_finalize(put);
    return failed;
}

/* What was measured live keeps its own word of whether it was estimated. */
static void leave_doubts(struct history *h, const struct steps *steps)
{
    for (uint32_t doubt = 0; doubt < h->finder.count; doubt++) {
        struct series of = h->series[doubt];
        const void *both[] = { h, &of };
        uint32_t power;

        if (!(of.kind & HISTORY_ESTIMATED))
            continue;
        of.kind &= ~(unsigned)HISTORY_ESTIMATED;
        power = finder_find(&h->finder, hash_of(of.kind, of.name), is_series, both);
        for (size_t i = 0; i < steps->count; i++)
            if (doubt < steps->all[i].count &&
                (power >= steps->all[i].count || isnan(steps->all[i].watts[power])))
                steps->all[i].watts[doubt] = NAN;
    }
}

static int append_told(struct history *h, sqlite3 *db, struct err *err)
{
    if (h->told.count == 0)
        return 0;
    if (history_leave_known(db, &h->told, err) < 0)
        return -1;
    leave_doubts(h, &h->told);
    return append_steps(&h->told, db, err);
}

int history_save(struct history *h, sqlite3 *db, struct err *err)
{
    int more;

    if (save_names(h, db, err) < 0 || append_steps(&h->waiting, db, err) < 0 ||
        append_told(h, db, err) < 0)
        return -1;
    if (h->now == 0 || !(h->packing || h->waiting.count > 0 || h->told.count > 0))
        return 0;
    more = history_pack(db, h->now, h->finder.count, err);
    if (more >= 0)
        h->packing = more > 0;
    return more < 0 ? -1 : 0;
}

void history_settle(struct history *h, bool committed)
{
    if (!committed) {
        h->packing = true;
        return;
    }
    h->named = h->naming;
    h->renamed_count = 0;
    while (h->waiting.count > 0 && h->waiting.all[0].written)
        drop_oldest(&h->waiting);
    while (h->told.count > 0 && h->told.all[0].written)
        drop_oldest(&h->told);
}
