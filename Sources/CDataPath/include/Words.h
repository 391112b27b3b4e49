/// Loads, prefetches and hashes of short byte strings.
#ifndef C_DATA_PATH_WORDS_H
#define C_DATA_PATH_WORDS_H

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "keys are kept in tables as little-endian words and read back as bytes"
#endif

static inline void mr_prefetch_for_read(const void *address) { __builtin_prefetch(address, 0); }

static inline void mr_prefetch_for_write(const void *address) { __builtin_prefetch(address, 1); }

/// 8 bytes at any alignment, the first one lowest.
static inline uint64_t mr_load_8(const void *bytes) {
    uint64_t value;
    memcpy(&value, bytes, 8);
    return value;
}

/// The `count` (0...8) bytes at `bytes`, the first one lowest, zeros above; reads no byte beyond them.
static inline uint64_t mr_load_up_to_8(const uint8_t *bytes, size_t count) {
    if (count == 8) return mr_load_8(bytes);
    if (count >= 4) {
        uint32_t low, high;
        memcpy(&low, bytes, 4);
        memcpy(&high, bytes + count - 4, 4);
        return (uint64_t)low | (uint64_t)high << (8 * (count - 4));
    }
    if (count == 0) return 0;
    return (uint64_t)bytes[0] | (uint64_t)bytes[count >> 1] << (8 * (count >> 1)) |
           (uint64_t)bytes[count - 1] << (8 * (count - 1));
}

/// The two halves of the full product folded together: cheap, and every input bit reaches every output bit.
static inline uint64_t mr_mix(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/// The fixed hash by which keys are spread over partitions; `partitionHash(of:)` says what it is.
static inline uint64_t mr_partition_hash(const uint8_t *key, size_t count) {
    const uint64_t factor = 0x9E3779B97F4A7C15ull;
    uint64_t hash = count;
    size_t rest = count;
    for (; rest > 8; key += 8, rest -= 8) hash = mr_mix(hash ^ mr_load_8(key), factor);
    return mr_mix(mr_mix(hash ^ mr_load_up_to_8(key, rest), factor), 0xD1B54A32D192ED03ull);
}

/// A byte string of up to 16 bytes as two words with zeros above its end. With its length it identifies the string.
typedef struct {
    uint64_t low, high;
} mr_short_key;

/// Reads 16 bytes whatever `count` (1...16) is: the caller knows that they are readable.
static inline mr_short_key mr_load_short_key(const uint8_t *bytes, size_t count) {
    uint64_t low = mr_load_8(bytes), high = mr_load_8(bytes + 8);
    size_t unused = 16 - count;
    uint64_t low_mask = ~0ull >> (unused > 8 ? 8 * (unused - 8) : 0);
    uint64_t high_mask = unused >= 8 ? 0 : ~0ull >> (8 * unused);
    return (mr_short_key){low & low_mask, high & high_mask};
}

/// Reads exactly `count` (0...16) bytes.
static inline mr_short_key mr_load_short_key_exactly(const uint8_t *bytes, size_t count) {
    if (count <= 8) return (mr_short_key){mr_load_up_to_8(bytes, count), 0};
    return (mr_short_key){mr_load_8(bytes), mr_load_up_to_8(bytes + 8, count - 8)};
}

#endif
