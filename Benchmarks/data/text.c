// Writes FILES files of BYTES bytes each of made-up prose to FOLDER, from SEED:
//     text FOLDER FILES BYTES SEED
// Word frequencies follow Zipf's law with exponent 1 over 200,000 words; one word in 400 is made up on the spot and
// hardly comes again, as names and numbers do in real text. Sentences bring capitals and punctuation with them.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum {
    vocabulary_size = 200000,
    word_size_max = 32,
    draw_bits = 22,  // the table that turns random bits into a word has 4 M places
    line_size = 72,
    one_in_new = 400,
};

typedef struct {
    uint8_t size;
    char letters[word_size_max];
} Word;

static Word vocabulary[vocabulary_size];
static uint32_t drawn[1 << draw_bits];

static Word made_up(Random *random, unsigned syllables) {
    static const char *const begins[] = {"b", "c",  "d",  "f",  "g",  "h",  "j",  "k",  "l",  "m",  "n",
                                         "p", "qu", "r",  "s",  "t",  "v",  "w",  "z",  "bl", "dr", "fl",
                                         "gr", "kn", "sk", "sp", "sw", "tw", "wh", "",   "",   ""};
    static const char *const middles[] = {"a", "e", "i", "o", "u", "y", "a", "e", "i", "o", "ai", "au", "ee", "oa", "oo", "ui"};
    static const char *const ends[] = {"", "", "", "", "", "b", "g", "l", "m", "n", "p", "r", "s", "t", "x", "ght"};
    Word word = {0};
    while (syllables--) {
        uint64_t bits = random_bits(random) >> 20;
        const char *const parts[] = {begins[bits & 31], middles[bits >> 5 & 15], ends[bits >> 9 & 15]};
        for (int i = 0; i < 3; i++)
            for (const char *letter = parts[i]; *letter && word.size < word_size_max; letter++)
                word.letters[word.size++] = *letter;
    }
    return word;
}

/// Frequent words are short. Two words may come out alike; together they are then one that is more frequent.
static void make_vocabulary(void) {
    Random random = random_for(0x77, 0);
    for (unsigned rank = 0; rank < vocabulary_size; rank++) {
        unsigned syllables = 1 + (rank > 60) + (rank > 6000 && random_below(&random, 2)) + !random_below(&random, 3);
        vocabulary[rank] = made_up(&random, syllables);
    }
}

/// Gives each rank a share of the table in proportion to 1 / rank, with integers alone.
static void make_draw_table(void) {
    uint64_t total = 0, sum = 0;
    for (uint64_t rank = 1; rank <= vocabulary_size; rank++) total += (1ull << 40) / rank;
    size_t place = 0, places = sizeof drawn / sizeof *drawn;
    for (uint64_t rank = 1; rank <= vocabulary_size; rank++) {
        sum += (1ull << 40) / rank;
        size_t end = (size_t)((__uint128_t)sum * places / total);
        while (place < end) drawn[place++] = (uint32_t)(rank - 1);
    }
    while (place < places) drawn[place++] = 0;
}

static Word next_word(Random *random) {
    uint64_t bits = random_bits(random);
    if ((bits >> 44) % one_in_new) return vocabulary[drawn[bits & ((1 << draw_bits) - 1)]];
    if (bits >> 43 & 1) return made_up(random, 4);
    Word number = {0};
    number.size = (uint8_t)snprintf(number.letters, word_size_max, "%u", random_below(random, 1000000));
    return number;
}

/// Fills `text` to the last byte, which is a line feed; the word before it may be cut.
static void fill(char *text, size_t size, Random *random) {
    size_t at = 0, line_start = 0;
    unsigned words_left = 0;
    while (at < size) {
        Word word = next_word(random);
        if (words_left == 0) {
            words_left = 5 + random_below(random, 18);
            word.letters[0] = (char)toupper((unsigned char)word.letters[0]);
        }
        char after[4] = " ";
        int after_size = 1;
        if (--words_left == 0) after[0] = random_below(random, 9) ? '.' : '!', after_size = 2;
        else if (random_below(random, 12) == 0) after[0] = ',', after_size = 2;
        after[after_size - 1] = ' ';
        if (at + word.size + 2u >= line_start + line_size) {
            after[after_size - 1] = '\n';
            line_start = at + word.size + (size_t)after_size;
        }
        for (int i = 0; i < word.size && at < size; i++) text[at++] = word.letters[i];
        for (int i = 0; i < after_size && at < size; i++) text[at++] = after[i];
    }
    if (size) text[size - 1] = '\n';
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "text FOLDER FILES BYTES SEED\n");
        return 64;
    }
    unsigned long files = strtoul(arguments[2], NULL, 10), seed = strtoul(arguments[4], NULL, 10);
    size_t size = strtoull(arguments[3], NULL, 10);
    char *text = malloc(size + 1), path[4096];
    if (!text) return perror("text"), 1;
    make_vocabulary();
    make_draw_table();
    for (unsigned long number = 0; number < files; number++) {
        Random random = random_for(seed, number);
        fill(text, size, &random);
        snprintf(path, sizeof path, "%s/text-%05lu.txt", arguments[1], number);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(text, 1, size, file) != size || fclose(file)) return perror(path), 1;
    }
    return 0;
}
