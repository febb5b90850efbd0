/* A bounded log file: appended, rotated by size, never a reason to stop (DESIGN D4). */
#ifndef SPAWN_LOG_H
#define SPAWN_LOG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "launch.h"

#define LOG_BUFFER 32768
#define LOG_NAME_MAX (LAUNCH_PATH_MAX + 16)

struct log {
    char path[LOG_NAME_MAX];
    /* Of a raw log: when which byte was written. Empty where there is none. */
    char index_path[LOG_NAME_MAX];
    uint64_t max;
    uint32_t files;
    int fd; /* -1 until the first byte */
    int index_fd;
    uint64_t size;       /* of the file, without what is buffered */
    uint64_t index_size; /* of the index */
    uint64_t index_ms;   /* time of its last entry */
    int error;           /* errno of a failure that was not yet reported */
    bool told;           /* a disk that is full again and again is reported once */
    uint64_t dropped;    /* bytes that did not reach the file */
    size_t buffered;
    char buffer[LOG_BUFFER];
};

/* Prepares `<directory>/<name>`; the file is made at the first byte. `index` may be NULL. */
void log_begin(struct log *log, const char *directory, const char *name, const char *index, uint64_t max, uint32_t files);
/* Appends one record that rotation never cuts in two: at most LOG_BUFFER bytes in `count` pieces. */
void log_record(struct log *log, const struct iovec *pieces, int count);
/* Appends bytes that may be cut anywhere, noting the time in the index. */
void log_bytes(struct log *log, const char *bytes, size_t length, uint64_t now_ms);
/* Writes out what is buffered. */
void log_flush(struct log *log);
/* The errno of a failure that was not yet reported, else 0. */
int log_take_error(struct log *log);
void log_end(struct log *log);

#endif
