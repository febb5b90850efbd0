#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INDEX_ENTRY 16
#define INDEX_GAP_MS 1000

void log_begin(struct log *log, const char *directory, const char *name, const char *index, uint64_t max, uint32_t files) {
    memset(log, 0, offsetof(struct log, buffer));
    log->fd = log->index_fd = -1;
    log->max = max;
    log->files = files;
    snprintf(log->path, sizeof log->path, "%s/%s", directory, name);
    if (index != NULL) snprintf(log->index_path, sizeof log->index_path, "%s/%s", directory, index);
}

static void failed(struct log *log, int error, size_t bytes) {
    log->dropped += bytes;
    if (!log->told) log->error = error;
    log->told = true;
}

static int open_append(const char *path, uint64_t *size) {
    struct stat facts;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return -1;
    *size = fstat(fd, &facts) == 0 ? (uint64_t)facts.st_size : 0;
    return fd;
}

static void close_files(struct log *log) {
    if (log->fd >= 0) close(log->fd);
    if (log->index_fd >= 0) close(log->index_fd);
    log->fd = log->index_fd = -1;
}

static bool open_files(struct log *log) {
    if (log->fd >= 0) return true;
    log->fd = open_append(log->path, &log->size);
    if (log->fd < 0) return false;
    if (log->index_path[0] != '\0') log->index_fd = open_append(log->index_path, &log->index_size);
    return true;
}

/* path.(n-2) → path.(n-1), …, path → path.1; the oldest falls off. Whatever fails, `path` is gone afterwards. */
static void shift(const char *path, uint32_t files) {
    char from[LOG_NAME_MAX + 8], to[LOG_NAME_MAX + 8];
    for (uint32_t i = files - 1; i >= 1; i--) {
        snprintf(to, sizeof to, "%s.%u", path, i);
        if (i == 1) snprintf(from, sizeof from, "%s", path);
        else snprintf(from, sizeof from, "%s.%u", path, i - 1);
        rename(from, to);
    }
    unlink(path);
}

static void rotate(struct log *log) {
    log_flush(log);
    close_files(log);
    shift(log->path, log->files);
    if (log->index_path[0] != '\0') shift(log->index_path, log->files);
    log->size = log->index_size = log->index_ms = 0;
}

void log_flush(struct log *log) {
    size_t done = 0;
    if (log->buffered == 0) return;
    if (!open_files(log)) {
        failed(log, errno, log->buffered);
        log->buffered = 0;
        return;
    }
    while (done < log->buffered) {
        ssize_t count = write(log->fd, log->buffer + done, log->buffered - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            failed(log, count == 0 ? ENOSPC : errno, log->buffered);
            /* Half a batch would leave half a record: the file goes back to where it was. */
            if (done > 0 && ftruncate(log->fd, (off_t)log->size) != 0) log->size += done;
            log->buffered = 0;
            return;
        }
        done += (size_t)count;
    }
    log->size += log->buffered;
    log->buffered = 0;
}

/* Makes room for `length` more bytes, in the file and in the buffer. */
static void make_room(struct log *log, size_t length) {
    if (log->fd < 0) open_files(log); /* its size counts */
    uint64_t now = log->size + log->buffered;
    if (now > 0 && now + length > log->max) rotate(log);
    if (log->buffered + length > LOG_BUFFER) log_flush(log);
}

void log_record(struct log *log, const struct iovec *pieces, int count) {
    size_t total = 0;
    for (int i = 0; i < count; i++) total += pieces[i].iov_len;
    make_room(log, total);
    for (int i = 0; i < count; i++) {
        memcpy(log->buffer + log->buffered, pieces[i].iov_base, pieces[i].iov_len);
        log->buffered += pieces[i].iov_len;
    }
}

static void put64(uint8_t *at, uint64_t value) {
    for (int i = 0; i < 8; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static void index_now(struct log *log, uint64_t now_ms) {
    uint8_t entry[INDEX_ENTRY];
    if (log->index_path[0] == '\0' || now_ms < log->index_ms + INDEX_GAP_MS) return;
    if (!open_files(log) || log->index_fd < 0) return;
    put64(entry, now_ms);
    put64(entry + 8, log->size + log->buffered);
    if (write(log->index_fd, entry, sizeof entry) == (ssize_t)sizeof entry) {
        log->index_size += sizeof entry;
        log->index_ms = now_ms;
    } else if (ftruncate(log->index_fd, (off_t)log->index_size) != 0) {
        log->index_ms = now_ms; /* an index that cannot be written is tried again in a second */
    }
}

void log_bytes(struct log *log, const char *bytes, size_t length, uint64_t now_ms) {
    while (length > 0) {
        /* A console that says one byte a second must not grow its index without end. */
        if (log->index_size + INDEX_ENTRY > log->max) rotate(log);
        size_t piece = length < LOG_BUFFER / 2 ? length : LOG_BUFFER / 2;
        if (piece > log->max) piece = (size_t)log->max;
        make_room(log, piece);
        index_now(log, now_ms);
        memcpy(log->buffer + log->buffered, bytes, piece);
        log->buffered += piece;
        bytes += piece;
        length -= piece;
    }
}

int log_take_error(struct log *log) {
    int error = log->error;
    log->error = 0;
    return error;
}

void log_end(struct log *log) {
    log_flush(log);
    close_files(log);
}
