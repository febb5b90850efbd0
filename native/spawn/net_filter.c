#include "net_filter.h"

#include <string.h>

#define ETHERNET 14
#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define ARP_LENGTH 28
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PORT_DNS 53
/* As long as conntrack keeps a UDP stream (nf_conntrack-sysctl.rst, nf_conntrack_udp_timeout_stream, doubled). */
#define UDP_FLOW_S 240

static uint32_t get16(const uint8_t *bytes) { return (uint32_t)bytes[0] << 8 | bytes[1]; }
static uint32_t get32(const uint8_t *bytes) { return get16(bytes) << 16 | get16(bytes + 2); }

static bool arp_passes(const struct net_rules *rules, const uint8_t *packet, size_t length) {
    if (length < ARP_LENGTH || memcmp(packet + 8, rules->mac, 6) != 0) return false;
    uint32_t sender = get32(packet + 14);
    return sender == rules->address || sender == 0; /* 0: a probe (RFC 5227) */
}

/* What of an IPv4 packet is looked at. */
struct packet {
    uint32_t from, to;
    uint16_t from_port, to_port;
    uint8_t protocol; /* 0: neither TCP nor UDP, or in pieces, so that its ports are not known */
    bool opens;       /* TCP that begins a connection */
};

static bool parse_packet(const uint8_t *bytes, size_t length, struct packet *out) {
    if (length < 20 || bytes[0] >> 4 != 4) return false;
    size_t header = (size_t)(bytes[0] & 15) * 4;
    if (header < 20 || length < header) return false;
    *out = (struct packet){.from = get32(bytes + 12), .to = get32(bytes + 16)};
    bool whole = (get16(bytes + 6) & 0x3fff) == 0;
    bool tcp = bytes[9] == PROTOCOL_TCP && length >= header + 20, udp = bytes[9] == PROTOCOL_UDP && length >= header + 8;
    if (!whole || (!tcp && !udp)) return true;
    out->protocol = bytes[9];
    out->from_port = (uint16_t)get16(bytes + header);
    out->to_port = (uint16_t)get16(bytes + header + 2);
    out->opens = tcp && (bytes[header + 13] & 0x12) == 0x02; /* SYN without ACK (RFC 9293) */
    return true;
}

static bool is_denied(const struct net_rules *rules, uint32_t address) {
    for (size_t i = 0; i < rules->deny_count; i++)
        if ((address & rules->deny[i].mask) == rules->deny[i].base) return true;
    return false;
}

static size_t set_of(uint32_t address, uint16_t port, uint16_t guest_port) {
    uint32_t mixed = (address ^ (uint32_t)port << 16 ^ guest_port) * UINT32_C(2654435761);
    return (mixed >> 16) % NET_FLOW_SETS;
}

static bool same_flow(const struct net_flow *flow, uint32_t address, uint16_t port, uint16_t guest_port, uint8_t protocol) {
    return flow->address == address && flow->port == port && flow->guest_port == guest_port && flow->protocol == protocol;
}

static bool is_answer(const struct net_flows *flows, uint64_t now_s, const struct packet *packet) {
    if (packet->protocol == 0 || packet->opens) return false;
    const struct net_flow *set = flows->flows[set_of(packet->to, packet->to_port, packet->from_port)];
    for (size_t i = 0; i < NET_FLOW_WAYS; i++)
        if (same_flow(&set[i], packet->to, packet->to_port, packet->from_port, packet->protocol))
            return packet->protocol == PROTOCOL_TCP || now_s - set[i].seen_s <= UDP_FLOW_S;
    return false;
}

void net_frame_arrives(const struct net_rules *rules, struct net_flows *flows, uint64_t now_s, const uint8_t *frame,
                       size_t length) {
    struct packet packet;
    if (length < ETHERNET || get16(frame + 12) != TYPE_IPV4) return;
    if (!parse_packet(frame + ETHERNET, length - ETHERNET, &packet) || packet.protocol == 0) return;
    if (!is_denied(rules, packet.from)) return;
    struct net_flow *set = flows->flows[set_of(packet.from, packet.from_port, packet.to_port)], *chosen = set;
    for (size_t i = 0; i < NET_FLOW_WAYS; i++) {
        bool found = same_flow(&set[i], packet.from, packet.from_port, packet.to_port, packet.protocol);
        if (found || set[i].seen_s < chosen->seen_s) chosen = &set[i];
        if (found) break;
    }
    *chosen = (struct net_flow){packet.from, packet.from_port, packet.to_port, packet.protocol, now_s};
}

static bool ipv4_passes(const struct net_rules *rules, const struct net_flows *flows, uint64_t now_s, const uint8_t *bytes,
                        size_t length) {
    struct packet packet;
    if (!parse_packet(bytes, length, &packet) || packet.from != rules->address) return false;
    if (rules->dns != 0 && packet.to == rules->dns && packet.protocol == PROTOCOL_UDP && packet.to_port == PORT_DNS) return true;
    return !is_denied(rules, packet.to) || is_answer(flows, now_s, &packet);
}

bool net_frame_passes(const struct net_rules *rules, const struct net_flows *flows, uint64_t now_s, const uint8_t *frame,
                      size_t length) {
    if (length < ETHERNET || memcmp(frame + 6, rules->mac, 6) != 0) return false;
    uint32_t type = get16(frame + 12);
    if (type == TYPE_ARP) return arp_passes(rules, frame + ETHERNET, length - ETHERNET);
    return type == TYPE_IPV4 && ipv4_passes(rules, flows, now_s, frame + ETHERNET, length - ETHERNET);
}

/* Reads a decimal number of at most `max`; answers what follows it, NULL where there is none. */
static const char *parse_decimal(const char *text, uint32_t max, uint32_t *out) {
    const char *start = text;
    for (*out = 0; *text >= '0' && *text <= '9' && text - start < 4; text++) *out = *out * 10 + (uint32_t)(*text - '0');
    return text == start || *out > max ? NULL : text;
}

static const char *parse_quad(const char *text, uint32_t *out) {
    *out = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t number;
        if (part > 0 && *text++ != '.') return NULL;
        text = parse_decimal(text, 255, &number);
        if (text == NULL) return NULL;
        *out = *out << 8 | number;
    }
    return text;
}

bool net_parse_address(const char *text, uint32_t *out) {
    const char *rest = parse_quad(text, out);
    return rest != NULL && *rest == '\0';
}

bool net_parse_range(const char *text, struct net_range *out) {
    uint32_t bits;
    const char *rest = parse_quad(text, &out->base);
    if (rest == NULL || *rest != '/') return false;
    rest = parse_decimal(rest + 1, 32, &bits);
    if (rest == NULL || *rest != '\0') return false;
    out->mask = bits == 0 ? 0 : ~UINT32_C(0) << (32 - bits);
    out->base &= out->mask;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool net_parse_source(const char *text, struct net_rules *out) {
    for (int i = 0; i < 6; i++, text += 3) {
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0 || text[2] != (i < 5 ? ':' : ',')) return false;
        out->mac[i] = (uint8_t)(high << 4 | low);
    }
    return net_parse_address(text, &out->address);
}
