/* Making the supervisor inside a control group of version 2, which it would wait to join otherwise. */
#ifndef SPAWN_GROUP_H
#define SPAWN_GROUP_H

#include <sys/types.h>

#include "launch.h"

/*
 * fork(), and the child is in the first of the launch's groups that is of version 2; `launch->born_in` says which, in the
 * child, too. Where that is refused the child is in none of them, and joins them all by writing, whose error says why.
 */
pid_t group_fork(struct launch *launch);

#endif
