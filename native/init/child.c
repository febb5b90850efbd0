/* Starts the child behind a stream. In app mode it joins the main process: its PID namespace by the agent around the
 * fork (only children of a caller move), its mount namespace by the child itself. */
#include "child.h"
#include "command.h"
#include "copy.h"
#include "environment.h"
#include "terminal.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define REPORT 3
/* Each stream has up to four, and one more while it begins. */
#define MOST_DESCRIPTORS 4096

static struct rlimit limit_before;

void child_raise_limit(void) {
    if (getrlimit(RLIMIT_NOFILE, &limit_before) != 0 || limit_before.rlim_cur >= MOST_DESCRIPTORS)
        return;
    struct rlimit raised = limit_before;
    raised.rlim_cur = raised.rlim_max < MOST_DESCRIPTORS ? raised.rlim_max : MOST_DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &raised);
}

struct ends {
    int stdio[3];
    int report;
};

static int open_namespace(pid_t pid, const char *kind) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, kind);
    return open(path, O_RDONLY | O_CLOEXEC);
}

struct namespaces child_namespaces(const struct agent_place *place) {
    if (place->main_pid <= 0)
        return (struct namespaces){-1, -1, -1};
    return (struct namespaces){
        open_namespace(place->main_pid, "mnt"),
        open_namespace(place->main_pid, "pid"),
        open_namespace(getpid(), "pid"),
    };
}

static void shut(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void shut_ends(struct ends *ends) {
    for (int i = 0; i < 3; i++)
        shut(&ends->stdio[i]);
    shut(&ends->report);
}

/* A pipe whose inner end does not block and whose other end is the child's. */
static bool open_pipe(int *inner, int *outer, bool child_reads) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *inner = ends[child_reads ? 1 : 0];
    *outer = ends[child_reads ? 0 : 1];
    return fcntl(*inner, F_SETFL, O_NONBLOCK) == 0;
}

static bool open_tty(struct stream *stream, const struct request *request, struct ends *ends) {
    int slave;
    if (!terminal_open(request->rows, request->columns, &stream->out, &slave))
        return false;
    fcntl(stream->out, F_SETFL, O_NONBLOCK);
    stream->in = fcntl(stream->out, F_DUPFD_CLOEXEC, 3);
    ends->stdio[0] = slave;
    ends->stdio[1] = fcntl(slave, F_DUPFD_CLOEXEC, 3);
    ends->stdio[2] = fcntl(slave, F_DUPFD_CLOEXEC, 3);
    return stream->in >= 0 && ends->stdio[1] >= 0 && ends->stdio[2] >= 0;
}

static bool open_ends(struct stream *stream, const struct request *request, struct ends *ends) {
    if (!open_pipe(&stream->report, &ends->report, false))
        return false;
    if (stream->tty)
        return open_tty(stream, request, ends);
    return open_pipe(&stream->in, &ends->stdio[0], true) && open_pipe(&stream->out, &ends->stdio[1], false) &&
           open_pipe(&stream->err, &ends->stdio[2], false);
}

static void prepare_environment(struct command *command, const struct request *request,
                                const struct agent_place *place) {
    const struct config *config = place->config;
    for (size_t i = 0; config != NULL && i < config->app.env.count; i++)
        environment_set(&command->env, config->app.env.items[i]);
    for (size_t i = 0; i < request->env.count; i++)
        environment_set(&command->env, request->env.items[i]);
    if (config != NULL)
        environment_default(&command->env, "HOSTNAME", config->hostname == NULL ? "localhost" : config->hostname);
    if (request->tty && request->term != NULL && *request->term != 0)
        environment_default(&command->env, "TERM", request->term);
}

static const char *default_folder(const struct agent_place *place) {
    struct stat facts;
    if (place->config != NULL)
        return place->config->app.workdir;
    return stat("/root", &facts) == 0 && S_ISDIR(facts.st_mode) ? "/root" : "/";
}

static _Noreturn void run_command(const struct request *request, const struct agent_place *place,
                                  const struct ends *ends) {
    struct command command = {
        .argv = request->argv,
        .workdir = request->cwd != NULL ? request->cwd : default_folder(place),
        .user = request->user != NULL ? request->user : place->config != NULL ? place->config->app.user : "0",
        .stdio = {ends->stdio[0], ends->stdio[1], ends->stdio[2]},
        .tty = request->tty,
    };
    prepare_environment(&command, request, place);
    command_run(&command, ends->report);
}

/* The ends become 0, 1, 2 and REPORT, all else is closed: this child executes nothing, and a pipe of another stream
 * that it kept would never come to its end. */
static void keep_only(const struct ends *ends) {
    int copies[4];
    for (int i = 0; i < 4; i++)
        copies[i] = fcntl(i < 3 ? ends->stdio[i] : ends->report, F_DUPFD, REPORT + 1);
    for (int i = 0; i < 4; i++)
        dup2(copies[i], i);
    for (int fd = REPORT + 1; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
        close(fd);
}

static _Noreturn void become(const struct stream *stream, const struct request *request,
                             const struct agent_place *place, const struct namespaces *namespaces,
                             const struct ends *ends) {
    write_file("/proc/self/oom_score_adj", "0", 1, 0);
    if (limit_before.rlim_max > 0)
        setrlimit(RLIMIT_NOFILE, &limit_before);
    if (namespaces->main_mount >= 0 && setns(namespaces->main_mount, CLONE_NEWNS) != 0)
        report_failure(ends->report, OTHER_FAILURE, errno, "The main process could not be joined; has it ended?");
    if (stream->kind == IGN_OPEN_KIND_EXEC)
        run_command(request, place, ends);
    setsid();
    command_reset_signals();
    keep_only(ends);
    if (stream->kind == IGN_OPEN_KIND_GET)
        copy_get(request->path, request->follow, REPORT);
    if (stream->kind == IGN_OPEN_KIND_PUT)
        copy_put(request->path, request->keep_owner, REPORT);
    copy_stat(request->path, request->follow, REPORT);
}

bool child_start(struct stream *stream, const struct request *request, const struct agent_place *place,
                 const struct namespaces *namespaces) {
    struct ends ends = {{-1, -1, -1}, -1};
    stream->kind = request->kind;
    stream->tty = request->tty && request->kind == IGN_OPEN_KIND_EXEC;
    stream->detached = request->detached;
    stream->oom_before = oom_kills();
    if (!open_ends(stream, request, &ends)) {
        int saved = errno;
        shut_ends(&ends);
        errno = saved;
        return false;
    }
    if (namespaces->main_pid >= 0)
        setns(namespaces->main_pid, CLONE_NEWPID);
    stream->pid = fork();
    if (stream->pid == 0)
        become(stream, request, place, namespaces, &ends);
    int saved = errno;
    if (namespaces->own_pid >= 0)
        setns(namespaces->own_pid, CLONE_NEWPID);
    shut_ends(&ends);
    errno = saved;
    return stream->pid > 0;
}
