/* What a guest that insists on DHCP is answered: the address that the network gave its interface (RFC 2131, 2132). */
#ifndef SPAWN_DHCP_H
#define SPAWN_DHCP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DHCP_OFFERS_MAX 16
#define DHCP_DNS_MAX 3
#define DHCP_ANSWER_MAX 576

/* One interface of the guest. Addresses as in a packet; 0: none. */
struct dhcp_offer {
    char tap[16];
    char hostname[64];
    uint8_t mac[6];
    uint8_t prefix;
    uint32_t address, gateway;
    uint32_t dns[DHCP_DNS_MAX];
    size_t dns_count;
};

/* Reads `TAP MAC ADDRESS/PREFIX GATEWAY DNS,… HOSTNAME`, `-` for what is not there; false for anything else. */
bool dhcp_parse(const char *text, struct dhcp_offer *offer);
/* The answer to a guest's message, DHCP_ANSWER_MAX bytes at most; 0: none is given. */
size_t dhcp_answer(const struct dhcp_offer *offer, const uint8_t *message, size_t length, uint8_t *answer);

#endif
