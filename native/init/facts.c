/* The facts channel, guest → supervisor. One per process; the supervisor owns its other end for the VM's whole life. */
#include "facts.h"
#include "bytes.h"
#include "tlv.h"
#include "util.h"
#include "version.h"
#include <fcntl.h>
#include <errno.h>
#include <ignite_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_STAGES 16
/* So long the other end may be closed before what is to be said is dropped: right after the port's birth it is. */
#define DESERTED_MS 2000
#define LOOK_AGAIN_MS 10
/* How long the end of the VM waits for the host to take the last facts. */
#define LINGER_S 2

static int port = -1;
static struct {
    char name[24];
    uint32_t ms;
} stages[MOST_STAGES];
static size_t stage_count;

void facts_use(int fd) {
    port = fd;
}

int facts_fd(void) {
    return port;
}

void facts_close(void) {
    if (port >= 0)
        close(port);
    port = -1;
}

/* Waits for a reader who is slow, for ever, and for one who is not there (poll says POLLHUP at once), a while. */
static bool await_room(void) {
    for (int waited = 0; waited < DESERTED_MS;) {
        struct pollfd wait = {port, POLLOUT, 0};
        poll(&wait, 1, -1);
        if (wait.revents & POLLOUT)
            return true;
        if (wait.revents == 0)
            continue; /* a signal */
        poll(NULL, 0, LOOK_AGAIN_MS);
        waited += LOOK_AGAIN_MS;
    }
    return false;
}

static void send_all(const uint8_t *bytes, size_t length) {
    while (length > 0 && await_room()) {
        ssize_t wrote = write(port, bytes, length);
        if (wrote < 0 && errno != EAGAIN && errno != EINTR)
            return;
        if (wrote > 0) {
            bytes += wrote;
            length -= (size_t)wrote;
        }
    }
}

void facts_send(uint8_t type, const void *payload, size_t length) {
    uint8_t frame[IGN_LIMIT_HEADER + 4096] = {0};
    if (port < 0 || length > sizeof frame - IGN_LIMIT_HEADER)
        return;
    put_u32(frame, (uint32_t)length);
    frame[4] = type;
    memcpy(frame + IGN_LIMIT_HEADER, payload, length);
    send_all(frame, IGN_LIMIT_HEADER + length);
}

/* A blocking write to a virtio port returns when the host has taken the buffer: what is still in the ring at a
 * reset would be lost. */
void facts_settle(void) {
    if (port >= 0)
        fcntl(port, F_SETFL, fcntl(port, F_GETFL) & ~O_NONBLOCK);
}

/* Closing a connection that lingers waits until the host has taken all; a port is done when the write returns. */
void facts_end(void) {
    const struct linger linger = {1, LINGER_S};
    if (port >= 0 && setsockopt(port, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) == 0)
        facts_close();
}

void facts_token(const uint8_t *token) {
    facts_send(IGN_FRAME_TOKEN, token, IGN_LIMIT_TOKEN);
}

void facts_stage(const char *stage) {
    if (stage_count == MOST_STAGES)
        return;
    snprintf(stages[stage_count].name, sizeof stages[0].name, "%s", stage);
    stages[stage_count++].ms = boot_ms();
}

void facts_note(const char *stage, const char *text) {
    uint8_t payload[2048];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    tlv_put_text(&writer, IGN_TAG_STAGE, stage);
    tlv_put_u32(&writer, IGN_TAG_STAGE_MS, boot_ms());
    size_t room = sizeof payload - writer.length - IGN_LIMIT_TLV_HEADER;
    tlv_put(&writer, IGN_TAG_TEXT, text, strnlen(text, room));
    facts_send(IGN_FRAME_NOTE, payload, writer.length);
    dprintf(STDERR_FILENO, "ignite-init: %s: %s\n", stage, text);
}

void facts_ready(uint8_t mode) {
    uint8_t payload[1024];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    tlv_put_u8(&writer, IGN_TAG_MODE, mode);
    tlv_put_text(&writer, IGN_TAG_AGENT_VERSION, IGNITE_VERSION);
    for (size_t i = 0; i < stage_count; i++) {
        tlv_put_text(&writer, IGN_TAG_STAGE, stages[i].name);
        tlv_put_u32(&writer, IGN_TAG_STAGE_MS, stages[i].ms);
    }
    facts_send(IGN_FRAME_READY, payload, writer.length);
}

void facts_intent(uint8_t intent) {
    uint8_t payload[16];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    tlv_put_u8(&writer, IGN_TAG_INTENT, intent);
    facts_send(IGN_FRAME_INTENT, payload, writer.length);
}

void facts_done(int status, int oom) {
    uint8_t payload[32];
    struct tlv_writer writer = tlv_write(payload, sizeof payload);
    if (WIFSIGNALED(status))
        tlv_put_u32(&writer, IGN_TAG_SIGNAL, (uint32_t)WTERMSIG(status));
    else
        tlv_put_u32(&writer, IGN_TAG_CODE, (uint32_t)WEXITSTATUS(status));
    if (oom)
        tlv_put_u8(&writer, IGN_TAG_OOM, 1);
    facts_send(IGN_FRAME_DONE, payload, writer.length);
}

char *facts_stages(void) {
    char text[MOST_STAGES * 40] = "";
    size_t length = 0;
    for (size_t i = 0; i < stage_count; i++)
        length += (size_t)snprintf(text + length, sizeof text - length, "%s=%u,", stages[i].name, stages[i].ms);
    return strdup(text);
}

void facts_set_stages(const char *text) {
    int used;
    while (stage_count < MOST_STAGES &&
           sscanf(text, "%23[^=]=%u,%n", stages[stage_count].name, &stages[stage_count].ms, &used) == 2) {
        stage_count++;
        text += used;
    }
}
