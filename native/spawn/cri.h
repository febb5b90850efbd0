/* app.log in the CRI log format of Kubernetes: `TIME stdout|stderr F|P CONTENT`, P where a line goes on. */
#ifndef SPAWN_CRI_H
#define SPAWN_CRI_H
#include <stdbool.h>

#include "log.h"
#include "when.h"

/* Content of one record at most. */
#define CRI_PIECE 16384
/* A line that is not ended is written after so long. */
#define CRI_PATIENCE_MS 250

struct cri_stream {
    char time[WHEN_SIZE]; /* of the first byte that waits, as it is written */
    uint64_t since_ms; /* the same on the steady clock */
    size_t length;
    char piece[CRI_PIECE];
};

struct cri {
    struct log *log;
    struct cri_stream streams[2]; /* stdout, stderr */
};

/* Takes bytes of stream 1 or 2 as they arrived at `time` (ns) and `steady_ms`. */
void cri_feed(struct cri *cri, unsigned stream, const char *bytes, size_t length, uint64_t time, uint64_t steady_ms);
/* Writes pieces that waited long enough; all of them when `end`. */
void cri_tick(struct cri *cri, uint64_t steady_ms, bool end);
/* Milliseconds until cri_tick has something to do; -1 for never. */
int cri_delay(const struct cri *cri, uint64_t steady_ms);

#endif
