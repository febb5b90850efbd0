/* Over vsock the guest connects to the host: no port of the guest is open, and no pause of the VMM or of the daemon makes a
 * new connection necessary. Any process of the guest may connect, so the caller proves itself by the token. */
#include "channels.h"
#include "devices.h"
#include "facts.h"
#include "util.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS 10000
#define CALL_AGAIN_MS 10
#define TOKEN_FILE "/facts-token"
#define HOST_CID 2

struct vsock_address { /* struct sockaddr_vm of linux/vm_sockets.h */
    unsigned short family, reserved;
    uint32_t port, cid;
    uint8_t flags, zero[3];
};

/* Over vsock: the connection for the link, made before it is needed. */
static int link_connection = -1;

static int call_once(uint32_t port) {
    struct vsock_address address = {.family = AF_VSOCK, .port = port, .cid = HOST_CID};
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The device is there a moment after its driver. */
static int call(uint32_t port) {
    int fd;
    for (uint32_t deadline = boot_ms() + WAIT_MS; (fd = call_once(port)) < 0 && boot_ms() < deadline;)
        poll(NULL, 0, CALL_AGAIN_MS);
    return fd;
}

static void make_patient(int fd) {
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static bool call_host(const uint8_t *token) {
    int facts = call(IGN_VSOCK_FACTS);
    link_connection = facts < 0 ? -1 : call(IGN_VSOCK_LINK);
    if (link_connection < 0 || send(link_connection, token, IGN_LIMIT_TOKEN, MSG_NOSIGNAL) != IGN_LIMIT_TOKEN)
        return false;
    make_patient(link_connection);
    make_patient(facts);
    facts_use(facts);
    return true;
}

bool channels_open_facts(const struct config *config) {
    signal(SIGPIPE, SIG_IGN);
    if (config->channels == IGN_CHANNELS_VSOCK) {
        if (!call_host(config->token))
            return false;
    } else {
        int fd = devices_open_channel(IGN_NAME_FACTS_PORT, WAIT_MS);
        if (fd < 0)
            return false;
        facts_use(fd);
    }
    facts_token(config->token);
    return true;
}

int channels_open_link(void) {
    return link_connection >= 0 ? link_connection : devices_open_channel(IGN_NAME_LINK_PORT, WAIT_MS);
}

void channels_close_link(void) {
    if (link_connection >= 0)
        close(link_connection);
    link_connection = -1;
}

char *channels_text(void) {
    if (link_connection >= 0)
        fcntl(link_connection, F_SETFD, 0);
    return format("%d", link_connection);
}

void channels_take(const char *text) {
    link_connection = atoi(text);
    if (link_connection >= 0)
        fcntl(link_connection, F_SETFD, FD_CLOEXEC);
}

void channels_leave(const struct config *config, const char *folder) {
    char path[128];
    snprintf(path, sizeof path, "%s" TOKEN_FILE, folder);
    if (config->channels == IGN_CHANNELS_VSOCK)
        write_file(path, config->token, sizeof config->token, 0600);
}

void channels_find(const char *folder) {
    char path[128];
    size_t length = 0;
    snprintf(path, sizeof path, "%s" TOKEN_FILE, folder);
    uint8_t *token = read_file(path, IGN_LIMIT_TOKEN, &length);
    signal(SIGPIPE, SIG_IGN);
    int fd = token == NULL ? devices_open_channel(IGN_NAME_FACTS_PORT, 0) : call_once(IGN_VSOCK_FACTS);
    if (fd >= 0)
        facts_use(fd);
    if (fd >= 0 && token != NULL && length == IGN_LIMIT_TOKEN)
        facts_token(token);
    free(token);
}
