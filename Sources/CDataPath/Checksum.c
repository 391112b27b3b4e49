#include "Checksum.h"

#include <pthread.h>
#include <string.h>

enum { TABLE_COUNT = 8 };
static uint32_t tables[TABLE_COUNT][256];
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

static void make_tables(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (value & 1 ? 0x82f63b78u : 0);
        tables[0][i] = value;
    }
    for (int t = 1; t < TABLE_COUNT; t++)
        for (int i = 0; i < 256; i++) tables[t][i] = tables[t - 1][i] >> 8 ^ tables[0][tables[t - 1][i] & 0xff];
}

uint32_t mr_crc32c_portable(uint32_t checksum, const void *bytes, size_t count) {
    pthread_once(&tables_made, make_tables);
    const uint8_t *p = bytes;
    uint32_t crc = ~checksum;
    for (; count >= 8; p += 8, count -= 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        crc = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^ tables[4][low >> 24] ^
              tables[3][p[4]] ^ tables[2][p[5]] ^ tables[1][p[6]] ^ tables[0][p[7]];
    }
    for (; count; p++, count--) crc = crc >> 8 ^ tables[0][(crc ^ *p) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(uint32_t checksum, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    uint64_t crc = (uint32_t)~checksum;
    for (; count >= 8; p += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        crc = _mm_crc32_u64(crc, word);
    }
    for (; count; p++, count--) crc = _mm_crc32_u8((uint32_t)crc, *p);
    return ~(uint32_t)crc;
}

uint32_t mr_crc32c(uint32_t checksum, const void *bytes, size_t count) {
    return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(checksum, bytes, count)
                                            : mr_crc32c_portable(checksum, bytes, count);
}
#else
uint32_t mr_crc32c(uint32_t checksum, const void *bytes, size_t count) {
    return mr_crc32c_portable(checksum, bytes, count);
}
#endif
