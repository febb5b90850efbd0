/* Name servers for the guest. A plain /etc/resolv.conf is written; a link (systemd-resolved's, resolvconf's) stays a
 * link: its target is written where it is below /run, and resolved and networkd get files of their own. */
#include "resolver.h"
#include "route.h"
#include "util.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESOLV_CONF "/etc/resolv.conf"

static char *plain_text(const struct texts *servers) {
    char *text = strdup("");
    for (size_t i = 0; i < servers->count; i++) {
        char *longer = format("%snameserver %s\n", text, servers->items[i]);
        free(text);
        text = longer;
    }
    return text;
}

static char *joined(const struct texts *servers) {
    char *text = strdup("");
    for (size_t i = 0; i < servers->count; i++) {
        char *longer = format("%s%s%s", text, i == 0 ? "" : " ", servers->items[i]);
        free(text);
        text = longer;
    }
    return text;
}

/* Absolute form of a link in /etc; false where it does not lead below /run or /var/run. */
static bool target_in_run(const char *link, char *target, size_t size) {
    const char *inner = strncmp(link, "../", 3) == 0 ? link + 2 : link;
    if (strncmp(inner, "/run/", 5) != 0 && strncmp(inner, "/var/run/", 9) != 0)
        return false;
    if (strstr(inner, "/../") != NULL)
        return false;
    return snprintf(target, size, "%s", inner) < (int)size;
}

static void write_below(const char *path, const char *text) {
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash != NULL && slash != folder) {
        *slash = 0;
        make_directories(folder, 0755);
    }
    write_file(path, text, strlen(text), 0644);
}

static void write_resolv_conf(const char *text) {
    char link[PATH_MAX], target[PATH_MAX];
    ssize_t length = readlink(RESOLV_CONF, link, sizeof link - 1);
    if (length < 0) {
        size_t old_length;
        char *old = (char *)read_file(RESOLV_CONF, 1 << 16, &old_length);
        if (old == NULL || strcmp(old, text) != 0)
            write_file(RESOLV_CONF, text, strlen(text), 0644);
        free(old);
        return;
    }
    link[length] = 0;
    if (target_in_run(link, target, sizeof target))
        write_below(target, text);
}

/* [Route] sections of systemd.network(5) for the routes and the default one. */
static char *networkd_routes(const struct nic_config *nic) {
    char *text = strdup("");
    struct route route;
    for (size_t i = 0; i <= nic->routes.count; i++) {
        const char *via = nic->gateway;
        const char *words = i < nic->routes.count ? nic->routes.items[i] : "0.0.0.0/0";
        if (i < nic->routes.count) {
            const char *blank = strchr(words, ' ');
            via = blank == NULL ? NULL : blank + 1;
        } else if (via == NULL) {
            break;
        }
        if (!route_parse(words, &route))
            continue;
        char *longer = format("%s\n[Route]\nDestination=%.*s\n%s%s\n", text, (int)strcspn(words, " "), words,
                              via == NULL ? "Scope=link" : "GatewayOnLink=yes\nGateway=", via == NULL ? "" : via);
        free(text);
        text = longer;
    }
    return text;
}

/* systemd-networkd takes over interfaces it finds a file for; without one it leaves ours alone, with one of the
 * image's that asks for DHCP it would not. The address is the host's to give, so ours comes first. */
static void tell_networkd(const struct nic_config *nic, size_t index, const char *servers) {
    if (nic->address == NULL)
        return;
    char *path = format("/run/systemd/network/05-ignite-%zu.network", index);
    char *routes = networkd_routes(nic);
    char *text = format("[Match]\nMACAddress=%02x:%02x:%02x:%02x:%02x:%02x\n\n[Network]\nAddress=%s/%u\n"
                        "DNS=%s\nLinkLocalAddressing=no\nKeepConfiguration=yes\n%s",
                        nic->mac[0], nic->mac[1], nic->mac[2], nic->mac[3], nic->mac[4], nic->mac[5], nic->address,
                        nic->prefix, servers, routes);
    write_below(path, text);
    free(text);
    free(routes);
    free(path);
}

void resolver_setup(const struct config *config) {
    if (config->dns.count > 0) {
        char *text = plain_text(&config->dns);
        write_resolv_conf(text);
        free(text);
    }
    if (config->mode != IGN_MODE_SYSTEM || config->init_kind != IGN_INIT_KIND_SYSTEMD)
        return;
    char *servers = joined(&config->dns);
    if (config->dns.count > 0) {
        /* resolved asks servers for names without a dot, those of other VMs, only if configured so (resolved.conf(5)). */
        char *text = format("[Resolve]\nDNS=%s\nResolveUnicastSingleLabel=yes\n", servers);
        write_below("/run/systemd/resolved.conf.d/50-ignite.conf", text);
        free(text);
    }
    for (size_t i = 0; i < config->nic_count; i++)
        tell_networkd(&config->nics[i], i, servers);
    free(servers);
}
