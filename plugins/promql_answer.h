/* Answers of the Prometheus HTTP API (prometheus.io/docs/prometheus/latest/querying/api),
 * read as they arrive.
 *
 * A scanner that knows the shape: no tree, no copy of a series, one window that holds
 * what has come of the element under way. Vectors, matrices, scalars and lists of texts;
 * keys in any order, unknown ones skipped. What is kept does not grow with the answer. */
#ifndef PLUGINS_PROMQL_ANSWER_H
#define PLUGINS_PROMQL_ANSWER_H

#include "exporters.h"
#include "gigawatch/json.h"
#include "promql_known.h"

enum {
    LARGEST_ELEMENT = 1 << 20,  /* bytes: one series with its points, or a text */
    MOST_LETTERS = 8192,        /* of labels that are known again */
    LIKELY_REST = 1024,         /* bytes: most elements are no longer */
    AHEAD = 32,                 /* series: so many are looked up at once, for memory to
                                 * come meanwhile */
    MOST_POINTS = 20000,        /* Prometheus gives 11,000 a series */
    DEEPEST = 64                /* nesting of what is skipped */
};

struct point {
    double time, value;         /* NAN: not a number, or it says NaN */
};

enum place {
    BEFORE,
    IN_TOP,
    AFTER_TOP_VALUE,
    IN_DATA,
    AFTER_DATA_VALUE,
    IN_RESULT,
    AFTER_SERIES,
    IN_LIST,
    AFTER_NAME,
    AFTER_ALL
};

enum found { FOUND, NEEDS_MORE, NOT_JSON };

/* The text of a series, which the next is mostly like, but for what stands in some
 * places: values of labels, time and value. */
struct pattern {
    const char *from, *end;     /* in the window; NULL: there is none */
    struct slice *open[LABELS + 3];     /* these places, in the order of the text; they
                                         * point into it */
    size_t count;
};

/* A series of one point, as most are written, of which nothing is read but this point. */
struct outline {
    const char *text, *end;     /* in the window */
    size_t len;                 /* of its labels, from the beginning of the text; they
                                 * are not understood yet */
    uint64_t hash;              /* of these */
    struct point point;
};

/* What of a series' text names its entity, as who takes it says; node.len 0: it does
 * not. */
struct naming {
    struct slice node, part, rack;
};

struct answer {
    /* Who takes what is found. Slices are valid until it returns; either may be NULL.
     * False: no more, please. */
    bool (*series)(void *arg, const struct sample *labels, const struct point *points,
                   size_t count);
    /* A series that is known from before by its text. */
    bool (*again)(void *arg, const char *text, const struct way *way,
                  const struct point *point);
    void (*name)(void *arg, struct slice name);
    void *arg;

    bool is_error, has_data, partial, stopped;
    char error[200];            /* of the engine */
    char warning[200];          /* the first, and how many */
    unsigned warnings;
    size_t series_count;
    char trouble[160];          /* why it is no answer */

    enum place place;
    char *window;
    size_t len, room;
    struct point *points;
    size_t point_count, point_room;
    struct sample labels;       /* of the series under way; `name` is its __name__ */
    struct slice time, value;   /* of its last point, as they are written */
    struct pattern before;

    struct known *known;        /* NULL: each series is read closely */
    uint64_t key;               /* of its hashes */
    struct naming naming;       /* of the series under way */
    struct outline ahead[AHEAD];
    size_t ahead_count, ahead_at;
    size_t label_len;           /* of the outline before; neighbours are often as long */
    char stamp[24];             /* its time, and how it is written: of a vector all
                                 * have the same */
    size_t stamp_len;
    double stamp_time;
};

static inline void answer_free(struct answer *a)
{
    free(a->window);
    free(a->points);
    a->window = NULL;
    a->points = NULL;
}

/* ---- pieces of JSON (RFC 8259) ---- */

struct cursor {
    const char *at, *end;
};

static inline enum found skip_space(struct cursor *c)
{
    while (c->at < c->end &&
           (*c->at == ' ' || *c->at == '\n' || *c->at == '\r' || *c->at == '\t'))
        c->at++;
    return c->at < c->end ? FOUND : NEEDS_MORE;
}

static inline enum found skip_char(struct cursor *c, char wanted)
{
    if (skip_space(c) != FOUND)
        return NEEDS_MORE;
    if (*c->at != wanted)
        return NOT_JSON;
    c->at++;
    return FOUND;
}

static inline void add_point(struct sample *s, uint32_t point)
{
    char bytes[4];
    size_t count = gw_json_utf8(bytes, point);

    if (s->scratch_len + count > sizeof(s->scratch))
        return;
    memcpy(s->scratch + s->scratch_len, bytes, count);
    s->scratch_len += count;
}

/* A text with escapes, from `at` to its closing quote, written out in the scratch room;
 * too long a one is cut. */
static inline bool unescape(struct sample *s, const char *at, const char *end,
                            struct slice *text)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    size_t first = s->scratch_len;

    while (at < end) {
        char c = *at++;

        if (c == '\\') {
            const char *known;

            if (at == end)
                return false;
            if (*at == 'u') {
                at--;
                add_point(s, gw_json_point(&at, end));
                continue;
            }
            known = memchr(from, *at++, sizeof(from) - 1);
            if (!known)
                return false;
            c = to[known - from];
        }
        if (s->scratch_len < sizeof(s->scratch))
            s->scratch[s->scratch_len++] = c;
    }
    *text = (struct slice){ s->scratch + first, s->scratch_len - first };
    return true;
}

/* Has none of the eight bytes at `at` a quote or a backslash? (A byte less 1 borrows from
 * its highest bit only if it was 0.) */
static inline bool are_plain(const char *at)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    uint64_t word, quotes, slashes;

    memcpy(&word, at, sizeof(word));
    quotes = word ^ ones * '"';
    slashes = word ^ ones * '\\';
    return !((((quotes - ones) & ~quotes) | ((slashes - ones) & ~slashes)) & high);
}

/* The quote that ends a text which begins at `at`; NULL: it has not come yet. */
static inline const char *find_quote(const char *at, const char *end, bool *escaped)
{
    *escaped = false;
    while (end - at >= 8 && are_plain(at))
        at += 8;
    for (; at < end && *at != '"'; at++)
        if (*at == '\\') {
            *escaped = true;
            if (++at == end)
                return NULL;
        }
    return at < end ? at : NULL;
}

/* Most texts have no escapes, and stay where they are. */
static inline enum found read_text(struct cursor *c, struct sample *scratch,
                                   struct slice *text)
{
    enum found found = skip_char(c, '"');
    const char *start = c->at, *quote;
    bool escaped;

    if (found != FOUND)
        return found;
    quote = find_quote(start, c->end, &escaped);
    if (!quote)
        return NEEDS_MORE;
    c->at = quote + 1;
    *text = (struct slice){ start, (size_t)(quote - start) };
    if (escaped && !unescape(scratch, start, quote, text))
        return NOT_JSON;
    return FOUND;
}

/* A number or a word, up to what ends it. */
static inline enum found read_bare(struct cursor *c, struct slice *word)
{
    const char *start = c->at;

    while (c->at < c->end && (unsigned char)*c->at > ' ' && *c->at != ',' &&
           *c->at != ']' && *c->at != '}')
        c->at++;
    if (c->at == c->end)
        return NEEDS_MORE;
    *word = (struct slice){ start, (size_t)(c->at - start) };
    return word->len ? FOUND : NOT_JSON;
}

/* Any value, without looking into it further than to find its end. */
static inline enum found skip_json(struct cursor *c)
{
    unsigned depth = 0;
    struct slice word;
    bool escaped;

    do {
        if (skip_space(c) != FOUND)
            return NEEDS_MORE;
        if (*c->at == '"') {
            const char *quote = find_quote(c->at + 1, c->end, &escaped);

            if (!quote)
                return NEEDS_MORE;
            c->at = quote + 1;
        } else if (*c->at == '{' || *c->at == '[') {
            if (++depth > DEEPEST)
                return NOT_JSON;
            c->at++;
        } else if (*c->at == '}' || *c->at == ']') {
            if (depth-- == 0)
                return NOT_JSON;
            c->at++;
        } else if ((*c->at == ',' || *c->at == ':') && depth) {
            c->at++;
        } else {
            enum found found = read_bare(c, &word);

            if (found != FOUND)
                return found;
        }
    } while (depth);
    return FOUND;
}

/* ---- a series ---- */

static inline double figure(struct slice text)
{
    double value;

    return text.len && read_number(text, &value) ? value : NAN;
}

/* A number as JSON has them, or as a text, as the API has values. */
static inline enum found read_figure(struct cursor *c, struct sample *scratch,
                                     struct slice *text, double *value)
{
    enum found found = skip_space(c);

    if (found == FOUND)
        found = *c->at == '"' ? read_text(c, scratch, text) : read_bare(c, text);
    if (found == FOUND)
        *value = figure(*text);
    return found;
}

/* Another place where the next series may differ. */
static inline void leave_open(struct pattern *p, struct slice *place)
{
    if (p->count < sizeof(p->open) / sizeof(*p->open))
        p->open[p->count++] = place;
}

/* [TIME, "VALUE"], behind its bracket. */
static inline enum found read_point(struct cursor *c, struct answer *a)
{
    struct point p = { NAN, NAN };
    enum found found = read_figure(c, &a->labels, &a->time, &p.time);

    if (found == FOUND)
        found = skip_char(c, ',');
    if (found == FOUND)
        found = read_figure(c, &a->labels, &a->value, &p.value);
    if (found == FOUND)
        found = skip_char(c, ']');
    if (found != FOUND)
        return found;
    leave_open(&a->before, &a->time);
    leave_open(&a->before, &a->value);
    if (a->point_count == a->point_room) {
        if (a->point_room == MOST_POINTS)
            return NOT_JSON;
        a->point_room = a->point_room ? 2 * a->point_room : 16;
        a->point_room = a->point_room < MOST_POINTS ? a->point_room : MOST_POINTS;
        a->points = realloc(a->points, a->point_room * sizeof(*a->points));
        if (!a->points)
            abort();
    }
    a->points[a->point_count++] = p;
    return FOUND;
}

/* After an element of a list or mapping: a comma, and *more; or `closes`. */
static inline enum found read_next(struct cursor *c, char closes, bool *more)
{
    if (skip_space(c) != FOUND)
        return NEEDS_MORE;
    *more = *c->at == ',';
    if (!*more && *c->at != closes)
        return NOT_JSON;
    c->at++;
    return FOUND;
}

/* Right behind the opening one: is it closed again? */
static inline enum found is_empty(struct cursor *c, char closes, bool *empty)
{
    if (skip_space(c) != FOUND)
        return NEEDS_MORE;
    *empty = *c->at == closes;
    c->at += *empty;
    return FOUND;
}

static inline enum found read_points(struct cursor *c, struct answer *a)
{
    enum found found = skip_char(c, '[');
    bool more = true, empty = false;

    if (found == FOUND)
        found = is_empty(c, ']', &empty);
    while (found == FOUND && more && !empty) {
        found = skip_char(c, '[');
        if (found == FOUND)
            found = read_point(c, a);
        if (found == FOUND)
            found = read_next(c, ']', &more);
    }
    return found;
}

static inline enum found read_pair(struct cursor *c, struct answer *a)
{
    struct sample *s = &a->labels;
    struct slice name, value;
    enum found found = read_text(c, s, &name);

    if (found == FOUND)
        found = skip_char(c, ':');
    if (found == FOUND)
        found = read_text(c, s, &value);
    if (found != FOUND)
        return found;
    if (same(name, "__name__")) {
        s->name = value;
        leave_open(&a->before, &s->name);
    } else if (s->labels < LABELS) {
        s->label[s->labels] = name;
        s->value[s->labels] = value;
        leave_open(&a->before, &s->value[s->labels++]);
    }
    return FOUND;
}

static inline enum found read_metric_labels(struct cursor *c, struct answer *a)
{
    enum found found = skip_char(c, '{');
    bool more = true, empty = false;

    if (found == FOUND)
        found = is_empty(c, '}', &empty);
    while (found == FOUND && more && !empty) {
        found = read_pair(c, a);
        if (found == FOUND)
            found = read_next(c, '}', &more);
    }
    return found;
}

static inline void forget_series(struct answer *a)
{
    a->labels.labels = a->labels.scratch_len = a->point_count = 0;
    a->labels.name = (struct slice){ NULL, 0 };
    a->labels.same_labels = false;
    a->before.from = NULL;
    a->before.count = 0;
}

/* The series just read is the pattern of the next, where it has one point and no escapes:
 * then all that is open stands in its text, one after the other. */
static inline void learn_pattern(struct answer *a, const char *from, const char *end)
{
    const struct pattern *p = &a->before;
    const char *at = from;

    if (a->point_count != 1)
        return;
    for (size_t i = 0; i < p->count; i++) {
        const struct slice *open = p->open[i];

        if (open->text <= at || open->text + open->len >= end)
            return;
        at = open->text + open->len;
    }
    a->before.from = from;
    a->before.end = end;
}

/* Another text in an open place: where it ends; NULL: it has not come yet, or needs a
 * closer look. */
static inline const char *end_of_open(const char *at, const char *end, bool quoted)
{
    struct cursor c = { at, end };
    struct slice word;
    bool escaped = false;

    if (!quoted)
        return at < end && *at != '"' && read_bare(&c, &word) == FOUND ? c.at : NULL;
    at = find_quote(at, end, &escaped);
    return escaped ? NULL : at;
}

/* Is the series at *c like the one before, but for what is open? Then it has been read:
 * most of a large answer is compared rather than looked at, and what did not change need
 * not be understood again. */
static inline bool follow_pattern(struct cursor *c, struct answer *a)
{
    struct pattern *p = &a->before;
    const char *at = c->at, *known = p->from;

    p->from = NULL;
    if (!known)
        return false;
    for (size_t i = 0; i < p->count; i++) {
        struct slice *open = p->open[i];
        size_t before = (size_t)(open->text - known), len = before + open->len;
        const char *end;
        bool quoted = open->text[-1] == '"';

        if ((size_t)(c->end - at) <= len)
            return false;
        if (memcmp(at, known, len + 1) == 0) {
            known += len;
            open->text = at + before;
            at += len;
            continue;
        }
        if (memcmp(at, known, before) != 0)
            return false;
        known += len;
        at += before;
        end = end_of_open(at, c->end, quoted);
        if (!end)
            return false;
        *open = (struct slice){ at, (size_t)(end - at) };
        if (open == &a->time)
            a->points[0].time = figure(*open);
        else if (open == &a->value)
            a->points[0].value = figure(*open);
        at = end;
    }
    if (c->end - at < p->end - known || memcmp(at, known, (size_t)(p->end - known)) != 0)
        return false;
    p->end = at + (p->end - known);
    p->from = c->at;
    c->at = p->end;
    a->labels.same_labels = true;
    return true;
}

static inline enum found read_value_of(struct cursor *c, struct answer *a)
{
    enum found found = skip_char(c, '[');

    return found == FOUND ? read_point(c, a) : found;
}

/* {"metric":{…},"value":[…]}, or "values". */
static inline enum found read_series(struct cursor *c, struct answer *a)
{
    enum found found = skip_char(c, '{');
    bool more = true, empty = false;
    struct slice key;

    if (found == FOUND)
        found = is_empty(c, '}', &empty);
    while (found == FOUND && more && !empty) {
        found = read_text(c, &a->labels, &key);
        if (found == FOUND)
            found = skip_char(c, ':');
        if (found != FOUND)
            break;
        found = same(key, "metric")   ? read_metric_labels(c, a)
                : same(key, "value")  ? read_value_of(c, a)
                : same(key, "values") ? read_points(c, a)
                                      : skip_json(c);
        if (found == FOUND)
            found = read_next(c, '}', &more);
    }
    return found;
}

static inline void tell_series(struct answer *a)
{
    a->series_count++;
    if (a->series && !a->stopped)
        a->stopped = !a->series(a->arg, &a->labels, a->points, a->point_count);
}

/* ---- series known from before ---- */

static const char labels_open[] = "{\"metric\":{", value_opens[] = "},\"value\":[", value_closes[] = "\"]}";

enum {
    OPEN_LEN = sizeof(labels_open) - 1,
    VALUE_LEN = sizeof(value_opens) - 1,
    CLOSE_LEN = sizeof(value_closes) - 1,
    LONGEST_FIGURE = 32
};

static inline const char *end_of_labels(const char *at, const char *end, size_t guess)
{
    if ((size_t)(end - at) > guess + VALUE_LEN &&
        memcmp(at + guess, value_opens, VALUE_LEN) == 0)
        return at + guess;
    end = end - at > MOST_LETTERS ? at + MOST_LETTERS : end;
    while (at && end - at > VALUE_LEN && memcmp(at, value_opens, VALUE_LEN) != 0)
        at = memchr(at + 1, '}', (size_t)(end - at - 1));
    return at && end - at > VALUE_LEN ? at : NULL;
}

/* The figure up to `closes`; NULL: it has not come yet, or is not written in the plainest
 * way. */
static inline const char *read_until(const char *at, const char *end, char closes,
                                     double *value)
{
    size_t room = end - at < LONGEST_FIGURE ? (size_t)(end - at) : LONGEST_FIGURE;
    const char *close = memchr(at, closes, room);

    if (!close || memchr(at, '\\', (size_t)(close - at)))
        return NULL;
    *value = figure((struct slice){ at, (size_t)(close - at) });
    return close;
}

static inline const char *read_stamp(const char *at, const char *end, struct answer *a)
{
    const char *close;

    if (a->stamp_len && (size_t)(end - at) > a->stamp_len &&
        memcmp(at, a->stamp, a->stamp_len) == 0)
        return at + a->stamp_len;
    close = read_until(at, end, ',', &a->stamp_time);
    a->stamp_len = close && !isnan(a->stamp_time) &&
                           (size_t)(close - at) < sizeof(a->stamp)
                       ? (size_t)(close - at) + 1
                       : 0;
    if (!a->stamp_len || *at == '"')
        return NULL;
    memcpy(a->stamp, at, a->stamp_len);
    return close + 1;
}

static inline bool read_outline(const char *at, const char *end, struct answer *a,
                                struct outline *o)
{
    const char *close;

    o->text = at;
    if (end - at < OPEN_LEN + VALUE_LEN || memcmp(at, labels_open, OPEN_LEN) != 0)
        return false;
    close = end_of_labels(at, end, a->label_len);
    if (!close || close - at < HASHED_LEAST)    /* it has no labels */
        return false;
    a->label_len = o->len = (size_t)(close - at);
    at = read_stamp(close + VALUE_LEN, end, a);
    if (!at || at == end || *at++ != '"')
        return false;
    close = read_plain(at, end, &o->point.value);
    at = close && close < end && *close == '"'
             ? close
             : read_until(at, end, '"', &o->point.value);
    if (!at || end - at < CLOSE_LEN || memcmp(at, value_closes, CLOSE_LEN) != 0)
        return false;
    o->point.time = a->stamp_time;
    o->end = at + CLOSE_LEN;
    o->hash = hash_series(o->text, o->len, a->key);
    return true;
}

/* Where series come out of order, what a search waits for is on its way from memory while
 * others are read. */
static inline void look_ahead(const struct cursor *c, struct answer *a)
{
    const char *at = c->at;
    const struct outline *o;

    a->ahead_at = a->ahead_count = 0;
    while (a->ahead_count < AHEAD &&
           read_outline(at, c->end, a, &a->ahead[a->ahead_count])) {
        o = &a->ahead[a->ahead_count++];
        if (a->known->scattered)
            __builtin_prefetch(slot_to_fetch(a->known, o->hash));
        at = o->end;
        if (at == c->end || *at++ != ',')
            break;
    }
    for (size_t i = 0; i < a->ahead_count && a->known->scattered; i++)
        __builtin_prefetch(series_to_fetch(a->known, a->ahead[i].hash));
}

/* That of the series at *c; NULL: it has none. */
static inline const struct outline *outline_at(const struct cursor *c, struct answer *a)
{
    if (!a->known)
        return NULL;
    if (a->ahead_at == a->ahead_count || a->ahead[a->ahead_at].text != c->at)
        look_ahead(c, a);
    return a->ahead_count ? &a->ahead[a->ahead_at] : NULL;
}

/* Tells of the series from *c on that are known, with the commas between them. False: the
 * first is not. */
static inline bool tell_known(struct cursor *c, struct answer *a)
{
    const struct outline *o;
    const struct way *way;
    bool any = false;

    while ((o = outline_at(c, a)) && (way = known_way(a->known, o->hash, o->len))) {
        any = true;
        a->ahead_at++;
        a->series_count++;
        a->known->told++;
        a->stopped = !a->again(a->arg, o->text, way, &o->point);
        c->at = o->end;
        a->place = AFTER_SERIES;
        if (a->stopped || c->at == c->end || *c->at != ',')
            break;
        c->at++;
        a->place = IN_RESULT;
    }
    return any;
}

static inline bool spot_in(const struct outline *o, struct slice s, struct spot *spot)
{
    *spot = (struct spot){ 0 };
    if (!s.len)
        return true;
    if (s.text < o->text || s.text + s.len > o->text + o->len)
        return false;           /* it had escapes, or stands elsewhere */
    *spot = (struct spot){ (uint16_t)(s.text - o->text), (uint16_t)s.len };
    return true;
}

/* The series that was just read up to `end` is known from now on. */
static inline void get_to_know(struct answer *a, const struct outline *o, const char *end)
{
    struct way way = { 0 };

    if (!o)
        return;
    a->ahead_at++;
    a->known->told++;
    way.len = (uint16_t)o->len;
    if (o->end == end && a->naming.node.len && a->point_count == 1 &&
        a->time.text == o->text + o->len + VALUE_LEN &&
        spot_in(o, a->naming.node, &way.node) && spot_in(o, a->naming.part, &way.part) &&
        spot_in(o, a->naming.rack, &way.rack))
        known_add(a->known, o->hash, &way);
}

/* ---- the whole ---- */

static inline void note_text(char *to, size_t room, struct slice text)
{
    size_t kept = text.len < room ? text.len : room - 1;

    for (size_t i = 0; i < kept; i++)
        to[i] = (unsigned char)text.text[i] >= ' ' && text.text[i] != 127 ? text.text[i]
                                                                          : ' ';
    to[kept] = '\0';
}

/* A list of texts; null and anything else is none. */
static inline enum found read_warnings(struct cursor *c, struct answer *a)
{
    struct cursor all = *c;
    enum found found = skip_json(&all);
    bool more = true, empty = false;
    struct slice text;

    if (found != FOUND)
        return found;
    if (*c->at == '[') {
        c->at++;
        found = is_empty(c, ']', &empty);
        while (found == FOUND && more && !empty && *c->at == '"') {
            a->labels.scratch_len = 0;
            found = read_text(c, &a->labels, &text);
            if (found == FOUND && a->warnings++ == 0)
                note_text(a->warning, sizeof(a->warning), text);
            if (found == FOUND)
                found = read_next(c, ']', &more);
            if (found == FOUND && more)
                found = skip_space(c);
        }
    }
    c->at = all.at;
    return found == NOT_JSON ? NOT_JSON : FOUND;
}

static inline enum found read_key(struct cursor *c, struct answer *a, struct slice *key)
{
    enum found found;

    a->labels.scratch_len = 0;
    found = read_text(c, &a->labels, key);
    if (found == FOUND)
        found = skip_char(c, ':');
    return found == FOUND ? skip_space(c) : found;
}

static inline enum found read_top(struct cursor *c, struct answer *a)
{
    struct slice key, text;
    enum found found = read_key(c, a, &key);

    if (found != FOUND)
        return found;
    a->has_data |= same(key, "data");
    if (same(key, "data") && (*c->at == '{' || *c->at == '[')) {
        a->place = *c->at++ == '{' ? IN_DATA : IN_LIST;
        return FOUND;
    }
    a->place = AFTER_TOP_VALUE;
    if (same(key, "warnings"))
        return read_warnings(c, a);
    if (same(key, "isPartial")) {
        a->partial |= *c->at == 't';
        return skip_json(c);
    }
    if (*c->at != '"')
        return skip_json(c);
    found = read_text(c, &a->labels, &text);
    if (found == FOUND && same(key, "status"))
        a->is_error |= same(text, "error");
    if (found == FOUND && same(key, "error"))
        note_text(a->error, sizeof(a->error), text);
    return found;
}

static inline enum found read_data(struct cursor *c, struct answer *a)
{
    struct slice key;
    enum found found = read_key(c, a, &key);

    if (found != FOUND)
        return found;
    if (same(key, "result") && *c->at == '[') {
        c->at++;
        a->place = IN_RESULT;
        return FOUND;
    }
    a->place = AFTER_DATA_VALUE;
    return skip_json(c);
}

static inline enum found read_result(struct cursor *c, struct answer *a)
{
    enum found found = skip_space(c);
    const struct outline *o;

    if (found != FOUND)
        return found;
    a->place = *c->at == '{' ? AFTER_SERIES : AFTER_DATA_VALUE;
    if (tell_known(c, a))
        return FOUND;
    o = outline_at(c, a);
    if (!follow_pattern(c, a)) {
        const char *from = c->at;

        forget_series(a);
        /* A scalar is a point without anything round it. */
        found = *from == '{' ? read_series(c, a) : read_point(c, a);
        if (found == FOUND)
            learn_pattern(a, from, c->at);
    }
    if (found != FOUND)
        return found;
    a->naming = (struct naming){ 0 };
    tell_series(a);
    get_to_know(a, o, c->at);
    return FOUND;
}

static inline enum found read_listed(struct cursor *c, struct answer *a)
{
    struct slice name = { NULL, 0 };
    enum found found = skip_space(c);

    a->labels.scratch_len = 0;
    if (found == FOUND)
        found = *c->at == '"' ? read_text(c, &a->labels, &name) : skip_json(c);
    a->place = AFTER_NAME;
    if (found == FOUND && name.len && a->name)
        a->name(a->arg, name);
    return found;
}

/* What may stand where a list or mapping is just opened, or after one of its members. */
static const struct {
    /* a member; NULL: what follows one */
    enum found (*read)(struct cursor *c, struct answer *a);
    char closes;
    enum place within, outside;         /* where it goes on; where it does when closed */
} places[] = {
    [IN_TOP]           = { read_top, '}', IN_TOP, AFTER_ALL },
    [AFTER_TOP_VALUE]  = { NULL, '}', IN_TOP, AFTER_ALL },
    [IN_DATA]          = { read_data, '}', IN_DATA, AFTER_TOP_VALUE },
    [AFTER_DATA_VALUE] = { NULL, '}', IN_DATA, AFTER_TOP_VALUE },
    [IN_RESULT]        = { read_result, ']', IN_RESULT, AFTER_DATA_VALUE },
    [AFTER_SERIES]     = { NULL, ']', IN_RESULT, AFTER_DATA_VALUE },
    [IN_LIST]          = { read_listed, ']', IN_LIST, AFTER_TOP_VALUE },
    [AFTER_NAME]       = { NULL, ']', IN_LIST, AFTER_TOP_VALUE },
};

/* One step: a member, a comma or a closing. */
static inline enum found take_step(struct cursor *c, struct answer *a)
{
    enum place place = a->place;
    enum found found;
    bool yes = false;

    if (skip_space(c) != FOUND)
        return NEEDS_MORE;
    if (place == BEFORE) {
        a->place = IN_TOP;
        return skip_char(c, '{');
    }
    if (place == AFTER_ALL)
        return NOT_JSON;        /* more than one */
    if (!places[place].read) {
        found = read_next(c, places[place].closes, &yes);
        a->place = yes ? places[place].within : places[place].outside;
        return found;
    }
    found = is_empty(c, places[place].closes, &yes);
    if (yes || found != FOUND) {
        a->place = places[place].outside;
        return found;
    }
    return places[place].read(c, a);
}

static inline bool no_answer(struct answer *a, const char *at, size_t len)
{
    char quoted[32];

    if (len && *at == '<')
        snprintf(a->trouble, sizeof(a->trouble),
                 "a web page instead of an answer; is the path right? it is what comes before /api/v1");
    else
        snprintf(a->trouble, sizeof(a->trouble), "no answer of a Prometheus API: \"%s\"", gw_quote(quoted, at, len));
    return false;
}

static inline void keep(struct answer *a, const char *text, size_t len)
{
    if (!len)
        return;
    if (a->len + len > a->room) {
        a->room = 2 * (a->len + len);
        a->window = realloc(a->window, a->room);
        if (!a->window)
            abort();
    }
    memcpy(a->window + a->len, text, len);
    a->len += len;
}

/* Steps that begin before `until`, as far as their text has come. */
static inline bool take_steps(struct cursor *c, const char *until, struct answer *a)
{
    a->before.from = NULL;
    a->ahead_at = a->ahead_count = 0;
    while (!a->stopped && c->at < until) {
        const char *start = c->at;
        enum place place = a->place;
        enum found found = take_step(c, a);

        if (found == FOUND)
            continue;
        if (found == NOT_JSON)
            return no_answer(a, start, (size_t)(c->end - start));
        c->at = start;          /* again, with more */
        a->place = place;
        break;
    }
    return true;
}

/* An element of which some has come before is put together in the window; how much of the
 * piece that took. */
static inline size_t take_rest(struct answer *a, const char *text, size_t len)
{
    size_t used = 0;

    while (a->len && used < len && a->len <= LARGEST_ELEMENT && !a->stopped) {
        size_t before = a->len, more = before > LIKELY_REST ? before : LIKELY_REST;
        struct cursor c;

        more = more < len - used ? more : len - used;
        keep(a, text + used, more);
        c = (struct cursor){ a->window, a->window + a->len };
        if (!take_steps(&c, a->window + before, a))
            break;
        a->len = c.at < a->window + before ? (size_t)(c.end - c.at) : 0;
        used += a->len ? more : (size_t)(c.at - a->window) - before;
        memmove(a->window, c.at, a->len);
    }
    return used;
}

/* Takes more of the answer. False: it is none, as a->trouble says, or nobody wants more
 * of it. */
static inline bool answer_take(struct answer *a, const char *text, size_t len)
{
    struct cursor c = { text, text + len };

    if (a->trouble[0] || a->stopped)
        return false;
    c.at += take_rest(a, text, len);
    if (!a->trouble[0] && !a->len && take_steps(&c, c.end, a))
        keep(a, c.at, (size_t)(c.end - c.at));
    if (a->len > LARGEST_ELEMENT)
        snprintf(a->trouble, sizeof(a->trouble), "a series of more than %d MiB",
                 LARGEST_ELEMENT >> 20);
    return !a->trouble[0] && !a->stopped;
}

/* Has all of it come? False: a->trouble says what is missing. */
static inline bool answer_is_whole(struct answer *a)
{
    if (!a->trouble[0] && a->place != AFTER_ALL)
        snprintf(a->trouble, sizeof(a->trouble),
                 a->place == BEFORE && !a->len ? "an empty answer"
                                               : "the answer is cut off after %zu series",
                 a->series_count);
    if (!a->trouble[0] && !a->has_data && !a->is_error)
        snprintf(a->trouble, sizeof(a->trouble),
                 "no answer of a Prometheus API: it has no data; is the path right?");
    return !a->trouble[0];
}

#endif
