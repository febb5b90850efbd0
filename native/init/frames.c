/* Cuts the link's bytes into frames: length u32, type u8, flags u8, zero u16, stream u32. */
#include "frames.h"
#include "bytes.h"
#include <string.h>

uint8_t *frames_space(struct frame_buffer *buffer, size_t *room) {
    size_t held = buffer->end - buffer->begin;
    if (buffer->begin > 0)
        memmove(buffer->bytes, buffer->bytes + buffer->begin, held);
    buffer->begin = 0;
    buffer->end = held;
    *room = sizeof buffer->bytes - held;
    return buffer->bytes + held;
}

void frames_added(struct frame_buffer *buffer, size_t length) {
    buffer->end += length;
}

enum frame_result frames_next(struct frame_buffer *buffer, struct frame *frame) {
    const uint8_t *at = buffer->bytes + buffer->begin;
    size_t held = buffer->end - buffer->begin;
    if (held < IGN_LIMIT_HEADER)
        return FRAME_NONE;
    uint32_t length = get_u32(at);
    if (length > IGN_LIMIT_PAYLOAD || get_u16(at + 6) != 0)
        return FRAME_VIOLATION;
    if (held - IGN_LIMIT_HEADER < length)
        return FRAME_NONE;
    *frame = (struct frame){at[4], at[5], get_u32(at + 8), length, at + IGN_LIMIT_HEADER};
    buffer->begin += IGN_LIMIT_HEADER + length;
    return FRAME_READY;
}

void frames_header(uint8_t *header, uint8_t type, uint32_t stream, uint32_t length) {
    memset(header, 0, IGN_LIMIT_HEADER);
    put_u32(header, length);
    header[4] = type;
    put_u32(header + 8, stream);
}
