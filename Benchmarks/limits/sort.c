// Sorts files of 100-byte records by their bytes as fast as this machine can with two threads and no framework:
//     sort OUTPUT FILE...
// It stands for the limit in the benchmarks. Records are placed by the first bits of their keys, then by the bytes
// that follow, then by comparison; what is moved is 16 bytes for each, until the end. Files must not change meanwhile.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "radix.h"

enum {
    thread_count = 2,
    record_size = 100,
    range_bits = 13,
    range_count = 1 << range_bits,
    ranges_at_once = 64,      // written together
    ahead = 12,               // records that are fetched before they are copied
};

typedef struct {
    const uint8_t *start;
    size_t count;
} Records;

static Records *files;
static size_t file_count, record_count;
static Keyed *entries;
static size_t placed[thread_count][range_count], range_start[range_count + 1];
static atomic_size_t next_range;
static int output;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static inline uint64_t prefix_of(const uint8_t *record) {
    uint64_t prefix;
    memcpy(&prefix, record, sizeof prefix);
    return __builtin_bswap64(prefix);
}

static inline size_t range_of(uint64_t prefix) { return prefix >> (64 - range_bits); }

static inline bool is_before(const Keyed *a, const Keyed *b) {
    if (a->prefix != b->prefix) return a->prefix < b->prefix;
    return memcmp(a->item + 8, b->item + 8, record_size - 8) < 0;
}

/// Calls `body` with `record` for each record that thread number `thread` reads.
#define FOR_EACH_RECORD(thread, body)                                                                     \
    for (size_t file = 0, before = 0; file < file_count; before += files[file++].count) {                 \
        size_t from = record_count * (thread) / thread_count, to = record_count * ((thread) + 1) / thread_count; \
        from = from > before ? from - before : 0;                                                         \
        to = to > before ? to - before : 0;                                                               \
        if (to > files[file].count) to = files[file].count;                                               \
        for (size_t i = from; i < to; i++) {                                                              \
            const uint8_t *record = files[file].start + i * record_size;                                  \
            body;                                                                                         \
        }                                                                                                 \
    }

static void *count_ranges(void *argument) {
    size_t thread = (size_t)argument;
    FOR_EACH_RECORD(thread, placed[thread][range_of(prefix_of(record))]++)
    return NULL;
}

static void *place_entries(void *argument) {
    size_t thread = (size_t)argument;
    FOR_EACH_RECORD(thread, uint64_t prefix = prefix_of(record);
                    entries[placed[thread][range_of(prefix)]++] = ((Keyed){prefix, record}))
    return NULL;
}

static void write_records(const Keyed *first, size_t count, size_t index, uint8_t *buffer) {
    for (size_t i = 0; i < count; i++) {
        if (i + ahead < count) {
            __builtin_prefetch(first[i + ahead].item);
            __builtin_prefetch(first[i + ahead].item + 64);
        }
        memcpy(buffer + i * record_size, first[i].item, record_size);
    }
    for (size_t done = 0; done < count * record_size;) {
        ssize_t written = pwrite(output, buffer + done, count * record_size - done, (off_t)(index * record_size + done));
        if (written < 0) fail("output");
        done += (size_t)written;
    }
}

static void *fresh_memory(size_t size) {
    void *memory = mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("entries");
    madvise(memory, size + 1, MADV_HUGEPAGE);
    return memory;
}

static void *sort_ranges(void *argument) {
    size_t room = 0, largest = 0;
    uint8_t *buffer = NULL;
    for (size_t i = 0; i < range_count; i++)
        if (range_start[i + 1] - range_start[i] > largest) largest = range_start[i + 1] - range_start[i];
    Keyed *spare = fresh_memory(largest * sizeof *spare);
    for (size_t range; (range = atomic_fetch_add(&next_range, ranges_at_once)) < range_count;) {
        size_t start = range_start[range], count = range_start[range + ranges_at_once] - start;
        for (size_t i = range; i < range + ranges_at_once; i++)
            radix_sort(entries + range_start[i], spare, range_start[i + 1] - range_start[i], 64 - range_bits - 8);
        if (count > room && !(buffer = realloc(buffer, (room = count) * record_size))) fail("buffer");
        if (count) write_records(entries + start, count, start, buffer);
    }
    return argument;
}

static void in_threads(void *(*work)(void *)) {
    pthread_t threads[thread_count];
    for (size_t i = 0; i < thread_count; i++)
        if (pthread_create(&threads[i], NULL, work, (void *)i)) fail("thread");
    for (int i = 0; i < thread_count; i++) pthread_join(threads[i], NULL);
}

static void map_file(const char *path) {
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &status)) fail(path);
    if (status.st_size % record_size) fprintf(stderr, "%s does not hold %d-byte records\n", path, record_size), exit(1);
    if (status.st_size) {
        const uint8_t *start = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
        if (start == MAP_FAILED) fail(path);
        files[file_count] = (Records){start, (size_t)status.st_size / record_size};
        record_count += files[file_count++].count;
    }
    close(file);
}

int main(int count, char **arguments) {
    if (count < 2) return fprintf(stderr, "sort OUTPUT FILE...\n"), 64;
    output = open(arguments[1], O_WRONLY | O_CREAT | O_TRUNC, 0666);
    files = calloc((size_t)count, sizeof *files);
    if (output < 0 || !files) fail(arguments[1]);
    for (int i = 2; i < count; i++) map_file(arguments[i]);
    entries = fresh_memory(record_count * sizeof *entries);
    in_threads(count_ranges);
    size_t sum = 0;
    for (size_t range = 0; range < range_count; range++) {
        range_start[range] = sum;
        for (int thread = 0; thread < thread_count; thread++) {
            size_t here = placed[thread][range];
            placed[thread][range] = sum;
            sum += here;
        }
    }
    range_start[range_count] = sum;
    in_threads(place_entries);
    in_threads(sort_ranges);
    if (close(output)) fail(arguments[1]);
    _exit(0);
}
