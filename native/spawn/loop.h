/* The one event loop, from the start of the VMM until the last client has read of its end. */
#ifndef SPAWN_LOOP_H
#define SPAWN_LOOP_H
#include "supervisor.h"

/* Returns when exit.json is in its place and every client that waited for the end has been informed. */
void loop_run(struct supervisor *s);

#endif
