#define _GNU_SOURCE
#include "PatternSearch.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mr_pattern {
    regex_t compiled;
};

mr_pattern *mr_pattern_compile(const char *expression, char *reason, size_t reason_count) {
    mr_pattern *pattern = malloc(sizeof *pattern);
    if (!pattern) {
        snprintf(reason, reason_count, "no memory left");
        return NULL;
    }
    int code = regcomp(&pattern->compiled, expression, REG_EXTENDED | REG_NOSUB);
    if (code == 0) return pattern;
    regerror(code, &pattern->compiled, reason, reason_count);
    free(pattern);
    return NULL;
}

void mr_pattern_free(mr_pattern *pattern) {
    if (!pattern) return;
    regfree(&pattern->compiled);
    free(pattern);
}

bool mr_pattern_matches(const mr_pattern *pattern, const char *bytes, size_t count) {
    // REG_STARTEND gives the text by its ends, so a NUL is a byte like any other.
    regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)count};
    return regexec(&pattern->compiled, bytes, 1, &range, REG_STARTEND) == 0;
}

const void *mr_find_bytes(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    return memmem(bytes, count, needle, needle_count);
}

const void *mr_find_last_byte(const void *bytes, int byte, size_t count) { return memrchr(bytes, byte, count); }
