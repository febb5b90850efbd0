/* The VMM's view of files: a small tmpfs with only what was bound into it, the same names in every VM (DESIGN D9). */
#ifndef SPAWN_JAIL_H
#define SPAWN_JAIL_H
#include "supervisor.h"

/* In the VMM's process: enters the jail where the launch file has a `root`; false after fail(). */
bool jail_enter(struct supervisor *s, const struct launch *launch);

#endif
