#include "net.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "net_relay.h"
#include "vmm.h"
#include "when.h"

/* The program's end of the connection; its argv names this number. */
#define PROGRAM_FD 3
#define PARKED (LAUNCH_FD_LAST + 1)
/* It binds ports and makes namespaces; a host this slow has other troubles. */
#define START_MS 10000
#define LOOK_NS 2000000

static bool complain(struct supervisor *s, const char *what) { return fail(s, "net", "%s: %s", what, strerror(errno)); }

static bool open_pair(struct supervisor *s, int pair[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 || complain(s, "socket pair");
}

static _Noreturn void become_program(struct supervisor *s, const struct launch *launch, int end, int errors) {
    int parked_end = fcntl(end, F_DUPFD_CLOEXEC, PARKED), parked_errors = fcntl(errors, F_DUPFD_CLOEXEC, PARKED);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    setpgid(0, 0);
    bool placed = dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 && dup2(parked_errors, STDERR_FILENO) >= 0 &&
                  dup2(parked_end, PROGRAM_FD) >= 0;
    if (placed && vmm_drop_rights(s, launch)) {
        char *none[] = {NULL};
        vmm_default_signals();
        execve(launch->net[0], launch->net, none);
        complain(s, launch->net[0]);
    }
    size_t length = strlen(s->failure);
    _exit(write(STDERR_FILENO, s->failure, length) == (ssize_t)length ? 127 : 126);
}

/* Whether the process has ended in time; it goes into the background when it is ready. */
static bool await_ready(pid_t pid, int *status) {
    uint64_t until = when_steady_ms() + START_MS;
    const struct timespec pause = {0, LOOK_NS};
    for (;;) {
        pid_t found = waitpid(pid, status, WNOHANG);
        if (found == pid) return true;
        if (found < 0 && errno != EINTR) return false;
        if (when_steady_ms() > until) return false;
        nanosleep(&pause, NULL);
    }
}

/* The last line that the program wrote is its reason. */
static bool tell_failure(struct supervisor *s, const char *program, int errors) {
    char text[256];
    fcntl(errors, F_SETFL, O_NONBLOCK);
    ssize_t count = read(errors, text, sizeof text - 1);
    while (count > 0 && text[count - 1] == '\n') count--;
    text[count > 0 ? count : 0] = '\0';
    const char *line = strrchr(text, '\n');
    line = line == NULL ? text : line + 1;
    return fail(s, "net", "%s: %s", program, *line == '\0' ? "ended without a word" : line);
}

static bool start_program(struct supervisor *s, const struct launch *launch, int end) {
    int errors[2], status = 0;
    if (pipe2(errors, O_CLOEXEC) != 0) return complain(s, "pipe");
    pid_t pid = fork();
    if (pid == 0) become_program(s, launch, end, errors[1]);
    close(errors[1]);
    bool ready = pid > 0 && await_ready(pid, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!ready && pid > 0) kill(-pid, SIGKILL);
    if (!ready) tell_failure(s, launch->net[0], errors[0]);
    close(errors[0]);
    return ready;
}

/* Nothing of the supervisor's stays open here: not its lock, not its sockets. */
static void keep_two(int *first, int *second) {
    int low = fcntl(*first, F_DUPFD, PARKED), high = fcntl(*second, F_DUPFD, low + 1);
    dup2(low, 3);
    dup2(high, 4);
    *first = 3;
    *second = 4;
    if (syscall(SYS_close_range, 5u, ~0u, 0u) == 0) return;
    for (int fd = 5; fd < 4096; fd++) close(fd); /* Linux before 5.9 */
}

static _Noreturn void become_relay(struct supervisor *s, const struct launch *launch, int vmm, int program, pid_t parent) {
    keep_two(&vmm, &program);
    if (!vmm_drop_rights(s, launch) || !vmm_die_with(s, parent)) _exit(RELAY_PROGRAM_GONE);
    _exit(net_relay(&launch->net_rules, vmm, program));
}

static bool start_relay(struct supervisor *s, const struct launch *launch, int vmm, int program) {
    pid_t self = getpid();
    s->net_relay = fork();
    if (s->net_relay == 0) become_relay(s, launch, vmm, program, self);
    return s->net_relay > 0 || complain(s, "fork");
}

int net_open(struct supervisor *s, const struct launch *launch) {
    int vmm[2], program[2];
    if (!open_pair(s, vmm)) return -1;
    if (!open_pair(s, program)) return -1;
    bool started = start_program(s, launch, program[1]) && start_relay(s, launch, vmm[1], program[0]);
    close(program[0]);
    close(program[1]);
    close(vmm[1]);
    return started ? vmm[0] : -1;
}

void net_reaped(struct supervisor *s, pid_t pid, int status) {
    if (pid != s->net_relay) return;
    s->net_relay = 0;
    if (s->reaped) return;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != RELAY_VMM_GONE)
        note(s, "net", "the program of the user network has ended: the guest has no network until the next start");
}
