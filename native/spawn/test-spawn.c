/* Unit tests of the parts of ignite-spawn that need no process: parsing, formatting, rotation, the reader's ring. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cri.h"
#include "facts.h"
#include "launch.h"
#include "log.h"
#include "net_filter.h"
#include "ring.h"
#include "text.h"
#include "when.h"

static int failures;

#define CHECK(fact)                                                                                                    \
    do {                                                                                                               \
        if (fact) break;                                                                                               \
        fprintf(stderr, "%s:%d: %s\n", __func__, __LINE__, #fact);                                                     \
        failures++;                                                                                                    \
    } while (0)

/* ---- launch ---- */

static const char WHOLE[] = "version=1\0slot=3\0vm=abc\0run=/r\0exit=/v/exit.json\0logs=/l\0log-max=10485760\0log-files=3\0"
                            "token=00112233445566778899aabbccddeeff\0wait-reader=1\0";

static const char *parse_with(const char *more, size_t length, struct launch *out) {
    static char bytes[8192];
    memcpy(bytes, WHOLE, sizeof WHOLE - 1);
    memcpy(bytes + sizeof WHOLE - 1, more, length);
    return launch_parse(bytes, sizeof WHOLE - 1 + length, out);
}
#define PARSE(more, out) parse_with(more, sizeof(more), out)

static void test_launch_whole(void) {
    static struct launch launch;
    CHECK(PARSE("uid=5\0gid=6\0netns=/n\0cgroup=/a\0cgroup=/b\0env=A=b=c\0fd=3:console\0fd=9:tap:ign0\0root=/j\0"
                "bind=ro:/s:/t/u\0bind=rw:/s2:/t2\0arg=/bin/vmm\0arg=",
                &launch) == NULL);
    CHECK(launch.slot == 3 && launch.wait_reader && launch.token[15] == 0xFF && launch.uid == 5 && launch.gid == 6);
    CHECK(launch.cgroup_count == 2 && strcmp(launch.cgroups[1], "/b") == 0);
    CHECK(launch.fd_count == 2 && launch.fds[1].number == 9 && strcmp(launch.fds[1].tap, "ign0") == 0);
    CHECK(launch.bind_count == 2 && !launch.binds[0].writable && launch.binds[1].writable);
    CHECK(strcmp(launch.binds[0].target, "/t/u") == 0 && strcmp(launch.env[0], "A=b=c") == 0);
    CHECK(launch.arg_count == 2 && launch.args[1][0] == '\0' && launch.args[2] == NULL);
}

static void test_launch_net(void) {
    static struct launch launch;
    CHECK(PARSE("fd=7:net\0net=/bin/p\0net=-q\0net-from=02:00:00:00:00:0a,10.0.2.15\0net-dns=10.0.2.3\0"
                "net-deny=127.0.0.0/8\0net-deny=0.0.0.0/8\0arg=/x",
                &launch) == NULL);
    CHECK(launch.net_count == 2 && launch.net[2] == NULL && launch.fds[0].kind == CHANNEL_NET);
    CHECK(launch.net_rules.mac[5] == 10 && launch.net_rules.address == 0x0A00020F && launch.net_rules.dns == 0x0A000203);
    CHECK(launch.net_rules.deny_count == 2 && launch.net_rules.deny[0].base == 0x7F000000);
    CHECK(PARSE("fd=7:net\0arg=/x", &launch) != NULL);
    CHECK(PARSE("net=/bin/p\0net-from=02:00:00:00:00:0a,10.0.2.15\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:net\0net=/bin/p\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:net\0net=p\0net-from=02:00:00:00:00:0a,10.0.2.15\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:net\0net=/bin/p\0net-from=02:00:00:00:00,10.0.2.15\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:net\0net=/bin/p\0net-from=02:00:00:00:00:0a,10.0.2.256\0arg=/x", &launch) != NULL);
    CHECK(PARSE("net-deny=127.0.0.0/33\0arg=/x", &launch) != NULL);
    CHECK(PARSE("net-deny=127.0.0/8\0arg=/x", &launch) != NULL);
    CHECK(PARSE("net-dns=::1\0arg=/x", &launch) != NULL);
}

/* ---- frames of a user network ---- */

#define GUEST "\2\0\0\0\0\1"
#define TO_GATEWAY "RU\n\0\2\2"
#define FRAME(type, packet) TO_GATEWAY GUEST type packet
#define IPV4(protocol, from, to) "\x45\0\0\x1c\0\0\0\0\x40" protocol "\0\0" from to
#define ME "\n\0\2\x0f"
#define PORTS(to) "\x30\x39" to "\0\x08\0\0"
#define ARP(mac, from) "\0\1\x08\0\6\4\0\1" mac from "\0\0\0\0\0\0\n\0\2\2"

static struct net_flows flows;

static bool passes_at(uint64_t now_s, const char *arrived, size_t arrived_length, const char *frame, size_t length) {
    static struct net_rules rules;
    memset(&rules, 0, sizeof rules);
    CHECK(net_parse_source("02:00:00:00:00:01,10.0.2.15", &rules) && net_parse_address("10.0.2.3", &rules.dns));
    static const char *const denied[] = {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "10.0.2.0/24", "192.0.2.7/32"};
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++) CHECK(net_parse_range(denied[i], &rules.deny[rules.deny_count++]));
    if (arrived != NULL) net_frame_arrives(&rules, &flows, 1000, (const uint8_t *)arrived, arrived_length);
    return net_frame_passes(&rules, &flows, now_s, (const uint8_t *)frame, length);
}
#define PASSES(frame) passes_at(1000, NULL, 0, frame, sizeof(frame) - 1)
#define ANSWERS(arrived, now_s, frame) passes_at(now_s, arrived, sizeof(arrived) - 1, frame, sizeof(frame) - 1)

static void test_frames(void) {
    CHECK(PASSES(FRAME("\x08\0", IPV4("\6", ME, "\x08\x08\x08\x08") PORTS("\0\x50"))));
    CHECK(PASSES(FRAME("\x08\0", IPV4("\x11", ME, "\n\0\2\3") PORTS("\0\x35"))));
    CHECK(PASSES(FRAME("\x08\6", ARP(GUEST, ME))));
    CHECK(PASSES(FRAME("\x08\6", ARP(GUEST, "\0\0\0\0"))));
    /* the host: loopback by each of its names, its gateway, its own address; link-local */
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, "\x7f\0\0\1") PORTS("\0\x50"))));
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\x11", ME, "\x7f\0\0\x35") PORTS("\0\x35"))));
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, "\0\0\0\0") PORTS("\0\x50"))));
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, "\n\0\2\2") PORTS("\0\x50"))));
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, "\xc0\0\2\7") PORTS("\0\x50"))));
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, "\xa9\xfe\xa9\xfe") PORTS("\0\x50"))));
    /* DNS by anything but UDP to port 53, and a fragment that hides its port */
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, "\n\0\2\3") PORTS("\0\x35"))));
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\x11", ME, "\n\0\2\3") PORTS("\0\x36"))));
    CHECK(!PASSES(FRAME("\x08\0", "\x45\0\0\x1c\0\0\0\1\x40\x11\0\0" ME "\n\0\2\3" PORTS("\0\x35"))));
    /* another sender, IPv6, a tag, too short */
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", "\n\0\2\x10", "\x08\x08\x08\x08") PORTS("\0\x50"))));
    CHECK(!PASSES(FRAME("\x08\6", ARP("\2\0\0\0\0\2", ME))));
    CHECK(!PASSES(FRAME("\x08\6", ARP(GUEST, "\n\0\2\x10"))));
    CHECK(!PASSES(TO_GATEWAY "\2\0\0\0\0\2" "\x08\0" IPV4("\6", ME, "\x08\x08\x08\x08")));
    CHECK(!PASSES(FRAME("\x86\xdd", IPV4("\6", ME, "\x08\x08\x08\x08"))));
    CHECK(!PASSES(FRAME("\x81\0", IPV4("\6", ME, "\x08\x08\x08\x08"))));
    CHECK(!PASSES(FRAME("\x08\0", "\x45\0\0\x1c")));
    CHECK(!PASSES(FRAME("\x08\0", "\x4f\0\0\x1c\0\0\0\0\x40\6\0\0" ME "\x08\x08\x08\x08")));
    CHECK(!PASSES(TO_GATEWAY GUEST));
}

#define TCP(from, to, flags) from to "\0\0\0\0\0\0\0\0\x50" flags "\0\0\0\0\0\0"
#define UDP(from, to) from to "\0\x08\0\0"
#define GATEWAY "\n\0\2\2"
#define CLIENT "\x9c\x40"

/* A client on the host, behind a denied address, is answered; nothing else begins with that. */
static void test_answers(void) {
    memset(&flows, 0, sizeof flows);
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, GATEWAY) TCP("\0\x50", CLIENT, "\x12"))));
    CHECK(ANSWERS(FRAME("\x08\0", IPV4("\6", GATEWAY, ME) TCP(CLIENT, "\0\x50", "\x02")), 1000,
                  FRAME("\x08\0", IPV4("\6", ME, GATEWAY) TCP("\0\x50", CLIENT, "\x12"))));
    CHECK(PASSES(FRAME("\x08\0", IPV4("\6", ME, GATEWAY) TCP("\0\x50", CLIENT, "\x10"))));
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, GATEWAY) TCP("\0\x50", CLIENT, "\x02"))));  /* a new connection */
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\6", ME, GATEWAY) TCP("\0\x50", "\x9c\x41", "\x12")))); /* another port */
    CHECK(!PASSES(FRAME("\x08\0", IPV4("\x11", ME, GATEWAY) UDP("\0\x50", CLIENT))));
    CHECK(ANSWERS(FRAME("\x08\0", IPV4("\x11", GATEWAY, ME) UDP(CLIENT, "\0\x50")), 1240,
                  FRAME("\x08\0", IPV4("\x11", ME, GATEWAY) UDP("\0\x50", CLIENT))));
    CHECK(!ANSWERS(FRAME("\x08\0", IPV4("\x11", GATEWAY, ME) UDP(CLIENT, "\0\x50")), 1241,
                   FRAME("\x08\0", IPV4("\x11", ME, GATEWAY) UDP("\0\x50", CLIENT))));
    /* many clients: the newest are known */
    for (unsigned port = 1024; port < 9000; port++) {
        char arrived[] = FRAME("\x08\0", IPV4("\6", GATEWAY, ME) TCP(CLIENT, "\0\x50", "\x02"));
        char answer[] = FRAME("\x08\0", IPV4("\6", ME, GATEWAY) TCP("\0\x50", CLIENT, "\x12"));
        arrived[34] = answer[36] = (char)(port >> 8);
        arrived[35] = answer[37] = (char)port;
        CHECK(passes_at(1000, arrived, sizeof arrived - 1, answer, sizeof answer - 1));
    }
}

static void test_launch_refused(void) {
    static struct launch launch;
    char nothing[1] = "", unended[] = {'v', '=', '1'}, late[] = "slot=1\0version=1";
    CHECK(launch_parse(nothing, 0, &launch) != NULL);
    CHECK(launch_parse(unended, sizeof unended, &launch) != NULL);
    CHECK(launch_parse(late, sizeof late, &launch) != NULL);
    CHECK(PARSE("slot=4\0arg=/x", &launch) != NULL);
    CHECK(PARSE("colour=red\0arg=/x", &launch) != NULL);
    CHECK(PARSE("novalue\0arg=/x", &launch) != NULL);
    CHECK(PARSE("uid=5\0arg=/x", &launch) != NULL);
    CHECK(PARSE("uid=-1\0gid=0\0arg=/x", &launch) != NULL);
    CHECK(PARSE("uid=4294967295\0gid=0\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=2:console\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=64:console\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=3:console\0fd=4:console\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=3:console\0fd=3:link\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=3:tap:sixteen-bytes-xx\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=3:tap:\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=3:printer\0arg=/x", &launch) != NULL);
    CHECK(PARSE("bind=ro:/a:/b\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0bind=ro:/a:/b/../c\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0bind=ro:/a:/..\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0bind=ro:/a:/\0arg=/x", &launch) != NULL);
    CHECK(PARSE("env=novalue\0arg=/x", &launch) != NULL);
    CHECK(PARSE("arg=relative", &launch) != NULL);
    CHECK(PARSE("netns=/n", &launch) != NULL); /* no program */
}

static void test_launch_missing(void) {
    static struct launch launch;
    char bytes[sizeof WHOLE + 16];
    /* Without any one of the ten required records it is refused. */
    for (size_t skip = 0; skip < 10; skip++) {
        size_t at = 0, length = 0;
        for (size_t record = 0; record < 10; record++) {
            size_t size = strlen(WHOLE + at) + 1;
            if (record != skip) memcpy(bytes + length, WHOLE + at, size), length += size;
            at += size;
        }
        memcpy(bytes + length, "arg=/x", 7);
        CHECK(launch_parse(bytes, length + 7, &launch) != NULL);
    }
}

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
    CHECK(log_take_error(&log_file) == 0); /* told once */
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

int main(void) {
    if (mkdtemp(folder) == NULL) return 1;
    test_launch_whole();
    test_launch_net();
    test_frames();
    test_answers();
    test_launch_refused();
    test_launch_missing();
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
    printf(failures == 0 ? "spawn: all tests passed\n" : "spawn: %d checks failed\n", failures);
    return failures != 0;
}
