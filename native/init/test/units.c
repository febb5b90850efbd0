/* Unit tests of the pure parts of ignite-init. Prints the first failure and exits 1. */
#include "../app.h"
#include "../bytes.h"
#include "../config.h"
#include "../environment.h"
#include "../frames.h"
#include "../preamble.h"
#include "../request.h"
#include "../route.h"
#include "../stream.h"
#include "../tar.h"
#include "../tlv.h"
#include "../users.h"
#include <arpa/inet.h>
#include <ignite_protocol.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(what)                                                          \
    do {                                                                     \
        if (!(what)) {                                                       \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
            exit(1);                                                         \
        }                                                                    \
    } while (0)

static void test_tlv(void) {
    uint8_t bytes[64];
    struct tlv_writer writer = tlv_write(bytes, sizeof bytes);
    struct tlv record;
    tlv_put_text(&writer, 7, "text");
    tlv_put_u64(&writer, 8, 0x1122334455667788u);
    struct tlv_reader reader = tlv_read(bytes, writer.length);
    CHECK(tlv_next(&reader, &record) == 1 && record.tag == 7 && record.length == 4);
    CHECK(tlv_next(&reader, &record) == 1 && tlv_number(&record) == 0x1122334455667788u);
    CHECK(tlv_next(&reader, &record) == 0);
    for (size_t cut = 1; cut < writer.length; cut++)
        CHECK(tlv_valid(bytes, cut) == (cut == 10)); /* 10: exactly the first record */
    while (!writer.overflow)
        tlv_put_u32(&writer, 1, 1);
    CHECK(writer.length <= sizeof bytes);
}

static void test_preamble(void) {
    uint8_t session[16] = "0123456789abcdef", preamble[32], bytes[200];
    preamble_write(preamble, session);
    for (size_t stale = 0; stale < 40; stale++) {
        for (size_t step = 1; step < 70; step++) {
            struct preamble_matcher matcher = {0};
            memset(bytes, 0xff, sizeof bytes);
            memcpy(bytes + stale / 2, preamble, stale / 2); /* half an old one */
            memcpy(bytes + stale, preamble, sizeof preamble);
            size_t found = 0;
            for (size_t at = 0; at < sizeof bytes && found == 0; at += step) {
                size_t length = sizeof bytes - at < step ? sizeof bytes - at : step;
                size_t end = preamble_scan(&matcher, bytes + at, length);
                found = end == 0 ? 0 : at + end;
            }
            CHECK(found == stale + sizeof preamble);
            CHECK(memcmp(matcher.held + 8, session, sizeof session) == 0);
        }
    }
    struct preamble_matcher matcher = {0};
    preamble[30] ^= 1;
    CHECK(preamble_scan(&matcher, preamble, sizeof preamble) == 0);
}

static void test_frames(void) {
    static struct frame_buffer buffer;
    struct frame frame;
    size_t room;
    uint8_t header[IGN_LIMIT_HEADER];
    frames_header(header, IGN_FRAME_DATA, 9, 3);
    for (size_t i = 0; i < sizeof header; i++) {
        CHECK(frames_next(&buffer, &frame) == FRAME_NONE);
        *frames_space(&buffer, &room) = header[i];
        frames_added(&buffer, 1);
    }
    memcpy(frames_space(&buffer, &room), "abc", 3);
    frames_added(&buffer, 3);
    CHECK(frames_next(&buffer, &frame) == FRAME_READY);
    CHECK(frame.stream == 9 && frame.length == 3 && memcmp(frame.payload, "abc", 3) == 0);
    frames_header(header, IGN_FRAME_DATA, 9, IGN_LIMIT_PAYLOAD + 1);
    memcpy(frames_space(&buffer, &room), header, sizeof header);
    frames_added(&buffer, sizeof header);
    CHECK(frames_next(&buffer, &frame) == FRAME_VIOLATION);
}

static void test_credit(void) {
    static struct link link;
    struct stream stream = {.used = true, .in = -1, .in_window = IGN_LIMIT_WINDOW, .out_credit = 100};
    static uint8_t bytes[65535];
    size_t total = 0;
    /* Nobody reads: what comes is dropped and its credit goes back, so the window never runs out. */
    for (; total < 10 * IGN_LIMIT_WINDOW; total += sizeof bytes) {
        CHECK(stream_data(&stream, IGN_CHANNEL_IN, bytes, sizeof bytes, &link));
        link_drop(&link);
    }
    stream.in = 1000; /* somebody who never reads: the window is the limit */
    size_t taken = 0;
    while (stream_data(&stream, IGN_CHANNEL_IN, bytes, sizeof bytes, &link))
        taken += sizeof bytes;
    CHECK(taken <= IGN_LIMIT_WINDOW && taken >= IGN_LIMIT_WINDOW / 2);
    free(stream.held);
    CHECK(!stream_credit(&stream, IGN_CHANNEL_OUT, IGN_LIMIT_WINDOW));
    CHECK(!stream_credit(&stream, IGN_CHANNEL_IN, 1) && !stream_credit(&stream, 7, 1));
    CHECK(stream_credit(&stream, IGN_CHANNEL_OUT, 5) && stream.out_credit == 105);
    CHECK(!stream_eof(&stream, IGN_CHANNEL_OUT));
}

static void test_users(void) {
    const char *passwd = "root:x:0:0:r:/root:/bin/sh\nbroken\nalice:x:1000:1001::/home/alice:/bin/sh\n";
    const char *group = "root:x:0:\nwheel:x:10:bob,alice\nalice:x:1001:\naudio:x:29:alice\nnear:x:30:alice2\n";
    struct user user;
    CHECK(users_resolve("alice", passwd, group, &user));
    CHECK(user.uid == 1000 && user.gid == 1001 && user.group_count == 2 && user.groups[0] == 10);
    CHECK(strcmp(user.home, "/home/alice") == 0);
    CHECK(users_resolve("1000", passwd, group, &user) && user.gid == 1001 && user.group_count == 2);
    CHECK(users_resolve("alice:audio", passwd, group, &user) && user.gid == 29 && user.group_count == 0);
    CHECK(users_resolve("4711:12", passwd, group, &user) && user.uid == 4711 && user.gid == 12);
    CHECK(strcmp(user.home, "/") == 0);
    CHECK(users_resolve("", passwd, group, &user) && user.uid == 0 && strcmp(user.home, "/root") == 0);
    CHECK(users_resolve(NULL, NULL, NULL, &user) && user.uid == 0);
    CHECK(!users_resolve("bob", passwd, group, &user) && !users_resolve("alice:nope", passwd, group, &user));
    CHECK(!users_resolve("root", NULL, NULL, &user));
    CHECK(!users_resolve("4294967295", NULL, NULL, &user)); /* -1 means "leave it" to setuid */
}

static void test_environment(void) {
    struct texts env = {0};
    environment_set(&env, "A=1");
    environment_set(&env, "AB=2");
    environment_set(&env, "A=3");
    environment_default(&env, "A", "4");
    environment_default(&env, "PATH", "/bin");
    CHECK(env.count == 3 && strcmp(environment_get(&env, "A"), "3") == 0);
    CHECK(strcmp(environment_get(&env, "PATH"), "/bin") == 0 && environment_get(&env, "B") == NULL);
    texts_free(&env);
}

static void test_tar_header(const char *path, const char *target, uint64_t size, uint32_t uid) {
    static struct tar_entry entry, back;
    static struct tar_extended extended;
    static uint8_t blocks[TAR_HEADER_ROOM];
    entry = (struct tar_entry){.type = target == NULL ? '0' : '2', .size = size, .uid = uid, .mode = 04755, .mtime = 1};
    snprintf(entry.path, sizeof entry.path, "%s", path);
    snprintf(entry.link, sizeof entry.link, "%s", target == NULL ? "" : target);
    size_t length = tar_encode(&entry, blocks), at = 0;
    CHECK(length % TAR_BLOCK == 0 && length <= sizeof blocks);
    CHECK(tar_decode(blocks, &back) == 1);
    if (back.type == 'x') {
        CHECK(tar_take_extended(&extended, 'x', blocks + TAR_BLOCK, back.size));
        at = TAR_BLOCK + tar_padded(back.size);
        CHECK(tar_decode(blocks + at, &back) == 1);
    }
    tar_apply_extended(&extended, &back);
    CHECK(at + TAR_BLOCK == length);
    CHECK(strcmp(back.path, path) == 0 && strcmp(back.link, entry.link) == 0);
    CHECK(back.size == size && back.uid == uid && back.mode == 04755 && back.mtime == 1);
}

static void test_tar(void) {
    char name[301] = "";
    uint8_t block[TAR_BLOCK] = {0};
    struct tar_entry entry;
    memset(name, 'n', 300);
    test_tar_header("short", NULL, 0, 0);
    test_tar_header(name, NULL, 12, 7);
    test_tar_header("link", name, 0, 7);
    test_tar_header("huge", NULL, 1ull << 40, 3000000);
    for (size_t length = 95; length < 115; length++) {
        name[length] = 0;
        test_tar_header(name, NULL, 1, 1);
        name[length] = 'n';
    }
    CHECK(tar_decode(block, &entry) == 0);
    block[0] = 1;
    CHECK(tar_decode(block, &entry) == -1);
    struct tar_extended extended = {0};
    CHECK(!tar_take_extended(&extended, 'x', (const uint8_t *)"99 path=a\n", 10));
    CHECK(!tar_take_extended(&extended, 'x', (const uint8_t *)"10 path=ab", 10));
}

static void test_components(void) {
    char component[256];
    const char *path = "/a//./b/";
    CHECK(tar_component(&path, component) == 1 && strcmp(component, "a") == 0);
    CHECK(tar_component(&path, component) == 1 && strcmp(component, "b") == 0);
    CHECK(tar_component(&path, component) == 0);
    path = "../x";
    CHECK(tar_component(&path, component) == -1);
    path = "..x";
    CHECK(tar_component(&path, component) == 1);
}

static void test_config(void) {
    uint8_t app[128], bytes[512];
    struct config config;
    struct tlv_writer inner = tlv_write(app, sizeof app), writer = tlv_write(bytes, sizeof bytes);
    tlv_put_text(&inner, IGN_APP_ARG, "echo");
    tlv_put_text(&inner, IGN_APP_ARG, "");
    tlv_put_text(&inner, IGN_APP_USER, "alice");
    tlv_put_u32(&writer, IGN_CONFIG_VERSION, IGN_VERSION_CONFIG);
    tlv_put_u8(&writer, IGN_CONFIG_MODE, IGN_MODE_APP);
    tlv_put_text(&writer, 9999, "from the future");
    tlv_put(&writer, IGN_CONFIG_APP, app, inner.length);
    CHECK(config_parse(&config, bytes, writer.length) == NULL);
    CHECK(config.app.argv.count == 2 && strcmp(config.app.user, "alice") == 0 && config.modules_drive == NO_DRIVE);
    config_free(&config);
    for (size_t cut = 0; cut < writer.length; cut++) {
        CHECK(config_parse(&config, bytes, cut) != NULL);
        config_free(&config);
    }
}

static void test_request(void) {
    uint8_t bytes[128];
    struct request request;
    struct tlv_writer writer = tlv_write(bytes, sizeof bytes);
    tlv_put_u8(&writer, IGN_TAG_KIND, IGN_OPEN_KIND_EXEC);
    CHECK(!request_parse(&request, bytes, writer.length)); /* no argv */
    request_free(&request);
    tlv_put_text(&writer, IGN_TAG_ARG, "true");
    CHECK(request_parse(&request, bytes, writer.length) && request.argv.count == 1);
    request_free(&request);
    tlv_put(&writer, IGN_TAG_ARG, "a\0b", 3);
    CHECK(!request_parse(&request, bytes, writer.length));
    request_free(&request);
}

static void test_routes(void) {
    struct route route;
    CHECK(route_parse("10.1.0.0/16 10.0.0.1", &route) && route.prefix == 16 && route.has_via);
    CHECK(route.via.s_addr == htonl(0x0a000001) && route_mask(route.prefix).s_addr == htonl(0xffff0000));
    CHECK(route_parse("10.1.1.1/32", &route) && !route.has_via && route_mask(32).s_addr == UINT32_MAX);
    CHECK(route_parse("0.0.0.0/0 10.0.0.1", &route) && route_mask(route.prefix).s_addr == 0);
    const char *none[] = {"", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/8 x.1", "fe80::/64", "10.0.0.0/8 10.0.0.256", "a/8"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK(!route_parse(none[i], &route));
}

/* Wait statuses: a signal's number, or a code in the second byte. */
static void test_reboot(void) {
    uint8_t intent = 0;
    CHECK(app_called_reboot(SIGHUP, &intent) && intent == IGN_INTENT_REBOOT);
    CHECK(app_called_reboot(SIGINT, &intent) && intent == IGN_INTENT_POWEROFF);
    CHECK(!app_called_reboot(SIGKILL, &intent) && !app_called_reboot(0, &intent) && !app_called_reboot(1 << 8, &intent));
}

int main(void) {
    test_reboot();
    test_routes();
    test_tlv();
    test_preamble();
    test_frames();
    test_credit();
    test_users();
    test_environment();
    test_tar();
    test_components();
    test_config();
    test_request();
    puts("ignite-init: all unit tests passed");
    return 0;
}
