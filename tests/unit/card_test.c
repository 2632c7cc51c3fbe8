/* The test card: what it says must stand there whole, for those whose terminal is in
 * doubt have a plain one. */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/check.h"
#include "tui/card.h"

static char *card(int w, int h)
{
    static const struct card_facts facts = { "xterm-256color", 256, true, true, false };
    struct grid *g = grid_new(w, h);
    char *text;

    card_draw(g, &facts);
    text = grid_to_text(g);
    grid_free(g);
    return text;
}

/* What follows the line with the size, which differs. */
static const char *rest_of(const char *text)
{
    return strstr(text, "colours, UTF-8");
}

START_TEST(nothing_is_cut_at_eighty_columns_and_24_lines)
{
    char *narrow = card(80, 24), *wide = card(200, 24);

    ck_assert_ptr_nonnull(rest_of(narrow));
    ck_assert_str_eq(rest_of(narrow), rest_of(wide));
    ck_assert_ptr_nonnull(strstr(narrow, "q leaves"));
    free(narrow);
    free(wide);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("card");
    TCase *t = tcase_create("card");
    SRunner *r;
    int failed;

    tcase_add_test(t, nothing_is_cut_at_eighty_columns_and_24_lines);
    suite_add_tcase(s, t);
    r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
