/* CRC32C (Castagnoli), the check of the preamble. */
#ifndef IGNITE_CRC32C_H
#define IGNITE_CRC32C_H
#include <stddef.h>
#include <stdint.h>
uint32_t crc32c(const uint8_t *bytes, size_t length);
#endif
