/*
 * ignite-spawn --runner: starts the daemon's short programs (ip, nft, nsenter) for it. A fork of a process as large as the
 * daemon copies its page tables and stands still meanwhile; this one is small and shares its memory with the child until
 * that executes. It enters a network namespace for a program by itself, which saves an nsenter.
 *
 * It belongs to one daemon and ends with it: by PR_SET_PDEATHSIG, and at the end of the socket. What runs then is as if
 * the daemon itself had started it: it goes on to its own end, and what it prints reaches nobody. A program gets its
 * stdin as a file that is whole before it starts: an `nft -f -` that was begun loads its script as one transaction, one
 * whose script had not arrived whole is never begun. Nobody learns how it ended, so recovery looks, as it always does.
 *
 * It keeps nothing between two requests, and never runs one twice. Signals do nothing to it but SIGKILL: a Ctrl-C in the
 * daemon's terminal reaches its programs as before, and the daemon ends when it has stopped.
 */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner_frames.h"

/* pidfd_open(2), pidfd_getfd(2): the same numbers on every architecture. */
#define CALL_PIDFD_OPEN 434
#define CALL_PIDFD_GETFD 438
/* MFD_NOEXEC_SEAL of linux/memfd.h. */
#define CALL_MEMFD_NOEXEC 0x0008u

#define DAEMON_FD 3
#define PIECE 16384
#define CHILD_STACK 16384
#define FIXED 2 /* descriptors that are always watched: the daemon, and the signal of children */

struct task {
    bool used;
    bool started;
    bool reaped;
    uint32_t id;
    pid_t pid;
    int status;
    int input;     /* a memory file, or -1 */
    int short_of;  /* the errno that kept its stdin from being stored */
    int output[2]; /* our ends of stdout and stderr, -1 at their end */
};

struct runner {
    int socket;
    int children;
    int daemon; /* a pidfd, or -1 where the kernel has none */
    size_t filled;
    struct task tasks[RUNNER_TASKS_MAX];
    uint8_t buffer[RUNNER_HEADER + RUNNER_PAYLOAD_MAX];
};

static struct runner runner;

/* Waits where the socket is full: then the daemon is behind with reading, and programs may wait. */
static void send_frame(struct runner *r, uint32_t id, uint8_t type, const void *payload, uint32_t length) {
    uint8_t header[RUNNER_HEADER] = {0};
    memcpy(header, &length, sizeof length);
    memcpy(header + 4, &id, sizeof id);
    header[8] = type;
    struct iovec pieces[2] = {{header, sizeof header}, {(void *)(uintptr_t)payload, length}};
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
    while (pieces[0].iov_len + pieces[1].iov_len > 0) {
        ssize_t sent = sendmsg(r->socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) poll(&(struct pollfd){.fd = r->socket, .events = POLLOUT}, 1, -1);
        else if (sent < 0 && errno != EINTR) _exit(0); /* the daemon is gone */
        for (size_t i = 0; i < 2 && sent > 0; i++) {
            size_t part = (size_t)sent < pieces[i].iov_len ? (size_t)sent : pieces[i].iov_len;
            pieces[i].iov_base = (uint8_t *)pieces[i].iov_base + part;
            pieces[i].iov_len -= part;
            sent -= (ssize_t)part;
        }
    }
}

static void send_end(struct runner *r, uint32_t id, enum runner_end how, int value) {
    uint8_t payload[5] = {(uint8_t)how};
    memcpy(payload + 1, &value, 4);
    send_frame(r, id, RUNNER_END, payload, sizeof payload);
}

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static void forget(struct task *task) {
    close_fd(&task->input);
    close_fd(&task->output[0]);
    close_fd(&task->output[1]);
    task->used = false;
}

static struct task *find(struct runner *r, uint32_t id) {
    for (struct task *task = r->tasks; task < r->tasks + RUNNER_TASKS_MAX; task++)
        if (task->used && task->id == id) return task;
    return NULL;
}

static struct task *find_or_make(struct runner *r, uint32_t id) {
    struct task *task = find(r, id);
    for (size_t i = 0; task == NULL && i < RUNNER_TASKS_MAX; i++)
        if (!r->tasks[i].used) task = &r->tasks[i];
    if (task != NULL && !task->used) *task = (struct task){.used = true, .id = id, .input = -1, .output = {-1, -1}};
    return task;
}

/* Not to be executed, where the kernel knows that (6.3); an administrator may demand it (vm.memfd_noexec). */
static int memory_file(void) {
    int fd = memfd_create("stdin", MFD_CLOEXEC | CALL_MEMFD_NOEXEC);
    return fd >= 0 || errno != EINVAL ? fd : memfd_create("stdin", MFD_CLOEXEC);
}

/* What cannot be stored keeps the program from being started. */
static bool take_input(struct task *task, const struct runner_frame *frame) {
    if (task->started) return false;
    if (task->input < 0 && task->short_of == 0 && (task->input = memory_file()) < 0) task->short_of = errno;
    for (size_t at = 0; at < frame->length && task->short_of == 0;) {
        ssize_t count = write(task->input, frame->payload + at, frame->length - at);
        if (count < 0 && errno != EINTR) task->short_of = errno;
        if (count > 0) at += (size_t)count;
    }
    return true;
}

/* What the child shares with us until it executes. */
struct child {
    const struct runner_request *request;
    const char *path;
    int fds[3];
    int netns;
    volatile int error;
    volatile bool outside; /* it was the namespace that refused */
};

static int be_child(void *shared) {
    struct child *c = shared;
    sigset_t none;
    sigemptyset(&none);
    c->outside = c->netns >= 0 && setns(c->netns, CLONE_NEWNET) != 0;
    bool ready = !c->outside;
    for (int i = 0; i < 3 && ready; i++) ready = dup2(c->fds[i], i) == i;
    if (ready && c->request->folder[0] != '\0') ready = chdir(c->request->folder) == 0;
    if (ready) sigprocmask(SIG_SETMASK, &none, NULL);
    if (ready) execve(c->path, c->request->args, c->request->env);
    c->error = errno;
    _exit(127);
}

/* clone(2), as vfork(2) of musl before 1.2.4 is a fork where it has none in assembly: aarch64. */
static int spawn(struct task *task, struct child *c) {
    _Alignas(16) static uint8_t stack[CHILD_STACK];
    int status;
    pid_t pid = clone(be_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, c);
    if (pid < 0) return errno;
    task->pid = pid;
    if (c->error == 0) return 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return c->error;
}

/* In a namespace it ends as with nsenter(1), of which those who ask know how it says that there is none. */
static int refuse_namespace(struct runner *r, struct task *task, const char *path, int error) {
    char said[PATH_MAX + 128];
    int length = snprintf(said, sizeof said, "nsenter: cannot enter %s: %s\n", path, strerror(error));
    send_frame(r, task->id, RUNNER_STDERR, said, (uint32_t)(length < (int)sizeof said ? length : (int)sizeof said - 1));
    return -1;
}

/* The errno that kept it from being started; -1: why it could not enter the namespace is in its output. */
static int spawn_in_place(struct runner *r, struct task *task, const struct runner_request *request, const int theirs[2]) {
    char path[PATH_MAX];
    struct child c = {.request = request, .path = path, .fds = {task->input, theirs[0], theirs[1]}, .netns = -1};
    int error = runner_find(request->args[0], runner_search_path(request->env), path, sizeof path);
    if (error != 0) return error;
    if (request->netns[0] != '\0') {
        c.netns = open(request->netns, O_RDONLY | O_CLOEXEC);
        if (c.netns < 0) return refuse_namespace(r, task, request->netns, errno);
    }
    if (task->input < 0) task->input = c.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    error = c.fds[0] < 0 ? errno : spawn(task, &c);
    close_fd(&c.netns);
    return error != 0 && c.outside ? refuse_namespace(r, task, request->netns, error) : error;
}

/* Starts the program; what it returns is spawn_in_place's. */
static int start(struct runner *r, struct task *task, const struct runner_request *request) {
    int theirs[2] = {-1, -1};
    int error = task->short_of;
    for (int i = 0; i < 2 && error == 0; i++) {
        int pair[2];
        if (pipe2(pair, O_CLOEXEC) != 0) {
            error = errno;
            continue;
        }
        fcntl(pair[0], F_SETFL, O_NONBLOCK);
        task->output[i] = pair[0];
        theirs[i] = pair[1];
    }
    if (error == 0 && task->input >= 0 && lseek(task->input, 0, SEEK_SET) != 0) error = errno;
    if (error == 0) error = spawn_in_place(r, task, request, theirs);
    close_fd(&theirs[0]);
    close_fd(&theirs[1]);
    close_fd(&task->input);
    task->started = error == 0;
    return error;
}

static bool run(struct runner *r, struct task *task, const struct runner_frame *frame) {
    static struct runner_request request;
    if (task->started || !runner_request(frame, &request)) return false;
    int error = start(r, task, &request);
    if (error == 0) return true;
    forget(task);
    if (error < 0) send_end(r, frame->id, RUNNER_EXITED, 1);
    else send_end(r, frame->id, RUNNER_NOT_STARTED, error);
    return true;
}

/* A descriptor's number may be another's by now: the daemon believes the answer only while that socket is still open. */
static bool tell_peer_of(struct runner *r, const struct runner_frame *frame) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    uint32_t number;
    if (!runner_number(frame, &number)) return false;
    int fd = r->daemon < 0 ? -1 : (int)syscall(CALL_PIDFD_GETFD, r->daemon, (int)number, 0);
    bool known = fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
    int error = r->daemon < 0 ? ENOSYS : errno;
    close_fd(&fd);
    if (known) send_frame(r, frame->id, RUNNER_PEER_IS, &peer, sizeof peer);
    else send_end(r, frame->id, RUNNER_NOT_STARTED, error);
    return true;
}

/* What has ended has no pid any more that could be meant. */
static bool kill_task(const struct task *task, const struct runner_frame *frame) {
    if (frame->length != 1) return false;
    if (task != NULL && task->started && !task->reaped) kill(task->pid, frame->payload[0]);
    return true;
}

static bool obey(struct runner *r, const struct runner_frame *frame) {
    if (frame->type == RUNNER_PEER) return tell_peer_of(r, frame);
    if (frame->type == RUNNER_KILL) return kill_task(find(r, frame->id), frame);
    struct task *task = find_or_make(r, frame->id);
    if (task == NULL) return false; /* more than the daemon may ask for */
    return frame->type == RUNNER_RUN ? run(r, task, frame) : take_input(task, frame);
}

/* False at the end of the connection, and where it makes no sense any more. */
static bool take_requests(struct runner *r) {
    struct runner_frame frame;
    enum runner_next next;
    size_t at = 0;
    ssize_t count = recv(r->socket, r->buffer + r->filled, sizeof r->buffer - r->filled, MSG_DONTWAIT);
    if (count == 0) return false;
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    r->filled += (size_t)count;
    while ((next = runner_next(r->buffer + at, r->filled - at, &frame)) == RUNNER_FRAME) {
        if (!obey(r, &frame)) return false;
        at += frame.size;
    }
    memmove(r->buffer, r->buffer + at, r->filled - at);
    r->filled -= at;
    return next == RUNNER_MORE;
}

static void reap(struct runner *r) {
    struct signalfd_siginfo info;
    int status;
    pid_t pid;
    while (read(r->children, &info, sizeof info) > 0) continue;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (struct task *task = r->tasks; task < r->tasks + RUNNER_TASKS_MAX; task++)
            if (task->used && task->started && !task->reaped && task->pid == pid) {
                task->reaped = true;
                task->status = status;
            }
}

static void pass_on(struct runner *r, struct task *task, int which) {
    uint8_t piece[PIECE];
    ssize_t count = read(task->output[which], piece, sizeof piece);
    if (count > 0) send_frame(r, task->id, which == 0 ? RUNNER_STDOUT : RUNNER_STDERR, piece, (uint32_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR)) close_fd(&task->output[which]);
}

static void end_if_over(struct runner *r, struct task *task) {
    if (!task->used || !task->reaped || task->output[0] >= 0 || task->output[1] >= 0) return;
    int status = task->status;
    forget(task);
    if (WIFSIGNALED(status)) send_end(r, task->id, RUNNER_SIGNALLED, WTERMSIG(status));
    else send_end(r, task->id, RUNNER_EXITED, WEXITSTATUS(status));
}

/* What is to be watched: the two that always are, then the outputs of what runs, two for each task. */
static void watch(const struct runner *r, struct pollfd *fds) {
    fds[0] = (struct pollfd){.fd = r->socket, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = r->children, .events = POLLIN};
    for (size_t i = 0; i < RUNNER_TASKS_MAX * 2; i++) {
        const struct task *task = &r->tasks[i / 2];
        fds[FIXED + i] = (struct pollfd){.fd = task->used ? task->output[i % 2] : -1, .events = POLLIN};
    }
}

int runner_serve(int socket) {
    static struct pollfd fds[FIXED + RUNNER_TASKS_MAX * 2];
    struct runner *r = &runner;
    sigset_t all, children;
    sigfillset(&all);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_SETMASK, &all, NULL);
    r->socket = socket;
    r->children = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
    r->daemon = (int)syscall(CALL_PIDFD_OPEN, getppid(), 0);
    if (r->children < 0) return 1;
    send_frame(r, 0, RUNNER_READY, &(uint32_t){RUNNER_VERSION}, 4);
    for (;;) {
        watch(r, fds);
        if (poll(fds, sizeof fds / sizeof *fds, -1) < 0) continue;
        if (fds[1].revents != 0) reap(r);
        for (size_t i = 0; i < RUNNER_TASKS_MAX * 2; i++)
            if (fds[FIXED + i].revents != 0) pass_on(r, &r->tasks[i / 2], (int)(i % 2));
        for (size_t i = 0; i < RUNNER_TASKS_MAX; i++) end_if_over(r, &r->tasks[i]);
        if (fds[0].revents != 0 && !take_requests(r)) return 0;
    }
}

/* The standard descriptors are open, so that none of ours lands there; of others only the daemon's is kept. */
int runner_main(void) {
    int fd;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && fd <= 2) continue;
    if (fd > 2) close(fd);
    if (syscall(SYS_close_range, (unsigned)DAEMON_FD + 1, ~0u, 0u) != 0)
        for (fd = DAEMON_FD + 1; fd < 4096; fd++) close(fd); /* Linux before 5.9 */
    if (fcntl(DAEMON_FD, F_SETFD, FD_CLOEXEC) != 0) return 1;
    return runner_serve(DAEMON_FD);
}
