/* IPv6 addresses and routes by ioctl (in6_ifreq of <linux/ipv6.h>, in6_rtmsg of <net/route.h>). */
#include "net6.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* As the kernel has it; the C library has no name for it. */
struct address_request {
    struct in6_addr address;
    uint32_t prefix;
    int interface;
};

bool net6_is(const char *text) { return strchr(text, ':') != NULL; }

void net6_trust(const char *interface) {
    char path[64 + IFNAMSIZ];
    snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_dad", interface);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return; /* a kernel without IPv6: adding the address will say so */
    if (write(fd, "0", 1) != 1)
        errno = 0; /* then the addresses are there a moment later */
    close(fd);
}

/* "ADDRESS/PREFIX"; false for what is none. */
static bool parse_cidr(const char *text, struct in6_addr *address, unsigned *prefix) {
    char word[INET6_ADDRSTRLEN];
    return sscanf(text, "%45[0-9a-fA-F:.]/%3u", word, prefix) == 2 && *prefix <= 128 &&
           inet_pton(AF_INET6, word, address) == 1;
}

static bool request(unsigned long what, void *argument) {
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool done = ioctl(fd, what, argument) == 0 || errno == EEXIST;
    int why = errno;
    close(fd);
    errno = why;
    return done;
}

bool net6_add(const char *interface, const char *text) {
    unsigned prefix;
    struct address_request add = {.interface = (int)if_nametoindex(interface)};
    if (!parse_cidr(text, &add.address, &prefix)) {
        errno = EINVAL;
        return false;
    }
    add.prefix = prefix;
    return request(SIOCSIFADDR, &add);
}

bool net6_route(const char *interface, const char *text) {
    unsigned prefix;
    struct in6_rtmsg add = {
        .rtmsg_flags = RTF_UP, .rtmsg_metric = 1024, .rtmsg_ifindex = (int)if_nametoindex(interface)};
    const char *via = strchr(text, ' ');
    if (!parse_cidr(text, &add.rtmsg_dst, &prefix) ||
        (via != NULL && inet_pton(AF_INET6, via + 1, &add.rtmsg_gateway) != 1)) {
        errno = EINVAL;
        return false;
    }
    add.rtmsg_dst_len = (uint16_t)prefix;
    if (via != NULL)
        add.rtmsg_flags |= RTF_GATEWAY;
    return request(SIOCADDRT, &add);
}
