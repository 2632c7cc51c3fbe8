/* Numbers, durations and times as words; and times read back. */
#include "base/text.h"
#include "base/unit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char unknown[] = "—";

/* Ends what snprintf wrote: the bytes that are really there. */
static size_t written(int len, size_t room)
{
    if (len < 0 || room == 0)
        return 0;
    return (size_t)len < room ? (size_t)len : room - 1;
}

static size_t say(char *to, size_t room, const char *text)
{
    return written(snprintf(to, room, "%s", text), room);
}

size_t text_number(char *to, size_t room, double value)
{
    double size = fabs(value);
    int decimals;

    if (!isfinite(value))
        return say(to, room, unknown);
    if (size >= 99.95 || rint(size) == size)
        return written(snprintf(to, room, "%.0f", value == 0 ? 0.0 : value), room);
    if (size < 1e-6)
        return written(snprintf(to, room, "%.0e", value), room);
    decimals = size >= 9.995      ? 1
               : size >= 0.9995   ? 2
               : size >= 0.09995  ? 3
               : size >= 0.009995 ? 4
                                  : 6;
    return written(snprintf(to, room, "%.*f", decimals, value), room);
}

size_t text_watts(char *to, size_t room, double watts)
{
    double scale;
    const char *unit = unit_scale(UNIT_W, watts, &scale);
    char number[24];

    text_number(number, sizeof(number), watts / scale);
    return written(snprintf(to, room, isfinite(watts) ? "%s %s" : "%s", number, unit),
                   room);
}

double text_share_percent(double share)
{
    /* Shares are kept as floats: .29 of one is a little less. */
    double percent = floor(1000 * share + 1e-3) / 10;

    if (share > 0 && share < 1)
        return fmin(fmax(percent, .1), 99.9);
    return percent;
}

size_t text_probability(char *to, size_t room, double p)
{
    if (!isfinite(p))
        return say(to, room, unknown);
    if (p >= 1)
        return say(to, room, "1.0");
    if (p >= 0.995)
        return say(to, room, ">.99");
    if (p < 0.005)
        return say(to, room, "<.01");
    return written(snprintf(to, room, ".%02d", (int)lrint(p * 100)), room);
}

static size_t say_positive(char *to, size_t room, double s)
{
    long minutes = lrint(floor(s / 60));

    if (s > 0 && s < 0.9995)
        return written(snprintf(to, room, "%.0fms", s * 1000), room);
    if (s < 59.5)
        return written(snprintf(to, room, "%.0fs", s), room);
    if (minutes < 60)
        return written(snprintf(to, room, "%ldm", minutes ? minutes : 1), room);
    if (minutes < 48 * 60)
        return written(snprintf(to, room, "%ldh%02ld", minutes / 60, minutes % 60), room);
    return written(snprintf(to, room, "%ldd", minutes / (24 * 60)), room);
}

size_t text_duration(char *to, size_t room, double seconds)
{
    if (!(fabs(seconds) < 1e12))
        return say(to, room, unknown);
    if (seconds >= 0 || room < 2)
        return say_positive(to, room, fabs(seconds));
    to[0] = '-';
    return 1 + say_positive(to + 1, room - 1, -seconds);
}

/* False: not a time that a calendar of four-digit years knows. */
static bool calendar(double seconds, struct tm *tm)
{
    time_t t;

    if (!(seconds >= -62135596800.0 && seconds < 253402300800.0))
        return false;
    t = (time_t)floor(seconds);
    return gmtime_r(&t, tm) != NULL;
}

size_t text_time(char *to, size_t room, double seconds)
{
    struct tm tm;
    char text[32];

    if (!calendar(seconds, &tm) ||
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return say(to, room, unknown);
    return say(to, room, text);
}

size_t text_clock(char *to, size_t room, double seconds)
{
    struct tm tm;

    if (!calendar(seconds, &tm))
        return say(to, room, unknown);
    return written(snprintf(to, room, "%02d:%02d", tm.tm_hour, tm.tm_min), room);
}

size_t text_when(char *to, size_t room, double seconds, double now)
{
    struct tm tm, today;

    if (!calendar(seconds, &tm) || !calendar(now, &today))
        return text_clock(to, room, seconds);
    if (fabs(seconds - now) < 86400 / 2)
        return text_clock(to, room, seconds);
    if (tm.tm_year != today.tm_year)
        return written(snprintf(to, room, "%04d-%02d-%02d", tm.tm_year + 1900,
                                tm.tm_mon + 1, tm.tm_mday),
                       room);
    return written(snprintf(to, room, "%02d-%02d %02d:%02d", tm.tm_mon + 1, tm.tm_mday,
                            tm.tm_hour, tm.tm_min),
                   room);
}

/* ---- reading ---- */

/* Exactly `digits` digits, not above `most`; moves *text. -1: something else stands
 * there. */
static int take_digits(const char **text, int digits, int most)
{
    int number = 0;

    for (int i = 0; i < digits; i++) {
        if ((*text)[i] < '0' || (*text)[i] > '9')
            return -1;
        number = number * 10 + ((*text)[i] - '0');
    }
    *text += digits;
    return number <= most ? number : -1;
}

static bool take(const char **text, const char *any)
{
    if (!**text || !strchr(any, **text))
        return false;
    ++*text;
    return true;
}

/* "14:05", "14:05:32", "14:05:32.25": seconds of the day, or NAN. */
static double take_clock(const char **text)
{
    int hour = take_digits(text, 2, 23);
    int minute = hour >= 0 && take(text, ":") ? take_digits(text, 2, 59) : -1;
    double second = 0, place = 0.1;

    if (minute < 0)
        return NAN;
    if (take(text, ":"))
        second = take_digits(text, 2, 60);
    if (second < 0)
        return NAN;
    if (take(text, "."))
        for (; **text >= '0' && **text <= '9'; ++*text, place /= 10)
            second += place * (**text - '0');
    return hour * 3600 + minute * 60 + second;
}

/* "Z", "+02:00": seconds east of Greenwich, or NAN. */
static double take_zone(const char **text)
{
    double sign = **text == '-' ? -1 : 1, east;

    if (take(text, "Zz"))
        return 0;
    if (!take(text, "+-"))
        return NAN;
    east = take_clock(text);
    return sign * east;
}

static double take_date_time(const char *text)
{
    struct tm tm = { .tm_year = take_digits(&text, 4, 9999) - 1900 };
    double day, clock, zone = 0;
    int named;

    tm.tm_mon = take(&text, "-") ? take_digits(&text, 2, 12) - 1 : -1;
    tm.tm_mday = tm.tm_mon >= 0 && take(&text, "-") ? take_digits(&text, 2, 31) : 0;
    named = tm.tm_mday;
    day = (double)timegm(&tm);
    /* the 30th of February would be the 2nd of March */
    if (named < 1 || tm.tm_mday != named)
        return NAN;
    if (!*text)
        return day;
    if (!take(&text, "Tt "))
        return NAN;
    clock = take_clock(&text);
    if (*text)
        zone = take_zone(&text);
    return *text ? NAN : day + clock - zone;
}

/* "14:05" and no more. */
static double take_time_of_day(const char *text)
{
    double clock = take_clock(&text);

    return !*text || strcmp(text, "Z") == 0 ? clock : NAN;
}

double text_parse_time(const char *text, double now)
{
    enum unit unit;
    double value;
    size_t used;

    if (strcmp(text, "now") == 0)
        return now;
    if (text[0] == '-' || text[0] == '+') {
        used = unit_parse(text, &value, &unit);
        return used && !text[used] && unit == UNIT_S ? now + value : NAN;
    }
    value = take_time_of_day(text);
    if (!isnan(value))
        return floor(now / 86400) * 86400 + value;
    return strlen(text) >= 10 ? take_date_time(text) : NAN;
}

double text_parse_past(const char *text, double now)
{
    double at = text_parse_time(text, now);

    return at > now && !isnan(take_time_of_day(text)) ? at - 86400 : at;
}

/* ---- in a shell, in a query ---- */

/* With quotes inside closed, escaped and opened again: 'it'\''s'. */
void text_shell_word(char *to, size_t room, const char *text)
{
    size_t used = 0;

    to[used++] = '\'';
    for (; *text && used + 6 < room; text++) {
        if (*text == '\'') {
            memcpy(to + used, "'\\'", 3);
            used += 3;
        }
        to[used++] = *text;
    }
    to[used++] = '\'';
    to[used] = '\0';
}

size_t text_escaped(char *to, size_t room, const char *text)
{
    size_t used = 0;

    for (; *text && used + 3 <= room; text++) {
        if (*text == '"' || *text == '\\')
            to[used++] = '\\';
        to[used++] = *text;
    }
    to[used] = '\0';
    return used;
}
