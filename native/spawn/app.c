#include "app.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "clients.h"
#include "guest.h"
#include "when.h"

static bool has_reader(const struct supervisor *s) { return s->app.client != NULL || s->app.holding; }

bool app_log(struct supervisor *s, const struct facts_frame *frame, const struct facts_log *log) {
    if (log->length == 0) return true; /* costs the guest no credit, so it may cost nothing here */
    if (has_reader(s) && !ring_put(&s->app.ring, frame)) return false;
    cri_feed(&s->cri, log->stream, (const char *)log->data, log->length, when_now(), when_steady_ms());
    if (!has_reader(s)) guest_credit(s, (uint32_t)log->length);
    return true;
}

static bool queue_done(struct supervisor *s) {
    struct facts_frame frame = {.type = IGN_FRAME_DONE,
                                .payload = s->app.done,
                                .length = s->app.done_length,
                                .size = IGN_LIMIT_HEADER + s->app.done_length};
    s->app.done_queued = ring_put(&s->app.ring, &frame);
    return s->app.done_queued;
}

bool app_done(struct supervisor *s, const struct facts_frame *frame) {
    /* Its facts are in the status; no guest of ours sends so much, or it twice. */
    if (s->app.done_seen || frame->length > sizeof s->app.done) return true;
    memcpy(s->app.done, frame->payload, frame->length);
    s->app.done_length = frame->length;
    s->app.done_seen = true;
    return !has_reader(s) || queue_done(s);
}

void app_lend(struct supervisor *s, struct client *client) {
    struct client *before = s->app.client;
    s->app.client = NULL;
    s->app.holding = true; /* keeps what the one before did not take whole */
    if (before != NULL) client_close(s, before);
    ring_rewind(&s->app.ring);
    s->app.holding = false;
    s->app.client = client;
    if (s->app.done_seen && !s->app.done_queued) queue_done(s);
}

void app_forget_client(struct supervisor *s) {
    s->app.client = NULL;
    if (s->app.holding) return;
    guest_credit(s, ring_clear(&s->app.ring));
    s->app.done_queued = false;
}

void app_give_up(struct supervisor *s) {
    s->app.holding = false;
    if (s->app.client != NULL) client_close(s, s->app.client);
    else app_forget_client(s);
}

bool app_pending(const struct supervisor *s) { return has_reader(s) && !ring_empty(&s->app.ring); }

short app_client_events(const struct supervisor *s) {
    return (short)((s->app.client->read_closed ? 0 : POLLIN) | (ring_empty(&s->app.ring) ? 0 : POLLOUT));
}

static bool send_some(struct supervisor *s) {
    struct iovec pieces[2];
    int count = ring_pieces(&s->app.ring, pieces);
    if (count == 0) return true;
    ssize_t sent = writev(s->app.client->fd, pieces, count); /* SIGPIPE is blocked */
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    guest_credit(s, ring_sent(&s->app.ring, (size_t)sent));
    if (ring_empty(&s->app.ring)) s->app.done_queued = false; /* the next reader gets it, too */
    return true;
}

void app_client_ready(struct supervisor *s, short events) {
    struct client *client = s->app.client;
    if ((events & (POLLIN | POLLHUP | POLLERR)) && !client->read_closed) client_discard_input(client);
    bool gone = (events & (POLLHUP | POLLERR)) != 0;
    if (!gone && (events & POLLOUT)) gone = !send_some(s);
    if (gone) client_close(s, client);
}
