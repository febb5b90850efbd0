/* Sockets of a VMM that takes no descriptors (Firecracker): they lie in its jail. For `facts` and `link` we listen and
 * the VMM connects on behalf of its guest, who must first show the token of this boot; for `vmm` the VMM listens and
 * each client gets a connection of its own. */
#ifndef SPAWN_DOORS_H
#define SPAWN_DOORS_H
#include "supervisor.h"

/* Calls that may wait to be taken. */
#define DOORS_BACKLOG 8

/* Makes the sockets and FIFOs in the jail; false after fail(). */
bool doors_open(struct supervisor *s, const struct launch *launch);
/* Nobody comes in any more; a client that waits for the guest is closed. */
void doors_close(struct supervisor *s);

/* Whether a guest may still connect for `link`. */
bool doors_await_link(const struct supervisor *s);
/* A connection to the VMM's API for a client; -1 where the VMM does not listen. No link is followed. */
int doors_connect(struct supervisor *s);

/* What the loop watches, and what it does then. */
bool doors_facts_wanted(const struct supervisor *s);
bool doors_link_wanted(const struct supervisor *s);
/* Takes the next call; false where none waits. */
bool doors_facts_ready(struct supervisor *s);
void doors_link_ready(struct supervisor *s);
void doors_candidate_ready(struct supervisor *s);
/* Adds up what the VMM has written into the FIFO of its metrics; false where nothing waits. */
bool doors_read_metrics(struct supervisor *s);
/* When the connection that has not shown its token yet is given up; 0: there is none. */
uint64_t doors_due_ms(const struct supervisor *s);
void doors_tick(struct supervisor *s);

#endif
