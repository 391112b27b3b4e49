#ifndef CLZMA_SHIM_H
#define CLZMA_SHIM_H

#include <lzma.h>

// A macro with a compound value, which Swift does not see.
static inline lzma_stream clzma_new_stream(void) {
    lzma_stream stream = LZMA_STREAM_INIT;
    return stream;
}

// A macro with a suffix that Swift does not read. Streams one after the other are one file.
static inline lzma_ret clzma_begin_decoding(lzma_stream *stream, uint64_t memory_byte_count_max) {
    return lzma_stream_decoder(stream, memory_byte_count_max, LZMA_CONCATENATED);
}

#endif
