/* What the agent knows: shared by its loop (agent.c) and its session (session.c), seen by nobody else. */
#ifndef IGNITE_AGENT_STATE_H
#define IGNITE_AGENT_STATE_H
#include "calls.h"
#include "child.h"
#include "command.h"
#include "frames.h"
#include "preamble.h"
#include "stream.h"

struct agent {
    const struct agent_place *place;
    struct namespaces namespaces;
    struct link link;
    struct preamble_matcher matcher;
    struct frame_buffer buffer;
    bool in_session, greeted;
    /* Frames are held that had to wait for room for their answers. */
    bool frames_wait;
    uint32_t newest_stream;
    /* OPEN in pieces. */
    uint8_t *open_bytes;
    size_t open_length;
    uint32_t open_stream;
    struct stream streams[IGN_LIMIT_STREAMS];
    struct calls calls;
    size_t next_turn;
    int signals;
    /* The only end of the main process's input that is left, or -1. */
    int main_in;
};

/* Reads what has come; a preamble in it begins a new session. */
void agent_read_link(struct agent *agent);
/* Acts on the frames that are whole, as long as there is room for the answers. */
void agent_take_frames(struct agent *agent);
/* Ends the session: children hear it, what waits to be sent is dropped. */
void agent_end_session(struct agent *agent);
/* OPENED; `report` is a file's facts or NULL. */
void agent_send_opened(struct agent *agent, struct stream *stream, const struct report *report);
#endif
