/* Series that a query engine told of before: that they are not read closely again makes
 * no difference to what is heard. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <check.h>
#include <stdbool.h>

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

#include "plugins/exporters.h"
#include "plugins/promql_known.h"
#include "tests/lib/heard.h"

extern const struct gw_source promql_source;

/* ---- answers ---- */

enum { SERIES = 100, MANY_SERIES = 6200, TEXT_ROOM = 1500000 };

static char text[TEXT_ROOM];
static size_t text_len;
static int series;              /* in an answer */

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_len += (size_t)vsnprintf(text + text_len, sizeof(text) - text_len, format, args);
    va_end(args);
}

enum {
    PLAIN,
    BACKWARDS,
    SOME_GONE,
    RENAMED,
    MOVED,
    ODD_VALUES,
    ODD_TEXT,
    VALUE_FIRST,
    CUT,
    ROUNDS
};

static const char *value_of(int i, int round)
{
    static const char *const odd[] = { "NaN",
                                       "+Inf",
                                       "-Inf",
                                       "1e+02",
                                       "-1",
                                       "",
                                       "0",
                                       "007.50",
                                       ".5",
                                       "5.",
                                       "1.2.3",
                                       "99999999999999999999",
                                       "3.14159265358979",
                                       "\\u0035",
                                       "5 ",
                                       "0x10" };
    static char plain[32];

    snprintf(plain, sizeof(plain), "%d.%d", 100 + i, round);
    return round == ODD_VALUES && i % 3 == 0 ? odd[i / 3 % 16] : plain;
}

static void put_labels(int i, int round)
{
    bool renamed = round == RENAMED && i % 5 == 0;

    put("\"metric\":{\"Hostname\":\"%s%03d\",\"UUID\":\"GPU-%d\",\"__name__\":\"w\",\"gpu\":\"%d\",\"instance\":\"10.0.%d.1:9400\",\"rack\":\"r%d\"",
        renamed ? "other" : "node", i / 8, i, i % 8, i / (round == MOVED ? 3 : 4),
        i / 16);
    if (round == ODD_TEXT && i % 4 == 0)
        put(",\"note\":\"},\\\"value\\\":[1,\\\"7\\\"]}\"");
    if (round == ODD_TEXT && i % 4 == 1)
        put(",\"Hostname\":\"n\\u006fde\"");
    if (round == ODD_TEXT && i % 4 == 2)
        put(",\"braces\":\"}}}{{{\"");
    put("}");
}

static void put_series(int i, int round)
{
    const char *value = value_of(i, round),
               *gap = round == ODD_TEXT && i % 7 == 3 ? " \n" : "";

    put("%s{%s", text[text_len - 1] == '[' ? "" : ",", gap);
    if (round == VALUE_FIRST && i % 2)
        put("\"value\":[17953589%02d,\"%s\"],", i % 100, value);
    put_labels(i, round);
    if (round != VALUE_FIRST || i % 2 == 0)
        put(",%s\"value\":[17953589%02d.5,%s\"%s\"]", gap, round == ODD_VALUES ? i : round, gap, value);
    put("}");
}

static void write_round(int round)
{
    text_len = 0;
    put("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[");
    for (int n = 0; n < series; n++)
        if (round != SOME_GONE || n % 10 > 2)
            put_series(round == BACKWARDS ? series - 1 - n : n, round);
    put("]}}");
    ck_assert_uint_lt(text_len, sizeof(text));
    if (round == CUT)
        text_len -= text_len / 3;
}

/* ---- who hears them ---- */

static bool tell(struct gw_out *out, const char *path, struct gw_reply *reply)
{
    static const char none[] = "{\"status\":\"success\",\"data\":[]}";
    bool asked = strstr(path, "query?query=") != NULL;

    (void)out;
    reply->status = 200;
    reply->text = asked ? text : none;
    reply->len = asked ? text_len : sizeof(none) - 1;
    return true;
}

static struct gw_out *hearer(const char *rule, size_t piece)
{
    struct heard_option *options = calloc(4, sizeof(*options));
    struct gw_out *out;

    options[0] = (struct heard_option){ "sets", "none" };
    options[1] = (struct heard_option){ "queries", rule };
    out = heard_new(&promql_source, "engine", options);
    out->web = tell;
    out->piece = piece;
    out->clock = 1795358990;
    out->target.no_stream = true;
    return out;
}

static void end(struct gw_out *out)
{
    const struct heard_option *options = out->options;

    heard_free(out);
    free((void *)options);
}

static const struct heard_entity *parent_of(const struct gw_out *out,
                                            const struct heard_entity *e)
{
    return e->parent < out->entity_count ? &out->entities[e->parent] : NULL;
}

static void expect_same(const struct gw_out *a, const struct gw_out *b, int round)
{
    ck_assert_msg(a->value_count == b->value_count,
                  "round %d: %zu values, and %zu are right", round, a->value_count,
                  b->value_count);
    for (size_t i = 0; i < a->value_count; i++) {
        const struct heard_value *x = &a->values[i], *y = &b->values[i];
        const struct heard_entity *of_x = &a->entities[x->entity],
                                  *of_y = &b->entities[y->entity];
        const struct heard_entity *in_x = parent_of(a, of_x), *in_y = parent_of(b, of_y);

        ck_assert_int_eq(of_x->kind, of_y->kind);
        ck_assert_uint_eq(x->metric, y->metric);
        ck_assert_str_eq(of_x->name, of_y->name);
        ck_assert_str_eq(in_x ? in_x->name : "", in_y ? in_y->name : "");
        ck_assert_msg(x->number == y->number || (isnan(x->number) && isnan(y->number)),
                      "round %d, %s: %g, and %g is right", round, of_x->name, x->number,
                      y->number);
    }
}

static const size_t pieces[] = { 0, 1, 100, 333, 5000 };
static const char *const rules[] = { "w -> gpu.power", "w -> node.meter",
                                     "w -> gpu.power\nw -> node.meter\nw -> gpu.temp" };

START_TEST(what_is_known_from_before_is_heard_as_if_it_were_new)
{
    size_t piece = pieces[_i % 5];
    const char *rule = rules[_i / 5];
    struct gw_out *known = hearer(rule, piece);

    series = SERIES;
    for (int n = 0; n < 3 * ROUNDS; n++) {
        int round = n < ROUNDS ? n : n * 5 % ROUNDS;
        struct gw_out *stranger = hearer(rule, 0);

        write_round(round);
        known->clock += 15;
        stranger->clock = known->clock;
        ck_assert_int_eq(heard_poll(known), round == CUT ? GW_FAILED : GW_DONE);
        ck_assert_int_eq(heard_poll(stranger), round == CUT ? GW_FAILED : GW_DONE);
        ck_assert_uint_ge(stranger->value_count, round == CUT ? 1 : SERIES * 7 / 10);
        expect_same(known, stranger, round);
        end(stranger);
    }
    end(known);
}
END_TEST

/* By the name of whom they are of: numbers alone come in pieces of their own. */
static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct heard_entity *)a)->name,
                  ((const struct heard_entity *)b)->name);
}

static double *sorted_numbers(const struct gw_out *out, struct heard_entity **of)
{
    double *numbers = calloc(out->value_count, sizeof(*numbers));

    *of = calloc(out->value_count, sizeof(**of));
    for (size_t i = 0; i < out->value_count; i++) {
        (*of)[i] = out->entities[out->values[i].entity];
        (*of)[i].parent = (uint32_t)i;
    }
    qsort(*of, out->value_count, sizeof(**of), by_name);
    for (size_t i = 0; i < out->value_count; i++)
        numbers[i] = out->values[(*of)[i].parent].number;
    return numbers;
}

static void expect_same_numbers(const struct gw_out *a, const struct gw_out *b, int poll)
{
    struct heard_entity *of_x, *of_y;
    double *x = sorted_numbers(a, &of_x), *y = sorted_numbers(b, &of_y);

    ck_assert_msg(a->value_count == b->value_count,
                  "poll %d: %zu values, and %zu are right", poll, a->value_count,
                  b->value_count);
    for (size_t i = 0; i < a->value_count; i++) {
        ck_assert_str_eq(of_x[i].name, of_y[i].name);
        ck_assert_msg(x[i] == y[i] || (isnan(x[i]) && isnan(y[i])),
                      "poll %d, %s: %g, and %g is right", poll, of_x[i].name, x[i], y[i]);
    }
    free(of_x);
    free(of_y);
    free(x);
    free(y);
}

static size_t values_of_gpus(const struct gw_out *out)
{
    size_t count = 0;

    for (size_t i = 0; i < out->value_count; i++)
        count += out->entities[out->values[i].entity].kind == GW_GPU;
    return count;
}

START_TEST(thousands_are_told_of_by_name_alone_as_if_anew)
{
    enum { NONE, SOME, ALL };
    static const struct { int round, alone; double later; } polls[] = {
        { PLAIN, NONE, 15 },
        { PLAIN, ALL, 15 }, { BACKWARDS, ALL, 15 }, { SOME_GONE, ALL, 15 },
        { RENAMED, SOME, 15 }, { ODD_VALUES, SOME, 15 },
        { PLAIN, ALL, 15 },
        { CUT, ALL, 15 }, { PLAIN, NONE, 15 },         /* what failed may be lost */
        { PLAIN, ALL, 15 },
        { PLAIN, NONE, 600 }, { PLAIN, ALL, 15 },       /* named now and then */
        { PLAIN, NONE, -3600 }, { PLAIN, ALL, 15 },
    };
    struct gw_out *known = hearer("w -> gpu.power", 5000);

    series = MANY_SERIES;
    for (size_t i = 0; i < sizeof(polls) / sizeof(*polls); i++) {
        struct gw_out *stranger = hearer("w -> gpu.power", 0);
        int result = polls[i].round == CUT ? GW_FAILED : GW_DONE;
        size_t told;
        write_round(polls[i].round);
        known->clock += polls[i].later;
        stranger->clock = known->clock;
        ck_assert_int_eq(heard_poll(known), result);
        ck_assert_int_eq(heard_poll(stranger), result);
        ck_assert_uint_eq(stranger->alone, 0);
        told = values_of_gpus(known);
        ck_assert_msg(polls[i].alone == NONE  ? known->alone == 0
                      : polls[i].alone == ALL ? known->alone == told
                                               : known->alone > 0 && known->alone < told,
                      "poll %zu: %zu of %zu alone", i, known->alone, told);
        if (result == GW_DONE)
            expect_same_numbers(known, stranger, (int)i);
        end(stranger);
    }
    end(known);
}
END_TEST

/* ---- the table ---- */

static uint64_t hash_of_number(const struct known *k, unsigned n)
{
    char name[64];

    return hash_series(
        name, (size_t)snprintf(name, sizeof(name), "the series with the number %u", n),
        k->key);
}

START_TEST(of_many_series_each_has_its_own_way_in_any_order)
{
    enum { MANY = 100000 };
    /* in order, backwards, and neither */
    static const unsigned strides[] = { 1, 2 * MANY - 1, 7919 };
    static struct known k;
    size_t found = 0;

    known_begin(&k);
    for (unsigned n = 0; n < MANY; n++) {
        struct way way = { .len = (uint16_t)(100 + n % 7),
                           .node = { 1, (uint16_t)(1 + n % 11) } };

        ck_assert_ptr_null(known_way(&k, hash_of_number(&k, n), way.len));
        k.told++;
        known_add(&k, hash_of_number(&k, n), &way);
    }
    for (size_t i = 0; i < sizeof(strides) / sizeof(*strides); i++)
        for (unsigned turn = 0, n = 0; turn < MANY; turn++, n = (n + strides[i]) % MANY) {
            const struct way *way = known_way(&k, hash_of_number(&k, n), 100 + n % 7);

            found += way && way->node.len == 1 + n % 11;
            ck_assert_ptr_null(known_way(&k, hash_of_number(&k, n), 99));
            ck_assert_ptr_null(known_way(&k, hash_of_number(&k, MANY + n), 100 + n % 7));
        }
    ck_assert_uint_eq(found, MANY * sizeof(strides) / sizeof(*strides));
    known_clear(&k);
}
END_TEST

START_TEST(series_that_went_make_room)
{
    static struct known k;
    const struct way way = { .len = 100, .node = { 1, 2 } };

    for (unsigned poll = 0; poll < 100; poll++) {
        known_begin(&k);
        for (unsigned n = 0; n < 2000; n++) {
            k.told++;
            known_add(&k, hash_of_number(&k, poll * 2000 + n), &way);
        }
        ck_assert_uint_le(k.count, 2 * 2000 + 1024 + 1);
        ck_assert_ptr_nonnull(known_way(&k, hash_of_number(&k, poll * 2000 + 1999), 100));
    }
    known_clear(&k);
}
END_TEST

START_TEST(what_names_itself_in_too_many_ways_is_not_known)
{
    static struct known k;

    known_begin(&k);
    for (unsigned n = 0; n < 2 * MOST_WAYS; n++) {
        struct way way = { .len = (uint16_t)(1 + n) };

        k.told++;
        known_add(&k, hash_of_number(&k, n), &way);
        ck_assert_msg((known_way(&k, hash_of_number(&k, n), 1 + n) != NULL) ==
                          (n < MOST_WAYS / 2),
                      "%u", n);
    }
    known_clear(&k);
}
END_TEST

START_TEST(every_letter_counts)
{
    char a[600], b[600];

    for (size_t len = 0; len < 40; len++)
        for (size_t i = 0; i <= len; i++) {
            memset(a, 'a', len);
            memset(b, 'a', len);
            if (i < len)
                b[i] = 'b';
            ck_assert_msg(equal((struct slice){ a, len }, (struct slice){ b, len }) ==
                              (i == len),
                          "letter %zu of %zu", i, len);
        }

    for (size_t i = 0; i < sizeof(a); i++)
        a[i] = (char)('a' + i * 7 % 26);
    for (size_t len = 16; len < sizeof(a); len++)
        for (size_t i = 0; i < len; i++) {
            memcpy(b, a, len);
            b[i] = '#';
            ck_assert_msg(hash_series(a, len, 1) != hash_series(b, len, 1),
                          "letter %zu of %zu", i, len);
        }
    ck_assert(hash_series(a, 100, 1) != hash_series(a, 100, 2));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("promql_known");
    TCase *c = tcase_create("promql_known");
    SRunner *runner = srunner_create(s);
    int failed;

    tcase_set_timeout(c, 120);
    tcase_add_loop_test(c, what_is_known_from_before_is_heard_as_if_it_were_new, 0, 15);
    tcase_add_test(c, thousands_are_told_of_by_name_alone_as_if_anew);
    tcase_add_test(c, of_many_series_each_has_its_own_way_in_any_order);
    tcase_add_test(c, series_that_went_make_room);
    tcase_add_test(c, what_names_itself_in_too_many_ways_is_not_known);
    tcase_add_test(c, every_letter_counts);
    suite_add_tcase(s, c);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
