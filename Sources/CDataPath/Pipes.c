#define _GNU_SOURCE
#include "Pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int is_moved_from_standard(int *end) {
    if (*end > STDERR_FILENO) return 1;
    int moved = fcntl(*end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0) return 0;
    close(*end);
    *end = moved;
    return 1;
}

int mr_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    if (is_moved_from_standard(&ends[0]) && is_moved_from_standard(&ends[1])) return 0;
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    errno = error;
    return -1;
}

int mr_set_pipe_room(int end, int byte_count) { return fcntl(end, F_SETPIPE_SZ, byte_count); }

const char *mr_signal_name(int number) { return sigabbrev_np(number); }
