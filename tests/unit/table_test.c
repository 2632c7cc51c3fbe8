/* Tables: which rows and columns, in which order, and what they say is missing. */
#include <stdio.h>

#include "tests/lib/check.h"
#include "tests/lib/gpus.h"

enum { MANY = 20000 };

/* Many GPUs with powers in a crooked order, some equal, some unknown, some
 * negative-looking temperatures. */
static struct model *many(void)
{
    struct model *m = model_new("iad-3");
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);
    uint32_t seed = 1;

    for (int i = 0; i < MANY; i++) {
        char name[32], tenant[32];
        int len = snprintf(name, sizeof(name), "n%d/0", i);
        int tenant_len =
            snprintf(tenant, sizeof(tenant), "t%u", (unsigned)(seed >> 8) % 40);
        uint32_t gpu = batch_entity(b, GW_GPU, name, (size_t)len, GW_NONE);

        seed = seed * 1664525 + 1013904223;
        batch_number(b, gpu, M_GPU_POWER, seed >> 30 ? (seed >> 10) % 2000 / 4.0 : NAN,
                     GW_OK);
        batch_number(b, gpu, M_GPU_TEMP, (double)((seed >> 5) % 150) - 40, GW_OK);
        batch_text(b, gpu, M_GPU_TENANT, tenant, (size_t)tenant_len);
    }
    model_apply(m, b);
    model_settle(m, NOON);
    batch_free(b);
    return m;
}

static double power_of(const struct table *t, size_t row)
{
    return model_number(t->model, M_GPU_POWER, t->rows[row]);
}

START_TEST(a_long_table_is_sorted_and_stable)
{
    struct model *m = many();
    struct table *t = table_of_view(m, &test_view, NULL, "-power");
    uint32_t *place = calloc(MANY, sizeof(*place));
    const uint32_t *order = model_order(m, GW_GPU);

    ck_assert_uint_eq(t->row_count, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        place[order[i]] = i;
    for (size_t i = 1; i < t->row_count; i++) {
        double before = power_of(t, i - 1), here = power_of(t, i);

        ck_assert(!isnan(before) || isnan(here));
        ck_assert(isnan(here) || before >= here);
        /* Equal and unknown rows keep the order of the model. */
        if (before == here || (isnan(before) && isnan(here)))
            ck_assert(place[t->rows[i - 1]] < place[t->rows[i]]);
    }
    free(place);
    table_free(t);
    model_free(m);
}
END_TEST

START_TEST(a_second_key_decides_among_equals)
{
    struct model *m = many();
    struct table *t = table_of_view(m, &test_view, NULL, "tenant,temp");

    for (size_t i = 1; i < t->row_count; i++) {
        const char *before = model_text(m, M_GPU_TENANT, t->rows[i - 1]);
        const char *here = model_text(m, M_GPU_TENANT, t->rows[i]);

        /* In natural order: t2 before t10. */
        ck_assert_int_le(strtol(before + 1, NULL, 10), strtol(here + 1, NULL, 10));
        if (strcmp(before, here) == 0)
            ck_assert(model_number(m, M_GPU_TEMP, t->rows[i - 1]) <=
                      model_number(m, M_GPU_TEMP, t->rows[i]));
    }
    table_free(t);
    model_free(m);
}
END_TEST

/* Their nodes come up again and again, more of them than are remembered. */
static struct model *scattered(void)
{
    enum { NODES = 3000 };
    struct model *m = model_new("iad-3");
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);

    for (int i = 0; i < 4 * NODES; i++) {
        char name[32];
        int node = i * 7 % NODES, len = snprintf(name, sizeof(name), "n%d", node);
        uint32_t parent = batch_entity(b, GW_NODE, name, (size_t)len, GW_NONE), gpu;

        len = snprintf(name, sizeof(name), "n%d/%d", node, i / NODES);
        gpu = batch_entity(b, GW_GPU, name, (size_t)len, parent);
        batch_number(b, gpu, M_GPU_POWER, i * 31 % 700, GW_OK);
    }
    model_apply(m, b);
    model_settle(m, NOON);
    batch_free(b);
    return m;
}

static void expect_names_in_order(const struct model *m)
{
    const struct view *gpus = view_find("gpus");
    struct table *t = table_of_view(m, gpus, NULL, "-name");

    ck_assert_uint_eq(t->row_count, model_rows(m, GW_GPU));
    for (size_t i = 1; i < t->row_count; i++)
        ck_assert(text_natural(model_name(m, GW_GPU, t->rows[i - 1]),
                               model_name(m, GW_GPU, t->rows[i])) > 0);
    table_free(t);
}

START_TEST(names_are_in_order_when_rows_have_come_since)
{
    struct model *m = scattered();
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);

    expect_names_in_order(m);
    for (const char *const *name = (const char *const[]){ "n12/7", "n2/9", "a/1", NULL };
         *name; name++)
        batch_entity(b, GW_GPU, *name, strlen(*name), GW_NONE);
    model_apply(m, b);
    batch_free(b);
    expect_names_in_order(m);
    model_free(m);
}
END_TEST

/* ---- texts that each row has for itself ---- */

enum { OWN = 20000 };

static void tell_uuid(struct model *m, int i, const char *text)
{
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);
    char name[32];
    uint32_t gpu = batch_entity(
        b, GW_GPU, name, (size_t)snprintf(name, sizeof(name), "n%d/0", i), GW_NONE);

    batch_text(b, gpu, M_GPU_UUID, text, strlen(text));
    model_apply(m, b);
    batch_free(b);
}

/* Every tenth GPU has none. */
static struct model *with_uuids(void)
{
    struct model *m = model_new("iad-3");
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON);
    uint32_t seed = 1;

    for (int i = 0; i < OWN; i++) {
        char name[32], text[48];
        uint32_t gpu = batch_entity(
            b, GW_GPU, name, (size_t)snprintf(name, sizeof(name), "n%d/0", i), GW_NONE);

        seed = seed * 1664525 + 1013904223;
        batch_number(b, gpu, M_GPU_POWER, seed >> 8, GW_OK);
        if (i % 10 != 3)
            batch_text(b, gpu, M_GPU_UUID, text,
                       (size_t)snprintf(text, sizeof(text), "GPU-%x-%04x", seed, i));
    }
    model_apply(m, b);
    batch_free(b);
    return m;
}

/* Who has no text comes last either way, and equals keep the order of the screen. */
static void expect_uuids_in_order(const struct model *m, const char *filter, bool down)
{
    struct err err;
    size_t column;
    const struct view *gpus = view_find("gpus");
    struct query *q = filter ? query_parse_filter(gpus, filter, &err, &column) : NULL;
    struct table *t = table_of_view(m, gpus, q, down ? "-uuid" : "uuid");

    ck_assert_uint_gt(t->row_count, 2);
    for (size_t i = 1; i < t->row_count; i++) {
        const char *before = model_text(m, M_GPU_UUID, t->rows[i - 1]),
                   *here = model_text(m, M_GPU_UUID, t->rows[i]);
        int order = before && here ? text_natural(before, here) : (!before) - (!here);

        ck_assert(before && here && down ? order >= 0 : order <= 0);
        ck_assert(order != 0 || t->rows[i - 1] < t->rows[i]);
    }
    table_free(t);
    query_free(q);
}

static void look_away(void *arg)
{
    (void)arg;
}

/* Found when it is asked for, and before, where somebody looks on. */
START_TEST(texts_of_one_row_are_in_order_however_they_change)
{
    static const char *const words[] = { "GPU-0", "zz", "", "GPU-9999999999999999999",
                                         "GPU-a-1" };
    struct model *m = with_uuids();

    for (int i = 0; i < 12; i++) {
        model_let_look(m, i % 2 ? look_away : NULL, NULL);
        for (int settles = 0; settles < i % 3 + 1; settles++)
            model_settle(m, NOON + 10 * i + 2 * settles);
        for (int down = 0; down <= 1; down++) {
            expect_uuids_in_order(m, NULL, down);
            expect_uuids_in_order(m, "name ~ n123", down);
        }
        tell_uuid(m, i * 401, words[i % 5]);
        tell_uuid(m, OWN + i, words[(i + 1) % 5]);
    }
    model_free(m);
}
END_TEST

START_TEST(equal_words_that_a_column_makes_are_equals)
{
    struct model *m = scattered();
    struct table *t = table_of_view(m, &test_view, NULL, "-node,-power");

    for (size_t i = 1; i < t->row_count; i++) {
        struct row before = model_parent(m, GW_GPU, t->rows[i - 1]),
                   here = model_parent(m, GW_GPU, t->rows[i]);

        ck_assert_int_ge(strtol(model_name(m, GW_NODE, before.id) + 1, NULL, 10),
                         strtol(model_name(m, GW_NODE, here.id) + 1, NULL, 10));
        if (before.id == here.id)
            ck_assert(power_of(t, i - 1) >= power_of(t, i));
    }
    table_free(t);
    model_free(m);
}
END_TEST

START_TEST(a_filter_judges_every_row_of_many_blocks)
{
    struct model *m = many();
    struct err err;
    size_t column, expected = 0, unknown = 0;
    struct query *q =
        query_parse_filter(&test_view, "power > 300 and not tenant = t7", &err, &column);
    struct table *t = table_of_view(m, &test_view, q, NULL);

    for (uint32_t row = 0; row < MANY; row++) {
        double power = model_number(m, M_GPU_POWER, row);
        bool other = strcmp(model_text(m, M_GPU_TENANT, row), "t7") != 0;

        expected += power > 300 && other;
        unknown += isnan(power) && other;
    }
    ck_assert_uint_eq(t->row_count, expected);
    ck_assert_uint_eq(t->unknown, unknown);
    ck_assert_uint_eq(t->total, MANY);
    table_free(t);
    query_free(q);
    model_free(m);
}
END_TEST

/* Whatever the rows are, their groups hold all of them, once each, and add up to what
 * they do. */
START_TEST(groups_add_up_to_their_rows)
{
    struct model *m = many();
    struct err err;
    size_t at, rows = 0;
    struct query *q = query_parse_views("gpus by tenant", test_views, &err, &at);
    struct table *t = table_new(m, q, false);
    double groups_w = 0, all_w = 0;

    for (size_t i = 0; i < t->row_count; i++) {
        struct cell power = table_cell(t, i, 3);
        double expected = 0;
        bool gap = false;

        ck_assert_str_eq(t->columns[3]->name, "power");
        for (uint32_t row = 0; row < MANY; row++) {
            double watts = model_number(m, M_GPU_POWER, row);

            if (strcmp(model_text(m, M_GPU_TENANT, row), table_name(t, i)) != 0)
                continue;
            expected += isnan(watts) ? 0 : watts;
            gap |= isnan(watts);
        }
        ck_assert_double_eq_tol(power.number, expected, 1e-6);
        ck_assert_int_eq(power.quality, gap ? GW_ESTIMATED : GW_OK);
        groups_w += power.number;
        rows += (size_t)table_cell(t, i, 1).number;
    }
    for (uint32_t row = 0; row < MANY; row++)
        all_w += isnan(model_number(m, M_GPU_POWER, row))
                     ? 0
                     : model_number(m, M_GPU_POWER, row);
    ck_assert_uint_eq(rows, MANY);
    ck_assert_double_eq_tol(groups_w, all_w, 1e-3);
    table_free(t);
    query_free(q);
    model_free(m);
}
END_TEST

START_TEST(a_sum_of_old_numbers_is_old)
{
    struct model *m = test_model();
    struct err err;
    size_t at;
    struct query *q = query_parse_views("gpus by tenant sort tenant", test_views, &err,
                                        &at);
    struct table *t;

    model_settle(m, NOON + 600);
    t = table_new(m, q, false);
    ck_assert_str_eq(table_name(t, 0), "acme");
    ck_assert_int_eq(table_cell(t, 0, 3).quality, GW_STALE);
    ck_assert_double_eq(table_cell(t, 0, 2).number, 0); /* of whom nobody answers */
    table_free(t);
    query_free(q);
    model_free(m);
}
END_TEST

/* ---- groups of the real views ---- */

static struct batch *told;

static uint32_t tell(enum gw_kind kind, const char *name, uint32_t parent,
                     uint16_t metric, double value)
{
    uint32_t entity = batch_entity(told, kind, name, strlen(name), parent);

    batch_number(told, entity, metric, value, GW_OK);
    return entity;
}

static void call(uint32_t entity, uint16_t metric, const char *word)
{
    batch_text(told, entity, metric, word, strlen(word));
}

static void tell_job(const char *name, const char *tenant, const char *state,
                     uint16_t metric, double value)
{
    uint32_t job = tell(GW_JOB, name, GW_NONE, metric, value);

    call(job, M_JOB_TENANT, tenant);
    call(job, M_JOB_STATE, state);
}

static struct model *told_model(void)
{
    struct model *m = model_new("iad-3");

    model_set_interval(m, "exporter", 15);
    model_apply(m, told);
    batch_free(told);
    model_settle(m, NOON);
    return m;
}

/* What a query on the real views answers in a row and column; more rows than `rows`
 * fail. */
static struct cell answer(const struct model *m, const char *words, size_t rows,
                          size_t row, size_t column)
{
    struct err err;
    size_t at;
    struct query *q = query_parse(words, &err, &at);
    struct table *t = table_new(m, q, false);
    struct cell cell;

    ck_assert_uint_eq(t->row_count, rows);
    cell = table_cell(t, row, column);
    table_free(t);
    query_free(q);
    return cell;
}

START_TEST(a_model_and_its_servers_count_once)
{
    struct model *m;
    uint32_t whole;

    told = batch_new(BATCH_POLL, "exporter", NOON);
    whole = batch_entity(told, GW_MODEL, "m7", 2, GW_NONE);
    call(tell(GW_MODEL, "m7@a", whole, M_MODEL_RUNNING, 10), M_MODEL_ENGINE, "vllm");
    call(tell(GW_MODEL, "m7@b", whole, M_MODEL_RUNNING, 5), M_MODEL_ENGINE, "vllm");
    m = told_model();
    ck_assert_double_eq(answer(m, "models by engine show running", 1, 0, 1).number, 1);
    ck_assert_double_eq(answer(m, "models by engine show running", 1, 0, 3).number, 15);
    ck_assert_double_eq(
        answer(m, "models where running < 15 by engine show running", 1, 0, 1).number, 2);
    model_free(m);
}
END_TEST

START_TEST(each_domain_counts_for_itself)
{
    struct model *m;

    told = batch_new(BATCH_POLL, "exporter", NOON);
    (void)tell(GW_DOMAIN, "rack", tell(GW_DOMAIN, "bus", GW_NONE, M_DOMAIN_CAP, 2e3),
               M_DOMAIN_CAP, 1e3);
    m = told_model();
    ck_assert_double_eq(answer(m, "domains by state", 1, 0, 1).number, 2);
    model_free(m);
}
END_TEST

START_TEST(of_what_there_is_none_a_sum_misses_nothing)
{
    struct model *m;

    told = batch_new(BATCH_POLL, "exporter", NOON);
    tell_job("1", "acme", "running", M_JOB_POWER, 100);
    tell_job("2", "acme", "pending", M_JOB_PREDICTED, 50);
    tell_job("3", "zeta", "running", M_JOB_POWER, 70);
    tell_job("4", "zeta", "running", M_JOB_GPUS, 1);
    m = told_model();
    for (size_t column = 3; column < 5; column++) {
        struct cell sum = answer(
            m, "jobs where tenant = acme by tenant show power,power_predicted", 1, 0,
            column);

        ck_assert_double_eq(sum.number, column == 3 ? 100 : 50);
        ck_assert_int_eq(sum.quality, GW_OK);
    }
    ck_assert_int_eq(
        answer(m, "jobs where tenant = zeta by tenant show power", 1, 0, 3).quality,
        GW_ESTIMATED);
    model_free(m);
}
END_TEST

START_TEST(a_node_that_is_called_down_does_not_answer_in_its_group_either)
{
    struct model *m;

    told = batch_new(BATCH_POLL, "exporter", NOON);
    call(tell(GW_NODE, "n1", GW_NONE, M_NODE_GPUS_TOTAL, 8), M_NODE_STATE, "down");
    m = told_model();
    ck_assert_uint_eq(model_coverage(m).down, 1);
    ck_assert_double_eq(answer(m, "nodes by state show gpus_total", 1, 0, 2).number, 0);
    model_free(m);
}
END_TEST

START_TEST(a_node_says_the_jobs_that_were_told_by_its_name)
{
    struct model *m;

    told = batch_new(BATCH_POLL, "exporter", NOON);
    for (int i = 0; i < 4; i++) {
        char gpu[8];

        snprintf(gpu, sizeof(gpu), "n1/%d", i);
        (void)tell(GW_GPU, gpu, batch_entity(told, GW_NODE, "n1", 2, GW_NONE),
                   M_GPU_POWER, 100);
    }
    for (int i = 7; i < 9; i++) {
        char job[2] = { (char)('0' + i), '\0' };

        tell_job(job, "acme", "running", M_JOB_GPUS, 1);
        call(batch_entity(told, GW_JOB, job, 1, GW_NONE), M_JOB_NODELIST, "n1");
    }
    m = told_model();
    ck_assert_str_eq(answer(m, "nodes where jobs = 7 show jobs", 1, 0, 0).text,
                     "several");
    model_free(m);
}
END_TEST

START_TEST(a_table_shows_what_fits_unless_asked_for_more)
{
    struct model *m = test_model();
    struct err err;
    size_t column;
    struct query *all = query_parse_views("gpus", test_views, &err, &column);
    struct query *two =
        query_parse_views("gpus show xid,name", test_views, &err, &column);
    struct table *t = table_new(m, all, false);

    ck_assert_uint_eq(t->column_count, 7);
    ck_assert_ptr_null(t->columns[7]);
    table_free(t);
    t = table_new(m, all, true);
    ck_assert_uint_eq(t->column_count, 15);
    table_free(t);
    t = table_new(m, two, true);
    ck_assert_uint_eq(t->column_count, 2);
    ck_assert_str_eq(t->columns[0]->name, "xid");
    table_free(t);
    query_free(all);
    query_free(two);
    model_free(m);
}
END_TEST

static bool is_first_of_node(const struct model *m, uint32_t row)
{
    const char *name = model_name(m, GW_GPU, row);

    return name[strlen(name) - 1] == '0';
}

START_TEST(a_view_may_show_some_rows_in_its_own_order)
{
    struct view half = test_view;
    struct model *m = test_model();
    struct table *t;

    half.is_row = is_first_of_node;
    half.sort = "-power,name";
    t = table_of_view(m, &half, NULL, NULL);
    ck_assert_uint_eq(t->total, 3);
    ck_assert_str_eq(model_name(m, GW_GPU, t->rows[0]), "n1/0");
    ck_assert_str_eq(model_name(m, GW_GPU, t->rows[1]), "n10/0");
    ck_assert_str_eq(model_name(m, GW_GPU, t->rows[2]), "n2/0");
    table_free(t);
    /* "" asks for the order of the model; a field that is not there is passed over. */
    t = table_of_view(m, &half, NULL, "");
    ck_assert_str_eq(model_name(m, GW_GPU, t->rows[1]), "n2/0");
    table_free(t);
    t = table_of_view(m, &half, NULL, "nothing,,-,power");
    ck_assert_str_eq(model_name(m, GW_GPU, t->rows[0]), "n2/0");
    table_free(t);
    model_free(m);
}
END_TEST

START_TEST(a_target_that_fails_is_an_error_with_its_reason)
{
    struct model *m = test_model();
    struct batch *b = batch_new(BATCH_HOST, "", NOON);
    uint32_t well = batch_entity(b, GW_SOURCE, "n1", 2, GW_NONE);
    uint32_t ill = batch_entity(b, GW_SOURCE, "n2", 2, GW_NONE);
    struct table *t;

    batch_text(b, well, M_SOURCE_STATE, "ok", 2);
    batch_text(b, ill, M_SOURCE_STATE, "down", 4);
    batch_text(b, ill, M_SOURCE_REASON, "no route to host", 16);
    model_apply(m, b);
    model_settle(m, NOON);
    t = table_of_view(m, &test_view, NULL, NULL);
    ck_assert_uint_eq(t->error_count, 1);
    ck_assert_str_eq(t->errors[0].target, "n2");
    ck_assert_str_eq(t->errors[0].text, "no route to host");
    ck_assert(t->at == NOON);
    table_free(t);
    batch_free(b);
    model_free(m);
}
END_TEST

static struct cell formatted(double number, enum unit unit, double scale, char text[64])
{
    struct cell cell = cell_number(number, unit);

    cell_format(text, 64, &cell, scale);
    return cell;
}

START_TEST(a_whole_number_among_others_has_their_noughts)
{
    struct cell cell = cell_number(32e3, UNIT_W);
    char text[64];

    cell_format(text, sizeof(text), &cell, 1e3);
    ck_assert_str_eq(text, "32");
    cell.has_fractions = true;
    cell_format(text, sizeof(text), &cell, 1e3);
    ck_assert_str_eq(text, "32.0");
    cell.number = 4e3;
    cell_format(text, sizeof(text), &cell, 1e3);
    ck_assert_str_eq(text, "4.00");
    cell.number = 235e3;
    cell_format(text, sizeof(text), &cell, 1e3);
    ck_assert_str_eq(text, "235");
    cell.number = 0;
    cell_format(text, sizeof(text), &cell, 1e3);
    ck_assert_str_eq(text, "0");
}
END_TEST

START_TEST(a_cell_reads_as_people_write)
{
    char text[64];
    struct cell p = cell_number(.34, UNIT_RATIO), word = cell_string("日本");

    formatted(412.6e6, UNIT_W, 0, text);
    ck_assert_str_eq(text, "413 MW");
    formatted(54.83e6, UNIT_W, 1e6, text);
    ck_assert_str_eq(text, "54.8");
    formatted(431, UNIT_W, 1e3, text);
    ck_assert_str_eq(text, "0.431");
    formatted(2, UNIT_W, 1e3, text);
    ck_assert_str_eq(text, "0.002");
    formatted(0, UNIT_W, 1e3, text);
    ck_assert_str_eq(text, "0");
    formatted((double).99f, UNIT_RATIO, 0, text);
    ck_assert_str_eq(text, "99%");
    formatted(98304, UNIT_NONE, 0, text);
    ck_assert_str_eq(text, "98,304");
    formatted(-1234567, UNIT_NONE, 0, text);
    ck_assert_str_eq(text, "-1,234,567");
    formatted(175624.6, UNIT_NONE, 1, text);
    ck_assert_str_eq(text, "175,625");
    /* whole by chance, in a column of millions */
    formatted(1745681, UNIT_NONE, 1e6, text);
    ck_assert_str_eq(text, "1.75");
    formatted(17.4e6, UNIT_W, 1e3, text);
    ck_assert_str_eq(text, "17,400");
    formatted(360, UNIT_S, 0, text);
    ck_assert_str_eq(text, "6m");
    formatted(NAN, UNIT_W, 0, text);
    ck_assert_str_eq(text, "—");
    formatted(NOON, UNIT_TIME, 0, text);
    ck_assert_str_eq(text, "12:00");
    p.probability = true;
    cell_format(text, sizeof(text), &p, 0);
    ck_assert_str_eq(text, ".34");
    p.probability = false;
    p.quality = GW_ESTIMATED;
    ck_assert_uint_eq(cell_doubt_mark(&p), '~');
    p.foretold = true; /* what else would it be? */
    ck_assert_uint_eq(cell_doubt_mark(&p), 0);
    ck_assert_str_eq(cell_doubt_word(&p), "estimated");
    p.quality = GW_STALE;
    ck_assert_uint_eq(cell_doubt_mark(&p), 0x25d0);
    /* Cut at a character's end. */
    ck_assert_uint_eq(cell_format(text, 6, &word, 0), 3);
    ck_assert_str_eq(text, "日");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_long_table_is_sorted_and_stable,
        a_second_key_decides_among_equals,
        names_are_in_order_when_rows_have_come_since,
        texts_of_one_row_are_in_order_however_they_change,
        equal_words_that_a_column_makes_are_equals,
        a_filter_judges_every_row_of_many_blocks,
        groups_add_up_to_their_rows,
        a_sum_of_old_numbers_is_old,
        a_model_and_its_servers_count_once,
        each_domain_counts_for_itself,
        of_what_there_is_none_a_sum_misses_nothing,
        a_node_that_is_called_down_does_not_answer_in_its_group_either,
        a_node_says_the_jobs_that_were_told_by_its_name,
        a_table_shows_what_fits_unless_asked_for_more,
        a_view_may_show_some_rows_in_its_own_order,
        a_target_that_fails_is_an_error_with_its_reason,
        a_whole_number_among_others_has_their_noughts,
        a_cell_reads_as_people_write,
    };
    Suite *s = suite_create("table");
    TCase *t = tcase_create("table");
    SRunner *r;
    int failed;

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(t, tests[i]);
    tcase_set_timeout(t, 60);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
