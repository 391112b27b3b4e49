#define _GNU_SOURCE
#include "Pages.h"

#include <stdint.h>
#include <sys/mman.h>

static const size_t HUGE_PAGE = 2u << 20;
static const size_t SMALL_PAGE = 4096;

static size_t rounded_up(size_t count) {
    size_t unit = count >= HUGE_PAGE ? HUGE_PAGE : SMALL_PAGE;
    return (count + unit - 1) / unit * unit;
}

static void *map(size_t count) {
    void *pages = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void *mr_pages_allocate(size_t count) {
    count = rounded_up(count);
    if (count < HUGE_PAGE) return map(count);
    // Older kernels align to 4 KiB only: take one huge page more and give the ends back.
    char *wide = map(count + HUGE_PAGE);
    if (!wide) return NULL;
    char *aligned = (char *)(((uintptr_t)wide + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
    if (aligned > wide) munmap(wide, (size_t)(aligned - wide));
    size_t rest = HUGE_PAGE - (size_t)(aligned - wide);
    if (rest) munmap(aligned + count, rest);
#ifdef MADV_HUGEPAGE
    madvise(aligned, count, MADV_HUGEPAGE);
#endif
    return aligned;
}

void *mr_pages_grow(void *pages, size_t count, size_t larger) {
    void *moved = mremap(pages, rounded_up(count), rounded_up(larger), MREMAP_MAYMOVE);
    return moved == MAP_FAILED ? NULL : moved;
}

void mr_pages_free(void *pages, size_t count) {
    if (pages) munmap(pages, rounded_up(count));
}
