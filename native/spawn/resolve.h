/* Opening paths in which a link could lead elsewhere. */
#ifndef SPAWN_RESOLVE_H
#define SPAWN_RESOLVE_H

/* A descriptor that only names what is at `path` (O_PATH), below `folder` or absolute; no link is followed, nor `..`.
 * -1 and errno otherwise. More flags of open(2) for its end in `flags`. */
int resolve_plain(int folder, const char *path, int flags);

#endif
