/* The supervisor's side of `facts`: the token first, then the guest's reports; only credit flows back. */
#ifndef SPAWN_GUEST_H
#define SPAWN_GUEST_H
#include "supervisor.h"

/* The guest has connected: it must show its token. */
void guest_open(struct supervisor *s, int fd);
short guest_events(const struct supervisor *s);
void guest_ready(struct supervisor *s, short events);
/* Reads what a VMM that has ended left behind. */
void guest_drain(struct supervisor *s);
/* Tells the guest, in steps, that `bytes` of log data were consumed. */
void guest_credit(struct supervisor *s, uint32_t bytes);
/* Closes `facts` for good; `why` goes into the status, NULL for an ordinary end. The VM is not touched. */
void guest_close(struct supervisor *s, const char *why);

#endif
