/* Sets up loopback and the interfaces of the configuration. */
#ifndef IGNITE_NET_H
#define IGNITE_NET_H
#include "config.h"
void net_setup(const struct config *config);
#endif
