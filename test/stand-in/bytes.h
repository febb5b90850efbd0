/* Bytes as the stand-in writes and reads them: all of a write, numbers of a frame, hex digits, lines of a channel. */
#ifndef STAND_IN_BYTES_H
#define STAND_IN_BYTES_H
#include <stddef.h>
#include <stdint.h>

/* Waits where the other side is slow; gives up where nobody listens. */
void write_all(int fd, const void *bytes, size_t count);
void put16(uint8_t *at, uint16_t value);
void put32(uint8_t *at, uint32_t value);
/* How many bytes the digits made. */
size_t unhex(const char *hex, uint8_t *out);

struct lines {
    char text[2048];
    size_t length;
};

/* Calls `take` for each line that is whole. */
void feed(struct lines *lines, const char *bytes, size_t count, void (*take)(const char *line));

#endif
