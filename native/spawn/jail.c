#include "jail.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool complain(struct supervisor *s, const char *what) { return fail(s, "jail", "%s: %s", what, strerror(errno)); }

/* Makes the folders that lead to the last part of `path`, below the present folder; answers that last part's path. */
static const char *make_folders(char *path) {
    for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0755) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made) return NULL;
    }
    return path;
}

static bool make_target(const char *path, mode_t kind) {
    if (S_ISDIR(kind)) return mkdir(path, 0755) == 0 || errno == EEXIST;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* Binds one file, folder or device. The source is opened once, so that what was checked is what is bound. */
static bool bind_one(struct supervisor *s, const struct launch_bind *bind) {
    char target[LAUNCH_PATH_MAX + 1], source[32];
    struct stat facts;
    snprintf(target, sizeof target, "%s", bind->target + strspn(bind->target, "/"));
    int fd = open(bind->source, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0) return complain(s, bind->source);
    if (S_ISLNK(facts.st_mode)) return fail(s, "jail", "%s: is a symbolic link", bind->source);
    if (make_folders(target) == NULL || !make_target(target, facts.st_mode)) return complain(s, bind->target);
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    if (mount(source, target, NULL, MS_BIND, NULL) != 0) return complain(s, bind->source);
    close(fd);
    bool device = S_ISCHR(facts.st_mode) || S_ISBLK(facts.st_mode);
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | (device ? MS_NOEXEC : MS_NODEV) | (bind->writable ? 0 : MS_RDONLY);
    return mount(NULL, target, NULL, flags, NULL) == 0 || complain(s, bind->target);
}

bool jail_enter(struct supervisor *s, const struct launch *launch) {
    mode_t mask = umask(022); /* the VMM's uid must be able to pass through the folders */
    if (launch->root == NULL) {
        umask(mask);
        return true;
    }
    if (unshare(CLONE_NEWNS) != 0) return complain(s, "mount namespace");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return complain(s, "private mounts");
    if (mount("tmpfs", launch->root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=4m") != 0) return complain(s, launch->root);
    if (chdir(launch->root) != 0) return complain(s, launch->root);
    for (size_t i = 0; i < launch->bind_count; i++)
        if (!bind_one(s, &launch->binds[i])) return false;
    if (mount(NULL, launch->root, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) != 0)
        return complain(s, launch->root);
    /* Both names the same folder: the old root ends up below the new one and is let go (pivot_root(2)). */
    if (chdir(launch->root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) return complain(s, "pivot_root");
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) return complain(s, "old root");
    umask(mask);
    return true;
}
