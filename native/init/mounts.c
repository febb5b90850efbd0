/* Mounts: the kernel's file systems, the root, volumes, modules. */
#include "mounts.h"
#include "devices.h"
#include "facts.h"
#include "modules.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#define EXT4_SUPER_MAGIC 0xEF53                          /* linux/magic.h */
#define EXT4_IOC_RESIZE_FS _IOW('f', 16, uint64_t)       /* fs/ext4/ext4.h: new size in blocks */
#define DRIVE_WAIT_MS 10000

static void mount_at(const char *type, const char *where, unsigned long flags, const char *options) {
    if (!make_directories(where, 0755))
        return;
    mount(type, where, type, flags, options); /* it may be mounted already */
}

void mounts_early(void) {
    mount_at("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount_at("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount_at("devtmpfs", "/dev", MS_NOSUID, "mode=0755");
}

char *mounts_grow(const char *mount_point, const char *device) {
    struct statfs facts;
    uint64_t bytes = 0;
    int fd = open(device, O_RDONLY | O_CLOEXEC);
    bool known = fd >= 0 && ioctl(fd, BLKGETSIZE64, &bytes) == 0;
    if (fd >= 0)
        close(fd);
    if (!known || statfs(mount_point, &facts) != 0 || facts.f_type != EXT4_SUPER_MAGIC)
        return NULL;
    uint64_t blocks = bytes / (uint64_t)facts.f_bsize;
    /* The ioctl does nothing where the size is right. */
    int root = open(mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = root < 0 ? -1 : ioctl(root, EXT4_IOC_RESIZE_FS, &blocks);
    int saved = errno;
    if (root >= 0)
        close(root);
    if (result == 0 || saved == EINVAL)
        return NULL;
    return format("%s could not be grown to %llu bytes: %s", mount_point, (unsigned long long)bytes, strerror(saved));
}

/* Mounts a drive by the file systems that the kernel knows, ext4 first. errno on failure. */
static bool mount_drive(const char *device, const char *where, unsigned long flags) {
    if (mount(device, where, "ext4", flags, NULL) == 0)
        return true;
    int first = errno;
    size_t length;
    char *known = (char *)read_file("/proc/filesystems", 1 << 16, &length);
    bool mounted = false;
    for (char *rest = known, *line; !mounted && rest != NULL && (line = strsep(&rest, "\n")) != NULL;)
        mounted = line[0] == '\t' && strcmp(line + 1, "ext4") != 0 && mount(device, where, line + 1, flags, NULL) == 0;
    free(known);
    errno = first;
    return mounted;
}

char *mounts_root(const struct config *config) {
    char device[64];
    if (!devices_find_drive(config->root_drive, device, sizeof device, DRIVE_WAIT_MS))
        return format("The root drive (serial %s%u) did not appear", IGN_NAME_DRIVE_SERIAL, config->root_drive);
    mkdir(NEW_ROOT, 0755);
    if (!mount_drive(device, NEW_ROOT, 0))
        return format("The root drive %s could not be mounted: %s", device, strerror(errno));
    char *problem = mounts_grow(NEW_ROOT, device);
    if (problem != NULL) {
        facts_note("root", problem);
        free(problem);
    }
    return NULL;
}

char *mounts_enter_root(void) {
    static const char *const moved[] = {"/dev", "/sys", "/proc"};
    for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
        char target[64];
        snprintf(target, sizeof target, NEW_ROOT "%s", moved[i]);
        mkdir(target, 0755);
        if (mount(moved[i], target, NULL, MS_MOVE, NULL) != 0)
            return format("%s could not be moved into the root: %s", moved[i], strerror(errno));
    }
    if (chdir(NEW_ROOT) != 0 || mount(".", "/", NULL, MS_MOVE, NULL) != 0 || chroot(".") != 0 || chdir("/") != 0)
        return format("The root could not be entered: %s", strerror(errno));
    return NULL;
}

void mounts_inside(uint8_t mode) {
    mount_at("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=0620,ptmxmode=0666");
    mount_at("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
    symlink("/proc/self/fd", "/dev/fd");
    symlink("/proc/self/fd/0", "/dev/stdin");
    symlink("/proc/self/fd/1", "/dev/stdout");
    symlink("/proc/self/fd/2", "/dev/stderr");
    if (mode == IGN_MODE_SYSTEM) {
        /* The init mounts the rest itself and keeps this one: the agent's program lives in it. */
        mount_at("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755");
        return;
    }
    mount_at("mqueue", "/dev/mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    mount_at("cgroup2", "/sys/fs/cgroup", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* A volume on a drive. NULL, or what went wrong. */
static char *mount_volume(const struct mount_config *volume) {
    char device[64];
    if (!devices_find_drive(volume->drive, device, sizeof device, DRIVE_WAIT_MS))
        return format("The drive %u for %s did not appear", volume->drive, volume->path);
    if (mount_drive(device, volume->path, volume->read_only ? MS_RDONLY : 0)) {
        if (!volume->read_only)
            free(mounts_grow(volume->path, device));
        return NULL;
    }
    if (volume->read_only && errno == EROFS) /* ext4: "write access unavailable, cannot proceed" */
        return format("The drive %u for %s was not unmounted: mount it once for writing, which replays its journal",
                      volume->drive, volume->path);
    return format("The drive %u could not be mounted at %s: %s", volume->drive, volume->path, strerror(errno));
}

/* A file system that is on no drive. NULL, or what went wrong. */
static char *mount_other(const struct mount_config *other) {
    const char *source = other->source == NULL ? other->type : other->source;
    bool own = strcmp(other->type, "tmpfs") == 0; /* a shared folder is the host's: its files are as they are there */
    unsigned long flags = (other->read_only ? MS_RDONLY : 0) | (own ? MS_NOSUID | MS_NODEV : 0);
    if (own && !other->exec)
        flags |= MS_NOEXEC;
    if (mount(source, other->path, other->type, flags, other->options) == 0)
        return NULL;
    if (errno == ENODEV && strcmp(other->type, "virtiofs") == 0) { /* a module in distributions' kernels */
        modules_load_later("fs/fuse/fuse");
        modules_load_later("fs/fuse/virtiofs");
        if (mount(source, other->path, other->type, flags, other->options) == 0)
            return NULL;
    }
    return format("A %s could not be mounted at %s: %s", other->type, other->path, strerror(errno));
}

char *mounts_volumes(const struct config *config) {
    for (size_t i = 0; i < config->mount_count; i++) {
        const struct mount_config *mount = &config->mounts[i];
        if (!make_directories(mount->path, 0755))
            return format("The mount point %s could not be made: %s", mount->path, strerror(errno));
        char *problem = mount->type == NULL ? mount_volume(mount) : mount_other(mount);
        if (problem != NULL)
            return problem;
    }
    return NULL;
}

void mounts_modules(const struct config *config) {
    struct utsname kernel;
    char where[256], inner[600], device[64];
    if (config->modules_drive == NO_DRIVE || uname(&kernel) != 0)
        return;
    snprintf(where, sizeof where, "/lib/modules/%s", kernel.release);
    snprintf(inner, sizeof inner, "%s/kernel", where);
    if (access(inner, F_OK) == 0)
        return; /* the image brings its own */
    if (!make_directories(where, 0755) || !devices_find_drive(config->modules_drive, device, sizeof device, 1000))
        return;
    /* The drive is a /lib/modules with VERSION inside: mount it whole, then its inner folder on top. */
    snprintf(inner, sizeof inner, "%s/%s", where, kernel.release);
    if (mount(device, where, "ext4", MS_RDONLY, NULL) != 0 || mount(inner, where, NULL, MS_BIND, NULL) != 0)
        facts_note("modules", "The modules drive could not be mounted");
}
