/* Keys without sense, at sizes without sense: the console neither crashes nor leaks, and
 * what it draws stays characters in its grid. The seed is fixed, so what fails fails
 * again; GW_KEYS=100000 presses more of them, GW_SEED=N others. */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/check.h"
#include "tests/lib/site.h"
#include "tui/ui.h"

static uint64_t dice;

static uint64_t roll(uint64_t sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return dice % sides;
}

/* Words that come as far as a filter, a query or a command; half of them with a
 * mistake. */
static const char *const words[] = {
    "/power > 0.9cap Enter", "/idle>15m Space and Space held Enter", "/pwr>3 Enter", "/( Enter Esc", "/n1 Enter",
    ":gpus Enter", ":jobs Space where Space state=pending Enter", ":nodes Space where Enter Esc", ":map Enter",
    ":forecast Enter", ":theme Space mono Enter", ":export Space x.csv Enter", ":sort Space -power Enter",
    ":messages Enter", ":o Tab Tab Tab Enter", "c Space Down Space Enter", "M Tab Enter Enter T", "8 Enter h l", "H Enter Esc",
    "Enter Enter Enter", "2 t Right Right Down Enter", "1 Down Down i", "6 Enter M", "* u", "s S + s", "z j z", "y Y e Esc",
};

static const int codes[] = {
    KEY_UP_ARROW,  KEY_DOWN_ARROW, KEY_LEFT_ARROW, KEY_RIGHT_ARROW, KEY_PAGE_UP,
    KEY_PAGE_DOWN, KEY_TOP,        KEY_BOTTOM,     KEY_BACK,        KEY_DELETE_CHAR,
    KEY_SHIFT_TAB, KEY_ENTER_KEY,  KEY_ESCAPE_KEY, KEY_TAB_KEY,     KEY_SCREEN_RESIZED,
    '\n',          0x4e2d,         0x301,          0x1f600,         0x7f,
    0xfffd,
};

static void press_words(struct ui *ui)
{
    const char *keys = words[roll(sizeof(words) / sizeof(words[0]))];
    int key;

    while ((key = ui_next_key(&keys)) > 0)
        ui_key(ui, key);
}

static void press_something(struct ui *ui)
{
    switch (roll(8)) {
    case 0:
        press_words(ui);
        break;
    case 1:
        ui_key(ui, (int)roll(32) + 1);
        break;
    case 2:
    case 3:
        ui_key(ui, codes[roll(sizeof(codes) / sizeof(codes[0]))]);
        break;
    default:
        ui_key(ui, (int)(' ' + roll(95)));
    }
}

/* What a terminal can be given: characters, styles that there are, and no half of a wide
 * one without the other. */
static void check_grid(const struct grid *g, size_t key)
{
    for (int i = 0; i < g->w * g->h; i++) {
        const struct glyph *c = &g->cells[i];
        bool is_sound = c->point ? c->point >= ' ' && (c->point < 0x7f || c->point > 0x9f)
                                 : i % g->w > 0;

        ck_assert_msg(is_sound && (!g->ascii || (c->point && c->point < 0x7f)) &&
                          c->ink < STYLES && c->paper < STYLES,
                      "key %zu: cell %d,%d of %dx%d is U+%04X", key, i % g->w, i / g->w,
                      g->w, g->h, (unsigned)c->point);
    }
}

static void soak(uint64_t seed, struct ui_setup setup)
{
    const char *more = getenv("GW_KEYS"), *other = getenv("GW_SEED");
    size_t keys = more ? (size_t)strtoul(more, NULL, 10) : 3000;
    double now = site_time;
    struct ui *ui;

    dice = seed ^ (other ? strtoull(other, NULL, 10) : 0);
    setup.model = site_model();
    setup.w = 80;
    setup.h = 24;
    ui = ui_new(&setup);
    for (size_t i = 0; i < keys; i++) {
        if (roll(40) == 0)
            ui_resize(ui, (int)roll(roll(4) ? 130 : 250) + 1,
                      (int)roll(roll(4) ? 40 : 80) + 1);
        if (roll(50) == 0 && ui_can_ask(ui))
            ui_ask(ui, "passphrase for key: ");
        press_something(ui);
        if (roll(10) == 0)
            ui_click(ui, (int)roll(250), (int)roll(80));
        now += .3;
        ui_draw(ui, now, now);
        check_grid(ui_grid(ui), i);
    }
    ui_free(ui);
    model_free(setup.model);
}

START_TEST(keys_without_sense_leave_a_sound_screen)
{
    soak(0x9e3779b97f4a7c15, (struct ui_setup){ .demo = true });
}
END_TEST

START_TEST(and_so_in_ascii_without_colour)
{
    soak(0xbf58476d1ce4e5b9, (struct ui_setup){ .ascii = true, .mono = true });
}
END_TEST

START_TEST(and_so_on_a_wall)
{
    soak(0x94d049bb133111eb, (struct ui_setup){ .wall = true, .quit = "q u i t" });
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random_keys");
    TCase *keys = tcase_create("keys");
    SRunner *runner;
    int failed;

    tcase_set_timeout(keys, 600);
    tcase_add_test(keys, keys_without_sense_leave_a_sound_screen);
    tcase_add_test(keys, and_so_in_ascii_without_colour);
    tcase_add_test(keys, and_so_on_a_wall);
    suite_add_tcase(suite, keys);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
