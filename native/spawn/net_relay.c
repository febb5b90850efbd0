#include "net_relay.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "when.h"

#define PREFIX 4
/* The largest IPv4 packet, and what Ethernet and a tag add. */
#define FRAME_MAX (65535 + 18)
#define LANE_SIZE (4 * (FRAME_MAX + PREFIX))

/* One direction. `ready` bytes at the front may be written, the rest is not yet looked at. */
struct lane {
    int from, to;
    bool from_guest;
    size_t ready, length;
    uint8_t bytes[LANE_SIZE];
};

/* What decides, and what it has to remember. */
struct gate {
    const struct net_rules *rules;
    struct net_flows flows;
};

static void drop_front(struct lane *lane, size_t at, size_t count) {
    memmove(lane->bytes + at, lane->bytes + at + count, lane->length - at - count);
    lane->length -= count;
}

/* Judges every whole frame; those that pass close up, so that many that do not cost one move. False: it is no frame. */
static bool look(struct gate *gate, struct lane *lane) {
    uint64_t now_s = when_steady_ms() / 1000;
    size_t at = lane->ready;
    bool frames = true;
    while (lane->length - at >= PREFIX) {
        const uint8_t *head = lane->bytes + at;
        size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
        frames = size > 0 && size <= FRAME_MAX;
        if (!frames || lane->length - at < PREFIX + size) break;
        if (!lane->from_guest) net_frame_arrives(gate->rules, &gate->flows, now_s, head + PREFIX, size);
        if (!lane->from_guest || net_frame_passes(gate->rules, &gate->flows, now_s, head + PREFIX, size)) {
            memmove(lane->bytes + lane->ready, head, PREFIX + size);
            lane->ready += PREFIX + size;
        }
        at += PREFIX + size;
    }
    drop_front(lane, lane->ready, at - lane->ready);
    return frames;
}

static bool fill(struct gate *gate, struct lane *lane) {
    ssize_t count = read(lane->from, lane->bytes + lane->length, sizeof lane->bytes - lane->length);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    lane->length += (size_t)count;
    return count > 0 && look(gate, lane);
}

static bool empty(struct lane *lane) {
    ssize_t count = write(lane->to, lane->bytes, lane->ready);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    lane->ready -= (size_t)count;
    drop_front(lane, 0, (size_t)count);
    return true;
}

static short events_of(const struct lane *reads, const struct lane *writes) {
    return (short)((reads->length < sizeof reads->bytes ? POLLIN : 0) | (writes->ready > 0 ? POLLOUT : 0));
}

/* Serves one descriptor: what it sent goes into `reads`, what is for it comes from `writes`. */
static bool serve(struct gate *gate, short events, struct lane *reads, struct lane *writes) {
    if ((events & POLLOUT) != 0 && !empty(writes)) return false;
    if ((events & POLLIN) != 0) return fill(gate, reads);
    return (events & (POLLHUP | POLLERR)) == 0;
}

/*
 * Announces the guest's MAC before the guest sends anything: until passt has seen a frame it sends to the broadcast address,
  * from which Linux accepts no TCP. An ARP announcement (RFC 5227, section 3), which is not answered.
 */
static void introduce(struct lane *out, const struct net_rules *rules) {
    static const uint8_t head[] = {0, 0, 0, 42, 255, 255, 255, 255, 255, 255};
    static const uint8_t arp[] = {0x08, 0x06, 0, 1, 0x08, 0, 6, 4, 0, 1};
    const uint8_t address[] = {(uint8_t)(rules->address >> 24), (uint8_t)(rules->address >> 16), (uint8_t)(rules->address >> 8),
                               (uint8_t)rules->address};
    static const uint8_t nobody[6];
    const struct {
        const uint8_t *bytes;
        size_t length;
    } parts[] = {{head, sizeof head}, {rules->mac, 6}, {arp, sizeof arp}, {rules->mac, 6}, {address, 4}, {nobody, 6}, {address, 4}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        memcpy(out->bytes + out->length, parts[i].bytes, parts[i].length);
        out->length += parts[i].length;
    }
    out->ready = out->length;
}

int net_relay(const struct net_rules *rules, int vmm, int program) {
    static struct lane out, in;
    static struct gate gate;
    out.from = in.to = vmm;
    out.to = in.from = program;
    out.from_guest = true;
    gate.rules = rules;
    introduce(&out, rules);
    fcntl(vmm, F_SETFL, O_NONBLOCK);
    fcntl(program, F_SETFL, O_NONBLOCK);
    for (;;) {
        struct pollfd fds[2] = {{.fd = vmm, .events = events_of(&out, &in)}, {.fd = program, .events = events_of(&in, &out)}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR) return RELAY_PROGRAM_GONE;
        if (!serve(&gate, fds[0].revents, &out, &in)) return RELAY_VMM_GONE;
        if (!serve(&gate, fds[1].revents, &in, &out)) return RELAY_PROGRAM_GONE;
    }
}
