/* Unit tests of the input of ignite-spawn, from its launch file and from a guest: no process is needed. */
#include <stdlib.h>
#include <string.h>

#include "launch.h"
#include "net_filter.h"
#include "test.h"

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
    CHECK(PARSE("uid=5\0gid=6\0netns=/n\0cgroup=/a\0cgroup=/b\0env=A=b=c\0fd=3:console\0fd=9:tap:ign0@/run/netns/x\0root=/j\0"
                "bind=ro:/s:/t/u\0bind=rw:/s2:/t2\0arg=/bin/vmm\0arg=",
                &launch) == NULL);
    CHECK(launch.slot == 3 && launch.wait_reader && launch.token[15] == 0xFF && launch.uid == 5 && launch.gid == 6);
    CHECK(launch.cgroup_count == 2 && strcmp(launch.cgroups[1], "/b") == 0);
    CHECK(launch.fd_count == 2 && launch.fds[1].number == 9 && strcmp(launch.fds[1].tap, "ign0") == 0 &&
          strcmp(launch.fds[1].tap_netns, "/run/netns/x") == 0);
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
    CHECK(PARSE("fd=7:share:ro:/run/s0:/a:b\0fd=8:share:rw:/run/s1:/c\0share=/bin/v\0share=--fd=3\0arg=/x", &launch) == NULL);
    CHECK(launch.share_count == 2 && !launch.fds[0].share.writable && launch.fds[1].share.writable);
    CHECK(strcmp(launch.fds[0].share.source, "/a:b") == 0 && strcmp(launch.fds[0].share.target, "/run/s0") == 0);
    CHECK(PARSE("fd=7:share:ro:/run/s0:/a\0arg=/x", &launch) != NULL);
    CHECK(PARSE("share=/bin/v\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:share:ro:/run/s0:/a\0share=v\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:share:no:/run/s0:/a\0share=/v\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:share:ro:/run/s0\0share=/v\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=7:share:ro:run:/a\0share=/v\0arg=/x", &launch) != NULL);
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

static void test_launch_jail(void) {
    static struct launch launch;
    CHECK(PARSE("root=/j\0root-mib=48\0jailer=/f/vm/root\0fd=0:console\0door=facts:/run/s_1\0door=vmm:/run/a\0"
                "file=/c.json:{\"a:b\":1}\0file-bytes=4096\0device=/dev/kvm\0arg=/x",
                &launch) == NULL);
    CHECK(launch.file_bytes == 4096);
    CHECK(launch.root_mib == 48 && strcmp(launch.jailer, "/f/vm/root") == 0 && launch.fds[0].number == 0);
    CHECK(strcmp(launch.doors.facts, "/run/s_1") == 0 && launch.doors.link == NULL && strcmp(launch.doors.vmm, "/run/a") == 0);
    CHECK(strcmp(launch.files[0].content, "{\"a:b\":1}") == 0 && strcmp(launch.devices[0], "/dev/kvm") == 0);
    CHECK(PARSE("door=facts:/run/s\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0door=facts:/a/../b\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0door=net:/a\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0door=link:/a\0door=link:/b\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0door=link:/a\0fd=4:link\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0jailer=/..\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0root-mib=0\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0file=/a\0arg=/x", &launch) != NULL);
    CHECK(PARSE("root=/j\0file-bytes=16777217\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=0:link\0arg=/x", &launch) != NULL);
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
    CHECK(PARSE("fd=3:tap:ign0t1@\0arg=/x", &launch) != NULL);
    CHECK(PARSE("fd=3:tap:ign0t1@relative\0arg=/x", &launch) != NULL);
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

void test_input(void) {
    test_launch_whole();
    test_launch_net();
    test_frames();
    test_answers();
    test_launch_jail();
    test_launch_refused();
    test_launch_missing();
}
