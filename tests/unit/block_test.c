/* Blocks of the cache as bytes: what was kept comes back, and what would not be kept is
 * damage. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "store/block.h"

/* A block of one node of that name, through its bytes; NULL: it is not taken. */
static struct block *through_bytes(const char *name)
{
    struct block *b = block_new(GW_NODE), *back;
    uint8_t *bytes = NULL;
    size_t room = 0, len;

    block_add(b, name);
    len = block_encode(b, &bytes, &room);
    back = block_decode(GW_NODE, bytes, len, NULL);
    block_free(b);
    free(bytes);
    return back;
}

static const char *const names[] = { "n14",  "서버-7", "µ¢é", "n14 \xef\xbf\xbd",
                                     "x─y", "😀" };

START_TEST(a_name_comes_back)
{
    struct block *b = through_bytes(names[_i]);

    ck_assert_ptr_nonnull(b);
    ck_assert_str_eq(block_name(b, 0), names[_i]);
    block_free(b);
}
END_TEST

/* U+009B is to some terminals what ESC [ is. */
static const char *const harmful[] = {
    "n\033[31m",
    "n\n14",
    "n\x7f",
    "n\xc2\x9b[m",
    "\xc2\x80",
    "a-name-of-seventy-letters-and-more-so-that-it-is-looked-at-in-strides-\xc2\x9f",
    "n\xd8\x9c",          /* U+061C to U+2069: the order of letters */
    "n\xe2\x80\x8e",
    "n\xe2\x80\x8f",
    "n\xe2\x80\xaa",
    "n\xe2\x80\xae",
    "n\xe2\x81\xa6",
    "n\xe2\x81\xa9",
    "n\xc2\xad",          /* seen by nobody: a soft hyphen, a joiner, a mark of order, */
    "n\xe2\x80\x8b",
    "n\xef\xbb\xbf",
    "n\xf3\xa0\x81\xa1",  /* a tag */
    "n\xe2\x80\xa8",      /* ends of lines */
    "n\xe2\x80\xa9",
    "n\x9b",              /* no UTF-8 */
    "n\xe2\x80",
    "n\xc0\x9b",
    "n\xed\xa0\x80",
};

START_TEST(what_would_change_how_others_are_read_is_damage)
{
    ck_assert_ptr_null(through_bytes(harmful[_i]));
}
END_TEST

/* U+011B is the bytes c4 9b, of which the last is a control of eight bits. */
START_TEST(a_name_that_begins_within_a_letter_is_damage)
{
    struct block *b = block_new(GW_NODE), *back;
    uint8_t *bytes = NULL;
    size_t room = 0, len;

    block_add(b, "ě31m");
    b->names[0]++;
    len = block_encode(b, &bytes, &room);
    back = block_decode(GW_NODE, bytes, len, NULL);
    ck_assert_ptr_null(back);
    block_free(b);
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("block");
    TCase *c = tcase_create("block");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(c, a_name_comes_back, 0, sizeof(names) / sizeof(*names));
    tcase_add_loop_test(c, what_would_change_how_others_are_read_is_damage, 0,
                        sizeof(harmful) / sizeof(*harmful));
    tcase_add_test(c, a_name_that_begins_within_a_letter_is_damage);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
