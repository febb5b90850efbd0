#include "bytes.h"
#include "calls.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return address;
}

int calls_connect(const char *path) {
    struct sockaddr_un address = address_of(path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) poll(NULL, 0, 5);
    return fd;
}

static void answer(int fd) {
    char bytes[4096];
    ssize_t count = write(fd, "here\n", 5);
    while (count > 0 && (count = read(fd, bytes, sizeof bytes)) > 0) count = write(fd, bytes, (size_t)count);
    exit(0);
}

void calls_serve(const char *path) {
    struct sockaddr_un address = address_of(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0) exit(65);
    if (fork() != 0) return;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fork() == 0) answer(fd);
        close(fd);
    }
}

void calls_log(char *value) {
    char *colon = strchr(value, ':');
    const char *line = colon == NULL ? "logged" : colon + 1;
    if (colon != NULL) *colon = '\0';
    int fd = open(value, O_WRONLY | O_NONBLOCK);
    if (fd < 0) exit(66);
    write_all(fd, line, strlen(line));
    write_all(fd, "\n", 1);
    close(fd);
}
