/* Small helpers over system calls that several files need. */
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool write_all(int fd, const void *bytes, size_t length) {
    const char *at = bytes;
    while (length > 0) {
        ssize_t wrote = write(fd, at, length);
        if (wrote >= 0) {
            at += wrote;
            length -= (size_t)wrote;
        } else if (errno == EAGAIN) {
            struct pollfd wait = {fd, POLLOUT, 0};
            poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

uint8_t *read_all(int fd, size_t limit, size_t *length) {
    size_t capacity = 4096, used = 0;
    uint8_t *bytes = malloc(capacity + 1);
    while (bytes != NULL) {
        ssize_t got = read(fd, bytes + used, capacity - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            if (got < 0)
                break;
            bytes[used] = 0;
            *length = used;
            return bytes;
        }
        used += (size_t)got;
        if (used > limit) {
            errno = EFBIG;
            break;
        }
        if (used == capacity) {
            capacity *= 2;
            uint8_t *grown = realloc(bytes, capacity + 1);
            if (grown == NULL)
                break;
            bytes = grown;
        }
    }
    int saved = errno;
    free(bytes);
    errno = saved;
    return NULL;
}

uint8_t *read_file(const char *path, size_t limit, size_t *length) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    uint8_t *bytes = read_all(fd, limit, length);
    close(fd);
    return bytes;
}

bool read_line(const char *path, char *line, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t got = read(fd, line, size - 1);
    close(fd);
    if (got < 0)
        return false;
    line[got] = 0;
    line[strcspn(line, "\n")] = 0;
    return true;
}

bool write_file(const char *path, const void *bytes, size_t length, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0)
        return false;
    bool ok = write_all(fd, bytes, length);
    close(fd);
    return ok;
}

bool make_directories(const char *path, mode_t mode) {
    char part[4096];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return false;
    memcpy(part, path, length + 1);
    for (char *at = part + 1; *at != 0; at++) {
        if (*at != '/')
            continue;
        *at = 0;
        mkdir(part, mode);
        *at = '/';
    }
    struct stat facts;
    return mkdir(part, mode) == 0 || (stat(part, &facts) == 0 && S_ISDIR(facts.st_mode));
}

uint32_t boot_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

uint64_t wall_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t oom_kills(void) {
    size_t length;
    char *text = (char *)read_file("/proc/vmstat", 1 << 20, &length);
    const char *found = text == NULL ? NULL : strstr(text, "\noom_kill ");
    uint64_t count = found == NULL ? 0 : strtoull(found + 10, NULL, 10);
    free(text);
    return count;
}

char *format(const char *pattern, ...) {
    va_list arguments;
    char *text = NULL;
    va_start(arguments, pattern);
    if (vasprintf(&text, pattern, arguments) < 0)
        text = strdup("");
    va_end(arguments);
    return text;
}
