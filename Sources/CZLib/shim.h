#ifndef CZLIB_SHIM_H
#define CZLIB_SHIM_H

#include <zlib.h>

// A macro of many parts, which Swift does not see.
static inline int czlib_begin_inflating(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

#endif
