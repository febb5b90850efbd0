/* Clocks: wall time for people and records, a steady one for delays. */
#ifndef SPAWN_WHEN_H
#define SPAWN_WHEN_H
#include <stddef.h>
#include <stdint.h>

/* Bytes of a written time with its NUL: 2026-11-20T10:00:00.000000000Z */
#define WHEN_SIZE 31

/* Nanoseconds since 1970 UTC. */
uint64_t when_now(void);
/* Milliseconds of a clock that never jumps. */
uint64_t when_steady_ms(void);
/* RFC 3339 in UTC with nine decimals, as the CRI log format wants it. */
void when_write(uint64_t nanoseconds, char out[WHEN_SIZE]);

#endif
