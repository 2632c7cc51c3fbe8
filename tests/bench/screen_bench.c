/* What a key costs before the terminal sees anything: sorting by any column, filters,
 * whole frames, over a site in memory. CPU time, in milliseconds, the least of some runs;
 * the limits are those of issues 2 and 5.
 *
 *     tests/bench/screen_bench [short | GPUS]      both 100,000 and 1,000,000 if not said
 */
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "model/model.h"
#include "show/table.h"
#include "tests/bench/figures.h"
#include "tui/ui.h"

enum {
    RUNS = 5,
    GPUS_A_NODE = 8,
    NODES_A_RACK = 9,
    RACKS_A_HALL = 800,
    NODES_A_BATCH = 100,
    COLS = 200,
    ROWS = 60
};

static const double start = 1790000000;

/* ---- a site ---- */

static uint32_t named(struct batch *b, enum gw_kind kind, uint32_t parent,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));

static uint32_t named(struct batch *b, enum gw_kind kind, uint32_t parent,
                      const char *format, ...)
{
    char name[64];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(name, sizeof(name), format, args);
    va_end(args);
    return batch_entity(b, kind, name, (size_t)len, parent);
}

static void word(struct batch *b, uint32_t entity, uint16_t metric, const char *text)
{
    batch_text(b, entity, metric, text, strlen(text));
}

static uint32_t dice(void)
{
    static uint32_t seed = 1;

    seed = seed * 1664525 + 1013904223;
    return seed >> 8;
}

/* Each has its own. */
static void uuid(struct batch *b, uint32_t gpu)
{
    char text[64];

    snprintf(text, sizeof(text), "GPU-%06x%02x-%04x-%04x-%04x-%06x%06x", dice(),
             dice() >> 16, dice() >> 8, dice() >> 8, dice() >> 8, dice(), dice());
    word(b, gpu, M_GPU_UUID, text);
}

static void job(struct batch *b, uint32_t gpu, unsigned number)
{
    enum { GPUS_A_JOB = 20, JOBS = 40009 };
    char text[16];

    snprintf(text, sizeof(text), "%u", 4000000 + number / GPUS_A_JOB * 7919 % JOBS);
    word(b, gpu, M_GPU_JOB, text);
}

static void add_gpu(struct batch *b, uint32_t node, unsigned number)
{
    static const char *const tenants[] = { "acme", "zeta", "lumen", "orbit" };
    uint32_t gpu = named(b, GW_GPU, node, "n%05u/%u", number / GPUS_A_NODE,
                         number % GPUS_A_NODE);
    bool busy = dice() % 4;

    uuid(b, gpu);
    batch_number(b, gpu, M_GPU_INDEX, number % GPUS_A_NODE, GW_OK);
    batch_number(b, gpu, M_GPU_POWER, busy ? 300 + dice() % 400 : 90, GW_OK);
    batch_number(b, gpu, M_GPU_POWER_LIMIT, 700, GW_OK);
    batch_number(b, gpu, M_GPU_UTIL, busy ? .01 * (dice() % 100) : 0, GW_OK);
    batch_number(b, gpu, M_GPU_TEMP, 40 + dice() % 40, GW_OK);
    batch_number(b, gpu, M_GPU_MEM_USED, dice(), GW_OK);
    word(b, gpu, M_GPU_STATE, busy ? "busy" : "idle");
    word(b, gpu, M_GPU_MODEL, "NVIDIA H200");
    if (busy)
        job(b, gpu, number);
    if (busy || dice() % 2)
        word(b, gpu, M_GPU_TENANT, tenants[dice() % 4]);
}

static void add_nodes(struct model *m, unsigned first, unsigned end)
{
    struct batch *b = batch_new(BATCH_POLL, "bench", start);

    for (unsigned node = first; node < end; node++) {
        uint32_t hall = named(b, GW_DOMAIN, GW_NONE, "hall-%u",
                              node / NODES_A_RACK / RACKS_A_HALL);
        uint32_t rack = named(b, GW_DOMAIN, hall, "rack%05u", node / NODES_A_RACK);
        uint32_t row = named(b, GW_NODE, rack, "n%05u", node);

        word(b, hall, M_DOMAIN_TYPE, "hall");
        word(b, rack, M_DOMAIN_TYPE, "rack");
        batch_number(b, row, M_NODE_METER, 4000 + dice() % 4000, GW_OK);
        for (unsigned i = 0; i < GPUS_A_NODE; i++)
            add_gpu(b, row, node * GPUS_A_NODE + i);
    }
    model_apply(m, b);
    batch_free(b);
}

/* As a console does: who looks on does not wait for what can be found before. */
static void look_away(void *arg)
{
    (void)arg;
}

static struct model *site_of(unsigned gpus)
{
    struct model *m = model_new("bench");
    unsigned nodes = (gpus + GPUS_A_NODE - 1) / GPUS_A_NODE;

    for (unsigned node = 0; node < nodes; node += NODES_A_BATCH)
        add_nodes(m, node, node + NODES_A_BATCH < nodes ? node + NODES_A_BATCH : nodes);
    model_let_look(m, look_away, NULL);
    for (int second = 0; second < 3; second++)
        model_settle(m, start + second);
    return m;
}

/* ---- tables ---- */

/* All that a frame asks of one. */
static double time_once(const struct model *m, const struct view *v, const char *filter,
                        const char *sort)
{
    struct err err;
    size_t column;
    double began = cpu_ms(), took;
    struct query *q = filter ? query_parse_filter(v, filter, &err, &column) : NULL;
    struct table *t = table_of_view(m, v, q, sort);

    for (size_t row = 0; row < ROWS && row < t->row_count; row++)
        for (size_t i = 0; i < t->column_count; i++)
            table_cell(t, row, i);
    took = cpu_ms() - began;
    table_free(t);
    query_free(q);
    return took;
}

static double time_table(const struct model *m, const struct view *v, const char *filter,
                         const char *sort)
{
    double least = 1e9;

    for (int run = 0; run < RUNS; run++)
        least = fmin(least, time_once(m, v, filter, sort));
    return least;
}

/* By each column as `time` does. */
static void bench_sorts(const struct model *m, const struct view *v, const char *what,
                        double (*time)(const struct model *m, const struct view *v,
                                       const char *filter, const char *sort))
{
    const struct column *slowest = v->columns;
    double most = 0;
    char sort[64], name[80];

    for (const struct column *c = v->columns; c->name; c++) {
        double took;

        snprintf(sort, sizeof(sort), "-%s", c->name);
        took = time(m, v, NULL, sort);
        slowest = took > most ? c : slowest;
        most = took > most ? took : most;
    }
    snprintf(name, sizeof(name), "%s, the slowest: %s", what, slowest->name);
    against(name, most, 30, "ms");
}

static void bench_filters(const struct model *m, const struct view *v)
{
    static const char *const filters[] = {
        "power > 350W",
        "power > 0.9power_limit",
        "tenant = acme and power > 100W",
        "idle > 15m and held",
        "acme",
        "a",
        "0",
        "7",
        "u",
        "ac",
        "n0",
        "7f",
        "7f3",
        "GPU-",
        "nosuchword",
        "not a",
        "name ~ 7",
        "uuid ~ 7",
        "node ~ 12",
        "job ~ 4",
    };

    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        char name[80];

        snprintf(name, sizeof(name), "filter: %s", filters[i]);
        against(name, time_table(m, v, filters[i], NULL), 20, "ms");
    }
}

/* ---- frames ---- */

static double time_draw(struct ui *ui)
{
    double least = 1e9;

    for (int run = 0; run < RUNS; run++) {
        double began = cpu_ms(), took;

        ui_draw(ui, start, run);
        took = cpu_ms() - began;
        least = took < least ? took : least;
    }
    return least;
}

static void bench_frames(struct model *m)
{
    struct ui_setup setup = { .model = m, .w = COLS, .h = ROWS };
    double most = 0;
    const char *slowest = "";
    char name[80];

    for (const struct view *const *v = views_all(); *v; v++) {
        struct ui *ui;
        double took;

        if ((*v)->off_screen)
            continue;
        setup.view = (*v)->name;
        ui = ui_new(&setup);
        took = time_draw(ui);
        ui_free(ui);
        slowest = took > most ? (*v)->name : slowest;
        most = took > most ? took : most;
    }
    snprintf(name, sizeof(name), "redraw of any view, the slowest: %s", slowest);
    against(name, most, 1, "ms");
}

static void bench_keys(struct model *m)
{
    static const char keys[] = "3 j PgDn s j 4 PgDn j s 2 j j 1 3 j G k PgUp s 5";
    struct ui_setup setup = { .model = m, .w = COLS, .h = ROWS };
    struct ui *ui = ui_new(&setup);
    const char *rest = keys;
    double most = 0;
    int key, slowest = 0;
    char name[80];

    ui_draw(ui, start, 0);
    while ((key = ui_next_key(&rest)) > 0) {
        double began = cpu_ms(), took;

        ui_key(ui, key);
        ui_draw(ui, start, 0);
        took = cpu_ms() - began;
        slowest = took > most ? key : slowest;
        most = took > most ? took : most;
    }
    ui_free(ui);
    if (key < 0)
        fprintf(stderr, "screen_bench: unknown key at \"%s\"\n", rest);
    snprintf(name, sizeof(name), "key to frame, the slowest: %c",
             slowest < 128 ? slowest : '^');
    against(name, most, 16, "ms");
}

static void bench(unsigned gpus)
{
    struct model *m = site_of(gpus);
    char name[80];
    const struct view *v = view_find("gpus");

    snprintf(name, sizeof(name), "screens of %u GPUs, %dx%d, CPU time", gpus, COLS, ROWS);
    part(name);
    bench_sorts(m, v, "the first sort by any column", time_once);
    bench_sorts(m, v, "sort by any column", time_table);
    bench_filters(m, v);
    bench_frames(m);
    bench_keys(m);
    end_part();
    model_free(m);
}

int main(int argc, char **argv)
{
    calibrate();
    if (argc > 1) {
        bench(strcmp(argv[1], "short") == 0 ? 20000
                                            : (unsigned)strtoul(argv[1], NULL, 10));
        return 0;
    }
    bench(100000);
    bench(1000000);
    return 0;
}
