/* Clients of spawn.sock: each names a channel in its first line, then is a byte pipe (DESIGN D4). */
#ifndef SPAWN_CLIENTS_H
#define SPAWN_CLIENTS_H
#include "supervisor.h"

/* Takes the connections that wait; the oldest idle client goes when there are too many. */
void clients_accept(struct supervisor *s);
/* What to wait for; -1 when the client must not be looked at. */
short client_events(const struct supervisor *s, const struct client *client);
void client_ready(struct supervisor *s, struct client *client, short events);
/* Closes one client and whatever was lent to it. */
void client_close(struct supervisor *s, struct client *client);
/* Reads and forgets what a client sends that has nothing to say. */
void client_discard_input(struct client *client);
/* exit.json is in its place: answers those who asked to kill. */
void clients_answer_kill(struct supervisor *s);
void clients_close_all(struct supervisor *s);

#endif
