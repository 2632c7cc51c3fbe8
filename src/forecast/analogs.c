/* Rows in and out of memory, trees grown a few at a time, and questions put to the rows
 * that fall into the same leaves. */
#include "forecast/analogs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t draw(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(((*state >> 32) * below) >> 32);
}

/* ---- the forest ---- */

struct growing {
    struct analogs *rows;
    struct node *nodes;
    uint8_t *leaf;
    unsigned used, leaves;
    float target[ROWS];
    row_number order[ROWS];
};

/* What a tree tells apart: where power goes, how high on the way, what the regression
 * misses, and by how much. */
static float tree_target(const struct analogs *r, unsigned tree, size_t i)
{
    static const struct {
        bool is_most, is_size;
        enum centre centre;
    } kinds[] = { { .centre = CENTRE_LAST },
                  { .is_most = true, .centre = CENTRE_LAST },
                  { .centre = CENTRE_RIDGE },
                  { .is_size = true, .centre = CENTRE_RIDGE } };
    unsigned k = tree % 4;
    float v = half_value(kinds[k].is_most ? r->most[kinds[k].centre][i]
                                          : r->error[kinds[k].centre][i]),
          usual = fmaxf(r->usual[kinds[k].centre == CENTRE_RIDGE], 1e-20F);

    if (isnan(v))
        return 0;
    v /= usual;
    v = v / (1 + fabsf(v) / 6);
    return kinds[k].is_size ? fabsf(v) : v;
}

struct split {
    uint8_t feature, above;
    float gain;
};

/* Each feature is cut where a row drawn at random stands; what lies above is summed for
 * all of them at once. */
static struct split try_split(struct growing *g, size_t low, size_t high)
{
    struct split best = { .gain = 0 };
    float total = 0, sum[FEATURES] = { 0 };
    uint16_t count[FEATURES] = { 0 };
    uint8_t above[FEATURES];
    size_t n = high - low;

    for (unsigned f = 0; f < FEATURES; f++)
        above[f] = g->rows->codes[g->order[low + draw(&g->rows->chance, (uint32_t)n)]][f];
    for (size_t i = low; i < high; i++) {
        const uint8_t *codes = g->rows->codes[g->order[i]];
        float target = g->target[g->order[i]];

        total += target;
        for (unsigned f = 0; f < FEATURES; f++)
            sum[f] += codes[f] > above[f] ? target : 0;
        for (unsigned f = 0; f < FEATURES; f++)
            count[f] = (uint16_t)(count[f] + (codes[f] > above[f]));
    }
    for (unsigned f = 0; f < FEATURES; f++) {
        float over = (float)count[f], under = (float)n - over, gain;

        if (count[f] < LEAF_LEAST || n - count[f] < LEAF_LEAST)
            continue;
        gain = sum[f] * sum[f] / over + (total - sum[f]) * (total - sum[f]) / under -
               total * total / (float)n;
        if (gain > best.gain)
            best = (struct split){ (uint8_t)f, above[f], gain };
    }
    return best;
}

static void make_leaf(struct growing *g, unsigned node, size_t low, size_t high)
{
    g->nodes[node] = (struct node){ .feature = NODE_LEAF, .above = (uint8_t)g->leaves };
    for (size_t i = low; i < high; i++)
        g->leaf[g->order[i]] = (uint8_t)g->leaves;
    g->leaves++;
}

static void grow(struct growing *g, unsigned node, size_t low, size_t high)
{
    struct split s = { .gain = 0 };
    size_t middle = low;
    unsigned child;

    if (high - low >= 2 * LEAF_LEAST && g->used + 2 <= NODES)
        s = try_split(g, low, high);
    if (!(s.gain > 0)) {
        make_leaf(g, node, low, high);
        return;
    }
    for (size_t i = low; i < high; i++)
        if (g->rows->codes[g->order[i]][s.feature] <= s.above) {
            row_number swap = g->order[i];

            g->order[i] = g->order[middle];
            g->order[middle++] = swap;
        }
    child = g->used;
    g->used += 2;
    g->nodes[node] = (struct node){ s.feature, s.above, (uint8_t)(child / 2) };
    grow(g, child, low, middle);
    grow(g, child + 1, middle, high);
}

static void grow_tree(struct analogs *r, unsigned tree)
{
    struct growing g = {
        .rows = r, .nodes = r->trees[tree], .leaf = r->leaf[tree], .used = 1
    };

    for (size_t i = 0; i < r->count; i++) {
        g.order[i] = (row_number)i;
        g.target[i] = tree_target(r, tree, i);
    }
    grow(&g, 0, 0, r->count);
    r->used[tree] = (uint8_t)g.used;
}

static uint8_t leaf_of(const struct node *nodes, const uint8_t codes[FEATURES])
{
    const struct node *n = nodes;

    while (n->feature != NODE_LEAF)
        n = &nodes[2 * n->pair + 1 + (codes[n->feature] > n->above)];
    return n->above;
}

/* ---- the rows ---- */

/* What the k-th order is by; equal ones stand in the order of their rows, so that it
 * follows from them. */
static const half *sorted_by(const struct analogs *r, unsigned k)
{
    return k < CENTRES ? r->error[k] : r->most[CENTRE_LAST];
}

static void forget_place(struct analogs *r, size_t row)
{
    for (unsigned k = 0; k <= CENTRES; k++) {
        row_number *order = r->sorted[k];
        size_t i = 0;

        while (order[i] != row)
            i++;
        memmove(order + i, order + i + 1, (r->count - 1U - i) * sizeof(*order));
    }
}

static void find_place(struct analogs *r, size_t row, size_t others)
{
    for (unsigned k = 0; k <= CENTRES; k++) {
        const half *by = sorted_by(r, k);
        row_number *order = r->sorted[k];
        size_t low = 0, high = others;

        while (low < high) {
            size_t mid = (low + high) / 2;

            if (by[order[mid]] < by[row] ||
                (by[order[mid]] == by[row] && order[mid] < row))
                low = mid + 1;
            else
                high = mid;
        }
        memmove(order + low + 1, order + low, (others - low) * sizeof(*order));
        order[low] = (row_number)row;
    }
}

static void find_leaves(struct analogs *r, size_t row)
{
    for (unsigned t = 0; t < r->grown; t++)
        r->leaf[t][row] = leaf_of(r->trees[t], r->codes[row]);
}

static void put(struct analogs *r, size_t at, const struct analog *row)
{
    bool is_new = at == r->count;

    if (!is_new)
        forget_place(r, at);
    memcpy(r->codes[at], row->codes, sizeof(row->codes));
    for (unsigned c = 0; c < CENTRES; c++) {
        r->error[c][at] = row->error[c];
        r->most[c][at] = row->most[c];
    }
    find_place(r, at, is_new ? r->count : r->count - 1U);
    r->count = (uint16_t)(r->count + is_new);
    find_leaves(r, at);
}

static void take(const struct analogs *r, size_t at, struct analog *row)
{
    memcpy(row->codes, r->codes[at], sizeof(row->codes));
    for (unsigned c = 0; c < CENTRES; c++) {
        row->error[c] = r->error[c][at];
        row->most[c] = r->most[c][at];
    }
}

/* The newest push out the oldest of the recent half, and one in three of these takes the
 * place of any of the old. */
static void keep(struct analogs *r, const struct analog *row)
{
    enum { HALF = ROWS / 2 };

    if (r->count < ROWS && r->recent_count < HALF) {
        put(r, r->count, row);
        r->recent_count++;
        return;
    }
    if (r->count < ROWS || draw(&r->chance, KEEP_ONE_IN) == 0) {
        struct analog leaving;

        take(r, r->recent, &leaving);
        put(r, r->count < ROWS ? r->count : HALF + draw(&r->chance, HALF), &leaving);
    }
    put(r, r->recent, row);
    r->recent = (uint16_t)((r->recent + 1) % HALF);
}

static void measure(struct analogs *r)
{
    static const enum centre of[2] = { CENTRE_LAST, CENTRE_RIDGE };

    for (unsigned k = 0; k < 2; k++) {
        float sum = 0;

        for (size_t i = 0; i < r->count; i++)
            sum += fabsf(half_value(r->error[of[k]][i]));
        r->usual[k] = sum / (float)r->count;
    }
}

void analogs_add(struct analogs *r, const struct analog *row)
{
    keep(r, row);
    if (r->count < 40)
        return;
    if (++r->since_tree * TREES < r->count && r->grown == TREES)
        return;
    r->since_tree = 0;
    if (r->next_tree == 0 || r->grown < TREES)
        measure(r);
    grow_tree(r, r->next_tree);
    r->grown = (uint16_t)(r->grown + (r->grown < TREES));
    r->next_tree = (uint16_t)((r->next_tree + 1) % TREES);
}

static void sum_up(const struct analogs *r, struct weights *to)
{
    uint64_t squares = 0;

    for (size_t i = 0; i < r->count; i++) {
        to->sum += to->of[i];
        if (r->most[CENTRE_LAST][i] == HALF_UNKNOWN)
            continue;
        to->most_sum += to->of[i];
        squares += (uint32_t)to->of[i] * to->of[i];
    }
    to->rests_on = squares ? (double)to->most_sum * to->most_sum / (double)squares : 0;
}

/* Loops over all ROWS, so that the compiler may take several at once; those that are not
 * there weigh nothing. */
void analogs_alike(const struct analogs *r, const uint8_t codes[FEATURES],
                   struct weights *to)
{
    uint8_t is_here[ROWS];

    if (r->grown < TREES) {
        analogs_all(r, to);
        return;
    }
    memset(to, 0, sizeof(*to));
    for (unsigned t = 0; t < TREES; t++) {
        uint8_t leaf = leaf_of(r->trees[t], codes);
        const uint8_t *of = r->leaf[t];
        uint32_t count = 0;
        uint16_t share;

        for (size_t i = 0; i < ROWS; i++)
            is_here[i] = of[i] == leaf;
        for (size_t i = 0; i < ROWS; i++)
            count += is_here[i];
        share = (uint16_t)(1024 / (count < 2 ? 2 : count));
        for (size_t i = 0; i < ROWS; i++)
            to->of[i] = (uint16_t)(to->of[i] + share * is_here[i]);
    }
    for (size_t i = r->count; i < ROWS; i++)
        to->of[i] = 0;
    sum_up(r, to);
}

void analogs_all(const struct analogs *r, struct weights *to)
{
    memset(to, 0, sizeof(*to));
    for (size_t i = 0; i < r->count; i++)
        to->of[i] = 1;
    to->is_even = true;
    sum_up(r, to);
}

static void even_quantiles(const struct analogs *r, enum centre c, const double *levels,
                           size_t count, float *to)
{
    for (size_t i = 0; i < count; i++) {
        double at = levels[i] * (double)(r->count - 1);
        size_t k = (size_t)at;
        float low = half_value(r->error[c][r->sorted[c][k]]),
              high = half_value(r->error[c][r->sorted[c][k + 1 < r->count ? k + 1 : k]]);

        to[i] = low + (float)(at - (double)k) * (high - low);
    }
}

/* Each row stands in the middle of its weight; between two the line. */
void analogs_quantiles(const struct analogs *r, enum centre c, const struct weights *w,
                       const double *levels, size_t count, float *to)
{
    const row_number *order = r->sorted[c];
    row_number here[ROWS];
    uint32_t middle[ROWS], sum = 0;     /* twice as far as it is */
    size_t n = 0, at = 0;

    if (w->is_even) {
        even_quantiles(r, c, levels, count, to);
        return;
    }
    for (size_t i = 0; i < r->count; i++) {
        uint32_t weight = w->of[order[i]];

        here[n] = order[i];
        middle[n] = 2 * sum + weight;
        sum += weight;
        n += weight != 0;
    }
    for (size_t i = 0; i < count; i++) {
        float want = 2 * (float)levels[i] * (float)w->sum, before, after;

        while (at < n && (float)middle[at] < want)
            at++;
        after = half_value(r->error[c][here[at < n ? at : n - 1]]);
        before = at > 0 && at < n ? half_value(r->error[c][here[at - 1]]) : after;
        to[i] = at > 0 && at < n
                    ? before + (want - (float)middle[at - 1]) /
                                   (float)(middle[at] - middle[at - 1]) * (after - before)
                    : after;
    }
}

void analogs_most_quantiles(const struct analogs *r, const struct weights *w,
                            const double *levels, size_t count, float *to)
{
    const row_number *order = r->sorted[CENTRES];
    const half *most = r->most[CENTRE_LAST];
    size_t at = 0;
    double sum = 0;

    while (at < r->count && most[order[at]] == HALF_UNKNOWN)
        at++;
    for (size_t i = 0; i < count; i++) {
        while (at + 1U < r->count && sum + w->of[order[at]] < levels[i] * w->most_sum)
            sum += w->of[order[at++]];
        to[i] = at < r->count && w->most_sum ? half_value(most[order[at]]) : NAN;
    }
}

double analogs_above(const struct analogs *r, enum centre c, const struct weights *w,
                     double watts)
{
    const half *most = r->most[c];
    half limit = half_below((float)watts);
    uint32_t over = 0;

    if (!w->most_sum)
        return NAN;
    for (size_t i = 0; i < ROWS; i++)
        over += most[i] > limit ? w->of[i] : 0;
    return ((double)over / (double)w->most_sum * w->rests_on + .25) / (w->rests_on + .5);
}

/* ---- the state ---- */

static bool is_sound(const struct analogs *r)
{
    if (r->count > ROWS || r->recent >= ROWS / 2 || r->recent_count > ROWS / 2 ||
        r->grown > TREES || r->next_tree >= TREES)
        return false;
    for (unsigned t = 0; t < r->grown; t++)
        for (unsigned n = 0; n < r->used[t]; n++) {
            const struct node *node = &r->trees[t][n];

            /* Children come after their parent, or one would never arrive. */
            if (node->feature != NODE_LEAF &&
                (node->feature >= FEATURES || 2U * node->pair + 1 <= n ||
                 2U * node->pair + 2 >= r->used[t]))
                return false;
        }
    return true;
}

bool analogs_pack(struct analogs *r, struct pack *p)
{
    pack_bytes(p, r, offsetof(struct analogs, codes));
    if (r->count > ROWS || r->grown > TREES)
        return false;
    pack_bytes(p, r->codes, r->count * sizeof(r->codes[0]));
    for (unsigned c = 0; c < CENTRES; c++) {
        pack_bytes(p, r->error[c], r->count * sizeof(half));
        pack_bytes(p, r->most[c], r->count * sizeof(half));
    }
    for (unsigned t = 0; t < r->grown; t++) {
        pack(p, r->used[t]);
        if (r->used[t] > NODES)
            return false;
        pack_bytes(p, r->trees[t], r->used[t] * sizeof(struct node));
    }
    if (!p->reads)
        return true;
    if (p->used > p->room || !is_sound(r))
        return false;
    for (size_t i = 0, count = r->count; i < count; i++) {
        find_place(r, i, i);
        find_leaves(r, i);
    }
    return true;
}
