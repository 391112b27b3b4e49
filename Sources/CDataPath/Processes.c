#define _GNU_SOURCE
#include "Processes.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int add_standard(posix_spawn_file_actions_t *actions, int number, int descriptor) {
    if (descriptor >= 0) return posix_spawn_file_actions_adddup2(actions, descriptor, number);
    return posix_spawn_file_actions_addopen(actions, number, "/dev/null", number == 0 ? O_RDONLY : O_WRONLY, 0);
}

static int set_actions(posix_spawn_file_actions_t *actions, const struct mr_start *start) {
    int error = add_standard(actions, STDIN_FILENO, start->input);
    if (error == 0) error = add_standard(actions, STDOUT_FILENO, start->output);
    if (error == 0) error = add_standard(actions, STDERR_FILENO, start->errors);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    if (error == 0 && start->folder) error = posix_spawn_file_actions_addchdir_np(actions, start->folder);
    return error;
}

static int set_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &all);
    if (error == 0) error = posix_spawnattr_setpgroup(attributes, 0);
    short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP;
    return error == 0 ? posix_spawnattr_setflags(attributes, flags) : error;
}

/// Whoever started this process may have told the kernel to forget its children: no exit code would ever be known.
static void keep_exit_codes(void) {
    struct sigaction action;
    if (sigaction(SIGCHLD, NULL, &action) == 0 &&
        (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT)))
        signal(SIGCHLD, SIG_DFL);
}

int mr_start_process(const struct mr_start *start, pid_t *process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) return error;
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        keep_exit_codes();
        error = set_actions(&actions, start);
        if (error == 0) error = set_attributes(&attributes);
        if (error == 0)
            error = posix_spawn(process, start->path, &actions, &attributes, start->arguments, start->environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int mr_end_of_process(pid_t process) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, process, 0);
#else
    errno = ENOSYS;
    return -1;
#endif
}

enum mr_process_state mr_state_of_process(pid_t process, int *value) {
    siginfo_t info;
    int result;
    do {
        info.si_pid = 0;
        result = waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        *value = errno;
        return mr_process_unknown;
    }
    if (info.si_pid == 0) return mr_process_runs;
    *value = info.si_status;
    return info.si_code == CLD_EXITED ? mr_process_exited : mr_process_killed;
}

int mr_reap_process(pid_t process) {
    int status;
    return waitpid(process, &status, WNOHANG);
}

int mr_hide_memory(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

static int limit(pid_t process, int resource, uint64_t value) {
    struct rlimit now;
    if (prlimit(process, resource, NULL, &now) != 0) return -1;
    // What was lowered before may not be raised again, and need not be.
    rlim_t least = now.rlim_max < value ? now.rlim_max : value;
    struct rlimit both = {least, least};
    return prlimit(process, resource, &both, NULL);
}

int mr_limit_memory(pid_t process, uint64_t byte_count) { return limit(process, RLIMIT_AS, byte_count); }

int mr_limit_processes(pid_t process, uint64_t count) { return limit(process, RLIMIT_NPROC, count); }

int mr_limit_file_size(pid_t process, uint64_t byte_count) { return limit(process, RLIMIT_FSIZE, byte_count); }

int mr_limit_open_files(pid_t process, uint64_t count) { return limit(process, RLIMIT_NOFILE, count); }

int mr_own_working_folder(void) { return unshare(CLONE_FS) == 0 ? 0 : errno; }
