// One small generator of numbers for all test data: the same seed gives the same bytes on every machine.
#ifndef BENCHMARK_RANDOM_H
#define BENCHMARK_RANDOM_H
#include <stdint.h>

/// The state of an xorshift64* generator; never zero.
typedef uint64_t Random;

/// A generator for one file of one data set. Files don't depend on each other.
static inline Random random_for(uint64_t seed, uint64_t file) {
    Random state = (seed + 1) * 0xd1342543de82ef95u + (file + 1) * 0xaf251af3b0f025b5u;
    return state ? state : 1;
}

static inline uint64_t random_bits(Random *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

/// A number from 0 up to, not including, `bound`, which fits 32 bits.
static inline uint32_t random_below(Random *state, uint32_t bound) {
    return (uint32_t)((random_bits(state) >> 32) * bound >> 32);
}
#endif
