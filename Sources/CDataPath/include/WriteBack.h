/// Advice to the kernel on files that are being written.
#ifndef C_DATA_PATH_WRITE_BACK_H
#define C_DATA_PATH_WRITE_BACK_H

#include <stdint.h>

/// Lets the disk begin with some bytes of a file, and does not wait for it. Nothing happens where there is no such call.
void mr_start_write_back(int file_descriptor, int64_t offset, int64_t count);

#endif
