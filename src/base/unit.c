/* Units. */
#include "base/unit.h"
#include "gigawatch/source.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* clang-format off */
static const struct spelling {
    const char *name;
    enum unit unit;
    double scale;
} spellings[] = {
    { "W", UNIT_W, 1 }, { "kW", UNIT_W, 1e3 }, { "MW", UNIT_W, 1e6 }, { "GW", UNIT_W, 1e9 },
    { "mW", UNIT_W, 1e-3 }, { "uW", UNIT_W, 1e-6 }, { "TW", UNIT_W, 1e12 },
    { "VA", UNIT_VA, 1 }, { "kVA", UNIT_VA, 1e3 }, { "MVA", UNIT_VA, 1e6 },
    { "A", UNIT_A, 1 }, { "mA", UNIT_A, 1e-3 }, { "kA", UNIT_A, 1e3 },
    { "V", UNIT_V, 1 }, { "mV", UNIT_V, 1e-3 }, { "kV", UNIT_V, 1e3 },
    { "J", UNIT_J, 1 }, { "mJ", UNIT_J, 1e-3 }, { "uJ", UNIT_J, 1e-6 }, { "kJ", UNIT_J, 1e3 },
    { "MJ", UNIT_J, 1e6 }, { "GJ", UNIT_J, 1e9 }, { "Wh", UNIT_J, 3.6e3 }, { "kWh", UNIT_J, 3.6e6 },
    { "MWh", UNIT_J, 3.6e9 }, { "GWh", UNIT_J, 3.6e12 },
    { "C", UNIT_C, 1 }, { "°C", UNIT_C, 1 }, { "celsius", UNIT_C, 1 },
    { "B", UNIT_BYTES, 1 }, { "KiB", UNIT_BYTES, 1024 }, { "MiB", UNIT_BYTES, 1048576 },
    { "GiB", UNIT_BYTES, 1073741824 }, { "TiB", UNIT_BYTES, 1099511627776 },
    { "PiB", UNIT_BYTES, 1125899906842624 }, { "bytes", UNIT_BYTES, 1 },
    { "kB", UNIT_BYTES, 1e3 }, { "KB", UNIT_BYTES, 1e3 }, { "MB", UNIT_BYTES, 1e6 },
    { "GB", UNIT_BYTES, 1e9 }, { "TB", UNIT_BYTES, 1e12 },
#define DURATION(name, seconds) { name, UNIT_S, seconds },
    GW_DURATIONS(DURATION)
#undef DURATION
    { "us", UNIT_S, 1e-6 }, { "µs", UNIT_S, 1e-6 }, { "ns", UNIT_S, 1e-9 },
    { "%", UNIT_RATIO, 0.01 }, { "ratio", UNIT_RATIO, 1 },
    { "Hz", UNIT_HZ, 1 }, { "kHz", UNIT_HZ, 1e3 }, { "MHz", UNIT_HZ, 1e6 }, { "GHz", UNIT_HZ, 1e9 },
    { "time", UNIT_TIME, 1 },
    { "B/s", UNIT_BYTES_PER_S, 1 }, { "KiB/s", UNIT_BYTES_PER_S, 1024 },
    { "MiB/s", UNIT_BYTES_PER_S, 1048576 }, { "GiB/s", UNIT_BYTES_PER_S, 1073741824 },
    { "kB/s", UNIT_BYTES_PER_S, 1e3 }, { "KB/s", UNIT_BYTES_PER_S, 1e3 },
    { "MB/s", UNIT_BYTES_PER_S, 1e6 }, { "GB/s", UNIT_BYTES_PER_S, 1e9 },
    { "/s", UNIT_PER_S, 1 }, { "k/s", UNIT_PER_S, 1e3 }, { "M/s", UNIT_PER_S, 1e6 },
    { "G/s", UNIT_PER_S, 1e9 },
    { "", UNIT_NONE, 1 },
};

static const struct about {
    const char *name, *suffix, *known;
    const char *reads[6];       /* spellings to write large and small values in,
                                 * smallest first */
} units[UNITS] = {
    [UNIT_NONE]        = { "", "", "a plain number", { "" } },
    [UNIT_W]           = { "W", "_w", "W kW MW GW", { "W", "kW", "MW", "GW" } },
    [UNIT_VA]          = { "VA", "_va", "VA kVA MVA", { "VA", "kVA", "MVA" } },
    [UNIT_A]           = { "A", "_a", "A kA", { "A", "kA" } },
    [UNIT_V]           = { "V", "_v", "V kV", { "V", "kV" } },
    [UNIT_J]           = { "J", "_j", "J kJ MJ kWh MWh", { "J", "kJ", "kWh", "MWh", "GWh" } },
    [UNIT_C]           = { "C", "_c", "C", { "C" } },
    [UNIT_BYTES]       = { "bytes", "_bytes", "B KiB MiB GiB TiB", { "B", "KiB", "MiB", "GiB", "TiB", "PiB" } },
    [UNIT_S]           = { "s", "_s", "s m h d", { "s" } },
    [UNIT_RATIO]       = { "ratio", "", "% or a number from 0 to 1", { "%" } },
    [UNIT_HZ]          = { "Hz", "_hz", "Hz MHz GHz", { "Hz", "kHz", "MHz", "GHz" } },
    [UNIT_TIME]        = { "time", "", "a time: 14:05, -15m, RFC 3339", { "time" } },
    [UNIT_BYTES_PER_S] = { "bytes/s", "_bytes_per_s", "B/s KiB/s MiB/s GiB/s", { "B/s", "KiB/s", "MiB/s", "GiB/s" } },
    [UNIT_PER_S]       = { "/s", "_per_s", "/s k/s M/s G/s", { "/s", "k/s", "M/s", "G/s" } },
};
/* clang-format on */

bool unit_find(const char *name, size_t len, enum unit *unit, double *scale)
{
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        const struct spelling *s = &spellings[i];

        if (strncmp(s->name, name, len) == 0 && !s->name[len]) {
            *unit = s->unit;
            *scale = s->scale;
            return true;
        }
    }
    return false;
}

const char *unit_name(enum unit unit)
{
    return units[unit].name;
}

const char *unit_suffix(enum unit unit)
{
    return units[unit].suffix;
}

const char *unit_known(enum unit unit)
{
    return units[unit].known;
}

bool unit_is_needed(enum unit unit, double number)
{
    return unit == UNIT_W || unit == UNIT_A || unit == UNIT_VA || unit == UNIT_C ||
           unit == UNIT_BYTES || (unit == UNIT_S && number != 0);
}

void unit_advice(char to[64], enum unit unit, double number)
{
    if (unit == UNIT_S)
        snprintf(to, 64, "%gs or %gm", number, number);
    else
        snprintf(to, 64, "%s", unit_known(unit));
}

const char *unit_scale(enum unit unit, double value, double *scale)
{
    const struct about *about = &units[unit];
    const char *best = about->reads[0];
    enum unit same;

    if (!unit_find(best, strlen(best), &same, scale))
        *scale = 1;
    for (size_t i = 1;
         i < sizeof(about->reads) / sizeof(about->reads[0]) && about->reads[i]; i++) {
        double next;

        /* 999.6 W would be written as 1000 W: three digits want the next prefix. */
        if (!unit_find(about->reads[i], strlen(about->reads[i]), &same, &next) ||
            !(fabs(value) >= next * 0.9995))
            break;
        best = about->reads[i];
        *scale = next;
    }
    return best;
}

/* By hand, for strtod() asks the locale what a decimal point is, and takes "inf" and hex.
 */
static size_t parse_number(const char *text, double *value)
{
    const char *at = text;
    double sign = 1, number = 0, exponent = 0;
    int digits = 0;

    if (*at == '-' || *at == '+')
        sign = *at++ == '-' ? -1 : 1;
    for (; *at >= '0' && *at <= '9'; at++, digits++)
        number = number * 10 + (*at - '0');
    if (*at == '.' && ((at[1] >= '0' && at[1] <= '9') || digits))
        for (at++; *at >= '0' && *at <= '9'; at++, digits++, exponent--)
            number = number * 10 + (*at - '0');
    if (digits == 0)
        return 0;
    if (*at == 'e' || *at == 'E') {
        const char *e = at + 1;
        double minus = *e == '-' ? -1 : 1, power = 0;

        if (*e == '-' || *e == '+')
            e++;
        if (*e >= '0' && *e <= '9') {
            for (; *e >= '0' && *e <= '9'; e++)
                power = power < 1000 ? power * 10 + (*e - '0') : power;
            exponent += minus * power;
            at = e;
        }
    }
    /* Dividing by an exact power of ten rounds once; multiplying by 0.1 would round
     * twice. */
    *value =
        sign * (exponent < 0 ? number / pow(10, -exponent) : number * pow(10, exponent));
    return (size_t)(at - text);
}

static bool is_unit_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '%' || c == '/' ||
           (unsigned char)c >= 0x80;
}

size_t unit_parse(const char *text, double *value, enum unit *unit)
{
    size_t used = parse_number(text, value), len = 0;
    double scale;

    *unit = UNIT_NONE;
    if (used == 0 || !isfinite(*value))
        return 0;
    while (is_unit_byte(text[used + len]))
        len++;
    if (len == 0 || !unit_find(text + used, len, unit, &scale))
        return used;
    /* 90 * 0.01 is not 0.9; 90 / 100 is. */
    *value = scale < 1 ? *value / rint(1 / scale) : *value * scale;
    return used + len;
}

/* As text of one word and of one unit is written; NULL: no unit is. */
static const char *unit_written_as(const char *text, enum unit unit)
{
    for (size_t i = 0;
         i < sizeof(units[0].reads) / sizeof(units[0].reads[0]) && units[unit].reads[i];
         i++)
        if (strcasecmp(units[unit].reads[i], text) == 0)
            return units[unit].reads[i];
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
        if (spellings[i].unit == unit && spellings[i].name[0] &&
            strcasecmp(spellings[i].name, text) == 0)
            return spellings[i].name;
    return NULL;
}

size_t unit_parse_plate(const char *text, double *value, enum unit *unit)
{
    size_t number = strcspn(text, " "), gap = strspn(text + number, " "), used;
    char tight[64];

    if (gap == 0 || strlen(text) >= sizeof(tight))
        return unit_parse(text, value, unit);
    snprintf(tight, sizeof(tight), "%.*s%s", (int)number, text, text + number + gap);
    used = unit_parse(tight, value, unit);
    return used > number ? used + gap : used;
}

void unit_meant(char to[64], const char *text, enum unit unit)
{
    double number;
    size_t used = parse_number(text, &number);
    const char *meant = used && used < 24
                            ? unit_written_as(text + used + strspn(text + used, " "),
                                              unit)
                            : NULL;

    to[0] = '\0';
    if (meant)
        snprintf(to, 64, "; did you mean %.*s%s?", (int)used, text, meant);
}
