/* IPv6 addresses and routes of the configuration. */
#ifndef IGNITE_NET6_H
#define IGNITE_NET6_H
#include <stdbool.h>

/* Whether a text is about IPv6: its address, range or route. */
bool net6_is(const char *text);
/* No duplicate address detection for the addresses that follow: their network has assigned each of them once. */
void net6_trust(const char *interface);
/* Adds "ADDRESS/PREFIX" to an interface; one that is there already is no error. */
bool net6_add(const char *interface, const char *text);
/* Adds the route "CIDR[ VIA]" to an interface that is up; one that is there already is no error. */
bool net6_route(const char *interface, const char *text);
#endif
