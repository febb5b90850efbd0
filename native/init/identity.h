/* Who the guest is: name, hosts, resolver, machine-id, keys, files, clock. */
#ifndef IGNITE_IDENTITY_H
#define IGNITE_IDENTITY_H
#include "config.h"
void identity_set_clock(uint64_t time);
/* Inside the root. Works on an image without /etc. */
void identity_setup(const struct config *config);
#endif
