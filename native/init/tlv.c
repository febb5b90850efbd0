/* TLV records, the form of control payloads and of the guest configuration. */
#include "tlv.h"
#include "bytes.h"
#include <ignite_protocol.h>
#include <stdlib.h>
#include <string.h>

struct tlv_reader tlv_read(const uint8_t *bytes, size_t length) {
    return (struct tlv_reader){bytes, bytes + length};
}

int tlv_next(struct tlv_reader *reader, struct tlv *record) {
    size_t left = (size_t)(reader->end - reader->at);
    if (left == 0)
        return 0;
    if (left < IGN_LIMIT_TLV_HEADER)
        return -1;
    uint32_t length = get_u32(reader->at + 2);
    if (length > left - IGN_LIMIT_TLV_HEADER)
        return -1;
    *record = (struct tlv){get_u16(reader->at), length, reader->at + IGN_LIMIT_TLV_HEADER};
    reader->at += IGN_LIMIT_TLV_HEADER + length;
    return 1;
}

bool tlv_valid(const uint8_t *bytes, size_t length) {
    struct tlv_reader reader = tlv_read(bytes, length);
    struct tlv record;
    int got;
    while ((got = tlv_next(&reader, &record)) == 1)
        ;
    return got == 0;
}

uint64_t tlv_number(const struct tlv *record) {
    switch (record->length) {
    case 1: return record->value[0];
    case 2: return get_u16(record->value);
    case 4: return get_u32(record->value);
    case 8: return get_u64(record->value);
    default: return 0;
    }
}

char *tlv_text(const struct tlv *record) {
    if (memchr(record->value, 0, record->length) != NULL)
        return NULL;
    char *text = malloc((size_t)record->length + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, record->value, record->length);
    text[record->length] = 0;
    return text;
}

struct tlv_writer tlv_write(uint8_t *buffer, size_t capacity) {
    return (struct tlv_writer){buffer, capacity, 0, false};
}

void tlv_put(struct tlv_writer *writer, uint16_t tag, const void *value, size_t length) {
    if (length > UINT32_MAX || writer->capacity - writer->length < IGN_LIMIT_TLV_HEADER ||
        writer->capacity - writer->length - IGN_LIMIT_TLV_HEADER < length) {
        writer->overflow = true;
        return;
    }
    uint8_t *at = writer->buffer + writer->length;
    put_u16(at, tag);
    put_u32(at + 2, (uint32_t)length);
    if (length > 0)
        memcpy(at + IGN_LIMIT_TLV_HEADER, value, length);
    writer->length += IGN_LIMIT_TLV_HEADER + length;
}

void tlv_put_text(struct tlv_writer *writer, uint16_t tag, const char *text) {
    tlv_put(writer, tag, text, strlen(text));
}

void tlv_put_u8(struct tlv_writer *writer, uint16_t tag, uint8_t value) {
    tlv_put(writer, tag, &value, 1);
}

void tlv_put_u32(struct tlv_writer *writer, uint16_t tag, uint32_t value) {
    uint8_t bytes[4];
    put_u32(bytes, value);
    tlv_put(writer, tag, bytes, sizeof bytes);
}

void tlv_put_u64(struct tlv_writer *writer, uint16_t tag, uint64_t value) {
    uint8_t bytes[8];
    put_u64(bytes, value);
    tlv_put(writer, tag, bytes, sizeof bytes);
}
