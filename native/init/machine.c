/* Machine mode: the image's own init becomes PID 1, and the agent runs as another process. */
#include "machine.h"
#include "agent.h"
#include "channels.h"
#include "command.h"
#include "ending.h"
#include "environment.h"
#include "facts.h"
#include "serials.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not /run/ignite: an Ignite inside the guest has that for itself. */
#define OWN_FOLDER CHANNELS_FOLDER
#define PROGRAM OWN_FOLDER "/agent"

/* The agent leaves the initramfs's file behind and runs from /run. Its name begins with @: systemd spares such
 * processes when it ends everything else (systemd.io, "ROOT_STORAGE_DAEMONS"). */
static _Noreturn void become_agent(const struct config *config) {
    char kind[8], power_off[8], facts[16];
    setsid();
    snprintf(kind, sizeof kind, "%u", config->init_kind);
    snprintf(power_off, sizeof power_off, "%u", config->power_off);
    snprintf(facts, sizeof facts, "%d", facts_fd());
    fcntl(facts_fd(), F_SETFD, 0);
    char *arguments[] = {"@ignite-agent", AGENT_WORD, kind, power_off, facts, facts_stages(), serials_text(), channels_text(), NULL};
    char *environment[] = {"PATH=" DEFAULT_PATH, NULL};
    int nowhere = open("/dev/null", O_RDWR);
    for (int i = 0; nowhere >= 0 && i < 3; i++)
        dup2(nowhere, i);
    execve(PROGRAM, arguments, environment);
    _exit(1);
}

static bool copy_program(void) {
    size_t length;
    uint8_t *bytes = read_file("/proc/self/exe", 64u << 20, &length);
    bool ok = bytes != NULL && make_directories(OWN_FOLDER, 0700) && write_file(PROGRAM, bytes, length, 0700);
    free(bytes);
    return ok;
}

/* The modules drive is in use until the end, when ignite-init unmounts it: systemd shall not try, fail and complain. */
static void spare_modules_mount(const struct config *config) {
    static const char *const units[] = {"lib-modules-", "usr-lib-modules-"};
    static const char text[] = "[Unit]\nDefaultDependencies=no\n";
    for (size_t i = 0; config->modules_drive != NO_DRIVE && i < sizeof units / sizeof *units; i++) {
        char folder[96], path[128];
        snprintf(folder, sizeof folder, "/run/systemd/system/%s.mount.d", units[i]);
        snprintf(path, sizeof path, "%s/ignite.conf", folder);
        if (make_directories(folder, 0755))
            write_file(path, text, sizeof text - 1, 0644);
    }
}

char *machine_start(const struct config *config) {
    if (!copy_program())
        return format("The agent could not be copied to %s: %s", PROGRAM, strerror(errno));
    channels_leave(config, OWN_FOLDER);
    if (config->init_kind == IGN_INIT_KIND_SYSTEMD) {
        ending_install(PROGRAM, config->power_off);
        channels_leave(config, "/run/initramfs");
        spare_modules_mount(config);
    }
    pid_t agent = fork();
    if (agent == 0)
        become_agent(config);
    facts_close(); /* the agent's now: a port has one opener */
    char *arguments[] = {config->init, NULL};
    char *environment[] = {"HOME=/", "TERM=linux", "PATH=" DEFAULT_PATH, NULL};
    command_reset_signals();
    execve(config->init, arguments, environment);
    return format("The init %s could not be executed: %s", config->init, strerror(errno));
}
