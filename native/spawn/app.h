/* The app's output on its way to a reader, and the credit that lets the guest send more (FORMATS: LOG). */
#ifndef SPAWN_APP_H
#define SPAWN_APP_H
#include "supervisor.h"

/* A LOG frame within the guest's window; false where there is no room all the same. */
bool app_log(struct supervisor *s, const struct facts_frame *frame, const struct facts_log *log);
/* A DONE frame; false where there is no room. */
bool app_done(struct supervisor *s, const struct facts_frame *frame);
/* The newest reader wins; it begins with a whole frame. */
void app_lend(struct supervisor *s, struct client *client);
/* The reader is gone: what it did not take is dropped here (app.log has it) and credited. */
void app_forget_client(struct supervisor *s);
short app_client_events(const struct supervisor *s);
void app_client_ready(struct supervisor *s, short events);
/* Gives up on readers that do not come or do not read. */
void app_give_up(struct supervisor *s);
/* Whether something waits for the present reader, or for one that is still expected. */
bool app_pending(const struct supervisor *s);

#endif
