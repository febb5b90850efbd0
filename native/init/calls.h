/* CALL: short questions and orders to the guest, each answered by one REPLY. */
#ifndef IGNITE_CALLS_H
#define IGNITE_CALLS_H
#include "agent.h"
#include "link.h"
#include <stdint.h>
#include <sys/types.h>

/* A call that needs time runs in a child; its REPLY goes out when the child ends. */
struct pending_call {
    pid_t pid;
    uint32_t request;
};
#define MOST_CALLS 8

struct calls {
    struct pending_call pending[MOST_CALLS];
};

/* Answers or begins a call. False: the payload is no call. */
bool calls_take(struct calls *calls, const uint8_t *payload, size_t length, const struct agent_place *place,
                struct link *link);
/* Whether the child was one of a call; sends its REPLY. */
bool calls_reaped(struct calls *calls, pid_t pid, int status, struct link *link);
/* The session is over: nobody waits for the answers. */
void calls_forget(struct calls *calls);
#endif
