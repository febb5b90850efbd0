/* Finds drives by serial and channel ports by name. Names like vda follow the order of probing and mean nothing; the
 * names of ports appear a moment after the driver, so a search waits for the kernel's device events. */
#include "devices.h"
#include "serials.h"
#include "util.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ignite_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NETLINK_KOBJECT_UEVENT 15 /* linux/netlink.h */

struct netlink_address { /* struct sockaddr_nl of linux/netlink.h */
    unsigned short family, padding;
    uint32_t pid, groups;
};

static int events = -1;

void devices_watch(void) {
    struct netlink_address address = {.family = AF_NETLINK, .groups = 1};
    events = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (events >= 0)
        bind(events, (struct sockaddr *)&address, sizeof address);
}

void devices_unwatch(void) {
    close(events);
    events = -1;
}

/* Sleeps until something about devices changed or the deadline came. False: the deadline came. */
static bool wait_for_change(uint32_t deadline) {
    char event[4096];
    uint32_t now = boot_ms();
    if (now >= deadline)
        return false;
    struct pollfd wait = {events, POLLIN, 0};
    /* Without events (no netlink in this kernel) look again every 10 ms. */
    int left = (int)(deadline - now);
    poll(&wait, 1, events < 0 && left > 10 ? 10 : left);
    while (events >= 0 && recv(events, event, sizeof event, 0) > 0)
        ;
    return true;
}

/* Calls `fits` with the value of `attribute` of every entry of a /sys/class folder; copies the name that fits. */
static bool find_by_attribute(const char *folder, const char *attribute, const char *wanted, char *name, size_t size) {
    DIR *directory = opendir(folder);
    bool found = false;
    for (struct dirent *entry; directory != NULL && !found && (entry = readdir(directory)) != NULL;) {
        char path[640], value[64];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s/%s", folder, entry->d_name, attribute);
        found = read_line(path, value, sizeof value) && strcmp(value, wanted) == 0;
        if (found)
            snprintf(name, size, "%.*s", (int)size - 1, entry->d_name);
    }
    if (directory != NULL)
        closedir(directory);
    return found;
}

static int open_port(const char *name) {
    char entry[64], path[80];
    if (!find_by_attribute("/sys/class/virtio-ports", "name", name, entry, sizeof entry))
        return -1;
    snprintf(path, sizeof path, "/dev/%s", entry);
    return open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
}

int devices_open_channel(const char *name, int wait_ms) {
    uint32_t deadline = boot_ms() + (uint32_t)wait_ms;
    do {
        int fd = open_port(name);
        if (fd >= 0)
            return fd;
    } while (wait_for_change(deadline));
    return -1;
}

bool devices_find_drive(uint32_t index, char *path, size_t size, int wait_ms) {
    char serial[32], entry[64];
    serials_of(index, serial, sizeof serial);
    uint32_t deadline = boot_ms() + (uint32_t)wait_ms;
    do {
        if (find_by_attribute("/sys/block", "serial", serial, entry, sizeof entry)) {
            snprintf(path, size, "/dev/%s", entry);
            if (access(path, F_OK) == 0) /* its attributes are there a moment before */
                return true;
        }
    } while (wait_for_change(deadline));
    return false;
}
