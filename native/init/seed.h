/* Files of the first start that are too large for the configuration. */
#ifndef IGNITE_SEED_H
#define IGNITE_SEED_H
#include "config.h"

/* Unpacks the tar on the drive that the configuration names into the root. NULL, or what went wrong. */
char *seed_unpack(const struct config *config);
#endif
