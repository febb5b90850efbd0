/* Machine mode: the image's own init, and the agent as another process. */
#ifndef IGNITE_MACHINE_H
#define IGNITE_MACHINE_H
#include "config.h"
/* Starts the agent from a copy in /run and becomes the init. Returns, in words, what went wrong. */
char *machine_start(const struct config *config);
#endif
