/* Mounts: the kernel's file systems, the root, volumes, modules. */
#ifndef IGNITE_MOUNTS_H
#define IGNITE_MOUNTS_H
#include "config.h"

#define NEW_ROOT "/newroot"

/* /proc, /sys and /dev of the initramfs. */
void mounts_early(void);
/* Mounts the root drive at NEW_ROOT and grows it. NULL, or what went wrong. */
char *mounts_root(const struct config *config);
/* Makes NEW_ROOT the root of this process and of all it starts. NULL, or what went wrong. */
char *mounts_enter_root(void);
/* Inside the root: devices, pts, shm, cgroups, and /run where the image's init expects one. */
void mounts_inside(uint8_t mode);
/* Volumes, file systems in memory and shared folders of the configuration. NULL, or what went wrong. */
char *mounts_volumes(const struct config *config);
/* The kernel's modules at /lib/modules/VERSION unless the image brings them. */
void mounts_modules(const struct config *config);
/* Grows a mounted ext4 to the size of its device. NULL, or what went wrong. */
char *mounts_grow(const char *mount_point, const char *device);
#endif
