/* Forecasts with jobs: each part against a closed form or a number worked out elsewhere,
 * the whole against what must hold of any. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "forecast/chance.h"
#include "forecast/crossing.h"
#include "forecast/passage.h"
#include "forecast/why.h"
#include "tests/lib/check.h"
#include "tests/lib/course.h"

/* ---- chance ---- */

START_TEST(a_job_has_each_part_of_its_chances_once)
{
    for (uint64_t who = 1; who < 40; who++) {
        int seen[64] = { 0 };

        for (uint32_t s = 0; s < 64; s++)
            seen[(int)(chance_stratum(who, s, 64) * 64)]++;
        for (int i = 0; i < 64; i++)
            ck_assert_int_eq(seen[i], 1);
    }
}
END_TEST

START_TEST(the_normal_score_undoes_the_normal_distribution)
{
    for (double u = .0005; u < 1; u += .0117)
        ck_assert_double_eq_tol(1 - normal_above(chance_normal(u)), u, 1e-8);
}
END_TEST

/* ---- crossing: AR(1), unit variance, P(max over n looks >= c | x0), exact to 1e-6 by
 * Richardson extrapolation ---- */

static const struct {
    double x0, keep;
    size_t looks;
    double cap, p;
} maxima[] = {
    { 0, .9, 60, 2, .304884 },    { 0, .9, 60, 3, .030107 },    { 0, .99, 60, 2, .021837 },
    { 1, .99, 60, 2, .143455 },   { 1.5, .99, 60, 2, .347971 }, { 0, .99, 360, 3, .025820 },
    { 0, .5, 60, 3, .071336 },    { 0, 0, 60, 3, .0778511 },
};

static double crossing(double x0, double keep, size_t looks, double cap, double path)
{
    double paths[360] = { 0 }, variances[360] = { 0 }, keeps[360] = { 0 },
           crossed[360] = { 0 };

    for (size_t k = 0; k < looks; k++) {
        paths[k] = path;
        variances[k] = 1;
        keeps[k] = keep;
    }
    crossing_add(paths, variances, keeps, looks, x0, cap, 1, crossed);
    for (size_t k = 1; k < looks; k++)
        ck_assert_double_ge(crossed[k], crossed[k - 1]);
    return crossed[looks - 1];
}

START_TEST(a_crossing_is_as_probable_as_it_is)
{
    double said = crossing(maxima[_i].x0, maxima[_i].keep, maxima[_i].looks,
                           maxima[_i].cap, 0);

    ck_assert_double_eq_tol(said, maxima[_i].p, .003 + .13 * maxima[_i].p);
}
END_TEST

/* AR(1) whose steps have variance 1: se^2 / (1 - a^2), and five steps ahead (1 - a^10) of
 * it. */
START_TEST(noise_is_as_wide_as_theory_says_at_once_and_five_steps_ahead)
{
    const double keep = pow(.9, 5), path = 0, variance = 1 / (1 - .9 * .9), at_once = 0;
    double ahead = 0, settled = 0;

    ck_assert_double_eq_tol(variance, 5.2631578947, 1e-10);
    crossing_add(&path, &variance, &keep, 1, 0, sqrt(3.4280082100), 1, &ahead);
    crossing_add(&path, &variance, &at_once, 1, 0, sqrt(5.2631578947), 1, &settled);
    ck_assert_double_eq_tol(ahead, normal_above(1), 1e-9);
    ck_assert_double_eq_tol(settled, normal_above(1), 1e-9);
}
END_TEST

START_TEST(without_memory_a_crossing_is_exact)
{
    ck_assert_double_eq_tol(crossing(0, 0, 60, 3, 0), 1 - pow(1 - normal_above(3), 60),
                            1e-12);
}
END_TEST

START_TEST(a_path_above_the_cap_crosses_and_a_nearer_cap_is_likelier)
{
    ck_assert_double_gt(crossing(0, .9, 10, 3, 12), 1 - 1e-9);
    for (double cap = -1; cap < 5; cap += .25)
        ck_assert_double_ge(crossing(0, .9, 30, cap, 0),
                            crossing(0, .9, 30, cap + .25, 0));
}
END_TEST

/* ---- lifetimes ---- */

START_TEST(survival_follows_the_jobs_that_were_seen)
{
    struct lifetime l = { .count = 0 };
    const struct lifetime *const chain[] = { &l };
    struct lifetime_shape shape;
    struct {
        double seconds, survival;
    } known[] = { { 2000, 1 }, { 4500, .5 }, { 9000, 0 } };

    /* Half take about an hour, half about an hour and a half: after 2,000 s all are left,
     * after 9,000 s none. */
    for (int i = 0; i < 400; i++) {
        lifetime_shape(&shape, chain, 1);
        lifetime_learn(&l, i % 2 ? 3600 : 5600, NAN, &shape);
    }
    lifetime_shape(&shape, chain, 1);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(lifetime_survival(&shape, 0, NAN, known[i].seconds),
                                known[i].survival, .1);
    /* Kaplan and Meier: what was lived through does not count any more. */
    ck_assert_double_eq_tol(lifetime_survival(&shape, 3000, NAN, 5000) *
                                lifetime_survival(&shape, 0, NAN, 3000),
                            lifetime_survival(&shape, 0, NAN, 5000), 1e-9);
}
END_TEST

START_TEST(draws_follow_the_survival)
{
    struct lifetime l = { .count = 0 };
    const struct lifetime *const chain[] = { &l };
    struct lifetime_shape shape;
    double u[200], ends[200];

    for (int i = 0; i < 200; i++) {
        lifetime_shape(&shape, chain, 1);
        lifetime_learn(&l, 600 + 40 * (i * 37 % 200), 14400, &shape);
        u[i] = (i + .5) / 200;
    }
    lifetime_shape(&shape, chain, 1);
    lifetime_draw(&shape, 1500, 14400, u, 200, ends);
    for (int i = 0; i < 200; i++) {
        ck_assert_double_ge(ends[i], 1500);
        ck_assert_double_le(ends[i], 14400);
        if (ends[i] < 14399)
            ck_assert_double_eq_tol(1 - lifetime_survival(&shape, 1500, 14400, ends[i]),
                                    u[i], 1e-6);
    }
}
END_TEST

/* ---- signatures ---- */

static struct forecast_job job(uint64_t id, double gpus, double start, double end)
{
    return (struct forecast_job){ .id = id,
                                  .classes = { 7, 3 },
                                  .gpus = gpus,
                                  .submit = start,
                                  .start = start,
                                  .end = end,
                                  .limit_s = 7200,
                                  .planned_start = NAN,
                                  .watts = NAN };
}

START_TEST(a_class_leans_on_the_one_above_until_its_jobs_are_closer_than_that_ones)
{
    struct signatures *all = signatures_new(1000);
    struct job_record other = { .steady = 100, .watts = 400 },
                      own = { .steady = 100, .watts = 700 };
    struct forecast_job j = job(1, 8, 0, 3600);
    struct expectation e;
    double above = 400, expected;

    signatures_expect(all, &j, &e);
    ck_assert_double_eq(e.watts, 1000);
    j.classes[0] = 3;
    j.classes[1] = 0;
    for (int i = 0; i < 500; i++)
        signatures_learn(all, &j, &other);
    j.classes[0] = 7;
    signatures_learn(all, &j, &own);
    j.classes[1] = 3;
    /* Jobs of the class above are alike, so it hardly leans on what is nominal; one job
     * of its own says little. */
    expected = (1 * 700 + 5 * above) / 6;
    signatures_expect(all, &j, &e);
    ck_assert_double_eq_tol(e.watts, expected, .5);
    j.classes[1] = 0;
    for (int i = 0; i < 9; i++)
        signatures_learn(all, &j, &own);
    j.classes[1] = 3;
    signatures_expect(all, &j, &e);
    ck_assert_double_gt(e.watts, 690);
    signatures_free(all);
}
END_TEST

START_TEST(of_samples_that_hang_together_the_first_and_the_last_say_more)
{
    /* 10, 40, 40, 10: those between weigh 1 - rho. */
    const struct job_track t = {
        .job = { .gpus = 1, .watts = NAN },
        .dip_began = NAN,
        .last_dip = NAN,
        .record = { .steady = 4, .watts = 25, .first = 10, .last = 10 }
    };
    struct expectation e = { .watts = 1000, .spread = 1e9, .noise = .02 };
    struct job_estimate to;

    job_track_estimate(&t, 7200, 60, &e, &to);
    ck_assert_double_eq_tol(to.watts, 25, 1e-6);
    e.rho = .5;
    job_track_estimate(&t, 7200, 60, &e, &to);
    ck_assert_double_eq_tol(to.watts, 20, 1e-6);
}
END_TEST

START_TEST(who_is_first_seen_late_teaches_nothing_of_how_jobs_come_up)
{
    struct signatures *all = signatures_new(1000);
    struct job_record early = { .steady = 100, .watts = 400 }, late = early;
    struct forecast_job j = job(1, 8, 0, 3600);
    struct expectation e;

    /* Up to half from the second step on. */
    for (int i = 1; i < WARM_STEPS; i++) {
        early.warm[i] = 200;
        early.warm_count[i] = 1;
    }
    for (int i = 0; i < 20; i++)
        signatures_learn(all, &j, &early);
    for (int i = 0; i < 200; i++)
        signatures_learn(all, &j, &late);
    signatures_expect(all, &j, &e);
    for (int i = 0; i < WARM_STEPS; i++)
        ck_assert_double_eq_tol(e.warm[i], .5, .05);
    signatures_free(all);
}
END_TEST

/* ---- the schedule ---- */

static const double as_usual[BACKLOG_CLASSES] = { 1, 1, 1, 1, 1, 1, 1, 1 };

START_TEST(the_first_in_line_is_promised_a_start_and_none_behind_it_moves_that)
{
    /* 10 GPUs. 6 run until 100, by their limit until 200. The first in line wants 8:
     * promised 200. Behind it 4 for 150: fit and end before; 4 for 500: do not; 2 for
     * 500: fit into the 2 that are over at 200. */
    struct schedule_job jobs[] = {
        { .gpus = 6, .start = -50, .end = 100, .limit = 250, .length = 150, .running = true },
        { .gpus = 8, .length = 300, .limit = 300 },
        { .gpus = 4, .length = 500, .limit = 500 },
        { .gpus = 2, .length = 500, .limit = 500 },
        { .gpus = 2, .length = 90, .limit = 150 },
    };
    struct schedule_room room = { 0 };

    schedule_run(jobs, 5, 10, 1000, 10, as_usual, &room);
    ck_assert_double_eq(jobs[3].start, 0);
    ck_assert_double_eq(jobs[4].start, 0);
    /* earlier than promised: the six ended early */
    ck_assert_double_eq(jobs[1].start, 100);
    ck_assert_double_eq(jobs[2].start, 400);
    schedule_room_free(&room);
}
END_TEST

/* ---- the whole ---- */

enum { ROOT, LEFT, RIGHT, SHARED, PLACES };
static const struct job_place places[PLACES] = {
    [ROOT] = { .parents = { NO_PLACE, NO_PLACE } }, [LEFT] = { .parents = { ROOT, NO_PLACE } },
    [RIGHT] = { .parents = { ROOT, NO_PLACE } }, [SHARED] = { .parents = { LEFT, RIGHT } },
};
/* The same, with eight GPUs on the left and eight on the right. */
static const struct job_place small_places[PLACES] = {
    [ROOT] = { .parents = { NO_PLACE, NO_PLACE } }, [LEFT] = { .parents = { ROOT, NO_PLACE }, .gpus = 8 },
    [RIGHT] = { .parents = { ROOT, NO_PLACE }, .gpus = 8 }, [SHARED] = { .parents = { LEFT, RIGHT } },
};
static const struct job_placement placements[] = { { LEFT, 1 },
                                                   { RIGHT, 1 },
                                                   { SHARED, 1 } };
static const struct job_pool no_capacity = { .gpus = NAN };

struct whole {
    struct jobs_known *known;
    struct futures futures;
    struct with_jobs at[PLACES];
    struct place_room room;
    struct forecast_job jobs[16];
    size_t count;
    double time, base[PLACES];
    double beside;              /* watts that nodes draw with each watt of a job */
    double ramp_s;              /* what a job takes to come up */
    double dip_every_s, dip_s;  /* then it rests at times, half as high; 0: never */
    double silent_s;            /* as in the view */
    const struct job_place *places;
};

static struct job_view view_of(const struct whole *w)
{
    return (struct job_view){ .jobs = w->jobs,
                              .count = w->count,
                              .placements = placements,
                              .placement_count = 3,
                              .places = w->places,
                              .place_count = PLACES,
                              .pools = &no_capacity,
                              .pool_count = 1,
                              .silent_s = w->silent_s };
}

static const double wholes_horizons[] = { 300, 900, 3600 };

static void begin_whole(struct whole *w, double cap_w)
{
    struct with_jobs_options o = { .step_s = 60,
                                   .horizons = { 300, 900, 3600 },
                                   .horizon_count = 3,
                                   .cap = { .watts = cap_w } };

    memset(w, 0, sizeof(*w));
    w->known = jobs_known_new(60, 500);
    for (int p = 0; p < PLACES; p++)
        with_jobs_start(&w->at[p], &o);
    w->time = 1e9;
    w->places = places;
}

static void end_whole(struct whole *w)
{
    jobs_known_free(w->known);
    futures_free(&w->futures);
    place_room_free(&w->room);
}

static struct forecast_job running(uint64_t id, double gpus, uint32_t placement,
                                   double start)
{
    struct forecast_job j = job(id, gpus, start, NAN);

    j.state = JOB_RUNNING;
    j.limit_s = 86400;
    j.first_placement = placement;
    j.placement_count = 1;
    return j;
}

static struct forecast_job planned(uint64_t id, double gpus, uint32_t placement,
                                   double submit, double start)
{
    struct forecast_job j = running(id, gpus, placement, NAN);

    j.submit = submit;
    j.state = JOB_PENDING;
    j.plan = PLAN_FIXED;
    j.planned_start = start;
    return j;
}

/* Noise that repeats exactly: 2 % around 500 W a GPU. */
static double drawn(const struct whole *w, size_t i)
{
    double age = (w->time - w->jobs[i].start) / 60;

    double up = age * 60 < w->ramp_s ? .3 + .7 * age * 60 / w->ramp_s : 1;

    if (w->dip_every_s > 0 &&
        fmod(age * 60 + w->dip_every_s / 2, w->dip_every_s) < w->dip_s)
        up *= .5;
    return w->jobs[i].gpus * 500 * up *
           (1 + .02 * sin(age * 1.7 + (double)i) + .01 * sin(age * .31));
}

static void pass(struct whole *w, int minutes)
{
    for (int m = 0; m < minutes; m++) {
        double watts[PLACES] = { 1000, 400, 400, 100 };
        struct job_view view;

        w->time += 60;
        for (size_t i = 0; i < w->count; i++) {
            if (w->jobs[i].state != JOB_RUNNING)
                continue;
            w->jobs[i].watts = drawn(w, i);
            watts[ROOT] += w->jobs[i].watts * (1 + w->beside);
            watts[placements[w->jobs[i].first_placement].place] += w->jobs[i].watts *
                                                                   (1 + w->beside);
        }
        watts[LEFT] += .5 * watts[SHARED];
        watts[RIGHT] += .5 * watts[SHARED];
        view = view_of(w);
        jobs_known_observe(w->known, w->time, &view);
        for (uint32_t p = 0; p < PLACES; p++)
            with_jobs_observe(&w->at[p], p, w->known, w->time, watts[p], NAN);
    }
}

static void ask(struct whole *w, uint32_t place, double cap_w, struct forecast out[3])
{
    const struct futures_options options = { .count = 64, .until_s = 3600, .pass_s = 60 };
    const struct place_options nothing = { .without = NO_JOB };

    futures_imagine(&w->futures, w->known, &options);
    place_forecast(&w->at[place].place, place, w->known, &w->futures, &nothing, NULL,
                   wholes_horizons, 3, &cap_w, 1, &w->room);
    memcpy(out, w->room.out, 3 * sizeof(*out));
}

START_TEST(what_comes_later_is_not_known)
{
    struct forecast_job j = job(1, 8, 100, 200), known;

    j.submit = 50;
    j.planned_start = 90;
    ck_assert(!jobs_known_at(&j, 49, &known));
    ck_assert(jobs_known_at(&j, 60, &known));
    ck_assert(isnan(known.start) && isnan(known.end) && known.state == JOB_PENDING);
    ck_assert_double_eq(known.planned_start, 90);
    ck_assert(jobs_known_at(&j, 150, &known));
    ck_assert(known.start == 100 && isnan(known.end) && known.state == JOB_RUNNING);
    ck_assert(isnan(known.planned_start));
    ck_assert(jobs_known_at(&j, 200, &known));
    ck_assert(known.end == 200 && known.state == JOB_ENDED);
}
END_TEST

START_TEST(another_planned_job_never_lowers_the_probability_above_it)
{
    for (int more = 0; more < 4; more++) {
        struct whole w;
        struct forecast before[PLACES][3], after[PLACES][3];
        const double cap_w = 6000;

        begin_whole(&w, cap_w);
        w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
        w.jobs[w.count++] = planned(12, 1 + more, 1, w.time, w.time + 3600);
        pass(&w, 60);
        for (uint32_t p = 0; p < PLACES; p++)
            ask(&w, p, cap_w, before[p]);
        end_whole(&w);
        begin_whole(&w, cap_w);
        w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
        w.jobs[w.count++] = planned(12, 1 + more, 1, w.time, w.time + 3600);
        w.jobs[w.count++] = planned(13, 2, 2, w.time, w.time + 3600 + 600);
        pass(&w, 60);
        for (uint32_t p = 0; p < PLACES; p++) {
            ask(&w, p, cap_w, after[p]);
            for (int h = 0; h < 3; h++)
                ck_assert_double_ge(after[p][h].p_breach, before[p][h].p_breach - 1e-12);
        }
        ck_assert_double_gt(after[ROOT][2].q50, before[ROOT][2].q50);
        end_whole(&w);
    }
}
END_TEST

START_TEST(without_jobs_there_is_a_level_with_noise)
{
    struct whole w;
    struct forecast out[3];

    begin_whole(&w, 1100);
    pass(&w, 60);
    ask(&w, ROOT, 1100, out);
    ck_assert_double_eq_tol(out[2].q50, 1000, 1e-6);
    ck_assert_double_eq(out[2].p_breach, 0);
    ask(&w, ROOT, 999, out);
    ck_assert_double_eq(out[0].p_breach, 1);
    end_whole(&w);
}
END_TEST

/* What a watt of a job shows at the meter is learnt while jobs run: that is no news of
 * the power. */
START_TEST(the_next_minute_joins_on_to_the_power_now)
{
    const double horizon = 60, cap_w = 1e6;
    const struct place_options nothing = { .without = NO_JOB };
    const struct futures_options options = { .count = 64, .until_s = 60, .pass_s = 60 };
    double least = INFINITY, most = 0;
    struct whole w;

    begin_whole(&w, cap_w);
    w.beside = .4;
    for (uint64_t i = 0; i < 16; i++)
        w.jobs[w.count++] = running(11 + i, 8, LEFT - 1, w.time - 7200);
    for (int minute = 0; minute < 120; minute++) {
        const struct place *place = &w.at[LEFT].place;

        pass(&w, 1);
        least = fmin(least, place->watts);
        most = fmax(most, place->watts);
        if (minute < 5)
            continue;
        futures_imagine(&w.futures, w.known, &options);
        place_forecast(place, LEFT, w.known, &w.futures, &nothing, NULL, &horizon, 1,
                       &cap_w, 1, &w.room);
        /* Nothing is to start or to end: within a minute it goes no farther than it has
         * gone in all. */
        ck_assert_double_eq_tol(w.room.out[0].q50, place->watts, most - least);
    }
    end_whole(&w);
}
END_TEST

START_TEST(who_has_come_up_is_not_expected_to_climb_on)
{
    const double up_w = 16 * 500 + 450, cap_w = 1.05 * up_w;
    struct forecast out[3];
    struct whole w;

    begin_whole(&w, cap_w);
    w.ramp_s = 800;
    for (uint64_t id = 21; id < 41; id++) {
        w.jobs[w.count++] = running(id, 16, LEFT - 1, w.time);
        pass(&w, 60);
        w.jobs[0].state = JOB_ENDED;
        w.jobs[0].end = w.time;
        pass(&w, 5);
        w.count = 0;
    }
    /* All of them were seen a minute old for the first time, and yet it is known how they
     * come up. */
    w.jobs[w.count++] = running(99, 16, LEFT - 1, w.time);
    pass(&w, 6);
    ask(&w, LEFT, cap_w, out);
    ck_assert_double_lt(w.at[LEFT].place.watts, .7 * up_w);
    ck_assert_double_lt(out[0].q90, .95 * up_w);
    ck_assert_double_eq_tol(out[1].q50, up_w, .03 * up_w);
    pass(&w, 7);
    for (int minute = 0; minute < 30; minute++) {
        pass(&w, 1);
        ask(&w, LEFT, cap_w, out);
        ck_assert_double_gt(w.at[LEFT].place.watts, .96 * up_w);
        ck_assert_double_lt(out[0].p_breach, .1);
        ck_assert_double_lt(out[2].p_breach, .3);
    }
    end_whole(&w);
}
END_TEST

START_TEST(a_dip_that_comes_every_so_often_is_foreseen_and_so_is_its_end)
{
    const double up_w = 16 * 500 + 450, cap_w = .9 * up_w;
    struct forecast out[3];
    struct whole w;

    begin_whole(&w, cap_w);
    w.dip_every_s = 3600;
    w.dip_s = 600;
    w.jobs[w.count++] = running(21, 16, LEFT - 1, w.time);
    /* Dips began 30, 90 and 150 minutes after the start; the next is to begin in three
     * minutes. */
    pass(&w, 207);
    ask(&w, LEFT, cap_w, out);
    ck_assert_double_gt(w.at[LEFT].place.watts, .95 * up_w);
    ck_assert_double_lt(out[0].q95, .6 * up_w);
    ck_assert_double_gt(out[1].q10, .95 * up_w);
    /* In it: within five minutes it will not be over, within fifteen it will. */
    pass(&w, 4);
    ask(&w, LEFT, cap_w, out);
    ck_assert_double_lt(w.at[LEFT].place.watts, .6 * up_w);
    ck_assert_double_lt(out[0].p_breach, .02);
    ck_assert_double_gt(out[1].p_breach, .98);
    /* It does not come: then nobody knows. */
    w.dip_every_s = 0;
    pass(&w, 60 + 58);
    ask(&w, LEFT, cap_w, out);
    ck_assert_double_gt(out[0].q10, .95 * up_w);
    end_whole(&w);
}
END_TEST

START_TEST(a_planned_start_is_foreseen_to_the_minute_and_is_the_reason)
{
    struct whole w;
    struct forecast out[3];
    struct forecast_reason reasons[3], why;
    enum forecast_basis basis[3];
    const struct place_options nothing = { .without = NO_JOB };
    double cap_w = 6500, sum;
    char text[256];

    begin_whole(&w, cap_w);
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    w.jobs[w.count++] = planned(81201, 8, 1, w.time, w.time + 3600 + 720);
    w.silent_s = 420;
    pass(&w, 60);
    for (int h = 0; h < 3; h++)
        out[h] = (struct forecast){
            .horizon_s = wholes_horizons[h], .cap_w = cap_w, .p_breach = NAN, .q05 = NAN
        };
    ask(&w, ROOT, cap_w, out);
    for (int h = 0; h < 3; h++)
        out[h].p_breach = out[h].q05 = NAN;
    forecast_with_jobs(&w.at[ROOT], ROOT, w.known, &w.futures, &cap_w, 1, &nothing,
                       &w.room, out, 3, basis);
    ck_assert_int_eq(basis[2], BASIS_JOBS);
    ck_assert_double_lt(out[0].p_breach, .01);
    /* nothing is known of what it will draw */
    ck_assert_double_gt(out[1].p_breach, .8);
    ck_assert_double_eq_tol(out[1].ttb_p50_s, 720, 60);
    why_with_jobs(&w.at[ROOT], ROOT, w.known, &w.futures, out, 3, &w.room, reasons);
    why = reasons[1];
    ck_assert_uint_eq(why.parts[0].job, 81201);
    ck_assert_double_lt(why.p_without, .01);
    sum = why.rest_w;
    for (size_t i = 0; i < why.part_count; i++)
        sum += why.parts[i].watts;
    ck_assert_double_eq_tol(sum, why.then_w - why.now_w, 1e-6);
    ck_assert_double_eq_tol(why.now_w + why.terms.starts_w + why.terms.ends_w +
                                why.terms.unexplained_w,
                            out[1].q50, 1e-6);
    ck_assert_double_gt(why.terms.starts_w, 2000);        /* 81201, for the most */
    ck_assert(isnan(reasons[0].p_without));       /* nothing starts within a minute */
    why_say_cause(text, sizeof(text), &why, NULL, NULL);
    ck_assert_str_eq(text, "a job starts");
    why_say(text, sizeof(text), &why, NULL, NULL, 0);
    ck_assert_ptr_nonnull(
        strstr(text, "may pass 6.50 kW at 02:58 ±1m: a job starts, +4"));
    ck_assert_ptr_nonnull(
        strstr(text, "; p <.01 without it; a scheduler has been silent for 7m"));
    /* it is the only one that starts */
    ck_assert_ptr_null(strstr(text, "others"));
    why.starts_w = why_said_w(&why.parts[0]) + 100e3;
    why_say(text, sizeof(text), &why, NULL, NULL, 0);
    ck_assert_ptr_nonnull(strstr(text, ", and others, +104 kW in all; p "));
    end_whole(&w);
}
END_TEST

/* Short jobs on many GPUs: those that follow one another are bounded in number, and still
 * draw as many of them would. */
START_TEST(followers_are_bounded_and_draw_what_more_of_them_would)
{
    const struct futures_options options = { .count = 64,
                                             .until_s = 21600,
                                             .pass_s = 60 };
    const struct job_pool pool = { .gpus = NAN };
    double busy[2] = { 0 };

    for (int many = 0; many < 2; many++) {
        size_t jobs = many ? 3900 : 10;
        struct forecast_job *of = xcalloc(jobs, sizeof(*of));
        struct job_view view = {
            .jobs = of, .count = jobs, .pools = &pool, .pool_count = 1
        };
        struct jobs_known *known = jobs_known_new(60, 500);
        struct futures futures = { .count = 0 };

        for (size_t i = 0; i < jobs; i++) {
            of[i] = running(i + 1, 4, 0, 1e9 - 300);
            of[i].placement_count = 0;
            of[i].limit_s = 900;
        }
        jobs_known_observe(known, 1e9, &view);
        futures_imagine(&futures, known, &options);
        ck_assert_uint_le(futures.first_imagined[64], FUTURES_MOST_IMAGINED);
        for (size_t i = 0; i < futures.first_imagined[64]; i++) {
            const struct imagined_job *j = &futures.imagined[i];

            busy[many] += j->gpus *
                          fmax(fmin((double)j->end, 21600) - (double)j->start, 0) /
                          (21600. * 64 * 4 * (double)jobs);
        }
        futures_free(&futures);
        jobs_known_free(known);
        free(of);
    }
    ck_assert_double_gt(busy[0], .4);
    ck_assert_double_eq_tol(busy[1], busy[0], .05 * busy[0]);
}
END_TEST

/* Where many more come than can be looked at, nobody who comes is imagined one by one. */
START_TEST(a_stream_of_too_many_is_taken_to_go_on_as_it_is)
{
    const struct futures_options options = { .count = 64,
                                             .until_s = 21600,
                                             .pass_s = 60 };
    const struct job_pool pool = { .gpus = 4000 };
    struct jobs_known *known = jobs_known_new(60, 500);
    struct futures futures = { .count = 0 };
    struct forecast_job of[64];
    struct job_view view = { .jobs = of, .count = 64, .pools = &pool, .pool_count = 1 };

    for (int minute = 0; minute < 120; minute++) {
        double now = 1e9 + 60. * minute;

        for (int i = 0; i < 64; i++) {
            of[i] = running((uint64_t)(minute * 64 + i + 1), 2, 0, now - 30);
            of[i].placement_count = 0;
            of[i].submit = now - 40;
        }
        jobs_known_observe(known, now, &view);
    }
    ck_assert_double_gt(
        arrivals_expected(known->arrivals, known->time, known->time + 21600, 0, 0),
        20000);
    futures_imagine(&futures, known, &options);
    ck_assert(futures.busy[0]);
    ck_assert_uint_le(futures.first_imagined[64], FUTURES_MOST_IMAGINED);
    futures_free(&futures);
    jobs_known_free(known);
}
END_TEST

/* Nor does any come that somebody counted before a restart; what came since does. */
START_TEST(what_waited_before_a_restart_is_no_arrival)
{
    enum { MINUTES = 120 };
    const struct job_pool pool = { .gpus = 4000 };
    struct jobs_known *known = jobs_known_new(60, 500), *again = jobs_known_new(60, 500);
    struct forecast_job of[MINUTES + 1];
    struct job_view view = { .jobs = of, .pools = &pool, .pool_count = 1 };
    double now = 0, before, after;
    size_t size;
    void *bytes;

    for (int minute = 0; minute < MINUTES; minute++) {
        now = 1e9 + 60. * minute;
        of[minute] = running((uint64_t)minute + 1, 2, 0, now - 30);
        of[minute].placement_count = 0;
        of[minute].submit = now - 40;
        of[minute].end = now + 30;
        if (minute > 0)
            of[minute].state = JOB_PENDING;
        else                    /* what they are like */
            of[minute].state = JOB_ENDED;
        view.count = (size_t)minute + 1;
        jobs_known_observe(known, now, &view);
    }
    before = arrivals_expected(known->arrivals, now, now + 21600, 0, 0);
    ck_assert_double_gt(before, 100);
    size = jobs_known_save_classes(known, NULL, 0);
    bytes = xcalloc(1, size);
    jobs_known_save_classes(known, bytes, size);
    ck_assert(jobs_known_load(again, bytes, size));
    jobs_known_observe(again, now + 60, &view);
    after = arrivals_expected(again->arrivals, now, now + 21600, 0, 0);
    ck_assert_double_eq_tol(after, before, .1 * before);
    of[MINUTES] = of[MINUTES - 1];
    of[MINUTES].id++;
    of[MINUTES].submit = now + 20;
    jobs_known_load(again, bytes, size);
    view.count++;
    jobs_known_observe(again, now + 60, &view);
    ck_assert_double_gt(arrivals_expected(again->arrivals, now, now + 21600, 0, 0), after);
    free(bytes);
    jobs_known_free(again);
    jobs_known_free(known);
}
END_TEST

START_TEST(what_may_only_be_left_out_has_not_ended)
{
    struct jobs_known *known = jobs_known_new(60, 500);
    struct forecast_job of[2] = { running(1, 8, 0, 1e9 - 3600),
                                  running(2, 2, 0, 1e9 - 3600) };
    struct job_view view = {
        .jobs = of, .count = 2, .pools = &no_capacity, .pool_count = 1
    };

    jobs_known_observe(known, 1e9, &view);
    view.count = 0;
    view.left_out = 1;
    view.least_gpus = 2;
    jobs_known_observe(known, 1e9 + 60, &view);
    ck_assert_uint_eq(known->ended_count, 1);   /* the large one */
    ck_assert_double_eq(known->ended[0].gpus, 8);
    ck_assert_uint_eq(known->left_out, 1);
    jobs_known_free(known);
}
END_TEST

/* The first hours of a console: nothing has ended yet. */
START_TEST(a_class_learns_what_its_jobs_draw_while_they_run)
{
    struct jobs_known *known = jobs_known_new(15, 500);
    struct forecast_job of[4];
    struct job_view view = {
        .jobs = of, .count = 4, .pools = &no_capacity, .pool_count = 1
    };
    const struct known_job *waits;
    double before;

    for (uint64_t i = 0; i < 4; i++) {
        of[i] = running(i + 1, 8, 0, 1e9 - 7200);
        of[i].classes[0] = 7;
        of[i].limit_w = 1000;
    }
    of[3].state = JOB_PENDING;
    of[3].start = NAN;
    of[3].submit = 1e9 - 60;
    for (int step = 0; step < 100; step++) {
        for (int i = 0; i < 3; i++)
            of[i].watts = 8 * (900 + 20 * i + 9 * sin(step * 1.7 + i));
        jobs_known_observe(known, 1e9 + 15 * step, &view);
        waits = &known->jobs[3];
        if (step == 0)
            before = waits->estimate.spread;
    }
    ck_assert_double_gt(before, 200);
    /* leans on what is usual */
    ck_assert_double_eq_tol(waits->estimate.watts, 920, 170);
    ck_assert_double_lt(waits->estimate.spread, before);
    ck_assert_double_lt(known->jobs[0].estimate.noise, 12);
    ck_assert_uint_eq(known->ended_count, 0);
    jobs_known_free(known);
}
END_TEST

START_TEST(streams_of_those_who_never_came_back_are_forgotten)
{
    struct arrivals *a = arrivals_new();
    struct forecast_job j = running(1, 2, 0, 1e9);
    size_t with;

    arrivals_pass(a, 1e9 - 100);
    j.submit = 1e9 - 50;
    j.classes[0] = 7;
    arrivals_submitted(a, &j);
    with = arrivals_save(a, NULL, 0);
    arrivals_pass(a, 1e9 + 10 * 86400);
    ck_assert_uint_eq(arrivals_save(a, NULL, 0), with);
    arrivals_pass(a, 1e9 + 40 * 86400.);
    ck_assert_uint_lt(arrivals_save(a, NULL, 0), with);
    arrivals_free(a);
}
END_TEST

/* What the jobs say and what the power says, mixed by who was right: still one function
 * of time, the day that is the power's alone included. */
START_TEST(no_window_contradicts_a_p_with_jobs)
{
    enum { HORIZONS = 4 };
    static const double horizons[HORIZONS] = { 300, 900, 3600, 86400 };
    const struct futures_options options = { .count = 16, .until_s = 3600, .pass_s = 60 };
    const struct place_options nothing = { .without = NO_JOB };
    struct forecast out[HORIZONS];
    enum forecast_basis basis[HORIZONS];
    struct whole w;
    size_t timed = 0;

    begin_whole(&w, 9000);
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    w.jobs[w.count++] = planned(12, 6, 1, w.time, w.time + 5000);
    w.jobs[w.count] = planned(13, 5, 2, w.time, w.time + 7000);
    w.jobs[w.count++].plan = PLAN_EXPECTED;
    for (int minute = 0; minute < 240; minute++) {
        pass(&w, 1);
        futures_imagine(&w.futures, w.known, &options);
        for (uint32_t place = 0; place < PLACES; place++) {
            double cap_w = (place == ROOT ? 5200 : 600) +
                           37. * ((minute * 7 + (int)place) % 100);

            for (int h = 0; h < HORIZONS; h++)
                out[h] = (struct forecast){ .horizon_s = horizons[h],
                                            .cap_w = cap_w,
                                            .p_breach = .01 * (h + minute % 9),
                                            .q05 = NAN };
            course_fill_times(out, HORIZONS, 1, NULL);
            forecast_with_jobs(&w.at[place], place, w.known, &w.futures, &cap_w, 1,
                               &nothing, &w.room, out, HORIZONS, basis);
            ck_assert(is_one_function_of_time(out, HORIZONS, 1));
            timed += !isnan(out[2].ttb_p50_s);
        }
    }
    ck_assert_uint_gt(timed, 100);
    end_whole(&w);
}
END_TEST

START_TEST(two_feeds_carry_half_each_and_the_parts_make_the_whole)
{
    struct whole w;
    struct forecast out[PLACES][3];

    begin_whole(&w, 1e6);
    w.jobs[w.count++] = running(11, 8, 2, w.time - 7200);
    pass(&w, 60);
    w.jobs[w.count++] = planned(12, 8, 2, w.time, w.time + 120);
    pass(&w, 1);
    for (uint32_t p = 0; p < PLACES; p++)
        ask(&w, p, 1e6, out[p]);
    ck_assert_double_eq_tol(out[ROOT][2].q50 - 1000, out[SHARED][2].q50 - 100, 60);
    ck_assert_double_eq_tol(out[LEFT][2].q50 - 450, .5 * (out[SHARED][2].q50 - 100), 40);
    ck_assert_double_eq_tol(out[LEFT][2].q50, out[RIGHT][2].q50, 1e-6);
    end_whole(&w);
}
END_TEST

static void add_up(void *context, const struct place_cause *cause)
{
    *(double *)context += cause->watts;
}

START_TEST(who_is_full_takes_no_more_jobs)
{
    struct whole w;
    struct forecast left[3], root[3];
    double started = 0, expected;

    begin_whole(&w, 1e6);
    w.places = small_places;
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    pass(&w, 60);
    w.jobs[w.count++] = planned(12, 4, 0, w.time, w.time + 120);
    pass(&w, 1);
    ask(&w, LEFT, 1e6, left);
    expected = place_causes(&w.at[LEFT].place, LEFT, w.known, &w.futures, &w.room, 900,
                            add_up, &started);
    ck_assert_double_eq_tol(left[1].q50, 400 + 8 * 500, 150);
    ck_assert_double_eq_tol(expected, left[1].q50, 150);
    ck_assert_double_lt(started, 100);
    ask(&w, ROOT, 1e6, root);
    ck_assert_double_eq_tol(root[1].q50, 1000 + 12 * 500, 250);
    end_whole(&w);
}
END_TEST

START_TEST(those_who_follow_a_job_that_finds_no_room_find_none_either)
{
    struct whole w;
    struct forecast left[3];

    begin_whole(&w, 1e6);
    w.places = small_places;
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    w.jobs[0].service = true;
    pass(&w, 60);
    w.jobs[w.count] = planned(12, 4, 0, w.time, w.time + 120);
    /* and what follows it on its GPUs comes within the hour */
    w.jobs[w.count++].limit_s = 600;
    pass(&w, 1);
    ask(&w, LEFT, 1e6, left);
    ck_assert_double_eq_tol(left[2].max_q99, 400 + 8 * 500, 400);
    end_whole(&w);
}
END_TEST

START_TEST(the_past_of_a_meter_bounds_the_noise_of_jobs_that_showed_none_yet)
{
    struct whole w;
    struct forecast blind[3], told[3];
    const double cap_w = 400 + 8 * 500 + 300;
    float past[120];

    begin_whole(&w, 1e6);
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    w.jobs[0].service = true;
    pass(&w, 4);
    ask(&w, LEFT, cap_w, blind);
    end_whole(&w);
    begin_whole(&w, 1e6);
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    w.jobs[0].service = true;
    for (int i = 0; i < 120; i++)
        past[i] = i % 7 ? 4400 + 20 * (float)sin(i * 1.7) : NAN;
    pass(&w, 1);
    with_jobs_start(&w.at[LEFT], &w.at[ROOT].options);
    with_jobs_recall(&w.at[LEFT], LEFT, w.known, w.time, past, 120);
    pass(&w, 3);
    ask(&w, LEFT, cap_w, told);
    ck_assert_double_gt(blind[2].p_breach, 2 * told[2].p_breach);
    /* What it drew before its job had started, and while it came up, tells nothing of its
     * noise. */
    w.jobs[0].start = w.time - 300;
    pass(&w, 1);
    with_jobs_start(&w.at[LEFT], &w.at[ROOT].options);
    with_jobs_recall(&w.at[LEFT], LEFT, w.known, w.time, past, 120);
    ck_assert_double_eq(w.at[LEFT].place.samples, 0);
    end_whole(&w);
}
END_TEST

/* Another job ran beside it until twenty minutes ago, and then it was quiet. */
START_TEST(the_past_of_a_meter_tells_of_noise_only_since_another_job_has_ended)
{
    struct whole w;
    float past[120];

    begin_whole(&w, 1e6);
    w.jobs[w.count++] = running(11, 4, 0, w.time - 7200);
    w.jobs[w.count++] = running(12, 4, 0, w.time - 7200);
    w.jobs[0].service = true;
    w.jobs[1].end = w.time - 1200;
    for (int i = 0; i < 120; i++)
        past[i] = i < 99 ? 4400 + 400 * (float)sin(i * 1.7)
                         : 2400 + 20 * (float)sin(i * 1.7);
    pass(&w, 1);
    with_jobs_start(&w.at[LEFT], &w.at[ROOT].options);
    with_jobs_recall(&w.at[LEFT], LEFT, w.known, w.time, past, 120);
    ck_assert_double_eq(w.at[LEFT].place.samples, 21);
    ck_assert_double_lt(w.at[LEFT].place.rest2, 30 * 30);
    end_whole(&w);
}
END_TEST

/* A whole past of a quiet meter, and the step in which its jobs are looked at first is
 * half a checkpoint. */
static void recall_quiet(struct whole *w)
{
    float past[120];

    w->jobs[w->count++] = running(11, 8, 0, w->time - 7200);
    w->jobs[0].service = true;
    for (int i = 0; i < 120; i++)
        past[i] = 4400 + 20 * (float)sin(i * 1.7);
    pass(w, 1);
    with_jobs_start(&w->at[LEFT], &w->at[ROOT].options);
    with_jobs_recall(&w->at[LEFT], LEFT, w->known, w->time, past, 120);
}

START_TEST(one_odd_step_at_first_is_no_level)
{
    struct whole w;

    begin_whole(&w, 1e6);
    recall_quiet(&w);
    with_jobs_observe(&w.at[LEFT], LEFT, w.known, w.time, 2400, NAN);
    ck_assert_double_lt(w.at[LEFT].place.level, -1000);
    pass(&w, 4);
    ck_assert_double_eq_tol(w.at[LEFT].place.level, 400, 500);
    end_whole(&w);
}
END_TEST

START_TEST(jobs_are_held_against_the_power_of_their_own_moment)
{
    struct whole w;

    begin_whole(&w, 1e6);
    recall_quiet(&w);
    with_jobs_observe(&w.at[LEFT], LEFT, w.known, w.time, 2400, 4400);
    ck_assert_double_eq_tol(w.at[LEFT].place.level, 400, 200);
    end_whole(&w);
}
END_TEST

/* Jobs come before the nodes that they run on: at first nothing runs here. */
static void begin_untold(struct whole *w, int minutes)
{
    struct job_view view;

    begin_whole(w, 1e6);
    for (int m = 0; m < minutes; m++) {
        view = view_of(w);
        w->time += 60;
        jobs_known_observe(w->known, w->time, &view);
        with_jobs_observe(&w->at[LEFT], LEFT, w->known, w->time, 4400, NAN);
    }
    w->jobs[w->count++] = running(11, 8, 0, w->time - 7200);
    w->jobs[0].service = true;
    w->time += 60;
    w->jobs[0].watts = drawn(w, 0);
    view = view_of(w);
    jobs_known_observe(w->known, w->time, &view);
}

START_TEST(who_began_before_its_jobs_were_told_begins_anew)
{
    struct whole w;

    begin_untold(&w, 1);
    ck_assert(place_is_told_anew(&w.at[LEFT].place, LEFT, w.known, 4410));
    /* the job has just come up, and the meter shows it */
    ck_assert(!place_is_told_anew(&w.at[LEFT].place, LEFT, w.known, 8400));
    with_jobs_start(&w.at[LEFT], &w.at[ROOT].options);
    pass(&w, 1);
    ck_assert(!place_is_told_anew(&w.at[LEFT].place, LEFT, w.known, 4410));
    ck_assert_double_eq_tol(w.at[LEFT].place.level, 450, 1);
    end_whole(&w);
    /* who has a record of its own keeps it */
    begin_untold(&w, 40);
    ck_assert(!place_is_told_anew(&w.at[LEFT].place, LEFT, w.known, 4410));
    end_whole(&w);
}
END_TEST

START_TEST(a_class_knows_its_work_on_gpus_of_another_limit)
{
    struct signatures *all = signatures_new(500);
    struct job_record record = { .steady = 100, .watts = 900 };
    struct forecast_job large = job(1, 8, 0, 3600), small = job(2, 8, 0, 3600);
    struct expectation e, f;

    large.limit_w = 1200;
    small.limit_w = 600;
    large.classes[0] = small.classes[0] = 7;
    large.end = 3600;
    for (int i = 0; i < 200; i++)
        signatures_learn(all, &large, &record);
    signatures_expect(all, &large, &e);
    signatures_expect(all, &small, &f);
    ck_assert_double_eq_tol(e.watts, 900, 30);
    ck_assert_double_eq_tol(f.watts, e.watts / 2, 1e-6);
    ck_assert_double_eq_tol(f.spread, e.spread / 2, 1e-6);
    signatures_free(all);
}
END_TEST

START_TEST(a_refresh_does_not_flicker)
{
    struct whole w;
    struct forecast before[3], after[3];
    double cap_w = 9200;

    begin_whole(&w, cap_w);
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    w.jobs[w.count++] = running(14, 2, 1, w.time - 3600);
    w.jobs[w.count] = planned(12, 8, 1, w.time, w.time + 7200);
    w.jobs[w.count++].plan = PLAN_EXPECTED;
    pass(&w, 90);
    ask(&w, ROOT, cap_w, before);
    pass(&w, 1);
    ask(&w, ROOT, cap_w, after);
    ck_assert_double_gt(before[2].p_breach, .05);
    ck_assert_double_lt(before[2].p_breach, .99);
    ck_assert_double_eq_tol(after[2].p_breach, before[2].p_breach, .05);
    end_whole(&w);
}
END_TEST

START_TEST(the_same_news_gives_the_same_bits_also_after_a_restart)
{
    struct whole a, b;
    struct forecast first[3], second[3];
    size_t size;
    char *kept;

    begin_whole(&a, 6000);
    a.jobs[a.count++] = running(11, 8, 0, a.time - 7200);
    a.jobs[a.count++] = planned(12, 4, 1, a.time, a.time + 5400);
    pass(&a, 60);
    size = jobs_known_save(a.known, NULL, 0);
    kept = xcalloc(1, size);
    ck_assert_uint_eq(jobs_known_save(a.known, kept, size), size);
    b = a;
    memset(&b.futures, 0, sizeof(b.futures));
    memset(&b.room, 0, sizeof(b.room));
    b.known = jobs_known_new(60, 500);
    ck_assert(!jobs_known_load(b.known, kept, size - 1));
    ck_assert(jobs_known_load(b.known, kept, size));
    pass(&a, 7);
    pass(&b, 7);
    ask(&a, ROOT, 6000, first);
    ask(&b, ROOT, 6000, second);
    for (int h = 0; h < 3; h++) {
        ck_assert(first[h].p_breach == second[h].p_breach);
        ck_assert(first[h].q50 == second[h].q50 && first[h].max_q99 == second[h].max_q99);
    }
    free(kept);
    end_whole(&a);
    end_whole(&b);
}
END_TEST

/* A scheduler that always says a large job starts in a minute, and it never does. */
static void believe_bad_news(struct whole *w, double cap_w, bool acts, int minutes,
                             struct forecast out[3], enum forecast_basis basis[3])
{
    const struct place_options nothing = { .without = NO_JOB };
    const struct futures_options options = { .count = 64, .until_s = 3600, .pass_s = 60 };

    begin_whole(w, cap_w);
    w->jobs[w->count++] = running(11, 8, 0, w->time - 7200);
    w->jobs[w->count] = planned(12, 8, 1, w->time, w->time);
    w->count++;
    for (int minute = 0; minute < minutes; minute++) {
        w->jobs[1].planned_start = w->time + 120;
        pass(w, 1);
        if (acts)
            with_jobs_acted(&w->at[ROOT]);
        futures_imagine(&w->futures, w->known, &options);
        for (int h = 0; h < 3; h++)
            out[h] = (struct forecast){ .horizon_s = wholes_horizons[h],
                                        .cap_w = cap_w,
                                        .p_breach = .01,
                                        .q05 = 4900,
                                        .q10 = 4910,
                                        .q25 = 4950,
                                        .q50 = 5000,
                                        .q75 = 5050,
                                        .q90 = 5080,
                                        .q95 = 5090,
                                        .q99 = 5100,
                                        .max_q10 = 5050,
                                        .max_q50 = 5080,
                                        .max_q90 = 5090,
                                        .max_q99 = 5100,
                                        .ttb_p50_s = NAN };
        forecast_with_jobs(&w->at[ROOT], ROOT, w->known, &w->futures, &cap_w, 1, &nothing,
                           &w->room, out, 3, basis);
        if (minute == 5)
            ck_assert_double_gt(out[0].p_breach, .15);
    }
}

START_TEST(of_six_samples_jobs_are_believed_by_six_of_twenty)
{
    struct whole w;
    struct forecast out[3];
    enum forecast_basis basis[3];

    believe_bad_news(&w, 6000, false, 6, out, basis);
    ck_assert_double_eq_tol(out[0].p_breach, .01 + .731 * .3 * .93, .05);
    ck_assert_int_eq(basis[0], BASIS_POWER);
    ck_assert_double_lt(out[0].q75, 5400);
    end_whole(&w);
}
END_TEST

START_TEST(bad_news_of_jobs_is_believed_less_and_less)
{
    struct whole w;
    struct forecast out[3];
    enum forecast_basis basis[3];

    believe_bad_news(&w, 6000, false, 600, out, basis);
    ck_assert_double_lt(out[0].p_breach, .1);
    ck_assert_int_eq(basis[0], BASIS_POWER);
    ck_assert_double_lt(out[0].q90, 5400);
    end_whole(&w);
}
END_TEST

/* It may be somebody who keeps the job from starting. */
START_TEST(news_that_somebody_acted_on_is_not_called_bad)
{
    struct whole w;
    struct forecast out[3];
    enum forecast_basis basis[3];

    believe_bad_news(&w, 6000, true, 600, out, basis);
    ck_assert_double_gt(out[0].p_breach, .5);
    ck_assert_int_eq(basis[0], BASIS_JOBS);
    ck_assert_double_gt(out[0].q90, 5400);
    end_whole(&w);
}
END_TEST

/* Being above is no forecast: whatever was said of it teaches nothing of p. */
START_TEST(above_the_cap_no_chance_is_learnt)
{
    struct whole w;
    struct forecast out[3];
    enum forecast_basis basis[3];

    believe_bad_news(&w, 3000, false, 600, out, basis);
    ck_assert_double_eq(w.at[ROOT].horizons[0].p_lead, w.at[SHARED].horizons[0].p_lead);
    ck_assert_double_lt(w.at[ROOT].horizons[0].q_lead, w.at[SHARED].horizons[0].q_lead);
    end_whole(&w);
}
END_TEST

/* A job that has gone, and none ever: in both what is left is the level and its noise. */
START_TEST(when_all_jobs_have_gone_the_rest_is_what_it_was_without_any)
{
    struct whole never, gone;
    struct forecast without[3], after[3];

    begin_whole(&never, 1200);
    begin_whole(&gone, 1200);
    gone.jobs[gone.count++] = running(11, 8, 0, gone.time - 7200);
    gone.jobs[0].limit_s = 10800;
    pass(&gone, 60);
    gone.jobs[0].state = JOB_ENDED;
    gone.jobs[0].end = gone.time;
    pass(&gone, 300);
    gone.count = 0;
    pass(&gone, 300);
    pass(&never, 660);
    ask(&never, ROOT, 1200, without);
    ask(&gone, ROOT, 1200, after);
    for (int h = 0; h < 3; h++) {
        ck_assert_double_eq_tol(after[h].p_breach, without[h].p_breach, .02);
        ck_assert_double_eq_tol(after[h].q50, without[h].q50, 20);
    }
    end_whole(&never);
    end_whole(&gone);
}
END_TEST

/* What has not been compared with the meter for five minutes is asked for nothing. */
START_TEST(jobs_without_a_meter_are_not_asked)
{
    const struct place_options nothing = { .without = NO_JOB };
    const double cap_w = 6000;
    enum forecast_basis basis[3];
    struct forecast out[3];
    struct whole w;

    begin_whole(&w, cap_w);
    w.jobs[w.count++] = running(11, 8, 0, w.time - 7200);
    w.jobs[w.count++] = planned(12, 8, 1, w.time, w.time + 3600);
    pass(&w, 60);
    for (int minute = 0; minute < 10; minute++) {
        struct job_view view = view_of(&w);

        w.time += 60;
        jobs_known_observe(w.known, w.time, &view);
        futures_imagine(
            &w.futures, w.known,
            &(struct futures_options){ .count = 64, .until_s = 3600, .pass_s = 60 });
        for (int h = 0; h < 3; h++)
            out[h] = (struct forecast){ .horizon_s = wholes_horizons[h],
                                        .cap_w = cap_w,
                                        .p_breach = .01,
                                        .q05 = NAN,
                                        .max_q10 = NAN };
        forecast_with_jobs(&w.at[ROOT], ROOT, w.known, &w.futures, &cap_w, 1, &nothing,
                           &w.room, out, 3, basis);
        ck_assert_int_eq(basis[0], minute < 5 ? BASIS_JOBS : BASIS_POWER);
    }
    ck_assert_double_eq(out[0].p_breach, .01);
    end_whole(&w);
}
END_TEST

/* Jobs end before their limits; a minute later the same futures are imagined of them. */
START_TEST(a_job_ends_in_a_future_when_it_did_in_the_refresh_before)
{
    enum { FUTURES = 64 };
    struct futures_options options = { .count = FUTURES, .until_s = 3600, .pass_s = 60 };
    double before[FUTURES], mean = 0;
    struct whole w;

    begin_whole(&w, 6000);
    w.jobs[w.count++] = running(11, 8, 0, w.time - 3600);
    pass(&w, 10);
    futures_imagine(&w.futures, w.known, &options);
    for (size_t s = 0; s < FUTURES; s++)
        mean += (before[s] = (double)w.futures.end[s]) / FUTURES;
    ck_assert_double_lt(mean, .8 * (86400 - 4200));
    pass(&w, 1);
    futures_imagine(&w.futures, w.known, &options);
    for (size_t s = 0; s < FUTURES; s++)
        ck_assert_double_eq_tol((double)w.futures.end[s], before[s] - 60, 120);
    options.ends_at_limits = true;
    futures_imagine(&w.futures, w.known, &options);
    ck_assert_double_eq_tol((double)w.futures.end[0], 86400 - 3600 - 660, 1);
    end_whole(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jobs");
    TCase *parts = tcase_create("parts"), *whole = tcase_create("whole");
    SRunner *runner;
    int failed;

    tcase_add_test(parts, a_job_has_each_part_of_its_chances_once);
    tcase_add_test(parts, the_normal_score_undoes_the_normal_distribution);
    tcase_add_loop_test(parts, a_crossing_is_as_probable_as_it_is, 0,
                        sizeof(maxima) / sizeof(maxima[0]));
    tcase_add_test(parts, noise_is_as_wide_as_theory_says_at_once_and_five_steps_ahead);
    tcase_add_test(parts, without_memory_a_crossing_is_exact);
    tcase_add_test(parts, a_path_above_the_cap_crosses_and_a_nearer_cap_is_likelier);
    tcase_add_test(parts, survival_follows_the_jobs_that_were_seen);
    tcase_add_test(parts, draws_follow_the_survival);
    tcase_add_test(
        parts, a_class_leans_on_the_one_above_until_its_jobs_are_closer_than_that_ones);
    tcase_add_test(parts, of_samples_that_hang_together_the_first_and_the_last_say_more);
    tcase_add_test(parts, who_is_first_seen_late_teaches_nothing_of_how_jobs_come_up);
    tcase_add_test(parts,
                   the_first_in_line_is_promised_a_start_and_none_behind_it_moves_that);
    tcase_add_test(parts, what_comes_later_is_not_known);
    tcase_add_test(whole, who_is_full_takes_no_more_jobs);
    tcase_add_test(whole, those_who_follow_a_job_that_finds_no_room_find_none_either);
    tcase_add_test(whole,
                   the_past_of_a_meter_bounds_the_noise_of_jobs_that_showed_none_yet);
    tcase_add_test(whole,
                   the_past_of_a_meter_tells_of_noise_only_since_another_job_has_ended);
    tcase_add_test(whole,
                   one_odd_step_at_first_is_no_level);
    tcase_add_test(whole,
                   jobs_are_held_against_the_power_of_their_own_moment);
    tcase_add_test(whole, who_began_before_its_jobs_were_told_begins_anew);
    tcase_add_test(whole, a_class_knows_its_work_on_gpus_of_another_limit);
    tcase_add_test(whole, a_class_learns_what_its_jobs_draw_while_they_run);
    tcase_add_test(whole, another_planned_job_never_lowers_the_probability_above_it);
    tcase_add_test(whole, without_jobs_there_is_a_level_with_noise);
    tcase_add_test(whole, the_next_minute_joins_on_to_the_power_now);
    tcase_add_test(whole, who_has_come_up_is_not_expected_to_climb_on);
    tcase_add_test(whole, a_dip_that_comes_every_so_often_is_foreseen_and_so_is_its_end);
    tcase_add_test(whole, a_planned_start_is_foreseen_to_the_minute_and_is_the_reason);
    tcase_add_test(whole, no_window_contradicts_a_p_with_jobs);
    tcase_add_test(whole, followers_are_bounded_and_draw_what_more_of_them_would);
    tcase_add_test(whole, a_stream_of_too_many_is_taken_to_go_on_as_it_is);
    tcase_add_test(whole, what_waited_before_a_restart_is_no_arrival);
    tcase_add_test(whole, what_may_only_be_left_out_has_not_ended);
    tcase_add_test(whole, streams_of_those_who_never_came_back_are_forgotten);
    tcase_add_test(whole, two_feeds_carry_half_each_and_the_parts_make_the_whole);
    tcase_add_test(whole, a_refresh_does_not_flicker);
    tcase_add_test(whole, the_same_news_gives_the_same_bits_also_after_a_restart);
    tcase_add_test(whole, of_six_samples_jobs_are_believed_by_six_of_twenty);
    tcase_add_test(whole, bad_news_of_jobs_is_believed_less_and_less);
    tcase_add_test(whole, news_that_somebody_acted_on_is_not_called_bad);
    tcase_add_test(whole, above_the_cap_no_chance_is_learnt);
    tcase_add_test(whole, when_all_jobs_have_gone_the_rest_is_what_it_was_without_any);
    tcase_add_test(whole, jobs_without_a_meter_are_not_asked);
    tcase_add_test(whole, a_job_ends_in_a_future_when_it_did_in_the_refresh_before);
    suite_add_tcase(suite, parts);
    suite_add_tcase(suite, whole);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
