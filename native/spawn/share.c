#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "resolve.h"
#include "vmm.h"

/* The program's listening socket; its argv names this number. */
#define PROGRAM_FD 3
#define PARKED (LAUNCH_FD_LAST + 1)

static bool complain(struct supervisor *s, const char *what) { return fail(s, "share", "%s: %s", what, strerror(errno)); }

/*
 * A listening socket without a name in the file system, and a connection to it that waits to be accepted: any other
  * connection comes later, and the program accepts only one.
 */
static bool open_pair(struct supervisor *s, int *listener, int *client) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof(sa_family_t); /* the kernel chooses an abstract name (unix(7), "Autobind") */
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool open = *listener >= 0 && *client >= 0 && bind(*listener, (struct sockaddr *)&address, length) == 0 &&
                listen(*listener, 1) == 0;
    length = sizeof address;
    return (open && getsockname(*listener, (struct sockaddr *)&address, &length) == 0 &&
            connect(*client, (struct sockaddr *)&address, length) == 0) ||
           complain(s, "socket");
}

/* In a mount namespace of its own, so that the folder is seen under a plain name, and read-only where that is wanted. */
static bool place_folder(struct supervisor *s, const struct launch_share *share) {
    char source[32];
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | (share->writable ? 0 : MS_RDONLY);
    if (unshare(CLONE_NEWNS) != 0) return complain(s, "mount namespace");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return complain(s, "private mounts");
    /* Whoever may write above it could put a link in its place meanwhile. */
    int fd = resolve_plain(AT_FDCWD, share->source, O_DIRECTORY);
    if (fd < 0) return complain(s, share->source);
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    if (mount(source, share->target, NULL, MS_BIND, NULL) != 0) return complain(s, share->source);
    close(fd);
    return mount(NULL, share->target, NULL, flags, NULL) == 0 || complain(s, share->target);
}

static bool place_fds(struct supervisor *s, int listener) {
    int parked = fcntl(listener, F_DUPFD_CLOEXEC, PARKED), null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool placed = dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
                  dup2(parked, PROGRAM_FD) >= 0;
    return placed || complain(s, "descriptors");
}

static _Noreturn void become_program(struct supervisor *s, const struct launch *launch, const struct launch_share *share,
                                     int listener, int report, pid_t parent) {
    char source[LAUNCH_PATH_MAX + 16], *argv[LAUNCH_SHARE_ARGS_MAX + 3], *none[] = {NULL};
    int kept = fcntl(report, F_DUPFD_CLOEXEC, PARKED);
    snprintf(source, sizeof source, "source=%s", share->target);
    memcpy(argv, launch->share, launch->share_count * sizeof *argv);
    argv[launch->share_count] = "-o";
    argv[launch->share_count + 1] = source;
    argv[launch->share_count + 2] = NULL;
    setpgid(0, 0);
    if (place_folder(s, share) && place_fds(s, listener) && vmm_die_with(s, parent)) {
        vmm_default_signals();
        execve(argv[0], argv, none);
        complain(s, argv[0]);
    }
    size_t length = strlen(s->failure);
    _exit(write(kept, s->failure, length) == (ssize_t)length ? 127 : 126);
}

/* Nothing is written where the program runs: the pipe closes with exec. */
static bool has_started(struct supervisor *s, int report) {
    ssize_t length;
    do length = read(report, s->failure, sizeof s->failure - 1);
    while (length < 0 && errno == EINTR);
    if (length > 0) s->failure[length] = '\0';
    return length == 0;
}

int share_open(struct supervisor *s, const struct launch *launch, const struct launch_fd *wanted) {
    int listener, client, report[2];
    pid_t self = getpid();
    if (!open_pair(s, &listener, &client)) return -1;
    if (pipe2(report, O_CLOEXEC) != 0) {
        complain(s, "pipe");
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) become_program(s, launch, &wanted->share, listener, report[1], self);
    close(report[1]);
    close(listener);
    bool started = pid > 0 ? has_started(s, report[0]) : complain(s, "fork");
    close(report[0]);
    if (started) return client;
    close(client);
    return -1;
}
