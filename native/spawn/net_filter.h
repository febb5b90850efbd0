/* Which Ethernet frames of the guest reach the program of a user network. Pure: bytes in, yes or no out. */
#ifndef SPAWN_NET_FILTER_H
#define SPAWN_NET_FILTER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_DENY_MAX 128

struct net_range {
    uint32_t base, mask; /* host byte order */
};

/* A guest sends with one MAC and one IPv4 address, and to no address that is denied, but DNS questions to `dns`. */
struct net_rules {
    uint8_t mac[6];
    uint32_t address;
    uint32_t dns; /* 0: none */
    size_t deny_count;
    struct net_range deny[NET_DENY_MAX];
};

#define NET_FLOW_SETS 256
#define NET_FLOW_WAYS 4

/* A program behind a denied address has sent to the guest: a client of a published port. It may be answered. */
struct net_flow {
    uint32_t address; /* 0: free */
    uint16_t port, guest_port;
    uint8_t protocol;
    uint64_t seen_s;
};

/* All zero at first. A full set forgets the one that was silent longest. */
struct net_flows {
    struct net_flow flows[NET_FLOW_SETS][NET_FLOW_WAYS];
};

/*
 * Whether a frame of the guest without preamble and checksum (IEEE 802.3) may pass: ARP (RFC 826) and IPv4 (RFC 791)
 * only. `now_s`: seconds of any clock that does not go back.
 */
bool net_frame_passes(const struct net_rules *rules, const struct net_flows *flows, uint64_t now_s, const uint8_t *frame,
                      size_t length);
/* A frame for the guest, all of which pass. */
void net_frame_arrives(const struct net_rules *rules, struct net_flows *flows, uint64_t now_s, const uint8_t *frame,
                       size_t length);

/* Parses `02:00:00:00:00:01,10.0.2.15`. */
bool net_parse_source(const char *text, struct net_rules *out);
/* Parses `10.0.2.3`. */
bool net_parse_address(const char *text, uint32_t *out);
/* Parses `10.0.0.0/8`. */
bool net_parse_range(const char *text, struct net_range *out);

#endif
