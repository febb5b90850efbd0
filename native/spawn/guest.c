#include "guest.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app.h"
#include "jail.h"
#include "status.h"
#include "when.h"

/* Credit goes back in steps of a quarter of the window: the guest never runs dry, frames stay few. */
#define CREDIT_STEP (IGN_LIMIT_WINDOW / 4)

enum taken { TAKEN, TAKEN_BAD };

void guest_close(struct supervisor *s, const char *why) {
    if (s->guest.fd < 0) return;
    /* Any process of a guest may knock at a door; it is not worth a word. */
    bool stranger = s->doors.facts >= 0 && s->guest.state == GUEST_SILENT;
    close(s->guest.fd);
    s->guest.fd = -1;
    s->guest.state = GUEST_CLOSED;
    s->guest.length = 0;
    if (why != NULL && !stranger) note(s, "facts", "the channel was closed: %s", why);
}

void guest_open(struct supervisor *s, int fd) {
    s->guest.fd = fd;
    s->guest.state = GUEST_SILENT;
    s->guest.window = IGN_LIMIT_WINDOW;
    s->guest.due = 0;
    s->guest.credit_left = s->guest.length = 0;
}

static void send_credit(struct supervisor *s) {
    struct guest *guest = &s->guest;
    if (guest->fd < 0) return;
    if (guest->credit_left == 0 && guest->due >= CREDIT_STEP) {
        facts_put_credit(guest->credit, guest->due);
        guest->window += guest->due;
        guest->due = 0;
        guest->credit_left = FACTS_CREDIT_SIZE;
    }
    while (guest->credit_left > 0) {
        const uint8_t *rest = guest->credit + FACTS_CREDIT_SIZE - guest->credit_left;
        ssize_t count = send(guest->fd, rest, guest->credit_left, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN && errno != EINTR) guest->credit_left = 0; /* what it said is still read */
        if (count < 0) return;
        guest->credit_left -= (size_t)count;
    }
}

void guest_credit(struct supervisor *s, uint32_t bytes) {
    s->guest.due += bytes;
    send_credit(s);
}

short guest_events(const struct supervisor *s) {
    if (s->guest.fd < 0) return 0;
    return (short)(POLLIN | (s->guest.credit_left > 0 ? POLLOUT : 0));
}

static enum taken take_log(struct supervisor *s, const struct facts_frame *frame, const char **why) {
    struct facts_log log;
    *why = "a LOG frame that is not one";
    if (!facts_log(frame, &log)) return TAKEN_BAD;
    *why = "more log data than its credit";
    if (log.length > s->guest.window) return TAKEN_BAD;
    *why = "more frames than there is room for";
    if (!app_log(s, frame, &log)) return TAKEN_BAD;
    s->guest.window -= (uint32_t)log.length;
    return TAKEN;
}

static enum taken take_done(struct supervisor *s, const struct facts_frame *frame) {
    struct facts_done done;
    if (!facts_done(frame, &done)) return TAKEN_BAD;
    if (s->saw_done) return TAKEN; /* a command ends once */
    s->done = done;
    s->saw_done = true;
    return app_done(s, frame) ? TAKEN : TAKEN_BAD;
}

static enum taken take_note(struct supervisor *s, const struct facts_frame *frame) {
    struct facts_note made;
    if (!facts_note(frame, &made)) return TAKEN_BAD;
    status_add_note(s, &made);
    return TAKEN;
}

static enum taken take_ready(struct supervisor *s, const struct facts_frame *frame) {
    struct facts_ready ready;
    if (!facts_ready(frame, &ready)) return TAKEN_BAD;
    s->ready = ready;
    s->saw_ready = s->changed = true;
    if (s->phase == PHASE_STARTING) s->phase = PHASE_READY;
    return TAKEN;
}

static enum taken take_token(struct supervisor *s, const struct facts_frame *frame, const char **why) {
    *why = "its first frame is not the token of this boot";
    if (frame->type != IGN_FRAME_TOKEN || frame->length != IGN_LIMIT_TOKEN) return TAKEN_BAD;
    uint8_t difference = 0;
    for (size_t i = 0; i < IGN_LIMIT_TOKEN; i++) difference |= frame->payload[i] ^ s->token[i];
    if (difference != 0) return TAKEN_BAD;
    s->guest.state = GUEST_KNOWN;
    if (s->called_at == 0) s->called_at = when_now();
    jail_cut_back(s);
    return TAKEN;
}

static enum taken take_frame(struct supervisor *s, const struct facts_frame *frame, const char **why) {
    if (s->guest.state == GUEST_SILENT) return take_token(s, frame, why);
    *why = "a frame whose content is malformed";
    switch (frame->type) {
    case IGN_FRAME_READY: return take_ready(s, frame);
    case IGN_FRAME_LOG: return take_log(s, frame, why);
    case IGN_FRAME_DONE: return take_done(s, frame);
    case IGN_FRAME_NOTE: return take_note(s, frame);
    case IGN_FRAME_INTENT:
        if (!facts_intent(frame, &s->intent)) return TAKEN_BAD;
        s->saw_intent = true;
        return TAKEN;
    case IGN_FRAME_TOKEN: *why = "a second token"; return TAKEN_BAD;
    default: return TAKEN; /* 0x80 and above may be skipped */
    }
}

/* Takes the frames that are whole. */
static void pump(struct supervisor *s) {
    struct guest *guest = &s->guest;
    size_t at = 0;
    while (guest->fd >= 0) {
        struct facts_frame frame;
        const char *why;
        enum facts_answer answer = facts_next(guest->bytes + at, guest->length - at, &frame, &why);
        if (answer == FACTS_MORE) break;
        if (answer == FACTS_BAD || take_frame(s, &frame, &why) == TAKEN_BAD) {
            guest_close(s, why);
            return;
        }
        at += frame.size;
    }
    memmove(guest->bytes, guest->bytes + at, guest->length - at);
    guest->length -= at;
}

/* One read; false where there is nothing more for now, or for ever. */
static bool read_some(struct supervisor *s) {
    struct guest *guest = &s->guest;
    ssize_t count = read(guest->fd, guest->bytes + guest->length, sizeof guest->bytes - guest->length);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (count <= 0) {
        guest_close(s, guest->length > 0 ? "it ended within a frame" : NULL);
        return false;
    }
    guest->length += (size_t)count;
    pump(s);
    return true;
}

void guest_ready(struct supervisor *s, short events) {
    if (events & POLLOUT) send_credit(s);
    if (events & (POLLIN | POLLHUP | POLLERR)) read_some(s);
}

void guest_drain(struct supervisor *s) {
    for (int i = 0; i < DRAIN_READS && s->guest.fd >= 0 && read_some(s); i++) continue;
}
