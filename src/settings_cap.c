/* A cap as declared: a power, or a mapping that says what is a limit on what. Limits in
 * amps and volt-amperes become watts; what breakers, relays and UPS tolerate is kept as
 * their data sheets say it. */
#include "settings_yaml.h"

#include <math.h>
#include <string.h>

/* no more of the past is kept */
enum { LONGEST_WINDOW_S = TREND_STEP_S * TREND_LENGTH };

/* A device that has forgotten an overload after twenty minutes (thermal imaging of
 * moulded-case breakers). */
static const double usual_forget_s = 1200;

/* A cap while it is read. */
struct draft {
    struct cap cap;
    double volts, power_factor;
    const char *window, *device;        /* the keys that gave them; NULL: none */
};

static int read_cap_window(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct draft *d = arg;

    d->cap.aggregate = CAP_MEAN;
    d->window = "mean_over";
    return reading_number(r, value, UNIT_S, 0, LONGEST_WINDOW_S, &d->cap.window_s);
}

static int read_cap_max(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct draft *d = arg;

    d->cap.aggregate = CAP_MAX;
    d->window = "max_over";
    return reading_number(r, value, UNIT_S, 0, LONGEST_WINDOW_S, &d->cap.window_s);
}

static int read_cap_aligned(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_bool(r, value, &((struct draft *)arg)->cap.aligned);
}

static int read_cap_dwell(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_S, 0, 86400,
                          &((struct draft *)arg)->cap.dwell_s);
}

static int read_cap_clear(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_RATIO, 0, .5, &((struct draft *)arg)->cap.clear);
}

static int read_cap_contingency(struct reading *r, const yaml_node_t *value, void *arg)
{
    const char *word = reading_scalar(r, value, "none or n-1");

    if (!word)
        return -1;
    if (strcmp(word, "none") != 0 && strcmp(word, "n-1") != 0)
        return reading_fail(r, value, "expected none or n-1, got \"%.20s\"", word);
    ((struct draft *)arg)->cap.n1 = word[1] == '-';
    return 0;
}

static int read_volts(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_V, 1, 1e6, &((struct draft *)arg)->volts);
}

static int read_power_factor(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_RATIO, .1, 1,
                          &((struct draft *)arg)->power_factor);
}

static int read_cap_value(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct draft *d = arg;
    const char *text = reading_scalar(r, value, "a limit");
    enum unit unit = UNIT_NONE;
    double number;
    char meant[64];
    size_t used;

    if (!text)
        return -1;
    used = unit_parse_plate(text, &number, &unit);
    unit_meant(meant, text, UNIT_W);
    if (used == 0 || text[used] || (unit != UNIT_W && unit != UNIT_VA && unit != UNIT_A))
        return reading_fail(r, value,
                            "expected a limit with its unit, such as 110MW, 125MVA "
                            "or 630A; got \"%.20s\"%s",
                            text, meant);
    if (!(number > 0))
        return reading_fail(r, value, "a limit must be above 0, got %.20s", text);
    d->cap.unit = unit;
    d->cap.value = number;
    return 0;
}

/* ---- what protective devices tolerate ---- */

/* A cap has one device; `kind` is the key that names it. */
static int take_device(struct reading *r, const yaml_node_t *at, struct draft *d,
                       enum protection_kind kind, const char *name)
{
    if (d->device)
        return reading_fail(r, at, "a cap is one device's: %s: or %s:, not both",
                            d->device, name);
    d->device = name;
    d->cap.protection.kind = kind;
    if (!(d->cap.protection.forget_s > 0))
        d->cap.protection.forget_s = usual_forget_s;
    return 0;
}

static int read_seconds(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_seconds(r, value, .001, 86400, &((struct protection *)arg)->seconds);
}

static int read_at(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_RATIO, 1, 100, &((struct protection *)arg)->at);
}

static int read_trip(struct reading *r, const yaml_node_t *value, void *arg)
{
    static const struct key keys[] = { { "tau", read_seconds }, { 0 } };
    struct draft *d = arg;

    if (take_device(r, value, d, PROTECTION_THERMAL, "trip") != 0 ||
        reading_keys(r, value, "a thermal trip", keys, &d->cap.protection) != 0)
        return -1;
    if (!(d->cap.protection.seconds > 0))
        return reading_fail(r, value,
                            "a thermal trip needs tau:, its time constant, such as "
                            "600s");
    return 0;
}

static int read_i2t(struct reading *r, const yaml_node_t *value, void *arg)
{
    static const struct key keys[] = { { "at", read_at },
                                       { "seconds", read_seconds },
                                       { 0 } };
    struct draft *d = arg;

    if (take_device(r, value, d, PROTECTION_I2T, "i2t") != 0 ||
        reading_keys(r, value, "an I2t trip", keys, &d->cap.protection) != 0)
        return -1;
    if (!(d->cap.protection.seconds > 0) || !(d->cap.protection.at > 0))
        return reading_fail(r, value,
                            "an I2t trip needs at: and seconds:, such as {at: 6, "
                            "seconds: 12}");
    return 0;
}

/* One row of a table: "125%: 30s". */
static int read_row(struct reading *r, const yaml_node_t *name, const yaml_node_t *value,
                    void *arg)
{
    struct protection *p = arg;
    double share, seconds;

    if (p->rows == PROTECTION_ROWS)
        return reading_fail(r, name, "an overload has at most %d rows", PROTECTION_ROWS);
    if (reading_number(r, name, UNIT_RATIO, 1, 20, &share) != 0 ||
        reading_number(r, value, UNIT_S, .001, 86400, &seconds) != 0)
        return -1;
    if (p->rows && ((float)share <= p->table[p->rows - 1].share ||
                    (float)seconds >= p->table[p->rows - 1].seconds))
        return reading_fail(r, name,
                            "rows of an overload rise, and more is carried for less "
                            "long");
    p->table[p->rows].share = (float)share;
    p->table[p->rows++].seconds = (float)seconds;
    return 0;
}

static int read_overload(struct reading *r, const yaml_node_t *value, void *arg)
{
    struct draft *d = arg;

    if (take_device(r, value, d, PROTECTION_TABLE, "overload") != 0 ||
        reading_names(r, value, "an overload", read_row, &d->cap.protection) != 0)
        return -1;
    if (d->cap.protection.rows == 0)
        return reading_fail(r, value,
                            "an overload needs rows, such as {110%%: 10m, 125%%: "
                            "30s}");
    return 0;
}

/* a / (r^p - 1) + b: IEC 60255-151 table 1, IEEE C37.112 table 1. */
static const struct curve {
    const char *name;
    double a, b, p;
} curves[] = {
    { "iec-standard", .14, 0, .02 },
    { "iec-very", 13.5, 0, 1 },
    { "iec-extremely", 80, 0, 2 },
    { "ieee-moderately", .0515, .1140, .02 },
    { "ieee-very", 19.61, .491, 2 },
    { "ieee-extremely", 28.2, .1217, 2 },
    { 0 },
};

static int read_inverse(struct reading *r, const yaml_node_t *value, void *arg)
{
    const char *name = reading_scalar(r, value, "a curve"), *known = "";
    struct protection *p = arg;

    if (!name)
        return -1;
    for (const struct curve *c = curves; c->name; c++) {
        if (strcmp(c->name, name) == 0) {
            p->a = c->a;
            p->b = c->b;
            p->p = c->p;
            return 0;
        }
        known = arena_printf(r->settings->arena, "%s%s%s", known, *known ? ", " : "",
                             c->name);
    }
    return reading_fail(r, value, "unknown curve \"%.20s\"; known: %s", name, known);
}

static int read_multiplier(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_NONE, .01, 100,
                          &((struct protection *)arg)->seconds);
}

static int read_curve(struct reading *r, const yaml_node_t *value, void *arg)
{
    static const struct key keys[] = {
        { "inverse", read_inverse }, { "multiplier", read_multiplier }, { 0 },
    };
    struct draft *d = arg;
    struct protection *p = &d->cap.protection;

    if (take_device(r, value, d, PROTECTION_CURVE, "curve") != 0 ||
        reading_keys(r, value, "a curve", keys, p) != 0)
        return -1;
    if (!(p->a > 0) || !(p->seconds > 0))
        return reading_fail(r, value, "a curve needs inverse: and multiplier:, such as "
                                      "{inverse: iec-very, multiplier: 0.5}");
    p->a *= p->seconds;
    p->b *= p->seconds;
    return 0;
}

static int read_forget(struct reading *r, const yaml_node_t *value, void *arg)
{
    return reading_number(r, value, UNIT_S, 1, 86400,
                          &((struct draft *)arg)->cap.protection.forget_s);
}

static const struct key cap_keys[] = {
    { "value", read_cap_value },
    { "mean_over", read_cap_window },
    { "max_over", read_cap_max },
    { "aligned", read_cap_aligned },
    { "dwell", read_cap_dwell },
    { "clear", read_cap_clear },
    { "contingency", read_cap_contingency },
    { "trip", read_trip },
    { "i2t", read_i2t },
    { "overload", read_overload },
    { "curve", read_curve },
    { "forget", read_forget },
    { "volts", read_volts },
    { "power_factor", read_power_factor },
    { 0 },
};

/* Power is what is measured, so a limit in amps or volt-amperes is kept in watts,
 * three-phase: P = sqrt(3) U I pf, with U between lines. */
static int cap_to_watts(struct reading *r, const yaml_node_t *at, struct draft *d)
{
    const char *place = reading_place(r, at);

    if (d->cap.value != d->cap.value)
        return reading_fail(r, at, "a cap needs value:, such as 110MW");
    if (d->cap.unit != UNIT_W && d->power_factor != d->power_factor)
        return reading_fail(r, at, "a cap in %s needs power_factor:",
                            unit_name(d->cap.unit));
    if (d->cap.unit == UNIT_A && d->volts != d->volts)
        return reading_fail(r, at, "a cap in A needs volts: (between lines)");
    if (d->cap.unit == UNIT_A)
        d->cap.value *= sqrt(3) * d->volts * d->power_factor;
    else if (d->cap.unit == UNIT_VA)
        d->cap.value *= d->power_factor;
    d->cap.unit = UNIT_W;
    memcpy(d->cap.origin, place, strnlen(place, sizeof(d->cap.origin) - 1));
    return 0;
}

static int check_device(struct reading *r, const yaml_node_t *at, const struct draft *d)
{
    if (d->device && (d->window || d->cap.aligned))
        return reading_fail(r, at, "%s: sees every moment: it has no %s:", d->device,
                            d->window ? d->window : "aligned");
    if (d->cap.protection.forget_s > 0 && !d->device)
        return reading_fail(r, at, "forget: is about i2t:, overload: or curve:");
    if (d->cap.aligned && (d->cap.aggregate != CAP_MEAN || !(d->cap.window_s > 0)))
        return reading_fail(r, at, "aligned: is about mean_over:");
    return 0;
}

int reading_cap(struct reading *r, const yaml_node_t *value, struct cap *cap)
{
    struct draft d = { .cap = *cap, .volts = NAN, .power_factor = NAN };

    d.cap.clear = usual_clear;
    if (value->type == YAML_SCALAR_NODE
            ? read_cap_value(r, value, &d) != 0
            : reading_keys(r, value, "a cap", cap_keys, &d) != 0)
        return -1;
    if (check_device(r, value, &d) != 0 || cap_to_watts(r, value, &d) != 0)
        return -1;
    *cap = d.cap;
    return 0;
}
