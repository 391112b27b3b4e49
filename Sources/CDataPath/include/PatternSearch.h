/// Searching bytes: POSIX extended regular expressions and literals, in text that may hold NUL and invalid UTF-8.
#ifndef C_DATA_PATH_PATTERN_SEARCH_H
#define C_DATA_PATH_PATTERN_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mr_pattern mr_pattern;

/// Compiles an extended regular expression in the process's locale ("C" unless it was changed, so every byte is a
/// character). NULL when it is wrong; the reason is then in `reason`, NUL-terminated.
mr_pattern *mr_pattern_compile(const char *expression, char *reason, size_t reason_count);

void mr_pattern_free(mr_pattern *pattern);

/// Whether the expression matches anywhere in the `count` bytes of one line. Any thread, one at a time per pattern.
bool mr_pattern_matches(const mr_pattern *pattern, const char *bytes, size_t count);

/// The first occurrence of `needle` in `bytes`, or NULL.
const void *mr_find_bytes(const void *bytes, size_t count, const void *needle, size_t needle_count);

/// The last byte of that value, or NULL.
const void *mr_find_last_byte(const void *bytes, int byte, size_t count);

#endif
