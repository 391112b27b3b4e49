/// Starting a process and seeing how it ends, without anything that a process which runs short of descriptors would lack.
#ifndef C_DATA_PATH_PROCESSES_H
#define C_DATA_PATH_PROCESSES_H

#include <stdint.h>
#include <sys/types.h>

/// What a process begins with. All texts end with NUL, both lists with NULL.
struct mr_start {
    const char *path;
    char *const *arguments;
    char *const *environment;
    /// Where it runs; NULL for where this process runs.
    const char *folder;
    /// Its standard input, output and error, each from mr_pipe; -1 for /dev/null.
    int input;
    int output;
    int errors;
};

/// Starts a process in a group of its own, with the usual meaning of every signal and no other open file.
/// Takes no descriptor of this process. Returns 0, or the error's number.
int mr_start_process(const struct mr_start *start, pid_t *process);

/// A descriptor that is readable once the child has ended; -1 with the reason in errno where there is none to be had.
int mr_end_of_process(pid_t process);

enum mr_process_state { mr_process_runs, mr_process_exited, mr_process_killed, mr_process_unknown };

/// Looks how a child is, and leaves it its number: that is free for others only after mr_reap_process.
/// `value` gets the exit code, the signal, or the number of the error.
enum mr_process_state mr_state_of_process(pid_t process, int *value);

/// Returns 0 if the child has not ended yet; anything else if it is gone for good.
int mr_reap_process(pid_t process);

/// Keeps other processes of the same user from reading this one's memory and environment, and the kernel from writing it to a
/// core file. Returns -1 with the reason in errno, or 0.
int mr_hide_memory(void);

// Each of these lowers a limit of a child, and of each process that it starts; a limit that is lower already stays.
// Returns -1 with the reason in errno, or 0.

/// The bytes of the address space.
int mr_limit_memory(pid_t process, uint64_t byte_count);

/// How many processes the child's user may have when it or what it starts makes another. It does not bind root.
int mr_limit_processes(pid_t process, uint64_t count);

/// The bytes of a file that it writes; the signal SIGXFSZ comes with one more.
int mr_limit_file_size(pid_t process, uint64_t byte_count);

/// How many files each process may have open.
int mr_limit_open_files(pid_t process, uint64_t count);

/// From now on the calling thread has a working folder of its own, which other threads of the process don't share.
///
/// Returns 0, or why that can't be (an errno).
int mr_own_working_folder(void);

#endif
