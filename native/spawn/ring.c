#include "ring.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool ring_empty(const struct ring *ring) { return ring->head == ring->tail; }

static size_t size_of(const struct ring *ring) { return ring->large ? RING_SIZE : RING_SMALL; }

static void put_bytes(struct ring *ring, uint64_t place, const uint8_t *bytes, size_t count) {
    size_t size = size_of(ring), at = place % size;
    size_t first = count < size - at ? count : size - at;
    memcpy(ring->data + at, bytes, first);
    memcpy(ring->data, bytes + first, count - first);
}

static uint8_t byte_at(const struct ring *ring, uint64_t place) { return ring->data[place % size_of(ring)]; }

static uint32_t length_at(const struct ring *ring, uint64_t place) {
    uint32_t length = 0;
    for (unsigned i = 0; i < 4; i++) length |= (uint32_t)byte_at(ring, place + i) << (8 * i);
    return length;
}

static bool is_log(const struct ring *ring, uint64_t place) { return byte_at(ring, place + 4) == IGN_FRAME_LOG; }

/* What went round the end of the small ring is laid out behind it, in one piece. */
static void grow(struct ring *ring) {
    uint64_t at = ring->tail % RING_SMALL, moved = ring->tail - at;
    uint64_t end = ring->head - moved;
    if (end > RING_SMALL) memcpy(ring->data + RING_SMALL, ring->data, end - RING_SMALL);
    ring->tail -= moved;
    ring->sent -= moved;
    ring->last -= moved;
    ring->head = end;
    ring->large = true;
}

static bool make_room(struct ring *ring, size_t count) {
    if (ring->head - ring->tail + count > RING_SMALL && !ring->large) grow(ring);
    return ring->head - ring->tail + count <= size_of(ring);
}

/* Many small writes of a program become one frame, so that headers cannot fill the ring. */
static bool join_last(struct ring *ring, const struct facts_frame *frame) {
    size_t data = frame->length - IGN_LIMIT_LOG_HEADER;
    if (ring_empty(ring) || ring->sent > ring->last || !is_log(ring, ring->last)) return false;
    if (byte_at(ring, ring->last + IGN_LIMIT_HEADER) != frame->payload[0]) return false;
    uint32_t length = length_at(ring, ring->last) + (uint32_t)data;
    if (length > IGN_LIMIT_PAYLOAD || !make_room(ring, data)) return false;
    uint8_t header[IGN_LIMIT_HEADER];
    facts_put_header(header, IGN_FRAME_LOG, length);
    put_bytes(ring, ring->last, header, sizeof header);
    put_bytes(ring, ring->head, frame->payload + IGN_LIMIT_LOG_HEADER, data);
    ring->head += data;
    return true;
}

bool ring_put(struct ring *ring, const struct facts_frame *frame) {
    if (frame->type == IGN_FRAME_LOG && join_last(ring, frame)) return true;
    if (!make_room(ring, frame->size)) return false;
    uint8_t header[IGN_LIMIT_HEADER];
    facts_put_header(header, frame->type, frame->length);
    put_bytes(ring, ring->head, header, sizeof header);
    put_bytes(ring, ring->head + IGN_LIMIT_HEADER, frame->payload, frame->length);
    ring->last = ring->head;
    ring->head += frame->size;
    return true;
}

int ring_pieces(const struct ring *ring, struct iovec pieces[2]) {
    size_t count = (size_t)(ring->head - ring->sent);
    size_t size = size_of(ring), at = ring->sent % size;
    size_t first = count < size - at ? count : size - at;
    if (count == 0) return 0;
    pieces[0] = (struct iovec){.iov_base = (void *)(uintptr_t)(ring->data + at), .iov_len = first};
    if (first == count) return 1;
    pieces[1] = (struct iovec){.iov_base = (void *)(uintptr_t)ring->data, .iov_len = count - first};
    return 2;
}

static uint32_t log_data_at(const struct ring *ring, uint64_t place) {
    return is_log(ring, place) ? length_at(ring, place) - IGN_LIMIT_LOG_HEADER : 0;
}

/* The pages that only the large ring used go back to the kernel. */
static void shrink(struct ring *ring) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)ring->data + RING_SMALL + page - 1) / page * page;
    uintptr_t to = ((uintptr_t)ring->data + RING_SIZE) / page * page;
    madvise((void *)from, to - from, MADV_DONTNEED);
    ring->large = false;
}

/* Begins again at the first byte, so that light traffic touches few pages. */
static void reset_if_empty(struct ring *ring) {
    if (!ring_empty(ring)) return;
    ring->head = ring->tail = ring->sent = ring->last = 0;
    if (ring->large) shrink(ring);
}

uint32_t ring_sent(struct ring *ring, size_t count) {
    uint32_t freed = 0;
    ring->sent += count;
    while (ring->tail < ring->head) {
        uint64_t end = ring->tail + IGN_LIMIT_HEADER + length_at(ring, ring->tail);
        if (end > ring->sent) break;
        freed += log_data_at(ring, ring->tail);
        ring->tail = end;
    }
    reset_if_empty(ring);
    return freed;
}

void ring_rewind(struct ring *ring) { ring->sent = ring->tail; }

uint32_t ring_clear(struct ring *ring) { return ring_sent(ring, (size_t)(ring->head - ring->sent)); }
