/// What the data path needs from C: byte masks and prefetches that inline into Swift loops, checksums, and pages.
#ifndef C_DATA_PATH_H
#define C_DATA_PATH_H

#include "ByteMasks.h"
#include "Checksum.h"
#include "Lengths.h"
#include "Listeners.h"
#include "Pages.h"
#include "PatternSearch.h"
#include "Pipes.h"
#include "Processes.h"
#include "QuotedRecords.h"
#include "Words.h"
#include "WriteBack.h"

#endif
