#include "pipes.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"
#include "doors.h"
#include "when.h"

/* More than a socket holds, however small the pieces. */
#define DRAIN_READS 4096

static bool span_empty(const struct span *span) { return span->start == span->end; }

static bool would_wait(void) { return errno == EAGAIN || errno == EINTR; }

short pipe_vmm_events(const struct pipe_channel *pipe) {
    bool room = pipe->client == NULL || pipe->lossy || span_empty(&pipe->out);
    if (pipe->vmm < 0) return 0;
    return (short)((room ? POLLIN : 0) | (span_empty(&pipe->in) ? 0 : POLLOUT));
}

short pipe_client_events(const struct pipe_channel *pipe) {
    const struct client *client = pipe->client;
    bool may_read = !client->read_closed && span_empty(&pipe->in) && pipe->vmm >= 0;
    if (client->hung && !may_read) return -1; /* POLLHUP would be reported again and again */
    return (short)((may_read ? POLLIN : 0) | (span_empty(&pipe->out) ? 0 : POLLOUT));
}

static ssize_t send_some(int fd, const char *bytes, size_t length) {
    ssize_t count = send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    return count < 0 && errno == ENOTSOCK ? write(fd, bytes, length) : count; /* a terminal, which does not wait */
}

/* Sends what it can; false when the other side is gone. */
static bool flush_span(int fd, const char *bytes, struct span *span) {
    while (!span_empty(span)) {
        ssize_t count = send_some(fd, bytes + span->start, span->end - span->start);
        if (count < 0) return would_wait();
        span->start += (size_t)count;
    }
    span->start = span->end = 0;
    return true;
}

static void to_client(struct pipe_channel *pipe, const char *bytes, size_t count) {
    struct span *out = &pipe->out;
    if (pipe->client == NULL) return;
    if (out->start > 0) {
        memmove(pipe->to_client, pipe->to_client + out->start, out->end - out->start);
        out->end -= out->start;
        out->start = 0;
    }
    size_t room = TO_CLIENT - out->end;
    size_t taken = count < room ? count : room; /* the rest is lost to a slow client of a lossy channel */
    memcpy(pipe->to_client + out->end, bytes, taken);
    out->end += taken;
    if (flush_span(pipe->client->fd, pipe->to_client, out)) return;
    pipe->client->hung = true; /* what it sent before it left is still passed on */
    *out = (struct span){0};
}

static void vmm_closed(struct supervisor *s, struct pipe_channel *pipe) {
    close(pipe->vmm);
    pipe->vmm = -1;
    pipe->in = (struct span){0};
    /* With something left for it the client is closed when that is sent. */
    if (pipe->client != NULL && span_empty(&pipe->out)) client_close(s, pipe->client);
}

/* One read; false when there was nothing, or no more will come. */
static bool read_vmm(struct supervisor *s, struct pipe_channel *pipe) {
    ssize_t count = read(pipe->vmm, s->scratch, TO_CLIENT);
    if (count < 0 && would_wait()) return false;
    if (count <= 0) {
        vmm_closed(s, pipe);
        return false;
    }
    if (pipe->log != NULL) log_bytes(pipe->log, s->scratch, (size_t)count, when_now() / 1000000u);
    to_client(pipe, s->scratch, (size_t)count);
    return true;
}

static void flush_to_vmm(struct pipe_channel *pipe) {
    if (flush_span(pipe->vmm, pipe->to_vmm, &pipe->in)) return;
    pipe->deaf = true; /* what it still says is read on */
    pipe->in = (struct span){0};
}

void pipe_vmm_ready(struct supervisor *s, struct pipe_channel *pipe, short events) {
    if (events & POLLOUT) flush_to_vmm(pipe);
    if (events & (POLLIN | POLLHUP | POLLERR)) {
        bool room = pipe->client == NULL || pipe->lossy || span_empty(&pipe->out);
        if (room) read_vmm(s, pipe);
        else if (events & (POLLHUP | POLLERR)) flush_to_vmm(pipe);
    }
}

static void read_client(struct supervisor *s, struct pipe_channel *pipe) {
    struct client *client = pipe->client;
    ssize_t count = read(client->fd, pipe->to_vmm, TO_VMM);
    if (count < 0 && would_wait()) return;
    bool lost = count > 0 && pipe->vmm < 0 && client->hung; /* nobody was there, nobody is */
    if (count < 0 || lost) client_close(s, client);
    if (count == 0) {
        client->read_closed = true;
        if (client->hung) client_close(s, client);
    }
    if (count <= 0 || lost || pipe->vmm < 0 || pipe->deaf) return;
    pipe->in = (struct span){.end = (size_t)count};
    flush_to_vmm(pipe);
}

void pipe_client_ready(struct supervisor *s, struct pipe_channel *pipe, short events) {
    struct client *client = pipe->client;
    if (events & (POLLHUP | POLLERR)) client->hung = true;
    if ((events & POLLOUT) && !span_empty(&pipe->out)) {
        bool alive = flush_span(client->fd, pipe->to_client, &pipe->out);
        if (!alive) pipe->out = (struct span){0};
        if (span_empty(&pipe->out) && pipe->vmm < 0) {
            client_close(s, client);
            return;
        }
    }
    if (client->hung && client->read_closed) client_close(s, client);
    else if (!client->read_closed && span_empty(&pipe->in) && (events & (POLLIN | POLLHUP | POLLERR))) read_client(s, pipe);
}

void pipe_lend(struct supervisor *s, struct pipe_channel *pipe, struct client *client) {
    if (pipe->client != NULL) client_close(s, pipe->client);
    if (pipe->per_client) pipe->vmm = doors_connect(s);
    bool awaited = pipe == &s->pipes[CHANNEL_LINK] && doors_await_link(s);
    if (pipe->vmm < 0 && !awaited) {
        client_close(s, client);
        return;
    }
    client->pipe = pipe;
    pipe->client = client;
}

void pipe_forget_client(struct pipe_channel *pipe) {
    pipe->client = NULL;
    pipe->out = (struct span){0};
    pipe->in = (struct span){0};
    if (!pipe->per_client || pipe->vmm < 0) return;
    close(pipe->vmm);
    pipe->vmm = -1;
    pipe->deaf = false;
}

void pipe_drain(struct supervisor *s, struct pipe_channel *pipe) {
    /* Not without end: a helper that outlived the VMM may hold its end of the pipe. */
    for (int i = 0; i < DRAIN_READS && pipe->vmm >= 0; i++)
        if ((pipe->client != NULL && !pipe->lossy && !span_empty(&pipe->out)) || !read_vmm(s, pipe)) return;
}
