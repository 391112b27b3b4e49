// Writes FILES files of BYTES bytes each of 100-byte records to FOLDER, from SEED:
//     records FOLDER FILES BYTES SEED
// A record is a line: ten random printable characters, a space, its number over all files, a space, filler. So no two
// are alike, and sorting them as lines is sorting them by their keys.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum { record_size = 100, key_size = 10, number_size = 12, printable_first = '!', printable_count = '~' - '!' + 1 };

static void fill(char *record, uint64_t number, Random *random) {
    for (int i = 0; i < key_size; i++) record[i] = (char)(printable_first + random_below(random, printable_count));
    int used = key_size + snprintf(record + key_size, record_size - key_size, " %0*llu ", number_size, (unsigned long long)number);
    for (int i = used; i < record_size - 1; i++) record[i] = (char)('a' + (number + (uint64_t)i) % 26);
    record[record_size - 1] = '\n';
}

int main(int count, char **arguments) {
    if (count != 5) {
        fprintf(stderr, "records FOLDER FILES BYTES SEED\n");
        return 64;
    }
    unsigned long files = strtoul(arguments[2], NULL, 10), seed = strtoul(arguments[4], NULL, 10);
    uint64_t per_file = strtoull(arguments[3], NULL, 10) / record_size;
    char path[4096], record[record_size];
    for (unsigned long number = 0; number < files; number++) {
        Random random = random_for(seed, number);
        snprintf(path, sizeof path, "%s/records-%05lu.txt", arguments[1], number);
        FILE *file = fopen(path, "wb");
        if (!file) return perror(path), 1;
        for (uint64_t i = 0; i < per_file; i++) {
            fill(record, number * per_file + i, &random);
            fwrite(record, 1, record_size, file);
        }
        if (fclose(file)) return perror(path), 1;
    }
    return 0;
}
