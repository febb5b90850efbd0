#include "dhcp_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm.h"

#define SERVER_PORT 67
#define CLIENT_PORT 68
#define MESSAGE_MAX 1500
/* Above every number that the sockets are moved to. */
#define PARKED 64
#define FIRST 3

static int open_socket(const struct dhcp_offer *offer) {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(SERVER_PORT)};
    int on = 1, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, offer->tap, (socklen_t)strlen(offer->tap) + 1) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on) == 0 && bind(fd, (struct sockaddr *)&any, sizeof any) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static void serve_one(int fd, const struct dhcp_offer *offer) {
    struct sockaddr_in everyone = {.sin_family = AF_INET, .sin_port = htons(CLIENT_PORT), .sin_addr = {INADDR_BROADCAST}};
    uint8_t message[MESSAGE_MAX], answer[DHCP_ANSWER_MAX];
    ssize_t count = recv(fd, message, sizeof message, MSG_DONTWAIT);
    size_t length = count < 0 ? 0 : dhcp_answer(offer, message, (size_t)count, answer);
    /* Lost answers are asked for again. */
    if (length > 0) sendto(fd, answer, length, MSG_DONTWAIT, (struct sockaddr *)&everyone, sizeof everyone);
}

static _Noreturn void serve(const struct launch *launch) {
    struct pollfd sockets[DHCP_OFFERS_MAX];
    for (size_t i = 0; i < launch->dhcp_count; i++) sockets[i] = (struct pollfd){FIRST + (int)i, POLLIN, 0};
    for (;;) {
        if (poll(sockets, launch->dhcp_count, -1) < 0 && errno != EINTR) _exit(1);
        for (size_t i = 0; i < launch->dhcp_count; i++)
            if (sockets[i].revents != 0) serve_one(sockets[i].fd, &launch->dhcp[i]);
    }
}

/* Nothing of the supervisor's stays open here: not its lock, not its sockets. */
static void keep_sockets(int *sockets, size_t count) {
    for (size_t i = 0; i < count; i++) sockets[i] = fcntl(sockets[i], F_DUPFD, PARKED);
    for (size_t i = 0; i < count; i++) dup2(sockets[i], FIRST + (int)i);
    unsigned first = FIRST + (unsigned)count;
    if (syscall(SYS_close_range, first, ~0u, 0u) == 0) return;
    for (int fd = (int)first; fd < 4096; fd++) close(fd); /* Linux before 5.9 */
}

static _Noreturn void become_server(struct supervisor *s, const struct launch *launch, int *sockets, pid_t parent) {
    keep_sockets(sockets, launch->dhcp_count);
    if (!vmm_drop_rights(s, launch) || !vmm_die_with(s, parent)) _exit(1);
    serve(launch);
}

bool dhcp_start(struct supervisor *s, const struct launch *launch) {
    int sockets[DHCP_OFFERS_MAX];
    size_t count = 0;
    pid_t self = getpid(), child = 0;
    if (launch->dhcp_count == 0) return true;
    for (; count < launch->dhcp_count; count++)
        if ((sockets[count] = open_socket(&launch->dhcp[count])) < 0) {
            fail(s, "dhcp", "%s: %s", launch->dhcp[count].tap, strerror(errno));
            break;
        }
    if (count == launch->dhcp_count && (child = fork()) == 0) become_server(s, launch, sockets, self);
    while (count > 0) close(sockets[--count]);
    if (child < 0) fail(s, "dhcp", "fork: %s", strerror(errno));
    return child > 0;
}
