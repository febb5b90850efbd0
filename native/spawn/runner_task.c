/* Starts one program of the runner, in its namespace and folder, with a whole file as its stdin. */
#include "runner_task.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* MFD_NOEXEC_SEAL of linux/memfd.h. */
#define CALL_MEMFD_NOEXEC 0x0008u

#define CHILD_STACK 16384

void runner_close(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

void runner_task_forget(struct runner_task *task) {
    runner_close(&task->input);
    runner_close(&task->output[0]);
    runner_close(&task->output[1]);
    task->used = false;
}

/* Not to be executed, where the kernel knows that (6.3); an administrator may demand it (vm.memfd_noexec). */
static int memory_file(void) {
    int fd = memfd_create("stdin", MFD_CLOEXEC | CALL_MEMFD_NOEXEC);
    return fd >= 0 || errno != EINVAL ? fd : memfd_create("stdin", MFD_CLOEXEC);
}

bool runner_task_input(struct runner_task *task, const uint8_t *bytes, size_t length) {
    if (task->started) return false;
    if (task->input < 0 && task->short_of == 0 && (task->input = memory_file()) < 0) task->short_of = errno;
    for (size_t at = 0; at < length && task->short_of == 0;) {
        ssize_t count = write(task->input, bytes + at, length - at);
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
static int spawn(struct runner_task *task, struct child *c) {
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
static int refuse_namespace(const char *path, int error, char *said, size_t size) {
    snprintf(said, size, "nsenter: cannot enter %s: %s\n", path, strerror(error));
    return -1;
}

/* As runner_task_start, with the ends of its outputs that are the program's. */
static int spawn_in_place(struct runner_task *task, const struct runner_request *request, const int theirs[2], char *said,
                          size_t size) {
    char path[PATH_MAX];
    struct child c = {.request = request, .path = path, .fds = {task->input, theirs[0], theirs[1]}, .netns = -1};
    int error = runner_find(request->args[0], runner_search_path(request->env), path, sizeof path);
    if (error != 0) return error;
    if (request->netns[0] != '\0') {
        c.netns = open(request->netns, O_RDONLY | O_CLOEXEC);
        if (c.netns < 0) return refuse_namespace(request->netns, errno, said, size);
    }
    if (task->input < 0) task->input = c.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    error = c.fds[0] < 0 ? errno : spawn(task, &c);
    runner_close(&c.netns);
    return error != 0 && c.outside ? refuse_namespace(request->netns, error, said, size) : error;
}

int runner_task_start(struct runner_task *task, const struct runner_request *request, char *said, size_t size) {
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
    if (error == 0) error = spawn_in_place(task, request, theirs, said, size);
    runner_close(&theirs[0]);
    runner_close(&theirs[1]);
    runner_close(&task->input);
    task->started = error == 0;
    return error;
}
