/* The environment of a command: what was given, and Docker's defaults for what was not. */
#ifndef IGNITE_ENVIRONMENT_H
#define IGNITE_ENVIRONMENT_H
#include "config.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The value of a name, or NULL. */
const char *environment_get(const struct texts *env, const char *name);
/* Sets NAME=value, replacing an older value. */
void environment_set(struct texts *env, const char *assignment);
/* Sets NAME=value unless the name has a value. */
void environment_default(struct texts *env, const char *name, const char *value);
#endif
