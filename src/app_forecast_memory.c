/* What is kept in the cache of the domains without a forecaster: their records, all in
 * one piece, and what the fleet has learnt of all. */
#include "app_forecast.h"
#include "base/arena.h"
#include "forecast/chance.h"
#include "forecast/fleet.h"

#include <stdlib.h>
#include <string.h>

static const char records_name[] = "records", fleet_name[] = "fleet";
/* Of more domains the records are not worth their place in the cache. */
enum { MOST_RECORDS = 4096 };

struct desk_memory {
    char *bytes;                /* an id of 8 bytes and a record, each as long as the
                                 * next; NULL: nothing was kept */
    size_t each, count;
    bool *taken;
};

static uint64_t id_of(const struct series *s)
{
    char name[320];

    return chance_of_text(series_kept_name(name, s), 0);
}

struct desk_memory *desk_memory_new(const char *cache, struct fleet *fleet)
{
    struct desk_memory *m = xcalloc(1, sizeof(*m));
    struct record *r = series_record(0, 0);
    size_t size = 0;
    void *learnt = cache ? store_kept(cache, fleet_name, &size) : NULL;

    if (learnt) /* of another version: then it is learnt anew */
        (void)fleet_load(fleet, learnt, size);
    free(learnt);
    size = 0;
    m->each = sizeof(uint64_t) + record_save(r, NULL, 0);
    m->bytes = cache ? store_kept(cache, records_name, &size) : NULL;
    m->count = size / m->each;
    m->taken = xcalloc(m->count + 1, sizeof(*m->taken));
    record_free(r);
    return m;
}

void desk_memory_free(struct desk_memory *m)
{
    if (!m)
        return;
    free(m->bytes);
    free(m->taken);
    free(m);
}

void desk_memory_recall(struct desk_memory *m, struct series *s, double alarm_p)
{
    uint64_t id = id_of(s), kept;

    for (size_t i = 0; i < m->count; i++) {
        struct record *r;

        memcpy(&kept, m->bytes + i * m->each, sizeof(kept));
        if (kept != id || m->taken[i])
            continue;
        m->taken[i] = true;
        r = series_record(0, alarm_p);
        if (record_load(r, m->bytes + i * m->each + sizeof(kept),
                        m->each - sizeof(kept))) {
            record_take_over(s->record, r);
            s->remembers = true;
        }
        record_free(r);
        return;
    }
}

static bool has_scored(const struct series *s)
{
    struct record_tally sum = { 0 };

    for (size_t h = 0; h < FORECAST_HORIZONS; h++)
        record_add(s->record, h, &sum);
    return sum.scored > 0;
}

static void keep_records(struct store *store, struct series *const *all, size_t count,
                         size_t each)
{
    char *bytes = xcalloc((count < MOST_RECORDS ? count : MOST_RECORDS) + 1, each);
    size_t kept = 0;

    for (size_t i = 0; i < count && kept < MOST_RECORDS; i++) {
        uint64_t id = id_of(all[i]);
        struct record *r;

        if (all[i]->forecaster || !has_scored(all[i]))
            continue;
        r = record_without_waiting(all[i]->record);
        memcpy(bytes + kept * each, &id, sizeof(id));
        record_save(r, bytes + kept * each + sizeof(id), each - sizeof(id));
        record_free(r);
        kept++;
    }
    if (kept)
        store_keep(store, records_name, bytes, kept * each);
    else
        free(bytes);
}

void desk_memory_keep(struct store *store, const struct fleet *fleet,
                      struct series *const *all, size_t count)
{
    struct record *r = series_record(0, 0);
    size_t size = fleet_save(fleet, NULL, 0);
    char *learnt;

    if (store) {
        learnt = xcalloc(1, size);
        fleet_save(fleet, learnt, size);
        store_keep(store, fleet_name, learnt, size);
        keep_records(store, all, count, sizeof(uint64_t) + record_save(r, NULL, 0));
    }
    record_free(r);
}
