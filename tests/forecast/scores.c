/* The scores of score.h over what stands on stdin, a forecast a line: `power`, the
 * quantiles at score_levels and what came; or `breach`, p and whether it came (0 or 1).
 * For tests/forecast/agree. */
#include "forecast/score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_numbers(double *to, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (scanf("%lf", &to[i]) != 1)
            return false;
    return true;
}

int main(void)
{
    struct score_quantiles power = { 0 };
    struct score_chance breach = { 0 };
    double numbers[SCORE_LEVELS + 1];
    char what[8];

    while (scanf("%7s", what) == 1) {
        bool is_power = strcmp(what, "power") == 0;

        if (!read_numbers(numbers, is_power ? SCORE_LEVELS + 1 : 2)) {
            fputs("scores: expected numbers after power or breach\n", stderr);
            return EXIT_FAILURE;
        }
        if (is_power)
            score_quantiles_add(&power, numbers, numbers[SCORE_LEVELS]);
        else
            score_chance_add(&breach, numbers[0], numbers[1] > 0);
    }
    printf("%.17g %.17g %.17g\n", score_mean_pinball(&power), score_coverage(&power),
           score_exceedance(&power));
    printf("%.17g %.17g %.17g\n", score_base_rate(&breach), score_brier_skill(&breach),
           score_average_precision(&breach));
    return EXIT_SUCCESS;
}
