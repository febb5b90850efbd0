/* What a VMM's metrics add up to. Firecracker writes a line of JSON each time that it is asked to and once a minute, and in
 * it what was counted since the line before (its docs/metrics.md): somebody must add that up, daemon or not. Pure, and of
 * fixed size whatever a VMM writes. */
#ifndef SPAWN_COUNTERS_H
#define SPAWN_COUNTERS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

enum counter {
    COUNTER_DISK_READ,
    COUNTER_DISK_WRITTEN,
    COUNTER_DISK_THROTTLED,
    COUNTER_NET_THROTTLED,
    COUNTER_EXITS,
    COUNTERS
};

/* Longer than any name that is looked for. */
#define COUNTERS_WORD 32

struct counters {
    uint64_t lines; /* whole ones that were added */
    uint64_t totals[COUNTERS];
    /* of the line that is being read */
    uint64_t pending[COUNTERS];
    unsigned depth;
    bool begun, quoted, escaped, spoilt; /* spoilt: no such line is written, it is passed over */
    size_t length; /* of `word`; COUNTERS_WORD: it was too long to be one of ours */
    char word[COUNTERS_WORD];
    char group[COUNTERS_WORD], key[COUNTERS_WORD];
    bool has_digits, no_count; /* of the value that is being read */
    uint64_t value;
};

/* Adds what has come. Half a line is kept until the rest comes. */
void counters_take(struct counters *counters, const char *bytes, size_t length);
/* All totals as one line of JSON. */
void counters_write(const struct counters *counters, struct text *text);

#endif
