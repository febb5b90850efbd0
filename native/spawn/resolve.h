/* Opening paths in which a link could lead elsewhere (openat2(2)). */
#ifndef SPAWN_RESOLVE_H
#define SPAWN_RESOLVE_H

#include <stdbool.h>

/* A descriptor that only names what is at `path` (O_PATH), to which no link may lead; -1 and errno.
 * `beneath`: nor may it leave `folder`. More flags of open(2) in `flags`. */
int resolve_plain(int folder, const char *path, bool beneath, int flags);

#endif
