/* Time. Wall time is seconds since 1970; it may jump, so what waits uses the steady
 * clock. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

double clock_wall(void);
double clock_steady(void);

/* From now on the wall clock stands still at `seconds`: for --now, in tests and pictures.
 * Only main() calls it, before any thread is started. */
void clock_stop_at(double seconds);
/* From now on the wall clock runs so many times as fast: for --replay. The steady one
 * does not. Only before any thread. */
void clock_hasten(double times);
double clock_speed(void);       /* 1 unless hastened */

#endif
