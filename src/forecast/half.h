/* A number in two bytes: sign, the octave, and 128 steps of an octave, coded so that the
 * codes are in the order of the numbers. What is remembered of errors needs no more, and
 * 8 of them are compared at once. */
#ifndef FORECAST_HALF_H
#define FORECAST_HALF_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef int16_t half;
enum { HALF_UNKNOWN = INT16_MIN };      /* NAN; below all numbers */

/* Bits of a float, such that integers stand in the order of the floats. */
static inline int32_t half_ordered(float x)
{
    int32_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return bits >= 0 ? bits : bits ^ INT32_MAX;
}

/* The nearest. */
static inline half half_of(float x)
{
    int32_t bits;

    if (isnan(x))
        return HALF_UNKNOWN;
    bits = half_ordered(fmaxf(fminf(x, 3e38F), -3e38F));
    return (half)((bits + 0x8000) >> 16);
}

/* The largest that is not above x: a half is above x where it is above this. */
static inline half half_below(float x)
{
    return (half)(half_ordered(x) >> 16);
}

static inline float half_value(half h)
{
    int32_t bits = (int32_t)((uint32_t)(uint16_t)h << 16);
    float x;

    if (h == HALF_UNKNOWN)
        return NAN;
    if (bits < 0)
        bits ^= INT32_MAX;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

#endif
