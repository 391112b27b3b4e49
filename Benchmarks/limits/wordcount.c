// Counts words as fast as this machine can with two threads and no framework:
//     wordcount OUTPUT FILE...
// It stands for the limit in the benchmarks. Words are runs of bytes other than ASCII white space; OUTPUT gets
// `word TAB count` lines in the order of the words' bytes. Files must not change while it runs.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "radix.h"
#include "table.h"

enum { thread_count = 2, piece_size = 4 << 20, populate_size_min = 1 << 20 };

/// Some text whose first and last words are whole.
typedef struct {
    const uint8_t *start, *end;
} Piece;

static Piece *pieces;
static size_t piece_count, pieces_room;
static atomic_size_t next_piece, next_range;

/// What a thread owns; padded so that no two share a cache line.
typedef struct {
    _Alignas(256) Table table;
} Counter;
static Counter counters[thread_count];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline bool is_space(uint8_t byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

/// Bit i says whether text[i] is white space, for 64 bytes.
static inline uint64_t space_mask(const uint8_t *text) {
    typedef uint8_t Block __attribute__((vector_size(32), aligned(1)));
    uint64_t mask = 0;
    for (int half = 0; half < 2; half++) {
        Block block = *(const Block *)(text + 32 * half);
        Block spaces = (Block)(block == ' ') | (Block)((Block)(block - '\t') < 5);
#ifdef __AVX2__
        mask |= (uint64_t)(uint32_t)__builtin_ia32_pmovmskb256((char __attribute__((vector_size(32))))spaces) << (32 * half);
#else
        for (int i = 0; i < 32; i++) mask |= (uint64_t)(spaces[i] & 1) << (i + 32 * half);
#endif
    }
    return mask;
}

static void count_words(Table *table, const uint8_t *text, const uint8_t *end) {
    Waiting waiting = {.count = 0};
    const uint8_t *word = text;
    while (end - text >= 64) {
        for (uint64_t mask = space_mask(text); mask; mask &= mask - 1) {
            const uint8_t *space = text + __builtin_ctzll(mask);
            if (space > word) waiting_add(&waiting, table, entry_for(word, (size_t)(space - word), end));
            word = space + 1;
        }
        text += 64;
    }
    for (; text <= end; text++) {
        if (text < end && !is_space(*text)) continue;
        if (text > word) waiting_add(&waiting, table, entry_for(word, (size_t)(text - word), end));
        word = text + 1;
    }
    waiting_empty(&waiting, table);
}

static void *count_pieces(void *argument) {
    Table *table = &((Counter *)argument)->table;
    table_init(table, 1 << 18);
    for (size_t index; (index = atomic_fetch_add(&next_piece, 1)) < piece_count;)
        count_words(table, pieces[index].start, pieces[index].end);
    return NULL;
}

static void map_file(const char *path) {
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &status)) fail(path);
    size_t size = (size_t)status.st_size;
    if (size) {
        int flags = MAP_PRIVATE | (size > populate_size_min ? MAP_POPULATE : 0);
        const uint8_t *start = mmap(NULL, size, PROT_READ, flags, file, 0), *end = start + size;
        if (start == MAP_FAILED) fail(path);
        while (start < end) {
            const uint8_t *cut = end - start > piece_size ? start + piece_size : end;
            while (cut < end && !is_space(*cut)) cut++;
            if (piece_count == pieces_room && !(pieces = realloc(pieces, (pieces_room = pieces_room * 2 + 4096) * sizeof *pieces)))
                fail("pieces");
            pieces[piece_count++] = (Piece){start, cut};
            start = cut;
        }
    }
    close(file);
}

static Keyed *ranked;
static size_t range_start[257];

static inline bool is_before(const Keyed *a, const Keyed *b) {
    if (a->prefix != b->prefix) return a->prefix < b->prefix;
    const Entry *left = (const Entry *)a->item, *right = (const Entry *)b->item;
    int order = memcmp(entry_bytes(left), entry_bytes(right), left->size < right->size ? left->size : right->size);
    return order ? order < 0 : left->size < right->size;
}

/// The first byte is dealt with already.
static void *sort_ranges(void *argument) {
    size_t largest = 0;
    for (int i = 0; i < 256; i++)
        if (range_start[i + 1] - range_start[i] > largest) largest = range_start[i + 1] - range_start[i];
    Keyed *spare = malloc((largest + 1) * sizeof *spare);
    if (!spare) fail("entries");
    for (size_t first; (first = atomic_fetch_add(&next_range, 1)) < 256;)
        radix_sort(ranked + range_start[first], spare, range_start[first + 1] - range_start[first], 48);
    return argument;
}

static void in_threads(void *(*work)(void *)) {
    pthread_t threads[thread_count];
    for (int i = 0; i < thread_count; i++)
        if (pthread_create(&threads[i], NULL, work, &counters[i])) fail("thread");
    for (int i = 0; i < thread_count; i++) pthread_join(threads[i], NULL);
}

/// Puts the entries of the first table in order: by first byte, then each range by comparison.
static void rank(const Table *table) {
    size_t at[256];
    if (!(ranked = malloc((table->used + 1) * sizeof *ranked))) fail("entries");
    for (size_t i = 0; i <= table->mask; i++)
        if (table->entries[i].count) range_start[entry_bytes(&table->entries[i])[0] + 1]++;
    for (int i = 0; i < 256; i++) at[i] = range_start[i + 1] += range_start[i];
    for (size_t i = 0; i <= table->mask; i++) {
        const Entry *entry = &table->entries[i];
        if (!entry->count) continue;
        const uint8_t *bytes = entry_bytes(entry);
        uint64_t prefix = entry->head;
        if (entry->size > inline_size_max) memcpy(&prefix, bytes, 8);
        ranked[--at[bytes[0]]] = (Keyed){__builtin_bswap64(prefix), (const uint8_t *)entry};
    }
    in_threads(sort_ranges);
}

static void write_counts(const char *path, size_t count) {
    size_t room = 0, used = 0;
    for (size_t i = 0; i < count; i++) room += ((const Entry *)ranked[i].item)->size + 22;
    char *text = malloc(room + 1);
    if (!text) fail("output");
    for (size_t i = 0; i < count; i++) {
        const Entry *entry = (const Entry *)ranked[i].item;
        memcpy(text + used, entry_bytes(entry), entry->size);
        used += entry->size;
        char digits[20];
        int digit_count = 0;
        for (uint64_t left = entry->count; left; left /= 10) digits[digit_count++] = (char)('0' + left % 10);
        text[used++] = '\t';
        while (digit_count) text[used++] = digits[--digit_count];
        text[used++] = '\n';
    }
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (file < 0) fail(path);
    for (size_t done = 0; done < used;) {
        ssize_t written = write(file, text + done, used - done);
        if (written < 0) fail(path);
        done += (size_t)written;
    }
    if (close(file)) fail(path);
}

int main(int count, char **arguments) {
    if (count < 2) return fprintf(stderr, "wordcount OUTPUT FILE...\n"), 64;
    for (int i = 2; i < count; i++) map_file(arguments[i]);
    in_threads(count_pieces);
    Table *sum = &counters[0].table;
    for (int i = 1; i < thread_count; i++) {
        Waiting waiting = {.count = 0};
        const Table *other = &counters[i].table;
        for (size_t place = 0; place <= other->mask; place++)
            if (other->entries[place].count) waiting_add(&waiting, sum, other->entries[place]);
        waiting_empty(&waiting, sum);
    }
    rank(sum);
    write_counts(arguments[1], sum->used);
    _exit(0);
}
