/* The status line: the whole state as one line of JSON, at once and at every change. */
#ifndef SPAWN_STATUS_H
#define SPAWN_STATUS_H
#include "supervisor.h"
#include "text.h"

/* Keeps a note; the oldest of more than 16 is forgotten. */
void status_add_note(struct supervisor *s, const struct facts_note *made);
/* Sends the present line to the clients that have not seen it. */
void status_push(struct supervisor *s);
/* Sends the present line to one client, which closes if it cannot take a line whole. */
void status_send(struct supervisor *s, struct client *client);
/* Whether some client has not seen the newest line. */
bool status_pending(const struct supervisor *s);

#endif
