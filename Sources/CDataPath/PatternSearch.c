#define _GNU_SOURCE
#include "PatternSearch.h"

#include <pthread.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct mr_pattern {
    regex_t compiled;
};

// GNU's own functions rather than regcomp and regexec, because only their syntax lets "." match NUL. The syntax is a
// global variable, so compiling takes turns.
static pthread_mutex_t syntax_turn = PTHREAD_MUTEX_INITIALIZER;
static const reg_syntax_t SYNTAX = (RE_SYNTAX_POSIX_EXTENDED & ~RE_DOT_NOT_NULL) | RE_NO_SUB;

mr_pattern *mr_pattern_compile(const char *expression, size_t count, const char **reason) {
    mr_pattern *pattern = calloc(1, sizeof *pattern);
    if (pattern) pattern->compiled.fastmap = malloc(256);
    if (!pattern || !pattern->compiled.fastmap) {
        free(pattern);
        *reason = "no memory left";
        return NULL;
    }
    pthread_mutex_lock(&syntax_turn);
    reg_syntax_t before = re_set_syntax(SYNTAX);
    *reason = re_compile_pattern(expression, count, &pattern->compiled);
    re_set_syntax(before);
    pthread_mutex_unlock(&syntax_turn);
    if (!*reason && re_compile_fastmap(&pattern->compiled) == 0) return pattern;
    if (!*reason) *reason = "no memory left";
    mr_pattern_free(pattern);
    return NULL;
}

void mr_pattern_free(mr_pattern *pattern) {
    if (!pattern) return;
    regfree(&pattern->compiled);
    free(pattern);
}

int mr_pattern_matches(mr_pattern *pattern, const char *bytes, size_t count) {
    regoff_t place = re_search(&pattern->compiled, bytes, (regoff_t)count, 0, (regoff_t)count, NULL);
    return place >= 0 ? 1 : place == -1 ? 0 : -1;
}

const void *mr_find_bytes(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    return memmem(bytes, count, needle, needle_count);
}

const void *mr_find_last_byte(const void *bytes, int byte, size_t count) { return memrchr(bytes, byte, count); }

/// The length of the character that begins there, which is no ASCII; 0 when that is no UTF-8.
static size_t character_length(const uint8_t *bytes, size_t count) {
    uint8_t first = bytes[0];
    size_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    if (length == 0 || length > count) return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80) return 0;
    // No longer form than needed, no surrogate, nothing beyond U+10FFFF.
    if ((first == 0xe0 && bytes[1] < 0xa0) || (first == 0xed && bytes[1] >= 0xa0)) return 0;
    if ((first == 0xf0 && bytes[1] < 0x90) || (first == 0xf4 && bytes[1] >= 0x90)) return 0;
    return length;
}

size_t mr_plain_json_count(const uint8_t *bytes, size_t count) {
    size_t i = 0;
    while (i < count) {
        uint8_t byte = bytes[i];
        if (byte < 0x80) {
            if (byte < 0x20 || byte == '"' || byte == '\\') return i;
            i++;
        } else {
            size_t length = character_length(bytes + i, count - i);
            if (length == 0) return i;
            i += length;
        }
    }
    return i;
}
