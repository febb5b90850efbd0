#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name in an open folder; a link is none. */
static int open_part(int folder, const char *name, size_t length, int flags) {
    char part[NAME_MAX + 1];
    struct stat facts;
    if (length > NAME_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(part, name, length);
    part[length] = '\0';
    bool above = strcmp(part, "..") == 0;
    int fd = above ? -1 : openat(folder, part, O_PATH | O_NOFOLLOW | O_CLOEXEC | flags);
    if (above) errno = EXDEV;
    if (fd < 0 || fstat(fd, &facts) != 0 || !S_ISLNK(facts.st_mode)) return fd;
    close(fd);
    errno = ELOOP;
    return -1;
}

/* Part for part: openat2(2), which could do it at once, came with Linux 5.6. */
int resolve_plain(int folder, const char *path, int flags) {
    int at = *path == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : fcntl(folder, F_DUPFD_CLOEXEC, 0);
    for (path += strspn(path, "/"); at >= 0 && *path != '\0';) {
        size_t length = strcspn(path, "/"), gap = strspn(path + length, "/");
        int next = open_part(at, path, length, path[length + gap] == '\0' ? flags : 0);
        int error = errno;
        close(at);
        errno = error;
        at = next;
        path += length + gap;
    }
    return at;
}
