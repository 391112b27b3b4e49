// Sorts what has a key by the key's first eight bytes, one after the other, and by comparison where that is quicker or these
// bytes are alike. Whoever includes it defines `is_before`.
#ifndef BENCHMARK_RADIX_H
#define BENCHMARK_RADIX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { insertion_count_max = 40 };

/// The first eight bytes of a key, as a number that compares as they do, and where the rest is.
typedef struct {
    uint64_t prefix;
    const uint8_t *item;
} Keyed;

static inline bool is_before(const Keyed *a, const Keyed *b);

static int compare_keyed(const void *left, const void *right) { return is_before(left, right) ? -1 : is_before(right, left); }

static void insertion_sort(Keyed *first, size_t count) {
    for (size_t i = 1; i < count; i++) {
        Keyed moved = first[i];
        size_t place = i;
        for (; place && is_before(&moved, &first[place - 1]); place--) first[place] = first[place - 1];
        first[place] = moved;
    }
}

/// Sorts by the byte `shift` bits up from the lowest, and those below it; above it all agree. `spare` has room for as many.
static void radix_sort(Keyed *first, Keyed *spare, size_t count, int shift) {
    if (count < insertion_count_max) {
        insertion_sort(first, count);
        return;
    }
    if (shift < 0) {
        qsort(first, count, sizeof *first, compare_keyed);
        return;
    }
    size_t ends[256] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++) ends[first[i].prefix >> shift & 255]++;
    for (int byte = 0; byte < 256; byte++) {
        size_t start = sum;
        sum += ends[byte];
        ends[byte] = start;
    }
    for (size_t i = 0; i < count; i++) spare[ends[first[i].prefix >> shift & 255]++] = first[i];
    memcpy(first, spare, count * sizeof *first);
    for (size_t byte = 0, start = 0; byte < 256; start = ends[byte++])
        if (ends[byte] - start > 1) radix_sort(first + start, spare, ends[byte] - start, shift - 8);
}
#endif
