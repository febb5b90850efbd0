#include "identity.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t read_file(const char *path, char *out, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? -1 : read(fd, out, size - 1);
    if (fd >= 0) close(fd);
    out[count < 0 ? 0 : count] = '\0';
    return count < 0 ? 0 : (size_t)count;
}

static const char *host_self = "/proc/self";

void identity_in_container(void) { host_self = IDENTITY_HOST_PROC "/self"; }

pid_t identity_pid(void) {
    char link[24] = {0};
    if (readlink(host_self, link, sizeof link - 1) <= 0) return getpid();
    return (pid_t)atol(link);
}

uint64_t identity_start_time(void) {
    char text[1024];
    read_file("/proc/self/stat", text, sizeof text);
    /* The name in brackets may hold blanks: fields are counted after its last bracket, which ends field 2. */
    char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
    return at == NULL ? 0 : strtoull(at + 1, NULL, 10);
}

void identity_boot_id(char *out, size_t size) {
    size_t length = read_file("/proc/sys/kernel/random/boot_id", out, size);
    while (length > 0 && out[length - 1] == '\n') out[--length] = '\0';
}
