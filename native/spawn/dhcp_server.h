/* Answers guests that ask for their address, in a process of its own without rights. */
#ifndef SPAWN_DHCP_SERVER_H
#define SPAWN_DHCP_SERVER_H
#include "supervisor.h"

/* Starts it where the launch has offers, in the network namespace of this process. It ends with the supervisor. */
bool dhcp_start(struct supervisor *s, const struct launch *launch);

#endif
