#include "resolve.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/openat2.h, which musl does not bring. */
struct how_to_open {
    uint64_t flags, mode, resolve;
};
#define NO_SYMLINKS 4u
#define BENEATH 8u

int resolve_plain(int folder, const char *path, bool beneath, int flags) {
    const struct how_to_open how = {.flags = (uint64_t)(O_PATH | O_NOFOLLOW | O_CLOEXEC | flags),
                                    .resolve = NO_SYMLINKS | (beneath ? BENEATH : 0)};
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}
