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
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner_frames.h"
#include "runner_task.h"

/* pidfd_open(2), pidfd_getfd(2): the same numbers on every architecture. */
#define CALL_PIDFD_OPEN 434
#define CALL_PIDFD_GETFD 438

#define DAEMON_FD 3
#define PIECE 16384
#define FIXED 2 /* descriptors that are always watched: the daemon, and the signal of children */

struct runner {
    int socket;
    int children;
    int daemon; /* a pidfd, or -1 where the kernel has none */
    size_t filled;
    struct runner_task tasks[RUNNER_TASKS_MAX];
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

static struct runner_task *find(struct runner *r, uint32_t id) {
    for (struct runner_task *task = r->tasks; task < r->tasks + RUNNER_TASKS_MAX; task++)
        if (task->used && task->id == id) return task;
    return NULL;
}

static struct runner_task *find_or_make(struct runner *r, uint32_t id) {
    struct runner_task *task = find(r, id);
    for (size_t i = 0; task == NULL && i < RUNNER_TASKS_MAX; i++)
        if (!r->tasks[i].used) task = &r->tasks[i];
    if (task != NULL && !task->used)
        *task = (struct runner_task){.used = true, .id = id, .input = -1, .output = {-1, -1}};
    return task;
}

static bool run(struct runner *r, struct runner_task *task, const struct runner_frame *frame) {
    static struct runner_request request;
    char said[PATH_MAX + 128];
    if (task->started || !runner_request(frame, &request)) return false;
    int error = runner_task_start(task, &request, said, sizeof said);
    if (error == 0) return true;
    runner_task_forget(task);
    if (error < 0) {
        send_frame(r, frame->id, RUNNER_STDERR, said, (uint32_t)strlen(said));
        send_end(r, frame->id, RUNNER_EXITED, 1);
    } else send_end(r, frame->id, RUNNER_NOT_STARTED, error);
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
    runner_close(&fd);
    if (known) send_frame(r, frame->id, RUNNER_PEER_IS, &peer, sizeof peer);
    else send_end(r, frame->id, RUNNER_NOT_STARTED, error);
    return true;
}

/* What has ended has no pid any more that could be meant. */
static bool kill_task(const struct runner_task *task, const struct runner_frame *frame) {
    if (frame->length != 1) return false;
    if (task != NULL && task->started && !task->reaped) kill(task->pid, frame->payload[0]);
    return true;
}

static bool obey(struct runner *r, const struct runner_frame *frame) {
    if (frame->type == RUNNER_PEER) return tell_peer_of(r, frame);
    if (frame->type == RUNNER_KILL) return kill_task(find(r, frame->id), frame);
    struct runner_task *task = find_or_make(r, frame->id);
    if (task == NULL) return false; /* more than the daemon may ask for */
    return frame->type == RUNNER_RUN ? run(r, task, frame) : runner_task_input(task, frame->payload, frame->length);
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
        for (struct runner_task *task = r->tasks; task < r->tasks + RUNNER_TASKS_MAX; task++)
            if (task->used && task->started && !task->reaped && task->pid == pid) {
                task->reaped = true;
                task->status = status;
            }
}

static void pass_on(struct runner *r, struct runner_task *task, int which) {
    uint8_t piece[PIECE];
    ssize_t count = read(task->output[which], piece, sizeof piece);
    if (count > 0) send_frame(r, task->id, which == 0 ? RUNNER_STDOUT : RUNNER_STDERR, piece, (uint32_t)count);
    else if (count == 0 || (errno != EAGAIN && errno != EINTR)) runner_close(&task->output[which]);
}

static void end_if_over(struct runner *r, struct runner_task *task) {
    if (!task->used || !task->reaped || task->output[0] >= 0 || task->output[1] >= 0) return;
    int status = task->status;
    runner_task_forget(task);
    if (WIFSIGNALED(status)) send_end(r, task->id, RUNNER_SIGNALLED, WTERMSIG(status));
    else send_end(r, task->id, RUNNER_EXITED, WEXITSTATUS(status));
}

/* What is to be watched: the two that always are, then the outputs of what runs, two for each task. */
static void watch(const struct runner *r, struct pollfd *fds) {
    fds[0] = (struct pollfd){.fd = r->socket, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = r->children, .events = POLLIN};
    for (size_t i = 0; i < RUNNER_TASKS_MAX * 2; i++) {
        const struct runner_task *task = &r->tasks[i / 2];
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
