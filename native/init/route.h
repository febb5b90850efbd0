/* Routes of the configuration: "CIDR" leads out of the interface itself, "CIDR VIA" to a gateway. */
#ifndef IGNITE_ROUTE_H
#define IGNITE_ROUTE_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct route {
    struct in_addr to, via;
    uint8_t prefix;
    bool has_via;
};

/* Reads one; false for what is none of IPv4. */
bool route_parse(const char *text, struct route *route);
/* The mask of a prefix length up to 32, in network order. */
struct in_addr route_mask(uint8_t prefix);
/* Adds it to the main table by a socket of any kind; one that is there already is no error. */
bool route_add(int fd, char *interface, const struct route *route);
#endif
