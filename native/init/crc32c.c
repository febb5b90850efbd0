/* CRC32C bit by bit: 28 bytes a session need no table (RFC 3720, section 12.1). */
#include "crc32c.h"

uint32_t crc32c(const uint8_t *bytes, size_t length) {
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
    }
    return ~crc;
}
