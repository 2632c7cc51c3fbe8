/* Chance that is looked up, not drawn: the same (who, scenario) is the same number at
 * every refresh, so that a forecast changes only when what is known does. */
#ifndef FORECAST_CHANCE_H
#define FORECAST_CHANCE_H

#include <stdint.h>

/* SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
 * 2014). */
static inline uint64_t chance_mix(uint64_t a, uint64_t b)
{
    uint64_t z = a * 0x9e3779b97f4a7c15u + b + 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Of a text, the same in every process (FNV-1a: Fowler, Noll, Vo 1991; then mixed). */
static inline uint64_t chance_of_text(const char *text, uint64_t before)
{
    uint64_t hash = 0xcbf29ce484222325u ^ before;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return chance_mix(hash, before);
}

/* In (0, 1). */
static inline double chance_share(uint64_t dice)
{
    return ((double)(dice >> 11) + .5) * 0x1p-53;
}

/* The share that `who` has in scenario s of `count`, a power of two: over all scenarios
 * each of `count` equal parts of (0, 1) comes once (a Latin hypercube: McKay, Beckman,
 * Conover 1979), in an order of its own for every `who`. */
static inline double chance_stratum(uint64_t who, uint32_t s, uint32_t count)
{
    uint64_t dice = chance_mix(who, 0x5ca1ab1e);
    uint32_t mask = count - 1, place = s;

    /* Each step maps the numbers below a power of two one to one. */
    for (int round = 0; round < 3; round++, dice = chance_mix(dice, 1)) {
        place = ((place ^ (uint32_t)dice) * ((uint32_t)(dice >> 32) | 1)) & mask;
        place ^= place >> 3;
    }
    return ((double)place + chance_share(chance_mix(dice, s))) / (double)count;
}

/* The standard normal number above which a share of 1 - u lies (Acklam 2003: relative
 * error below 1.2e-9). */
double chance_normal(double u);

#endif
