/* Who holds what (hold.h). Once a settle every job gets its tenant and class; then each
 * GPU is asked for. */
#include "model/hold.h"
#include "base/arena.h"
#include "base/text.h"
#include "model/hold_nodes.h"
#include "model/hold_pods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What struct names_of_rows remembers of a text besides a row plus one; a text not looked
 * for yet has 0. */
#define NO_SUCH_ROW UINT32_MAX
#define SEVERAL (UINT32_MAX - 1)

enum { TEXTS_A_PAGE = 1024 };

struct hold {
    struct model *m;
    uint32_t now;
    uint32_t *tenants, *classes, *job_texts; /* by job: rows; its name as a text, 0:
                                              * not looked up */
    size_t tenant_room, class_room, text_room;
    struct by_rules { /* what rules say of a tenant without a job, by its row */
        uint32_t class, tag; /* texts */
        bool known;
    } *by_rules;
    size_t by_rules_room;
    struct text_column gpu_classes;
    bool has_classes, concluded; /* concluded: some job or tenant of a GPU is our own
                                  * word */
    bool hears_of_nodes;    /* a source tells who is on which, not the cache alone */
    uint32_t other, other_text, nobody_text; /* nobody_text: a source's word that a GPU
                                              * is free */
    struct node_seats *nodes;
    struct hold_pods *pods;
    struct seat seats[MOST_SEATS];
    struct hold_last last;
};

/* ---- rows that texts name ---- */

/* What was not found may have come since. */
static void look_again(struct names_of_rows *names)
{
    for (size_t page = 0; page < names->room; page++)
        for (size_t i = 0; names->pages[page] && i < TEXTS_A_PAGE; i++)
            if (names->pages[page][i] == NO_SUCH_ROW)
                names->pages[page][i] = 0;
}

static void forget_all(struct names_of_rows *names)
{
    for (size_t page = 0; page < names->room; page++)
        free(names->pages[page]);
    free(names->pages);
    *names = (struct names_of_rows){ 0 };
}

static void forget_texts(struct model *m)
{
    forget_all(&m->tenant_rows);
    forget_all(&m->job_rows);
    forget_all(&m->class_rows);
}

void forget_names(struct model *m)
{
    forget_texts(m);
    if (m->hold) {
        node_seats_forget(m->hold->nodes);
        hold_pods_forget(m->hold->pods);
    }
    forget_fits(m);
}

/* What is remembered of the text. */
static uint32_t *place_of(struct names_of_rows *names, uint32_t text)
{
    size_t page = text / TEXTS_A_PAGE, old = names->room;

    if (page >= old) {
        names->pages = xgrow(names->pages, &names->room, page + 1, sizeof(*names->pages));
        memset(names->pages + old, 0, (names->room - old) * sizeof(*names->pages));
    }
    if (!names->pages[page])
        names->pages[page] = xcalloc(TEXTS_A_PAGE, sizeof(**names->pages));
    return &names->pages[page][text % TEXTS_A_PAGE];
}

/* Tenants and classes are added where they are new, jobs are not. */
static uint32_t find_row(struct model *m, enum gw_kind kind, const char *name)
{
    return kind == GW_JOB ? model_find(m, kind, name) : rows_named(m, kind, name);
}

/* GW_NONE: no such row; SEVERAL: "a, b". */
static uint32_t row_named(struct model *m, struct names_of_rows *names, enum gw_kind kind,
                          uint32_t text)
{
    uint32_t *place = place_of(names, text), row;
    const char *name;

    if (*place)
        return *place >= SEVERAL ? *place : *place - 1;
    name = texts_of(&m->texts, text);
    row = strstr(name, ", ") ? SEVERAL : find_row(m, kind, name);
    *place = row >= SEVERAL ? row : row + 1;
    return row;
}

/* Only what a GPU is told of may be a list: the name of a tenant or a class may hold a
 * comma. */
static uint32_t row_called(struct model *m, struct names_of_rows *names,
                           enum gw_kind kind, uint32_t text)
{
    uint32_t row = row_named(m, names, kind, text);

    return row == SEVERAL ? find_row(m, kind, texts_of(&m->texts, text)) : row;
}

/* Schedulers of pods call a job by its tenant and name, or that of who owns its pods;
 * those who only see the GPU, by its name. */
static uint32_t job_of_tenant(const struct model *m, const char *job, const char *tenant)
{
    char name[512];
    uint32_t row;

    if (!tenant ||
        snprintf(name, sizeof(name), "%s/%s", tenant, job) >= (int)sizeof(name))
        return GW_NONE;
    row = model_find(m, GW_JOB, name);
    return row == GW_NONE && m->hold ? hold_pods_job(m->hold->pods, name) : row;
}

static uint32_t job_named(const struct model *m, const char *job, const char *tenant)
{
    uint32_t row = job ? model_find(m, GW_JOB, job) : GW_NONE;

    return row != GW_NONE || !job ? row : job_of_tenant(m, job, tenant);
}

uint32_t hold_job_named(struct hold *h, const char *job, const char *tenant)
{
    return job_named(h->m, job, tenant);
}

uint32_t model_gpu_job(const struct model *m, uint32_t gpu)
{
    return job_named(m, model_text(m, M_GPU_JOB, gpu), model_text(m, M_GPU_TENANT, gpu));
}

uint32_t hold_class_named(struct hold *h, const char *class)
{
    return rows_named(h->m, GW_CLASS, class);
}

/* ---- jobs ---- */

static uint32_t text_id_of(const struct model *m, uint16_t metric, uint32_t row)
{
    const struct column *c = column_with(m, metric, row);

    return c ? text_at(c, row) : 0;
}

static void take_jobs(struct hold *h)
{
    struct model *m = h->m;
    size_t jobs = m->rows[GW_JOB].count;

    h->tenants = xgrow(h->tenants, &h->tenant_room, jobs, sizeof(*h->tenants));
    h->classes = xgrow(h->classes, &h->class_room, jobs, sizeof(*h->classes));
    h->job_texts = xgrow(h->job_texts, &h->text_room, jobs, sizeof(*h->job_texts));
    for (uint32_t job = 0; job < jobs; job++) {
        uint32_t tenant = text_id_of(m, M_JOB_TENANT, job),
                 class = text_id_of(m, M_JOB_CLASS, job);

        h->tenants[job] = tenant ? row_called(m, &m->tenant_rows, GW_TENANT, tenant)
                                 : GW_NONE;
        h->classes[job] = !h->has_classes ? GW_NONE
                          : class         ? row_called(m, &m->class_rows, GW_CLASS, class)
                                          : h->other;
        h->job_texts[job] = 0;
    }
}

static bool is_said(const struct model *m, uint16_t metric)
{
    return model_text_column(m, metric).lower != NULL;
}

/* A source, not the cache alone. */
static bool hears_of(const struct model *m, enum gw_kind kind, uint16_t metric)
{
    struct text_column texts = model_text_column(m, metric);

    for (uint32_t row = 0; texts.lower && row < m->rows[kind].count; row++)
        if (stamp_at(m, &m->columns[metric], row)->origin >= FIRST_TARGET)
            return true;
    return false;
}

struct hold *hold_begin(struct model *m, uint32_t now)
{
    struct hold *h = m->hold ? m->hold : (m->hold = xcalloc(1, sizeof(*h)));

    h->m = m;
    h->now = now;
    h->nobody_text = texts_id(&m->texts, unallocated);
    look_again(&m->job_rows);
    h->has_classes = is_said(m, M_JOB_CLASS) || is_said(m, M_GPU_CLASS) ||
                     m->rule_count > 0;
    if (h->has_classes) {
        h->other = rows_named(m, GW_CLASS, "other");
        h->other_text = texts_id(&m->texts, "other");
    }
    take_jobs(h);
    h->nodes = node_seats_update(h->nodes, m);
    h->pods = hold_pods_update(h->pods, m);
    h->hears_of_nodes = hears_of(m, GW_JOB, M_JOB_NODELIST) ||
                        hears_of(m, GW_NODE, M_NODE_JOB) ||
                        hears_of(m, GW_NODE, M_NODE_TENANT);
    h->last.repeats = false;
    h->last.tenants = model_text_column(m, M_GPU_TENANT);
    h->last.jobs = model_text_column(m, M_GPU_JOB);
    h->gpu_classes = model_text_column(m, M_GPU_CLASS);
    for (size_t i = 0; i < h->by_rules_room; i++)
        h->by_rules[i].known = false;
    return h;
}

void free_hold(struct model *m)
{
    struct hold *h = m->hold;

    forget_texts(m);
    free(m->job_loads);
    free(m->node_rests);
    free(m->fits);
    if (!h)
        return;
    node_seats_free(h->nodes);
    hold_pods_free(h->pods);
    free(h->tenants);
    free(h->classes);
    free(h->job_texts);
    free(h->by_rules);
    free(h);
}

const struct hold_last *hold_last(const struct hold *h)
{
    return &h->last;
}

bool hold_is_told(const struct hold *h)
{
    return h->last.tenants.lower || h->last.jobs.lower || h->nodes;
}

bool hold_has_classes(const struct hold *h)
{
    return h->has_classes;
}

uint32_t hold_tenant_of(const struct hold *h, uint32_t job)
{
    return h->tenants[job];
}

uint32_t hold_class_of(const struct hold *h, uint32_t job)
{
    return h->classes[job];
}

/* ---- what follows is written to the GPU ---- */

static void conclude(struct hold *h, uint16_t metric, uint32_t gpu, uint32_t text)
{
    struct column *c;

    if (!text && !column_with(h->m, metric, gpu))
        return;
    c = column_at(h->m, metric);
    h->concluded = true;
    set_text(h->m, c, gpu, text);
    set_stamp(h->m, c, gpu,
              (struct stamp){ .time = h->now, .origin = FROM_HOST, .derived = 1 });
}

static uint32_t name_of_job(struct hold *h, uint32_t job)
{
    if (!h->job_texts[job])
        h->job_texts[job] = texts_id(&h->m->texts, entity_of(h->m, GW_JOB, job)->name);
    return h->job_texts[job];
}

static const struct by_rules *rules_for(struct hold *h, uint32_t tenant)
{
    size_t old = h->by_rules_room;
    const char *class, *tag;
    struct by_rules *r;

    if (tenant >= old) {
        h->by_rules = xgrow(h->by_rules, &h->by_rules_room, tenant + 1,
                            sizeof(*h->by_rules));
        memset(h->by_rules + old, 0, (h->by_rules_room - old) * sizeof(*h->by_rules));
    }
    r = &h->by_rules[tenant];
    if (r->known)
        return r;
    classify_tenant(h->m, entity_of(h->m, GW_TENANT, tenant)->name, &class, &tag);
    r->class = texts_id(&h->m->texts, class);
    r->tag = texts_id(&h->m->texts, tag);
    r->known = true;
    return r;
}

uint32_t hold_class_by_rules(struct hold *h, uint32_t tenant)
{
    uint32_t class = h->m->rule_count ? rules_for(h, tenant)->class : 0;

    return class ? row_called(h->m, &h->m->class_rows, GW_CLASS, class) : h->other;
}

/* A GPU whose class a source tells keeps it; else it is of its job's, or what the rules
 * say of its tenant. */
static void find_class(struct hold *h, uint32_t gpu, struct seat *s)
{
    struct model *m = h->m;
    uint32_t class = 0, tag = 0;

    if (!h->has_classes)
        return;
    if (text_in(h->gpu_classes, gpu) &&
        !stamp_at(m, &m->columns[M_GPU_CLASS], gpu)->derived) {
        s->class = row_called(m, &m->class_rows, GW_CLASS, text_in(h->gpu_classes, gpu));
        return;
    }
    if (s->job != GW_NONE) {
        class = text_id_of(m, M_JOB_CLASS, s->job);
        tag = text_id_of(m, M_JOB_TAG, s->job);
        s->class = h->classes[s->job];
    } else if (m->rule_count && s->tenant != GW_NONE) {
        class = rules_for(h, s->tenant)->class;
        tag = rules_for(h, s->tenant)->tag;
        s->class = hold_class_by_rules(h, s->tenant);
    } else {
        s->class = h->other;
    }
    conclude(h, M_GPU_CLASS, gpu, class ? class : h->other_text);
    conclude(h, M_GPU_TAG, gpu, tag);
    h->gpu_classes = model_text_column(m, M_GPU_CLASS);
}

/* ---- seats ---- */

/* The word of a source, not a conclusion. */
static uint32_t told(const struct hold *h, struct text_column texts, uint16_t metric,
                     uint32_t gpu)
{
    if (!text_in(texts, gpu) ||
        (h->concluded && stamp_at(h->m, &h->m->columns[metric], gpu)->derived))
        return 0;
    return text_in(texts, gpu);
}

static uint32_t job_row(struct hold *h, uint32_t job_text, uint32_t tenant_text)
{
    struct model *m = h->m;
    uint32_t job = row_named(m, &m->job_rows, GW_JOB, job_text);

    if (job != GW_NONE || !tenant_text)
        return job;
    job = job_of_tenant(m, texts_of(&m->texts, job_text),
                        texts_of(&m->texts, tenant_text));
    return job;
}

static size_t names_in(const char *list)
{
    const char *item;
    size_t n = 0;

    while (text_item(&list, &item))
        n++;
    return n;
}

static uint32_t job_of_any(struct hold *h, const char *name, const uint32_t *tenants,
                           size_t count)
{
    uint32_t job = count ? GW_NONE : hold_job_named(h, name, NULL);

    for (size_t i = 0; i < count && job == GW_NONE; i++)
        job = hold_job_named(h, name, entity_of(h->m, GW_TENANT, tenants[i])->name);
    return job;
}

/* "a, b"; `tenants`, of jobs: whose they are, one by one where there are as many. */
static size_t split(struct hold *h, enum gw_kind kind, uint32_t text,
                    const uint32_t *tenants, size_t tenant_count,
                    uint32_t rows[MOST_SEATS])
{
    const char *list = text ? texts_of(&h->m->texts, text) : "", *item;
    size_t n = 0, names = names_in(list), len;

    while (n < MOST_SEATS && (len = text_item(&list, &item))) {
        size_t one_by_one = names == tenant_count ? n : 0;
        char name[256];

        snprintf(name, sizeof(name), "%.*s", (int)(len < 255 ? len : 255), item);
        rows[n++] = kind == GW_JOB ? job_of_any(h, name, tenants + one_by_one,
                                                names == tenant_count ? 1 : tenant_count)
                                   : rows_named(h->m, kind, name);
    }
    return n;
}

/* Several share it: MIG instances, or time slices. How much each draws nobody
 * measures. */
static size_t share_out(struct hold *h, uint32_t job_text, uint32_t tenant_text,
                        struct seat seats[MOST_SEATS])
{
    uint32_t jobs[MOST_SEATS], tenants[MOST_SEATS];
    size_t tenant_count = split(h, GW_TENANT, tenant_text, NULL, 0, tenants);
    size_t job_count = split(h, GW_JOB, job_text, tenants, tenant_count, jobs),
           n = job_count ? job_count : tenant_count;

    for (size_t i = 0; i < n; i++) {
        uint32_t job = job_count ? jobs[i] : GW_NONE;

        seats[i] = (struct seat){
            .job = job, .tenant = GW_NONE, .class = GW_NONE, .share = 1 / (float)n
        };
        if (tenant_count == n || tenant_count == 1)
            seats[i].tenant = tenants[tenant_count == 1 ? 0 : i];
        else if (job != GW_NONE)
            seats[i].tenant = h->tenants[job];
        if (h->has_classes)
            seats[i].class = job != GW_NONE ? h->classes[job] : h->other;
    }
    return n;
}

/* Of a job on a node: whose it is. */
static void name_owners(const struct hold *h, struct seat *s)
{
    if (s->job == GW_NONE)
        return;
    s->tenant = h->tenants[s->job] != GW_NONE ? h->tenants[s->job] : s->tenant;
    s->class = h->classes[s->job];
}

/* From the jobs that hold its node. */
static size_t seats_by_node(struct hold *h, uint32_t gpu, struct seat seats[MOST_SEATS])
{
    struct row node = entity_of(h->m, GW_GPU, gpu)->parent;
    size_t n = 0;

    if (node.id != GW_NONE && node.kind == GW_NODE)
        n = node_seats_of(h->nodes, node.id, seats);
    for (size_t i = 0; i < n; i++)
        name_owners(h, &seats[i]);
    if (n == 1 && seats[0].share >= 1) {
        conclude(h, M_GPU_JOB, gpu,
                 seats[0].job != GW_NONE ? name_of_job(h, seats[0].job) : 0);
        if (seats[0].tenant != GW_NONE)
            conclude(h, M_GPU_TENANT, gpu,
                     texts_id(&h->m->texts,
                              entity_of(h->m, GW_TENANT, seats[0].tenant)->name));
        find_class(h, gpu, &seats[0]);
        return 1;
    }
    /* What followed before does not any more. */
    if (text_in(h->last.jobs, gpu))
        conclude(h, M_GPU_JOB, gpu, 0);
    if (text_in(h->last.tenants, gpu))
        conclude(h, M_GPU_TENANT, gpu, 0);
    return n;
}

/* What the cache remembers of a GPU is nothing against what is told of nodes and jobs
 * now, and as good as what it remembers of these: who follows another gigawatch has no
 * other word. */
static bool is_outdated(const struct hold *h, uint16_t metric, uint32_t gpu)
{
    return h->hears_of_nodes &&
           stamp_at(h->m, &h->m->columns[metric], gpu)->origin == FROM_CACHE;
}

/* By words about the GPU itself. */
static size_t seats_by_gpu(struct hold *h, uint32_t gpu, uint32_t job, uint32_t tenant)
{
    struct model *m = h->m;
    struct seat *only = &h->seats[0];

    h->last.repeats = false;
    *only = (struct seat){ GW_NONE, GW_NONE, GW_NONE, 1 };
    if (tenant)
        only->tenant = row_named(m, &m->tenant_rows, GW_TENANT, tenant);
    if (job)
        only->job = job_row(h, job, tenant);
    if (only->tenant == SEVERAL || only->job == SEVERAL)
        return share_out(h, job, tenant, h->seats);
    if (!tenant && only->job != GW_NONE && h->tenants[only->job] != GW_NONE) {
        only->tenant = h->tenants[only->job];
        conclude(h, M_GPU_TENANT, gpu, text_id_of(m, M_JOB_TENANT, only->job));
        h->last.tenants = model_text_column(m, M_GPU_TENANT);
    }
    if (!h->has_classes && !h->nodes && !h->concluded) {
        h->last.repeats = true;
        h->last.job = job;
        h->last.tenant = tenant;
    }
    find_class(h, gpu, only);
    return 1;
}

/* Who names a job of this node's other GPUs, and none of this one, says that it is free.
 * Without that it may know nothing of the node's jobs: an exporter that tells of pods
 * tells so of every GPU. The cache leaves out what it does not know. */
static bool is_told_free(const struct hold *h, uint32_t gpu)
{
    const struct column *jobs = &h->m->columns[M_GPU_JOB];
    struct row node = entity_of(h->m, GW_GPU, gpu)->parent;
    uint32_t origin = FROM_CACHE;

    if (!h->last.jobs.lower || text_in(h->last.jobs, gpu) || node.id == GW_NONE ||
        node.kind != GW_NODE)
        return false;
    if (h->hears_of_nodes) {
        struct stamp said = *stamp_at(h->m, jobs, gpu);

        if (!said.time || said.derived || said.origin < FIRST_TARGET)
            return false;
        origin = said.origin;
    }
    for (struct row at = model_first_part(h->m, node); at.id != GW_NONE;
         at = model_next_part(h->m, node, at))
        if (at.kind == GW_GPU && told(h, h->last.jobs, M_GPU_JOB, at.id) &&
            stamp_at(h->m, jobs, at.id)->origin == origin)
            return true;
    return false;
}

size_t hold_seats(struct hold *h, uint32_t gpu, const struct seat **seats)
{
    uint32_t job = told(h, h->last.jobs, M_GPU_JOB, gpu),
             tenant = told(h, h->last.tenants, M_GPU_TENANT, gpu);

    *seats = h->seats;
    h->last.repeats = false;
    if (h->nodes && (!job || is_outdated(h, M_GPU_JOB, gpu)) &&
        (!tenant || is_outdated(h, M_GPU_TENANT, gpu))) {
        size_t n = is_told_free(h, gpu) ? 0 : seats_by_node(h, gpu, h->seats);

        h->last.jobs = model_text_column(h->m, M_GPU_JOB);
        h->last.tenants = model_text_column(h->m, M_GPU_TENANT);
        return n;
    }
    return job || (tenant && tenant != h->nobody_text) ? seats_by_gpu(h, gpu, job, tenant)
                                                       : 0;
}

uint32_t model_job_on(const struct model *m, uint32_t node, size_t i)
{
    const struct hold *h = m->hold;

    return h && i < hold_count_on(h, node) ? node_seat_at(h->nodes, node, i, NAN).job
                                           : GW_NONE;
}

size_t hold_count_on(const struct hold *h, uint32_t node)
{
    return h->nodes ? node_seats_count(h->nodes, node) : 0;
}

struct seat hold_on(struct hold *h, uint32_t node, size_t i)
{
    struct seat s = node_seat_at(h->nodes, node, i,
                                 model_number(h->m, M_NODE_GPUS_TOTAL, node));

    name_owners(h, &s);
    return s;
}
