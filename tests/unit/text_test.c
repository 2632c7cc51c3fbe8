/* What text from outside becomes, and how numbers, times and ranges read. */
#include "base/text.h"
#include "base/text_sort.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char out[4096];

static const char *clean(const char *from)
{
    text_clean(out, sizeof(out), from, strlen(from));
    return out;
}

START_TEST(plain_text_stays_as_it_is)
{
    ck_assert_str_eq(clean("n14/3 NVIDIA H100"), "n14/3 NVIDIA H100");
    ck_assert_uint_eq(text_clean(out, sizeof(out), "abc", 3), 3);
    ck_assert_str_eq(clean(""), "");
}
END_TEST

START_TEST(nothing_that_moves_a_cursor_passes)
{
    ck_assert_str_eq(clean("\033[2Jx"), "\xEF\xBF\xBD[2Jx");
    ck_assert_str_eq(clean("a\tb\nc\x7f"), "a\xEF\xBF\xBD"
                                           "b\xEF\xBF\xBD"
                                           "c\xEF\xBF\xBD");
    ck_assert_str_eq(clean("\xC2\x9B"
                           "31m"),
                     "\xEF\xBF\xBD"
                     "31m"); /* C1: CSI */
    ck_assert_uint_eq(text_clean(out, sizeof(out), "a\0b", 3), 5);
    ck_assert_str_eq(out, "a\xEF\xBF\xBD"
                          "b");
}
END_TEST

START_TEST(nothing_that_hides_or_turns_text_passes)
{
    static const char *const bad[] = { "\u202E", "\u2066",    "\u2069", "\u200B",
                                       "\u200D", "\u200F",    "\uFEFF", "\u2028",
                                       "\u00AD", "\U000E0041" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_str_eq(clean(bad[i]), "\xEF\xBF\xBD");
}
END_TEST

START_TEST(invalid_bytes_become_replacements)
{
    ck_assert_str_eq(clean("\xff"), "\xEF\xBF\xBD");
    ck_assert_str_eq(clean("a\xC3"), "a\xEF\xBF\xBD");
    ck_assert_ptr_nonnull(
        strstr(clean("x\xED\xA0\x80y"), "\xEF\xBF\xBD"));             /* a surrogate */
    ck_assert_ptr_nonnull(strstr(clean("\xC0\xAF"), "\xEF\xBF\xBD")); /* overlong */
}
END_TEST

START_TEST(text_is_normalised)
{
    ck_assert_str_eq(clean("Mu\xCC\x88ller"), "Müller");
    ck_assert_str_eq(clean("\u1100\u1161"), "가");
    /* Marks in another order are the same text. */
    ck_assert_str_eq(clean("q\u0307\u0323"), "q\u0323\u0307");
    ck_assert_str_eq(clean("東京"), "東京");
}
END_TEST

START_TEST(a_cut_is_at_the_end_of_a_character)
{
    ck_assert_uint_eq(text_clean(out, 4, "abcdef", 6), 3);
    ck_assert_str_eq(out, "abc");
    ck_assert_uint_eq(text_clean(out, 5, "ab東", 5), 2);
    ck_assert_str_eq(out, "ab");
    ck_assert_uint_eq(text_clean(out, 3, "a\033", 2), 2);
    ck_assert_str_eq(out, "a?");
    ck_assert_uint_eq(text_clean(out, 1, "a", 1), 0);
    ck_assert_str_eq(out, "");
    out[0] = 'x';
    ck_assert_uint_eq(text_clean(out, 0, "a", 1), 0);
    ck_assert_int_eq(out[0], 'x');
}
END_TEST

START_TEST(what_is_added_stays_within_its_room)
{
    char text[8] = "", full[3] = "ab";

    text_add(text, sizeof(text), "%s%d", "n", 14);
    ck_assert_str_eq(text, "n14");
    text_add(text, sizeof(text), "; %s", "東京");
    ck_assert_str_eq(text, "n14; ");
    for (int i = 0; i < 3; i++)
        text_add(text, sizeof(text), "%s", "abc");
    ck_assert_str_eq(text, "n14; ab");
    text_add(full, sizeof(full), "c");
    ck_assert_str_eq(full, "ab");
    text_add(full, 0, "c");
    ck_assert_str_eq(full, "ab");
}
END_TEST

START_TEST(a_thousand_marks_are_survived)
{
    char zalgo[2001] = "a";

    for (int i = 0; i < 900; i++)
        memcpy(zalgo + 1 + i * 2, i & 1 ? "\xCC\xA3" : "\xCC\x87", 3);
    ck_assert_uint_gt(strlen(clean(zalgo)), 1000);
    ck_assert_uint_lt(text_clean(out, 20, zalgo, strlen(zalgo)), 20);
}
END_TEST

START_TEST(width_counts_cells_not_bytes)
{
    ck_assert_int_eq(text_width("abc"), 3);
    ck_assert_int_eq(text_width("Müller"), 6);
    ck_assert_int_eq(text_width("東京"), 4);
    ck_assert_int_eq(text_width("q\u0323"), 1);
    ck_assert_int_eq(text_width("▕█▏⣿—"), 5);
    ck_assert_uint_eq(text_fit("東京", 3), 3);
    ck_assert_uint_eq(text_fit("abc", 2), 2);
    ck_assert_uint_eq(text_fit("q\u0323x", 1), 3);
    ck_assert_uint_eq(text_fit("abc", 0), 0);
}
END_TEST

START_TEST(points_read_back_as_written)
{
    static const uint32_t points[] = { 'a', 0xfc, 0x6771, 0x1F600 };
    const char *at = "aü東😀";
    char bytes[4];

    for (size_t i = 0; i < 4; i++) {
        const char *start = at;
        ck_assert_uint_eq(text_next(&at), points[i]);
        ck_assert_uint_eq(text_put(bytes, points[i]), (size_t)(at - start));
        ck_assert_mem_eq(bytes, start, (size_t)(at - start));
    }
    ck_assert_uint_eq(text_next(&at), 0);
    ck_assert_uint_eq(text_next(&at), 0);
    at = "\xff.";
    ck_assert_uint_eq(text_next(&at), 0xFFFD);
    ck_assert_uint_eq(text_next(&at), '.');
}
END_TEST

START_TEST(n2_stands_before_n10)
{
    ck_assert_int_lt(text_natural("n2", "n10"), 0);
    ck_assert_int_lt(text_natural("n10", "n010x"), 0);
    ck_assert_int_lt(text_natural("n14/9", "n14/10"), 0);
    ck_assert_int_lt(text_natural("a", "ab"), 0);
    ck_assert_int_gt(text_natural("rack-2-n1", "rack-1-n200"), 0);
    ck_assert_int_ne(text_natural("n1", "n01"), 0);
    ck_assert_int_eq(text_natural("n1", "n01"), -text_natural("n01", "n1"));
    ck_assert_int_eq(text_natural("n01", "n01"), 0);
    ck_assert_int_lt(text_natural("x99999999999999999998", "x99999999999999999999"), 0);
}
END_TEST

static void write_any(char to[16], uint64_t *dice)
{
    static const char letters[] = "0019ab-/:\xc3";
    size_t len = 0;

    for (*dice = *dice * 6364136223846793005u + 1442695040888963407u;
         len < (*dice >> 59) % 15; len++) {
        *dice = *dice * 6364136223846793005u + 1442695040888963407u;
        to[len] = letters[(*dice >> 40) % (sizeof(letters) - 1)];
    }
    to[len] = '\0';
}

START_TEST(first_letters_as_a_number_sort_as_texts_do)
{
    size_t told_apart = 0;
    uint64_t dice = 7;

    for (int i = 0; i < 100000; i++) {
        char a[16], b[16];
        int order;
        uint64_t x, y;

        write_any(a, &dice);
        write_any(b, &dice);
        order = text_natural(a, b);
        x = text_natural_key(a);
        y = text_natural_key(b);
        ck_assert_msg(x == y || (x < y) == (order < 0), "%s %s", a, b);
        told_apart += x != y;
    }
    ck_assert_uint_gt(told_apart, 90000);
}
END_TEST

/* ---- sorting many ---- */

enum { TEXTS = 20000 };

static const char *text_of(const void *of, uint32_t number)
{
    return ((char (*)[40])of)[number];
}

/* By what tells them apart: the first letters, or only those behind many that are the
 * same, or numbers. */
static void write_one_of_many(char to[40], int kind, uint64_t *dice)
{
    *dice = *dice * 6364136223846793005u + 1442695040888963407u;
    if (kind == 0)
        write_any(to, dice);
    else if (kind == 1)
        snprintf(to, 40, "GPU-%08x-%04x", (unsigned)(*dice >> 32),
                 (unsigned)(*dice >> 20) & 0xffff);
    else if (kind == 2)
        snprintf(to, 40, "%c-common-start-%u/%u", 'a' + (int)(*dice >> 62),
                 (unsigned)(*dice >> 50) % 300, (unsigned)(*dice >> 40) % 8);
    else
        snprintf(to, 40, "n%u", (unsigned)(*dice >> 32));
}

START_TEST(many_texts_are_sorted_as_two_are)
{
    char(*texts)[40] = calloc(TEXTS, sizeof(*texts));
    uint32_t *numbers = calloc(TEXTS, sizeof(*numbers));
    uint64_t dice = 11;

    for (int kind = 0; kind < 4; kind++)
        for (uint32_t count = 0; count <= TEXTS; count += count < 3 ? 1 : 1999) {
            for (uint32_t i = 0; i < count; i++) {
                write_one_of_many(texts[i], kind, &dice);
                numbers[i] = count - 1 - i;
            }
            text_sort(&(struct text_list){ .text = text_of, .of = texts }, numbers,
                      count);
            for (uint32_t i = 1; i < count; i++) {
                int order = text_natural(texts[numbers[i - 1]], texts[numbers[i]]);

                ck_assert(order < 0 || (order == 0 && numbers[i - 1] < numbers[i]));
            }
        }
    free(texts);
    free(numbers);
}
END_TEST

enum { MANY_TEXTS = 1 << 18 };

struct noise {
    char texts[MANY_TEXTS][9];
    unsigned *pauses;
};

static const char *noise_of(const void *of, uint32_t number)
{
    return ((const struct noise *)of)->texts[number];
}

static void count_pause(const void *of)
{
    ++*((const struct noise *)of)->pauses;
}

/* Its work is to go over all of them ten times: to look what they begin with, twice to
 * pack them, in each of three passes twice, and where some are the same. */
START_TEST(who_waits_for_many_texts_waits_for_a_piece_of_the_work)
{
    enum { PIECE = 1 << 14, TIMES = 10 };
    struct noise *noise = calloc(1, sizeof(*noise));
    uint32_t *numbers = calloc(MANY_TEXTS, sizeof(*numbers));
    unsigned pauses = 0;

    for (uint32_t i = 0; i < MANY_TEXTS; i++) {
        numbers[i] = i;
        snprintf(noise->texts[i], sizeof(noise->texts[i]), "%08x", i * 2654435761u);
    }
    noise->pauses = &pauses;
    text_sort(&(struct text_list){ noise_of, count_pause, noise }, numbers, MANY_TEXTS);
    ck_assert_uint_ge(pauses, TIMES * (MANY_TEXTS / PIECE));
    free(numbers);
    free(noise);
}
END_TEST

START_TEST(search_finds_what_is_there_wherever_it_is)
{
    static const char *const parts[] = { "Ab", "a", "@b", "zZz", "\xc3\xa4", "--", "0" };
    char text[64];

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        for (int before = 0; before < 20; before++)
            for (int behind = 0; behind < 20; behind++) {
                snprintf(text, sizeof(text), "%.*s%s%.*s", before,
                         "q.q.q.q.q.q.q.q.q.q.q", parts[i], behind,
                         "`bq`bq`bq`bq`bq`bq`bq`bq");
                ck_assert(text_contains(text, parts[i]));
                text[before] = '\x7f';
                ck_assert(!text_contains(text, parts[i]));
            }
}
END_TEST

START_TEST(search_forgets_case)
{
    ck_assert(text_contains("NVIDIA H100", "h1"));
    ck_assert(text_contains("x", ""));
    ck_assert(text_contains("aab", "AB"));
    ck_assert(!text_contains("aab", "aabb"));
    ck_assert(!text_contains("", "a"));
    ck_assert(!text_contains("NVIDIA H100 and@more", "dA"));
}
END_TEST

START_TEST(hashes_differ_and_are_never_zero)
{
    ck_assert_uint_ne(text_hash("n1", 2), text_hash("n2", 2));
    ck_assert_uint_ne(text_hash("", 0), 0);
    ck_assert_uint_eq(text_hash("n1x", 2), text_hash("n1y", 2));
}
END_TEST

START_TEST(only_what_is_plain_has_a_plain_hash)
{
    char text[41];

    memset(text, 'x', sizeof(text));
    for (size_t len = 0; len < sizeof(text); len++)
        for (size_t at = 0; at < len; at++)
            for (int byte = 0; byte < 256; byte++) {
                uint64_t right;

                text[at] = (char)byte;
                right = byte >= ' ' && byte <= '~' ? text_hash(text, len) : 0;
                if (text_plain_hash(text, len) != right ||
                    text_is_plain(text, len) != (right != 0))
                    ck_abort_msg("byte %d at %zu of %zu", byte, at, len);
                text[at] = 'x';
            }
    ck_assert_uint_eq(text_plain_hash("", 0), text_hash("", 0));
}
END_TEST

static void list(void *arg, const char *name)
{
    char *to = arg;
    size_t len = strlen(to);

    snprintf(to + len, sizeof(out) - len, "%s%s", len ? " " : "", name);
}

static const char *expanded(const char *pattern)
{
    char why[128];

    out[0] = '\0';
    return text_expand(pattern, list, out, why) < 0 ? memcpy(out, why, sizeof(why)) : out;
}

START_TEST(ranges_expand_in_order)
{
    ck_assert_str_eq(expanded("rack[008-011]"), "rack008 rack009 rack010 rack011");
    ck_assert_str_eq(expanded("n[1-2,7]-gpu[0-1]"),
                     "n1-gpu0 n1-gpu1 n2-gpu0 n2-gpu1 n7-gpu0 n7-gpu1");
    ck_assert_str_eq(expanded("n[9-11]"), "n9 n10 n11");
    ck_assert_str_eq(expanded("feed-[A,B]"), "feed-A feed-B");
    ck_assert_str_eq(expanded("n14"), "n14");
    ck_assert_int_eq(text_expand("n[1-1000][1-1000]", NULL, NULL, (char[128]){ 0 }),
                     1000000);
}
END_TEST

START_TEST(a_wrong_range_is_refused_in_words)
{
    ck_assert_str_eq(
        expanded("n[1-"),
        "expected the end of the range, and the text ends; a range is written as n[1-64]");
    ck_assert_str_eq(expanded("n[3-1]"), "range runs backwards at \"3-1]\"");
    ck_assert_str_eq(expanded("n[]"), "expected a number or a word at \"]\"");
    ck_assert_str_eq(expanded("n1]"), "] without [ at \"]\"");
    ck_assert_str_eq(expanded("n[1"), "expected , or ] after a range at \"[1\"");
    ck_assert_str_eq(expanded("n[0-999999999]"), "stands for more than 1000000 names");
    ck_assert_str_eq(expanded("n[1-1000][1-1001]"), "stands for more than 1000000 names");
    ck_assert_str_eq(expanded("n[9999999999]"), "number too long at \"9999999999]\"");
}
END_TEST

static const char *number(double value)
{
    text_number(out, sizeof(out), value);
    return out;
}

START_TEST(numbers_have_three_digits)
{
    ck_assert_str_eq(number(412.6), "413");
    ck_assert_str_eq(number(54.83), "54.8");
    ck_assert_str_eq(number(99.96), "100");
    ck_assert_str_eq(number(9.996), "10.0");
    ck_assert_str_eq(number(5.237), "5.24");
    ck_assert_str_eq(number(0.0213), "0.0213");
    ck_assert_str_eq(number(-54.83), "-54.8");
    ck_assert_str_eq(number(0), "0");
    ck_assert_str_eq(number(-0.0), "0");
    ck_assert_str_eq(number(9612), "9612");
    ck_assert_str_eq(number(NAN), "—");
    ck_assert_str_eq(number(INFINITY), "—");
}
END_TEST

static const char *watts(double value)
{
    text_watts(out, sizeof(out), value);
    return out;
}

START_TEST(watts_have_the_prefix_that_reads_well_and_none_where_they_are_unknown)
{
    ck_assert_str_eq(watts(54830), "54.8 kW");
    ck_assert_str_eq(watts(999.6), "1.00 kW");
    ck_assert_str_eq(watts(-1.25e6), "-1.25 MW");
    ck_assert_str_eq(watts(0), "0 W");
    ck_assert_str_eq(watts(NAN), "—");
}
END_TEST

START_TEST(a_share_is_whole_only_where_all_is_there)
{
    ck_assert_str_eq(number(text_share_percent(1)), "100");
    ck_assert_str_eq(number(text_share_percent(36863 / 36864.)), "99.9");
    ck_assert_str_eq(number(text_share_percent((double)(float)(1 - 1e-7))), "99.9");
    ck_assert_str_eq(number(text_share_percent(1e-6)), "0.100");
    ck_assert_str_eq(number(text_share_percent(0)), "0");
    ck_assert_str_eq(number(text_share_percent((double).29f)), "29");
    ck_assert_str_eq(number(text_share_percent(NAN)), "—");
}
END_TEST

static const char *probability(double p)
{
    text_probability(out, sizeof(out), p);
    return out;
}

static const char *duration(double s)
{
    text_duration(out, sizeof(out), s);
    return out;
}

START_TEST(probabilities_and_durations_are_short)
{
    ck_assert_str_eq(probability(.34), ".34");
    ck_assert_str_eq(probability(.001), "<.01");
    ck_assert_str_eq(probability(.999), ">.99");
    ck_assert_str_eq(probability(1), "1.0");
    ck_assert_str_eq(probability(NAN), "—");
    ck_assert_str_eq(duration(8), "8s");
    ck_assert_str_eq(duration(0), "0s");
    ck_assert_str_eq(duration(.05), "50ms");
    ck_assert_str_eq(duration(59.7), "1m");
    ck_assert_str_eq(duration(360), "6m");
    ck_assert_str_eq(duration(2 * 3600 + 4 * 60), "2h04");
    ck_assert_str_eq(duration(3 * 86400 + 5), "3d");
    ck_assert_str_eq(duration(-90), "-1m");
    ck_assert_str_eq(duration(NAN), "—");
}
END_TEST

START_TEST(times_are_utc_and_read_back)
{
    double now = 1790000000; /* 2026-09-21T14:13:20Z */

    text_time(out, sizeof(out), now);
    ck_assert_str_eq(out, "2026-09-21T14:13:20Z");
    ck_assert_double_eq(text_parse_time(out, 0), now);
    text_when(out, sizeof(out), now - 86400, now);
    ck_assert_str_eq(out, "09-20 14:13");
    text_when(out, sizeof(out), now - 3600, now);
    ck_assert_str_eq(out, "13:13");
    text_when(out, sizeof(out), now - 11 * 3600, now);
    ck_assert_str_eq(out, "03:13");
    text_when(out, sizeof(out), now + 11 * 3600, now);
    ck_assert_str_eq(out, "01:13"); /* of the next day, but no other 01:13 is so near */
    text_when(out, sizeof(out), now - 20 * 3600, now);
    ck_assert_str_eq(out, "09-20 18:13"); /* today's is nearer */
    text_when(out, sizeof(out), now + 20 * 3600, now);
    ck_assert_str_eq(out, "09-22 10:13");
    /* the last minutes of a year, seen from the next */
    text_when(out, sizeof(out), 1798761600 - 600, 1798761600);
    ck_assert_str_eq(out, "23:50");
    text_when(out, sizeof(out), now - 365 * 86400.0, now);
    ck_assert_str_eq(out, "2025-09-21");
    text_clock(out, sizeof(out), now);
    ck_assert_str_eq(out, "14:13");
    text_time(out, sizeof(out), NAN);
    ck_assert_str_eq(out, "—");
    ck_assert_double_eq(text_parse_time("now", now), now);
    ck_assert_double_eq(text_parse_time("-15m", now), now - 900);
    ck_assert_double_eq(text_parse_time("14:05", now), now - 500);
    ck_assert_double_eq(text_parse_time("2026-09-21T16:13:20+02:00", 0), now);
    ck_assert_double_eq(text_parse_time("2026-09-21T14:13:20.5Z", 0), now + .5);
    ck_assert_double_eq(text_parse_time("2026-09-21", 0), 1789948800);
    ck_assert_double_nan(text_parse_time("yesterday", now));
    ck_assert_double_nan(text_parse_time("25:00", now));
    ck_assert_double_nan(text_parse_time("-15", now));
    ck_assert_double_nan(text_parse_time("-15W", now));
    ck_assert_double_nan(text_parse_time("2026-13-01", now));
    ck_assert_double_nan(text_parse_time("2026-02-30", now));
    ck_assert_double_nan(text_parse_time("2026-02-29T14:05:00Z", now));
    ck_assert_double_eq(text_parse_time("2028-02-29", now), 1835395200);
    ck_assert_double_nan(text_parse_time("2026-09-21T14:13:20Zx", now));
    ck_assert_double_nan(text_parse_time("", now));
}
END_TEST

START_TEST(a_time_of_day_that_has_been_is_the_last_one)
{
    const double midnight = 1789948800, now = midnight + 300;

    ck_assert_double_eq(text_parse_past("23:50", now), midnight - 600);
    ck_assert_double_eq(text_parse_past("23:50Z", now), midnight - 600);
    ck_assert_double_eq(text_parse_past("00:05", now), now);
    ck_assert_double_eq(text_parse_past("00:06", now), midnight + 360 - 86400);
    ck_assert_double_eq(text_parse_past("-15m", now), now - 900);
    /* what names its day, or is to come, stays */
    ck_assert_double_eq(text_parse_past("2026-09-21T23:50:00Z", now), midnight + 85800);
    ck_assert_double_eq(text_parse_past("+15m", now), now + 900);
    ck_assert_double_nan(text_parse_past("25:00", now));
    ck_assert_double_eq(text_parse_time("23:50", now), midnight + 85800);
}
END_TEST

START_TEST(a_pattern_is_all_of_a_text_without_case)
{
    ck_assert(text_matches("Rack-*", 6, "rack-14"));
    ck_assert(text_matches("*.site.example", 14, "a.b.Site.example"));
    ck_assert(text_matches("n?", 2, "n1") && !text_matches("n?", 2, "n14"));
    ck_assert(!text_matches("rack", 4, "rack-14") && !text_matches("rack-14", 7, "rack"));
    ck_assert(text_matches("n*|rest", 2, "n14")); /* of so many bytes */
    ck_assert(text_matches("[a]", 3, "[a]") && !text_matches("[a]", 3, "a"));
    ck_assert(text_matches("*", 1, "") && text_matches("", 0, "") &&
              !text_matches("", 0, "n"));
}
END_TEST

START_TEST(a_word_of_a_shell_holds_whatever_it_was_told)
{
    char word[40], small[12];

    text_shell_word(word, sizeof(word), "it's $(a)\nb");
    ck_assert_str_eq(word, "'it'\\''s $(a)\nb'");
    text_shell_word(word, sizeof(word), "");
    ck_assert_str_eq(word, "''");
    text_shell_word(small, sizeof(small), "abcdefghijklmnop");
    ck_assert(strlen(small) < sizeof(small) && text_ends(small, "'"));
    text_shell_word(small, sizeof(small), "''");
    ck_assert(strlen(small) < sizeof(small) && text_ends(small, "'"));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *c = tcase_create("text");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(c, plain_text_stays_as_it_is);
    tcase_add_test(c, nothing_that_moves_a_cursor_passes);
    tcase_add_test(c, nothing_that_hides_or_turns_text_passes);
    tcase_add_test(c, invalid_bytes_become_replacements);
    tcase_add_test(c, text_is_normalised);
    tcase_add_test(c, a_cut_is_at_the_end_of_a_character);
    tcase_add_test(c, what_is_added_stays_within_its_room);
    tcase_add_test(c, a_thousand_marks_are_survived);
    tcase_add_test(c, width_counts_cells_not_bytes);
    tcase_add_test(c, points_read_back_as_written);
    tcase_add_test(c, n2_stands_before_n10);
    tcase_add_test(c, first_letters_as_a_number_sort_as_texts_do);
    tcase_add_test(c, many_texts_are_sorted_as_two_are);
    tcase_add_test(c, who_waits_for_many_texts_waits_for_a_piece_of_the_work);
    tcase_add_test(c, search_finds_what_is_there_wherever_it_is);
    tcase_add_test(c, search_forgets_case);
    tcase_add_test(c, hashes_differ_and_are_never_zero);
    tcase_add_test(c, only_what_is_plain_has_a_plain_hash);
    tcase_add_test(c, ranges_expand_in_order);
    tcase_add_test(c, a_wrong_range_is_refused_in_words);
    tcase_add_test(c, numbers_have_three_digits);
    tcase_add_test(c,
                   watts_have_the_prefix_that_reads_well_and_none_where_they_are_unknown);
    tcase_add_test(c, a_share_is_whole_only_where_all_is_there);
    tcase_add_test(c, probabilities_and_durations_are_short);
    tcase_add_test(c, times_are_utc_and_read_back);
    tcase_add_test(c, a_pattern_is_all_of_a_text_without_case);
    tcase_add_test(c, a_word_of_a_shell_holds_whatever_it_was_told);
    tcase_add_test(c, a_time_of_day_that_has_been_is_the_last_one);
    suite_add_tcase(s, c);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
