#ifndef CZSTANDARD_SHIM_H
#define CZSTANDARD_SHIM_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
