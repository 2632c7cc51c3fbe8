/* The grid source: what each service's answer is taken for, and how it keeps within what
 * a service allows. */
#include <check.h>

#undef fail                     /* an old name of Check's, and a member of struct gw_api */

#include "tests/lib/heard.h"

extern const struct gw_source grid_source;

#define MAPS "{\"zone\":\"KR\",\"carbonIntensity\":428,\"isEstimated\":false}"
#define WATT(units) "{\"data\":[{\"point_time\":\"2026-11-29T11:00:00+00:00\",\"value\":1000}],\"meta\":{\"units\":\"" units "\"}}"
#define GO_KR(words) "<OpenAPI_ServiceResponse><returnAuthMsg>" words "</returnAuthMsg></OpenAPI_ServiceResponse>"

/* As openapi.kpx.or.kr/openapi/smp1hToday/getSmp1hToday writes it. */
#define XML(items) "<?xml version=\"1.0\"?><response><header><resultCode>00</resultCode><resultMsg>NORMAL SERVICE.</resultMsg></header>" \
    "<body><items>" items "</items></body></response>"
#define ITEM(area, day, hour, smp) \
    "<item><areaCd>" #area "</areaCd><smp>" #smp "</smp><tradeDay>" #day "</tradeDay><tradeHour>" #hour "</tradeHour></item>"

static struct gw_out *out;
static int asked;
static const char *served;
static int status;

static int answer(void *arg, const struct gw_ask *ask, struct gw_reply *reply)
{
    (void)arg, (void)ask;
    asked++;
    reply->status = status;
    reply->text = served;
    reply->len = strlen(served);
    return GW_DONE;
}

static int ask(const char *shape, int with_status, const char *text)
{
    static struct heard_option options[] = { { "shape", "auto" }, { 0 } };

    options[0].value = shape;
    served = text;
    status = with_status;
    out = heard_new(&grid_source, "tariff", options);
    out->answer = answer;
    out->clock = 1795355344;    /* 2026-11-22 22:49:04 in Korea */
    out->target.url = "https://api.example/latest";
    return heard_poll(out);
}

static void tear_down(void)
{
    heard_free(out);
}

static const struct {
    const char *text, *metric;
    double value, pace;
    bool estimated;
} answers[] = {
    { MAPS, "carbon", 428, 300 },
    { "{\"carbonIntensity\":428,\"isEstimated\":true}", "carbon", 428, 300, true },
    { WATT("lbs_co2_per_mwh"), "carbon_marginal", 453.59237, 300 },
    { "{\"body\":{\"items\":{\"item\":[{\"hour\":22,\"smp\":1},{\"hour\":23,\"smp\":\"104.5\"}]}}}", "price", 104.5, 900 },
    { "{\"body\":{\"items\":{\"item\":{\"hour\":23,\"smp\":\"104.5\"}}}}", "price", 104.5, 900 },
    { XML(ITEM(1, 20261122, 22, 1) ITEM(9, 20261122, 23, 2) ITEM(1, 20261121, 23, 3) ITEM(1, 20261122, 23, 104.5)), "price", 104.5, 900 },
    { XML(ITEM(9, 20261122, 23, 80.25)), "price", 80.25, 900 },
    { "[{\"date\":\"20261122\",\"hour\":23,\"areaName\":\"\uc81c\uc8fc\",\"smp\":9},"
      "{\"date\":\"20261122\",\"hour\":23,\"areaName\":\"\uc721\uc9c0\",\"smp\":104.5}]", "price", 104.5, 900 },
    { "1000000000,90\n1100000000, 110 ,300\n4000000000,130\n", "price", 110, 0 },
};

START_TEST(each_answer_is_told_and_sets_how_soon_it_is_asked_again)
{
    ck_assert_msg(ask("auto", 200, answers[_i].text) == GW_DONE, "%s", out->failure);
    ck_assert_double_eq_tol(heard_number(out, GW_SITE, ".", answers[_i].metric),
                            answers[_i].value, 1e-9);
    ck_assert_double_eq(out->pace, answers[_i].pace);
    ck_assert_int_eq(heard_value(out, GW_SITE, ".", answers[_i].metric)->estimated,
                     answers[_i].estimated);
}
END_TEST

/* A hundred calls a day are allowed: two are made for two days, and what is tried in vain
 * waits. */
START_TEST(of_kpx_a_call_is_good_for_the_day)
{
    asked = 0;
    ask("auto", 200,
        XML(ITEM(1, 20261122, 23, 104.5) ITEM(1, 20261122, 24, 90)
                ITEM(1, 20261123, 1, 80)));
    out->clock += 600;
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    ck_assert_double_eq(heard_number(out, GW_SITE, ".", "price"), 104.5);
    out->clock += 600;
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    ck_assert_double_eq(heard_number(out, GW_SITE, ".", "price"), 90);
    ck_assert_int_eq(asked, 1);
    out->clock += 3600;
    served = XML(ITEM(1, 20261123, 1, 80));
    ck_assert_msg(heard_poll(out) == GW_DONE, "%s", out->failure);
    ck_assert_double_eq(heard_number(out, GW_SITE, ".", "price"), 80);
    ck_assert_int_eq(asked, 2);
}
END_TEST

static const struct {
    const char *shape;
    int status;
    const char *text, *words;
    bool refused;
} failures[] = {
    { "auto", 401, MAPS, "the key is not taken (status 401)", true },
    { "auto", 403, "key=hunter2", "the key is not taken (status 403)", true },
    { "auto", 404, "", "404 not found", false },
    { "auto", 429, "", "more often than the service allows", false },
    { "auto", 500, "hunter2", "status 500 instead of an answer", false },
    { "auto", 200, "<html>hunter2</html>", "neither price nor carbon", false },
    { "auto", 200, "", "neither price nor carbon", false },
    { "kpx", 200, GO_KR("SERVICE_KEY_IS_NOT_REGISTERED_ERROR"), "the key is not taken (data.go.kr)", true },
    { "auto", 200, GO_KR("LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR"), "the calls of today are used up", false },
    { "auto", 200, XML("") "SERVICE KEY IS NOT REGISTERED ERROR.", "the key is not taken (data.go.kr)", true },
    { "auto", 200, XML(ITEM(1, 20261121, 23, 3)), "no price for hour 23", false },
    { "auto", 200, "{\"carbonIntensity\":42", "is cut off, at byte 21", false },
    { "auto", 200, "{\"carbonIntensity\":null}", "no carbonIntensity", false },
    { "auto", 200, WATT("percentile"), "units are not lbs_co2_per_mwh", false },
    { "auto", 200, "{\"items\":[{\"hour\":3,\"smp\":5}]}", "no price for hour 23", false },
    { "csv", 200, "4000000000,130\n", "no line of the file holds now", false },
};

START_TEST(each_failure_says_what_to_do_and_repeats_nothing)
{
    ck_assert_int_eq(ask(failures[_i].shape, failures[_i].status, failures[_i].text),
                     GW_FAILED);
    ck_assert_msg(strstr(out->failure, failures[_i].words) != NULL, "%s", out->failure);
    ck_assert_ptr_null(strstr(out->failure, "hunter2"));
    ck_assert_int_eq(out->refused, failures[_i].refused);
    if (failures[_i].status != 200)
        ck_assert_double_ge(out->pace, 900);
}
END_TEST

int main(void)
{
    TCase *c = tcase_create("grid");
    Suite *suite = suite_create("grid");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(c, NULL, tear_down);
    tcase_add_loop_test(c, each_answer_is_told_and_sets_how_soon_it_is_asked_again, 0,
                        (int)(sizeof(answers) / sizeof(answers[0])));
    tcase_add_loop_test(c, each_failure_says_what_to_do_and_repeats_nothing, 0,
                        (int)(sizeof(failures) / sizeof(failures[0])));
    tcase_add_test(c, of_kpx_a_call_is_good_for_the_day);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
