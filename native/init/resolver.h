/* Name servers for the guest. */
#ifndef IGNITE_RESOLVER_H
#define IGNITE_RESOLVER_H
#include "config.h"
void resolver_setup(const struct config *config);
#endif
