/* The agent: answers the daemon over the link. */
#ifndef IGNITE_AGENT_H
#define IGNITE_AGENT_H
#include "config.h"
#include <stdbool.h>
#include <sys/types.h>

/* argv[1] of the agent of a machine. */
#define AGENT_WORD "agent"

/* What the agent must know of the guest it serves. */
struct agent_place {
    uint8_t mode;
    uint8_t init_kind;
    uint8_t power_off;
    /* App mode: the main process, its defaults for exec, and where its input goes (-1: nowhere). */
    const struct config *config;
    pid_t main_pid;
    int main_in;
    bool main_tty;
};

/* Serves the link on `fd` until the VM ends; with `one_session`, until the other end is closed. */
void agent_serve(int fd, const struct agent_place *place, bool one_session);
/* Entry of the machine's agent: arguments as machine.c gives them. */
int agent_of_machine(int count, char **arguments);
#endif
