/* The real agent on the host, for tests without a VM: serves the descriptor named by its argument, with a child of this
 * process in the place of the main process (it copies its input to the file named second, and then writes <end>). Ends with its host. */
#include "../agent.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static _Noreturn void stand_in(int in, const char *copy) {
    char bytes[4096];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int out = open(copy, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    for (ssize_t got; (got = read(in, bytes, sizeof bytes)) > 0;)
        if (write(out, bytes, (size_t)got) != got)
            _exit(1);
    if (write(out, "<end>", 5) != 5)
        _exit(1);
    close(out);
    for (;;)
        pause();
}

int main(int count, char **arguments) {
    int input[2];
    if (count < 3 || pipe2(input, O_CLOEXEC) != 0)
        return 1;
    static struct config config = {.mode = IGN_MODE_APP, .hostname = "probe"};
    config.app.stop_signal = SIGTERM;
    texts_add(&config.app.env, strdup("FROM=config"));
    pid_t main_pid = fork();
    if (main_pid == 0) {
        close(input[1]);
        stand_in(input[0], arguments[2]);
    }
    close(input[0]);
    int fd = atoi(arguments[1]);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    struct agent_place place = {IGN_MODE_APP, 0, IGN_POWER_OFF_RESET, &config, main_pid, input[1], false};
    agent_serve(fd, &place, true);
    kill(main_pid, SIGKILL);
    return 0;
}
