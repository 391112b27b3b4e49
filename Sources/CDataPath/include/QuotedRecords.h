/// Where records end in comma-separated values (RFC 4180): at each LF outside of quotes. Every quote opens or closes; a doubled
/// one does both.
#ifndef C_DATA_PATH_QUOTED_RECORDS_H
#define C_DATA_PATH_QUOTED_RECORDS_H

#include <stddef.h>
#include <stdint.h>

/// Reads `count` bytes on from a place that is within quotes where `*quoted` is 1, outside of them where it is 0, and says there
/// how it is after them. Returns the offset behind the last record's end, 0 where there is none; adds to `*ends` how many there are.
size_t mr_last_quoted_end(const uint8_t *_Nullable bytes, size_t count, int *_Nonnull quoted, size_t *_Nonnull ends);

/// The same up to the first record's end: returns the offset behind it, and 0 where there is none.
size_t mr_first_quoted_end(const uint8_t *_Nullable bytes, size_t count, int *_Nonnull quoted);

#endif
