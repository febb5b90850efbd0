/* Content with runs of zeros, written so that these are holes of the file. */
#ifndef IGNITE_HOLES_H
#define IGNITE_HOLES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes at the file's position, a multiple of a block, and moves past what is zero; false with errno. What was there
 * before must be nothing. holes_end gives the file its size after the last piece. */
bool holes_write(int fd, const uint8_t *bytes, size_t length);
bool holes_end(int fd, uint64_t size);
#endif
