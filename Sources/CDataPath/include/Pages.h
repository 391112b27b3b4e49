/// Large zeroed memory straight from the kernel.
#ifndef C_DATA_PATH_PAGES_H
#define C_DATA_PATH_PAGES_H

#include <stddef.h>

/// `count` (over 0) zeroed bytes, page-aligned; from 2 MiB on aligned to that and with huge pages asked for, because a
/// hash table in small pages misses the TLB at every look-up. NULL when there is no memory.
void *mr_pages_allocate(size_t count);

/// Gives back what `mr_pages_allocate(count)` returned.
void mr_pages_free(void *pages, size_t count);

#endif
