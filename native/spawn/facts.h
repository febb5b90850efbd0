/* Frames of the `facts` channel as the guest sends them (FORMATS, "Guest link"): pure, bounds-checked decoding. */
#ifndef SPAWN_FACTS_H
#define SPAWN_FACTS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ignite_protocol.h"

#define FACTS_FRAME_MAX (IGN_LIMIT_HEADER + IGN_LIMIT_PAYLOAD)
#define FACTS_STAGES_MAX 32
#define FACTS_WORD_MAX 48
#define FACTS_NOTE_MAX 400

struct facts_frame {
    uint8_t type;
    const uint8_t *payload;
    uint32_t length;
    /* Header and payload together. */
    size_t size;
};

enum facts_answer { FACTS_MORE, FACTS_FRAME, FACTS_BAD };

/* Looks at the frame that begins at `bytes`: more bytes needed, one whole frame, or a violation (`why` says which). */
enum facts_answer facts_next(const uint8_t *bytes, size_t length, struct facts_frame *frame, const char **why);

/* A LOG payload. */
struct facts_log {
    uint8_t stream;
    uint64_t guest_time;
    const uint8_t *data;
    size_t length;
};
bool facts_log(const struct facts_frame *frame, struct facts_log *out);

/* Bytes of guest text, cut to what fits; not NUL-terminated, anything may be in it. */
struct facts_word {
    char bytes[FACTS_WORD_MAX];
    size_t length;
};

struct facts_ready {
    uint8_t mode;
    struct facts_word agent_version;
    size_t stage_count;
    struct {
        struct facts_word name;
        uint32_t milliseconds;
    } stages[FACTS_STAGES_MAX];
};
bool facts_ready(const struct facts_frame *frame, struct facts_ready *out);

struct facts_note {
    struct facts_word stage;
    char text[FACTS_NOTE_MAX];
    size_t text_length;
};
bool facts_note(const struct facts_frame *frame, struct facts_note *out);

struct facts_done {
    bool has_code, has_signal, oom;
    int32_t code;
    uint32_t signal;
};
bool facts_done(const struct facts_frame *frame, struct facts_done *out);

/* IGN_INTENT_*; unknown numbers become IGN_INTENT_UNKNOWN. */
bool facts_intent(const struct facts_frame *frame, uint8_t *out);

/* Writes a header of FORMATS for stream 0. */
void facts_put_header(uint8_t out[IGN_LIMIT_HEADER], uint8_t type, uint32_t length);
/* Writes a whole CREDIT frame: header, channel 1, bytes. */
#define FACTS_CREDIT_SIZE (IGN_LIMIT_HEADER + 5)
void facts_put_credit(uint8_t out[FACTS_CREDIT_SIZE], uint32_t bytes);

#endif
