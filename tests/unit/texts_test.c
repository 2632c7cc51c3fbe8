/* Texts by number: what is swept is gone, and all that is left is found. */
#include "model/inside.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"

enum { TEXTS = 20000, ROUNDS = 40 };

static unsigned seed = 1;

static unsigned one_of(unsigned count)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % count;
}

static const char *called(unsigned number)
{
    static char text[40];

    snprintf(text, sizeof(text), "text %u %x", number, number * 2654435761U);
    return text;
}

static void add_some(struct texts *t, uint32_t ids[TEXTS])
{
    for (unsigned i = 0; i < TEXTS / 4; i++) {
        unsigned number = one_of(TEXTS);

        ids[number] = number % 2 ? texts_id(t, called(number))
                                 : texts_id_of_one(t, called(number));
    }
}

static void sweep_a_third(struct texts *t, uint32_t ids[TEXTS])
{
    unsigned char *marks = xcalloc(t->count, 1);

    for (unsigned i = 0; i < TEXTS; i++)
        if (one_of(3))
            marks[ids[i]] = 1;
        else
            ids[i] = 0;
    texts_sweep(t, marks);
    free(marks);
}

START_TEST(what_is_swept_is_gone_and_the_rest_is_found)
{
    static uint32_t ids[TEXTS];
    struct texts t = { 0 };

    for (int round = 0; round < ROUNDS; round++) {
        add_some(&t, ids);
        sweep_a_third(&t, ids);
        for (unsigned i = 0; i < TEXTS; i++) {
            ck_assert_uint_eq(texts_find(&t, called(i)), ids[i]);
            if (ids[i])
                ck_assert_str_eq(texts_of(&t, ids[i]), called(i));
        }
    }
    texts_free(&t);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("texts");
    TCase *c = tcase_create("texts");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(c, what_is_swept_is_gone_and_the_rest_is_found);
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
