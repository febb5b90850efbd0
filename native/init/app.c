/* App mode: the image's command as PID 1 of its own PID and mount namespaces, under this process. */
#include "app.h"
#include "command.h"
#include "environment.h"
#include "facts.h"
#include "terminal.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct ends {
    int child[3];
    int report[2];
};

static bool open_pipes(const struct config *config, struct app *app, struct ends *ends) {
    int in[2], out[2], err[2];
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        return false;
    app->out = out[0];
    app->err = err[0];
    app->in = -1;
    ends->child[1] = out[1];
    ends->child[2] = err[1];
    if (!config->app.take_stdin) {
        ends->child[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
        return true;
    }
    if (pipe2(in, O_CLOEXEC) != 0)
        return false;
    app->in = in[1];
    ends->child[0] = in[0];
    return true;
}

static bool open_terminal(struct app *app, struct ends *ends) {
    int slave;
    if (!terminal_open(24, 80, &app->out, &slave))
        return false;
    app->err = -1;
    app->in = fcntl(app->out, F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; i++)
        ends->child[i] = fcntl(slave, F_DUPFD_CLOEXEC, 3);
    close(slave);
    return true;
}

static _Noreturn void become_app(const struct config *config, struct ends *ends, bool tty) {
    struct command command = {
        .argv = config->app.argv,
        .env = config->app.env,
        .workdir = config->app.workdir,
        .user = config->app.user,
        .make_workdir = true,
        .stdio = {ends->child[0], ends->child[1], ends->child[2]},
        .tty = tty,
    };
    /* What this process mounts later (volumes attached while it runs) shall be seen, what the command mounts not. */
    mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    environment_default(&command.env, "HOSTNAME", config->hostname == NULL ? "localhost" : config->hostname);
    command_run(&command, ends->report[1]);
}

static bool await_exec(struct ends *ends, int *code) {
    struct report report;
    ssize_t got = read(ends->report[0], &report, sizeof report);
    close(ends->report[0]);
    if (got != sizeof report)
        return true;
    report.text[sizeof report.text - 1] = 0;
    facts_note("exec", report.text);
    *code = report.what == NOT_FOUND ? 127 : 126;
    return false;
}

bool app_start(const struct config *config, struct app *app, int *code) {
    struct ends ends;
    *app = (struct app){.tty = config->app.tty, .oom_before = oom_kills()};
    *code = 126;
    bool opened = app->tty ? open_terminal(app, &ends) : open_pipes(config, app, &ends);
    if (!opened || pipe2(ends.report, O_CLOEXEC) != 0) {
        facts_note("exec", "The command's pipes could not be made");
        return false;
    }
    app->pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0);
    if (app->pid == 0)
        become_app(config, &ends, app->tty);
    for (int i = 0; i < 3; i++)
        close(ends.child[i]);
    close(ends.report[1]);
    if (app->pid < 0) {
        facts_note("exec", "The command's process could not be made");
        return false;
    }
    if (await_exec(&ends, code))
        return true;
    waitpid(app->pid, NULL, 0);
    return false;
}
