/* The order of a screen: parts after their whole, n2 before n10; and the lists of parts.
 *
 * Built when asked for after rows or parents changed, for four stands apart: what draws
 * power (sites to GPUs, hundreds of thousands of rows that hardly ever change), jobs and
 * alerts, which come every minute, forecasts, several to a domain, and the rest.
 *
 * Of a million GPUs that takes longer than a key waits. So where somebody looks on, what
 * draws power is put in order by settles alone, beside what stands and with looks between
 * pieces; who asks meanwhile finds what stands, and new rows behind it. */
#include "base/arena.h"
#include "base/text.h"
#include "base/text_sort.h"
#include "model/inside.h"

#include <stdlib.h>
#include <string.h>

enum { EVENTS_MAX = 1000 };

/* The kinds of a stand are in one another, and in no other's. */
enum { STANDS = 4 };
static const enum gw_kind last_of_stand[STANDS] = {
    GW_GPU, GW_ALERT, GW_FORECAST, GW_KINDS - 1
};

/* A row, in half of its size: there is one for every row. */
struct part {
    uint32_t kind : 4, id : 28;
};

struct stand {
    bool cut, grew; /* grew: it was cut since it was looked at by tree_ripen() */
    enum gw_kind first, last;
    struct part *parts; /* of all wholes, one after another */
    size_t part_room;
};

struct tree {
    struct stand stands[STANDS];
    bool in_pieces; /* it is made so: between them others look */
    uint32_t *orders[GW_KINDS];
    size_t filled[GW_KINDS];
    size_t known[GW_KINDS]; /* rows, when it was made: only these have parts and places */
    uint32_t *starts[GW_KINDS];    /* where a whole's parts start; one more than rows;
                                    * NULL: none of the kind has any */
    uint32_t *at[GW_KINDS];        /* where a row stands in the parts of its parent, */
    uint32_t *second_at[GW_KINDS]; /* and of its second; NULL: none of the kind has one */
    uint32_t *upward;
    unsigned char *seen;
};

struct tree *tree_new(void)
{
    struct tree *t = xcalloc(1, sizeof(*t));
    enum gw_kind first = GW_SITE;

    for (int i = 0; i < STANDS; i++) {
        enum gw_kind last = last_of_stand[i];

        t->stands[i] = (struct stand){ .cut = true, .first = first, .last = last };
        first = last + 1;
    }
    return t;
}

void tree_free(struct tree *t)
{
    if (!t)
        return;
    for (int kind = 0; kind < GW_KINDS; kind++) {
        free(t->orders[kind]);
        free(t->starts[kind]);
        free(t->at[kind]);
        free(t->second_at[kind]);
    }
    for (int i = 0; i < STANDS; i++)
        free(t->stands[i].parts);
    free(t->upward);
    free(t->seen);
    free(t);
}

static struct row row_of(struct part part)
{
    return (struct row){ (enum gw_kind)part.kind, part.id };
}

static struct part part_of(struct row row)
{
    return (struct part){ .kind = row.kind & 0xF, .id = row.id & 0xFFFFFFF };
}

/* Where the parts of a whole are, the first and behind the last. */
struct range {
    uint32_t start, end;
};

static struct range parts_of(const struct tree *t, struct row whole)
{
    const uint32_t *starts = t->starts[whole.kind];

    return starts && whole.id < t->known[whole.kind]
           ? (struct range){ starts[whole.id], starts[whole.id + 1] }
                  : (struct range){ 0, 0 };
}

static bool has_parts(const struct tree *t, struct row whole)
{
    struct range in = parts_of(t, whole);

    return in.start != in.end;
}

static struct stand *stand_of(struct tree *t, enum gw_kind kind)
{
    struct stand *s = t->stands;

    while (kind > s->last)
        s++;
    return s;
}

void tree_cut(struct model *m, enum gw_kind kind)
{
    struct stand *s = stand_of(m->tree, kind);

    s->cut = s->grew = true;
    places_forget(&m->name_places[kind]);
}

/* ---- sorting ---- */

/* Names of a kind. */
struct names {
    const struct model *model;
    enum gw_kind kind;
    bool in_pieces;
};

static const char *name_of_row(const void *of, uint32_t row)
{
    const struct names *names = of;

    return entity_of(names->model, names->kind, row)->name;
}

static void let_others_look(const void *of)
{
    const struct names *names = of;

    if (names->in_pieces)
        look_now(names->model);
}

static void let_look_at(const struct model *m, const struct tree *t, size_t done)
{
    if (t->in_pieces)
        let_look(m, done);
}

/* Sorts rows, which are in the order of their kinds, by name. Sources mostly list things
 * in order already: then that is all that is looked at. */
static void sort_rows(const struct model *m, const struct tree *t, struct part *rows,
                      size_t count)
{
    uint32_t small[64], *ids = small;

    if (count > sizeof(small) / sizeof(small[0]))
        ids = xrealloc(NULL, count, sizeof(*ids));
    for (size_t start = 0, end = 0; start < count; start = end) {
        struct names of = { m, row_of(rows[start]).kind, t->in_pieces };
        struct text_list list = { name_of_row, let_others_look, &of };

        for (; end < count && rows[end].kind == rows[start].kind; end++)
            ids[end] = rows[end].id;
        text_sort(&list, ids + start, end - start);
        for (size_t i = start; i < end; i++)
            rows[i] = part_of((struct row){ of.kind, ids[i] });
    }
    if (ids != small)
        free(ids);
}

/* ---- parts ---- */

static bool is_in(const struct stand *s, struct row row)
{
    return row.id != GW_NONE && row.kind >= s->first && row.kind <= s->last;
}

static void make_room(const struct model *m, struct tree *t, const struct stand *s)
{
    for (enum gw_kind kind = s->first; kind <= s->last; kind++) {
        size_t rows = m->rows[kind].count;

        t->orders[kind] = xrealloc(NULL, rows, sizeof(uint32_t));
        t->at[kind] = xcalloc(rows, sizeof(uint32_t));
        t->known[kind] = rows;
    }
}

static void count_part(const struct model *m, struct tree *t, struct row whole)
{
    if (!t->starts[whole.kind])
        t->starts[whole.kind] = xcalloc(m->rows[whole.kind].count + 1, sizeof(uint32_t));
    t->starts[whole.kind][whole.id]++;
}

/* Counts the parts of every whole, then adds them up to where they start. */
static size_t count_parts(const struct model *m, struct tree *t, const struct stand *s)
{
    uint32_t sum = 0;

    for (enum gw_kind kind = s->first; kind <= s->last; kind++)
        for (uint32_t row = 0; row < m->rows[kind].count; row++) {
            struct row first = entity_of(m, kind, row)->parent,
                       second = second_of(m, kind, row);

            if (is_in(s, first))
                count_part(m, t, first);
            if (is_in(s, second))
                count_part(m, t, second);
            let_look_at(m, t, row);
        }
    for (enum gw_kind kind = s->first; kind <= s->last; kind++)
        for (uint32_t row = 0; t->starts[kind] && row <= m->rows[kind].count; row++) {
            uint32_t count = row < m->rows[kind].count ? t->starts[kind][row] : 0;

            t->starts[kind][row] = sum;
            sum += count;
        }
    return sum;
}

static void place_parts(const struct model *m, struct tree *t, const struct stand *s)
{
    uint32_t before = 0;

    /* While parts are placed, a start is where the next one goes: afterwards it is the
     * end, that is, the next whole's start; so all of them are moved one place on. */
    for (enum gw_kind kind = s->first; kind <= s->last; kind++)
        for (uint32_t row = 0; row < m->rows[kind].count; row++) {
            struct part part = part_of((struct row){ kind, row });
            struct row first = entity_of(m, kind, row)->parent,
                       second = second_of(m, kind, row);

            if (is_in(s, first))
                s->parts[t->starts[first.kind][first.id]++] = part;
            if (is_in(s, second))
                s->parts[t->starts[second.kind][second.id]++] = part;
            let_look_at(m, t, row);
        }
    for (enum gw_kind kind = s->first; kind <= s->last; kind++)
        for (uint32_t row = 0; t->starts[kind] && row < m->rows[kind].count; row++) {
            uint32_t end = t->starts[kind][row];

            t->starts[kind][row] = before;
            before = end;
        }
}

static bool is_parent(const struct model *m, struct row whole, struct row part)
{
    struct row parent = entity_of(m, part.kind, part.id)->parent;

    return parent.id == whole.id && parent.kind == whole.kind;
}

static void note_second_place(const struct model *m, struct tree *t, struct row part,
                              uint32_t place)
{
    if (!t->second_at[part.kind])
        t->second_at[part.kind] = xcalloc(m->rows[part.kind].count, sizeof(uint32_t));
    t->second_at[part.kind][part.id] = place;
}

static void sort_parts(const struct model *m, struct tree *t, const struct stand *s)
{
    for (enum gw_kind kind = s->first; kind <= s->last; kind++)
        for (uint32_t row = 0; t->starts[kind] && row < m->rows[kind].count; row++) {
            struct row whole = { kind, row };
            struct range in = parts_of(t, whole);

            if (in.start == in.end)
                continue;
            sort_rows(m, t, s->parts + in.start, in.end - in.start);
            for (uint32_t i = in.start; i < in.end; i++) {
                struct row part = row_of(s->parts[i]);

                let_look_at(m, t, i);
                if (is_parent(m, whole, part))
                    t->at[part.kind][part.id] = i;
                else
                    note_second_place(m, t, part, i);
            }
        }
}

/* ---- orders ---- */

/* The way down to the row that is looked at: kept here and not on the stack, for how deep
 * a graph is, its source says. */
struct path {
    struct step {
        struct row row;
        uint32_t next, end;     /* parts not gone into yet */
    } *steps;
    size_t count, room;
};

static void go_into(struct path *p, const struct tree *t, struct row row)
{
    struct range in = parts_of(t, row);

    p->steps = xgrow(p->steps, &p->room, p->count + 1, sizeof(*p->steps));
    p->steps[p->count++] = (struct step){ .row = row, .next = in.start, .end = in.end };
}

static void visit(const struct model *m, struct tree *t, const struct stand *s,
                  struct path *p, struct row root)
{
    go_into(p, t, root);
    t->orders[root.kind][t->filled[root.kind]++] = root.id;
    while (p->count) {
        struct step *step = &p->steps[p->count - 1];
        struct row part;

        if (step->next == step->end) {
            p->count--;
            continue;
        }
        let_look_at(m, t, step->next);
        part = row_of(s->parts[step->next++]);
        if (!is_parent(m, step->row, part))
            continue; /* under its first feed, once */
        t->orders[part.kind][t->filled[part.kind]++] = part.id;
        if (has_parts(t, part))
            go_into(p, t, part); /* most rows are GPUs, and have no parts */
    }
}

static void order_rows(const struct model *m, struct tree *t, const struct stand *s)
{
    struct path path = { 0 };

    for (enum gw_kind kind = s->first; kind <= s->last; kind++) {
        struct part *roots = xcalloc(m->rows[kind].count, sizeof(*roots));
        size_t count = 0;

        for (uint32_t row = 0; row < m->rows[kind].count; row++) {
            if (!is_in(s, entity_of(m, kind, row)->parent))
                roots[count++] = part_of((struct row){ kind, row });
            let_look_at(m, t, row);
        }
        sort_rows(m, t, roots, count);
        for (size_t i = 0; i < count; i++) {
            visit(m, t, s, &path, row_of(roots[i]));
            let_look_at(m, t, i);
        }
        free(roots);
    }
    free(path.steps);
}

/* Writes a domain behind all that is below it, along both feeds. */
static size_t climb(struct tree *t, struct path *p, uint32_t root, size_t count)
{
    const struct stand *s = &t->stands[0];

    if (t->seen[root])
        return count;
    t->seen[root] = 1;
    go_into(p, t, (struct row){ GW_DOMAIN, root });
    while (p->count) {
        struct step *step = &p->steps[p->count - 1];
        struct row part;

        if (step->next == step->end) {
            t->upward[count++] = step->row.id;
            p->count--;
            continue;
        }
        part = row_of(s->parts[step->next++]);
        if (part.kind != GW_DOMAIN || t->seen[part.id])
            continue;
        t->seen[part.id] = 1;
        go_into(p, t, part);
    }
    return count;
}

static void order_upward(const struct model *m, struct tree *t)
{
    size_t count = 0, rows = m->rows[GW_DOMAIN].count;
    struct path path = { 0 };

    t->upward = xrealloc(t->upward, rows, sizeof(*t->upward));
    t->seen = xrealloc(t->seen, rows, 1);
    memset(t->seen, 0, rows);
    for (uint32_t row = 0; row < rows; row++)
        count = climb(t, &path, row, count);
    free(path.steps);
}

/* ---- what stands, and what is made anew ---- */

static void swap(uint32_t **a, uint32_t **b)
{
    uint32_t *c = *a;

    *a = *b;
    *b = c;
}

static void swap_stands(struct tree *t, struct tree *made, size_t which)
{
    struct stand *s = &t->stands[which], left = *s;

    *s = made->stands[which];
    made->stands[which] = left;
    for (enum gw_kind kind = s->first; kind <= s->last; kind++) {
        swap(&t->orders[kind], &made->orders[kind]);
        swap(&t->starts[kind], &made->starts[kind]);
        swap(&t->at[kind], &made->at[kind]);
        swap(&t->second_at[kind], &made->second_at[kind]);
        t->filled[kind] = made->filled[kind];
        t->known[kind] = made->known[kind];
    }
    if (which == 0)
        swap(&t->upward, &made->upward);
}

/* Who looks on finds what stands until all of it is made. */
static void make_anew(const struct model *m, struct stand *old, bool in_pieces)
{
    size_t which = (size_t)(old - m->tree->stands);
    struct tree *made = tree_new();
    struct stand *s = &made->stands[which];

    made->in_pieces = in_pieces;
    make_room(m, made, s);
    s->part_room = count_parts(m, made, s);
    s->parts = xrealloc(NULL, s->part_room, sizeof(*s->parts));
    place_parts(m, made, s);
    sort_parts(m, made, s);
    order_rows(m, made, s);
    if (which == 0)
        order_upward(m, made);
    s->cut = false;
    s->grew = old->grew;
    swap_stands(m->tree, made, which);
    tree_free(made);
}

static void add_new_rows(const struct model *m, struct tree *t, const struct stand *s)
{
    for (enum gw_kind kind = s->first; kind <= s->last; kind++) {
        size_t rows = m->rows[kind].count;

        if (t->filled[kind] == rows)
            continue;
        t->orders[kind] = xrealloc(t->orders[kind], rows, sizeof(uint32_t));
        while (t->filled[kind] < rows) {
            t->orders[kind][t->filled[kind]] = (uint32_t)t->filled[kind];
            t->filled[kind]++;
        }
    }
}

static struct tree *grown(const struct model *m, enum gw_kind kind)
{
    struct tree *t = m->tree;
    struct stand *s = stand_of(t, kind);

    if (s->cut && m->onlooker && s == &t->stands[0])
        add_new_rows(m, t, s);
    else if (s->cut)
        make_anew(m, s, false);
    return t;
}

void tree_settle(struct model *m)
{
    struct stand *s = &m->tree->stands[0];

    if (s->cut)
        make_anew(m, s, true);
}

void tree_ripen(struct model *m, enum gw_kind kind)
{
    struct stand *s = stand_of(m->tree, kind);

    if (!s->grew && s->cut)
        make_anew(m, s, true);
    s->grew = false;
}

bool tree_is_list(const struct model *m, enum gw_kind kind)
{
    const struct stand *s = stand_of(grown(m, kind), kind);

    return kind != GW_EVENT && s->first == s->last && !m->tree->starts[kind];
}

const uint32_t *tree_upward(struct model *m)
{
    tree_settle(m);
    return m->tree->upward;
}

size_t tree_bytes(const struct model *m)
{
    size_t bytes = 0;

    for (int kind = 0; kind < GW_KINDS; kind++)
        bytes += m->rows[kind].count * sizeof(uint32_t) *
                 (2 + !!m->tree->starts[kind] + !!m->tree->second_at[kind]);
    for (int i = 0; i < STANDS; i++)
        bytes += m->tree->stands[i].part_room * sizeof(struct part);
    return bytes;
}

/* ---- what others may ask ---- */

/* Events come in a ring of rows: newest first, whatever their number. */
static const uint32_t *order_events(const struct model *m, struct tree *t)
{
    size_t rows = m->rows[GW_EVENT].count;

    for (size_t i = 0; i < rows; i++)
        t->orders[GW_EVENT][i] = (uint32_t)((m->events - 1 - i) % EVENTS_MAX);
    return t->orders[GW_EVENT];
}

const uint32_t *model_order(const struct model *m, enum gw_kind kind)
{
    struct tree *t = grown(m, kind);

    return kind == GW_EVENT ? order_events(m, t) : t->orders[kind];
}

/* ---- a few rows in order ---- */

/* A row on its way to its place: qsort() tells its comparison nothing but these. */
struct placed {
    const struct model *m;
    const struct stand *stand;
    struct row row;
    unsigned depth;
};

static struct row whole_of(const struct placed *p, struct row row)
{
    struct row whole = entity_of(p->m, row.kind, row.id)->parent;

    return is_in(p->stand, whole) ? whole : (struct row){ .id = GW_NONE };
}

/* As visit() meets them: a whole before its parts, and two parts of a whole by kind and
 * name. */
static int compare_placed(const void *a, const void *b)
{
    const struct placed *p = a, *q = b;
    struct row x = p->row, y = q->row, wholes[2];

    for (unsigned d = p->depth; d > q->depth; d--)
        x = whole_of(p, x);
    for (unsigned d = q->depth; d > p->depth; d--)
        y = whole_of(q, y);
    if (row_is(x, y))
        return p->depth < q->depth ? -1 : p->depth > q->depth;
    while (wholes[0] = whole_of(p, x), wholes[1] = whole_of(q, y),
           !row_is(wholes[0], wholes[1])) {
        x = wholes[0];
        y = wholes[1];
    }
    if (x.kind != y.kind)
        return x.kind < y.kind ? -1 : 1;
    return text_natural(entity_of(p->m, x.kind, x.id)->name,
                        entity_of(p->m, y.kind, y.id)->name);
}

static void arrange_few(const struct model *m, enum gw_kind kind, uint32_t *rows,
                        size_t count)
{
    struct placed *all = xcalloc(count + 1, sizeof(*all));

    for (size_t i = 0; i < count; i++) {
        all[i] = (struct placed){ m, stand_of(m->tree, kind), { kind, rows[i] }, 0 };
        for (struct row r = whole_of(&all[i], all[i].row); r.id != GW_NONE;
             r = whole_of(&all[i], r))
            all[i].depth++;
    }
    qsort(all, count, sizeof(*all), compare_placed);
    for (size_t i = 0; i < count; i++)
        rows[i] = all[i].row.id;
    free(all);
}

void model_arrange(const struct model *m, enum gw_kind kind, uint32_t *rows, size_t count)
{
    enum { MANY = 32 };
    size_t all = m->rows[kind].count, left = 0;
    const uint32_t *order;
    bool *chosen;

    if (kind != GW_EVENT && stand_of(m->tree, kind)->cut && count < all / MANY) {
        arrange_few(m, kind, rows, count);
        return;
    }
    order = model_order(m, kind);
    chosen = xcalloc(all + 1, sizeof(*chosen));
    for (size_t i = 0; i < count; i++)
        chosen[rows[i]] = true;
    /* Without a branch: which rows a filter leaves nobody can guess. */
    for (size_t i = 0; i < all && left < count; i++) {
        rows[left] = order[i];
        left += chosen[order[i]];
    }
    free(chosen);
}

/* ---- parts ---- */

/* What stands may be older than the rows: then a part is passed over that has gone. */
static struct row part_from(const struct model *m, struct row whole, uint32_t place)
{
    const struct stand *s = stand_of(m->tree, whole.kind);
    struct range in = parts_of(m->tree, whole);

    for (; place < in.end; place++) {
        struct row part = row_of(s->parts[place]);

        if (!s->cut || is_parent(m, whole, part) ||
            row_is(second_of(m, part.kind, part.id), whole))
            return part;
    }
    return (struct row){ .id = GW_NONE };
}

struct row model_first_part(const struct model *m, struct row whole)
{
    return part_from(m, whole, parts_of(grown(m, whole.kind), whole).start);
}

struct row model_next_part(const struct model *m, struct row whole, struct row part)
{
    const struct tree *t = grown(m, whole.kind);
    const struct stand *s = stand_of(m->tree, whole.kind);
    const uint32_t *places[] = { t->at[part.kind], t->second_at[part.kind] };
    struct range in = parts_of(t, whole);

    for (int i = 0; i < 2 && part.id < t->known[part.kind]; i++) {
        uint32_t place = places[i] ? places[i][part.id] : in.end;

        if (place >= in.start && place < in.end && row_is(row_of(s->parts[place]), part))
            return part_from(m, whole, place + 1);
    }
    return (struct row){ .id = GW_NONE };
}
