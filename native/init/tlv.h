/* TLV records: tag u16, length u32, value. Reading never leaves the buffer; writing into a full buffer is remembered. */
#ifndef IGNITE_TLV_H
#define IGNITE_TLV_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tlv {
    uint16_t tag;
    uint32_t length;
    const uint8_t *value;
};

struct tlv_reader {
    const uint8_t *at;
    const uint8_t *end;
};

struct tlv_writer {
    uint8_t *buffer;
    size_t capacity;
    size_t length;
    bool overflow;
};

struct tlv_reader tlv_read(const uint8_t *bytes, size_t length);
/* 1: a record; 0: the end; -1: the bytes are no records. */
int tlv_next(struct tlv_reader *reader, struct tlv *record);
/* Whether the bytes are whole records to their end. */
bool tlv_valid(const uint8_t *bytes, size_t length);
/* An unsigned integer of 1, 2, 4 or 8 bytes; 0 for any other length. */
uint64_t tlv_number(const struct tlv *record);
/* A copy with a NUL behind it, or NULL without memory or when the value holds a NUL. */
char *tlv_text(const struct tlv *record);

struct tlv_writer tlv_write(uint8_t *buffer, size_t capacity);
void tlv_put(struct tlv_writer *writer, uint16_t tag, const void *value, size_t length);
void tlv_put_text(struct tlv_writer *writer, uint16_t tag, const char *text);
void tlv_put_u8(struct tlv_writer *writer, uint16_t tag, uint8_t value);
void tlv_put_u32(struct tlv_writer *writer, uint16_t tag, uint32_t value);
void tlv_put_u64(struct tlv_writer *writer, uint16_t tag, uint64_t value);
#endif
