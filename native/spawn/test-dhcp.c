/* DHCP: what guests ask, and what they are answered. */
#include <arpa/inet.h>
#include <string.h>

#include "dhcp.h"
#include "test.h"

static uint8_t answer[DHCP_ANSWER_MAX];

static size_t ask(const struct dhcp_offer *offer, uint8_t *message, const char *options, size_t length) {
    memcpy(message + 240, options, length);
    return dhcp_answer(offer, message, 240 + length, answer);
}

/* Where an option's value is in the answer; 0: nowhere. */
static size_t at(uint8_t option) {
    for (size_t i = 240; i < DHCP_ANSWER_MAX - 1 && answer[i] != 255; i += 2u + answer[i + 1])
        if (answer[i] == option) return i + 2;
    return 0;
}

static void test_parse(void) {
    struct dhcp_offer offer;
    CHECK(dhcp_parse("tap0 02:00:00:00:00:0a 10.1.1.2/24 10.1.1.1 8.8.8.8,1.1.1.1 web", &offer));
    CHECK(strcmp(offer.tap, "tap0") == 0 && offer.mac[5] == 10 && offer.prefix == 24 && offer.dns_count == 2);
    CHECK(offer.address == htonl(0x0a010102) && offer.gateway == htonl(0x0a010101) && strcmp(offer.hostname, "web") == 0);
    CHECK(dhcp_parse("tap0 02:00:00:00:00:0a 10.1.1.2/32 - - -", &offer) && offer.gateway == 0 && offer.dns_count == 0);
    CHECK(dhcp_parse("t 2:0:0:0:0:a 10.1.1.2/32 - 1.1.1.1,2.2.2.2,3.3.3.3,x -", &offer) && offer.dns_count == 3);
    CHECK(!dhcp_parse("tap0 02:00:00:00:00:0a 10.1.1.2/33 - - -", &offer));
    CHECK(!dhcp_parse("tap0 02:00:00:00:00:0a 10.1.1.2/24 - -", &offer));
    CHECK(!dhcp_parse("tap0 02:00:00:00:00:0a 10.1.1.2/24 x - -", &offer));
    CHECK(!dhcp_parse("tap0 02:00:00:00:00:0a 10.1.1.2/24 - - a b", &offer));
    CHECK(!dhcp_parse("", &offer));
}

static void test_answer(void) {
    struct dhcp_offer offer;
    uint8_t message[400] = {1, 1, 6, 0, 9, 9, 9, 9};
    CHECK(dhcp_parse("tap0 02:00:00:00:00:0a 10.1.1.2/32 10.1.1.1 8.8.8.8 web", &offer));
    memcpy(message + 28, offer.mac, 6);
    memcpy(message + 236, "\x63\x82\x53\x63", 4);
    CHECK(ask(&offer, message, "\x35\x01\x01\xff", 4) == 300 && answer[0] == 2 && answer[4] == 9 && answer[at(53)] == 2);
    CHECK(memcmp(answer + 16, &offer.address, 4) == 0 && memcmp(answer + at(1), "\xff\xff\xff\xff", 4) == 0);
    CHECK(at(3) > 0 && at(6) > 0 && at(12) > 0 && memcmp(answer + at(51), "\xff\xff\xff\xff", 4) == 0);
    CHECK(memcmp(answer + at(121), "\x20\x0a\x01\x01\x01\0\0\0\0\0\x0a\x01\x01\x01", 14) == 0);
    CHECK(ask(&offer, message, "\x35\x01\x03\x32\x04\x0a\x01\x01\x02\x37\x01\x06\xff", 13) == 300 && answer[at(53)] == 5);
    CHECK(at(1) == 0 && at(3) == 0 && at(6) > 0); /* only what was asked for */
    CHECK(ask(&offer, message, "\x35\x01\x03\x32\x04\x0a\x01\x01\x07\xff", 10) == 300 && answer[at(53)] == 6);
    CHECK(answer[16] == 0 && at(51) == 0);
    CHECK(ask(&offer, message, "\x35\x01\x03\x36\x04\x0a\x01\x01\x09\xff", 10) == 0); /* another server's */
    CHECK(ask(&offer, message, "\x35\x01\x07\xff", 4) == 0 && ask(&offer, message, "\xff", 1) == 0);
    CHECK(ask(&offer, message, "\x35\x09\x01", 3) == 0); /* cut off */
    message[33] ^= 1;
    CHECK(ask(&offer, message, "\x35\x01\x01\xff", 4) == 0); /* another client's */
    CHECK(dhcp_answer(&offer, message, 239, answer) == 0 && dhcp_answer(&offer, message, 0, answer) == 0);
}

void test_dhcp(void) {
    test_parse();
    test_answer();
}
