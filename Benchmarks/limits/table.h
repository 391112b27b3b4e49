// An open-addressing table from words to counts, and a queue that hides the time that memory takes.
#ifndef BENCHMARK_TABLE_H
#define BENCHMARK_TABLE_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { inline_size_max = 16, waiting_count_max = 32 };

/// A word and its count; half a cache line. An unused entry has the count 0.
/// A word of up to 16 bytes stands in `head` and `tail`, padded with zeros; of a longer one, `head` is the hash and
/// `tail` the address of its bytes.
typedef struct {
    uint64_t head, tail, count;
    uint64_t size;
} Entry;

typedef struct {
    Entry *entries;
    size_t mask, used;  // `mask` is the number of entries less one
} Table;

static inline uint64_t folded(uint64_t a, uint64_t b) {
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline const uint8_t *entry_bytes(const Entry *entry) {
    return entry->size > inline_size_max ? (const uint8_t *)entry->tail : (const uint8_t *)entry;
}

static inline uint64_t entry_hash(const Entry *entry) {
    if (entry->size > inline_size_max) return entry->head;
    return folded(entry->head ^ 0x9fb21c651e98df25u, entry->tail ^ entry->size ^ 0xc2b2ae3d27d4eb4fu);
}

/// Up to eight bytes as a number, zeros above them. Reads beyond `size`, but never at or beyond `end`.
static inline uint64_t bytes_as_number(const uint8_t *bytes, size_t size, const uint8_t *end) {
    uint64_t number = 0;
    if (__builtin_expect(end - bytes < 8, 0)) return memcpy(&number, bytes, size < 8 ? size : 8), number;
    memcpy(&number, bytes, 8);
    return size < 8 ? number & ((1ull << 8 * size) - 1) : number;
}

/// One occurrence of a word of at least one byte.
static inline Entry entry_for(const uint8_t *word, size_t size, const uint8_t *end) {
    Entry entry = {.head = bytes_as_number(word, size, end), .count = 1, .size = size};
    if (size <= 8) return entry;
    if (size <= inline_size_max) return entry.tail = bytes_as_number(word + 8, size - 8, end), entry;
    uint64_t hash = size;
    for (size_t i = 0; i < size; i += 8)
        hash = folded(hash ^ bytes_as_number(word + i, size - i, end), 0xff51afd7ed558ccdu);
    entry.head = hash;
    entry.tail = (uint64_t)word;
    return entry;
}

static inline void table_init(Table *table, size_t entry_count) {
    size_t size = entry_count * sizeof(Entry);
    table->entries = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table->entries == MAP_FAILED) perror("table"), exit(1);
    madvise(table->entries, size, MADV_HUGEPAGE);
    table->mask = entry_count - 1;
    table->used = 0;
}

/// Makes a table four times as large; the words in it differ, so they need not be compared.
static inline void table_grow(Table *table) {
    Table larger;
    table_init(&larger, (table->mask + 1) * 4);
    for (size_t i = 0; i <= table->mask; i++) {
        if (!table->entries[i].count) continue;
        size_t place = entry_hash(&table->entries[i]) & larger.mask;
        while (larger.entries[place].count) place = (place + 1) & larger.mask;
        larger.entries[place] = table->entries[i];
    }
    larger.used = table->used;
    munmap(table->entries, (table->mask + 1) * sizeof(Entry));
    *table = larger;
}

static inline void table_add(Table *table, const Entry *word, uint64_t hash) {
    size_t place = hash & table->mask;
    for (Entry *entry; (entry = &table->entries[place])->count; place = (place + 1) & table->mask) {
        if (entry->head != word->head || entry->size != word->size) continue;
        if (word->size <= inline_size_max ? entry->tail == word->tail
                                          : !memcmp((const void *)entry->tail, (const void *)word->tail, word->size)) {
            entry->count += word->count;
            return;
        }
    }
    table->entries[place] = *word;
    if (++table->used > table->mask / 2) table_grow(table);
}

/// Words whose places in the table are on their way into the cache.
typedef struct {
    int count;
    uint64_t hashes[waiting_count_max];
    Entry words[waiting_count_max];
} Waiting;

static inline void waiting_empty(Waiting *waiting, Table *table) {
    for (int i = 0; i < waiting->count; i++) table_add(table, &waiting->words[i], waiting->hashes[i]);
    waiting->count = 0;
}

static inline void waiting_add(Waiting *waiting, Table *table, Entry word) {
    uint64_t hash = entry_hash(&word);
    __builtin_prefetch(&table->entries[hash & table->mask], 1);
    waiting->hashes[waiting->count] = hash;
    waiting->words[waiting->count] = word;
    if (++waiting->count == waiting_count_max) waiting_empty(waiting, table);
}
#endif
