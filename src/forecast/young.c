/* Shares of windows with a breach (young.h). */
#include "forecast/young.h"

#include <math.h>

/* Domains near a cap at their 97th percentile breached it in 1.9, 3.3, 5.8 and 10.6 % of 5, 15, 60 and 240 minutes
 * (a simulated hall): about so. */
double young_usual(double seconds)
{
    return fmin(.019 * pow(fmax(seconds, 60) / 300, .44), .25);
}

double young_usual_after(double before, double before_s, double seconds)
{
    return fmax(young_usual(seconds), 1 - (1 - before) * (1 - young_usual(seconds)) / (1 - young_usual(before_s)));
}

double young_claim(double p, double windows, double usual)
{
    const double doubt = 8;     /* windows: what is usual counts as much as so many that were seen */

    return p <= usual ? p : usual + windows / (windows + doubt) * (p - usual);
}
