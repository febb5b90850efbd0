#include "group.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

/* clone3(2), which musl does not bring: the same number on every architecture; linux/sched.h, linux/magic.h. */
#define CALL_CLONE3 435
#define INTO_CGROUP 0x200000000ull
#define CGROUP2_MAGIC 0x63677270

/* Up to `cgroup`, Linux 5.7. */
struct clone_arguments {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

/* The folder of a `…/cgroup.procs` of version 2, or -1. */
static int open_group(const char *procs) {
    char folder[PATH_MAX];
    struct statfs facts;
    const char *end = strrchr(procs, '/');
    size_t length = end == NULL ? 0 : (size_t)(end - procs);
    if (length == 0 || length >= sizeof folder) return -1;
    memcpy(folder, procs, length);
    folder[length] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || (fstatfs(fd, &facts) == 0 && facts.f_type == CGROUP2_MAGIC)) return fd;
    close(fd);
    return -1;
}

/* Writing into cgroup.procs waits until all processors have noticed (an RCU grace period, some 10 ms); being made there
 * does not. */
pid_t group_fork(struct launch *launch) {
    pid_t pid = -1;
    for (size_t i = 0; i < launch->cgroup_count; i++) {
        int fd = open_group(launch->cgroups[i]);
        if (fd < 0) continue;
        struct clone_arguments arguments = {.flags = INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)fd};
        launch->born_in = i;
        pid = (pid_t)syscall(CALL_CLONE3, &arguments, sizeof arguments);
        close(fd);
        break;
    }
    if (pid >= 0) return pid;
    launch->born_in = launch->cgroup_count;
    return fork();
}
