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

/* linux/mount.h, which musl does not bring. */
#define NEW_FILE_SYSTEM_CLOEXEC 1u
#define SET_STRING 1u
#define CREATE 6u
#define NEW_MOUNT_CLOEXEC 1u
#define ATTRIBUTE_NOSUID 2ul
#define ATTRIBUTE_NODEV 4ul
#define MOVE_FROM_EMPTY_PATH 4u

#define USUAL_MIB 4u

static bool complain(struct supervisor *s, const char *what) { return fail(s, "jail", "%s: %s", what, strerror(errno)); }

bool jail_folders(int folder, char *path) {
    for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdirat(folder, path, 0755) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made) return false;
    }
    return true;
}

void jail_path(char *out, size_t size, const struct launch *launch, const char *path) {
    const char *below = launch->jailer == NULL ? "" : launch->jailer + strspn(launch->jailer, "/");
    path += strspn(path, "/");
    snprintf(out, size, "%s%s%s", below, *below == '\0' || *path == '\0' ? "" : "/", path);
}

static bool set(int file_system, const char *key, const char *value) {
    return syscall(SYS_fsconfig, file_system, SET_STRING, key, value, 0) == 0;
}

/* Nobody but a jailer and we make device nodes: without them none has a meaning here. */
static bool has_nodes(const struct launch *launch) { return launch->jailer != NULL || launch->device_count > 0; }

static int make_tmpfs(const struct launch *launch) {
    char size[24];
    snprintf(size, sizeof size, "%um", launch->root_mib > 0 ? launch->root_mib : USUAL_MIB);
    int mount_fd = -1, file_system = (int)syscall(SYS_fsopen, "tmpfs", NEW_FILE_SYSTEM_CLOEXEC);
    if (file_system < 0) return -1;
    /* A program that a jailer copies here is mapped at a multiple of 2 MiB then, as from ext4 (tmpfs(5), `huge`), and what
     * it maps below has a known place. No page becomes a large one by it; a kernel without large pages refuses the word. */
    if (launch->jailer != NULL) set(file_system, "huge", "advise");
    unsigned long attributes = ATTRIBUTE_NOSUID | (has_nodes(launch) ? 0 : ATTRIBUTE_NODEV);
    if (set(file_system, "mode", "0755") && set(file_system, "size", size) &&
        syscall(SYS_fsconfig, file_system, CREATE, NULL, NULL, 0) == 0)
        mount_fd = (int)syscall(SYS_fsmount, file_system, NEW_MOUNT_CLOEXEC, attributes);
    int error = errno;
    close(file_system);
    errno = error;
    return mount_fd;
}

static bool give(struct supervisor *s, const struct launch *launch, const char *path) {
    return !launch->has_uid || fchownat(s->jail_fd, path, launch->uid, launch->gid, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Spaces up to `to` bytes. They only make a start quicker: without room for them the file stays as it was. */
static bool fill_up(int fd, size_t from, size_t to) {
    char spaces[16384];
    memset(spaces, ' ', sizeof spaces);
    for (size_t at = from; at < to;) {
        ssize_t count = write(fd, spaces, to - at < sizeof spaces ? to - at : sizeof spaces);
        if (count <= 0) return ftruncate(fd, (off_t)from) == 0;
        at += (size_t)count;
    }
    return true;
}

static bool make_file(struct supervisor *s, const struct launch *launch, const struct launch_text *file, size_t bytes) {
    char path[2 * LAUNCH_PATH_MAX + 2];
    size_t length = strlen(file->content);
    jail_path(path, sizeof path, launch, file->target);
    if (!jail_folders(s->jail_fd, path)) return complain(s, file->target);
    int fd = openat(s->jail_fd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    bool written = fd >= 0 && write(fd, file->content, length) == (ssize_t)length && give(s, launch, path) && fill_up(fd, length, bytes);
    int error = errno;
    if (written && length < bytes) {
        s->filled_fd = fd;
        s->filled_from = (off_t)length;
    } else if (fd >= 0) close(fd);
    errno = error;
    return written || complain(s, file->target);
}

/* The node is the VMM's own: rights on the host's (root and a group) neither help nor hinder it. */
static bool make_node(struct supervisor *s, const struct launch *launch, const char *device) {
    char path[2 * LAUNCH_PATH_MAX + 2];
    struct stat facts;
    if (stat(device, &facts) != 0) return complain(s, device);
    if (!S_ISCHR(facts.st_mode)) return fail(s, "jail", "%s: not a character device", device);
    jail_path(path, sizeof path, launch, device);
    bool made = jail_folders(s->jail_fd, path) && mknodat(s->jail_fd, path, S_IFCHR | 0600, facts.st_rdev) == 0;
    return (made && give(s, launch, path)) || complain(s, device);
}

static bool make_contents(struct supervisor *s, const struct launch *launch) {
    char below[LAUNCH_PATH_MAX + 2];
    jail_path(below, sizeof below - 1, launch, "");
    strcat(below, "/");
    if (launch->jailer != NULL && !jail_folders(s->jail_fd, below)) return complain(s, launch->jailer);
    for (size_t i = 0; i < launch->file_count; i++)
        if (!make_file(s, launch, &launch->files[i], i == 0 ? launch->file_bytes : 0)) return false;
    for (size_t i = 0; i < launch->device_count; i++)
        if (!make_node(s, launch, launch->devices[i])) return false;
    return true;
}

bool jail_make(struct supervisor *s, const struct launch *launch) {
    if (launch->root == NULL) return true;
    if (mkdir(launch->root, 0700) != 0 && errno != EEXIST) return complain(s, launch->root);
    s->jail_fd = make_tmpfs(launch);
    if (s->jail_fd < 0) return complain(s, "tmpfs");
    mode_t mask = umask(022);
    bool made = make_contents(s, launch);
    umask(mask);
    return made;
}

void jail_cut_back(struct supervisor *s) {
    if (s->filled_from == 0) return;
    (void)!ftruncate(s->filled_fd, s->filled_from); /* else its memory goes with the jail */
    close(s->filled_fd);
    s->filled_from = 0;
}

void jail_forget(struct supervisor *s) {
    if (s->jail_fd >= 0) close(s->jail_fd);
    s->jail_fd = -1;
}

static bool make_target(const char *path, mode_t kind) {
    if (S_ISDIR(kind)) return mkdir(path, 0755) == 0 || errno == EEXIST;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* Binds one file, folder or device. The source is opened once, so that what was checked is what is bound. */
static bool bind_one(struct supervisor *s, const struct launch *launch, const struct launch_bind *bind) {
    char target[2 * LAUNCH_PATH_MAX + 2], source[32];
    struct stat facts;
    jail_path(target, sizeof target, launch, bind->target);
    int fd = open(bind->source, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &facts) != 0) return complain(s, bind->source);
    if (S_ISLNK(facts.st_mode)) return fail(s, "jail", "%s: is a symbolic link", bind->source);
    if (!jail_folders(AT_FDCWD, target) || !make_target(target, facts.st_mode)) return complain(s, bind->target);
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    if (mount(source, target, NULL, MS_BIND, NULL) != 0) return complain(s, bind->source);
    close(fd);
    bool device = S_ISCHR(facts.st_mode) || S_ISBLK(facts.st_mode);
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_NOSUID | (device ? MS_NOEXEC : MS_NODEV) | (bind->writable ? 0 : MS_RDONLY);
    return mount(NULL, target, NULL, flags, NULL) == 0 || complain(s, bind->target);
}

/* A VMM that makes sockets in its jail must be able to write there; who has none of these gets nothing to write to. */
static bool lock_root(struct supervisor *s, const struct launch *launch) {
    if (launch->doors.vmm != NULL) return true;
    unsigned long flags = MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | (has_nodes(launch) ? 0 : MS_NODEV);
    return mount(NULL, launch->root, NULL, flags, NULL) == 0 || complain(s, launch->root);
}

static bool fill(struct supervisor *s, const struct launch *launch) {
    if (unshare(CLONE_NEWNS) != 0) return complain(s, "mount namespace");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return complain(s, "private mounts");
    if (syscall(SYS_move_mount, s->jail_fd, "", AT_FDCWD, launch->root, MOVE_FROM_EMPTY_PATH) != 0) return complain(s, launch->root);
    if (chdir(launch->root) != 0) return complain(s, launch->root);
    for (size_t i = 0; i < launch->bind_count; i++)
        if (!bind_one(s, launch, &launch->binds[i])) return false;
    return true;
}

bool jail_enter(struct supervisor *s, const struct launch *launch) {
    mode_t mask = umask(022); /* the VMM's uid must be able to pass through the folders */
    if (launch->root == NULL) {
        umask(mask);
        return true;
    }
    if (!fill(s, launch)) return false;
    umask(mask);
    if (launch->jailer != NULL) return chdir("/") == 0 || complain(s, "/");
    if (!lock_root(s, launch)) return false;
    /* Both names the same folder: the old root ends up below the new one and is unmounted (pivot_root(2)). */
    if (chdir(launch->root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) return complain(s, "pivot_root");
    return (umount2(".", MNT_DETACH) == 0 && chdir("/") == 0) || complain(s, "old root");
}
