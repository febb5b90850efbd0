#include "when.h"

#include <stdio.h>
#include <time.h>

#define SECOND 1000000000ull

static uint64_t read_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

uint64_t when_now(void) { return read_clock(CLOCK_REALTIME); }

uint64_t when_steady_ms(void) { return read_clock(CLOCK_MONOTONIC) / 1000000u; }

void when_write(uint64_t nanoseconds, char out[WHEN_SIZE]) {
    time_t seconds = (time_t)(nanoseconds / SECOND);
    struct tm day;
    gmtime_r(&seconds, &day);
    /* The remainders keep every field at its width, whatever the clock says. */
    snprintf(out, WHEN_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ", (unsigned)(day.tm_year + 1900) % 10000u,
             (unsigned)(day.tm_mon + 1) % 100u, (unsigned)day.tm_mday % 100u, (unsigned)day.tm_hour % 100u,
             (unsigned)day.tm_min % 100u, (unsigned)day.tm_sec % 100u, (unsigned)(nanoseconds % SECOND));
}
