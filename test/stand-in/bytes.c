#include "bytes.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

void write_all(int fd, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t done = write(fd, at, count);
        if (done < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            poll(&wait, 1, -1);
            continue;
        }
        if (done < 0) return; /* nobody listens: as a virtio-serial port without a host */
        at += done;
        count -= (size_t)done;
    }
}

void put16(uint8_t *at, uint16_t value) {
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void put32(uint8_t *at, uint32_t value) {
    put16(at, (uint16_t)value);
    put16(at + 2, (uint16_t)(value >> 16));
}

size_t unhex(const char *hex, uint8_t *out) {
    size_t count = 0;
    for (unsigned value; sscanf(hex, "%2x", &value) == 1; hex += 2) out[count++] = (uint8_t)value;
    return count;
}

void feed(struct lines *lines, const char *bytes, size_t count, void (*take)(const char *line)) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != '\n' && bytes[i] != '\r') {
            if (lines->length < sizeof lines->text - 1) lines->text[lines->length++] = bytes[i];
            continue;
        }
        lines->text[lines->length] = '\0';
        lines->length = 0;
        take(lines->text);
    }
}
