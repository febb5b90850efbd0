/* DHCP as a pure function. The lease has no end, so no clock is needed: the address is the guest's while it runs. */
#include "dhcp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { DISCOVER = 1, OFFER = 2, REQUEST = 3, ACK = 5, NAK = 6 };
enum {
    OPTION_MASK = 1, OPTION_ROUTER = 3, OPTION_DNS = 6, OPTION_HOSTNAME = 12, OPTION_WANTED = 50, OPTION_LEASE = 51,
    OPTION_TYPE = 53, OPTION_SERVER = 54, OPTION_LIST = 55, OPTION_ROUTES = 121, OPTION_END = 255
};

/* Offsets of the fixed part (RFC 2131, 2), and where the options begin. */
#define CLIENT_ADDRESS 12
#define YOUR_ADDRESS 16
#define HARDWARE 28
#define COOKIE 236
#define OPTIONS 240
/* Some clients take nothing shorter (RFC 1542). */
#define SHORTEST 300

static const uint8_t cookie[4] = {0x63, 0x82, 0x53, 0x63};

static bool parse_address(const char *text, uint32_t *address) {
    struct in_addr value;
    *address = 0;
    if (strcmp(text, "-") == 0) return true;
    if (inet_pton(AF_INET, text, &value) != 1) return false;
    *address = value.s_addr;
    return true;
}

static bool parse_servers(char *text, struct dhcp_offer *offer) {
    if (strcmp(text, "-") == 0) return true;
    for (char *rest = text, *comma; rest != NULL && offer->dns_count < DHCP_DNS_MAX; rest = comma) {
        comma = strchr(rest, ',');
        if (comma != NULL) *comma++ = '\0';
        if (!parse_address(rest, &offer->dns[offer->dns_count++])) return false;
    }
    return true;
}

bool dhcp_parse(const char *text, struct dhcp_offer *offer) {
    char address[16], gateway[16], dns[64], hostname[64];
    unsigned mac[6], prefix;
    int end = -1;
    memset(offer, 0, sizeof *offer);
    int count = sscanf(text, "%15s %2x:%2x:%2x:%2x:%2x:%2x %15[0-9.]/%2u %15s %63s %63s%n", offer->tap, &mac[0], &mac[1],
                       &mac[2], &mac[3], &mac[4], &mac[5], address, &prefix, gateway, dns, hostname, &end);
    if (count != 12 || end < 0 || text[end] != '\0' || prefix > 32) return false;
    for (size_t i = 0; i < 6; i++) offer->mac[i] = (uint8_t)mac[i];
    offer->prefix = (uint8_t)prefix;
    if (strcmp(hostname, "-") != 0) memcpy(offer->hostname, hostname, sizeof hostname);
    return parse_address(address, &offer->address) && offer->address != 0 && parse_address(gateway, &offer->gateway) &&
           parse_servers(dns, offer);
}

/* An option of the message; NULL: it has none, or is cut off before it. */
static const uint8_t *find(const uint8_t *message, size_t length, uint8_t option, size_t *size) {
    for (size_t at = OPTIONS; at + 1 < length && message[at] != OPTION_END;) {
        if (message[at] == 0) {
            at++;
            continue;
        }
        *size = message[at + 1];
        if (at + 2 + *size > length) return NULL;
        if (message[at] == option) return message + at + 2;
        at += 2 + *size;
    }
    return NULL;
}

static uint32_t find_address(const uint8_t *message, size_t length, uint8_t option) {
    size_t size;
    uint32_t address = 0;
    const uint8_t *value = find(message, length, option, &size);
    if (value != NULL && size == sizeof address) memcpy(&address, value, sizeof address);
    return address;
}

/* The server identifier. A network without a gateway has none to name: then it is an address of the link. */
static uint32_t server_of(const struct dhcp_offer *offer) {
    return offer->gateway != 0 ? offer->gateway : htonl(0xa9fe0001u);
}

static uint8_t answer_type(const struct dhcp_offer *offer, const uint8_t *message, size_t length) {
    size_t size;
    const uint8_t *type = find(message, length, OPTION_TYPE, &size);
    if (type == NULL || size != 1) return 0;
    if (*type == DISCOVER) return OFFER;
    if (*type != REQUEST) return 0;
    uint32_t server = find_address(message, length, OPTION_SERVER);
    if (server != 0 && server != server_of(offer)) return 0; /* it took another server's */
    uint32_t wanted = find_address(message, length, OPTION_WANTED), has;
    memcpy(&has, message + CLIENT_ADDRESS, sizeof has);
    if (wanted == 0) wanted = has;
    return wanted == 0 || wanted == offer->address ? ACK : NAK; /* it remembers another start's */
}

struct writer {
    uint8_t *bytes;
    size_t length;
};

static void put(struct writer *writer, uint8_t option, const void *value, size_t size) {
    writer->bytes[writer->length++] = option;
    writer->bytes[writer->length++] = (uint8_t)size;
    memcpy(writer->bytes + writer->length, value, size);
    writer->length += size;
}

/* RFC 3442. Where the address has no neighbours, the gateway is reached by a route of its own. */
static void put_routes(struct writer *writer, const struct dhcp_offer *offer) {
    uint8_t value[14] = {32};
    memcpy(value + 1, &offer->gateway, 4); /* the next four: reached directly */
    memcpy(value + 10, &offer->gateway, 4); /* before them 0: everything */
    put(writer, OPTION_ROUTES, value, sizeof value);
}

static bool asks(const uint8_t *list, size_t size, uint8_t option) {
    return list == NULL || memchr(list, option, size) != NULL;
}

static void put_settings(struct writer *writer, const struct dhcp_offer *offer, const uint8_t *list, size_t size) {
    uint32_t mask = offer->prefix == 0 ? 0 : htonl(UINT32_MAX << (32 - offer->prefix));
    if (asks(list, size, OPTION_MASK)) put(writer, OPTION_MASK, &mask, sizeof mask);
    if (offer->gateway != 0 && offer->prefix == 32 && asks(list, size, OPTION_ROUTES)) put_routes(writer, offer);
    if (offer->gateway != 0 && asks(list, size, OPTION_ROUTER)) put(writer, OPTION_ROUTER, &offer->gateway, 4);
    if (offer->dns_count > 0 && asks(list, size, OPTION_DNS)) put(writer, OPTION_DNS, offer->dns, 4 * offer->dns_count);
    if (offer->hostname[0] != '\0' && asks(list, size, OPTION_HOSTNAME))
        put(writer, OPTION_HOSTNAME, offer->hostname, strlen(offer->hostname));
}

size_t dhcp_answer(const struct dhcp_offer *offer, const uint8_t *message, size_t length, uint8_t *answer) {
    static const uint8_t ethernet_request[3] = {1, 1, 6};
    if (length < OPTIONS || memcmp(message, ethernet_request, 3) != 0 || memcmp(message + COOKIE, cookie, 4) != 0) return 0;
    if (memcmp(message + HARDWARE, offer->mac, 6) != 0) return 0;
    uint8_t type = answer_type(offer, message, length);
    if (type == 0) return 0;
    memset(answer, 0, DHCP_ANSWER_MAX);
    memcpy(answer, message, 8); /* kind of hardware, transaction */
    answer[0] = 2;
    answer[3] = 0;
    memcpy(answer + 10, message + 10, 2); /* flags */
    memcpy(answer + HARDWARE, offer->mac, 6);
    memcpy(answer + COOKIE, cookie, 4);
    struct writer writer = {answer, OPTIONS};
    uint32_t server = server_of(offer), lease = UINT32_MAX;
    put(&writer, OPTION_TYPE, &type, 1);
    put(&writer, OPTION_SERVER, &server, sizeof server);
    if (type != NAK) {
        size_t size = 0;
        const uint8_t *list = find(message, length, OPTION_LIST, &size);
        memcpy(answer + YOUR_ADDRESS, &offer->address, 4);
        put(&writer, OPTION_LEASE, &lease, sizeof lease);
        put_settings(&writer, offer, list, size);
    }
    answer[writer.length++] = OPTION_END;
    return writer.length < SHORTEST ? SHORTEST : writer.length;
}
