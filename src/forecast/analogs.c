/* Rows in and out of memory, trees grown a few at a time, and questions put to the rows that fall into the same leaves. */
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
    uint16_t order[ROWS];
};

/* What a tree tells apart: where power goes, how high on the way, what the regression misses, and by how much. */
static float tree_target(const struct analogs *r, unsigned tree, size_t i)
{
    static const struct {
        bool is_most, is_size;
        enum centre centre;
    } kinds[] = { { .centre = CENTRE_LAST }, { .is_most = true, .centre = CENTRE_LAST }, { .centre = CENTRE_RIDGE },
                  { .is_size = true, .centre = CENTRE_RIDGE } };
    unsigned k = tree % 4;
    float v = kinds[k].is_most ? r->most[kinds[k].centre][i] : r->error[kinds[k].centre][i],
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

static struct split try_split(struct growing *g, size_t low, size_t high)
{
    struct split best = { .gain = 0 };
    float total = 0;
    size_t n = high - low;

    for (size_t i = low; i < high; i++)
        total += g->target[g->order[i]];
    for (unsigned tries = 0; tries < FEATURES / 2; tries++) {
        unsigned feature = draw(&g->rows->chance, FEATURES);
        uint8_t least = 255, most = 0, above;
        float sum = 0;
        size_t count = 0;

        for (size_t i = low; i < high; i++) {
            uint8_t v = g->rows->codes[g->order[i]][feature];

            least = v < least ? v : least;
            most = v > most ? v : most;
        }
        if (least >= most)
            continue;
        above = (uint8_t)(least + draw(&g->rows->chance, (uint32_t)(most - least)));
        for (size_t i = low; i < high; i++) {
            bool over = g->rows->codes[g->order[i]][feature] > above;

            sum += over ? g->target[g->order[i]] : 0;
            count += over;
        }
        if (count >= LEAF_LEAST && n - count >= LEAF_LEAST) {
            float gain = sum * sum / (float)count + (total - sum) * (total - sum) / (float)(n - count) - total * total / (float)n;

            if (gain > best.gain)
                best = (struct split){ (uint8_t)feature, above, gain };
        }
    }
    return best;
}

static void make_leaf(struct growing *g, unsigned node, size_t low, size_t high)
{
    g->nodes[node] = (struct node){ .above = (uint8_t)g->leaves };
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
            uint16_t swap = g->order[i];

            g->order[i] = g->order[middle];
            g->order[middle++] = swap;
        }
    child = g->used;
    g->used += 2;
    g->nodes[node] = (struct node){ s.feature, s.above, (uint16_t)child };
    grow(g, child, low, middle);
    grow(g, child + 1, middle, high);
}

static void grow_tree(struct analogs *r, unsigned tree)
{
    struct growing g = { .rows = r, .nodes = r->trees[tree], .leaf = r->leaf[tree], .used = 1 };

    for (size_t i = 0; i < r->count; i++) {
        g.order[i] = (uint16_t)i;
        g.target[i] = tree_target(r, tree, i);
    }
    grow(&g, 0, 0, r->count);
}

static uint8_t leaf_of(const struct node *nodes, const uint8_t codes[FEATURES])
{
    const struct node *n = nodes;

    while (n->child)
        n = &nodes[n->child + (codes[n->feature] > n->above)];
    return n->above;
}

/* ---- the rows ---- */

static void forget_place(struct analogs *r, size_t row)
{
    for (unsigned c = 0; c < CENTRES; c++) {
        uint16_t *order = r->sorted[c];
        size_t i = 0;

        while (order[i] != row)
            i++;
        memmove(order + i, order + i + 1, (r->count - 1 - i) * sizeof(*order));
    }
}

static void find_place(struct analogs *r, size_t row, size_t others)
{
    for (unsigned c = 0; c < CENTRES; c++) {
        uint16_t *order = r->sorted[c];
        size_t low = 0, high = others;

        while (low < high) {
            size_t mid = (low + high) / 2;

            if (r->error[c][order[mid]] < r->error[c][row])
                low = mid + 1;
            else
                high = mid;
        }
        memmove(order + low + 1, order + low, (others - low) * sizeof(*order));
        order[low] = (uint16_t)row;
    }
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
    find_place(r, at, is_new ? r->count : r->count - 1);
    r->count += is_new;
    for (unsigned t = 0; t < r->grown; t++)
        r->leaf[t][at] = leaf_of(r->trees[t], row->codes);
}

static void take(const struct analogs *r, size_t at, struct analog *row)
{
    memcpy(row->codes, r->codes[at], sizeof(row->codes));
    for (unsigned c = 0; c < CENTRES; c++) {
        row->error[c] = r->error[c][at];
        row->most[c] = r->most[c][at];
    }
}
#ifndef KEEP_1_IN
#define KEEP_1_IN 3
#endif
/* The newest push out the oldest of the recent half, and one in three of these takes the place of any of the old. */
static void keep(struct analogs *r, const struct analog *row)
{
    enum { HALF = ROWS / 2 };

    if (r->count < ROWS && r->recent_count < HALF) {
        put(r, r->count, row);
        r->recent_count++;
        return;
    }
    if (r->count < ROWS || draw(&r->chance, KEEP_1_IN) == 0) {
        struct analog leaving;

        take(r, r->recent, &leaving);
        put(r, r->count < ROWS ? r->count : HALF + draw(&r->chance, HALF), &leaving);
    }
    put(r, r->recent, row);
    r->recent = (r->recent + 1) % HALF;
}

static void measure(struct analogs *r)
{
    static const enum centre of[2] = { CENTRE_LAST, CENTRE_RIDGE };

    for (unsigned k = 0; k < 2; k++) {
        float sum = 0;

        for (size_t i = 0; i < r->count; i++)
            sum += fabsf(r->error[of[k]][i]);
        r->usual[k] = sum / (float)r->count;
    }
}

void analogs_add(struct analogs *r, const struct analog *row)
{
    keep(r, row);
    if (r->count < 40)
        return;
    if (++r->since_tree * 2 * TREES < r->count && r->grown == TREES)
        return;
    r->since_tree = 0;
    if (r->next_tree == 0 || r->grown < TREES)
        measure(r);
    grow_tree(r, r->next_tree);
    r->grown += r->grown < TREES;
    r->next_tree = (r->next_tree + 1) % TREES;
}

float analogs_alike(const struct analogs *r, const uint8_t codes[FEATURES], uint16_t weights[ROWS])
{
    float sum = 0;

    memset(weights, 0, r->count * sizeof(*weights));
    for (unsigned t = 0; t < r->grown; t++) {
        uint8_t leaf = leaf_of(r->trees[t], codes);
        const uint8_t *of = r->leaf[t];
        unsigned count = 0;
        uint16_t share;

        for (size_t i = 0; i < r->count; i++)
            count += of[i] == leaf;
        share = (uint16_t)(1024 / (count < 2 ? 2 : count));
        for (size_t i = 0; i < r->count; i++)
            weights[i] = (uint16_t)(weights[i] + (of[i] == leaf ? share : 0));
    }
    for (size_t i = 0; i < r->count; i++)
        sum += weights[i];
    return sum;
}

void analogs_quantiles(const struct analogs *r, enum centre c, const uint16_t *weights, const double *levels, size_t count, float *to)
{
    double total = 0, sum = 0, before = 0;
    size_t next = 0;
    float last = NAN;

    if (!weights) {
        for (size_t i = 0; i < count; i++) {
            double at = levels[i] * (double)(r->count - 1);
            size_t k = (size_t)at;
            float low = r->error[c][r->sorted[c][k]], high = r->error[c][r->sorted[c][k + 1 < r->count ? k + 1 : k]];

            to[i] = low + (float)(at - (double)k) * (high - low);
        }
        return;
    }
    for (size_t i = 0; i < r->count; i++)
        total += weights[i];
    /* Each row stands in the middle of its weight; between two the line. */
    for (size_t i = 0; i < r->count && next < count; i++) {
        uint16_t row = r->sorted[c][i];
        double middle;
        float v = r->error[c][row];

        if (!weights[row])
            continue;
        middle = sum + weights[row] / 2.;
        sum += weights[row];
        while (next < count && levels[next] * total <= middle) {
            to[next] = isnan(last) ? v : last + (float)((levels[next] * total - before) / (middle - before)) * (v - last);
            next++;
        }
        last = v;
        before = middle;
    }
    while (next < count)
        to[next++] = last;
}

struct weighted {
    float value;
    uint16_t weight;
};

static int compare(const void *a, const void *b)
{
    float x = ((const struct weighted *)a)->value, y = ((const struct weighted *)b)->value;

    return x < y ? -1 : x > y;
}

void analogs_most_quantiles(const struct analogs *r, const uint16_t *weights, const double *levels, size_t count, float *to)
{
    struct weighted all[ROWS];
    size_t n = 0, at = 0;
    double total = 0, sum = 0;

    for (size_t i = 0; i < r->count; i++)
        if (!isnan(r->most[CENTRE_LAST][i]) && (!weights || weights[i])) {
            all[n] = (struct weighted){ r->most[CENTRE_LAST][i], weights ? weights[i] : 1 };
            total += all[n++].weight;
        }
    qsort(all, n, sizeof(*all), compare);
    for (size_t i = 0; i < count; i++) {
        while (at + 1 < n && sum + all[at].weight < levels[i] * total)
            sum += all[at++].weight;
        to[i] = n ? all[at].value : NAN;
    }
}

double analogs_above(const struct analogs *r, enum centre c, const uint16_t *weights, double watts)
{
    double over = 0, total = 0, squares = 0, n;

    for (size_t i = 0; i < r->count; i++) {
        double w = weights ? weights[i] : 1;

        if (isnan(r->most[c][i]))
            continue;
        total += w;
        squares += w * w;
        over += (double)r->most[c][i] > watts ? w : 0;
    }
    n = squares > 0 ? total * total / squares : 0;
    return total > 0 ? (over / total * n + .25) / (n + .5) : NAN;
}
