#include "ByteMasks.h"

size_t mr_newline_count(const uint8_t *bytes, size_t count) { return mr_byte_count(bytes, '\n', count); }

size_t mr_byte_count(const uint8_t *bytes, uint8_t byte, size_t count) {
    size_t total = 0, i = 0;
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8((char)byte);
    while (count - i >= 64) {
        // Each byte lane counts to at most 4 x 63 = 252 before it is added up.
        __m128i lanes = _mm_setzero_si128();
        for (int round = 0; round < 63 && count - i >= 64; round++, i += 64)
            for (int part = 0; part < 64; part += 16)
                lanes = _mm_sub_epi8(
                    lanes, _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(bytes + i + part)), wanted));
        __m128i sums = _mm_sad_epu8(lanes, _mm_setzero_si128());
        total += (size_t)_mm_cvtsi128_si64(sums) + (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums));
    }
#endif
    for (; i < count; i++) total += bytes[i] == byte;
    return total;
}

void mr_copy_lowercased(uint8_t *restrict to, const uint8_t *restrict from, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = from[i];
        to[i] = byte | ((uint8_t)(byte - 'A') < 26 ? 0x20 : 0);
    }
}
