/* Small helpers over system calls that several files need. */
#ifndef IGNITE_UTIL_H
#define IGNITE_UTIL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes all of it, waiting where the descriptor does not block; false on an error (errno). */
bool write_all(int fd, const void *bytes, size_t length);
/* The whole content, at most `limit` bytes, with a NUL behind it; NULL on an error (errno; EFBIG over the limit). */
uint8_t *read_all(int fd, size_t limit, size_t *length);
uint8_t *read_file(const char *path, size_t limit, size_t *length);
/* First line of a small file without its newline, cut to `size`; false where it cannot be read. */
bool read_line(const char *path, char *line, size_t size);
/* Replaces the content, following links; false on an error. */
bool write_file(const char *path, const void *bytes, size_t length, mode_t mode);
/* Makes a directory and those above it; false when the last is not there afterwards. */
bool make_directories(const char *path, mode_t mode);
/* Milliseconds since the kernel began, and nanoseconds since the epoch. */
uint32_t boot_ms(void);
uint64_t wall_ns(void);
/* The kernel's count of processes killed for lack of memory; 0 where it does not count. */
uint64_t oom_kills(void);
/* A formatted text in new memory, or "" without memory. */
char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));
#endif
