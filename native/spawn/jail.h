/* The VMM's view of files: a small tmpfs with only what was bound into it, the same names in every VM (DESIGN D9). It is
 * made by the supervisor as a mount that is nowhere attached, so that the supervisor reaches into it and yet keeps no
 * mount namespace of its own, which would hold every file system of the host. */
#ifndef SPAWN_JAIL_H
#define SPAWN_JAIL_H
#include "supervisor.h"

/* Makes the tmpfs where the launch file has a `root`; needs Linux 5.2 (fsmount(2)). False after fail(). */
bool jail_make(struct supervisor *s, const struct launch *launch);
/* In the VMM's process: binds what it may see and enters; with a jailer all is prepared and that enters. */
bool jail_enter(struct supervisor *s, const struct launch *launch);

/* The guest runs, so that the VMM has read its files: the one that was filled up gives its memory back. */
void jail_cut_back(struct supervisor *s);
/* The supervisor reaches into it no more. */
void jail_forget(struct supervisor *s);
/* Where `path` of the VMM's view is below the tmpfs. */
void jail_path(char *out, size_t size, const struct launch *launch, const char *path);
/* Makes the folders that lead to the last part of `path`, below `folder`; writes into `path` meanwhile. */
bool jail_folders(int folder, char *path);

#endif
