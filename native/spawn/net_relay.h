/* Carries frames between the VMM and the program of a user network. */
#ifndef SPAWN_NET_RELAY_H
#define SPAWN_NET_RELAY_H
#include "net_filter.h"

#define RELAY_VMM_GONE 0
#define RELAY_PROGRAM_GONE 3

/* Runs until one side closes; answers which. Both speak QEMU's stream form: u32 length (network order), then a frame. */
int net_relay(const struct net_rules *rules, int vmm, int program);

#endif
