/* One stream of a session: moves bytes between a child's pipes or terminal and the link, within the credit of both. */
#include "stream.h"
#include "bytes.h"
#include "util.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CREDIT_STEP (IGN_LIMIT_WINDOW / 4)
#define END_OF_TEXT 4 /* ^D, what a terminal takes as the end of its input */

struct stream *stream_take(struct stream *streams, size_t count, uint32_t id) {
    for (size_t i = 0; i < count; i++) {
        if (streams[i].used)
            continue;
        streams[i] = (struct stream){
            .used = true,
            .id = id,
            .report = -1,
            .in = -1,
            .out = -1,
            .err = -1,
            .in_window = IGN_LIMIT_WINDOW,
            .out_credit = IGN_LIMIT_WINDOW,
            .err_credit = IGN_LIMIT_WINDOW,
        };
        return &streams[i];
    }
    return NULL;
}

static void shut(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void stream_release(struct stream *stream) {
    shut(&stream->report);
    shut(&stream->in);
    shut(&stream->out);
    shut(&stream->err);
    free(stream->held);
    *stream = (struct stream){0};
}

static void give_credit(struct stream *stream, size_t count, struct link *link) {
    uint8_t payload[5] = {IGN_CHANNEL_IN};
    stream->in_consumed += (uint32_t)count;
    if (stream->in_consumed < CREDIT_STEP)
        return;
    put_u32(payload + 1, stream->in_consumed);
    stream->in_window += stream->in_consumed;
    stream->in_consumed = 0;
    link_control(link, IGN_FRAME_CREDIT, stream->id, payload, sizeof payload);
}

bool stream_data(struct stream *stream, uint8_t channel, const uint8_t *bytes, size_t length, struct link *link) {
    if (channel != IGN_CHANNEL_IN || stream->in_eof || length > stream->in_window)
        return false;
    stream->in_window -= (uint32_t)length;
    if (stream->in < 0) { /* nobody reads it any more: taken and dropped */
        give_credit(stream, length, link);
        return true;
    }
    if (stream->held == NULL)
        stream->held = malloc(IGN_LIMIT_WINDOW);
    if (stream->held == NULL)
        return false;
    if (stream->held_end + length > IGN_LIMIT_WINDOW) {
        memmove(stream->held, stream->held + stream->held_begin, stream->held_end - stream->held_begin);
        stream->held_end -= stream->held_begin;
        stream->held_begin = 0;
    }
    memcpy(stream->held + stream->held_end, bytes, length);
    stream->held_end += length;
    return true;
}

bool stream_eof(struct stream *stream, uint8_t channel) {
    if (channel != IGN_CHANNEL_IN)
        return false;
    stream->in_eof = true;
    return true;
}

bool stream_credit(struct stream *stream, uint8_t channel, uint32_t count) {
    uint32_t *credit = channel == IGN_CHANNEL_OUT ? &stream->out_credit : &stream->err_credit;
    if (channel == IGN_CHANNEL_IN || channel > IGN_CHANNEL_ERR || count > IGN_LIMIT_WINDOW - *credit)
        return false;
    *credit += count;
    return true;
}

static void end_input(struct stream *stream) {
    uint8_t end = END_OF_TEXT;
    if (stream->tty && stream->in >= 0 && write(stream->in, &end, 1) < 0) {
        /* the terminal is gone, which ends the input as well */
    }
    shut(&stream->in);
}

void stream_write_in(struct stream *stream, struct link *link) {
    while (stream->in >= 0 && stream->held_begin < stream->held_end) {
        size_t length = stream->held_end - stream->held_begin;
        ssize_t wrote = write(stream->in, stream->held + stream->held_begin, length);
        if (wrote < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (wrote < 0) { /* the reader is gone */
            shut(&stream->in);
            wrote = (ssize_t)length;
        }
        stream->held_begin += (size_t)wrote;
        give_credit(stream, (size_t)wrote, link);
    }
    if (stream->held_begin == stream->held_end) {
        free(stream->held);
        stream->held = NULL;
        stream->held_begin = stream->held_end = 0;
        if (stream->in_eof)
            end_input(stream);
    }
}

static void drain(struct stream *stream, int *fd) {
    static uint8_t dropped[65536];
    ssize_t got = read(*fd, dropped, sizeof dropped);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || (got < 0 && errno == EAGAIN && stream->exited))
        shut(fd);
}

void stream_read_out(struct stream *stream, int *fd, uint8_t channel, struct link *link) {
    uint32_t *credit = channel == IGN_CHANNEL_OUT ? &stream->out_credit : &stream->err_credit;
    if (stream->id == 0) {
        drain(stream, fd);
        return;
    }
    size_t room = IGN_LIMIT_PAYLOAD - 1;
    if (room > *credit)
        room = *credit;
    ssize_t got = read(*fd, link_data_space(link), room);
    if (got > 0) {
        *credit -= (uint32_t)got;
        link_data(link, stream->id, channel, (size_t)got);
        return;
    }
    if (got < 0 && errno == EINTR)
        return;
    /* After the child's end what it wrote is in the pipe already; a grandchild that keeps it open is not waited for. */
    if (got < 0 && errno == EAGAIN && !stream->exited)
        return;
    shut(fd);
    link_control(link, IGN_FRAME_EOF, stream->id, &channel, 1);
}

static void send_exit(struct stream *stream, struct link *link) {
    uint8_t payload[32];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    int status = stream->status;
    if (WIFSIGNALED(status)) {
        tlv_put_u32(&writer, IGN_TAG_SIGNAL, (uint32_t)WTERMSIG(status));
        if (WTERMSIG(status) == SIGKILL && oom_kills() > stream->oom_before)
            tlv_put_u8(&writer, IGN_TAG_OOM, 1);
    } else {
        tlv_put_u32(&writer, IGN_TAG_CODE, (uint32_t)WEXITSTATUS(status));
    }
    link_control(link, IGN_FRAME_EXIT, stream->id, payload, writer.length);
}

void stream_finish(struct stream *stream, struct link *link) {
    if (!stream->exited || !stream->opened || stream->out >= 0 || stream->err >= 0)
        return;
    if (stream->id != 0)
        send_exit(stream, link);
    stream_release(stream);
}

void stream_reset(struct stream *stream, const char *error, int number, const char *text, struct link *link) {
    uint8_t payload[1024];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    tlv_put_text(&writer, IGN_TAG_ERROR, error);
    if (number != 0)
        tlv_put_u32(&writer, IGN_TAG_ERRNO, (uint32_t)number);
    tlv_put(&writer, IGN_TAG_TEXT, text, strnlen(text, 700));
    if (stream->id != 0)
        link_control(link, IGN_FRAME_RESET, stream->id, payload, writer.length);
    stream_release(stream);
}

void stream_abandon(struct stream *stream) {
    bool child = stream->pid > 0 && !stream->exited && stream->kind != IGN_OPEN_KIND_ATTACH;
    if (child && stream->detached && stream->opened) {
        stream->id = 0;
        shut(&stream->in);
        return;
    }
    /* Before it executes its program a child ignores signals, and may hang in a file of the guest's. */
    int signal = stream->kind == IGN_OPEN_KIND_EXEC && stream->opened ? SIGHUP : SIGKILL;
    if (child && kill(-stream->pid, signal) != 0) /* before its setsid it leads no group */
        kill(stream->pid, signal);
    stream_release(stream);
}
