/* Distributions of errors (spread.h). */
#include "forecast/spread.h"

#include <math.h>
#include <string.h>

/* fmax(), which minds the unknown, is a call. */
static double larger(double x, double y)
{
    return x > y ? x : y;
}

/* Four by four, for each waits for the one before. */
double spread_highest(const double *x, size_t n)
{
    double a = x[0], b = a, c = a, d = a;
    size_t i = 1;

    for (; i + 4 <= n; i += 4) {
        a = larger(a, x[i]);
        b = larger(b, x[i + 1]);
        c = larger(c, x[i + 2]);
        d = larger(d, x[i + 3]);
    }
    for (; i < n; i++)
        a = larger(a, x[i]);
    return larger(larger(a, b), larger(c, d));
}

/* Shell's sort (1959) with Ciura's gaps (2001): qsort() takes memory for more than a
 * kilobyte. */
void spread_sort(double *x, size_t n)
{
    static const size_t gaps[] = { 57, 23, 10, 4, 1 };

    for (size_t g = 0; g < sizeof(gaps) / sizeof(*gaps); g++)
        for (size_t i = gaps[g]; i < n; i++) {
            double v = x[i];
            size_t k = i;

            for (; k >= gaps[g] && x[k - gaps[g]] > v; k -= gaps[g])
                x[k] = x[k - gaps[g]];
            x[k] = v;
        }
}

/* Brings those below a bound to the front, and says how many they are (Lomuto's way; no
 * branch, for none could be foretold). */
static size_t part_below(double *x, size_t n, double bound)
{
    size_t below = 0;

    for (size_t i = 0; i < n; i++) {
        double v = x[i];

        x[i] = x[below];
        x[below] = v;
        below += v < bound;
    }
    return below;
}

/* The same, of those that are not above it. */
static size_t part_up_to(double *x, size_t n, double bound)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        double v = x[i];

        x[i] = x[count];
        x[count] = v;
        count += v <= bound;
    }
    return count;
}

static double middle_of(double a, double b, double c)
{
    return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

double spread_nth(double *x, size_t n, size_t k)
{
    while (n > 1) {
        double pivot = middle_of(x[0], x[n / 2], x[n - 1]);
        size_t first = part_below(x, n, pivot);

        if (k < first) {
            n = first;
            continue;
        }
        if (first == 0) {       /* it is the least */
            first = part_up_to(x, n, pivot);
            if (k < first)
                return pivot;
        }
        x += first;
        n -= first;
        k -= first;
    }
    return x[0];
}

double spread_sorted_quantile(const double *x, size_t n, double p)
{
    double at = p * (double)(n - 1);
    size_t i = (size_t)at;

    return i + 1 < n ? x[i] + (at - (double)i) * (x[i + 1] - x[i]) : x[n - 1];
}

void spread_settle(struct spread *s, double floor_w)
{
    size_t n = s->count, beyond = 0;

    spread_sort(s->errors, n);
    s->low = spread_sorted_quantile(s->errors, n, .25);
    s->high = spread_sorted_quantile(s->errors, n, .75);
    s->down = s->up = 0;
    for (size_t i = 0; i < n && s->errors[i] < s->low; i++, beyond++)
        s->down += s->low - s->errors[i];
    s->down = fmax(beyond ? s->down / (double)beyond : 0, floor_w);
    beyond = 0;
    for (size_t i = n; i > 0 && s->errors[i - 1] > s->high; i--, beyond++)
        s->up += s->errors[i - 1] - s->high;
    s->up = fmax(beyond ? s->up / (double)beyond : 0, floor_w);
}

void spread_widen(struct spread *s, double by)
{
    double centre, order[SPREAD_MOST];

    memcpy(order, s->errors, s->count * sizeof(*order));
    centre = spread_nth(order, s->count, s->count / 2);
    for (size_t i = 0; i < s->count; i++)
        s->errors[i] = centre + (s->errors[i] - centre) * by;
    s->scale = 1;
}

double spread_quantile(const struct spread *s, double p)
{
    if (p < .25)
        return s->scale * (s->low + s->down * log(p / .25));
    if (p > .75)
        return s->scale * (s->high - s->up * log((1 - p) / .25));
    return s->scale * spread_sorted_quantile(s->errors, s->count, p);
}

double spread_above(const struct spread *s, double x)
{
    size_t low = 0, high = s->count;
    double place;

    x /= s->scale;
    if (x >= s->high)
        return .25 * exp(-(x - s->high) / s->up);
    if (x <= s->low)
        return 1 - .25 * exp(-(s->low - x) / s->down);
    while (low < high) {
        size_t mid = (low + high) / 2;

        if (s->errors[mid] < x)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0 || low == s->count)
        return low ? .25 : .75;
    place = (double)low - (s->errors[low] - x) / (s->errors[low] - s->errors[low - 1]);
    return fmin(fmax(1 - place / (double)(s->count - 1), .25), .75);
}
