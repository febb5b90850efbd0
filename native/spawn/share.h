/* Folders of the host that a VM shares: each is served to the VMM by a program of its own (virtiofsd). */
#ifndef SPAWN_SHARE_H
#define SPAWN_SHARE_H
#include "supervisor.h"

/* Starts the program for one folder. Answers the VMM's descriptor, or -1 with the reason kept. */
int share_open(struct supervisor *s, const struct launch *launch, const struct launch_fd *wanted);

#endif
