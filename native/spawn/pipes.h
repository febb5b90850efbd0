/* console, link, vmm: byte pipes between the VMM and the newest client of a channel. */
#ifndef SPAWN_PIPES_H
#define SPAWN_PIPES_H
#include "supervisor.h"

/* What to wait for at the VMM's end; 0 for nothing. */
short pipe_vmm_events(const struct pipe_channel *pipe);
/* What to wait for at the client's end; -1 when it must not be looked at. */
short pipe_client_events(const struct pipe_channel *pipe);
void pipe_vmm_ready(struct supervisor *s, struct pipe_channel *pipe, short events);
void pipe_client_ready(struct supervisor *s, struct pipe_channel *pipe, short events);
/* Lends the channel to a client; the one before is closed and its bytes are dropped. */
void pipe_lend(struct supervisor *s, struct pipe_channel *pipe, struct client *client);
/* The client is gone: what waits for it, or came from it, is dropped. */
void pipe_forget_client(struct pipe_channel *pipe);
/* Reads what the VMM left behind when it ended, without waiting. */
void pipe_drain(struct supervisor *s, struct pipe_channel *pipe);

#endif
