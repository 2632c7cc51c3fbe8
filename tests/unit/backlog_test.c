/* How eagerly jobs come while others wait: learnt where there is something to learn, and
 * left alone where there is not. */
#include "forecast/backlog.h"
#include "forecast/chance.h"
#include "forecast/futures.h"
#include "forecast/schedule.h"
#include "tests/lib/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double an_hour = 2.5; /* jobs */

/* As many as come in a minute, at a mean of some; few at a time. */
static int poisson(double mean, uint64_t dice)
{
    double u = chance_share(dice), p = exp(-mean), sum = p;
    int n = 0;

    while (u > sum && n < 20)
        sum += p *= mean / ++n;
    return n;
}

/* What waits: another class every few hours, whoever comes. */
static int class_at(int minute)
{
    return (int)(chance_mix(7, (uint64_t)(minute / 180)) % BACKLOG_CLASSES);
}

/* Days in which `truth` times as many as usual come by class, in bursts. */
static struct backlog live(const double truth[BACKLOG_CLASSES], int days, int burst,
                           uint64_t luck)
{
    struct backlog b = { .hour_s = 0 };

    for (int minute = 0; minute < days * 1440; minute++) {
        int class = class_at(minute);
        double mean = an_hour / 60 * truth[class] / burst;

        backlog_pass(&b, 60);
        backlog_learn(&b, class,
                      burst * poisson(mean, chance_mix(luck, (uint64_t)minute)),
                      an_hour / 60);
    }
    return b;
}

static double furthest_from_one(const struct backlog *b)
{
    double all[BACKLOG_CLASSES], most = 0;

    backlog_eagerness(b, all);
    for (int i = 0; i < BACKLOG_CLASSES; i++)
        most = fmax(most, fabs(all[i] - 1));
    return most;
}

START_TEST(classes_double_from_an_hour_on)
{
    static const double hours[] = { 0, .01, 1, 1.01, 2, 4, 8, 16, 32, 33, 1e9 };
    static const int classes[] = { 0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 7 };

    for (size_t i = 0; i < sizeof(hours) / sizeof(hours[0]); i++)
        ck_assert_int_eq(backlog_class(hours[i] * 3600 * 128, 128), classes[i]);
    ck_assert_int_eq(backlog_class(backlog_work(10, NAN), 10), 6); /* no limit: a day */
}
END_TEST

START_TEST(who_has_seen_nothing_expects_as_many_as_usual)
{
    const struct backlog b = { .hour_s = 0 };

    ck_assert_double_eq(furthest_from_one(&b), 0);
}
END_TEST

/* Two months, some 200 jobs a class that count: one standard error is .07, and leaning on
 * ten takes a twentieth. */
START_TEST(that_a_long_queue_keeps_people_away_is_learnt)
{
    static const double truth[BACKLOG_CLASSES] = { 1.3, 1.3, 1.3, 1.3, 1.3, .1, .1, 0 };
    struct backlog b = live(truth, 60, 1, 1);
    double all[BACKLOG_CLASSES];

    backlog_eagerness(&b, all);
    for (int i = 0; i < BACKLOG_CLASSES; i++)
        ck_assert_double_eq_tol(all[i], truth[i], .25);
}
END_TEST

/* Of twenty such places the furthest of eight classes is off by two and a half standard
 * errors in the mean, and after a day by nearly nothing. */
START_TEST(where_a_queue_makes_no_difference_none_is_made)
{
    static const double truth[BACKLOG_CLASSES] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    double month = 0, day = 0;

    for (uint64_t luck = 0; luck < 20; luck++) {
        struct backlog late = live(truth, 60, 1, 100 + luck),
                       early = live(truth, 1, 1, 100 + luck);

        month += furthest_from_one(&late) / 20;
        day += furthest_from_one(&early) / 20;
    }
    ck_assert_double_lt(month, .2);
    ck_assert_double_lt(day, .5);
}
END_TEST

/* A user's hundred at once, twice in three days: to take each for a word of its own would
 * see queues of some length in each. */
START_TEST(bursts_say_little)
{
    static const double truth[BACKLOG_CLASSES] = { 1, 1, 1, 1, 1, 1, 1, 1 };
    double off = 0, naive = 0;

    for (uint64_t luck = 0; luck < 20; luck++) {
        struct backlog b = live(truth, 60, 100, 200 + luck);

        off += furthest_from_one(&b) / 20;
        b.off = b.of = 0;
        naive += furthest_from_one(&b) / 20;
    }
    ck_assert_double_gt(naive, .6);
    ck_assert_double_lt(off, .25);
}
END_TEST

START_TEST(a_month_later_people_are_known_anew)
{
    static const double shy[BACKLOG_CLASSES] = { 1, 1, 1, 1, 1, 0, 0, 0 };
    struct backlog b = live(shy, 60, 1, 3);
    double before[BACKLOG_CLASSES], after[BACKLOG_CLASSES];

    backlog_eagerness(&b, before);
    for (int minute = 0; minute < 60 * 1440; minute++) {
        backlog_pass(&b, 60);
        backlog_learn(&b, class_at(minute),
                      poisson(an_hour / 60, chance_mix(4, (uint64_t)minute)),
                      an_hour / 60);
    }
    backlog_eagerness(&b, after);
    ck_assert_double_lt(before[6], .1);
    ck_assert_double_gt(after[6], .7);
}
END_TEST

/* One GPU. A job of nine hours waits behind another; who comes meanwhile turns away where
 * nobody likes a queue, and who comes once it has started does not. */
START_TEST(who_turns_away_never_starts_and_takes_nothing)
{
    static const double shy[BACKLOG_CLASSES] = { 1, 1, 1, 1, 1, .3, .3, .3 };
    struct schedule_job jobs[] = {
        { .gpus = 1,
          .start = -50,
          .end = 100,
          .limit = 250,
          .length = 150,
          .running = true },
        { .gpus = 1, .length = 50, .limit = 32400, .work = 32400 },
        { .gpus = 1,
          .earliest = 40,
          .length = 70,
          .limit = 80,
          .work = 80,
          .reluctance = .5 },
        { .gpus = 1,
          .earliest = 60,
          .length = 90,
          .limit = 90,
          .work = 90,
          .reluctance = .2 },
        { .gpus = 1,
          .earliest = 120,
          .length = 10,
          .limit = 10,
          .work = 10,
          .reluctance = .5 },
    };
    struct schedule_room room = { 0 };

    schedule_run(jobs, 5, 1, 1000, 10, shy, &room);
    ck_assert_double_eq(jobs[1].start, 100);
    ck_assert(isinf(jobs[2].start) && isinf(jobs[2].end));
    ck_assert_double_eq(jobs[3].start, 150);
    ck_assert_double_eq(jobs[4].start, 240);
    schedule_room_free(&room);
}
END_TEST

/* ---- the whole: a pool of ten GPUs, of which six are always busy ---- */

enum { MOST = 64 };

struct pool_world {
    struct jobs_known *known;
    struct forecast_job jobs[MOST];
    size_t count;
    double time;
    uint64_t ids;
};

static void submit(struct pool_world *w, double gpus, double limit_s, bool starts)
{
    struct forecast_job *j = &w->jobs[w->count++];

    *j = (struct forecast_job){ .id = ++w->ids,
                                .classes = { 5 },
                                .gpus = gpus,
                                .submit = w->time,
                                .start = NAN,
                                .end = NAN,
                                .limit_s = limit_s,
                                .planned_start = NAN,
                                .watts = NAN,
                                .order = w->time };
    j->state = JOB_PENDING;
    if (starts) {
        j->state = JOB_RUNNING;
        j->start = w->time;
    }
}

/* Small ones end after ten minutes; they are told of once more. */
static void end_some(struct pool_world *w)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->count; i++) {
        struct forecast_job *j = &w->jobs[i];

        if (j->state == JOB_ENDED)
            continue;
        if (j->state == JOB_RUNNING && j->gpus < 2 && w->time >= j->start + 600) {
            j->state = JOB_ENDED;
            j->end = w->time;
        }
        w->jobs[kept++] = *j;
    }
    w->count = kept;
}

/* Owners of what waits give up. */
static void withdraw(struct pool_world *w)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->count; i++)
        if (w->jobs[i].state != JOB_PENDING)
            w->jobs[kept++] = w->jobs[i];
    w->count = kept;
}

static void look(struct pool_world *w)
{
    static const struct job_pool pool = { .gpus = 10 };
    const struct job_view view = {
        .jobs = w->jobs, .count = w->count, .pools = &pool, .pool_count = 1
    };

    jobs_known_observe(w->known, w->time, &view);
}

/* On every other day a job that wants all waits, for 20 hours if its limit is to be
 * believed. */
static void live_on(struct pool_world *w, int days, double share_that_minds)
{
    for (int minute = 0; minute < days * 1440; minute++) {
        int of_day = minute % 1440, day = minute / 1440;
        bool queued = day % 2 == 0;
        uint64_t dice = chance_mix(11, (uint64_t)minute);

        w->time += 60;
        end_some(w);
        if (of_day == 0 && queued)
            submit(w, 10, 72000, false);
        else if (of_day == 0)
            withdraw(w);
        if (chance_share(dice) < 4. / 60 && w->count < MOST - 1 &&
            !(queued && chance_share(chance_mix(dice, 1)) < share_that_minds))
            submit(w, 1, 900, true);
        look(w);
    }
}

static struct pool_world begin(void)
{
    struct pool_world w = { .known = jobs_known_new(60, 500), .time = 1e9 };

    submit(&w, 6, 1e7, true);
    look(&w);
    return w;
}

static double imagined_to_start(const struct pool_world *w, bool always_eager)
{
    const struct futures_options options = {
        .count = 64, .until_s = 14400, .pass_s = 60, .always_eager = always_eager
    };
    struct futures f = { .count = 0 };
    size_t n = 0;

    futures_imagine(&f, w->known, &options);
    for (size_t i = 0; i < f.first_imagined[64]; i++)
        n += !isinf(f.imagined[i].start);
    futures_free(&f);
    return (double)n / 64;
}

/* Sixteen come in four hours, half as many in the mean of the last days; there is always
 * room for them. */
START_TEST(a_future_has_as_many_come_as_what_waits_lets)
{
    struct pool_world w = begin();
    double queued, free, anyway;

    live_on(&w, 31, 1); /* its last day is one with a queue */
    queued = imagined_to_start(&w, false);
    anyway = imagined_to_start(&w, true);
    withdraw(&w);
    w.time += 60;
    look(&w);
    free = imagined_to_start(&w, false);
    ck_assert_double_lt(queued, 1);
    ck_assert_double_gt(anyway, 4);
    ck_assert_double_gt(free, 1.5 * anyway);
    jobs_known_free(w.known);
}
END_TEST

START_TEST(where_nobody_minds_a_future_has_as_many_come_as_ever)
{
    struct pool_world w = begin();
    double with, anyway;

    live_on(&w, 31, 0);
    with = imagined_to_start(&w, false);
    anyway = imagined_to_start(&w, true);
    ck_assert_double_gt(anyway, 12);
    ck_assert_double_eq_tol(with, anyway, .1 * anyway);
    jobs_known_free(w.known);
}
END_TEST

START_TEST(after_a_restart_eagerness_is_the_same_to_the_bit)
{
    struct pool_world w = begin(), again;
    double first[BACKLOG_CLASSES], second[BACKLOG_CLASSES];
    size_t size;
    char *kept;

    live_on(&w, 9, 1);
    size = jobs_known_save(w.known, NULL, 0);
    kept = malloc(size);
    ck_assert_uint_eq(jobs_known_save(w.known, kept, size), size);
    again = w;
    again.known = jobs_known_new(60, 500);
    ck_assert(jobs_known_load(again.known, kept, size));
    for (int i = 0; i < 90; i++) {
        w.time += 60;
        again.time += 60;
        if (i % 20 == 0) {
            submit(&w, 1, 900, true);
            submit(&again, 1, 900, true);
        }
        look(&w);
        look(&again);
    }
    arrivals_eagerness(w.known->arrivals, first);
    arrivals_eagerness(again.known->arrivals, second);
    ck_assert(memcmp(first, second, sizeof(first)) == 0);
    ck_assert_double_ne(first[0], 1);
    free(kept);
    jobs_known_free(w.known);
    jobs_known_free(again.known);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("backlog");
    TCase *claims = tcase_create("claims");
    SRunner *runner = srunner_create(suite);
    int failed;

    suite_add_tcase(suite, claims);
    tcase_set_timeout(claims, 60);
    tcase_add_test(claims, classes_double_from_an_hour_on);
    tcase_add_test(claims, who_has_seen_nothing_expects_as_many_as_usual);
    tcase_add_test(claims, that_a_long_queue_keeps_people_away_is_learnt);
    tcase_add_test(claims, where_a_queue_makes_no_difference_none_is_made);
    tcase_add_test(claims, bursts_say_little);
    tcase_add_test(claims, a_month_later_people_are_known_anew);
    tcase_add_test(claims, who_turns_away_never_starts_and_takes_nothing);
    tcase_add_test(claims, a_future_has_as_many_come_as_what_waits_lets);
    tcase_add_test(claims, where_nobody_minds_a_future_has_as_many_come_as_ever);
    tcase_add_test(claims, after_a_restart_eagerness_is_the_same_to_the_bit);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
