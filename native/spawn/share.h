/* Folders of the host that a VM shares: for each a program of its own (virtiofsd) beside the VMM. */
#ifndef SPAWN_SHARE_H
#define SPAWN_SHARE_H
#include "supervisor.h"

/* Starts the program for one folder. Answers the VMM's descriptor, or -1 with the reason kept. */
int share_open(struct supervisor *s, const struct launch *launch, const struct launch_fd *wanted);

#endif
