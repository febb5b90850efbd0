/* The user network of a VM: its program (passt), and between that and the VMM the filter of the guest's frames. */
#ifndef SPAWN_NET_H
#define SPAWN_NET_H
#include "supervisor.h"

/* Starts both. Answers the VMM's descriptor, or -1 with the reason kept. */
int net_open(struct supervisor *s, const struct launch *launch);
/* A child that is not the VMM has ended: reported if it was the filter and the VMM still runs. */
void net_reaped(struct supervisor *s, pid_t pid, int status);

#endif
