/* Files of the first start that are too large for the configuration: a tar on a drive of its own, unpacked by a child
 * before anything of the image runs. What the guest reports afterwards is on its disk: the host deletes the archive. */
#include "seed.h"
#include "copy.h"
#include "devices.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DRIVE_WAIT_MS 10000

static _Noreturn void unpack(int archive, int complaints) {
    if (dup2(archive, STDIN_FILENO) < 0 || dup2(complaints, STDERR_FILENO) < 0)
        _exit(2);
    copy_seed();
}

/* The first line that the child wrote; reads until it ends. */
static void first_line(int fd, char *line, size_t size) {
    char rest[256];
    size_t got = 0;
    for (;;) {
        bool room = got < size - 1;
        ssize_t part = read(fd, room ? line + got : rest, room ? size - 1 - got : sizeof rest);
        if (part < 0 && errno == EINTR)
            continue;
        if (part <= 0)
            break;
        if (room)
            got += (size_t)part;
    }
    line[got] = 0;
    line[strcspn(line, "\n")] = 0;
}

static char *unpack_from(int archive) {
    int pipes[2], status = -1;
    char line[512];
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return format("The files for this VM could not be unpacked: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0)
        unpack(archive, pipes[1]);
    close(pipes[1]);
    first_line(pipes[0], line, sizeof line);
    close(pipes[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return format("The files for this VM could not be unpacked: %s", line[0] == 0 ? "no memory" : line);
    sync();
    return NULL;
}

char *seed_unpack(const struct config *config) {
    char device[64];
    if (config->files_drive == NO_DRIVE)
        return NULL;
    if (!devices_find_drive(config->files_drive, device, sizeof device, DRIVE_WAIT_MS))
        return format("The drive with the files for this VM (index %u) did not appear", config->files_drive);
    int archive = open(device, O_RDONLY | O_CLOEXEC);
    if (archive < 0)
        return format("The drive with the files for this VM could not be opened: %s", strerror(errno));
    char *problem = unpack_from(archive);
    close(archive);
    return problem;
}
