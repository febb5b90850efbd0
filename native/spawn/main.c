/*
 * ignite-spawn --hold: waits until it is asked to end; the only program of a container that holds a VM's place on
  * Docker's bridge. As the container's PID 1 it gets only signals that it handles.
 *
 * ignite-spawn --peer: prints who connected the socket it was given; see peer.h.
 *
 * ignite-spawn --tsc: prints the rate of the time stamp counter; see tsc.h.
 *
 * ignite-spawn --runner: starts the daemon's short programs; see runner.c.
 *
 * ignite-spawn LAUNCHFILE: starts one VMM and stays with it until its end (DESIGN D4).
 *
 * The foreground process ends with 0 when the VMM's program runs, else prints `stage: message` and ends with 1. The
 * supervisor itself is its grandchild: own session, PID 1 of a PID namespace where that is permitted, so that its death
 * is the VMM's. It ignores all signals but SIGKILL: at a shutdown of the host the units decide what ends when, and a VM
  * must not lose its supervisor to a stray SIGTERM before it was stopped.
 *
 * ignite-spawn --stay LAUNCHFILE: the same as the first process of a container; the foreground process stays until the
 * supervisor has ended, as the container ends with it, and reaps what a dead parent leaves to it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients.h"
#include "dhcp_server.h"
#include "doors.h"
#include "exit_record.h"
#include "group.h"
#include "identity.h"
#include "jail.h"
#include "loop.h"
#include "peer.h"
#include "runner.h"
#include "runner_frames.h"
#include "sandbox.h"
#include "supervisor.h"
#include "tsc.h"
#include "vmm.h"

#define STARTED "+"
#define SAID ".said"

static struct supervisor supervisor;
static struct launch launch;

static char *read_launch_file(struct supervisor *s, const char *path, size_t *length) {
    char *bytes = mmap(NULL, LAUNCH_FILE_MAX + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (bytes == MAP_FAILED || fd < 0) {
        fail(s, "launch", "%s: %s", path, strerror(errno));
        return NULL;
    }
    ssize_t count = 0;
    *length = 0;
    while (*length <= LAUNCH_FILE_MAX && (count = read(fd, bytes + *length, LAUNCH_FILE_MAX + 1 - *length)) > 0)
        *length += (size_t)count;
    close(fd);
    if (count >= 0) return bytes;
    fail(s, "launch", "%s: %s", path, strerror(errno));
    return NULL;
}

static void begin(struct supervisor *s) {
    s->run_fd = s->listen_fd = s->signal_fd = s->output_fd = s->exit_fd = s->guest.fd = -1;
    for (size_t i = 0; i < CLIENTS_MAX; i++) s->clients[i].fd = -1;
    for (size_t i = 0; i < 3; i++) s->pipes[i].vmm = -1;
    s->jail_fd = s->doors.facts = s->doors.link = s->doors.log = s->doors.metrics = s->doors.candidate = -1;
    s->guest.window = IGN_LIMIT_WINDOW;
    s->pipes[CHANNEL_CONSOLE].lossy = true;
    s->pipes[CHANNEL_CONSOLE].log = &s->console_log;
    s->cri.log = &s->app_log;
}

static void keep_settings(struct supervisor *s) {
    s->slot = launch.slot;
    s->app.holding = launch.wait_reader;
    snprintf(s->vm, sizeof s->vm, "%s", launch.vm);
    snprintf(s->run, sizeof s->run, "%s", launch.run);
    snprintf(s->exit, sizeof s->exit, "%s", launch.exit);
    snprintf(s->logs, sizeof s->logs, "%s", launch.logs);
    memcpy(s->token, launch.token, sizeof s->token);
    log_begin(&s->console_log, launch.logs, "console.log", "console.idx", launch.log_max, launch.log_files);
    log_begin(&s->app_log, launch.logs, "app.log", NULL, launch.log_max, launch.log_files);
    log_begin(&s->vmm_log, launch.logs, "vmm.log", NULL, launch.log_max, launch.log_files);
}

/* So that no descriptor of ours lands on 0, 1 or 2 when the caller has closed them. */
static void fill_standard_fds(void) {
    int fd;
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= 2) continue;
    if (fd > 2) close(fd);
}

static void silence_standard_fds(void) {
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; fd <= 2; fd++) dup2(null, fd);
    if (null > 2) close(null);
}

static bool catch_signals(struct supervisor *s) {
    sigset_t all, children;
    sigfillset(&all);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    signal(SIGCHLD, SIG_DFL); /* ignored, it would reap by itself */
    sigprocmask(SIG_SETMASK, &all, NULL);
    s->signal_fd = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
    return s->signal_fd >= 0 || fail(s, "signals", "%s", strerror(errno));
}

static bool start_all(struct supervisor *s) {
    struct vmm_fds fds;
    bool ready = catch_signals(s) && sandbox_claim_run(s) && sandbox_check_logs(s) && exit_record_reserve(s) &&
                 sandbox_join(s, &launch) && sandbox_open_channels(s, &launch, &fds) && jail_make(s, &launch) &&
                 doors_open(s, &launch) && sandbox_listen(s) && sandbox_write_record(s) && dhcp_start(s, &launch) &&
                 vmm_start(s, &launch, &fds);
    if (ready) sandbox_close_vmm_fds(&launch, &fds);
    if (ready && launch.doors.vmm == NULL) jail_forget(s);
    return ready;
}

/* Everything that was made is undone; the descriptors die with the process. */
static _Noreturn void undo(struct supervisor *s, int report) {
    size_t length = strlen(s->failure);
    vmm_end_now(s);
    exit_record_release(s);
    sandbox_remove(s);
    _exit(write(report, s->failure, length) == (ssize_t)length ? 1 : 2);
}

static _Noreturn void supervise(struct supervisor *s, char *bytes, int report) {
    umask(077);
    s->host_pid = identity_pid();
    identity_boot_id(s->boot_id, sizeof s->boot_id);
    if (!s->own_pids) prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (chdir("/") != 0) fail(s, "start", "/: %s", strerror(errno));
    silence_standard_fds();
    if (!start_all(s)) undo(s, report);
    exit_record_forget_old(s);
    if (write(report, STARTED, 1) != 1) undo(s, report); /* the process that asked for it has ended meanwhile */
    close(report);
    munmap(bytes, LAUNCH_FILE_MAX + 1);
    loop_run(s);
    sandbox_remove(s); /* first, so that the end of a connection means that nothing is left */
    clients_close_all(s);
    _exit(0);
}

/* The process between: its end makes the supervisor a child of the host's init. */
static _Noreturn void step_between(struct supervisor *s, char *bytes, int report) {
    setsid();
    s->own_pids = unshare(CLONE_NEWPID) == 0;
    pid_t child = group_fork(&launch);
    if (child == 0) supervise(s, bytes, report);
    if (child > 0) _exit(0);
    fail(s, "start", "fork: %s", strerror(errno));
    undo(s, report);
}

static int complain(const char *text) {
    for (; *text != '\0'; text++) fputc((unsigned char)*text < 0x20 ? '?' : *text, stderr);
    fputc('\n', stderr);
    return 1;
}

static int await_start(int report, pid_t between) {
    char told[FAILURE_MAX] = {0};
    size_t length = 0;
    ssize_t count;
    while (waitpid(between, NULL, 0) < 0 && errno == EINTR) continue;
    while (length < sizeof told - 1 && (count = read(report, told + length, sizeof told - 1 - length)) != 0)
        if (count > 0) length += (size_t)count;
        else if (errno != EINTR) break;
    if (strcmp(told, STARTED) == 0) return 0;
    return complain(length > 0 ? told : "start: the supervisor ended before the VMM ran");
}

/* The output of a container's first process goes to the file SAID next to the launch file: container runtimes keep
 * output each in their own way, and late. */
static bool say_beside(const char *launch_path) {
    char path[LAUNCH_PATH_MAX + sizeof SAID];
    if ((size_t)snprintf(path, sizeof path, "%s" SAID, launch_path) >= sizeof path) return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    return fd >= 0 && dup2(fd, STDERR_FILENO) >= 0 && close(fd) == 0;
}

static int stay(int started) {
    while (started == 0 && (waitpid(-1, NULL, 0) > 0 || errno == EINTR)) continue;
    return started;
}

static void close_inherited(void) {
    if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return;
    for (int fd = 3; fd < 4096; fd++) close(fd); /* Linux before 5.9 */
}

static int hold(void) {
    sigset_t end;
    int signal;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigaddset(&end, SIGINT);
    sigprocmask(SIG_BLOCK, &end, NULL);
    while (sigwait(&end, &signal) != 0) continue;
    return 0;
}

/* For doctor, which recognises a program of another build by it. */
static int tell_version(void) {
    return printf("ignite-spawn, runner %u\n", RUNNER_VERSION) < 0;
}

int main(int argc, char **argv) {
    struct supervisor *s = &supervisor;
    int report[2];
    size_t length;
    if (argc == 2 && strcmp(argv[1], "--hold") == 0) return hold();
    if (argc == 2 && strcmp(argv[1], "--peer") == 0) return tell_peer();
    if (argc == 2 && strcmp(argv[1], "--tsc") == 0) return tell_tsc();
    if (argc == 2 && strcmp(argv[1], "--version") == 0) return tell_version();
    if (argc == 2 && strcmp(argv[1], "--runner") == 0) return runner_main();
    bool stays = argc == 3 && strcmp(argv[1], "--stay") == 0;
    if (argc != 2 && !stays) return complain("usage: ignite-spawn [--stay] LAUNCHFILE");
    if (stays) identity_in_container();
    close_inherited();
    fill_standard_fds();
    begin(s);
    if (stays && !say_beside(argv[2])) return complain("launch: the launch file's folder cannot be written");
    char *bytes = read_launch_file(s, argv[argc - 1], &length);
    if (bytes == NULL) return complain(s->failure);
    const char *wrong = launch_parse(bytes, length, &launch);
    if (wrong != NULL) fail(s, "launch", "%s", wrong);
    if (wrong != NULL) return complain(s->failure);
    keep_settings(s);
    if (pipe2(report, O_CLOEXEC) != 0) return complain("start: no pipe");
    pid_t between = fork();
    if (between == 0) {
        close(report[0]); /* so that a write fails when the foreground process is gone */
        step_between(s, bytes, report[1]);
    }
    close(report[1]);
    if (between < 0) return complain("start: no process");
    int started = await_start(report[0], between);
    return stays ? stay(started) : started;
}
