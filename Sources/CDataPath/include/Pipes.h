/// What Linux has for pipes and signals beside POSIX, and Swift's Glibc module leaves out.
#ifndef C_DATA_PATH_PIPES_H
#define C_DATA_PATH_PIPES_H

/// Makes a pipe whose ends no other program inherits, and which are none of the standard descriptors even where this process
/// was started without those. Returns 0, or -1 with the reason in errno.
int mr_pipe(int ends[2]);

/// Makes room for `byte_count` bytes in a pipe. Returns the room there is then, or -1 with the reason in errno.
int mr_set_pipe_room(int end, int byte_count);

/// The name of a signal as in "KILL", or NULL for what is no signal.
const char *mr_signal_name(int number);

#endif
