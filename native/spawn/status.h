/* The status line: the whole state as one line of JSON, at once and at every change. */
#ifndef SPAWN_STATUS_H
#define SPAWN_STATUS_H
#include "supervisor.h"
#include "text.h"

/* Keeps a note; the oldest of more than 16 is forgotten. */
void status_add_note(struct supervisor *s, const struct facts_note *made);
/*
 * Says when the changed line is to be sent: at once, but a guest that sends notes without end gets no more than 50 lines a
 * second out of us.
 */
void status_plan(struct supervisor *s);
/* Sends the present line, if it has changed, to all who asked for it. */
void status_push(struct supervisor *s);
/* Sends the present line to one client, which closes if it cannot take a line whole. */
void status_send(struct supervisor *s, struct client *client);
/* Whether some client has not seen the newest line. */
bool status_pending(const struct supervisor *s);

#endif
