/* Unit tests of what ignite-spawn writes: records of the guest, the reader's ring, logs and their rotation, text. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cri.h"
#include "facts.h"
#include "log.h"
#include "ring.h"
#include "test.h"
#include "text.h"
#include "when.h"

/* ---- facts ---- */

static struct facts_frame frame_of(uint8_t type, const void *payload, uint32_t length) {
    return (struct facts_frame){.type = type, .payload = payload, .length = length, .size = length + IGN_LIMIT_HEADER};
}

static void test_facts_frames(void) {
    uint8_t bytes[64] = {0};
    struct facts_frame frame;
    const char *why;
    facts_put_header(bytes, IGN_FRAME_LOG, 10);
    for (size_t length = 0; length < 22; length++) CHECK(facts_next(bytes, length, &frame, &why) == FACTS_MORE);
    CHECK(facts_next(bytes, 22, &frame, &why) == FACTS_FRAME && frame.size == 22 && frame.length == 10);
    facts_put_header(bytes, IGN_FRAME_LOG, IGN_LIMIT_PAYLOAD + 1);
    CHECK(facts_next(bytes, 12, &frame, &why) == FACTS_BAD && why != NULL);
    facts_put_header(bytes, IGN_FRAME_DATA, 0);
    CHECK(facts_next(bytes, 12, &frame, &why) == FACTS_BAD);
    facts_put_header(bytes, 0x90, 0);
    CHECK(facts_next(bytes, 12, &frame, &why) == FACTS_FRAME);
    facts_put_header(bytes, IGN_FRAME_LOG, 0);
    bytes[5] = IGN_FLAG_MORE;
    CHECK(facts_next(bytes, 12, &frame, &why) == FACTS_BAD);
}

static void test_facts_records(void) {
    struct facts_ready ready;
    struct facts_done done;
    struct facts_note note;
    struct facts_frame frame;
    uint8_t intent;
    static const uint8_t good[] = {64, 0, 1, 0, 0, 0, 1, 65, 0, 2, 0, 0, 0, 'u', 'p', 66, 0, 4, 0, 0, 0, 9, 1, 0, 0};
    frame = frame_of(IGN_FRAME_READY, good, sizeof good);
    CHECK(facts_ready(&frame, &ready) && ready.mode == IGN_MODE_APP && ready.stage_count == 1);
    CHECK(ready.stages[0].milliseconds == 265 && memcmp(ready.stages[0].name.bytes, "up", 2) == 0);
    for (uint32_t cut = 8; cut < sizeof good; cut++) {
        frame = frame_of(IGN_FRAME_READY, good, cut);
        CHECK(facts_ready(&frame, &ready) == (cut == 15)); /* 15 bytes are two whole records */
    }
    static const uint8_t signal[] = {41, 0, 4, 0, 0, 0, 9, 0, 0, 0, 42, 0, 1, 0, 0, 0, 1};
    frame = frame_of(IGN_FRAME_DONE, signal, sizeof signal);
    CHECK(facts_done(&frame, &done) && done.has_signal && !done.has_code && done.signal == 9 && done.oom);
    frame = frame_of(IGN_FRAME_DONE, signal + 10, 7);
    CHECK(!facts_done(&frame, &done)); /* neither code nor signal */
    static const uint8_t halt[] = {67, 0, 1, 0, 0, 0, 3}, strange[] = {67, 0, 1, 0, 0, 0, 77};
    frame = frame_of(IGN_FRAME_INTENT, halt, sizeof halt);
    CHECK(facts_intent(&frame, &intent) && intent == IGN_INTENT_HALT);
    frame = frame_of(IGN_FRAME_INTENT, strange, sizeof strange);
    CHECK(facts_intent(&frame, &intent) && intent == IGN_INTENT_UNKNOWN);
    static const uint8_t huge[] = {7, 0, 0xFF, 0xFF, 0xFF, 0xFF, 'x'};
    frame = frame_of(IGN_FRAME_NOTE, huge, sizeof huge);
    CHECK(!facts_note(&frame, &note));
}

/* ---- ring ---- */

static struct ring ring;

static void put_log(uint8_t stream, const char *data, size_t length, bool *put) {
    static uint8_t payload[IGN_LIMIT_PAYLOAD];
    memset(payload, 0, IGN_LIMIT_LOG_HEADER);
    payload[0] = stream;
    memcpy(payload + IGN_LIMIT_LOG_HEADER, data, length);
    struct facts_frame frame = frame_of(IGN_FRAME_LOG, payload, (uint32_t)(IGN_LIMIT_LOG_HEADER + length));
    *put = ring_put(&ring, &frame);
}

static void test_ring_joins(void) {
    struct iovec pieces[2];
    bool put;
    memset(&ring, 0, sizeof ring);
    put_log(1, "ab", 2, &put);
    put_log(1, "cd", 2, &put);
    put_log(2, "ef", 2, &put);
    CHECK(put && ring_pieces(&ring, pieces) == 1 && pieces[0].iov_len == 2 * 21 + 6);
    CHECK(memcmp((char *)pieces[0].iov_base + 21, "abcd", 4) == 0);
    CHECK(ring_sent(&ring, 10) == 0); /* the first frame is begun: nothing joins it any more, and it is not freed */
    CHECK(ring_sent(&ring, 15) == 4);
    ring_sent(&ring, 3);
    ring_rewind(&ring);
    CHECK(ring_pieces(&ring, pieces) == 1 && pieces[0].iov_len == 23);
    CHECK(ring_clear(&ring) == 2 && ring_empty(&ring) && ring.head == 0);
}

static void test_ring_window_fits(void) {
    static const char data[IGN_LIMIT_PAYLOAD] = {0};
    bool put = true;
    uint32_t freed = 0;
    memset(&ring, 0, sizeof ring);
    /* A whole window in the smallest frames of one stream, while the frame at the front is half sent. */
    put_log(1, data, 60000, &put);
    ring_sent(&ring, 1);
    for (uint32_t sent = 60000; sent < IGN_LIMIT_WINDOW && put; sent++) put_log(1, data, 1, &put);
    CHECK(put);
    for (struct iovec pieces[2]; ring_pieces(&ring, pieces) > 0;)
        freed += ring_sent(&ring, pieces[0].iov_len < 777 ? pieces[0].iov_len : 777);
    CHECK(freed == IGN_LIMIT_WINDOW && ring_empty(&ring));
}

/* The worst a guest can do within its window: single bytes of both streams in turn, while nobody reads. */
static void test_ring_grows(void) {
    uint32_t freed = 0;
    bool put = true;
    memset(&ring, 0, sizeof ring);
    put_log(1, "x", 1, &put);
    for (int i = 0; i < 20000; i++) { /* its places are somewhere in the middle when it must grow */
        struct iovec pieces[2];
        put_log((uint8_t)(1 + i % 2), "y", 1, &put);
        if (i < 13000 && ring_pieces(&ring, pieces) > 0) freed += ring_sent(&ring, 22);
    }
    uint32_t all = IGN_LIMIT_WINDOW + freed;
    for (uint32_t i = 20001; i < all && put; i++) {
        char byte = (char)i;
        put_log((uint8_t)(1 + i % 2), &byte, 1, &put);
    }
    CHECK(put && ring.large);
    for (struct iovec pieces[2]; ring_pieces(&ring, pieces) > 0;) {
        size_t part = pieces[0].iov_len < 10007 ? pieces[0].iov_len : 10007;
        freed += ring_sent(&ring, part);
    }
    CHECK(ring_empty(&ring) && !ring.large && freed == all);
    put_log(1, "again", 5, &put);
    CHECK(put && memcmp(ring.data + 21, "again", 5) == 0);
    ring_clear(&ring);
}

static void test_ring_wraps(void) {
    static char data[5000];
    uint64_t in = 0, out = 0;
    bool put;
    memset(&ring, 0, sizeof ring);
    put_log(2, data, 100, &put); /* never wholly sent below: the ring is never empty and goes round */
    for (int round = 0; round < 2000; round++) {
        struct iovec pieces[2];
        put_log((uint8_t)(1 + round % 2), data, 5000, &put);
        if (put) in += 5000;
        if (ring_pieces(&ring, pieces) > 0 && (!put || round % 3 == 0)) out += ring_sent(&ring, pieces[0].iov_len);
    }
    CHECK(in > RING_SIZE);
    out += ring_clear(&ring);
    CHECK(out == in + 100);
}

/* ---- logs ---- */

static char folder[] = "/tmp/spawn-test-XXXXXX";
static struct log log_file;
static struct cri cri;

static size_t read_back(const char *name, char *out, size_t size) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY);
    ssize_t count = fd < 0 ? 0 : read(fd, out, size - 1);
    if (fd >= 0) close(fd);
    out[count] = '\0';
    return (size_t)count;
}

static void remove_file(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static void test_cri(void) {
    static char long_line[20000], out[65536];
    memset(long_line, 'x', sizeof long_line);
    log_begin(&log_file, folder, "app.log", NULL, 1 << 20, 3);
    cri.log = &log_file;
    cri_feed(&cri, 1, "one\ntw", 6, 1, 0);
    cri_feed(&cri, 2, "err\n", 4, 2000000000, 0);
    cri_feed(&cri, 1, "o\n\n", 3, 3, 0);
    cri_feed(&cri, 1, "prompt", 6, 4, 100);
    CHECK(cri_delay(&cri, 100) == CRI_PATIENCE_MS && cri_delay(&cri, 100 + CRI_PATIENCE_MS) == 0);
    cri_tick(&cri, 100 + CRI_PATIENCE_MS - 1, false);
    CHECK(cri.streams[0].length == 6);
    cri_tick(&cri, 100 + CRI_PATIENCE_MS, false);
    CHECK(cri_delay(&cri, 0) == -1);
    log_end(&log_file);
    read_back("app.log", out, sizeof out);
    CHECK(strcmp(out, "1970-01-01T00:00:00.000000001Z stdout F one\n"
                      "1970-01-01T00:00:02.000000000Z stderr F err\n"
                      "1970-01-01T00:00:00.000000001Z stdout F two\n"
                      "1970-01-01T00:00:00.000000003Z stdout F \n"
                      "1970-01-01T00:00:00.000000004Z stdout P prompt\n") == 0);
    remove_file("app.log");
    log_begin(&log_file, folder, "app.log", NULL, 1 << 20, 3);
    cri_feed(&cri, 2, long_line, sizeof long_line, 5, 0);
    cri_feed(&cri, 2, "\n", 1, 5, 0);
    log_end(&log_file);
    size_t length = read_back("app.log", out, sizeof out);
    CHECK(length == sizeof long_line + 2 * (40 + 1));
    CHECK(out[38] == 'P' && out[40 + CRI_PIECE + 1 + 38] == 'F');
    remove_file("app.log");
}

static void test_rotation(void) {
    static char out[65536], bytes[1000];
    struct stat facts;
    char path[128];
    memset(bytes, 'r', sizeof bytes);
    log_begin(&log_file, folder, "c.log", "c.idx", 4096, 3);
    for (int i = 0; i < 20; i++) log_bytes(&log_file, bytes, sizeof bytes, (uint64_t)i * 400 + 5000);
    log_end(&log_file);
    CHECK(read_back("c.log", out, sizeof out) == 4000 && read_back("c.log.1", out, sizeof out) == 4000);
    CHECK(read_back("c.log.2", out, sizeof out) == 4000);
    snprintf(path, sizeof path, "%s/c.log.3", folder);
    CHECK(stat(path, &facts) != 0);
    /* Entries are a second apart, and the first byte of each file has one. */
    size_t length = read_back("c.idx", out, sizeof out);
    CHECK(length == 32 && out[8] == 0 && out[24] != 0);
    /* A second boot goes on in the same file. */
    log_begin(&log_file, folder, "c.log", "c.idx", 4096, 3);
    log_bytes(&log_file, "more", 4, 1);
    log_end(&log_file);
    CHECK(read_back("c.log", out, sizeof out) == 4004 && strcmp(out + 4000, "more") == 0);
    const char *names[] = {"c.log", "c.log.1", "c.log.2", "c.idx", "c.idx.1", "c.idx.2"};
    for (size_t i = 0; i < 6; i++) remove_file(names[i]);
}

static void test_full_disk(void) {
    log_begin(&log_file, "/dev", "full", NULL, 1 << 20, 3); /* every write answers ENOSPC */
    log_bytes(&log_file, "lost", 4, 1);
    log_flush(&log_file);
    CHECK(log_take_error(&log_file) != 0 && log_file.dropped == 4);
    log_bytes(&log_file, "lost", 4, 1);
    log_flush(&log_file);
    CHECK(log_take_error(&log_file) == 0); /* reported once */
    log_end(&log_file);
}

static void test_text(void) {
    char out[128];
    struct text text;
    text_begin(&text, out, sizeof out);
    text_add_json(&text, "a\"\\\n\x7F\xC3\xA9\xFF\xED\xA0\x80\xF0\x9F\x98\x80\xC3", 16);
    CHECK(strcmp(out, "\"a\\\"\\\\\\u000a\\u007f\xC3\xA9\\ufffd\\ufffd\\ufffd\\ufffd\xF0\x9F\x98\x80\\ufffd\"") == 0);
    text_begin(&text, out, 4);
    text_add(&text, "%s", "too long");
    CHECK(text.full && strcmp(out, "too") == 0);
}

void test_output(void) {
    CHECK(mkdtemp(folder) != NULL);
    test_facts_frames();
    test_facts_records();
    test_ring_joins();
    test_ring_window_fits();
    test_ring_grows();
    test_ring_wraps();
    test_cri();
    test_rotation();
    test_full_disk();
    test_text();
    rmdir(folder);
}
