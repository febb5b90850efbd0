/* get and stat: a file or a tree of the guest as a tar on standard output. Runs in a child that ends with it. */
#include "command.h"
#include "copy.h"
#include "tar.h"
#include "util.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ignite_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static uint8_t buffer[256 * 1024];
static size_t used;
static bool failed;

static void flush(void) {
    if (!write_all(STDOUT_FILENO, buffer, used))
        _exit(1); /* nobody reads it */
    used = 0;
}

static void put(const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    while (length > 0) {
        size_t part = sizeof buffer - used < length ? sizeof buffer - used : length;
        memcpy(buffer + used, at, part);
        used += part;
        at += part;
        length -= part;
        if (used == sizeof buffer)
            flush();
    }
}

static void pad(uint64_t size) {
    static const uint8_t zeros[TAR_BLOCK];
    put(zeros, (size_t)(tar_padded(size) - size));
}

static void complain(const char *path) {
    dprintf(STDERR_FILENO, "%s: %s\n", path, strerror(errno));
    failed = true;
}

static void put_header(const struct tar_entry *entry) {
    uint8_t blocks[TAR_HEADER_ROOM];
    put(blocks, tar_encode(entry, blocks));
}

/* Files whose size says nothing about their content. */
static bool is_unsized(int fd, const struct stat *facts) {
    struct statfs system;
    if (facts->st_size == 0)
        return true;
    if (fstatfs(fd, &system) != 0)
        return false;
    switch ((unsigned long)system.f_type) { /* linux/magic.h: proc, sysfs, cgroup2, debugfs, tracefs */
    case 0x9fa0:
    case 0x62656572:
    case 0x63677270:
    case 0x64626720:
    case 0x74726163: return true;
    default: return false;
    }
}

static void put_unsized(int fd, struct tar_entry *entry) {
    size_t length;
    uint8_t *bytes = read_all(fd, IGN_LIMIT_UNSIZED_FILE, &length);
    if (bytes == NULL) {
        complain(entry->path);
        return;
    }
    entry->size = length;
    put_header(entry);
    put(bytes, length);
    pad(length);
    free(bytes);
}

/* Exactly as many bytes as the header promised: a file that shrinks meanwhile is filled up, one that grows is cut. */
static void put_sized(int fd, const struct tar_entry *entry) {
    uint64_t left = entry->size;
    put_header(entry);
    while (left > 0) {
        size_t room = sizeof buffer - used;
        if (room > left)
            room = (size_t)left;
        ssize_t got = read(fd, buffer + used, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            if (got == 0)
                errno = ENODATA;
            complain(entry->path);
            memset(buffer + used, 0, room);
            got = (ssize_t)room;
        }
        used += (size_t)got;
        left -= (uint64_t)got;
        if (used == sizeof buffer)
            flush();
    }
    pad(entry->size);
}

static void put_file(int folder, const char *name, struct tar_entry *entry, int follow) {
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow);
    if (fd < 0) {
        complain(entry->path);
        return;
    }
    struct stat opened; /* something else may stand there since it was looked at */
    if (fstat(fd, &opened) != 0 || !S_ISREG(opened.st_mode)) {
        errno = ESTALE;
        complain(entry->path);
        close(fd);
        return;
    }
    entry->type = '0';
    entry->size = (uint64_t)opened.st_size;
    if (is_unsized(fd, &opened))
        put_unsized(fd, entry);
    else
        put_sized(fd, entry);
    close(fd);
}

static void put_tree(int folder, const char *name, struct tar_entry *entry, int follow);

static void put_folder(int folder, const char *name, struct tar_entry *entry, int follow) {
    size_t length = strlen(entry->path);
    entry->type = '5';
    put_header(entry);
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL) {
        complain(entry->path);
        return;
    }
    for (struct dirent *item; (item = readdir(directory)) != NULL;) {
        if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
            continue;
        int wrote = snprintf(entry->path + length, TAR_TEXT - length, "%s%s",
                             entry->path[length - 1] == '/' ? "" : "/", item->d_name);
        if (wrote < 0 || (size_t)wrote >= TAR_TEXT - length) {
            errno = ENAMETOOLONG;
            complain(item->d_name);
        } else {
            put_tree(dirfd(directory), item->d_name, entry, O_NOFOLLOW);
        }
        entry->path[length] = 0;
    }
    closedir(directory);
}

static void put_link(int folder, const char *name, struct tar_entry *entry) {
    ssize_t length = readlinkat(folder, name, entry->link, sizeof entry->link - 1);
    if (length < 0) {
        complain(entry->path);
        return;
    }
    entry->link[length] = 0;
    entry->type = '2';
    put_header(entry);
    entry->link[0] = 0;
}

static void put_tree(int folder, const char *name, struct tar_entry *entry, int follow) {
    struct stat facts;
    if (fstatat(folder, name, &facts, follow == 0 ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        complain(entry->path);
        return;
    }
    entry->mode = facts.st_mode & 07777;
    entry->uid = facts.st_uid;
    entry->gid = facts.st_gid;
    entry->mtime = facts.st_mtime;
    entry->size = 0;
    entry->major = major(facts.st_rdev);
    entry->minor = minor(facts.st_rdev);
    switch (facts.st_mode & S_IFMT) {
    case S_IFREG: put_file(folder, name, entry, follow); break;
    case S_IFDIR: put_folder(folder, name, entry, follow); break;
    case S_IFLNK: put_link(folder, name, entry); break;
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
        entry->type = S_ISCHR(facts.st_mode) ? '3' : S_ISBLK(facts.st_mode) ? '4' : '6';
        put_header(entry);
        break;
    }
}

static uint8_t kind_of(mode_t mode) {
    return S_ISREG(mode)   ? IGN_FILE_KIND_FILE
           : S_ISDIR(mode) ? IGN_FILE_KIND_DIRECTORY
           : S_ISLNK(mode) ? IGN_FILE_KIND_SYMLINK
                           : IGN_FILE_KIND_OTHER;
}

static void report_facts(const char *path, bool follow, int report_fd) {
    struct stat facts;
    if (fstatat(AT_FDCWD, path, &facts, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0) {
        enum failure what = errno == ENOENT || errno == ENOTDIR ? NOT_FOUND : OTHER_FAILURE;
        report_failure(report_fd, what, errno, format("%s: %s", path, strerror(errno)));
    }
    struct report report = {
        .file_kind = kind_of(facts.st_mode),
        .file_mode = facts.st_mode & 07777,
        .file_size = (uint64_t)facts.st_size,
    };
    report_send(report_fd, &report);
    close(report_fd);
}

/* The last component; "." for the root and for paths that end in "/." (Docker: the content, not the folder). */
static void name_of(const char *path, char *name) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    size_t begin = length;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    snprintf(name, TAR_TEXT, "%.*s", (int)(length - begin), path + begin);
    if (name[0] == 0 || strcmp(name, "..") == 0)
        snprintf(name, TAR_TEXT, ".");
}

_Noreturn void copy_get(const char *path, bool follow, int report_fd) {
    static struct tar_entry entry;
    static const uint8_t end[2 * TAR_BLOCK];
    if (chdir("/") != 0)
        _exit(1);
    report_facts(path, follow, report_fd);
    name_of(path, entry.path);
    put_tree(AT_FDCWD, path, &entry, follow ? 0 : O_NOFOLLOW);
    put(end, sizeof end);
    flush();
    _exit(failed ? 1 : 0);
}

_Noreturn void copy_stat(const char *path, bool follow, int report_fd) {
    if (chdir("/") == 0)
        report_facts(path, follow, report_fd);
    _exit(0);
}
