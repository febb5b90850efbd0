/* Starting a command in a child: its terminal or pipes, folder, user, and the search for its program. */
#include "command.h"
#include "environment.h"
#include "users.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void report_send(int report_fd, const struct report *report) {
    if (write(report_fd, report, sizeof *report) < 0) {
        /* the agent is gone: there is nobody to report to */
    }
}

_Noreturn void report_failure(int report_fd, enum failure what, int error, const char *text) {
    struct report report = {.what = (uint8_t)what, .error = error};
    snprintf(report.text, sizeof report.text, "%s", text);
    report_send(report_fd, &report);
    _exit(what == NOT_FOUND ? 127 : 126);
}

void command_reset_signals(void) {
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void take_stdio(const struct command *command) {
    int copies[3];
    for (int i = 0; i < 3; i++)
        copies[i] = fcntl(command->stdio[i], F_DUPFD, 3); /* out of the way of 0, 1, 2; not close-on-exec */
    for (int i = 0; i < 3; i++) {
        dup2(copies[i], i);
        close(copies[i]);
    }
    if (command->tty)
        ioctl(0, TIOCSCTTY, 0);
}

static void enter_workdir(struct command *command, int report_fd) {
    const char *path = command->workdir == NULL || *command->workdir == 0 ? "/" : command->workdir;
    if (command->make_workdir)
        make_directories(path, 0755);
    if (chdir(path) == 0)
        return;
    int error = errno;
    report_failure(report_fd, NO_DIRECTORY, error, format("The working directory %s: %s", path, strerror(error)));
}

/* Searches as execvpe does, but remembers what Docker distinguishes: nothing there (127), or not executable (126). */
static int try_path(struct command *command, const char *path) {
    struct stat facts;
    if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) {
        errno = EACCES;
        return errno;
    }
    execve(path, command->argv.items, command->env.items);
    return errno;
}

static int search_and_execute(struct command *command) {
    const char *name = command->argv.items[0];
    if (strchr(name, '/') != NULL)
        return try_path(command, name);
    const char *search = environment_get(&command->env, "PATH");
    int worst = ENOENT;
    char path[4096];
    for (const char *at = search == NULL ? DEFAULT_PATH : search; at != NULL && *name != 0;) {
        size_t length = strcspn(at, ":");
        int wrote = snprintf(path, sizeof path, "%.*s/%s", (int)length, length == 0 ? "." : at, name);
        if (length == 0)
            wrote = snprintf(path, sizeof path, "./%s", name);
        int error = wrote < (int)sizeof path ? try_path(command, path) : ENAMETOOLONG;
        if (error != ENOENT && error != ENOTDIR)
            worst = error;
        at = at[length] == ':' ? at + length + 1 : NULL;
    }
    return worst;
}

static void become_user(struct command *command, int report_fd) {
    struct user user;
    if (!users_find(command->user, &user))
        report_failure(report_fd, NO_USER, 0, format("There is no user or group \"%s\" in the guest", command->user));
    environment_default(&command->env, "HOME", user.home);
    for (int i = 0; i < 3; i++) { /* /dev/stdout must open for that user, too */
        struct stat facts;
        if (fstat(i, &facts) == 0 && (S_ISFIFO(facts.st_mode) || command->tty))
            (void)!fchown(i, user.uid, command->tty ? facts.st_gid : user.gid);
    }
    enter_workdir(command, report_fd);
    if (!users_become(&user))
        report_failure(report_fd, OTHER_FAILURE, errno, "The user could not be changed");
}

_Noreturn void command_run(struct command *command, int report_fd) {
    setsid();
    take_stdio(command);
    environment_default(&command->env, "PATH", DEFAULT_PATH);
    if (command->tty)
        environment_default(&command->env, "TERM", "xterm");
    umask(022);
    become_user(command, report_fd);
    command_reset_signals();
    int error = search_and_execute(command);
    const char *name = command->argv.items[0];
    if (error == ENOENT || error == ENOTDIR)
        report_failure(report_fd, NOT_FOUND, error, format("%s: not found in the guest", name));
    report_failure(report_fd, NOT_EXECUTABLE, error, format("%s: %s", name, strerror(error)));
}
