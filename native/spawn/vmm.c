#include "vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity.h"
#include "jail.h"
#include "net.h"
#include "when.h"

/* Above every number the VMM may be given. */
#define PARKED (LAUNCH_FD_LAST + 1)

/* In the child: reports to the parent why there will be no VMM. */
static _Noreturn void give_up(struct supervisor *s, int report) {
    size_t length = strlen(s->failure);
    if (write(report, s->failure, length) != (ssize_t)length) _exit(126);
    _exit(127);
}

static bool place(struct supervisor *s, int from, int to) {
    return dup2(from, to) == to || fail(s, "exec", "descriptor %d: %s", to, strerror(errno));
}

/* A terminal is opened once more for output: who makes its input not wait would make its output not wait, too. */
static bool place_output(struct supervisor *s, int from, bool terminal) {
    char path[32];
    if (!terminal) return place(s, from, STDOUT_FILENO);
    snprintf(path, sizeof path, "/proc/self/fd/%d", from);
    int out = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    return out < 0 ? fail(s, "exec", "terminal: %s", strerror(errno)) : place(s, out, STDOUT_FILENO);
}

static bool place_one(struct supervisor *s, int from, const struct launch_fd *fd) {
    return place(s, from, fd->number) && (fd->number != LAUNCH_FD_STDIO || place_output(s, from, fd->terminal));
}

static bool place_fds(struct supervisor *s, const struct launch *launch, const struct vmm_fds *fds) {
    int parked[LAUNCH_FDS_MAX], null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    /* A source may lie at a number that is somebody's target: all move out of the way first. */
    for (size_t i = 0; i < launch->fd_count; i++) {
        parked[i] = fcntl(fds->fds[i], F_DUPFD_CLOEXEC, PARKED);
        if (parked[i] < 0) return fail(s, "exec", "descriptors: %s", strerror(errno));
    }
    if (!place(s, null, STDIN_FILENO)) return false;
    if (!place(s, fds->output, STDOUT_FILENO) || !place(s, fds->output, STDERR_FILENO)) return false;
    for (size_t i = 0; i < launch->fd_count; i++)
        if (!place_one(s, parked[i], &launch->fds[i])) return false;
    return true; /* everything else closes at exec */
}

void vmm_default_signals(void) {
    sigset_t none;
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool take_user(struct supervisor *s, const struct launch *launch) {
    if (!launch->has_uid) return true;
    if (setgroups(0, NULL) != 0) return fail(s, "uid", "supplementary groups: %s", strerror(errno));
    if (setresgid(launch->gid, launch->gid, launch->gid) != 0) return fail(s, "uid", "group %u: %s", launch->gid, strerror(errno));
    if (setresuid(launch->uid, launch->uid, launch->uid) != 0) return fail(s, "uid", "user %u: %s", launch->uid, strerror(errno));
    return true;
}

static bool forbid(struct supervisor *s) {
    const struct rlimit no_core = {0, 0};
    if (setrlimit(RLIMIT_CORE, &no_core) != 0) return fail(s, "exec", "core limit: %s", strerror(errno));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(s, "exec", "no_new_privs: %s", strerror(errno));
    return true;
}

bool vmm_drop_rights(struct supervisor *s, const struct launch *launch) { return take_user(s, launch) && forbid(s); }

/* A jailer needs root for what it does, and takes the user by itself. */
static bool drop_or_leave(struct supervisor *s, const struct launch *launch) {
    return launch->jailer == NULL ? vmm_drop_rights(s, launch) : forbid(s);
}

/* Without a PID namespace only this ends the VMM with its supervisor. A change of uid would clear it, so it comes last. */
bool vmm_die_with(struct supervisor *s, pid_t parent) {
    if (s->own_pids) return true;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return fail(s, "exec", "death signal: %s", strerror(errno));
    return getppid() == parent || fail(s, "exec", "the supervisor is gone");
}

static _Noreturn void become_vmm(struct supervisor *s, const struct launch *launch, const struct vmm_fds *fds, int report,
                                 pid_t parent) {
    pid_t self = identity_pid();
    int kept = fcntl(report, F_DUPFD_CLOEXEC, PARKED);
    if (kept < 0 || write(kept, &self, sizeof self) != (ssize_t)sizeof self) _exit(126);
    setpgid(0, 0); /* its helpers can be ended as a group */
    bool ready = place_fds(s, launch, fds) && jail_enter(s, launch) && drop_or_leave(s, launch) && vmm_die_with(s, parent);
    if (!ready) give_up(s, kept);
    vmm_default_signals();
    execve(launch->args[0], launch->args, launch->env);
    fail(s, "exec", "%s: %s", launch->args[0], strerror(errno));
    give_up(s, kept);
}

/* Reads until the pipe closes: at exec, or after a complaint. */
static size_t read_all(int fd, char *out, size_t size) {
    size_t length = 0;
    while (length < size) {
        ssize_t count = read(fd, out + length, size - length);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        length += (size_t)count;
    }
    return length;
}

static bool await_exec(struct supervisor *s, int report) {
    char told[sizeof(pid_t) + FAILURE_MAX];
    size_t length = read_all(report, told, sizeof told - 1);
    if (length == sizeof(pid_t)) {
        memcpy(&s->vmm_host_pid, told, sizeof(pid_t));
        return true;
    }
    told[length] = '\0';
    if (length > sizeof(pid_t)) snprintf(s->failure, sizeof s->failure, "%s", told + sizeof(pid_t));
    else fail(s, "exec", "the process ended before its program ran");
    vmm_end_now(s);
    return false;
}

bool vmm_start(struct supervisor *s, const struct launch *launch, const struct vmm_fds *fds) {
    int report[2];
    pid_t self = getpid();
    if (pipe2(report, O_CLOEXEC) != 0) return fail(s, "exec", "%s", strerror(errno));
    s->started_at = when_now();
    s->started_steady_ms = when_steady_ms();
    s->vmm_pid = fork();
    if (s->vmm_pid == 0) become_vmm(s, launch, fds, report[1], self);
    close(report[1]);
    bool started = s->vmm_pid > 0 ? await_exec(s, report[0]) : fail(s, "exec", "fork: %s", strerror(errno));
    close(report[0]);
    return started;
}

void vmm_end_now(struct supervisor *s) {
    if (s->vmm_pid <= 0) return;
    kill(s->vmm_pid, SIGKILL);
    kill(-s->vmm_pid, SIGKILL);
    while (waitpid(s->vmm_pid, NULL, 0) < 0 && errno == EINTR) continue;
    s->vmm_pid = 0;
}

static void end_helpers(const struct supervisor *s) {
    if (s->own_pids) kill(-1, SIGKILL);
    else kill(-s->vmm_pid, SIGKILL);
}

void vmm_reap(struct supervisor *s) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid != s->vmm_pid) {
            net_reaped(s, pid, status);
            continue;
        }
        s->vmm_status = s->begun_again ? 0 : status; /* a reset, which ends other VMMs by themselves */
        s->reaped = true;
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) s->killed = false; /* it had ended by itself */
        s->ended_at = when_now();
        s->ran_ms = when_steady_ms() - s->started_steady_ms;
        s->drain_until_ms = when_steady_ms() + LINGER_MS;
        end_helpers(s);
        s->vmm_pid = 0;
    }
}
