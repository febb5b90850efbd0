/* Sets up loopback and the interfaces of the configuration, found by MAC address (netdevice(7)). */
#include "net.h"
#include "facts.h"
#include "net6.h"
#include "route.h"
#include "util.h"
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static bool set_address(int fd, const char *name, unsigned long request, struct in_addr address) {
    struct ifreq change = {0};
    struct sockaddr_in value = {.sin_family = AF_INET, .sin_addr = address};
    snprintf(change.ifr_name, sizeof change.ifr_name, "%s", name);
    memcpy(&change.ifr_addr, &value, sizeof value);
    return ioctl(fd, request, &change) == 0;
}

static bool bring_up(int fd, const char *name) {
    struct ifreq change = {0};
    snprintf(change.ifr_name, sizeof change.ifr_name, "%s", name);
    if (ioctl(fd, SIOCGIFFLAGS, &change) != 0)
        return false;
    change.ifr_flags |= IFF_UP | IFF_RUNNING;
    return ioctl(fd, SIOCSIFFLAGS, &change) == 0;
}

static bool find_by_mac(int fd, const uint8_t *mac, char *name) {
    struct if_nameindex *all = if_nameindex();
    bool found = false;
    for (size_t i = 0; all != NULL && all[i].if_index != 0 && !found; i++) {
        struct ifreq look = {0};
        snprintf(look.ifr_name, sizeof look.ifr_name, "%s", all[i].if_name);
        found = ioctl(fd, SIOCGIFHWADDR, &look) == 0 && memcmp(look.ifr_hwaddr.sa_data, mac, 6) == 0;
        if (found)
            snprintf(name, IFNAMSIZ, "%s", all[i].if_name);
    }
    if_freenameindex(all);
    return found;
}

/* What leads to gateways comes before what leads through them: the routes in their order, the default one last. */
static bool add_routes(int fd, char *name, const struct nic_config *nic) {
    struct route route;
    for (size_t i = 0; i < nic->routes.count; i++) {
        const char *text = nic->routes.items[i];
        if (net6_is(text) ? !net6_route(name, text) : !route_parse(text, &route) || !route_add(fd, name, &route))
            return false;
    }
    route = (struct route){.has_via = true};
    return nic->gateway == NULL || inet_pton(AF_INET, nic->gateway, &route.via) != 1 || route_add(fd, name, &route);
}

/* A second IPv4 address is one of a label of the interface (netdevice(7)). */
static bool add_labelled(int fd, const char *name, size_t number, const char *text) {
    char label[IFNAMSIZ];
    struct route parsed;
    if (!route_parse(text, &parsed) || snprintf(label, sizeof label, "%s:%zu", name, number) >= IFNAMSIZ)
        return false;
    return set_address(fd, label, SIOCSIFADDR, parsed.to) &&
           set_address(fd, label, SIOCSIFNETMASK, route_mask(parsed.prefix));
}

static bool add_further(int fd, const char *name, const struct nic_config *nic) {
    for (size_t i = 0; i < nic->further.count; i++) {
        const char *text = nic->further.items[i];
        if (net6_is(text) ? !net6_add(name, text) : !add_labelled(fd, name, i + 1, text))
            return false;
    }
    return true;
}

static void set_mtu(int fd, const char *name, uint32_t mtu) {
    struct ifreq change = {.ifr_mtu = (int)mtu};
    snprintf(change.ifr_name, sizeof change.ifr_name, "%s", name);
    if (mtu != 0)
        ioctl(fd, SIOCSIFMTU, &change);
}

static bool set_up(int fd, const struct nic_config *nic) {
    char name[IFNAMSIZ];
    struct in_addr address;
    if (nic->prefix > 32 || !find_by_mac(fd, nic->mac, name))
        return false;
    set_mtu(fd, name, nic->mtu);
    for (size_t i = 0; i < nic->further.count; i++)
        if (net6_is(nic->further.items[i]))
            net6_trust(name);
    if (nic->address == NULL || inet_pton(AF_INET, nic->address, &address) != 1)
        return bring_up(fd, name);
    if (!set_address(fd, name, SIOCSIFADDR, address) || !set_address(fd, name, SIOCSIFNETMASK, route_mask(nic->prefix)))
        return false;
    return bring_up(fd, name) && add_further(fd, name, nic) && add_routes(fd, name, nic);
}

void net_setup(const struct config *config) {
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    bring_up(fd, "lo");
    for (size_t i = 0; i < config->nic_count; i++) {
        if (set_up(fd, &config->nics[i]))
            continue;
        char *text = format("The interface %zu could not be set up: %s", i, strerror(errno));
        facts_note("network", text);
        free(text);
    }
    close(fd);
}
