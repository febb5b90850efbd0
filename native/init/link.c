/* The agent's end of the link. With no host at the other end of a virtio port, poll says POLLHUP at once and read gives
 * 0: a loop that asked again would spin. So readiness is taken edge triggered, from epoll: after "nothing there" the
 * next wake-up comes only when the host connected or sent something. */
#include "link.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ANSWER_ROOM 4096

bool link_begin(struct link *link, int fd) {
    struct epoll_event watch = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
    memset(link, 0, sizeof *link);
    link->fd = fd;
    link->readable = link->writable = true;
    link->events = epoll_create1(EPOLL_CLOEXEC);
    return link->events >= 0 && epoll_ctl(link->events, EPOLL_CTL_ADD, fd, &watch) == 0;
}

void link_wake(struct link *link) {
    struct epoll_event event;
    if (epoll_wait(link->events, &event, 1, 0) != 1)
        return;
    if (event.events & ~(uint32_t)EPOLLOUT)
        link->readable = true;
    if (event.events & EPOLLOUT)
        link->writable = true;
}

size_t link_read(struct link *link, uint8_t *bytes, size_t room) {
    ssize_t got = read(link->fd, bytes, room);
    if (got > 0)
        return (size_t)got;
    if (got < 0 && errno == EINTR)
        return 0;
    link->readable = false;
    link->closed = got == 0;
    return 0;
}

static bool push(struct link *link, const uint8_t *bytes, size_t length, size_t *sent) {
    while (link->writable && *sent < length) {
        ssize_t wrote = write(link->fd, bytes + *sent, length - *sent);
        if (wrote >= 0)
            *sent += (size_t)wrote;
        else if (errno != EINTR)
            link->writable = false;
    }
    return *sent == length;
}

void link_flush(struct link *link) {
    bool inside_data = link->data_sent > 0;
    if (inside_data && !push(link, link->data, link->data_length, &link->data_sent))
        return;
    if (inside_data)
        link->data_length = link->data_sent = 0;
    if (!push(link, link->control, link->control_length, &link->control_sent))
        return;
    link->control_length = link->control_sent = 0;
    if (push(link, link->data, link->data_length, &link->data_sent))
        link->data_length = link->data_sent = 0;
}

bool link_has_room(const struct link *link) {
    return sizeof link->control - link->control_length >= ANSWER_ROOM;
}

bool link_data_free(const struct link *link) {
    return link->data_length == 0;
}

void link_drop(struct link *link) {
    link->control_length = link->control_sent = 0;
    link->data_length = link->data_sent = 0;
}

void link_raw(struct link *link, const void *bytes, size_t length) {
    if (sizeof link->control - link->control_length < length)
        return; /* cannot be: link_has_room is asked before each event */
    memcpy(link->control + link->control_length, bytes, length);
    link->control_length += length;
}

void link_control(struct link *link, uint8_t type, uint32_t stream, const void *payload, size_t length) {
    uint8_t header[IGN_LIMIT_HEADER];
    if (sizeof link->control - link->control_length < sizeof header + length)
        return;
    frames_header(header, type, stream, (uint32_t)length);
    link_raw(link, header, sizeof header);
    link_raw(link, payload, length);
}

uint8_t *link_data_space(struct link *link) {
    return link->data + IGN_LIMIT_HEADER + 1;
}

void link_data(struct link *link, uint32_t stream, uint8_t channel, size_t length) {
    frames_header(link->data, IGN_FRAME_DATA, stream, (uint32_t)length + 1);
    link->data[IGN_LIMIT_HEADER] = channel;
    link->data_length = IGN_LIMIT_HEADER + 1 + length;
    link->data_sent = 0;
}
