/* The agent's session: begun by a preamble, ended by a violation or by the next preamble; dispatches its frames. */
#include "agent_state.h"
#include "bytes.h"
#include "terminal.h"
#include "util.h"
#include "version.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void forget_open(struct agent *agent) {
    free(agent->open_bytes);
    agent->open_bytes = NULL;
    agent->open_length = 0;
    agent->open_stream = 0;
}

void agent_end_session(struct agent *agent) {
    for (size_t i = 0; i < IGN_LIMIT_STREAMS; i++)
        if (agent->streams[i].used)
            stream_abandon(&agent->streams[i]);
    calls_forget(&agent->calls);
    forget_open(agent);
    link_drop(&agent->link);
    agent->buffer.begin = agent->buffer.end = 0;
    agent->in_session = agent->greeted = false;
    agent->newest_stream = 0;
}

static void violation(struct agent *agent, const char *text) {
    uint8_t payload[256];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    bool clean = agent->link.data_sent == 0 && agent->link.control_sent == 0;
    agent_end_session(agent);
    tlv_put_text(&writer, IGN_TAG_TEXT, text);
    if (clean) /* else the host is inside a frame that will not end */
        link_control(&agent->link, IGN_FRAME_BYE, 0, payload, writer.length);
}

static void send_hello(struct agent *agent) {
    static const char *const features[] = {"exec", "get", "put", "stat", "attach", "sync", "time", "stats", "grow"};
    uint8_t payload[512];
    char boot[64] = "";
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    read_line("/proc/sys/kernel/random/boot_id", boot, sizeof boot);
    tlv_put_text(&writer, IGN_TAG_AGENT_VERSION, IGNITE_VERSION);
    tlv_put_text(&writer, IGN_TAG_BOOT_ID, boot);
    tlv_put_u32(&writer, IGN_TAG_MAX_PAYLOAD, IGN_LIMIT_PAYLOAD);
    tlv_put_u32(&writer, IGN_TAG_MAX_STREAMS, IGN_LIMIT_STREAMS);
    tlv_put_u32(&writer, IGN_TAG_WINDOW, IGN_LIMIT_WINDOW);
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        tlv_put_text(&writer, IGN_TAG_FEATURE, features[i]);
    link_control(&agent->link, IGN_FRAME_HELLO, 0, payload, writer.length);
}

static void begin_session(struct agent *agent, const uint8_t *session) {
    uint8_t preamble[IGN_LIMIT_PREAMBLE];
    agent_end_session(agent);
    preamble_write(preamble, session);
    link_raw(&agent->link, preamble, sizeof preamble);
    send_hello(agent);
    agent->in_session = true;
}

void agent_read_link(struct agent *agent) {
    size_t room;
    uint8_t *space = frames_space(&agent->buffer, &room);
    size_t got = room == 0 ? 0 : link_read(&agent->link, space, room);
    size_t after = preamble_scan(&agent->matcher, space, got);
    if (after == 0) {
        if (agent->in_session)
            frames_added(&agent->buffer, got);
        return;
    }
    /* The last preamble among these bytes counts; what follows it belongs to the new session. */
    uint8_t session[IGN_LIMIT_SESSION_ID];
    size_t begin = after;
    memcpy(session, agent->matcher.held + 8, sizeof session);
    while ((after = preamble_scan(&agent->matcher, space + begin, got - begin)) != 0) {
        begin += after;
        memcpy(session, agent->matcher.held + 8, sizeof session);
    }
    begin_session(agent, session);
    memmove(agent->buffer.bytes, space + begin, got - begin);
    frames_added(&agent->buffer, got - begin);
}

static struct stream *find_stream(struct agent *agent, uint32_t id) {
    for (size_t i = 0; i < IGN_LIMIT_STREAMS; i++)
        if (agent->streams[i].used && agent->streams[i].id == id)
            return &agent->streams[i];
    return NULL;
}

void agent_send_opened(struct agent *agent, struct stream *stream, const struct report *report) {
    uint8_t payload[64];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    if (stream->kind == IGN_OPEN_KIND_EXEC || stream->kind == IGN_OPEN_KIND_ATTACH)
        tlv_put_u32(&writer, IGN_TAG_PID, (uint32_t)stream->pid);
    if (report != NULL) {
        tlv_put_u8(&writer, IGN_TAG_FILE_KIND, report->file_kind);
        tlv_put_u32(&writer, IGN_TAG_FILE_MODE, report->file_mode);
        tlv_put_u64(&writer, IGN_TAG_FILE_SIZE, report->file_size);
    }
    stream->opened = true;
    if (stream->id != 0)
        link_control(&agent->link, IGN_FRAME_OPENED, stream->id, payload, writer.length);
}

static void attach_main(struct agent *agent, struct stream *stream) {
    const struct agent_place *place = agent->place;
    stream->kind = IGN_OPEN_KIND_ATTACH;
    stream->tty = place->main_tty;
    stream->pid = place->main_pid;
    stream->in = agent->main_in < 0 ? -1 : fcntl(agent->main_in, F_DUPFD_CLOEXEC, 3);
    if (place->main_pid <= 0)
        stream_reset(stream, IGN_ERROR_UNSUPPORTED, 0, "A machine has no main process", &agent->link);
    else
        agent_send_opened(agent, stream, NULL);
}

static bool open_stream(struct agent *agent, uint32_t id, const uint8_t *bytes, size_t length) {
    struct stream nobody = {.id = id, .report = -1, .in = -1, .out = -1, .err = -1};
    struct request request;
    struct stream *stream = NULL;
    if (!request_parse(&request, bytes, length)) {
        stream_reset(&nobody, IGN_ERROR_BAD_REQUEST, 0, "The request is malformed or not known here", &agent->link);
    } else if ((stream = stream_take(agent->streams, IGN_LIMIT_STREAMS, id)) == NULL) {
        stream_reset(&nobody, IGN_ERROR_TOO_MANY, 0, "Too many streams are open", &agent->link);
    } else if (request.kind == IGN_OPEN_KIND_ATTACH) {
        attach_main(agent, stream);
    } else if (!child_start(stream, &request, agent->place, &agent->namespaces)) {
        stream_reset(stream, IGN_ERROR_IO, errno, strerror(errno), &agent->link);
    }
    request_free(&request);
    return true;
}

static bool take_open(struct agent *agent, const struct frame *frame) {
    bool more = (frame->flags & IGN_FLAG_MORE) != 0;
    if (agent->open_stream == 0) {
        if (frame->stream <= agent->newest_stream)
            return false;
        agent->newest_stream = frame->stream;
        if (!more)
            return open_stream(agent, frame->stream, frame->payload, frame->length);
        agent->open_stream = frame->stream;
    }
    if (frame->stream != agent->open_stream || agent->open_length + frame->length > IGN_LIMIT_OPEN)
        return false;
    uint8_t *grown = realloc(agent->open_bytes, agent->open_length + frame->length + 1);
    if (grown == NULL)
        return false;
    memcpy(grown + agent->open_length, frame->payload, frame->length);
    agent->open_bytes = grown;
    agent->open_length += frame->length;
    bool ok = more || open_stream(agent, agent->open_stream, agent->open_bytes, agent->open_length);
    if (!more)
        forget_open(agent);
    return ok;
}

static uint64_t number_of(const struct frame *frame, uint16_t tag) {
    struct tlv_reader reader = tlv_read(frame->payload, frame->length);
    struct tlv record;
    while (tlv_next(&reader, &record) == 1)
        if (record.tag == tag)
            return tlv_number(&record);
    return 0;
}

static void send_signal(const struct stream *stream, const struct frame *frame) {
    int signal = (int)number_of(frame, IGN_TAG_SIGNAL);
    bool group = number_of(frame, IGN_TAG_GROUP) != 0;
    if (stream->pid > 0 && !stream->exited && signal > 0 && signal < NSIG)
        kill(group ? -stream->pid : stream->pid, signal);
}

static void resize(const struct stream *stream, const struct frame *frame) {
    if (stream->tty && stream->in >= 0)
        terminal_resize(stream->in, (uint16_t)number_of(frame, IGN_TAG_ROWS),
                        (uint16_t)number_of(frame, IGN_TAG_COLUMNS));
}

static bool take_stream_frame(struct agent *agent, const struct frame *frame) {
    struct stream *stream = frame->stream == 0 ? NULL : find_stream(agent, frame->stream);
    if (stream == NULL) /* ended here while the frame was on its way, or never opened */
        return frame->stream != 0 && frame->stream <= agent->newest_stream;
    uint8_t channel = frame->length > 0 ? frame->payload[0] : 255;
    switch (frame->type) {
    case IGN_FRAME_DATA:
        return frame->length > 0 && stream_data(stream, channel, frame->payload + 1, frame->length - 1, &agent->link);
    case IGN_FRAME_EOF: return frame->length == 1 && stream_eof(stream, channel);
    case IGN_FRAME_CREDIT: return frame->length == 5 && stream_credit(stream, channel, get_u32(frame->payload + 1));
    case IGN_FRAME_SIGNAL: send_signal(stream, frame); return tlv_valid(frame->payload, frame->length);
    case IGN_FRAME_RESIZE: resize(stream, frame); return tlv_valid(frame->payload, frame->length);
    case IGN_FRAME_RESET: stream_abandon(stream); return true;
    default: return false;
    }
}

static bool take_frame(struct agent *agent, const struct frame *frame) {
    if (!agent->greeted && frame->type != IGN_FRAME_HELLO)
        return false;
    switch (frame->type) {
    case IGN_FRAME_HELLO: agent->greeted = true; return tlv_valid(frame->payload, frame->length);
    case IGN_FRAME_PING:
        if (frame->length != 8)
            return false;
        link_control(&agent->link, IGN_FRAME_PONG, 0, frame->payload, frame->length);
        return true;
    case IGN_FRAME_PONG: return true;
    case IGN_FRAME_BYE: agent_end_session(agent); return true;
    case IGN_FRAME_OPEN: return take_open(agent, frame);
    case IGN_FRAME_CALL:
        return calls_take(&agent->calls, frame->payload, frame->length, agent->place, &agent->link);
    default: return frame->type >= 0x80 || take_stream_frame(agent, frame);
    }
}

void agent_take_frames(struct agent *agent) {
    struct frame frame;
    agent->frames_wait = false;
    while (agent->in_session) {
        if (!link_has_room(&agent->link)) {
            agent->frames_wait = true;
            return;
        }
        enum frame_result result = frames_next(&agent->buffer, &frame);
        if (result == FRAME_NONE)
            return;
        if (result == FRAME_VIOLATION || !take_frame(agent, &frame)) {
            violation(agent, "A frame broke the rules of the link");
            return;
        }
    }
}
