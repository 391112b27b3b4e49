#define _GNU_SOURCE
#include "WriteBack.h"

#include <fcntl.h>

void mr_start_write_back(int file_descriptor, int64_t offset, int64_t count) {
    // Advice: what does not begin now is written by fsync, which tells errors.
#ifdef SYNC_FILE_RANGE_WRITE
    sync_file_range(file_descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
#endif
}
