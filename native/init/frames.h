/* Cuts the link's bytes into frames. Fixed memory; never looks beyond what came. */
#ifndef IGNITE_FRAMES_H
#define IGNITE_FRAMES_H
#include <ignite_protocol.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
    uint8_t type, flags;
    uint32_t stream;
    uint32_t length;
    const uint8_t *payload;
};

struct frame_buffer {
    uint8_t bytes[2 * (IGN_LIMIT_HEADER + IGN_LIMIT_PAYLOAD)];
    size_t begin, end;
};

enum frame_result { FRAME_NONE, FRAME_READY, FRAME_VIOLATION };

/* Where the next bytes go and how many fit; moves what is held to the front. */
uint8_t *frames_space(struct frame_buffer *buffer, size_t *room);
/* Takes `length` bytes that were put there. */
void frames_added(struct frame_buffer *buffer, size_t length);
/* The next whole frame; its payload is valid until frames_space is called. */
enum frame_result frames_next(struct frame_buffer *buffer, struct frame *frame);
/* Writes a header. */
void frames_header(uint8_t *header, uint8_t type, uint32_t stream, uint32_t length);
#endif
