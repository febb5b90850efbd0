/* libFuzzer: any bytes on `facts`, frame by frame, each decoded as every type, and through the reader's ring. */
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "ring.h"

static void decode_all(const struct facts_frame *frame) {
    static struct facts_ready ready;
    struct facts_note note;
    struct facts_done done;
    struct facts_log log;
    uint8_t intent;
    if (facts_ready(frame, &ready) && ready.stage_count > FACTS_STAGES_MAX) abort();
    if (facts_note(frame, &note) && note.text_length > FACTS_NOTE_MAX) abort();
    if (facts_log(frame, &log) && log.length > frame->length) abort();
    if (facts_intent(frame, &intent) && intent > IGN_INTENT_HALT) abort();
    facts_done(frame, &done);
}

static void relay(struct ring *ring, const struct facts_frame *frame) {
    struct iovec pieces[2];
    struct facts_log log;
    if (frame->type == IGN_FRAME_LOG && !facts_log(frame, &log)) return;
    if (!ring_put(ring, frame)) ring_clear(ring);
    int count = ring_pieces(ring, pieces);
    if (count > 0) ring_sent(ring, pieces[0].iov_len / 2 + 1);
    if (frame->payload[0] == 7) ring_rewind(ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct ring ring;
    uint8_t *bytes = malloc(size + 1);
    struct facts_frame frame;
    const char *why;
    memset(&ring, 0, offsetof(struct ring, data));
    if (size > 0) memcpy(bytes, data, size);
    for (size_t at = 0; facts_next(bytes + at, size - at, &frame, &why) == FACTS_FRAME; at += frame.size) {
        decode_all(&frame);
        if (frame.length > 0) relay(&ring, &frame);
    }
    free(bytes);
    return 0;
}
