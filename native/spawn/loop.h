/* The one loop: waits for whatever can go on, from the VMM's start to the last byte told about its end. */
#ifndef SPAWN_LOOP_H
#define SPAWN_LOOP_H
#include "supervisor.h"

/* Returns when exit.json is in its place and everybody who waited for the end has been told. */
void loop_run(struct supervisor *s);

#endif
