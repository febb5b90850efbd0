/* put: unpacks the tar on standard input below a folder. The archive is the host's, yet its names are not trusted: each
 * component is opened without following links, so nothing is written outside the folder. Runs in a child of its own.
 * Files of the first start are put into a root in which nothing runs: there links of the image are followed, as in
 * /lib/firmware where /lib is one, and what is there stays as far as it can. */
#include "command.h"
#include "copy.h"
#include "holes.h"
#include "tar.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <ignite_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MOST_FOLDERS (1u << 18)

static uint8_t buffer[128 * 1024];
static bool keep_owner, seeding, failed;

static void complain(const char *path, const char *why) {
    dprintf(STDERR_FILENO, "%s: %s\n", path, why);
    failed = true;
    if (seeding)
        _exit(1); /* a VM that lacks one of its files does not start */
}

static _Noreturn void broken(const char *why) {
    dprintf(STDERR_FILENO, "The archive is broken: %s\n", why);
    _exit(2);
}

/* Exactly `length` bytes; false at the very end of the input. */
static bool take(void *bytes, size_t length) {
    uint8_t *at = bytes;
    size_t got = 0;
    while (got < length) {
        ssize_t part = read(STDIN_FILENO, at + got, length - got);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0) {
            if (got > 0 || part < 0)
                broken("it is cut off");
            return false;
        }
        got += (size_t)part;
    }
    return true;
}

static void must_take(void *bytes, size_t length) {
    if (length > 0 && !take(bytes, length))
        broken("it is cut off");
}

static void skip(uint64_t size) {
    for (uint64_t left = tar_padded(size); left > 0;) {
        size_t part = left < sizeof buffer ? (size_t)left : sizeof buffer;
        must_take(buffer, part);
        left -= part;
    }
}

/* Opens the folder that holds the path's last component, making missing folders on the way; -1 with errno. The
 * component is empty when the path names the target itself. */
static int open_parent(int target, const char *path, char *last) {
    char next[256];
    int folder = fcntl(target, F_DUPFD_CLOEXEC, 3), got = tar_component(&path, last);
    if (got == 0)
        *last = 0;
    while (got == 1 && folder >= 0 && (got = tar_component(&path, next)) == 1) {
        mkdirat(folder, last, 0755);
        int inner = openat(folder, last, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (seeding ? 0 : O_NOFOLLOW));
        int saved = errno;
        close(folder);
        errno = saved;
        folder = inner;
        memcpy(last, next, sizeof next);
    }
    if (got >= 0 || folder < 0)
        return folder;
    close(folder);
    errno = EINVAL;
    return -1;
}

static uid_t uid_of(const struct tar_entry *entry) {
    return keep_owner ? entry->uid : 0;
}

static gid_t gid_of(const struct tar_entry *entry) {
    return keep_owner ? entry->gid : 0;
}

/* Of the file or folder that is open, never of a name: who owns the target may have put something else there meanwhile. */
static bool set_facts(int fd, const struct tar_entry *entry) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = entry->mtime}};
    bool ok = fchown(fd, uid_of(entry), gid_of(entry)) == 0;
    ok = fchmod(fd, entry->mode) == 0 && ok; /* after the change of owner, which clears set-uid */
    return futimens(fd, times) == 0 && ok;
}

/* Of what cannot be opened: links, devices, pipes. Their mode is that of their making. */
static bool set_facts_by_name(int folder, const char *name, const struct tar_entry *entry) {
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = entry->mtime}};
    bool ok = fchownat(folder, name, uid_of(entry), gid_of(entry), AT_SYMLINK_NOFOLLOW) == 0;
    return utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) == 0 && ok;
}

/* Times of folders are set at the end: what is put into a folder changes them. */
static struct folder_time {
    char *path;
    int64_t mtime;
} *folders;
static size_t folder_count;

static void remember_folder(const struct tar_entry *entry) {
    if (folder_count == MOST_FOLDERS)
        return;
    if ((folder_count & (folder_count + 1)) == 0) { /* grow at 0, 1, 3, 7, … */
        struct folder_time *grown = realloc(folders, (folder_count * 2 + 1) * sizeof *folders);
        if (grown == NULL)
            return;
        folders = grown;
    }
    folders[folder_count].mtime = entry->mtime;
    folders[folder_count].path = strdup(entry->path);
    if (folders[folder_count].path != NULL)
        folder_count++;
}

static void set_folder_times(int target) {
    while (folder_count-- > 0) {
        struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = folders[folder_count].mtime}};
        char last[256] = "";
        int folder = open_parent(target, folders[folder_count].path, last);
        if (folder >= 0 && *last != 0)
            utimensat(folder, last, times, AT_SYMLINK_NOFOLLOW);
        if (folder >= 0)
            close(folder);
    }
}

static bool write_content(int fd, uint64_t size) {
    bool ok = true;
    for (uint64_t left = size; left > 0;) {
        size_t part = left < sizeof buffer ? (size_t)left : sizeof buffer;
        must_take(buffer, part);
        ok = ok && holes_write(fd, buffer, part);
        if (!ok && seeding)
            return false; /* nothing more is read */
        left -= part;
    }
    ok = ok && holes_end(fd, size);
    int saved = errno;
    must_take(buffer, (size_t)(tar_padded(size) - size));
    errno = saved;
    return ok;
}

static bool make_file(int folder, const char *name, const struct tar_entry *entry) {
    if (!seeding)
        unlinkat(folder, name, 0);
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_CLOEXEC | (seeding ? O_TRUNC : O_EXCL | O_NOFOLLOW), 0600);
    if (fd < 0) {
        int saved = errno;
        skip(entry->size);
        errno = saved;
        return false;
    }
    bool ok = write_content(fd, entry->size) && set_facts(fd, entry);
    int saved = errno;
    if (close(fd) != 0 && ok)
        return false;
    errno = saved;
    return ok;
}

static bool is_folder(int folder, const char *name) {
    struct stat facts;
    return fstatat(folder, name, &facts, 0) == 0 && S_ISDIR(facts.st_mode);
}

static bool make_folder(int folder, const char *name, const struct tar_entry *entry) {
    if (seeding && is_folder(folder, name))
        return true;
    if (mkdirat(folder, name, 0700) != 0 && errno != EEXIST)
        return false;
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        errno = errno == ELOOP ? ENOTDIR : errno;
        return false;
    }
    bool ok = set_facts(fd, entry);
    int saved = errno;
    close(fd);
    errno = saved;
    return ok;
}

static bool make_link(int folder, const char *name, const struct tar_entry *entry) {
    unlinkat(folder, name, 0);
    return symlinkat(entry->link, folder, name) == 0 && set_facts_by_name(folder, name, entry);
}

static bool make_hard_link(int target, int folder, const char *name, const struct tar_entry *entry) {
    char last[256];
    int from = open_parent(target, entry->link, last);
    if (from < 0)
        return false;
    unlinkat(folder, name, 0);
    bool ok = linkat(from, last, folder, name, 0) == 0;
    int saved = errno;
    close(from);
    errno = saved;
    return ok;
}

static bool make_node(int folder, const char *name, const struct tar_entry *entry) {
    mode_t type = entry->type == '3' ? S_IFCHR : entry->type == '4' ? S_IFBLK : S_IFIFO;
    unlinkat(folder, name, 0);
    return mknodat(folder, name, type | entry->mode, makedev(entry->major, entry->minor)) == 0 &&
           set_facts_by_name(folder, name, entry);
}

static bool make(int target, int folder, const char *name, const struct tar_entry *entry) {
    switch (entry->type) {
    case '0': return make_file(folder, name, entry);
    case '1': return make_hard_link(target, folder, name, entry);
    case '2': return make_link(folder, name, entry);
    case '3':
    case '4':
    case '6': return make_node(folder, name, entry);
    case '5': return make_folder(folder, name, entry);
    default: skip(entry->size); errno = ENOTSUP; return false;
    }
}

static void unpack(int target, const struct tar_entry *entry) {
    char last[256] = "";
    int folder = open_parent(target, entry->path, last);
    if (folder < 0) {
        complain(entry->path, errno == EINVAL ? "the name leaves the target" : strerror(errno));
        skip(entry->size);
        return;
    }
    if (*last == 0) /* the target itself: it is there and stays as it is */
        skip(entry->size);
    else if (!make(target, folder, last, entry))
        complain(entry->path, strerror(errno));
    else if (entry->type == '5')
        remember_folder(entry);
    close(folder);
}

static void take_extended(struct tar_extended *extended, const struct tar_entry *entry) {
    static uint8_t bytes[TAR_EXTENDED];
    if (entry->size > sizeof bytes)
        broken("an extended header is too large");
    must_take(bytes, (size_t)tar_padded(entry->size));
    if (!tar_take_extended(extended, entry->type, bytes, (size_t)entry->size))
        broken("an extended header is malformed");
}

static void unpack_all(int target) {
    static struct tar_extended extended;
    static struct tar_entry entry;
    uint8_t block[TAR_BLOCK];
    while (take(block, sizeof block)) {
        int got = tar_decode(block, &entry);
        if (got < 0)
            broken("a header does not add up");
        if (got == 0)
            break;
        if (entry.type == 'g') {
            skip(entry.size);
        } else if (entry.type == 'x' || entry.type == 'L' || entry.type == 'K') {
            take_extended(&extended, &entry);
        } else {
            tar_apply_extended(&extended, &entry);
            unpack(target, &entry);
        }
    }
    while (read(STDIN_FILENO, buffer, sizeof buffer) > 0)
        ; /* padding after the end */
}

_Noreturn void copy_put(const char *path, bool keep, int report_fd) {
    struct stat facts;
    int target = chdir("/") == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (target < 0 || fstat(target, &facts) != 0) {
        enum failure what = errno == ENOENT ? NOT_FOUND : errno == ENOTDIR ? NO_DIRECTORY : OTHER_FAILURE;
        report_failure(report_fd, what, errno, format("%s: %s", path, strerror(errno)));
    }
    struct report report = {.file_kind = IGN_FILE_KIND_DIRECTORY, .file_mode = facts.st_mode & 07777};
    report_send(report_fd, &report);
    close(report_fd);
    umask(0);
    keep_owner = keep;
    unpack_all(target);
    set_folder_times(target);
    _exit(failed ? 1 : 0);
}

_Noreturn void copy_seed(void) {
    int target = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (target < 0)
        _exit(2);
    umask(0);
    seeding = true;
    unpack_all(target);
    set_folder_times(target);
    _exit(0);
}
