/// Counts the calls of malloc and its kin in the whole process: this target puts its own in the place of the C library's.
/// For benchmarks only.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H

#include <stdint.h>

/// How many pieces of memory have been asked for since the process began, by all threads.
uint64_t mr_allocation_count(void);

#endif
