#include "facts.h"

#include <string.h>

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }

static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) | (uint32_t)get16(at + 2) << 16; }

static uint64_t get64(const uint8_t *at) { return (uint64_t)get32(at) | (uint64_t)get32(at + 4) << 32; }

static void put32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

enum facts_answer facts_next(const uint8_t *bytes, size_t length, struct facts_frame *frame, const char **why) {
    *why = NULL;
    if (length < IGN_LIMIT_HEADER) return FACTS_MORE;
    uint32_t payload = get32(bytes);
    uint8_t type = bytes[4];
    if (payload > IGN_LIMIT_PAYLOAD) *why = "a frame is longer than 64 KiB";
    else if (get16(bytes + 6) != 0 || get32(bytes + 8) != 0) *why = "a header field that must be 0 is not";
    else if (type < 0x80 && bytes[5] != 0) *why = "a frame has flags";
    else if (type < IGN_FRAME_READY || (type > IGN_FRAME_TOKEN && type < 0x80)) *why = "a frame of an unknown type";
    if (*why != NULL) return FACTS_BAD;
    if (length - IGN_LIMIT_HEADER < payload) return FACTS_MORE;
    *frame = (struct facts_frame){
        .type = type, .payload = bytes + IGN_LIMIT_HEADER, .length = payload, .size = IGN_LIMIT_HEADER + payload};
    return FACTS_FRAME;
}

bool facts_log(const struct facts_frame *frame, struct facts_log *out) {
    if (frame->length < IGN_LIMIT_LOG_HEADER) return false;
    out->stream = frame->payload[0];
    out->guest_time = get64(frame->payload + 1);
    out->data = frame->payload + IGN_LIMIT_LOG_HEADER;
    out->length = frame->length - IGN_LIMIT_LOG_HEADER;
    return out->stream == IGN_CHANNEL_OUT || out->stream == IGN_CHANNEL_ERR;
}

/* One TLV record and the place after it. */
struct record {
    uint16_t tag;
    const uint8_t *value;
    uint32_t length;
};

enum step { STEP_RECORD, STEP_END, STEP_BAD };

static enum step next_record(const struct facts_frame *frame, size_t *at, struct record *out) {
    size_t left = frame->length - *at;
    if (left == 0) return STEP_END;
    if (left < IGN_LIMIT_TLV_HEADER) return STEP_BAD;
    out->tag = get16(frame->payload + *at);
    out->length = get32(frame->payload + *at + 2);
    if (out->length > left - IGN_LIMIT_TLV_HEADER) return STEP_BAD;
    out->value = frame->payload + *at + IGN_LIMIT_TLV_HEADER;
    *at += IGN_LIMIT_TLV_HEADER + out->length;
    return STEP_RECORD;
}

static void take_word(struct facts_word *word, const struct record *record) {
    word->length = record->length < FACTS_WORD_MAX ? record->length : FACTS_WORD_MAX;
    memcpy(word->bytes, record->value, word->length);
}

static bool ready_record(struct facts_ready *out, const struct record *record) {
    switch (record->tag) {
    case IGN_TAG_MODE:
        if (record->length != 1) return false;
        out->mode = record->value[0];
        return true;
    case IGN_TAG_AGENT_VERSION:
        take_word(&out->agent_version, record);
        return true;
    case IGN_TAG_STAGE:
        if (out->stage_count < FACTS_STAGES_MAX) take_word(&out->stages[out->stage_count++].name, record);
        return true;
    case IGN_TAG_STAGE_MS:
        if (record->length != 4 || out->stage_count == 0) return false;
        out->stages[out->stage_count - 1].milliseconds = get32(record->value);
        return true;
    default: return true;
    }
}

bool facts_ready(const struct facts_frame *frame, struct facts_ready *out) {
    struct record record;
    enum step step;
    memset(out, 0, sizeof *out);
    for (size_t at = 0; (step = next_record(frame, &at, &record)) == STEP_RECORD;)
        if (!ready_record(out, &record)) return false;
    return step == STEP_END && (out->mode == IGN_MODE_APP || out->mode == IGN_MODE_SYSTEM);
}

bool facts_note(const struct facts_frame *frame, struct facts_note *out) {
    struct record record;
    enum step step;
    memset(out, 0, sizeof *out);
    for (size_t at = 0; (step = next_record(frame, &at, &record)) == STEP_RECORD;) {
        if (record.tag == IGN_TAG_STAGE) take_word(&out->stage, &record);
        if (record.tag != IGN_TAG_TEXT) continue;
        out->text_length = record.length < FACTS_NOTE_MAX ? record.length : FACTS_NOTE_MAX;
        memcpy(out->text, record.value, out->text_length);
    }
    return step == STEP_END;
}

bool facts_done(const struct facts_frame *frame, struct facts_done *out) {
    struct record record;
    enum step step;
    memset(out, 0, sizeof *out);
    for (size_t at = 0; (step = next_record(frame, &at, &record)) == STEP_RECORD;) {
        bool number = record.tag == IGN_TAG_CODE || record.tag == IGN_TAG_SIGNAL;
        if (number && record.length != 4) return false;
        if (record.tag == IGN_TAG_OOM && record.length != 1) return false;
        if (record.tag == IGN_TAG_CODE) out->has_code = true, out->code = (int32_t)get32(record.value);
        if (record.tag == IGN_TAG_SIGNAL) out->has_signal = true, out->signal = get32(record.value);
        if (record.tag == IGN_TAG_OOM) out->oom = record.value[0] != 0;
    }
    bool code = !out->has_code || (out->code >= 0 && out->code <= 255);
    bool signal = !out->has_signal || (out->signal >= 1 && out->signal <= 64); /* signal(7) */
    return step == STEP_END && (out->has_code || out->has_signal) && code && signal;
}

bool facts_intent(const struct facts_frame *frame, uint8_t *out) {
    struct record record;
    enum step step;
    bool found = false;
    for (size_t at = 0; (step = next_record(frame, &at, &record)) == STEP_RECORD;) {
        if (record.tag != IGN_TAG_INTENT) continue;
        if (record.length != 1) return false;
        *out = record.value[0] <= IGN_INTENT_HALT ? record.value[0] : IGN_INTENT_UNKNOWN;
        found = true;
    }
    return step == STEP_END && found;
}

void facts_put_header(uint8_t out[IGN_LIMIT_HEADER], uint8_t type, uint32_t length) {
    memset(out, 0, IGN_LIMIT_HEADER);
    put32(out, length);
    out[4] = type;
}

void facts_put_credit(uint8_t out[FACTS_CREDIT_SIZE], uint32_t bytes) {
    facts_put_header(out, IGN_FRAME_CREDIT, 5);
    out[IGN_LIMIT_HEADER] = IGN_CHANNEL_OUT;
    put32(out + IGN_LIMIT_HEADER + 1, bytes);
}
