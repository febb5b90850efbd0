/* One stream of a session: a child of the agent (a command, or its own get, put, stat), or the main process's input. */
#ifndef IGNITE_STREAM_H
#define IGNITE_STREAM_H
#include "agent.h"
#include "link.h"
#include "request.h"

struct stream {
    bool used;
    uint32_t id; /* 0: the session is over, the process goes on; its output is dropped */
    uint8_t kind;
    bool tty, detached, opened, exited;
    pid_t pid;
    int status;
    uint64_t oom_before;
    int report, in, out, err;
    /* Input that the child has not taken yet, at most the window. */
    uint8_t *held;
    size_t held_begin, held_end;
    uint32_t in_window, in_consumed;
    bool in_eof;
    uint32_t out_credit, err_credit;
};

/* A free slot made ready; NULL: all are in use. */
struct stream *stream_take(struct stream *streams, size_t count, uint32_t id);
/* Closes and frees what the stream holds; the child stays. */
void stream_release(struct stream *stream);

/* Frames of the host. False: a violation. */
bool stream_data(struct stream *stream, uint8_t channel, const uint8_t *bytes, size_t length, struct link *link);
bool stream_eof(struct stream *stream, uint8_t channel);
bool stream_credit(struct stream *stream, uint8_t channel, uint32_t count);

/* What the descriptors are ready for. */
void stream_write_in(struct stream *stream, struct link *link);
void stream_read_out(struct stream *stream, int *fd, uint8_t channel, struct link *link);
/* Sends EXIT and frees the stream when nothing more can come of it. */
void stream_finish(struct stream *stream, struct link *link);
/* Tells a failure and frees the stream. */
void stream_reset(struct stream *stream, const char *error, int number, const char *text, struct link *link);
/* The session is over: the child hears it unless it is detached. */
void stream_abandon(struct stream *stream);
#endif
