/// 64 bytes at a time turned into 64 bits, bit i for byte i. SSE2 is part of every x86-64, so no run-time choice is
/// needed; elsewhere a plain loop that compilers vectorise.
#ifndef C_DATA_PATH_BYTE_MASKS_H
#define C_DATA_PATH_BYTE_MASKS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__)
#include <emmintrin.h>

static inline uint64_t mr_whitespace_mask_16(const uint8_t *bytes) {
    __m128i v = _mm_loadu_si128((const __m128i *)bytes);
    __m128i control = _mm_sub_epi8(v, _mm_set1_epi8(9));
    __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(control, _mm_set1_epi8(4)), control);
    __m128i is_space = _mm_cmpeq_epi8(v, _mm_set1_epi8(' '));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(is_control, is_space));
}

static inline uint64_t mr_non_letter_mask_16(const uint8_t *bytes) {
    __m128i v = _mm_or_si128(_mm_loadu_si128((const __m128i *)bytes), _mm_set1_epi8(0x20));
    __m128i letter = _mm_sub_epi8(v, _mm_set1_epi8('a'));
    __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter);
    return (uint32_t)_mm_movemask_epi8(is_letter) ^ 0xffffu;
}

/// Bits of space, \t, \n, \v, \f and \r among 64 readable bytes.
static inline uint64_t mr_whitespace_mask(const uint8_t *bytes) {
    return mr_whitespace_mask_16(bytes) | mr_whitespace_mask_16(bytes + 16) << 16 |
           mr_whitespace_mask_16(bytes + 32) << 32 | mr_whitespace_mask_16(bytes + 48) << 48;
}

/// Bits of everything but A-Z and a-z among 64 readable bytes.
static inline uint64_t mr_non_letter_mask(const uint8_t *bytes) {
    return mr_non_letter_mask_16(bytes) | mr_non_letter_mask_16(bytes + 16) << 16 |
           mr_non_letter_mask_16(bytes + 32) << 32 | mr_non_letter_mask_16(bytes + 48) << 48;
}
#else
static inline uint64_t mr_whitespace_mask(const uint8_t *bytes) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++) mask |= (uint64_t)(bytes[i] == ' ' || (uint8_t)(bytes[i] - 9) < 5) << i;
    return mask;
}

static inline uint64_t mr_non_letter_mask(const uint8_t *bytes) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++) mask |= (uint64_t)((uint8_t)((bytes[i] | 0x20) - 'a') > 25) << i;
    return mask;
}
#endif

/// How many of `count` bytes are newlines.
size_t mr_newline_count(const uint8_t *bytes, size_t count);

/// How many of `count` bytes have that value.
size_t mr_byte_count(const uint8_t *bytes, uint8_t byte, size_t count);

/// Copies `count` bytes and turns A-Z into a-z; the regions must not overlap.
void mr_copy_lowercased(uint8_t *to, const uint8_t *from, size_t count);

#endif
