/* App mode: the image's command as PID 1 of its own PID and mount namespaces, under this process. */
#ifndef IGNITE_APP_H
#define IGNITE_APP_H
#include "config.h"
#include <sys/types.h>

/* The running main process. */
struct app {
    pid_t pid;
    /* Its output: two pipes, or the terminal's master as `out` and -1. */
    int out, err;
    /* Where its input goes: pipe, master, or -1. */
    int in;
    bool tty;
    uint64_t oom_before;
};

/* Starts it. False: it could not be started, and the note is sent; `code` is then the exit code (126, 127). */
bool app_start(const struct config *config, struct app *app, int *code);
/* Carries its output to the supervisor until it ended and all is sent; returns its wait status. */
int app_relay(struct app *app);
/* Whether a wait status of the main process says that the command called reboot(2), which ends its PID namespace alone;
 * `intent` is then what it asked for. */
bool app_called_reboot(int status, uint8_t *intent);
/* Whether somebody asked for a reboot at the end (SIGUSR1 from the agent). */
bool app_reboot_wanted(void);
#endif
