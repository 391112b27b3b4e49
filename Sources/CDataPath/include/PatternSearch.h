/// Searching bytes: POSIX extended regular expressions and literals, in text that may hold NUL and invalid UTF-8.
#ifndef C_DATA_PATH_PATTERN_SEARCH_H
#define C_DATA_PATH_PATTERN_SEARCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct mr_pattern mr_pattern;

/// Compiles `count` bytes of an extended regular expression in the process's locale ("C" unless it was changed, so every
/// byte is a character, NUL too). NULL when it is wrong; `reason` is then a constant text.
mr_pattern *mr_pattern_compile(const char *expression, size_t count, const char **reason);

void mr_pattern_free(mr_pattern *pattern);

/// 1 when the expression matches anywhere in the `count` bytes of one line, 0 when it does not, -1 for want of memory. Any
/// thread; takes turns by itself.
int mr_pattern_matches(mr_pattern *pattern, const char *bytes, size_t count);

/// The first occurrence of `needle` in `bytes`, or NULL.
const void *mr_find_bytes(const void *bytes, size_t count, const void *needle, size_t needle_count);

/// The last byte of that value, or NULL.
const void *mr_find_last_byte(const void *bytes, int byte, size_t count);

/// How many bytes, from the first, stand for themselves within a JSON string: whole characters of UTF-8 (RFC 3629), and no
/// control characters, quotes and backslashes.
size_t mr_plain_json_count(const uint8_t *bytes, size_t count);

#endif
