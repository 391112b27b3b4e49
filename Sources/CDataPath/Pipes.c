#define _GNU_SOURCE
#include "Pipes.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int mr_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int mr_set_pipe_room(int end, int byte_count) { return fcntl(end, F_SETPIPE_SZ, byte_count); }

const char *mr_signal_name(int number) { return sigabbrev_np(number); }
