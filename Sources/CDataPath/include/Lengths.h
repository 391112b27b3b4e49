/// Lengths of keys and values as they stand before them in blocks: LEB128, which takes a byte for most.
#ifndef C_DATA_PATH_LENGTHS_H
#define C_DATA_PATH_LENGTHS_H

#include <stdint.h>

/// A length takes so many bytes at most.
static const int MR_LENGTH_BYTES_MAX = 5;

/// Writes `length` at `at`, where there is room for MR_LENGTH_BYTES_MAX bytes; returns the address after it.
static inline void *_Nonnull mr_store_length(void *_Nonnull at, uint32_t length) {
    uint8_t *next = at;
    for (; length >= 0x80; length >>= 7) *next++ = (uint8_t)length | 0x80;
    *next++ = (uint8_t)length;
    return next;
}

#endif
