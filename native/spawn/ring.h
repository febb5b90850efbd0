/* Frames on their way to a reader, in a ring of fixed size: whole frames in, bytes out. */
#ifndef SPAWN_RING_H
#define SPAWN_RING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "facts.h"

/* What a program's output needs as a rule: the whole window of LOG data (FORMATS), headers, a frame that is half sent. */
#define RING_SMALL (IGN_LIMIT_WINDOW + 2 * IGN_LIMIT_PAYLOAD)
/* The most that can come: a window of frames of one byte each, stdout and stderr in turn, and the DONE that follows. */
#define RING_SIZE (IGN_LIMIT_WINDOW * (IGN_LIMIT_HEADER + IGN_LIMIT_LOG_HEADER + 1) + 4096)

/*
 * Places count from the ring's last emptiness; a place modulo the present size is where its byte lies. It is small until
 * more is needed and again when it is empty, so that only a strange guest with a slow reader costs the memory.
 */
struct ring {
    uint64_t head; /* end of what was put in */
    uint64_t tail; /* first byte of the oldest frame that is not wholly sent */
    uint64_t sent; /* between tail and head */
    uint64_t last; /* header of the newest frame */
    bool large;
    uint8_t data[RING_SIZE];
};

bool ring_empty(const struct ring *ring);
/* Appends one frame; false when there is no room, which a guest within its window cannot bring about. Log data joins the frame before it where stream and size allow. */
bool ring_put(struct ring *ring, const struct facts_frame *frame);
/* The bytes to send next, in at most two pieces; the count of pieces. */
int ring_pieces(const struct ring *ring, struct iovec pieces[2]);
/* Takes `count` bytes as sent; answers how many bytes of log data belong to the frames that are now wholly sent. */
uint32_t ring_sent(struct ring *ring, size_t count);
/* A new reader begins with a whole frame: what was sent of the oldest is sent again. */
void ring_rewind(struct ring *ring);
/* Drops everything; answers the bytes of log data that were in it. */
uint32_t ring_clear(struct ring *ring);

#endif
