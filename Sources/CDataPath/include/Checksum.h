/// CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected), as in RFC 3720 appendix B.4.
#ifndef C_DATA_PATH_CHECKSUM_H
#define C_DATA_PATH_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// Continues `checksum` (0 to begin) over `count` bytes; uses the processor's instruction where it has one.
uint32_t mr_crc32c(uint32_t checksum, const void *bytes, size_t count);

/// The same by table, on any machine.
uint32_t mr_crc32c_portable(uint32_t checksum, const void *bytes, size_t count);

#endif
