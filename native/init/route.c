/* Routes of the configuration (IPv4, rtentry of <net/route.h>). */
#include "route.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

bool route_parse(const char *text, struct route *route) {
    char to[INET_ADDRSTRLEN], via[INET_ADDRSTRLEN];
    unsigned prefix;
    *route = (struct route){0};
    int fields = sscanf(text, "%15[0-9.]/%2u %15[0-9.]", to, &prefix, via);
    if (fields < 2 || prefix > 32 || inet_pton(AF_INET, to, &route->to) != 1)
        return false;
    route->prefix = (uint8_t)prefix;
    route->has_via = strchr(text, ' ') != NULL;
    return !route->has_via || (fields == 3 && inet_pton(AF_INET, via, &route->via) == 1);
}

struct in_addr route_mask(uint8_t prefix) {
    return (struct in_addr){prefix == 0 ? 0 : htonl(UINT32_MAX << (32 - prefix))};
}

static void put(struct sockaddr *target, struct in_addr address) {
    struct sockaddr_in value = {.sin_family = AF_INET, .sin_addr = address};
    memcpy(target, &value, sizeof value);
}

bool route_add(int fd, char *interface, const struct route *route) {
    struct rtentry entry = {.rt_flags = RTF_UP | (route->has_via ? RTF_GATEWAY : 0), .rt_dev = interface};
    put(&entry.rt_dst, route->to);
    put(&entry.rt_genmask, route_mask(route->prefix));
    if (route->has_via)
        put(&entry.rt_gateway, route->via);
    return ioctl(fd, SIOCADDRT, &entry) == 0 || errno == EEXIST;
}
