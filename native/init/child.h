/* Starts the child behind a stream: a command, or the agent's own get, put and stat. */
#ifndef IGNITE_CHILD_H
#define IGNITE_CHILD_H
#include "stream.h"

/* The namespaces of the main process and the agent's own, opened once; -1 in a machine. */
struct namespaces {
    int main_mount, main_pid, own_pid;
};

/* Room for the descriptors of as many streams as a session may have; children begin with the limit that was there. */
void child_raise_limit(void);
struct namespaces child_namespaces(const struct agent_place *place);
/* Fills the stream's descriptors and pid. False: errno says why. */
bool child_start(struct stream *stream, const struct request *request, const struct agent_place *place,
                 const struct namespaces *namespaces);
#endif
