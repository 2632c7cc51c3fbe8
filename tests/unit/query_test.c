/* What queries mean, and what is said of those that mean nothing. */
#include <check.h>
#include <stdio.h>

#include "base/text.h"
#include "tests/lib/gpus.h"

/* The names of the rows a query finds, with a blank between; "!" and the complaint if it
 * is none. */
static const char *found(const char *text)
{
    static char names[1024];
    struct err err = { 0 };
    size_t column, used = 0;
    struct model *m = test_model();
    struct query *q = query_parse_views(text, test_views, &err, &column);
    struct table *t;

    names[0] = '\0';
    if (!q) {
        snprintf(names, sizeof(names), "!%zu %s", column, err.text);
        model_free(m);
        return names;
    }
    t = table_new(m, q, false);
    for (size_t i = 0; i < t->row_count; i++)
        used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? " " : "",
                                 table_name(t, i));
    if (t->unknown)
        snprintf(names + used, sizeof(names) - used, ", %zu unknown", t->unknown);
    table_free(t);
    query_free(q);
    model_free(m);
    return names;
}

#define FINDS(query, names) ck_assert_str_eq(found(query), names)

START_TEST(a_kind_alone_lists_all_in_natural_order)
{
    FINDS("gpus", "n1/0 n1/1 n2/0 n2/1 n10/0 n10/1");
    FINDS("  GPUs  ", "n1/0 n1/1 n2/0 n2/1 n10/0 n10/1");
}
END_TEST

START_TEST(names_and_ranges_choose_rows)
{
    FINDS("gpus n2/0 n1/1", "n1/1 n2/0");
    FINDS("gpus n[1-2]/0", "n1/0 n2/0");
    FINDS("gpus \"n1/0\" where power > 1", "n1/0");
    FINDS("gpus n99", "");
}
END_TEST

START_TEST(units_scale_and_bare_numbers_are_base_units)
{
    FINDS("gpus where power > 0.4kW", "n1/0 n1/1, 1 unknown");
    FINDS("gpus where power>400", "n1/0 n1/1, 1 unknown");
    FINDS("gpus where util >= 50%", "n1/0 n1/1 n10/0, 1 unknown");
    FINDS("gpus where util >= .5", "n1/0 n1/1 n10/0, 1 unknown");
    FINDS("gpus where idle > 15m", "n2/0, 1 unknown");
    FINDS("gpus where temp >= 83C", "n1/1, 1 unknown");
    FINDS("gpus where power > 0.4 kW", "n1/0 n1/1, 1 unknown");
    FINDS("gpus where temp in (83 C) or power>400 W and util >= 50 %",
          "n1/0 n1/1, 1 unknown");
}
END_TEST

START_TEST(a_float_equals_what_was_written)
{
    FINDS("gpus where power = 412.6", "n1/0, 1 unknown");
    FINDS("gpus where power in (412.6, 350.5W)", "n1/0 n10/0, 1 unknown");
    FINDS("gpus where power != 412.6", "n1/1 n2/0 n10/0 n10/1, 1 unknown");
}
END_TEST

START_TEST(a_share_of_another_field_is_the_rows_own)
{
    FINDS("gpus where power > 0.9power_limit", "n1/1, 1 unknown");
    FINDS("gpus where power > 0.9*power_limit", "n1/1, 1 unknown");
    FINDS("gpus where power < power_limit and power > 500", "n1/1, 1 unknown");
    FINDS("gpus where load > 90%", "n1/1, 1 unknown");
}
END_TEST

START_TEST(and_binds_before_or_and_parentheses_before_both)
{
    FINDS("gpus where state = busy or state = idle and power < 85",
          "n1/0 n1/1 n10/0 n10/1");
    FINDS("gpus where (state = busy or state = idle) and power < 85", "n10/1");
    FINDS("gpus where not state = busy and not state = lost", "n2/0 n10/1");
    FINDS("gpus where NOT (state = busy OR state = idle)", "n2/1");
}
END_TEST

START_TEST(the_unknown_is_neither_true_nor_false)
{
    FINDS("gpus where power > 400", "n1/0 n1/1, 1 unknown");
    FINDS("gpus where not power > 400", "n2/0 n10/0 n10/1, 1 unknown");
    /* Whatever its power is, it is lost; and no power makes it busy. */
    FINDS("gpus where power > 400 or state = lost", "n1/0 n1/1 n2/1");
    FINDS("gpus where power > 400 and state = busy", "n1/0 n1/1");
}
END_TEST

START_TEST(null_stale_and_estimated_are_asked_for)
{
    FINDS("gpus where power is null", "n2/1");
    FINDS("gpus where power is not null and tenant is null", "n10/1");
    FINDS("gpus where power is estimated", "n10/0");
    FINDS("gpus where power is stale", "");
}
END_TEST

START_TEST(texts_are_compared_contained_and_matched)
{
    FINDS("gpus where state != busy", "n2/0 n2/1 n10/1");
    FINDS("gpus where tenant ~ ACM", "n1/0 n1/1 n2/0, 2 unknown");
    FINDS("gpus where tenant = \"zeta, \\\"inc\\\"\"", "n10/0, 2 unknown");
    FINDS("gpus where state in (idle, lost)", "n2/0 n2/1 n10/1");
    FINDS("gpus where node in (n[2-9],n10)", "n2/0 n2/1 n10/0 n10/1");
    FINDS("gpus where node = n[1-2]", "n1/0 n1/1 n2/0 n2/1");
    FINDS("gpus where node != n[1-2]", "n10/0 n10/1");
    FINDS("gpus where name =~ ^n1/[01]$", "n1/0 n1/1");
    FINDS("gpus where name >= n2/1", "n2/1 n10/0 n10/1");
}
END_TEST

START_TEST(a_bare_word_is_looked_for_in_every_text)
{
    FINDS("gpus where acme", "n1/0 n1/1 n2/0");
    FINDS("gpus where n10", "n10/0 n10/1");
    FINDS("gpus where \"inc\"", "n10/0");
    FINDS("gpus where nobody", "");
}
END_TEST

START_TEST(a_field_alone_is_a_claim)
{
    FINDS("gpus where held", "n1/0 n1/1 n2/0 n10/0");
    FINDS("gpus where not held", "n2/1 n10/1");
    FINDS("gpus where idle > 15m and held", "n2/0");
    FINDS("gpus where util", "n1/0 n1/1 n10/0, 1 unknown");
}
END_TEST

static const char *complaint(const char *text)
{
    static struct err err;
    size_t column;
    struct query *q = query_parse(text, &err, &column);

    if (q)
        err_set(&err, "none");
    query_free(q);
    return err.text;
}

START_TEST(a_field_called_as_a_clause_is_asked_for)
{
    ck_assert_str_eq(
        complaint("jobs where limit > 2h and limit is not null sort -limit limit 5"),
        "none");
    ck_assert_str_eq(complaint("jobs where not limit in (1h, 2h) limit 5"), "none");
    ck_assert_str_eq(complaint("jobs where \"limit\" > 2h"), "none");
    ck_assert_str_eq(complaint("jobs where limit 5"), "expected a field or a word to look for, got \"limit\"");
    ck_assert_str_eq(complaint("gpus where limit > 5"), "expected a field or a word to look for, got \"limit\"");
}
END_TEST

START_TEST(times_are_compared_with_times)
{
    FINDS("gpus where since < -15m", "n2/0, 1 unknown");
    FINDS("gpus where since = 2023-11-20T11:59:00Z", "n10/1, 1 unknown");
    FINDS("gpus where since <= 11:59", "n2/0 n10/1, 1 unknown");
}
END_TEST

START_TEST(rows_are_sorted_with_the_unknown_last)
{
    FINDS("gpus sort power", "n10/1 n2/0 n10/0 n1/0 n1/1 n2/1");
    FINDS("gpus sort -power", "n1/1 n1/0 n10/0 n2/0 n10/1 n2/1");
    FINDS("gpus sort -state, -power", "n2/1 n2/0 n10/1 n1/1 n1/0 n10/0");
    FINDS("gpus sort -name", "n10/1 n10/0 n2/1 n2/0 n1/1 n1/0");
    FINDS("gpus sort -load", "n1/1 n1/0 n10/0 n2/0 n10/1 n2/1");
    FINDS("gpus sort since", "n2/0 n10/1 n1/0 n1/1 n10/0 n2/1");
    FINDS("gpus sort tenant, -power", "n1/1 n1/0 n2/0 n10/0 n10/1 n2/1");
}
END_TEST

START_TEST(the_limit_comes_after_the_sort)
{
    FINDS("gpus sort -power limit 2", "n1/1 n1/0");
    FINDS("gpus limit 0", "");
    FINDS("gpus where power > 1 show name, power sort -power limit 1 at now",
          "n1/1, 1 unknown");
}
END_TEST

START_TEST(rows_are_summed_by_a_field_of_text)
{
    FINDS("gpus by tenant", "acme zeta, \"inc\" —");
    FINDS("gpus by tenant sort power", "— zeta, \"inc\" acme");
    FINDS("gpus by tenant sort -tenant", "zeta, \"inc\" acme —");
    FINDS("gpus where state = busy by node sort -count show power limit 1", "n1");
    FINDS("gpus sort -coverage,node by node", "n1 n2 n10");
    FINDS("gpus where power > 1 by held", "held free, 1 unknown");
    FINDS("gpus by", "!7 expected a field to sum by, got the end");
    FINDS("gpus by tenent", "!8 unknown field \"tenent\"; did you mean tenant?");
    FINDS("gpus by name",
          "!8 name differs from row to row, so there is nothing to sum by it");
    FINDS("gpus by power", "!8 power holds numbers; rows are summed by a field of text");
    FINDS("gpus show power,temp by tenant",
          "!16 temp does not add up, so it cannot be shown of rows that are summed");
    FINDS("gpus by tenant sort -temp", "!21 temp is not among what is summed");
    FINDS("gpus by tenant by node", "!15 there is a second by here");
    ck_assert(strncmp(found("gpus show count"), "!10 unknown field \"count\"", 25) == 0);
    FINDS("gpus sort -count,node show node, count, power by node", "n1 n2 n10");
    ck_assert(strncmp(found("gpus sort -count"), "!11 unknown field \"count\"", 25) == 0);
}
END_TEST

START_TEST(what_is_wrong_is_said_at_its_place)
{
    FINDS("gpu", "!0 unknown kind \"gpu\"; did you mean gpus?");
    FINDS("", "!0 expected what to list, got the end; known: gpus");
    FINDS("gpus where powr > 1", "!11 unknown field \"powr\"; did you mean power?");
    FINDS("gpus where power > 5A", "!19 \"5A\" does not fit power: expected W kW MW GW");
    FINDS("gpus where power > lots", "!19 expected a value for power (W kW MW GW), got \"lots\"");
    FINDS("gpus where power > 0.9cap",
          "!19 gpus have no cap to compare power with: expected a value (W kW MW GW)");
    FINDS("gpus where power > cap",
          "!19 gpus have no cap to compare power with: expected a value (W kW MW GW)");
    FINDS("gpus where power >",
          "!18 expected a value for power (W kW MW GW), got the end");
    FINDS("gpus where power ~ 4",
          "!19 power is a number: compare it with = != < <= > >=");
    FINDS("gpus where util > 90", "!18 util is a ratio: write 90% or 0.9");
    FINDS("gpus where power > 0.9temp",
          "!19 power and temp cannot be compared: they differ in unit");
    FINDS("gpus where (power > 1", "!21 expected ) for the ( at column 12, got the end");
    FINDS("gpus where power > 1 power < 3",
          "!21 expected and, or, by, show, sort, limit or at, got \"power\"");
    FINDS("gpus sort power desc", "!16 \"desc\" is no word here: sort -FIELD begins with the most");
    FINDS("gpus where name LIKE x", "!16 \"LIKE\" is no word here: FIELD ~ TEXT finds a part, FIELD =~ PATTERN a pattern");
    FINDS("gpus where", "!10 expected a field or a word to look for, got the end");
    FINDS("gpus where power is big", "!20 expected null, stale or estimated after is, got \"big\"");
    FINDS("gpus where power in 4", "!20 expected ( after in, got \"4\"");
    FINDS("gpus where state = \"open", "!19 expected a closing quote for this text");
    FINDS("gpus where name =~ \"(\"", "!19 not a regular expression: missing closing parenthesis");
    FINDS("gpus show", "!9 expected a field to show, got the end");
    FINDS("gpus show name, ower", "!16 unknown field \"ower\"; did you mean power?");
    FINDS("gpus sort -temq", "!11 unknown field \"temq\"; did you mean temp?");
    FINDS("gpus limit many", "!11 expected a number of rows, got \"many\"");
    FINDS("gpus limit 1 limit 2", "!13 there is a second limit here");
    FINDS("gpus at noon", "!8 expected a time (now, -15m, 14:05, RFC 3339), got \"noon\"");
    FINDS("gpus where power ! 4", "!17 expected != after \"!\", or the word not");
}
END_TEST

START_TEST(depth_and_length_are_bounded)
{
    char deep[1024] = "gpus where ", *lengthy = xcalloc(6000, 1);

    memset(deep + 11, '(', 500);
    ck_assert_str_eq(found(deep), "!59 nested too deeply: at most 48 levels");
    memset(lengthy, 'x', 5999);
    ck_assert_str_eq(found(lengthy), "!4096 the query is longer than 4096 bytes");
    free(lengthy);
    ck_assert_str_eq(found("gpus where name in (a[0-99999],b[0-99999])"),
                     "!31 these ranges stand for more than 200000 names");
}
END_TEST

START_TEST(a_long_chain_is_not_deep)
{
    char chain[4000] = "gpus where power > 1";
    size_t used = strlen(chain);

    for (int i = 0; i < 200; i++)
        used += (size_t)snprintf(chain + used, sizeof(chain) - used, " and power > 1");
    ck_assert_str_eq(found(chain), "n1/0 n1/1 n2/0 n10/0 n10/1, 1 unknown");
}
END_TEST

START_TEST(a_runaway_expression_is_stopped_and_counted)
{
    struct model *m = test_model();
    struct batch *b = batch_new(BATCH_POLL, "exporter", NOON + 1);
    struct err err;
    size_t column;
    struct query *q = query_parse_views("gpus where name =~ \"^(a+)+$\"", test_views, &err, &column);
    char name[64];
    struct table *t;

    memset(name, 'a', 60);
    batch_entity(b, GW_GPU, name, 60, GW_NONE);
    name[59] = '!';
    batch_entity(b, GW_GPU, name, 60, GW_NONE);
    model_apply(m, b);
    model_settle(m, NOON + 1);
    t = table_new(m, q, false);
    ck_assert_uint_eq(t->row_count, 1);
    ck_assert_uint_eq(t->unknown, 1);
    table_free(t);
    query_free(q);
    batch_free(b);
    model_free(m);
}
END_TEST

START_TEST(a_complaint_points_at_the_place)
{
    struct err err;
    size_t column;
    const char *text = "gpus where größe > 1";
    char *complaint;

    ck_assert_ptr_null(query_parse_views(text, test_views, &err, &column));
    complaint = query_complaint(text, column, &err);
    ck_assert_ptr_nonnull(strstr(complaint, "unknown field \"größe\"; known: name node state"));
    ck_assert_ptr_nonnull(
        strstr(complaint, "\n  gpus where größe > 1\n             ^\n"));
    free(complaint);
}
END_TEST

START_TEST(control_characters_do_not_reach_a_complaint)
{
    struct err err;
    size_t column;
    const char *text = "gpus where \033[31m = 1";
    char *complaint;

    ck_assert_ptr_null(query_parse_views(text, test_views, &err, &column));
    complaint = query_complaint(text, column, &err);
    ck_assert_ptr_null(strchr(complaint, '\033'));
    free(complaint);
}
END_TEST

START_TEST(a_filter_is_an_expression_alone)
{
    struct err err;
    size_t column;
    struct query *q = query_parse_filter(&test_view, "power > 400 and acme", &err,
                                         &column);

    ck_assert_ptr_nonnull(q);
    ck_assert_ptr_eq(query_view(q), &test_view);
    query_free(q);
    q = query_parse_filter(&test_view, "", &err, &column);
    ck_assert_ptr_nonnull(q);
    query_free(q);
    ck_assert_ptr_null(
        query_parse_filter(&test_view, "power > 4 limit 3", &err, &column));
    ck_assert_uint_eq(column, 10);
}
END_TEST

START_TEST(a_query_may_ask_for_the_past)
{
    struct err err;
    size_t column;
    double at = 0;
    struct query *q = query_parse_views("gpus at -15m", test_views, &err, &column);

    ck_assert(query_has_time(q, NOON, &at));
    ck_assert(at == NOON - 900);
    query_free(q);
    q = query_parse_views("gpus", test_views, &err, &column);
    ck_assert(!query_has_time(q, NOON, &at));
    query_free(q);
}
END_TEST

static void completes(const struct model *m, const char *text, const char *word, bool is)
{
    char *words = query_complete(text, m), line[80], *at;

    snprintf(line, sizeof(line), "%s\n", word);
    at = strstr(words, line);
    while (at && at > words && at[-1] != '\n')
        at = strstr(at + 1, line);
    ck_assert_msg((at != NULL) == is, "\"%s\" offers: %s", text, words);
    free(words);
}

START_TEST(completion_offers_what_may_stand_next)
{
    struct model *m = test_model();
    struct batch *b;

    completes(m, "gp", "gpus", true);
    completes(m, "gp", "nodes", false);
    completes(m, "gpus ", "where", true);
    completes(m, "gpus n1", "n1/0", true);
    completes(m, "gpus where po", "power_limit", true);
    completes(m, "gpus where po", "temp", false);
    completes(m, "gpus where state = ", "busy", true);
    completes(m, "gpus where state = bu", "lost", false);
    completes(m, "gpus where tenant = z", "zeta", false);
    completes(m, "gpus where power > 0 ", "and", true);
    completes(m, "gpus where power > ", "power_limit", true);
    completes(m, "gpus where power is ", "stale", true);
    completes(m, "gpus sort -po", "-power", true);
    completes(m, "gpus by te", "tenant", true);
    completes(m, "gpus by ", "power", false);
    completes(m, "gpus by ", "name", false);
    completes(m, "gpus by tenant ", "show", true);
    completes(m, "gpus show name,ut", "util", true);
    completes(m, "gpus where (power > 1 or ", "not", true);
    completes(m, "gpus nonsense = ", "power", false);
    b = batch_new(BATCH_POLL, "test", model_now(m));
    batch_text(b, batch_entity(b, GW_GPU, "n1/0", 4, GW_NONE), M_GPU_TENANT, "a \"b\" \\c", 8);
    model_apply(m, b);
    batch_free(b);
    completes(m, "gpus where tenant = ", "\"a \\\"b\\\" \\\\c\"", true);
    model_free(m);
}
END_TEST

enum { MANY = 70000, NODE_GPUS = 8 };

/* Uuids change from time to time; what they were lies where it lay until it is swept
 * away. */
static void tell_many(struct model *m, unsigned time)
{
    static const char *const tenants[] = { "acme", "Lumen", "n69" };
    struct batch *b = batch_new(BATCH_POLL, "test", model_now(m) + 1);
    char text[64];

    for (unsigned i = 0; i < MANY; i++) {
        uint32_t node, gpu;
        int len = snprintf(text, sizeof(text), "n%u", i / NODE_GPUS);

        node = batch_entity(b, GW_NODE, text, (size_t)len, GW_NONE);
        len = snprintf(text, sizeof(text), "n%u/%u", i / NODE_GPUS, i % NODE_GPUS);
        gpu = batch_entity(b, GW_GPU, text, (size_t)len, node);
        len = snprintf(text, sizeof(text), "GPU-%08x-%04x", i * 2654435761u + time,
                       i % 977);
        batch_text(b, gpu, M_GPU_UUID, text, (size_t)len);
        if (i % 3)
            batch_text(b, gpu, M_GPU_TENANT, tenants[i % 7 % 3],
                       strlen(tenants[i % 7 % 3]));
    }
    model_apply(m, b);
    batch_free(b);
    model_settle(m, model_now(m) + 1);
}

/* Returns how many rows it is true of. */
static size_t same_as_of_few(const struct model *m, const struct query *q)
{
    enum { FEW = 1000 };
    static uint32_t rows[MANY];
    static uint8_t of_all[MANY], of_few[MANY];
    size_t yes = 0;

    for (uint32_t i = 0; i < MANY; i++)
        rows[i] = i;
    query_judge(q, m, rows, MANY, of_all);
    for (size_t i = 0; i < MANY; i += FEW)
        query_judge(q, m, rows + i, FEW, of_few + i);
    ck_assert(memcmp(of_all, of_few, MANY) == 0);
    for (size_t i = 0; i < MANY; i++)
        yes += of_all[i] == VERDICT_YES;
    return yes;
}

START_TEST(many_rows_are_judged_as_few_are)
{
    static const struct {
        const char *filter;
        size_t least, most;
    } asked[] = {
        { "acme", 10000, 40000 },    { "ACME", 10000, 40000 },      { "n69", 10000, 60000 }, { "n12/3", 1, 1 },
        { "12", 1000, 60000 },       { "zzzz", 0, 0 },              { "men", 10000, 40000 },   { "GPU-", MANY, MANY },
        { "n", MANY, MANY },         { "uuid ~ 3f", 1000, 60000 },  { "uuid ~ \"\"", MANY, MANY },
        { "name ~ \"99/\"", 500, 1500 }, { "not name ~ 9", 1, 69999 }, { "acme and n69", 1, MANY }, { "node ~ n8", 1, MANY },
        { "7", 1, MANY - 1 },        { "7f", 1000, 60000 },       { "uuid ~ 7", 1000, MANY - 1 },
    };
    struct model *m = model_new("test");
    size_t column;
    struct err err;

    for (unsigned time = 0; time < 3; time++) {
        tell_many(m, time);
        for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
            struct query *q = query_parse_filter(view_find("gpus"), asked[i].filter, &err,
                                                 &column);
            size_t yes;

            ck_assert_msg(q != NULL, "%s: %s", asked[i].filter, err.text);
            yes = same_as_of_few(m, q);
            ck_assert_msg(yes >= asked[i].least && yes <= asked[i].most, "%s: %zu",
                          asked[i].filter, yes);
            query_free(q);
        }
    }
    model_free(m);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_kind_alone_lists_all_in_natural_order,
        names_and_ranges_choose_rows,
        units_scale_and_bare_numbers_are_base_units,
        a_float_equals_what_was_written,
        a_share_of_another_field_is_the_rows_own,
        and_binds_before_or_and_parentheses_before_both,
        the_unknown_is_neither_true_nor_false,
        null_stale_and_estimated_are_asked_for,
        texts_are_compared_contained_and_matched,
        a_bare_word_is_looked_for_in_every_text,
        a_field_alone_is_a_claim,
        a_field_called_as_a_clause_is_asked_for,
        times_are_compared_with_times,
        rows_are_sorted_with_the_unknown_last,
        the_limit_comes_after_the_sort,
        rows_are_summed_by_a_field_of_text,
        what_is_wrong_is_said_at_its_place,
        depth_and_length_are_bounded,
        a_long_chain_is_not_deep,
        a_runaway_expression_is_stopped_and_counted,
        a_complaint_points_at_the_place,
        control_characters_do_not_reach_a_complaint,
        a_filter_is_an_expression_alone,
        a_query_may_ask_for_the_past,
        completion_offers_what_may_stand_next,
        many_rows_are_judged_as_few_are,
    };
    Suite *s = suite_create("query");
    TCase *t = tcase_create("query");
    SRunner *r;
    int failed;

    for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_set_fork_status(r, CK_NOFORK);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? 1 : 0;
}
