/* What the records of a launch must be together, when each alone is good. */
#ifndef SPAWN_LAUNCH_CHECK_H
#define SPAWN_LAUNCH_CHECK_H

#include "launch.h"

/* Answers NULL, or a sentence that says what is wrong. */
const char *launch_check(const struct launch *launch);

#endif
