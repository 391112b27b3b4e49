/// Large zeroed memory straight from the kernel.
#ifndef C_DATA_PATH_PAGES_H
#define C_DATA_PATH_PAGES_H

#include <stddef.h>

/// `count` (over 0) zeroed bytes, page-aligned; from 2 MiB on aligned to that and with huge pages asked for, because a
/// hash table in small pages misses the TLB at every look-up. NULL when there is no memory.
void *mr_pages_allocate(size_t count);

/// Makes `count` bytes of pages `larger`, at another address or the same, without a copy: what was there stays, and zeros
/// follow. NULL, and nothing has changed, when there is no memory.
void *mr_pages_grow(void *pages, size_t count, size_t larger);

/// Gives back what `mr_pages_allocate(count)` or `mr_pages_grow(..., count)` returned.
void mr_pages_free(void *pages, size_t count);

#endif
