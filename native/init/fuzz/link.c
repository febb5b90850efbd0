/* Fuzz target: what comes over the link, in pieces of any size: preambles, frames, their meaning for one stream. */
#include "../bytes.h"
#include "../preamble.h"
#include "../stream.h"
#include <string.h>

static bool take(struct stream *stream, const struct frame *frame, struct link *link) {
    uint8_t channel = frame->length > 0 ? frame->payload[0] : 255;
    struct request request;
    switch (frame->type) {
    case IGN_FRAME_DATA:
        return frame->length > 0 && stream_data(stream, channel, frame->payload + 1, frame->length - 1, link);
    case IGN_FRAME_EOF: return stream_eof(stream, channel);
    case IGN_FRAME_CREDIT: return frame->length == 5 && stream_credit(stream, channel, get_u32(frame->payload + 1));
    case IGN_FRAME_OPEN:
        request_parse(&request, frame->payload, frame->length);
        request_free(&request);
        return true;
    default: return tlv_valid(frame->payload, frame->length);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static struct frame_buffer buffer;
    static struct link link;
    struct preamble_matcher matcher = {0};
    struct stream streams[1] = {0}, *stream = stream_take(streams, 1, 1);
    struct frame frame;
    stream->in = length > 0 && bytes[0] & 1 ? 1000000 : -1; /* a reader that takes nothing, or none */
    buffer.begin = buffer.end = 0;
    for (size_t at = 0; at + 1 < length;) {
        size_t part = 1 + bytes[at++] % 64, room;
        uint8_t *space = frames_space(&buffer, &room);
        if (part > length - at)
            part = length - at;
        if (part > room)
            break;
        memcpy(space, bytes + at, part);
        at += part;
        if (preamble_scan(&matcher, space, part) != 0)
            buffer.begin = buffer.end = 0;
        else
            frames_added(&buffer, part);
        enum frame_result result;
        while ((result = frames_next(&buffer, &frame)) == FRAME_READY)
            if (!take(stream, &frame, &link))
                break;
        link_drop(&link);
        if (result != FRAME_NONE)
            break;
    }
    stream_release(stream);
    return 0;
}
