#include "CDataPath.h"

/// Bits of the bytes of that value among 64 readable ones.
static inline uint64_t mask_of(const uint8_t *bytes, char value) {
    uint64_t mask = 0;
#if defined(__SSE2__)
    const __m128i wanted = _mm_set1_epi8(value);
    for (int part = 0; part < 4; part++) {
        __m128i v = _mm_loadu_si128((const __m128i *)(bytes + 16 * part));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, wanted)) << 16 * part;
    }
#else
    for (int i = 0; i < 64; i++) mask |= (uint64_t)(bytes[i] == (uint8_t)value) << i;
#endif
    return mask;
}

/// Bits of the records' ends among 64 bytes; goes on with `*quoted`.
static inline uint64_t ends_of(const uint8_t *bytes, int *quoted) {
    uint64_t inside = mask_of(bytes, '"');
    // Each bit becomes the parity of those up to it: from a quote on, bytes are inside.
    for (int shift = 1; shift < 64; shift *= 2) inside ^= inside << shift;
    if (*quoted) inside = ~inside;
    *quoted = (int)(inside >> 63);
    return mask_of(bytes, '\n') & ~inside;
}

size_t mr_last_quoted_end(const uint8_t *bytes, size_t count, int *quoted, size_t *ends) {
    size_t last = 0, i = 0;
    for (; count - i >= 64; i += 64) {
        uint64_t found = ends_of(bytes + i, quoted);
        if (!found) continue;
        last = i + 64 - (size_t)__builtin_clzll(found);
        *ends += (size_t)__builtin_popcountll(found);
    }
    for (; i < count; i++) {
        *quoted ^= bytes[i] == '"';
        if (bytes[i] != '\n' || *quoted) continue;
        last = i + 1;
        *ends += 1;
    }
    return last;
}

size_t mr_first_quoted_end(const uint8_t *bytes, size_t count, int *quoted) {
    size_t i = 0;
    for (; count - i >= 64; i += 64) {
        uint64_t found = ends_of(bytes + i, quoted);
        if (!found) continue;
        *quoted = 0;
        return i + 1 + (size_t)__builtin_ctzll(found);
    }
    for (; i < count; i++) {
        *quoted ^= bytes[i] == '"';
        if (bytes[i] == '\n' && !*quoted) return i + 1;
    }
    return 0;
}
