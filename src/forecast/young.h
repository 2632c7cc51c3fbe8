/* What can be claimed of a breach while little was seen. */
#ifndef FORECAST_YOUNG_H
#define FORECAST_YOUNG_H

/* What of a probability of a breach within a horizon can be claimed when the past is as long as so many of them: of a few
 * windows one swing is most, so beyond the usual share of breaches it is drawn towards that. NAN stays. */
double young_claim(double p, double windows, double usual);
/* Share of horizons with a breach among domains near their caps: what is said where nothing else is known. The same where `before` was
 * said of the first so many seconds. */
double young_usual(double seconds);
double young_usual_after(double before, double before_s, double seconds);

#endif
