/* ignite-init: /init of the initramfs, then PID 1 of an app or starter of a machine's init; also the machine's agent
 * and systemd's shutdown hook, by its name and arguments. */
#include "agent.h"
#include "app.h"
#include "channels.h"
#include "config.h"
#include "devices.h"
#include "ending.h"
#include "facts.h"
#include "identity.h"
#include "machine.h"
#include "modules.h"
#include "mounts.h"
#include "net.h"
#include "seed.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void give_up(const char *stage, const char *text, uint8_t power_off) {
    facts_note(stage, text);
    ending_finish(IGN_INTENT_POWEROFF, power_off);
}

static void open_console(void) {
    if (fcntl(STDERR_FILENO, F_GETFD) >= 0)
        return;
    int fd = open("/dev/console", O_RDWR);
    for (int i = 0; fd >= 0 && i < 3; i++)
        if (fd != i)
            dup2(fd, i);
}

static void read_config(struct config *config) {
    size_t length = 0;
    uint8_t *bytes = read_file(IGN_NAME_CONFIG_FILE, IGN_LIMIT_CONFIG, &length);
    const char *problem = bytes == NULL ? "it cannot be read" : config_parse(config, bytes, length);
    unlink(IGN_NAME_CONFIG_FILE);
    if (problem != NULL) {
        char *text = format("The guest configuration is unusable: %s", problem);
        give_up("config", text, IGN_POWER_OFF_RESET);
    }
}

static void open_facts(const struct config *config) {
    if (!channels_open_facts(config))
        give_up("devices", "The channels to the host did not appear", config->power_off);
}

static void check(const char *stage, char *problem, const struct config *config) {
    if (problem != NULL)
        give_up(stage, problem, config->power_off);
    facts_stage(stage);
}

static void prepare(struct config *config) {
    mounts_early();
    open_console();
    facts_stage("kernel");
    read_config(config);
    identity_set_clock(config->time);
    devices_watch();
    modules_load(IGN_NAME_MODULE_LIST);
    if (config->channels == IGN_CHANNELS_VSOCK)
        modules_load(IGN_NAME_LATER_MODULE_LIST);
    else
        modules_drop(IGN_NAME_LATER_MODULE_LIST);
    facts_stage("modules");
    open_facts(config);
    facts_stage("devices");
    check("root", mounts_root(config), config);
    check("enter", mounts_enter_root(), config);
    mounts_inside(config->mode);
    mounts_modules(config);
    check("volumes", mounts_volumes(config), config);
    net_setup(config);
    identity_setup(config);
    check("files", seed_unpack(config), config);
    facts_stage("setup");
}

/* PID 1 must not be stopped by signals meant for the command. */
static void block_signals(void) {
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGUSR1);
    sigprocmask(SIG_BLOCK, &watched, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void start_agent(const struct config *config, struct app *app) {
    pid_t pid = fork();
    if (pid == 0) {
        facts_close();
        close(app->out);
        if (app->err >= 0)
            close(app->err);
        struct agent_place place = {IGN_MODE_APP, 0, config->power_off, config, app->pid, app->in, app->tty};
        setsid();
        int link = channels_open_link();
        devices_unwatch();
        if (link >= 0)
            agent_serve(link, &place, false);
        _exit(1);
    }
    channels_close_link();
    if (app->in >= 0)
        close(app->in); /* only the agent may end its input */
}

static _Noreturn void run_app(const struct config *config) {
    struct app app;
    int code, status;
    uint8_t intent = IGN_INTENT_POWEROFF;
    block_signals();
    if (app_start(config, &app, &code)) {
        facts_stage("exec");
        start_agent(config, &app);
        facts_ready(IGN_MODE_APP);
        devices_unwatch();
        status = app_relay(&app);
        facts_settle();
        bool oom = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && oom_kills() > app.oom_before;
        if (!app_called_reboot(status, &intent))
            facts_done(status, oom);
    } else {
        facts_settle();
        facts_done(code << 8, 0);
    }
    ending_finish(app_reboot_wanted() ? IGN_INTENT_REBOOT : intent, config->power_off);
}

static _Noreturn void boot(void) {
    static struct config config;
    prepare(&config);
    if (config.mode == IGN_MODE_APP)
        run_app(&config);
    char *problem = machine_start(&config);
    give_up("init", problem, config.power_off);
}

int main(int count, char **arguments) {
    const char *name = count > 0 ? strrchr(arguments[0], '/') : NULL;
    if (name != NULL && strcmp(name, "/shutdown") == 0)
        ending_systemd(count > 1 ? arguments[1] : "");
    if (count > 1 && strcmp(arguments[1], AGENT_WORD) == 0)
        return agent_of_machine(count, arguments);
    if (getpid() == 1)
        boot();
    fputs("ignite-init is the first program of a guest of Ignite and does nothing elsewhere.\n", stderr);
    return 1;
}
