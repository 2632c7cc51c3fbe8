/* The inverse of the normal distribution, by Acklam's rational approximations. */
#include "forecast/chance.h"

#include <math.h>

static double middle(double q)
{
    double r = q * q;

    return (((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r +
              138.3577518672690) *
                 r -
             30.66479806614716) *
                r +
            2.506628277459239) *
           q /
           (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r +
              66.80131188771972) *
                 r -
             13.28068155288572) *
                r +
            1);
}

static double tail(double q)
{
    return (((((-.007784894002430293 * q - .3223964580411365) * q - 2.400758277161838) *
                  q -
              2.549732539343734) *
                 q +
             4.374664141464968) *
                q +
            2.938163982698783) /
           ((((.007784695709041462 * q + .3224671290700398) * q + 2.445134137142996) * q +
             3.754408661907416) *
                q +
            1);
}

double chance_normal(double u)
{
    static const double low = .02425;

    if (u < low)
        return tail(sqrt(-2 * log(u)));
    return u > 1 - low ? -tail(sqrt(-2 * log(1 - u))) : middle(u - .5);
}
