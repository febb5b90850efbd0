#include "cri.h"

#include <string.h>

static void write_piece(struct cri *cri, unsigned index, bool whole_line) {
    struct cri_stream *stream = &cri->streams[index];
    static const char *const marks[2][2] = {{" stdout P ", " stdout F "}, {" stderr P ", " stderr F "}};
    const char *mark = marks[index][whole_line];
    struct iovec record[4] = {{.iov_base = stream->time, .iov_len = WHEN_SIZE - 1},
                              {.iov_base = (void *)(uintptr_t)mark, .iov_len = strlen(mark)},
                              {.iov_base = stream->piece, .iov_len = stream->length},
                              {.iov_base = "\n", .iov_len = 1}};
    log_record(cri->log, record, 4);
    stream->length = 0;
}

void cri_feed(struct cri *cri, unsigned stream_number, const char *bytes, size_t length, uint64_t time, uint64_t steady_ms) {
    unsigned index = stream_number - 1;
    struct cri_stream *stream = &cri->streams[index];
    char now[WHEN_SIZE];
    when_write(time, now); /* once for all lines of a frame */
    while (length > 0) {
        const char *end = memchr(bytes, '\n', length);
        size_t line = end == NULL ? length : (size_t)(end - bytes);
        size_t room = CRI_PIECE - stream->length;
        size_t take = line < room ? line : room;
        if (stream->length == 0) {
            memcpy(stream->time, now, WHEN_SIZE);
            stream->since_ms = steady_ms;
        }
        memcpy(stream->piece + stream->length, bytes, take);
        stream->length += take;
        bytes += take;
        length -= take;
        if (end != NULL && take == line) {
            write_piece(cri, index, true);
            bytes++;
            length--;
        } else if (stream->length == CRI_PIECE) {
            write_piece(cri, index, false);
        }
    }
}

void cri_tick(struct cri *cri, uint64_t steady_ms, bool end) {
    for (unsigned i = 0; i < 2; i++)
        if (cri->streams[i].length > 0 && (end || steady_ms >= cri->streams[i].since_ms + CRI_PATIENCE_MS))
            write_piece(cri, i, false);
}

int cri_delay(const struct cri *cri, uint64_t steady_ms) {
    int delay = -1;
    for (unsigned i = 0; i < 2; i++) {
        const struct cri_stream *stream = &cri->streams[i];
        if (stream->length == 0) continue;
        uint64_t due = stream->since_ms + CRI_PATIENCE_MS;
        int left = due > steady_ms ? (int)(due - steady_ms) : 0;
        if (delay < 0 || left < delay) delay = left;
    }
    return delay;
}
